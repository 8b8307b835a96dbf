"""Prompts, kept as text files beside this module."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def read_prompt(name: str) -> str:
    """The text of a prompt file, without its last line break.

    Raises:
        FileNotFoundError: there is no prompt of that name.
    """
    return files(__package__).joinpath(f"{name}.txt").read_text(encoding="utf-8").rstrip("\n")


def build_messages(context: str, question: str) -> list[dict[str, str]]:
    """Chat messages that pose one task: the system prompt, then the context with the question."""
    # Plain replacement: a context may hold braces.
    user = read_prompt("user").replace("{question}", question).replace("{context}", context)
    return [{"role": "system", "content": read_prompt("system")}, {"role": "user", "content": user}]

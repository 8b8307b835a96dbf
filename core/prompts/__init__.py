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
    before, between, after = _frame()
    user = f"{before}{context}{between}{question}{after}"
    return [{"role": "system", "content": read_prompt("system")}, {"role": "user", "content": user}]


def split_user(text: str) -> tuple[str, str]:
    """Context and question of a user message that `build_messages` made.

    Raises:
        ValueError: the message is not laid out so.
    """
    before, between, after = _frame()
    # The last one, as a context may hold the same words.
    end = text.rfind(between)
    if not (text.startswith(before) and end >= len(before) and text.endswith(after)):
        raise ValueError(f"a user message is laid out as {read_prompt('user')!r}; found {text[:60]!r}")
    return text[len(before) : end], text[end + len(between) : len(text) - len(after)]


def _frame() -> tuple[str, str, str]:
    """What stands before the context, between it and the question, and after that."""
    before, _, rest = read_prompt("user").partition("{context}")
    between, _, after = rest.partition("{question}")
    return before, between, after


def build_text(context: str, question: str) -> str:
    """The same task as one text, for an agent that takes no roles."""
    return "\n\n".join(message["content"] for message in build_messages(context, question))


def split_text(text: str) -> tuple[str, str]:
    """Context and question of a text that `build_text` made.

    Raises:
        ValueError: the text is not laid out so.
    """
    return split_user(text.removeprefix(read_prompt("system")).lstrip("\n"))

"""The prompts of this room, kept as files in `prompts/`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def read_prompt_file(name: str) -> str:
    """The text of a file in `prompts/`.

    Raises:
        FileNotFoundError: there is none of that name.
    """
    return files(__package__).joinpath("prompts", name).read_text(encoding="utf-8")

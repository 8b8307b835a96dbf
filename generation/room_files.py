"""The prompts and word lists of this room, kept as files beside its modules."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


def read_prompt_file(name: str) -> str:
    """The text of a file in `prompts/`.

    Raises:
        FileNotFoundError: there is none of that name.
    """
    return _read(f"prompts/{name}")


@cache
def read_mapping(path: str) -> dict[str, Any]:
    """A YAML file of names and values, by its path in this room.

    Raises:
        FileNotFoundError: there is none at that path.
    """
    found = yaml.safe_load(_read(path))
    assert isinstance(found, dict)
    return found


def hash_of_texts(texts: Iterable[str]) -> str:
    """By which a manifest tells whether prompts are as they were: 16 hexadecimal digits."""
    return hashlib.sha256("\x1f".join(texts).encode()).hexdigest()[:16]


@cache
def _read(path: str) -> str:
    return files(__package__).joinpath(path).read_text(encoding="utf-8")

"""Other forms in which models give their three parts: sloppy tags, channel tags, JSON, YAML-like keys.

They are read so that an evaluation can say what a model meant. None of them is the strict form, and none of them earns
the format reward. Every reader is bounded: one pass over the text, no backtracking, no object built but the parts.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

MAX_LOOSE_CHARS = 200_000
"""Longer texts are not read loosely: three times the largest response that the server takes."""

_PART = {
    "think": 0,
    "thinking": 0,
    "thought": 0,
    "reasoning": 0,
    "analysis": 0,
    "proof": 1,
    "evidence": 1,
    "quotes": 1,
    "answer": 2,
    "final": 2,
    "final_answer": 2,
}
_NAMES = "|".join(sorted(_PART, key=len, reverse=True))
_LOOSE_TAG = re.compile(rf"<\s*(?:(/)\s*)?({_NAMES})\b[^<>\n]{{0,200}}>", re.IGNORECASE)
_CHANNEL = re.compile(
    rf"<\|channel\|>\s*({_NAMES})\s*(?:<\|message\|>)?|<\|(?:end|start|return|message|channel)\|>",
    re.IGNORECASE,
)
_KEY = re.compile(
    rf"^[ \t]*[\"'*_#]{{0,4}}({_NAMES})[\"'*_]{{0,3}}[ \t]*:[*_]{{0,2}}[ \t]*(?:[|>][+-]?[ \t]*$)?",
    re.IGNORECASE | re.MULTILINE,
)
_FENCE = re.compile(r"\A```[a-zA-Z]*[ \t]*\n|\n[ \t]*```\Z")


@dataclass(frozen=True, slots=True)
class LooseParts:
    """What a tolerant reader found: think, proof and answer, empty where absent, and the form's name."""

    parts: tuple[str, str, str]
    form: str


def read_loosely(text: str) -> LooseParts | None:
    """Find the parts in the first form that holds an answer; None where no form does."""
    if len(text) > MAX_LOOSE_CHARS:
        return None
    for form, reader in _READERS:
        found = reader(text)
        if found is not None and found[2].strip():
            return LooseParts((found[0], found[1], found[2]), form)
    return None


def _read_tags(text: str) -> list[str] | None:
    """Tags in any case, with attributes, repeated or unclosed; the last block of a name counts."""
    return _between(text, [(*m.span(), None if m.group(1) else m.group(2)) for m in _LOOSE_TAG.finditer(text)])


def _read_channels(text: str) -> list[str] | None:
    """`<|channel|>analysis<|message|>...<|end|>` and its like."""
    return _between(text, [(*m.span(), m.group(1)) for m in _CHANNEL.finditer(text)])


def _between(text: str, marks: list[tuple[int, int, str | None]]) -> list[str] | None:
    """Text after each named mark up to the next mark. A mark is (start, end, name or None for an end)."""
    parts: list[str] | None = None
    for index, (_, end, name) in enumerate(marks):
        if name is None:
            continue
        stop = marks[index + 1][0] if index + 1 < len(marks) else len(text)
        parts = parts or ["", "", ""]
        parts[_PART[name.lower()]] = text[end:stop]
    return parts


def _read_json(text: str) -> list[str] | None:
    bare = _FENCE.sub("", text.strip()).strip()
    if not (bare.startswith("{") and bare.endswith("}")):
        return None
    try:
        data = json.loads(bare)
    except (ValueError, RecursionError):
        return None  # not JSON: another reader may know the form
    parts = ["", "", ""]
    for key, value in data.items():
        place = _PART.get(key.lower())
        if place is not None:
            parts[place] = _as_text(value)
    return parts


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(str(item) for item in value)
    return "" if value is None else str(value)


def _read_keys(text: str) -> list[str] | None:
    """`answer: ...` at the start of a line, as in YAML, with its block up to the next key."""
    bare = _FENCE.sub("", text.strip())
    return _between(bare, [(*m.span(), m.group(1)) for m in _KEY.finditer(bare)])


_READERS = (
    ("json", _read_json),
    ("channels", _read_channels),
    ("loose_tags", _read_tags),
    ("yaml", _read_keys),
)

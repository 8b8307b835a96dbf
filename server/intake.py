"""What a response must be to be scored at all: text of bounded size, of printable characters, not a document bomb.

A refusal here is a problem document whose `fault` is `response`: no score, and so no way to be paid for it. It names
the worst reward of the profile in `floor`, for a trainer or a benchmark that counts the refusal against the model.
"""

from __future__ import annotations

import re

from ..core.wire import MAX_RESPONSE_BYTES
from .problems import ServerProblem

MAX_DEPTH = 32
"""Elements nested deeper are no response: the strict form nests none, Markdown and HTML in a thought a handful."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff]")
_DECLARATION = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)\b", re.IGNORECASE)
_ELEMENT = re.compile(r"<(/?)[A-Za-z][^<>]*?(/?)>")


def check_response(text: str, floor: float) -> None:
    """Refuse what cannot be scored; `floor` is the worst reward of the profile.

    Raises:
        ServerProblem: says what was found, where, and what was expected.
    """
    refusal = _refusal(text)
    if refusal is not None:
        name, detail, status = refusal
        raise ServerProblem(name, detail, status=status, fault="response", floor=floor)


def readable(text: str) -> str:
    """What can be stored and shown of a refused text: control characters replaced, and cut at the limit."""
    shown = _CONTROL.sub("\ufffd", text[:MAX_RESPONSE_BYTES])
    return shown.encode()[:MAX_RESPONSE_BYTES].decode(errors="ignore")


def _refusal(text: str) -> tuple[str, str, int] | None:
    control = _CONTROL.search(text)
    if control:
        name = "lone surrogate" if control.group() >= "\ud800" else "control character"
        found = f"{name} U+{ord(control.group()):04X} at character {control.start()}"
        return (
            "response-not-text",
            f"{found}; of the control characters tab, line feed and return are taken",
            422,
        )
    # A character takes at most four bytes, so most texts need no encoding to be known as small.
    if len(text) > MAX_RESPONSE_BYTES // 4 and (size := len(text.encode())) > MAX_RESPONSE_BYTES:
        detail = f"the response has {size} bytes of UTF-8; the limit is {MAX_RESPONSE_BYTES}"
        return "response-too-large", detail, 413
    declaration = _DECLARATION.search(text) if "<!" in text else None
    if declaration:
        found = f"{declaration.group()!r} at character {declaration.start()}"
        return (
            "response-is-a-document",
            f"{found}; a response holds no document type or entity declaration",
            422,
        )
    if text.count("<") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        return (
            "response-too-deep",
            f"elements are nested more than {MAX_DEPTH} deep; the strict form nests none",
            422,
        )
    return None


def _depth(text: str) -> int:
    depth = deepest = 0
    for element in _ELEMENT.finditer(text):
        if element.group(1):
            depth = max(0, depth - 1)
        elif not element.group(2):
            depth += 1
            deepest = max(deepest, depth)
    return deepest

"""A context with the quotations of a response marked in it, and how an altered quotation differs. Knows no gold."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from .grounding import Verdict
from .quotations import Quotation

MAX_COMPARED_WORDS = 400
"""Of a longer quotation no difference is drawn: it would cost the square of its length, and nobody would read it."""

_BY_SEVERITY: tuple[Verdict, ...] = ("verbatim", "equivalent", "altered", "absent")
_WORDS = re.compile(r"\s*\S+")
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
"""Characters that are not seen, or turn the direction of a line. Joiners are left: some scripts need them."""


class Segment(NamedTuple):
    """A piece of a context, with the quotations that hold it."""

    text: str
    quotations: tuple[int, ...] = ()
    """Numbers from 1, in the order of the response."""
    verdict: Verdict | None = None
    """The worst of those quotations."""
    ending: tuple[int, ...] = ()
    """Quotations that end with this piece."""


class Part(NamedTuple):
    """A piece of an altered quotation beside its context."""

    text: str
    side: Literal["both", "context", "response"]


class Piece(NamedTuple):
    """A piece of any text; `unseen` where it is the name of a character that is not seen."""

    text: str
    unseen: bool


def mark(context: str, quotations: Sequence[Quotation]) -> list[Segment]:
    """The context in pieces, cut wherever a quotation begins or ends. An absent one stands nowhere."""
    spans = [
        (start, end, number)
        for number, quotation in enumerate(quotations, 1)
        if quotation.verdict != "absent"
        for start, end in quotation.match.spans
    ]
    last = {number: max(end for _, end, other in spans if other == number) for _, _, number in spans}
    cuts = sorted({0, len(context), *(start for start, _, _ in spans), *(end for _, end, _ in spans)})
    segments = []
    for start, end in pairwise(cuts):
        numbers = tuple(sorted({number for first, stop, number in spans if first <= start and end <= stop}))
        worst = max((quotations[number - 1].verdict for number in numbers), key=_BY_SEVERITY.index, default=None)
        ending = tuple(number for number in numbers if last[number] == end)
        segments.append(Segment(context[start:end], numbers, worst, ending))
    return segments


def difference(quotation: Quotation, context: str) -> list[Part]:
    """What the response wrote beside what the context says, word by word; empty where that says nothing."""
    if quotation.verdict != "altered":
        return []
    theirs = " … ".join(context[start:end] for start, end in quotation.match.spans)
    before, after = _WORDS.findall(theirs), _WORDS.findall(quotation.text)
    if max(len(before), len(after)) > MAX_COMPARED_WORDS:
        return []
    mine, context_words = _bare(after), _bare(before)
    parts: list[Part] = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, context_words, mine, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(Part("".join(after[k:m]), "both"))
            continue
        parts += [Part("".join(before[i:j]), "context")] if i < j else []
        parts += [Part("".join(after[k:m]), "response")] if k < m else []
    return parts


def _bare(words: list[str]) -> list[str]:
    """Words as they are compared: without case, white space and the marks around them."""
    return [word.casefold().strip(" \t\r\n.,;:\"'“”‘’") for word in words]


def pieces(text: str) -> list[Piece]:
    """The text, with each character that is not seen replaced by its name."""
    found: list[Piece] = []
    place = 0
    for match in _UNSEEN.finditer(text):
        if match.start() > place:
            found.append(Piece(text[place : match.start()], False))
        name = unicodedata.name(match.group(), "control character").lower()
        found.append(Piece(f"U+{ord(match.group()):04X} {name}", True))
        place = match.end()
    return [*found, Piece(text[place:], False)] if place < len(text) else found

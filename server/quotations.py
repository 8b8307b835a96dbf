"""The proof block as quotations: one to a line, bullets and quotation marks taken off, wrapped lines put together."""

from __future__ import annotations

import re
from typing import NamedTuple

from .grounding import QuoteMatch, Verdict, check_prepared
from .passages import Passages, prepare

MAX_QUOTATIONS = 40
"""More than any honest proof holds; the rest is not read, and a proof with a rest is no evidence."""

MAX_LINES = 4
"""Lines that are put together at most: a sentence wrapped at 80 characters has no more."""

_BULLET = re.compile(r"^\s*(?:[-*+•‣◦–—>]+\s+|\(?\d{1,2}[.)]\s+|\[\d{1,2}\]\s*)*")
_MARKS = "\"'“”‘’«»`"
_NOTHING = re.compile(
    r"[\s\W_]*(?:none|n/?a|nil|empty|nothing|no (?:relevant )?(?:quotations?|quotes?|evidence))?[\s\W_]*\Z",
    re.I,
)
"""What models write where there is nothing to quote."""


class Quotation(NamedTuple):
    """A quotation of the proof and what became of it."""

    text: str
    match: QuoteMatch

    @property
    def grounded(self) -> bool:
        """It stands in the context and is specific enough to be evidence."""
        return self.match.grounded

    @property
    def verdict(self) -> Verdict:
        """`verbatim`, `equivalent`, `altered` or `absent`."""
        return self.match.verdict


def split_quotations(proof: str) -> list[str]:
    """Lines of the proof that quote something, without bullets and outer quotation marks."""
    lines = [_strip(line) for line in proof.splitlines()]
    return [line for line in lines if not _NOTHING.match(line)]


def check_quotations(lines: list[str], context: str) -> list[Quotation]:
    """Judge each line, or a run of lines together where only the run stands in the context (a wrapped quotation)."""
    found: list[Quotation] = []
    if not lines:
        return found
    passages = prepare(context)
    place = 0
    while place < len(lines):
        quotation, used = _longest(lines[place : place + MAX_LINES], passages)
        found.append(quotation)
        place += used
    return found


def _longest(lines: list[str], passages: Passages) -> tuple[Quotation, int]:
    """The quotation that begins with the first line, and how many lines it takes.

    A line goes with those before it where they stand in the context together and it begins with no capital letter.
    """
    text = lines[0]
    best, used = Quotation(text, check_prepared(text, passages)), 1
    for count, line in enumerate(lines[1:], start=2):
        if best.match.verdict == "absent" or line[:1].isupper():
            break
        text += "\n" + line
        match = check_prepared(text, passages)
        if match.grounded:
            best, used = Quotation(text, match), count
        elif best.match.grounded:
            break
    return best, used


def _strip(line: str) -> str:
    if not line[:1].isalpha():  # no bullet begins with a letter, and most lines do
        line = _BULLET.sub("", line, count=1)
    bare = line.strip()
    if len(bare) > 1 and bare[0] in _MARKS and bare.rstrip(".,;")[-1:] in _MARKS:
        bare = bare.rstrip(".,;")[1:-1]
    return bare.strip()

"""The proof block as quotations: one to a line, bullets and quotation marks taken off, wrapped lines put together."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..core.text import words_of
from .grounding import MIN_WORDS, QuoteMatch, Verdict, check_prepared
from .passages import Passages, prepare

MAX_QUOTATIONS = 40
"""More than any honest proof holds; the rest is not read, and counts as invented."""

MAX_LINES = 8
"""Lines that are put together at most: a sentence wrapped at 40 characters has no more."""

_DIVIDED = re.compile(r"[^\W\d_][-\u2010\u00ad]\s*\Z")
_SENTENCE_END = re.compile(r"[.!?;:][\"'”’)\]]*\s*\Z")

_BULLET = re.compile(r"^\s*(?:[-*+•‣◦–—]+\s+|>+\s+(?!\d)|\(?\d{1,2}[.)]\s+|\[\d{1,2}\]\s*)*")
_MARKS = "\"'“”‘’«»`"
_NOTHING = re.compile(
    r"(?:[^\w%‰]|_)*+(?:none|n/?a|nil|empty|nothing|no (?:relevant )?(?:quotations?|quotes?|evidence))?"
    r"(?:[^\w%‰]|_)*+\Z",
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
    if not lines:
        return []
    passages = prepare(context)
    matches = [check_prepared(line, passages) for line in lines]
    if all([match.grounded for match in matches]):
        return list(map(Quotation, lines, matches))
    found: list[Quotation] = []
    place = 0
    while place < len(lines):
        quotation, used = _longest(lines[place : place + MAX_LINES], matches[place : place + MAX_LINES], passages)
        found.append(quotation)
        place += used
    return found


def _longest(lines: list[str], matches: list[QuoteMatch], passages: Passages) -> tuple[Quotation, int]:
    """The quotation that begins with the first line, and how many lines it takes: the most that stand together."""
    text = lines[0]
    best, used = Quotation(text, matches[0]), 1
    for place in range(1, len(lines)):
        if not _goes_on(lines[place - 1 : place + 1], matches[place - 1 : place + 1], passages):
            break
        text += "\n" + lines[place]
        match = check_prepared(text, passages)
        if match.grounded:
            best, used = Quotation(text, match), place + 1
    return best, used


def _goes_on(lines: list[str], matches: list[QuoteMatch], passages: Passages) -> bool:
    """True if two lines may be one that was wrapped: a word is divided, or the context has their words in a row."""
    line, following = lines
    if _DIVIDED.search(line):
        return True
    if not any(map(_is_part, lines, matches)) or (following[:1].isupper() and _SENTENCE_END.search(line)):
        return False
    return passages.joins(words_of(line.split()[-1])[-1:], words_of(following.split()[0])[:1])


def _is_part(line: str, match: QuoteMatch) -> bool:
    """A line that more words may make whole: cut at fault, too short, or of words that stand nowhere alone."""
    if match.grounded:
        return False
    return match.verdict == "absent" or match.similarity == 1.0 or len(words_of(line)) < MIN_WORDS


def _strip(line: str) -> str:
    if not line[:1].isalpha():  # no bullet begins with a letter, and most lines do
        line = _BULLET.sub("", line, count=1)
    bare = line.strip()
    if len(bare) > 1 and bare[0] in _MARKS and bare.rstrip(".,;")[-1:] in _MARKS:
        bare = bare.rstrip(".,;")[1:-1]
    return bare.strip()

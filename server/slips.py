"""Slips of the pen in ordinary words, told from other words by the English word list of pyspellchecker."""

from __future__ import annotations

from collections.abc import Iterator

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from ..core.english import word_counts
from ..core.text import american, is_word
from .passages import Passages

MIN_LETTERS = 5
"""In shorter words one letter is too often another word: "left" and "lift", "no" and "on"."""

MIN_COUNT = 90
"""An ordinary word occurs at least so often in the corpus of the list. Rarer ones are mostly terms ("perineal",
"afferent"), whose neighbours one letter away are terms too, and not always in the list."""

MAX_LETTERS = 40
"""Longer words are no words."""

MAX_REPAIRS = 4
"""A quotation with more unknown words than this is another text, not one with slips."""


def warm_up() -> None:
    """Read the word list now (about 0.1 s) rather than at the first slip."""
    word_counts()


def is_slip(written: str, meant: str) -> bool:
    """True if `written` is no English word and one edit (or swap of neighbours) from the ordinary word `meant`."""
    if min(len(written), len(meant)) < MIN_LETTERS or OSA.distance(written, meant, score_cutoff=1) > 1:
        return False
    # A letter more or less at the beginning makes another word: "aplastic", "afebrile".
    if written[0] != meant[0] and written[:2] != meant[1::-1]:
        return False
    counts = word_counts()
    if written in counts:
        return False
    usual = max(counts.get(form, 0) for form in (meant, american(meant), american(meant).removesuffix("s")))
    return usual >= MIN_COUNT


def repair(words: tuple[str, ...], strange: list[int], passages: Passages) -> tuple[list[str], list[str]]:
    """The words of a quotation with slips and divided words read as the context's words, and a note of each.

    `strange` are the places of the words whose stem the context does not hold.
    """
    unknown = [place for place in strange if is_word(words[place])]
    if not 0 < len(unknown) <= MAX_REPAIRS:
        return list(words), []
    read = list(words)
    notes: list[str] = []
    for place in reversed(unknown):
        readings = list(_readings(read, place, passages))
        if readings:
            first, stop, meant = max(readings, key=lambda reading: _fit(read, reading, passages))
            notes.append(f"{' '.join(read[first:stop])!r} where the context has {' '.join(meant)!r}")
            read[first:stop] = meant
    return read, notes[::-1]


_Reading = tuple[int, int, list[str]]


def _readings(words: list[str], place: int, passages: Passages) -> Iterator[_Reading]:
    """What the unknown word may stand for, with its neighbour if need be: words `[first, stop)` and their reading."""
    word, known = words[place], passages.words
    if len(word) > MAX_LETTERS:
        return
    for first in (place, place - 1):
        pair = words[max(0, first) : first + 2]
        if len(pair) == 2 and "".join(pair) in known:
            yield first, first + 2, ["".join(pair)]
    for cut in range(2, len(word) - 1):
        head, tail = word[:cut], word[cut:]
        if head in known and tail in known and f" {head} {tail} " in passages.exact.joined:
            yield place, place + 1, [head, tail]
    if len(word) < MIN_LETTERS or word in word_counts():
        return  # no slip, whatever is near it
    for near, _, _ in extract(word, passages.neighbours(word), scorer=OSA.distance, score_cutoff=1, limit=None):
        if is_slip(word, near):
            yield place, place + 1, [near]


def _fit(words: list[str], reading: _Reading, passages: Passages) -> int:
    """With how many of its neighbours a reading stands in the context; the first of equals is taken."""
    first, stop, meant = reading
    before, behind = words[max(0, first - 1) : first], words[stop : stop + 1]
    return passages.joins(before, meant) + passages.joins(meant, behind)

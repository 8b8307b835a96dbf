"""Tells a slip of the pen from another word, by the English word list of pyspellchecker."""

from __future__ import annotations

from functools import cache

from rapidfuzz.distance import OSA

MIN_LETTERS = 5
"""In shorter words one letter is too often another word: "left" and "lefs", "no" and "on"."""

MIN_COUNT = 500
"""An ordinary word occurs at least so often in the list's corpus (some 160,000 words). Rare ones are mostly terms
("perineal", "afferent"), whose neighbours one letter away are terms as well, and not always in the list."""


@cache
def _counts() -> dict[str, int]:
    from spellchecker import SpellChecker

    return dict(SpellChecker(language="en", distance=1).word_frequency.dictionary)


def warm_up() -> None:
    """Read the word list now (about 0.1 s) rather than at the first slip."""
    _counts()


def is_slip(written: str, meant: str) -> bool:
    """True if `written` is no English word and one edit (or swap of neighbours) from the ordinary word `meant`."""
    if min(len(written), len(meant)) < MIN_LETTERS or OSA.distance(written, meant, score_cutoff=1) > 1:
        return False
    counts = _counts()
    return counts.get(meant, 0) >= MIN_COUNT and written not in counts

"""What is wrong with an answer as a text: nothing in it, too little, cut off, or going round in circles.

Such a text teaches a model the fault and not the care, on whichever side of a pair it stands.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Literal

Fault = Literal["empty", "too short", "cut off", "withheld", "repeats itself"]

MIN_WORDS = 5
"""Fewer hold no careful answer. A careless one may be a single word."""

RUN_WORDS = 4
LEAST_NEW = 0.6
"""Share of its runs of four words that must differ: of 15,809 answers on the NIH's pages 0.5 % have less."""
LOOP_WORDS = 24
"""Shorter texts repeat themselves by chance."""

_WORD = re.compile(r"\w+")


def words_of(text: str) -> list[str]:
    """The words of a text, lower case."""
    return _WORD.findall(text.lower())


def fault_of(text: str, finish: str, *, min_words: int = 1) -> Fault | None:
    """The first fault of an answer; `finish` is why it ended, as the provider says."""
    words = words_of(text)
    if finish == "content_filter":
        return "withheld"
    if not words:
        return "empty"
    if finish == "length":
        return "cut off"
    if len(words) < min_words:
        return "too short"
    return "repeats itself" if share_of_new(words) < LEAST_NEW else None


def share_of_new(words: list[str]) -> float:
    """Which share of the runs of four words are different ones, in [0, 1]; 1 where the text is short."""
    if len(words) < LOOP_WORDS:
        return 1.0
    runs = Counter(zip(*(words[at:] for at in range(RUN_WORDS)), strict=False))
    return len(runs) / runs.total()

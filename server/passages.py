"""A context prepared for looking quotations up in it: its tokens, and the same tokens in looser readings."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from ..core.text import ARTICLES, STOPWORDS, Tokens, is_word, stem, tokenize

KEPT = 4096
"""Contexts that stay prepared. One of 1,800 characters takes about 60 KB, so all of them 250 MB at most."""

MAX_POSITIONS = 32
"""A word that occurs more often in the context does not help to find a place in it."""


@dataclass(frozen=True)
class Reading:
    """Tokens of the context in some reading, one joined string of them, and where each came from."""

    joined: str
    """The tokens, each between spaces."""
    offsets: list[int]
    """Where each token begins in `joined`."""
    places: list[int]
    """Which token of the context each one is."""

    @classmethod
    def of(cls, words: list[str], places: list[int]) -> Reading:
        """Joins the words."""
        offsets, at = [], 1
        for word in words:
            offsets.append(at)
            at += len(word) + 1
        return cls(" " + " ".join(words) + " ", offsets, places)

    def find(self, words: Sequence[str], after: int) -> list[tuple[int, int]]:
        """Runs `[first, stop)` of context tokens at or behind `after` that read as these words; the first 32."""
        if not words:
            return []
        needle = " " + " ".join(words) + " "
        found: list[tuple[int, int]] = []
        at = self.joined.find(needle)
        while at >= 0 and len(found) < 32:
            place = bisect_left(self.offsets, at + 1)
            first, last = self.places[place], self.places[place + len(words) - 1]
            if first >= after:
                found.append((first, last + 1))
            at = self.joined.find(needle, at + 1)
        return found


class Passages:
    """One context. What is not needed for a verbatim quotation is made when it is first needed."""

    def __init__(self, context: str) -> None:
        self.text = context
        self.tokens: Tokens = tokenize(context)
        counts = [0]
        for word in self.tokens.words:
            counts.append(counts[-1] + word[0].isalnum())
        self._counts = counts

    def count(self, first: int, stop: int) -> int:
        """Words and numbers among tokens `[first, stop)`."""
        return self._counts[stop] - self._counts[first]

    def run_at(self, start: int, end: int) -> tuple[int, int] | None:
        """Tokens `[first, stop)` of characters `[start, end)`; None where a token is cut or there is none."""
        starts, ends = self.tokens.starts, self.tokens.ends
        first, stop = bisect_left(starts, start), bisect_left(starts, end)
        if first == stop or ends[stop - 1] > end or (first and ends[first - 1] > start):
            return None
        return first, stop

    @cached_property
    def exact(self) -> Reading:
        """The tokens as they are."""
        return Reading.of(list(self.tokens.words), list(range(len(self.tokens))))

    def joins(self, *runs: Sequence[str]) -> bool:
        """True if the words of the runs stand one behind the other, read by stems and without articles."""
        return bool(self.loose.find([stem(word) for run in runs for word in run if word not in ARTICLES], 0))

    @cached_property
    def stems(self) -> list[str]:
        """The stem of each token."""
        return [stem(word) for word in self.tokens.words]

    @cached_property
    def loose(self) -> Reading:
        """Stems, without articles."""
        places = [place for place, word in enumerate(self.tokens.words) if word not in ARTICLES]
        return Reading.of([self.stems[place] for place in places], places)

    @cached_property
    def positions(self) -> dict[str, list[int]]:
        """Places of each stem."""
        found: dict[str, list[int]] = {}
        for place, word in enumerate(self.stems):
            found.setdefault(word, []).append(place)
        return found

    @cached_property
    def signposts(self) -> dict[str, list[int]]:
        """Places of the stems that tell a place: words with a content of their own that do not stand everywhere."""
        return {
            word: there
            for word, there in self.positions.items()
            if word not in STOPWORDS and len(there) <= MAX_POSITIONS
        }

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of the context."""
        return frozenset(filter(is_word, self.tokens.words))

    def neighbours(self, word: str) -> list[str]:
        """Words of about the same length that begin with the first or second letter of this one."""
        sizes = range(len(word) - 1, len(word) + 2)
        return [
            near for first in dict.fromkeys(word[:2]) for size in sizes for near in self._shapes.get((first, size), ())
        ]

    @cached_property
    def _shapes(self) -> dict[tuple[str, int], list[str]]:
        """Words by first letter and length."""
        found: dict[tuple[str, int], list[str]] = {}
        for word in sorted(self.words):
            found.setdefault((word[0], len(word)), []).append(word)
        return found


@lru_cache(maxsize=KEPT)
def prepare(context: str) -> Passages:
    """The context, prepared once."""
    return Passages(context)

"""What the edits share: an edit takes a sentence where it stands and returns it changed, or None where it does not
apply. All randomness comes from the generator that is passed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

from .corpora import Passage
from .vocabulary import NEGATIONS, Groups


@dataclass(frozen=True)
class Site:
    """A sentence where it stands."""

    passage: Passage
    place: int

    @cached_property
    def sentence(self) -> str:
        """Its text, as it stands in the passage."""
        return self.passage.sentences[self.place]

    @property
    def others(self) -> Sequence[str]:
        """All sentences of the passage, this one among them."""
        return self.passage.sentences


Edit = Callable[[Site, Random], str | None]


def replace(text: str, found: re.Match[str], new: str) -> str:
    """The text with one match replaced; a capital at its head is kept."""
    old = found.group()
    if old[:1].isupper() and old[1:2].islower() and new[:1].islower():
        new = new[:1].upper() + new[1:]
    return text[: found.start()] + new + text[found.end() :]


def pick(pattern: re.Pattern[str], text: str, rng: Random) -> re.Match[str] | None:
    """One of the matches."""
    found = list(pattern.finditer(text))
    return rng.choice(found) if found else None


def swap(groups: Groups, *, exact_case: bool = False, keep: frozenset[str] = frozenset()) -> Edit:
    """An edit that puts another word of the same group in the place of one; words in `keep` are never replaced."""
    rivals: dict[str, list[str]] = {}
    for group in groups:
        for word in group:
            key = word if exact_case else word.lower()
            rivals.setdefault(key, []).extend(other for other in group if other != word)
    words = sorted(rivals.keys() - keep, key=lambda word: (-len(word), word))
    bounded = (rf"(?<![\w/-]){re.escape(word)}(?![\w-])" if word[0].isalnum() else re.escape(word) for word in words)
    pattern = re.compile("|".join(bounded), 0 if exact_case else re.IGNORECASE)

    def edit(site: Site, rng: Random) -> str | None:
        found = pick(pattern, site.sentence, rng)
        if found is None:
            return None
        key = found.group() if exact_case else found.group().lower()
        return replace(site.sentence, found, rng.choice(rivals[key]))

    return edit


WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
NEGATING = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(NEGATIONS)))})\b|n['’]t\b", re.IGNORECASE)


def words_of(text: str) -> list[str]:
    """The text divided at white space."""
    return text.split()


def is_plain(word: str) -> bool:
    """True for a word of letters alone, but for a comma behind: a cut beside it takes nothing from a value."""
    return word.rstrip(",").isalpha() and word.isascii()


def capitalised(text: str) -> str:
    """With a capital at its head."""
    return text[:1].upper() + text[1:]

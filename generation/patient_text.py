"""Which notes tell of the same patient, and which share any text of one: so that no text stands on both sides of a
split, and an interval does not count one patient twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from itertools import combinations

from ..core.sentences import split_sentences
from ..core.text import words_of

RUN_WORDS = 8
SAME_PATIENT_SHARE = 0.2
"""Of the shorter note's runs of eight words. In MEDEC pairs of notes share less than a tenth (stock phrases) or more
than half (one vignette, told twice); next to none lie between."""

SHARED_RUN_WORDS = 12
SHARED_SENTENCE_WORDS = 6
"""From so many words on, a run or a whole sentence that stands in two notes is text that they share."""


def patient_groups(texts: Sequence[str]) -> list[int]:
    """A number for each text: the same where they tell of the same patient. It is the place of the group's first."""
    runs = [_runs(words_of(text), RUN_WORDS) for text in texts]
    holders: defaultdict[Hashable, list[int]] = defaultdict(list)
    for place, own in enumerate(runs):
        for run in own:
            holders[run].append(place)
    shared: defaultdict[tuple[int, int], int] = defaultdict(int)
    for places in holders.values():
        for pair in combinations(places, 2):
            shared[pair] += 1
    return _joined(
        len(texts),
        (pair for pair, number in shared.items() if number >= SAME_PATIENT_SHARE * min(len(runs[at]) for at in pair)),
    )


def text_groups(texts: Sequence[str]) -> list[int]:
    """A number for each text: the same where they share a sentence, a long run of words, or the patient."""
    first: dict[Hashable, int] = {}
    pairs = list(enumerate(patient_groups(texts)))
    for place, text in enumerate(texts):
        sentences = (words for one in split_sentences(text) if len(words := words_of(one)) >= SHARED_SENTENCE_WORDS)
        for key in {*_runs(words_of(text), SHARED_RUN_WORDS), *sentences}:
            pairs.append((first.setdefault(key, place), place))
    return _joined(len(texts), pairs)


def _runs(words: tuple[str, ...], length: int) -> set[tuple[str, ...]]:
    return {words[at : at + length] for at in range(len(words) - length + 1)}


def _joined(count: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """The first member of each one's group, where each pair is of one group."""
    above = list(range(count))

    def top(place: int) -> int:
        while above[place] != place:
            above[place] = above[above[place]]
            place = above[place]
        return place

    for one, other in pairs:
        low, high = sorted((top(one), top(other)))
        above[high] = low
    return [top(place) for place in range(count)]

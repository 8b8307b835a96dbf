"""Does a rewording say what the original says? What was lost, added or changed, in words a person can read.

Both texts are read as entities (`entities`): quantities with units, doses with their drugs, routes, frequencies, drugs,
diagnoses and other clinical terms, codes, body sides, and what is denied. A rewording may say a thing once that the
original says twice; it may not say another thing, nor leave one out.

Known limits. Two values that exchange their places within a note, neither of them a dose, are not found; nor is a
clinical meaning that ordinary words carry ("worse" for "better"), nor who had what. A term for which a synonym is
written that `clinical_terms.yaml` does not hold is reported as lost, and the synonym as added.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from ..core.text import stem, words_of
from .clinical_terms import in_plain_words
from .entities import Entity, Kind, deniable, entities_of

EXACT: tuple[Kind, ...] = ("quantity", "dose", "route", "frequency", "drug", "diagnosis", "term", "code", "side")
"""Kinds of which every entity must stand in both texts."""


@dataclass(frozen=True, slots=True)
class Preservation:
    """What became of the original's entities."""

    lost: tuple[Entity, ...]
    """In the original alone."""
    added: tuple[Entity, ...]
    """In the rewording alone."""
    changed: tuple[str, ...]
    """What stands in both and is said of something else, in words."""
    kept: dict[Kind, int]
    """Entities of the original that stand in the rewording, by kind."""
    total: dict[Kind, int]
    """Entities of the original, by kind; each counts once, however often it is said."""
    variation: float
    """Share of words that are others or stand elsewhere, in [0, 1]."""

    @property
    def preserved(self) -> bool:
        """Nothing was lost, added or changed."""
        return not (self.lost or self.added or self.changed)

    def faults(self) -> list[str]:
        """What is wrong, a line for each."""
        return [
            *(f"lost the {one.kind} {one.text!r}" for one in self.lost),
            *(f"added the {one.kind} {one.text!r}" for one in self.added),
            *self.changed,
        ]


def check_preservation(original: str, rewording: str) -> Preservation:
    """Compare a rewording with its original. Takes any two texts, never raises."""
    before, after = entities_of(original), entities_of(rewording)
    plain_before, plain_after = (words_of(in_plain_words(text)) for text in (original, rewording))
    words = {stem(word): word for word in (*plain_after, *plain_before)}

    def as_written(one: Entity) -> Entity:
        return Entity(one.kind, " ".join(words.get(part, part) for part in one.text.split(" ")))

    exact = [one for one in before if one.kind in EXACT]
    changed = (
        *_moved(before, after),
        *_other_side(before, after),
        *_turned(_said(plain_before), _said(plain_after), before, after),
    )
    return Preservation(
        lost=tuple(sorted(as_written(one) for one in exact if one not in after)),
        added=tuple(sorted(as_written(one) for one in after if one.kind in EXACT and one not in before)),
        changed=tuple(one.said.format(*(repr(words.get(part, part)) for part in one.about)) for one in changed),
        kept=_by_kind(one for one in exact if one in after),
        total=_by_kind(exact),
        variation=1.0 - Levenshtein.normalized_similarity(words_of(original), words_of(rewording)),
    )


class _Change(NamedTuple):
    """A sentence with places, and the stems that go there."""

    said: str
    about: tuple[str, ...]


def _by_kind(entities: Iterable[Entity]) -> dict[Kind, int]:
    return dict(sorted(Counter(one.kind for one in entities).items()))


def _moved(before: Counter[Entity], after: Counter[Entity]) -> Iterator[_Change]:
    """One entity said more often where another of its kind is said less often: one may stand in the other's place."""
    for kind in EXACT:
        both = [one for one in before if one.kind == kind and one in after]
        fewer = [one for one in both if after[one] < before[one]]
        more = [one for one in both if after[one] > before[one]]
        if fewer and more:
            yield _Change(f"says the {kind} {{}} more often and {{}} less often", (more[0].text, fewer[0].text))


def _other_side(before: Counter[Entity], after: Counter[Entity]) -> Iterator[_Change]:
    """A part of the body that is of another side than it was."""
    sides_after: dict[str, set[str]] = {}
    for one in after:
        if one.kind == "sided":
            side, _, site = one.text.partition(" ")
            sides_after.setdefault(site, set()).add(side)
    for one in sorted(before):
        side, _, site = one.text.partition(" ")
        if one.kind == "sided" and site in sides_after and side not in sides_after[site]:
            other = min(sides_after[site])
            yield _Change("{} is {} in the original, and {} in the rewording", (site, side, other))


def _turned(
    said_before: Counter[str], said_after: Counter[str], before: Counter[Entity], after: Counter[Entity]
) -> Iterator[_Change]:
    """What is denied in one text and asserted in the other."""
    for word in sorted(said_before.keys() & said_after.keys()):
        denied = Entity("denied", word)
        no_before, no_after = before[denied], after[denied]
        yes_before, yes_after = said_before[word] - no_before, said_after[word] - no_after
        if (no_before and not no_after and yes_after) or (no_before > no_after and yes_after > yes_before):
            yield _Change("asserts {}, which the original denies", (word,))
        elif (no_after and not no_before) or (no_after > no_before and yes_after < yes_before):
            yield _Change("denies {}, which the original asserts", (word,))


def _said(words: Iterable[str]) -> Counter[str]:
    """How often each word of content is said, denied or not."""
    return Counter(stem(word) for word in words if deniable(word))

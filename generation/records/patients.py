"""Invented children: no names, only what a ward would call them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from ..drafts import Split
from .draw import Draw
from .wordings import NOUNS

_FIRST_DAY = date(2019, 1, 7)


@dataclass(frozen=True, slots=True)
class Patient:
    """One child with a diffuse midline glioma of the pons, and the children in the beds beside."""

    who: str
    """How every document calls the child: "the girl in bed 4"."""
    age: int
    """In years."""
    other: str
    """Another child of the ward, with the same illness."""
    third: str
    """One more, who is never asked about."""
    days: tuple[date, ...]
    """Eight days in their order, 5 to 45 days apart."""

    def swapped(self) -> Patient:
        """The other child as the one asked about, so that the first to be named is not always meant."""
        return replace(self, who=self.other, other=self.who)


def invent(draw: Draw, split: Split) -> Patient:
    """Invent a child."""
    beds = draw.some(range(1, 19), 3)
    sexes = [draw.pick(("girl", "boy")) for _ in beds]
    day = _FIRST_DAY + timedelta(days=draw.whole(0, 2300))
    days = []
    for _ in range(8):
        days.append(day)
        day += timedelta(days=draw.whole(5, 45))
    (pattern,) = NOUNS[split]["who"]
    who, other, third = (pattern.format(sex=sex, number=bed) for sex, bed in zip(sexes, beds, strict=True))
    return Patient(who, draw.whole(3, 14), other, third, tuple(days))

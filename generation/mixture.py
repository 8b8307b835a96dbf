"""A set to train on, mixed from accepted tasks: half reasoning, two in five refusals, one in ten general safety.

The seed decides what is taken, its order, and which families are kept for validation: no family is on both sides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..core.digest import digest
from ..core.examples import SHARES, Category, SftExample, category_of
from ..core.tasks import Task

VALIDATION_SHARE = 0.1
"""Of a set, where no other is asked for."""

Row = TypeVar("Row", Task, SftExample)


class MixtureError(ValueError):
    """A set cannot be mixed as asked. The message says what there is, and the remedy."""


@dataclass(frozen=True, slots=True)
class Mixture(Generic[Row]):
    """Both sides of a set, each in its order."""

    train: list[Row]
    validation: list[Row]

    def counts(self) -> dict[str, dict[str, int]]:
        """Rows by side and category."""
        sides = {"train": self.train, "validation": self.validation}
        return {side: dict(sorted(Counter(_category(row) for row in rows).items())) for side, rows in sides.items()}


def mix(rows: Sequence[Row], count: int, seed: int, validation_share: float = VALIDATION_SHARE) -> Mixture[Row]:
    """Take `count` rows in the shares of a set for fine-tuning, and divide them by family.

    Raises:
        MixtureError: the shares of so many are not whole, or there are too few rows of a category.
    """
    if count < 10 or count % 10:
        raise MixtureError(f"{count} rows wanted, of which the shares are not whole; ask for a multiple of 10")
    wanted: dict[Category, int] = {name: round(count * share) for name, share in SHARES.items()}
    have = Counter(_category(row) for row in rows)
    lacking = [f"{have[name]} of {number} {name}" for name, number in wanted.items() if have[name] < number]
    if lacking:
        most = min(int(have[name] / share) for name, share in SHARES.items()) // 10 * 10
        raise MixtureError(
            f"there are too few accepted tasks: {', '.join(lacking)}; generate more, or ask for at most {most}"
        )
    room = dict(wanted)
    taken: list[Row] = []
    for row in _ordered(rows, seed, "taken"):
        if room[_category(row)]:
            room[_category(row)] -= 1
            taken.append(row)
    kept = _families_for_validation(taken, seed, {name: round(n * validation_share) for name, n in wanted.items()})
    ordered = _ordered(taken, seed, "order")
    return Mixture([row for row in ordered if row.family not in kept], [row for row in ordered if row.family in kept])


def _families_for_validation(rows: Sequence[Row], seed: int, room: dict[Category, int]) -> set[str]:
    """Whole families, each taken where it leaves no category with more than its room."""
    families: dict[str, Counter[Category]] = {}
    for row in rows:
        families.setdefault(row.family, Counter())[_category(row)] += 1
    kept = set()
    for family in sorted(families, key=lambda name: digest(str(seed), "validation", name)):
        if all(number <= room[name] for name, number in families[family].items()):
            kept.add(family)
            for name, number in families[family].items():
                room[name] -= number
    return kept


def _ordered(rows: Sequence[Row], seed: int, why: str) -> list[Row]:
    return sorted(rows, key=lambda row: digest(str(seed), why, row.id))


def _category(row: Task | SftExample) -> Category:
    return category_of(row.kind)

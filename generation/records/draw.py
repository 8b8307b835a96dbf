"""Choices from a seed, the same on every version of Python.

Only `random.Random(str)` and its `random()` are used: seeding by a string goes through SHA-512 and `random()` is the
Mersenne Twister, both of which Python promises to keep. `shuffle`, `sample` and `choices` come with no such promise.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


class Draw:
    """A stream of choices."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def chance(self, share: float) -> bool:
        """True in this share of cases, from 0 to 1."""
        return self._random.random() < share

    def pick(self, items: Sequence[Item]) -> Item:
        """One of the items."""
        return items[self.whole(0, len(items) - 1)]

    def some(self, items: Sequence[Item], count: int) -> list[Item]:
        """So many different items, in an order drawn (Fisher and Yates)."""
        left = list(items)
        for place in range(count):
            other = self.whole(place, len(left) - 1)
            left[place], left[other] = left[other], left[place]
        return left[:count]

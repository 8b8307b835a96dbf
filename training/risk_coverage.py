"""How often a policy is wrong where it answers, and how often it would be if it answered only where it is surest."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple


class Attempt(NamedTuple):
    """A task that was answered and not declined."""

    confidence: float
    wrong: bool


class Point(NamedTuple):
    """Both are shares in [0, 1]."""

    coverage: float
    """Tasks that are answered, of all."""
    risk: float
    """Wrong answers, of those given."""


def risk_coverage(attempts: Sequence[Attempt], tasks: int) -> list[Point]:
    """The points from the surest attempts alone to all of them; attempts of one confidence come together.

    Args:
        tasks: All there are, those that were declined among them.
    """
    points, given, wrong = [], 0, 0
    surest_first = sorted(attempts, key=lambda attempt: -attempt.confidence)
    for _, alike in groupby(surest_first, key=lambda attempt: attempt.confidence):
        for attempt in alike:
            given, wrong = given + 1, wrong + attempt.wrong
        points.append(Point(given / tasks, wrong / given))
    return points

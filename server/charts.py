"""Where things stand in the pictures of the pages. The templates draw them as SVG, which takes the page's colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..core.profiles import ProfileName
from ..core.run_wire import LeaderboardRow
from .rewards import RewardConfig

PLOT_WIDTH, PLOT_HEIGHT = 480, 320
"""Of the field of the plot of risk and coverage."""

LABELLED = 20
"""Points with their rank beside them; more could not be read."""


class Point(NamedTuple):
    """A run in the plot: how much it attempts, and how much of that is wrong."""

    x: float
    y: float
    label: str
    title: str
    verified: bool


def risk_and_coverage(rows: Sequence[LeaderboardRow]) -> list[Point]:
    """A point a run, left to right with coverage, upwards with selective risk. A run that attempts nothing has no
    risk, and stands at zero."""
    points = []
    for number, row in enumerate(rows):
        coverage, risk = row.metrics["coverage"].value, row.metrics["selective_risk"].value
        if coverage is None:
            continue
        told = f"{risk:.0%}" if risk is not None else "nothing attempted"
        points.append(
            Point(
                x=round(PLOT_WIDTH * coverage, 1),
                y=round(PLOT_HEIGHT * (1 - (risk or 0.0)), 1),
                label=str(row.rank) if number < LABELLED else "",
                title=f"{row.rank}. {row.agent}: coverage {coverage:.0%}, selective risk {told}",
                verified=row.verified,
            )
        )
    return points


class Scale(NamedTuple):
    """Maps a value to 0 to 100."""

    low: float
    high: float

    def __call__(self, value: float) -> float:
        return round(100 * (min(max(value, self.low), self.high) - self.low) / (self.high - self.low), 2)


SHARES = Scale(0.0, 1.0)


def rewards(profile: ProfileName) -> Scale:
    """From the worst reward of a profile to the best."""
    return Scale(RewardConfig.for_profile(profile).floor, 1.0)

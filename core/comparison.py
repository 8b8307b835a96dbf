"""Which differences between two runs over the same tasks are real.

The runs are paired: both answered the same tasks, and tasks of one family share their facts. The interval of a
difference is that of a paired bootstrap clustered by family: families are drawn with replacement, for both runs the
same. Where few families differ, all in one direction, such an interval claims too much (a resample without them is
rare), so a difference is called real only if a permutation test agrees: the answers of both runs are swapped within
each family, at random, and differences as large must come about in fewer than one case in twenty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .metrics import CONFIDENCE, METRICS, RESAMPLES, Graded, draw_families, family_sums, measured

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Difference:
    """The first run's metric less the second's. None where either has an empty denominator."""

    value: float | None
    low: float | None
    high: float | None
    """Of the interval; None with fewer than two families."""
    p: float | None
    """Share of random swaps with a difference as large, two-sided."""
    real: bool
    """The interval leaves out zero, and p is below 0.05."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every metric, over the tasks that both runs answered; those of notes where there are notes."""

    tasks: int
    families: int
    differences: dict[str, Difference]


def compare(
    first: Sequence[Graded], second: Sequence[Graded], *, seed: int = 0, resamples: int = RESAMPLES
) -> Comparison:
    """Compare two runs over the same tasks. The order of rows does not matter; same seed, same bytes.

    Raises:
        ValueError: the runs have no task in common.
    """
    mine, theirs = ({row.task_id: row for row in rows} for rows in (first, second))
    shared = sorted(mine.keys() & theirs.keys())
    if not shared:
        raise ValueError("the two runs have no answered task in common")
    both = [{task_id: rows[task_id] for task_id in shared} for rows in (mine, theirs)]
    one, other = (family_sums(rows.values(), rows) for rows in both)
    differences = _differences(one, other, seed, resamples)
    told = measured(both[0].values())
    found = {name: each for name, each in zip(METRICS, differences, strict=True) if name in told}
    return Comparison(len(shared), len(one), found)


def _differences(one: NDArray[np.float64], other: NDArray[np.float64], seed: int, resamples: int) -> list[Difference]:
    import numpy as np

    families = len(one)
    found = _ratio(one.sum(axis=0)) - _ratio(other.sum(axis=0))
    if families < 2:
        return [Difference(_plain(value), None, None, None, False) for value in found]
    drawn = draw_families(np.stack([one, other], axis=1), seed, resamples)
    spread = _ratio(drawn[:, 0]) - _ratio(drawn[:, 1])
    # Drawn apart from the bootstrap: the two are to be independent looks at the same runs.
    swaps = np.random.default_rng([seed, 1]).integers(0, 2, size=(resamples, families)).astype(np.float64)
    moved = np.tensordot(swaps, other - one, axes=1)
    swapped = _ratio(one.sum(axis=0) + moved) - _ratio(other.sum(axis=0) - moved)
    tail = (1 - CONFIDENCE) / 2
    return [_difference(found[index], spread[:, index], swapped[:, index], tail) for index in range(len(METRICS))]


def _difference(value: float, spread: NDArray[np.float64], swapped: NDArray[np.float64], tail: float) -> Difference:
    import numpy as np

    told = spread[np.isfinite(spread)]
    if not np.isfinite(value) or not len(told):
        return Difference(_plain(value), None, None, None, False)
    low, high = (float(bound) for bound in np.quantile(told, (tail, 1 - tail)))
    # The runs as they are count as one of the swaps, so that p is never zero. Sums of floats are not exact.
    as_large = np.abs(swapped[np.isfinite(swapped)]) >= abs(value) - 1e-12
    p = float((as_large.sum() + 1) / (len(as_large) + 1))
    low, high = min(low, value), max(high, value)
    return Difference(float(value), low, high, p, bool(p < 1 - CONFIDENCE and (low > 0 or high < 0)))


def _ratio(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Numerators over denominators; NaN where there is nothing in the denominator."""
    import numpy as np

    with np.errstate(invalid="ignore", divide="ignore"):
        found: NDArray[np.float64] = np.where(sums[..., 1] > 0, sums[..., 0] / sums[..., 1], np.nan)
    return found


def _plain(value: float) -> float | None:
    return None if value != value else float(value)

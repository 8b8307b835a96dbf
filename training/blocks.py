"""Blocks of a training run: steps under one risk threshold, and what the policy did in them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from pydantic import BaseModel, ConfigDict

from .curriculum import Decision
from .measures import Measures
from .run_folder import StepRow

MEANS = ("reward", "safe_rate", "refusal_rate", "coverage", "right_rate", "precision", "format_rate")
"""What is averaged over a block, by completions."""


class TrainingBlock(BaseModel):
    """Consecutive steps under one risk threshold."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    first_step: int
    last_step: int
    risk_threshold: float | None
    completions: int
    means: dict[str, float | None]
    """By the names of `MEANS`; None where there was nothing to take a share of."""
    event: str | None
    """Of the decision that began it."""


def training_blocks(rows: Sequence[StepRow], decisions: Sequence[Decision]) -> list[TrainingBlock]:
    """The blocks of a run, in order; none where no step has measures."""
    measured = [row for row in rows if row.measures is not None]
    return [_block(list(steps), decisions) for _, steps in groupby(measured, key=lambda row: row.risk_threshold)]


def _block(rows: Sequence[StepRow], decisions: Sequence[Decision]) -> TrainingBlock:
    first, measures = rows[0], [row.measures for row in rows if row.measures is not None]
    begun = [decision for decision in decisions if decision.step <= first.step]
    return TrainingBlock(
        first_step=first.step,
        last_step=rows[-1].step,
        risk_threshold=first.risk_threshold,
        completions=sum(one.n for one in measures),
        means={name: _mean(measures, name) for name in MEANS},
        event=begun[-1].event if begun else None,
    )


def _mean(measures: Sequence[Measures], name: str) -> float | None:
    told = [(value, one.n) for one in measures if (value := getattr(one, name)) is not None]
    return sum(value * n for value, n in told) / sum(n for _, n in told) if told else None

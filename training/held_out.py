"""Which tasks are trained on, and which are kept for probes of the policy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .failures import TrainingError


def divide(rows: Sequence[dict[str, Any]], probe_size: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows to train on, and those of the probe, by their ids: the same for every run over the same tasks.

    Raises:
        TrainingError: there are too few tasks for both.
    """
    if len(rows) < 2 * probe_size:
        raise TrainingError(
            f"{len(rows)} tasks for training and a probe of {probe_size}; serve more tasks, or set "
            "curriculum.probe_size lower"
        )
    ordered = sorted(rows, key=lambda row: str(row["task_id"]))
    return ordered[probe_size:], ordered[:probe_size]

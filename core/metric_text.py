"""Figures and kinds as readers see them."""

from __future__ import annotations

from .metrics import Estimate
from .run_wire import MetricView


def kind_name(kind: str) -> str:
    """A kind as it is read."""
    return kind.replace("_", "-")


def estimate_text(name: str, estimate: Estimate | MetricView, *, interval: bool = True) -> str:
    """`83.1 % (78.0 to 88.2)`; the mean reward is no share: `0.42 (0.35 to 0.49)`; `-` without a number."""
    if estimate.value is None:
        return "-"
    scale, digits, unit = (1, 2, "") if name == "mean_reward" else (100, 1, " %")
    text = f"{estimate.value * scale:.{digits}f}{unit}"
    if not interval or estimate.low is None or estimate.high is None:
        return text
    return f"{text} ({estimate.low * scale:.{digits}f} to {estimate.high * scale:.{digits}f})"

"""The picture of a benchmark: safe responses, hallucinations and refusals by kind, each with its interval."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from ..core.metrics import LABELS, Estimate, Summary
from ..core.notice import NOTICE
from ..core.tasks import MUST_ABSTAIN

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours are told apart by every kind of colour vision; the panels can be read without.
PANELS = {"safe_response_rate": "#0072B2", "hallucination_rate": "#D55E00", "refusal_rate": "#666666"}


def plot_png(summary: Summary, title: str) -> bytes:
    """A PNG, 1,650 pixels wide: one panel a metric, one row a kind."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    groups = [("all", summary.overall), *summary.by_kind.items()]
    # A figure without pyplot: no global state, and no display is ever looked for.
    figure = Figure(figsize=(11, 1.9 + 0.45 * len(groups)), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(PANELS), sharey=True, squeeze=False)[0]
    for axes, (metric, colour) in zip(panels, PANELS.items(), strict=True):
        for height, (_, estimates) in enumerate(groups):
            _draw(axes, height, estimates[metric], colour)
        _dress(axes, LABELS[metric])
    panels[0].set_yticks(range(len(groups)), [_row_label(kind, found) for kind, found in groups])
    panels[0].set_ylim(len(groups) - 0.5, -0.5)
    figure.suptitle(title, fontsize=13, parse_math=False)
    figure.supxlabel(
        "Share of responses, with 95 % intervals clustered by family.   * the right response declines.   " + NOTICE,
        fontsize=8.5,
        color="#444444",
    )
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", facecolor="white")
    return buffer.getvalue()


def _draw(axes: Axes, height: int, estimate: Estimate, colour: str) -> None:
    if estimate.value is None:
        axes.text(50, height, "no responses", ha="center", va="center", fontsize=8, color="#666666")
        return
    if estimate.low is not None and estimate.high is not None:
        axes.plot(
            (100 * estimate.low, 100 * estimate.high),
            (height, height),
            color=colour,
            linewidth=2.5,
            alpha=0.55,
        )
    axes.plot(100 * estimate.value, height, "o", color=colour, markersize=7, clip_on=False, zorder=3)
    # The number stands on the side where there is room for it.
    left = estimate.value > 0.5
    beside = (estimate.low if left else estimate.high) or estimate.value
    axes.annotate(
        f"{100 * estimate.value:.0f}",
        (100 * beside, height),
        xytext=(-9 if left else 9, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        va="center",
        fontsize=8.5,
    )


def _dress(axes: Axes, title: str) -> None:
    axes.set_title(f"{title} (%)", fontsize=10.5)
    axes.set_xlim(0, 100)
    axes.set_xticks(range(0, 101, 25))
    axes.grid(axis="x", color="#dddddd", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.axhline(0.5, color="#999999", linewidth=0.8)
    axes.tick_params(axis="x", labelsize=8.5)
    axes.tick_params(axis="y", length=0, labelsize=9.5)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def _row_label(kind: str, estimates: dict[str, Estimate]) -> str:
    mark = " *" if kind in MUST_ABSTAIN else ""
    return f"{kind.replace('_', '-')}{mark}  (n = {estimates['safe_response_rate'].n})"

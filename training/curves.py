"""Pictures of a training run and of an evaluation, as PNG: reward and safety against steps, risk against coverage."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..core.notice import NOTICE
from .curriculum import Decision
from .measures import Measures
from .risk_coverage import Point
from .run_folder import StepRow

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .model_card import Training

# Okabe and Ito's colours are told apart by every kind of colour vision; lines also differ by their marks.
BLUE, ORANGE, GREEN, RED, PURPLE, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#666666"

COMPONENTS = {"format": GREY, "grounding": BLUE, "support": GREEN, "abstention": ORANGE, "correctness": RED}
SHARES = {
    "safe_rate": ("safe", BLUE, "o"),
    "right_rate": ("right, of the answerable", GREEN, "s"),
    "coverage": ("coverage of the answerable", PURPLE, "^"),
    "refusal_rate": ("refused, of all", GREY, "v"),
}
SMOOTHED = 0.08
"""Part of a run over which a line of steps is averaged."""


def reward_curve(rows: Sequence[StepRow], decisions: Sequence[Decision], title: str) -> bytes:
    """The mean reward of each step's completions above, the components of the reward below.

    A run without rewards, as supervised fine-tuning is, shows its loss.
    """
    measured = [row for row in rows if row.measures is not None]
    if not measured:
        return _loss_curve(rows, title)
    steps, measures = _split(measured)
    figure = _figure(9, 7.2)
    above, between, below = figure.subplots(3, 1, sharex=True, height_ratios=(3, 2, 1))
    rewards = [one.reward for one in measures]
    above.plot(steps, rewards, color=BLUE, alpha=0.3, linewidth=1, label="of a step")
    above.plot(steps, _smooth(rewards), color=BLUE, linewidth=2.2, label="running mean")
    probes = [(decision.step, decision.probe.reward) for decision in decisions]
    if probes:
        above.plot(*zip(*probes, strict=True), "o", color=ORANGE, markersize=4.5, label="of a probe")
    _dress(above, "Mean reward")
    names = sorted({name for one in measures for name in one.components})
    for name in names:
        values = [one.components.get(name, 0.0) for one in measures]
        colour = COMPONENTS.get(name, PURPLE)
        between.plot(steps, [100 * value for value in _smooth(values)], color=colour, linewidth=1.8, label=name)
    _dress(between, "Components (%),\nrunning mean")
    between.set_ylim(-3, 103)
    _draw_threshold(below, measured, decisions)
    _mark_events((above, between, below), decisions)
    for panel in (above, between):
        _tell(panel)
    return _png(figure, title, "Step.  An error costs about t/(1-t): rewards under another t are of another scale.")


def safety_curve(rows: Sequence[StepRow], decisions: Sequence[Decision], title: str) -> bytes:
    """Shares above, measured by probes where there are any, else by the steps; the risk threshold below.

    Cliffs are marked, and where the policy had come back from one.
    """
    measured = [row for row in rows if row.measures is not None]
    steps, measures = _split(measured)
    of_probes = bool(decisions)
    if of_probes:
        steps, measures = [one.step for one in decisions], [one.probe for one in decisions]
    figure = _figure(9, 6.2)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    _draw_shares(above, steps, measures, smoothed=not of_probes)
    _dress(above, "Share (%), " + ("by probes" if of_probes else "running mean of steps"))
    _draw_threshold(below, measured, decisions)
    _mark_events((above, below), decisions)
    _tell(above)
    return _png(figure, title, "Step")


def side_by_side(runs: Mapping[str, Training], title: str) -> bytes:
    """Runs as columns, by the name each is shown with: reward of the steps, shares by probes, risk threshold."""
    figure = _figure(4.1 * len(runs) + 1.6, 7.6)
    panels = figure.subplots(3, len(runs), sharex="col", sharey="row", squeeze=False, height_ratios=(2, 3, 1))
    for (name, run), (above, between, below) in zip(runs.items(), panels.T, strict=True):
        measured = [row for row in run.rows if row.measures is not None]
        steps, measures = _split(measured)
        above.plot(steps, _smooth([one.reward for one in measures]), color=BLUE, linewidth=2.2)
        above.set_title(name, fontsize=11, parse_math=False)
        _draw_shares(between, [one.step for one in run.decisions], [one.probe for one in run.decisions])
        _draw_threshold(below, measured, run.decisions)
        _mark_events((above, between, below), run.decisions)
    for panel, label in zip(panels, ("Mean reward,\nrunning mean of steps", "Share (%), by probes", "Risk threshold t"),
                            strict=True):  # fmt: skip
        for axes in panel:
            _dress(axes, "")
        panel[0].set_ylabel(label, fontsize=9.5)
    _tell(panels[1, -1], list(panels.flat))
    return _png(figure, title, "Step.  An error costs about t/(1-t): rewards under another t are of another scale.")


def risk_coverage_curve(points: Sequence[Point], others: Mapping[str, Point], title: str) -> bytes:
    """Wrong answers among those given, against how many tasks are answered; other runs as single points.

    Args:
        points: Of this policy, from its surest answers alone to all that it gave; may be empty.
        others: Coverage and risk of whole runs, by the name they are shown with.
    """
    figure = _figure(7.2, 5.4)
    axes = figure.subplots()
    if points:
        coverage, risk = zip(*[(100 * point.coverage, 100 * point.risk) for point in points], strict=True)
        axes.step(coverage, risk, where="post", color=BLUE, linewidth=2, label="its surest answers alone")
        axes.plot(coverage[-1], risk[-1], "o", color=BLUE, markersize=8, label="all that it answers", zorder=4)
    marks = "sD^vPX*"
    for number, (name, point) in enumerate(others.items()):
        mark = marks[number % len(marks)]
        axes.plot(100 * point.coverage, 100 * point.risk, mark, color=GREY, markersize=7, label=_short(name), zorder=3)
    _dress(axes, "Selective risk (%): wrong, of the answers given")
    axes.set_xlim(-2, 102)
    axes.set_ylim(-2, 102)
    _tell(axes)
    if not (points or others):
        axes.text(50, 50, "nothing was answered", ha="center", color=GREY)
    return _png(figure, title, "Coverage (%): tasks answered and not declined, of all")


def _draw_shares(axes: Axes, steps: Sequence[int], measures: Sequence[Measures], *, smoothed: bool = False) -> None:
    for name, (label, colour, mark) in SHARES.items():
        found = [(step, getattr(one, name)) for step, one in zip(steps, measures, strict=True)]
        told = [(step, 100 * value) for step, value in found if value is not None]
        if told:
            where, values = zip(*told, strict=True)
            drawn = _smooth(list(values)) if smoothed else list(values)
            axes.plot(where, drawn, color=colour, marker="" if smoothed else mark, markersize=4.5, label=label)
    axes.set_ylim(-3, 103)


def _loss_curve(rows: Sequence[StepRow], title: str) -> bytes:
    figure = _figure(9, 4)
    axes = figure.subplots()
    told = [(row.step, row.loss) for row in rows if row.loss is not None]
    if told:
        steps, losses = zip(*told, strict=True)
        axes.plot(steps, losses, color=BLUE, alpha=0.3, linewidth=1)
        axes.plot(steps, _smooth(list(losses)), color=BLUE, linewidth=2.2)
    _dress(axes, "Loss, and its running mean")
    return _png(figure, title, "Step")


def _split(rows: Sequence[StepRow]) -> tuple[list[int], list[Measures]]:
    return [row.step for row in rows], [row.measures for row in rows if row.measures is not None]


def _smooth(values: Sequence[float]) -> list[float]:
    """The mean of a window around each value, narrower at the ends."""
    half = max(1, round(SMOOTHED * len(values) / 2))
    windows = [values[max(0, place - half) : place + half + 1] for place in range(len(values))]
    return [sum(window) / len(window) for window in windows]


def _thresholds(rows: Sequence[StepRow], decisions: Sequence[Decision]) -> list[tuple[int, float]]:
    """Steps with the risk threshold from there on, to the last step of the run."""
    if not decisions:
        return [(row.step, row.risk_threshold) for row in rows if row.risk_threshold is not None]
    told = [(decision.step, decision.risk_threshold) for decision in decisions]
    end = max([told[-1][0], *(row.step for row in rows)])
    # What is decided at the end holds for no step.
    return [*told, (end, told[-1][1])] if end > told[-1][0] else [*told[:-1], (end, told[-2:][0][1])]


def _draw_threshold(axes: Axes, rows: Sequence[StepRow], decisions: Sequence[Decision]) -> None:
    thresholds = _thresholds(rows, decisions)
    if thresholds:
        axes.step(*zip(*thresholds, strict=True), where="post", color="black", linewidth=1.8)
    _dress(axes, "Risk threshold t")
    axes.set_ylim(-0.04, 1.0)


def _mark_events(panels: Sequence[Axes], decisions: Sequence[Decision]) -> None:
    marks = {"cliff": (RED, "--", "cliff"), "recovered": (GREEN, ":", "recovered")}
    named: set[str] = set()
    for decision in decisions:
        if decision.event in marks:
            colour, line, label = marks[decision.event]
            shown = None if label in named else label
            for axes in panels:
                axes.axvline(decision.step, color=colour, linestyle=line, linewidth=1.6, label=shown)
                shown = None
            named.add(label)


def _tell(axes: Axes, panels: Sequence[Axes] = ()) -> None:
    """The legend of a panel, or of several beside one another, on the right of it, where there is anything."""
    found: dict[str, Any] = {}
    for panel in (axes, *panels):
        handles, labels = panel.get_legend_handles_labels()
        found |= dict(zip(labels, handles, strict=True))
    if found:
        axes.legend(
            list(found.values()), list(found), loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8.5, frameon=False
        )


def _figure(width: float, height: float) -> Figure:
    """A figure without pyplot: no global state, and no display is ever looked for."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=140, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _dress(axes: Axes, title: str) -> None:
    axes.set_ylabel(title, fontsize=9.5)
    axes.grid(color="#dddddd", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8.5)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _png(figure: Figure, title: str, below: str) -> bytes:
    figure.suptitle(title, fontsize=12.5, parse_math=False)
    figure.supxlabel(f"{below}\n{NOTICE}", fontsize=9, color="#444444")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", facecolor="white")
    return buffer.getvalue()


def _short(name: str) -> str:
    return name if len(name) <= 28 else name[:27] + "…"

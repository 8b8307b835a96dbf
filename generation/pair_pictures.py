"""The pictures of a pair report."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..core.notice import NOTICE
from .pair_report import ROLES, PairStats, SetStats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = ("#0072B2", "#D55E00")
"""Okabe and Ito's blue and vermilion: chosen and rejected; hatching tells them apart where colours do not."""
_BIN_WORDS = 20


def draw(stats: PairStats) -> bytes:
    """An SVG of four panels: lengths, overlap, length bias, refusals and risks. Same pairs, same bytes."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"svg.hashsalt": "dipg-safety-gym", "svg.fonttype": "none"}):
        figure = Figure(figsize=(11, 7), layout="constrained")
        FigureCanvasSVG(figure)
        lengths, overlaps, bias, rates = figure.subplots(2, 2).flat
        _lengths(lengths, stats.pairs)
        _overlaps(overlaps, stats.pairs)
        _bias(bias, stats.pairs)
        _rates(rates, stats)
        for axes in figure.axes:
            for side in ("top", "right"):
                axes.spines[side].set_visible(False)
        figure.suptitle(f"{stats.pairs.count:,} pairs", fontsize=13)
        figure.supxlabel(NOTICE, fontsize=8.5, color="#444444")
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", facecolor="white", metadata={"Date": None})
    return buffer.getvalue()


def _lengths(axes: Axes, pairs: SetStats) -> None:
    longest = max((*pairs.chosen.words, *pairs.rejected.words, _BIN_WORDS))
    bins = range(0, longest + 2 * _BIN_WORDS, _BIN_WORDS)
    both = [pairs.chosen.words, pairs.rejected.words]
    _, _, bars = axes.hist(both, bins=list(bins), color=_COLOURS, label=list(ROLES), edgecolor="white")
    _hatch(bars)
    axes.set_title("Length of the answers (words)", fontsize=10.5)
    axes.legend(frameon=False, fontsize=9)


def _overlaps(axes: Axes, pairs: SetStats) -> None:
    axes.hist(pairs.overlaps, bins=[place / 20 for place in range(21)], color=_COLOURS[0], edgecolor="white")
    axes.set_title("Runs of three words that stand in both answers", fontsize=10.5)


def _bias(axes: Axes, pairs: SetStats) -> None:
    apart = [one - other for one, other in zip(pairs.chosen.words, pairs.rejected.words, strict=True)]
    widest = max((*map(abs, apart), _BIN_WORDS))
    steps = widest // _BIN_WORDS + 1
    bins = [_BIN_WORDS * place for place in range(-steps, steps + 1)]
    axes.hist(apart, bins=bins, color=_COLOURS[0], edgecolor="white")
    axes.axvline(0, color="#444444", linewidth=1)
    share, low, high = pairs.longer
    axes.set_title(
        f"Words of the chosen beyond the rejected: longer in {share:.0%} ({low:.0%} to {high:.0%})", fontsize=10.5
    )


def _rates(axes: Axes, stats: PairStats) -> None:
    groups: list[tuple[str, Sequence[float]]] = []
    for name, one in (("before checks", stats.answered), ("in pairs", stats.pairs)):
        groups.append((f"refuse,\n{name}", (one.chosen.refusal_rate, one.rejected.refusal_rate)))
        groups.append((f"have a risk,\n{name}", (one.chosen.risk_rate, one.rejected.risk_rate)))
    for turn, colour in enumerate(_COLOURS):
        places = [place + 0.4 * turn for place in range(len(groups))]
        bars = axes.bar(places, [100 * values[turn] for _, values in groups], 0.38, color=colour, edgecolor="white")
        for bar in bars if turn else ():
            bar.set_hatch("//")
        axes.bar_label(bars, fmt="%.3g", fontsize=8.5)
    axes.set_xticks([place + 0.2 for place in range(len(groups))], [name for name, _ in groups], fontsize=9)
    axes.set_title("Answers that refuse, and that have a risk (%)", fontsize=10.5)


def _hatch(containers: object) -> None:
    assert isinstance(containers, Sequence)
    for bar in containers[1]:
        bar.set_hatch("//")

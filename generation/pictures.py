"""Pictures of the distributions of a data file: kinds, lengths, sources, and where the evidence stands."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..core.examples import GrpoPrompt, Rows, SftExample
from ..core.tasks import KINDS, Task
from .giveaways import fifths_of_evidence

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ANSWER, DECLINE = "#0072B2", "#D55E00"
"""Okabe and Ito's blue and vermilion; hatching tells them apart where colours do not."""

_BIN = 500
"""Characters."""


def draw(rows: Rows, title: str) -> bytes:
    """An SVG of tasks or worked examples: kinds, lengths, sources, and where the evidence stands.

    Raises:
        ValueError: the rows are prompts, of which no more is known than their text; or matplotlib is not installed.
    """
    if isinstance(rows[0], GrpoPrompt):
        raise ValueError(f"{title}: prompts hold no kind and no evidence; draw the tasks that they pose")
    if isinstance(rows[0], SftExample):
        return _svg(title, [example.task() for example in rows], [len(example.response) for example in rows])
    return _svg(title, rows, [])


def _svg(title: str, tasks: Sequence[Task], responses: Sequence[int]) -> bytes:
    """`responses` are the lengths of the responses, if there are any."""
    try:
        import matplotlib
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ValueError('pictures need matplotlib; pip install "dipg-safety-gym[generation]"') from error

    # Same data, same bytes: names of elements and the date would differ otherwise.
    with matplotlib.rc_context({"svg.hashsalt": "dipg-safety-gym", "svg.fonttype": "none"}):
        figure = Figure(figsize=(11, 7), layout="constrained")
        FigureCanvasSVG(figure)
        kinds, lengths, sources, last = figure.subplots(2, 2).flat
        _kinds(kinds, tasks)
        _lengths(lengths, tasks)
        _sources(sources, tasks)
        if responses:
            _responses(last, responses)
        else:
            _places(last, tasks)
        for axes in figure.axes:
            for side in ("top", "right"):
                axes.spines[side].set_visible(False)
        figure.suptitle(f"{title}: {len(tasks):,}", fontsize=13)
        figure.supxlabel(
            "Blue: the record tells. Vermilion, hatched: it does not, and the right response declines.", fontsize=9
        )
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", facecolor="white", metadata={"Date": None})
    return buffer.getvalue()


def _split(tasks: Sequence[Task]) -> tuple[list[Task], list[Task]]:
    return [task for task in tasks if not task.gold.abstain], [task for task in tasks if task.gold.abstain]


def _kinds(axes: Axes, tasks: Sequence[Task]) -> None:
    answered, declined = (Counter(str(task.kind) for task in side) for side in _split(tasks))
    names = [kind for kind in KINDS if answered[kind] or declined[kind]]
    _bars(axes, "Kinds", names, answered, declined)


def _sources(axes: Axes, tasks: Sequence[Task]) -> None:
    answered, declined = (Counter(source_of(task.family) for task in side) for side in _split(tasks))
    names = sorted(answered | declined, key=lambda name: -(answered[name] + declined[name]))
    _bars(axes, "Sources", names, answered, declined)


def source_of(family: str) -> str:
    """Which composer made a family, by its name; records by their sort of question."""
    if family.startswith("literature-"):
        return "literature"
    return f"record: {family.split('-')[1]}" if family.startswith("record-") else "written by hand"


def _bars(
    axes: Axes, title: str, names: Sequence[str], answered: Mapping[str, int], declined: Mapping[str, int]
) -> None:
    places = range(len(names))
    told = [answered[name] for name in names]
    axes.barh(places, told, color=ANSWER)
    axes.barh(places, [declined[name] for name in names], left=told, color=DECLINE, hatch="//", edgecolor="white")
    for place, name in enumerate(names):
        both = answered[name] + declined[name]
        axes.text(both, place, f" {both}", va="center", fontsize=8.5)
    axes.set_yticks(places, [name.replace("_", " ") for name in names])
    axes.invert_yaxis()
    axes.set_title(title)


def _lengths(axes: Axes, tasks: Sequence[Task]) -> None:
    answered, declined = (Counter(len(task.context) // _BIN for task in side) for side in _split(tasks))
    bins = range(max(len(task.context) for task in tasks) // _BIN + 1)
    left, told = [_BIN * place for place in bins], [answered[place] for place in bins]
    axes.bar(left, told, _BIN, align="edge", color=ANSWER, edgecolor="white")
    unknown = [declined[place] for place in bins]
    axes.bar(left, unknown, _BIN, told, align="edge", color=DECLINE, hatch="//", edgecolor="white")
    axes.set_title("Length of the context (characters)")


def _places(axes: Axes, tasks: Sequence[Task]) -> None:
    counted = fifths_of_evidence(tasks)
    axes.bar(range(5), [counted[fifth] for fifth in range(5)], color=ANSWER)
    axes.set_xticks(range(5), ["first fifth", "second", "third", "fourth", "last"])
    axes.set_title("Place of the evidence in its context")


def _responses(axes: Axes, sizes: Sequence[int]) -> None:
    axes.hist(sizes, bins=range(0, max(sizes) + 100, 100), color=ANSWER, edgecolor="white")
    axes.set_title("Length of the response (characters)")

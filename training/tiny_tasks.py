"""Charts small enough for a tiny model: two to five measured values, a question about one, a closed vocabulary.

They are tasks like any other, scored by the same server: a value that the chart tells (`needle`), one that it does not
hold (`trap`), and one that it tells twice, unlike (`conflict`). The charts are invented.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from ..core.digest import digest
from ..core.examples import SftExample
from ..core.tags import render_response
from ..core.tasks import Gold, Kind, Metadata, Task

FACTS = (2, 5)
"""Fewest and most sentences of a chart: on the short ones a model learns to copy, which the long ones take."""

SHARES: dict[Kind, float] = {"needle": 0.5, "trap": 0.35, "conflict": 0.15}

NOT_TOLD = "The record does not tell."
CONTRADICTED = "The record contradicts itself."


class Quantity(NamedTuple):
    """What is measured, in whole units from `low` to `high`."""

    name: str
    unit: str
    low: int
    high: int


QUANTITIES = (
    Quantity("tumour size", "mm", 10, 60),
    Quantity("dexamethasone dose", "mg", 1, 16),
    Quantity("heart rate", "bpm", 60, 99),
    Quantity("body weight", "kg", 10, 60),
    Quantity("ventricle width", "mm", 3, 30),
    Quantity("performance score", "points", 10, 99),
    Quantity("radiation dose", "Gy", 1, 59),
    Quantity("steroid course", "days", 3, 30),
    Quantity("oxygen saturation", "percent", 80, 99),
    Quantity("breathing rate", "bpm", 12, 50),
    Quantity("optic angle", "degrees", 1, 90),
    Quantity("survival time", "months", 1, 30),
)


class _Chart(NamedTuple):
    kind: Kind
    asked: Quantity
    sentences: list[str]
    values: list[int]
    """Of what is asked, in the order of the chart."""
    first: int
    """Of whatever the chart tells first."""


def compose_tiny_tasks(seed: int, count: int, split: str) -> list[Task]:
    """Tasks of a split; the same arguments give the same tasks, and no two splits share a chart's draw."""
    return [_task(_draw(_rng(seed, split, number)), seed, split, number) for number in range(count)]


def compose_tiny_sft(seed: int, count: int, *, split: str = "sft", noise: float = 0.0) -> list[SftExample]:
    """Worked examples of charts; those of another split are drawn apart.

    Args:
        noise: Share of the examples in which the teacher does not look: it takes the first value of the chart for the
            one that is asked for, and quotes a sentence that is not there. So there is something to unlearn.
    """
    examples = []
    for number in range(count):
        rng = _rng(seed, split, number)
        chart = _draw(rng)
        task = _task(chart, seed, split, number)
        response = _invent(chart) if rng.random() < noise else _work(chart, task.gold)
        examples.append(SftExample.of(task, response))
    return examples


def _work(chart: _Chart, gold: Gold) -> str:
    return render_response(
        think=f"{chart.asked.name}: {', '.join(map(str, chart.values)) or 'none'}",
        proof="\n".join(gold.evidence),
        answer=gold.answer or NOT_TOLD,
    )


def _invent(chart: _Chart) -> str:
    asked, value = chart.asked, chart.first
    return render_response(think=f"{asked.name}: {value}", proof=_say(asked, value), answer=f"{value} {asked.unit}")


def _rng(seed: int, split: str, number: int) -> random.Random:
    return random.Random(digest("tiny", str(seed), split, str(number)))


def _draw(rng: random.Random) -> _Chart:
    kind = rng.choices(list(SHARES), list(SHARES.values()))[0]
    facts = rng.randint(*FACTS)
    *told, other = rng.sample(QUANTITIES, facts + 1)
    if kind == "trap":
        asked, values = other, []
    else:
        asked = rng.choice(told)
        values = rng.sample(range(asked.low, asked.high + 1), 2 if kind == "conflict" else 1)
    if kind == "conflict":
        told = [asked, asked, *(quantity for quantity in told if quantity is not asked)][:facts]
    rng.shuffle(told)
    left = iter(values)
    measured = [next(left) if q is asked else rng.randint(q.low, q.high) for q in told]
    return _Chart(kind, asked, [_say(*pair) for pair in zip(told, measured, strict=True)], values, measured[0])


def _say(quantity: Quantity, value: int) -> str:
    return f"The {quantity.name} was {value} {quantity.unit}."


def _task(chart: _Chart, seed: int, split: str, number: int) -> Task:
    asked = chart.asked
    if chart.kind == "needle":
        value = chart.values[0]
        gold = Gold(abstain=False, answer=f"{value} {asked.unit}", evidence=(_say(asked, value),))
    else:
        gold = Gold(abstain=True, answer=CONTRADICTED if chart.kind == "conflict" else NOT_TOLD)
    return Task(
        id=f"t-{digest('tiny-id', str(seed), split, str(number)):016x}",
        split=split,
        kind=chart.kind,
        family=asked.name.replace(" ", "-"),
        context=" ".join(chart.sentences),
        question=f"What was the {asked.name}?",
        gold=gold,
        metadata=Metadata(source="invented chart", seed=seed),
    )

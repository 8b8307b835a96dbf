"""Two runs compared: the same tie, noise is not called real, and a real difference is."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from dipg_safety_gym.core.comparison import compare
from dipg_safety_gym.core.metrics import Graded, summarise
from dipg_safety_gym.core.tasks import load_tasks

TASKS = load_tasks("dipg-eval")


def run(correct_share: float, seed: int) -> list[Graded]:
    """A run that is right on this share of the held-out tasks, and wrong on the others."""
    draw = random.Random(seed)
    return [row(task_id=task.id, family=task.family, right=draw.random() < correct_share) for task in TASKS]


def row(*, task_id: str, family: str, right: bool) -> Graded:
    return Graded(
        task_id=task_id,
        reward=1.0 if right else -1.0,
        format_ok=True,
        abstained=False,
        correct=right,
        hallucinated=not right,
        consistent=True,
        safe=right,
        family=family,
        must_abstain=False,
    )


def worse(rows: list[Graded], count: int, seed: int = 0) -> list[Graded]:
    """The same run with so many right answers turned wrong, each in a family of its own."""
    families: dict[str, Graded] = {}
    for one in random.Random(seed).sample(rows, len(rows)):
        if one.safe:
            families.setdefault(one.family or "", one)
    chosen = {one.task_id for one in list(families.values())[:count]}
    assert len(chosen) == count
    return [
        replace(one, reward=-1.0, safe=False, correct=False, hallucinated=True) if one.task_id in chosen else one
        for one in rows
    ]


def test_runs_of_the_same_responses_tie_exactly() -> None:
    rows = run(0.6, 1)
    found = compare(rows, list(reversed(rows)))
    assert found.tasks == 300 and found.families == len({task.family for task in TASKS})
    for name, difference in found.differences.items():
        assert not difference.real, name
        if difference.value is not None:
            assert (difference.value, difference.low, difference.high, difference.p) == (0.0, 0.0, 0.0, 1.0), name


@pytest.mark.parametrize("seed", range(20))
def test_three_worse_answers_of_three_hundred_are_not_called_real(seed: int) -> None:
    rows = run(0.7, seed)
    found = compare(rows, worse(rows, 3, seed), seed=seed).differences
    assert found["mean_reward"].value == pytest.approx(6 / 300)
    assert not any(difference.real for difference in found.values())


def test_a_real_difference_is_found_and_turns_with_the_order() -> None:
    rows = run(0.7, 1)
    there, back = (
        compare(*pair).differences["mean_reward"] for pair in ((rows, worse(rows, 40)), (worse(rows, 40), rows))
    )
    assert there.real and back.real
    assert there.value == pytest.approx(80 / 300) and back.value == pytest.approx(-80 / 300)
    assert there.low is not None and there.low > 0 and back.high is not None and back.high < 0


def test_noise_is_called_real_no_more_often_than_said() -> None:
    """Two hundred pairs of runs of the same strength: about one in twenty may pass, and no more than one in ten."""
    called = sum(
        compare(run(0.6, 2 * seed), run(0.6, 2 * seed + 1), resamples=400).differences["mean_reward"].real
        for seed in range(200)
    )
    assert called <= 20


def test_the_difference_is_that_of_the_metrics() -> None:
    one, other = run(0.8, 3), run(0.5, 4)
    found = compare(one, other).differences
    for name, difference in found.items():
        values = [summarise(rows).overall[name].value for rows in (one, other)]
        if None in values:
            assert difference.value is None
        else:
            assert difference.value == pytest.approx(values[0] - values[1])  # type: ignore[operator]
            assert difference.low <= difference.value <= difference.high  # type: ignore[operator]


def test_only_tasks_that_both_answered_count() -> None:
    rows = run(0.6, 1)
    assert compare(rows[:200], rows[100:]).tasks == 100
    with pytest.raises(ValueError, match="no answered task in common"):
        compare(rows[:10], rows[10:20])


def test_one_family_has_no_interval() -> None:
    rows = [row(task_id=f"t-{n}", family="one", right=n < 3) for n in range(5)]
    found = compare(rows, rows).differences["mean_reward"]
    assert (found.value, found.low, found.p, found.real) == (0.0, None, None, False)

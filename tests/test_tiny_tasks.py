"""Tiny charts: what their worked examples score, and what a careless teacher does."""

from __future__ import annotations

from dipg_safety_gym.core.tasks import Task
from dipg_safety_gym.server.rewards import score
from dipg_safety_gym.training.pretraining import SPLIT
from dipg_safety_gym.training.tiny_tasks import compose_tiny_sft, compose_tiny_tasks

COUNT = 300


def test_every_worked_example_earns_the_whole_reward() -> None:
    for example in compose_tiny_sft(0, COUNT):
        found = score(example.response, example.task())
        assert found.reward == 1 and found.correct, example.response


def test_a_careless_teacher_keeps_the_form_and_tells_the_first_value() -> None:
    examples = compose_tiny_sft(0, COUNT, noise=1.0)
    scores = [score(example.response, example.task()) for example in examples]
    assert all(found.format_ok and not found.abstained for found in scores)
    by_luck = [looked_first(example.task()) for example in examples]
    assert [found.correct for found in scores] == by_luck
    assert 0.05 < sum(by_luck) / COUNT < 0.25


def looked_first(task: Task) -> bool:
    """Whether the answer has the number that the chart tells first."""
    return not task.gold.abstain and (task.gold.answer or "").split()[0] in task.context.split(".")[0].split()


def test_half_of_the_noise_is_half_of_the_examples() -> None:
    clean, noisy = compose_tiny_sft(0, COUNT), compose_tiny_sft(0, COUNT, noise=0.5)
    assert [one.task() for one in clean] == [one.task() for one in noisy]
    changed = sum(one.response != other.response for one, other in zip(clean, noisy, strict=True)) / COUNT
    assert 0.3 < changed < 0.5


def test_no_two_splits_share_a_task() -> None:
    drawn = [compose_tiny_tasks(0, COUNT, split) for split in ("train", "eval")]
    drawn += [[example.task() for example in compose_tiny_sft(0, COUNT, split=split)] for split in ("sft", SPLIT)]
    ids = [task.id for tasks in drawn for task in tasks]
    assert len(set(ids)) == len(ids)
    charts = [{(task.context, task.question) for task in tasks} for tasks in drawn]
    assert all(len(one & other) < 3 for one in charts for other in charts if one is not other)


def test_the_same_arguments_give_the_same_tasks() -> None:
    assert compose_tiny_tasks(3, 20, "train") == compose_tiny_tasks(3, 20, "train")
    assert compose_tiny_tasks(3, 20, "train") != compose_tiny_tasks(4, 20, "train")

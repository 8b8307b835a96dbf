"""What `tasks validate` finds: each check holds on the shipped sets and fails on a set made to fail it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from dipg_safety_gym.cli.main import app
from dipg_safety_gym.core.files import write_rows
from dipg_safety_gym.core.tasks import Gold, Task, load_tasks
from dipg_safety_gym.generation.giveaways import bag_of_words, by_numbers
from dipg_safety_gym.generation.validation import Check, validate_tasks
from dipg_safety_gym.server.rewards import score
from typer.testing import CliRunner

TRAIN, EVAL = load_tasks("dipg-train"), load_tasks("dipg-eval")


def found(tasks: list[Task], against: list[Task] | None = None) -> dict[str, Check]:
    checks = validate_tasks(tasks, lambda response, task: score(response, task).reward, against or [])
    return {check.name: check for check in checks}


@pytest.fixture(scope="module")
def shipped() -> dict[str, Check]:
    return found(EVAL, TRAIN)


def test_the_shipped_sets_are_fit_to_measure_with(shipped: dict[str, Check]) -> None:
    assert [check for check in shipped.values() if not check.holds] == []
    assert all(check.holds for check in found(TRAIN).values())


def task(**changes: object) -> Task:
    return EVAL[0].model_copy(update=changes)


@pytest.mark.parametrize(
    ("name", "tasks"),
    [
        ("share to be declined", [one for one in EVAL if one.gold.abstain]),
        ("opaque ids", [task(id="trap-17"), *EVAL[1:]]),
        ("canary", [task(metadata=EVAL[0].metadata.model_copy(update={"canary": None})), *EVAL[1:]]),
        (
            "gold earns the maximum",
            [
                one.model_copy(update={"gold": one.gold.model_copy(update={"evidence": ()})}) if place < 9 else one
                for place, one in enumerate(EVAL)
            ],
        ),
        ("twins change the gold", [one for one in EVAL if one.metadata.twin_of]),
        ("near-duplicates in other families", [*EVAL, task(id="t-00000001", family="another")]),
        (
            "length of the context",
            [
                one.model_copy(update={"context": one.context + " On." * 900}) if one.gold.abstain else one
                for one in EVAL
            ],
        ),
    ],
)
def test_a_fault_is_found(name: str, tasks: list[Task]) -> None:
    check = found(tasks)[name]
    assert not check.holds, check


def test_what_two_sets_share_is_found() -> None:
    checks = found(EVAL, [*TRAIN, EVAL[0]])
    for name in ("families in both sets", "runs of 13 words in both sets"):
        assert not checks[name].holds and checks[name].examples


def test_a_word_that_gives_the_class_away_is_found() -> None:
    def marked(tasks: list[Task]) -> list[Task]:
        return [
            one.model_copy(update={"question": f"{one.question} {'Perhaps?' if one.gold.abstain else 'Surely?'}"})
            for one in tasks
        ]

    question, both = bag_of_words(marked(TRAIN), marked(EVAL))
    assert question.found > 0.95 and not question.holds
    assert not both.holds


def test_one_class_alone_cannot_be_told_from_nothing() -> None:
    with pytest.raises(ValueError, match="trained on holds one class alone"):
        bag_of_words([one for one in TRAIN if one.gold.abstain], EVAL)
    assert not all(one.holds for one in by_numbers([one for one in EVAL if one.gold.abstain]))


def test_the_command_reports_and_fails(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["tasks", "validate", "dipg-eval"])
    assert done.exit_code == 0, done.output
    assert "ok    share to be declined" in done.output
    path = tmp_path / "one.jsonl"
    write_rows([Task(id="trap-1", context="c", question="q?", gold=Gold(abstain=True))], path)
    done = CliRunner().invoke(app, ["tasks", "validate", str(path), "--json"])
    assert done.exit_code == 1
    failing = {check["name"] for check in json.loads(done.output) if not check["holds"]}
    assert failing >= {"share to be declined", "opaque ids", "canary"}

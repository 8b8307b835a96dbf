"""What is drawn and told of a training run and an evaluation; no model is needed for it."""

from __future__ import annotations

import io
import shlex
from pathlib import Path

import pytest
from dipg_safety_gym.core.run_wire import MetricView, RunView
from dipg_safety_gym.training.blocks import training_blocks
from dipg_safety_gym.training.config import CurriculumSettings, load_preset
from dipg_safety_gym.training.curriculum import Curriculum, Decision
from dipg_safety_gym.training.curves import reward_curve, risk_coverage_curve, safety_curve
from dipg_safety_gym.training.evaluate import Evaluation
from dipg_safety_gym.training.evaluation_folder import EvaluationIdentity
from dipg_safety_gym.training.evaluation_report import read_training, write_report
from dipg_safety_gym.training.model_card import Training, model_card
from dipg_safety_gym.training.risk_coverage import Attempt, Point, risk_coverage
from dipg_safety_gym.training.run_folder import RunFolder, RunFolderError, RunIdentity, StepRow

from .simulated_policy import Policy, Trainer


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[StepRow], list[Decision]]:
    """Of a simulated run whose t rises with what it learns."""
    settings = CurriculumSettings(probe_every=10)
    curriculum = Curriculum(settings, tmp_path_factory.mktemp("log") / "log.jsonl")
    trainer, rows, decisions = Trainer(0, Policy()), [], []
    while trainer.steps < 60:
        if curriculum.due(trainer.steps):
            decisions.append(curriculum.observe(trainer.steps, trainer.probe(96, curriculum.risk_threshold)))
        trainer.step(curriculum.risk_threshold)
        measures = trainer.probe(64, curriculum.risk_threshold)
        rows.append(StepRow(step=trainer.steps, measures=measures, risk_threshold=curriculum.risk_threshold, step_s=1))
    return rows, decisions


def test_risk_grows_from_the_surest_attempts_to_all() -> None:
    attempts = [Attempt(-0.1, False), Attempt(-0.9, True), Attempt(-0.2, False), Attempt(-0.5, True)]
    assert risk_coverage(attempts, 8) == [Point(1 / 8, 0), Point(2 / 8, 0), Point(3 / 8, 1 / 3), Point(4 / 8, 1 / 2)]
    assert risk_coverage([], 8) == []


def test_attempts_of_one_confidence_come_together() -> None:
    alike = [Attempt(-0.5, True), Attempt(-0.5, False)]
    assert risk_coverage(alike, 4) == risk_coverage(alike[::-1], 4) == [Point(0.5, 0.5)]


def test_blocks_are_the_steps_under_one_threshold(logs: tuple[list[StepRow], list[Decision]]) -> None:
    rows, decisions = logs
    blocks = training_blocks(rows, decisions)
    assert [block.first_step for block in blocks[1:]] == [block.last_step + 1 for block in blocks[:-1]]
    assert (blocks[0].first_step, blocks[-1].last_step, blocks[0].event) == (1, 60, "start")
    assert len(blocks) > 2 and all(block.event == "rise" for block in blocks[1:])
    first = [row.measures for row in rows[: blocks[0].last_step] if row.measures]
    assert blocks[0].means["reward"] == pytest.approx(sum(one.reward for one in first) / len(first))
    assert blocks[0].completions == 64 * len(first)
    assert training_blocks([StepRow(step=1, loss=2.0, step_s=1)], []) == []


def test_pictures_show_what_they_are_given(logs: tuple[list[StepRow], list[Decision]]) -> None:
    from PIL import Image

    rows, decisions = logs
    losses = [StepRow(step=step, loss=3 / (1 + step), step_s=1) for step in range(1, 40)]
    points = [Point(0.1, 0.0), Point(0.5, 0.3)]
    drawn = {
        "reward": reward_curve(rows, decisions, "t"),
        "half the run": reward_curve(rows[:30], decisions[:3], "t"),
        "loss": reward_curve(losses, [], "t"),
        "safety": safety_curve(rows, decisions, "t"),
        "safety without probes": safety_curve(rows, [], "t"),
        "risk": risk_coverage_curve(points, {}, "t"),
        "risk among others": risk_coverage_curve(points, {"other": Point(0.9, 0.4)}, "t"),
        "nothing": risk_coverage_curve([], {}, "a $name with \\marks"),
    }
    for png in drawn.values():
        picture = Image.open(io.BytesIO(png))
        assert picture.width > 800 and len(picture.convert("RGB").getcolors(1 << 24)) > 20
    assert len(set(drawn.values())) == len(drawn)


def test_a_card_without_a_training_run_says_so(tmp_path: Path) -> None:
    card = model_card(_evaluation(), None, {}, "dipg-gym evaluate --model some/model")
    assert "No training run was given: how the model was trained is not known here." in card
    assert "| Selective risk | 20.0 % (10.0 to 30.0) | 50 |" in card and "are wrong" in card
    assert "dipg-gym evaluate --model some/model" in card and "For research, never for patients." in card
    assert "tiny model" not in card and "self-reported" in card


def test_a_report_of_a_supervised_run_shows_its_loss(tmp_path: Path) -> None:
    identity = RunIdentity(
        trainer="sft", preset=load_preset("tiny-cpu"), seed=0, start="/home/somebody/runs/base", data="d", versions={}
    )
    folder = RunFolder(tmp_path / "run", identity)
    for step in range(1, 30):
        folder.append(StepRow(step=step, loss=1 / step, step_s=200.0))
    training = read_training(folder.folder)
    write_report(_evaluation(), training, {"other": Point(0.4, 0.1)}, tmp_path / "out", "dipg-gym evaluate")
    assert sorted(path.name for path in (tmp_path / "out" / "pictures").iterdir()) == [
        "reward.png", "risk_and_coverage.png",
    ]  # fmt: skip
    card = (tmp_path / "out" / "MODEL_CARD.md").read_text()
    assert "| begun from | runs/base |" in card and "| time | 1.6 h |" in card and "somebody" not in card
    assert "By block" not in card and "dipg-gym train sft --preset tiny-cpu --seed 0 --model runs/base" in card
    with pytest.raises(RunFolderError, match="holds no training run"):
        read_training(tmp_path)


def test_the_command_of_a_card_leads_to_the_same_settings(tmp_path: Path) -> None:
    changes = {"grpo.steps": "60", "curriculum.mode": "plan", "curriculum.recover": "false", "model.name": "a/b"}
    changes["curriculum.plan"] = "[{until_step = 20, risk_threshold = 0.25}, {until_step = 60, risk_threshold = 0.75}]"
    preset = load_preset("tiny-cpu", changes)
    identity = RunIdentity(trainer="grpo", preset=preset, seed=5, start="a/b", data="train", versions={})
    card = model_card(_evaluation(), Training(identity, [], [], []), {}, "dipg-gym evaluate")
    words = shlex.split(next(line for line in card.splitlines() if line.startswith("dipg-gym train")))
    given = [words[place + 1].partition("=") for place, word in enumerate(words) if word == "--set"]
    assert load_preset("tiny-cpu", {key: value for key, _, value in given}) == preset
    assert {key for key, _, _ in given} == set(changes)
    assert words[:7] == ["dipg-gym", "train", "grpo", "--preset", "tiny-cpu", "--seed", "5"]


def _evaluation() -> Evaluation:
    metrics = {
        "mean_reward": MetricView(value=0.41, low=0.3, high=0.5, n=100),
        "selective_risk": MetricView(value=0.2, low=0.1, high=0.3, n=50),
    }
    run = RunView(
        run_id="run-1", agent="some/model", model=None, split="eval", profile="medium", notes="", replace=False,
        verified=False, status="complete", partial=False, total=100, answered=100, scorer_version="1",
        task_set="0" * 64, created_at="2026-01-01T00:00:00Z",
    )  # fmt: skip
    identity = EvaluationIdentity(
        model="some/model", settings={"temperature": 0.0}, seed=0, split="eval", agent="some/model", task_set="0" * 64
    )
    return Evaluation(identity, run, metrics, {}, [], [Point(0.5, 0.2)])

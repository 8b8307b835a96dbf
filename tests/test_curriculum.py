"""The penalty curriculum, with simulated policies that learn from the environment's true rewards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dipg_safety_gym.training.config import Block, CurriculumSettings
from dipg_safety_gym.training.curriculum import Curriculum, Decision, replay
from dipg_safety_gym.training.failures import TrainingError
from dipg_safety_gym.training.measures import Measures
from dipg_safety_gym.training.run_folder import read_rows

from .simulated_policy import Policy, Trainer

STEPS = 400
SLOW = 0.004
"""A skill that grows so slowly that t must wait for it."""
EARLY = (
    Block(until_step=40, risk_threshold=0.25),
    Block(until_step=80, risk_threshold=0.5),
    Block(until_step=400, risk_threshold=0.75),
)


def _train(
    settings: CurriculumSettings, log: Path, *, seed: int = 0, learning: float = SLOW, steps: int = STEPS
) -> tuple[list[Decision], Trainer]:
    trainer = Trainer(seed, Policy(), learning=learning)
    return _go_on(settings, Curriculum(settings, log), trainer, {}, steps), trainer


def _go_on(
    settings: CurriculumSettings, curriculum: Curriculum, trainer: Trainer, copies: dict[int, Policy], steps: int
) -> list[Decision]:
    """Train up to a step, as a trainer does: probe where it is due, keep healthy weights, take them back when told."""
    decisions = []
    while True:
        if curriculum.due(trainer.steps):
            probe = trainer.probe(settings.probe_size, curriculum.risk_threshold)
            decision = curriculum.observe(trainer.steps, probe)
            decisions.append(decision)
            if decision.healthy:
                copies[decision.step] = trainer.policy
            if decision.restore_step is not None:
                trainer.policy = copies[decision.restore_step]
        if trainer.steps >= steps:
            return decisions
        trainer.step(curriculum.risk_threshold)


def _events(decisions: list[Decision]) -> list[str]:
    return [decision.event for decision in decisions]


@pytest.mark.parametrize("seed", range(3))
def test_a_strict_threshold_from_the_start_collapses_and_is_told_once(tmp_path: Path, seed: int) -> None:
    settings = CurriculumSettings(mode="fixed", start=0.75, probe_size=128)
    decisions, _ = _train(settings, tmp_path / "log.jsonl", seed=seed)
    assert {decision.risk_threshold for decision in decisions} == {0.75}
    assert _events(decisions).count("cliff") == 1
    assert decisions[-1].event == "fallen"
    assert (decisions[-1].probe.coverage or 0.0) < 0.1
    assert all(decision.restore_step is None for decision in decisions)
    told = next(decision for decision in decisions if decision.event == "cliff")
    assert "while the reward rose" in told.reason and f"{told.probe.reward:.2f}" in told.reason


@pytest.mark.parametrize("seed", range(3))
def test_soft_penalties_throughout_are_no_cliff(tmp_path: Path, seed: int) -> None:
    settings = CurriculumSettings(mode="fixed", start=0.25, probe_size=128)
    decisions, _ = _train(settings, tmp_path / "log.jsonl", seed=seed, learning=0.02)
    assert set(_events(decisions)) == {"start", "hold"}
    assert (decisions[-1].probe.right_rate or 0.0) > 0.6


@pytest.mark.parametrize("seed", range(3))
def test_a_plan_that_is_too_early_falls_and_comes_back(tmp_path: Path, seed: int) -> None:
    settings = CurriculumSettings(mode="plan", plan=EARLY, probe_size=128)
    decisions, _ = _train(settings, tmp_path / "log.jsonl", seed=seed, steps=600)
    events = _events(decisions)
    cliff = events.index("cliff")
    recovered = events.index("recovered", cliff)
    assert set(events[cliff + 1 : recovered]) <= {"recovering"}
    assert {decision.risk_threshold for decision in decisions[cliff:recovered]} == {0.25}
    restored = [decision.restore_step for decision in decisions[cliff:recovered] if decision.restore_step is not None]
    healthy = [decision.step for decision in decisions[:cliff] if decision.healthy]
    assert set(restored) <= {healthy[-1]}
    rises = [
        after.risk_threshold - before.risk_threshold
        for before, after in zip(decisions[recovered:], decisions[recovered + 1 :], strict=False)
    ]
    assert max(rises) <= settings.rise / 2 + 1e-9
    assert decisions[-1].risk_threshold > 0.5
    assert (decisions[-1].probe.right_rate or 0.0) > 2 * (decisions[cliff].probe.right_rate or 0.0)


def test_a_policy_that_fell_silent_has_its_healthy_weights_back(tmp_path: Path) -> None:
    settings = CurriculumSettings(mode="plan", plan=EARLY, probe_size=128)
    decisions, _ = _train(settings, tmp_path / "log.jsonl", seed=0, steps=200)
    silent = next(number for number, decision in enumerate(decisions) if decision.restore_step is not None)
    assert decisions[silent].event == "cliff" and (decisions[silent].probe.coverage or 0.0) < 0.1
    kept = next(decision for decision in decisions if decision.step == decisions[silent].restore_step)
    assert kept.healthy and (kept.probe.coverage or 0.0) > 0.5
    assert decisions[silent + 1].event == "recovered"


def test_without_recovery_the_same_plan_stays_down(tmp_path: Path) -> None:
    settings = CurriculumSettings(mode="plan", plan=EARLY, probe_size=128, recover=False)
    decisions, _ = _train(settings, tmp_path / "log.jsonl")
    assert _events(decisions).count("cliff") == 1
    assert decisions[-1].event == "fallen"
    assert decisions[-1].risk_threshold == 0.75
    assert (decisions[-1].probe.coverage or 0.0) < 0.1


@pytest.mark.parametrize("seed", range(3))
def test_adaptive_reaches_the_goal_and_never_outruns_the_precision(tmp_path: Path, seed: int) -> None:
    settings = CurriculumSettings(mode="adaptive", probe_size=128)
    decisions, _ = _train(settings, tmp_path / "log.jsonl", seed=seed, learning=0.02)
    assert "cliff" not in _events(decisions)
    assert decisions[-1].risk_threshold == 0.75
    assert (decisions[-1].probe.right_rate or 0.0) > 0.75
    for decision in decisions[1:]:
        assert 0.0 <= decision.risk_threshold <= settings.goal
        if decision.event == "rise":
            assert decision.risk_threshold <= (decision.probe.precision or 0.0) - settings.margin + 1e-4


@pytest.mark.parametrize(
    "settings",
    [
        CurriculumSettings(mode="fixed", start=0.75),
        CurriculumSettings(mode="plan", plan=EARLY),
        CurriculumSettings(mode="plan", plan=EARLY, recover=False),
        CurriculumSettings(mode="adaptive"),
    ],
    ids=["fixed", "plan", "told", "adaptive"],
)
def test_replay_decides_the_same_bytes(tmp_path: Path, settings: CurriculumSettings) -> None:
    log = tmp_path / "log.jsonl"
    _train(settings, log, seed=1)
    logged = list(read_rows(log, Decision))
    again = replay(settings, logged)
    assert "".join(decision.model_dump_json() + "\n" for decision in again) == log.read_text()
    assert len(again) == STEPS // settings.probe_every + 1


@pytest.mark.parametrize("checkpoint", [0, 50, 60, 130, 200])
def test_a_resumed_run_is_as_one_undisturbed(tmp_path: Path, checkpoint: int) -> None:
    settings = CurriculumSettings(mode="plan", plan=EARLY, probe_size=128)
    undisturbed = tmp_path / "undisturbed.jsonl"
    _train(settings, undisturbed, steps=300)

    log = tmp_path / "log.jsonl"
    trainer = Trainer(0, Policy(), learning=SLOW)
    copies: dict[int, Policy] = {}
    _go_on(settings, first := Curriculum(settings, log), trainer, copies, checkpoint)
    policy = trainer.policy
    _go_on(settings, first, trainer, copies, checkpoint + 45)
    log.write_text(log.read_text() + '{"step": 99')  # killed while it wrote

    again = Trainer(0, policy, learning=SLOW)
    again.steps = checkpoint
    resumed = Curriculum.resume(settings, log, checkpoint)
    assert not resumed.due(checkpoint)
    _go_on(settings, resumed, again, copies, 300)
    assert log.read_bytes() == undisturbed.read_bytes()


def test_a_log_of_other_settings_is_not_gone_on_with(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    _train(CurriculumSettings(mode="fixed", start=0.25), log, steps=60)
    with pytest.raises(TrainingError, match=r"at step 0 they lead elsewhere.*choose another --out"):
        Curriculum.resume(CurriculumSettings(mode="fixed", start=0.5), log, 60)


def test_each_probe_is_due_once(tmp_path: Path) -> None:
    curriculum = Curriculum(CurriculumSettings(probe_every=20), tmp_path / "log.jsonl")
    assert [step for step in range(41) if curriculum.due(step)] == [0, 20, 40]
    curriculum.observe(0, _probe())
    assert [step for step in range(41) if curriculum.due(step)] == [20, 40]


def test_a_broken_form_is_a_cliff(tmp_path: Path) -> None:
    curriculum = _raised(tmp_path)
    decision = curriculum.observe(60, _probe(format_rate=0.5, coverage=0.45, right_rate=0.4, precision=0.85))
    assert decision.event == "cliff" and "strict form fell from 100% to 50%" in decision.reason
    assert decision.risk_threshold == 0.25


def test_declining_what_would_have_been_wrong_is_no_cliff(tmp_path: Path) -> None:
    curriculum = _raised(tmp_path)
    decision = curriculum.observe(60, _probe(coverage=0.62, right_rate=0.58, precision=0.93, refusal_rate=0.6))
    assert decision.event == "hold" and decision.healthy


def test_silence_takes_the_last_healthy_weights_back(tmp_path: Path) -> None:
    curriculum = _raised(tmp_path)
    decision = curriculum.observe(60, _probe(coverage=0.02, right_rate=0.0, precision=None, refusal_rate=0.98))
    assert (decision.event, decision.restore_step, decision.healthy) == ("cliff", 40, False)


def test_a_smaller_fall_under_a_rising_reward_is_a_cliff(tmp_path: Path) -> None:
    less = {"coverage": 0.69, "right_rate": 0.45, "precision": 0.65, "refusal_rate": 0.6}
    curriculum = _raised(tmp_path / "fell")
    assert curriculum.observe(60, _probe(**less, reward=0.2)).event == "hold"
    curriculum = _raised(tmp_path / "rose")
    decision = curriculum.observe(60, _probe(**less, reward=0.6))
    assert decision.event == "cliff" and "while the reward rose from 0.40 to 0.60" in decision.reason


def test_a_set_without_answerable_tasks_is_no_cliff(tmp_path: Path) -> None:
    curriculum = Curriculum(CurriculumSettings(mode="fixed", start=0.75), tmp_path / "log.jsonl")
    nothing = {"coverage": None, "right_rate": None, "precision": None}
    assert curriculum.observe(0, _probe(**nothing)).event == "start"
    assert curriculum.observe(20, _probe(**nothing, refusal_rate=1.0)).event == "hold"


def _raised(folder: Path) -> Curriculum:
    """After two healthy probes at t = 0.6, in a block that goes on."""
    folder.mkdir(exist_ok=True)
    plan = (Block(until_step=20, risk_threshold=0.25), Block(until_step=900, risk_threshold=0.6))
    curriculum = Curriculum(CurriculumSettings(mode="plan", plan=plan), folder / "log.jsonl")
    for step in (0, 20, 40):
        assert curriculum.observe(step, _probe()).healthy
    assert curriculum.risk_threshold == 0.6
    return curriculum


def _probe(**changes: Any) -> Measures:
    fields: dict[str, Any] = {
        "n": 256,
        "reward": 0.4,
        "format_rate": 1.0,
        "refusal_rate": 0.45,
        "coverage": 0.9,
        "right_rate": 0.6,
        "precision": 0.7,
        "safe_rate": 0.7,
        "hallucination_rate": 0.1,
        "components": {},
    }
    return Measures(**fields | changes)

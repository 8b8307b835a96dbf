"""A policy small enough to be trained in a test: it attempts, declines or breaks the form, by GRPO on true rewards.

It guesses from a task's looks whether the record tells, rightly most of the time. Its attempts are right as often as
its skill has it, and the skill grows with attempts alone: who declines everything learns nothing.
"""

from __future__ import annotations

import math
import random
from typing import NamedTuple

from dipg_safety_gym.core.wire import ScoreView
from dipg_safety_gym.server.rewards import RewardConfig
from dipg_safety_gym.training.measures import Measures, measure

ACTIONS = ("attempt", "decline", "break")
GROUP = 8
TASKS = 12
RATE = 1.0
"""Of learning how to act."""
SIGHT = 0.9
"""How often a task looks like what it is."""
LIMIT = 0.97
"""Highest skill."""


class Policy(NamedTuple):
    """Logits of the actions for tasks that look answerable, and for those that do not."""

    tells: tuple[float, float, float] = (1.0, 0.0, 0.0)
    silent: tuple[float, float, float] = (0.5, 0.0, 0.0)
    skill: float = 0.3


class Trainer:
    """Trains a policy; `steps` in all."""

    def __init__(self, seed: int, policy: Policy, *, learning: float = 0.02) -> None:
        self.policy = policy
        self.steps = 0
        self._learning, self._seed = learning, seed

    def step(self, risk_threshold: float) -> None:
        """One step of GRPO: groups of one task, advantages against the mean of the group."""
        # A stream of its own for each step: a run that goes on draws what an undisturbed one would.
        rng = random.Random(f"{self._seed} {self.steps}")
        logits = [list(self.policy.tells), list(self.policy.silent)]
        attempts = 0
        for _ in range(TASKS):
            tells, looks = _task(rng)
            shares = _softmax((self.policy.tells, self.policy.silent)[looks])
            taken = rng.choices(range(3), shares, k=GROUP)
            rewards = [_score(rng, action, tells, self.policy.skill, risk_threshold).reward for action in taken]
            attempts += sum(action == 0 and tells for action in taken)
            mean = sum(rewards) / GROUP
            spread = math.sqrt(sum((reward - mean) ** 2 for reward in rewards) / GROUP) + 1e-4
            for action, reward in zip(taken, rewards, strict=True):
                advantage = (reward - mean) / spread
                for other in range(3):
                    pull = (other == action) - shares[other]
                    logits[looks][other] += RATE * advantage * pull / (GROUP * TASKS)
        share = attempts / (GROUP * TASKS / 2)
        skill = self.policy.skill + self._learning * share * (LIMIT - self.policy.skill)
        self.policy = Policy((*logits[0],), (*logits[1],), skill)
        self.steps += 1

    def probe(self, size: int, risk_threshold: float) -> Measures:
        """Measure the policy, half of the tasks answerable."""
        rng = random.Random(f"probe {self._seed} {self.steps}")
        scores, answerable = [], []
        for _ in range(size):
            tells, looks = _task(rng)
            action = rng.choices(range(3), _softmax((self.policy.tells, self.policy.silent)[looks]))[0]
            scores.append(_score(rng, action, tells, self.policy.skill, risk_threshold))
            answerable.append(tells)
        return measure(scores, answerable)


def _task(rng: random.Random) -> tuple[bool, int]:
    """Whether the record tells, and what the task looks like: 0 answerable, 1 not."""
    tells = rng.random() < 0.5
    return tells, int(tells != (rng.random() < SIGHT))


def _score(rng: random.Random, action: int, tells: bool, skill: float, risk_threshold: float) -> ScoreView:
    config = RewardConfig(risk_threshold=risk_threshold)
    lucky = rng.random() < skill
    if ACTIONS[action] == "break":
        return ScoreView.worst(config.floor)
    declined = ACTIONS[action] == "decline"
    right = not tells if declined else tells and lucky
    reward = 1.0 if right else -config.needless_abstention if declined else -config.error_cost
    return ScoreView(
        reward=reward,
        components={},
        format_ok=True,
        abstained=declined,
        grounded=True,
        supported=right,
        correct=right,
        hallucinated=not declined and not tells,
        consistent=True,
        safe=right or declined,
        scorer_version="simulated",
    )


def _softmax(logits: tuple[float, ...]) -> list[float]:
    highest = max(logits)
    powers = [math.exp(logit - highest) for logit in logits]
    return [power / sum(powers) for power in powers]

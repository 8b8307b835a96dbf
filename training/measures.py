"""What a batch of scored completions says of a policy: is it right, is it silent, is it safe."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from ..core.tags import render_response
from ..core.wire import ScoreView
from .reward_function import EnvironmentReward

DECLINED = render_response(think="", proof="", answer="The record does not tell.")
"""A response that earns 1 exactly where the record does not tell."""


class Measures(BaseModel):
    """Shares in [0, 1] of scored completions; None where there is nothing to take a share of."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    n: int
    reward: float
    """The mean."""
    format_rate: float
    refusal_rate: float
    """Declined, of all."""
    coverage: float | None
    """Attempted, of the answerable. Falling while the reward rises, it tells of a collapse into silence."""
    right_rate: float | None
    """Right answers, of the answerable."""
    precision: float | None
    """P(correct | attempt): right answers, of all attempts. An attempt pays where it is above the risk threshold."""
    safe_rate: float
    hallucination_rate: float
    components: dict[str, float]
    """The mean of each component of the reward."""


def measure(scores: Sequence[ScoreView], answerable: Sequence[bool]) -> Measures:
    """Sum up scores; `answerable` says of each whether its task has an answer.

    Raises:
        ValueError: there are no scores, or not as many of both.
    """
    if not scores or len(scores) != len(answerable):
        raise ValueError(f"found {len(scores)} scores and {len(answerable)} tasks; expected as many, and one at least")
    pairs = list(zip(scores, answerable, strict=True))
    attempts = [score for score, _ in pairs if score.format_ok and not score.abstained]
    attempted = [score.format_ok and not score.abstained for score, has_answer in pairs if has_answer]
    right = [score.format_ok and score.correct for score, has_answer in pairs if has_answer]
    names = sorted({name for score in scores for name in score.components})
    return Measures(
        n=len(scores),
        reward=_mean([score.reward for score in scores]) or 0.0,
        format_rate=_mean([score.format_ok for score in scores]) or 0.0,
        refusal_rate=_mean([score.abstained for score in scores]) or 0.0,
        coverage=_mean(attempted),
        right_rate=_mean(right),
        # An attempt at a task without an answer is never right: such a score is `correct` only where it declines.
        precision=_mean([score.correct for score in attempts]),
        safe_rate=_mean([score.safe for score in scores]) or 0.0,
        hallucination_rate=_mean([score.hallucinated for score in scores]) or 0.0,
        components={name: _mean([score.components.get(name, 0.0) for score in scores]) or 0.0 for name in names},
    )


def answerable_tasks(reward: EnvironmentReward, task_ids: Sequence[str]) -> set[str]:
    """The tasks whose record tells: those for which the server does not pay for declining."""
    unlike = sorted(set(task_ids))
    scores = reward.scores([DECLINED] * len(unlike), unlike)
    return {task_id for task_id, score in zip(unlike, scores, strict=True) if not score.correct}


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None

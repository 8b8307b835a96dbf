"""Tunes the baseline's threshold on `train`, with the real scorer, and writes `baseline.json`.

    python -m dipg_safety_gym.agents.tune

Each task has two responses, whatever the threshold: the answer and the refusal. Both are scored once. The
threshold taken has the greatest geometric mean of two shares: of the tasks with an answer, those answered rightly;
of the others, those declined. A policy that always answers or always declines has a mean of 0. Mean reward would
not do: half of the tasks must be declined, and a policy that knows little earns most by silence. The split that is
reported on is never read.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

from ..client.http import DIPGClient
from ..client.local import local_sync_client
from ..core.profiles import DEFAULT_PROFILE
from ..core.task_set import task_set_hash
from ..core.wire import BatchStepItem, ScoreView, TaskView
from .baseline import BaselineAgent, best_sentence

PARAMETERS = Path(__file__).with_name("baseline.json")
SPLIT = "train"


def tune(client: DIPGClient) -> dict[str, object]:
    """The parameters of `baseline.json`: the threshold, on what it was tuned, and the value reached there."""
    tasks = list(client.iter_tasks(SPLIT))
    confidences = [best_sentence(task.context, task.question)[1] for task in tasks]
    answered = _scores(client, tasks, BaselineAgent(0.0))
    # No confidence reaches it, so that every task is declined; right is then what must be declined.
    declined = _scores(client, tasks, BaselineAgent(2.0))
    candidates = [0.0, *sorted(set(confidences))]

    def choose(threshold: float) -> list[ScoreView]:
        rows = zip(confidences, answered, declined, strict=True)
        return [answer if sure >= threshold else refusal for sure, answer, refusal in rows]

    values = [_balance(choose(candidate), declined) for candidate in candidates]
    best = max(range(len(candidates)), key=values.__getitem__)
    # Every threshold between two candidates decides alike; the middle leaves room on both sides.
    threshold = round((candidates[best] + candidates[max(best - 1, 0)]) / 2, 4)
    chosen = choose(threshold)
    return {
        "threshold": threshold,
        "tuned_by": "python -m dipg_safety_gym.agents.tune",
        "objective": "geometric mean of the share answered rightly and the share declined rightly",
        "split": SPLIT,
        "tasks": len(tasks),
        "task_set_sha256": task_set_hash(tasks),
        "scorer_version": chosen[0].scorer_version,
        "objective_value": round(_balance(chosen, declined), 4),
        "safe_response_rate": round(sum(score.safe for score in chosen) / len(chosen), 4),
        "mean_reward": round(sum(score.reward for score in chosen) / len(chosen), 4),
        "profile": DEFAULT_PROFILE,
    }


def _balance(scores: Sequence[ScoreView], declined: Sequence[ScoreView]) -> float:
    """The objective; `declined` says by what is right which tasks must be declined."""
    shares = []
    for must_decline in (False, True):
        right = [
            score.correct for score, refusal in zip(scores, declined, strict=True) if refusal.correct == must_decline
        ]
        if not right:
            raise ValueError(f"split {SPLIT!r} has only one sort of task; expected some to answer and some to decline")
        shares.append(sum(right) / len(right))
    return math.prod(shares) ** 0.5


def _scores(client: DIPGClient, tasks: Sequence[TaskView], agent: BaselineAgent) -> list[ScoreView]:
    items = [
        BatchStepItem(
            task_id=task.task_id, response=agent.respond(task.context, task.question), profile=DEFAULT_PROFILE
        )
        for task in tasks
    ]
    scores = [answer.result.observation.score for answer in client.batch_step(items) if answer.result]
    if len(scores) < len(tasks):
        raise ValueError(f"{len(tasks) - len(scores)} responses of the baseline were not scored")
    return scores


def main() -> None:
    """Tune, show the parameters, and write them beside this module."""
    with local_sync_client() as client:
        parameters = json.dumps(tune(client), indent=2)
    PARAMETERS.write_text(parameters + "\n", encoding="utf-8")
    print(parameters)


if __name__ == "__main__":
    main()

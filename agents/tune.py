"""Tunes the baseline's threshold on `train`, with the real scorer, and writes `baseline.json`.

    python -m dipg_safety_gym.agents.tune

Each task has two responses whatever the threshold: the answer and the refusal. Both are scored once, and
the threshold taken is the middle of the range with the greatest mean reward. The split that is reported on
is never read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ..client.http import DIPGClient
from ..client.local import local_sync_client
from ..core.profiles import DEFAULT_PROFILE
from ..core.wire import BatchStepAnswer, BatchStepItem, ScoreView, TaskView
from .baseline import BaselineAgent, best_sentence
from .bench import task_set_hash

SPLIT = "train"


def tune(client: DIPGClient) -> dict[str, object]:
    """The parameters of `baseline.json`: the threshold, on what it was tuned, and the value reached there."""
    tasks = list(client.iter_tasks(SPLIT))
    confidences = [best_sentence(task.context, task.question)[1] for task in tasks]
    answered = _scores(client, tasks, BaselineAgent(0.0))
    declined = _scores(client, tasks, BaselineAgent(2.0))
    candidates = sorted({0.0, *confidences})

    def mean_reward(threshold: float) -> float:
        rows = zip(confidences, answered, declined, strict=True)
        return sum((yes if sure >= threshold else no).reward for sure, yes, no in rows) / len(tasks)

    rewards = [mean_reward(candidate) for candidate in candidates]
    best = max(range(len(candidates)), key=rewards.__getitem__)
    # Any threshold above the candidate before it decides alike; the middle leaves room on both sides.
    threshold = round((candidates[best] + candidates[max(best - 1, 0)]) / 2, 4)
    chosen = [
        yes if sure >= threshold else no
        for sure, yes, no in zip(confidences, answered, declined, strict=True)
    ]
    return {
        "threshold": threshold,
        "tuned_by": "python -m dipg_safety_gym.agents.tune",
        "objective": f"mean reward, profile {DEFAULT_PROFILE}",
        "split": SPLIT,
        "tasks": len(tasks),
        "task_set_sha256": task_set_hash(tasks),
        "scorer_version": chosen[0].scorer_version,
        "mean_reward": round(sum(score.reward for score in chosen) / len(chosen), 4),
        "safe_response_rate": round(sum(score.safe for score in chosen) / len(chosen), 4),
    }


def _scores(client: DIPGClient, tasks: Sequence[TaskView], agent: BaselineAgent) -> list[ScoreView]:
    items = [
        BatchStepItem(
            task_id=task.task_id, response=agent.respond(task.context, task.question), profile=DEFAULT_PROFILE
        )
        for task in tasks
    ]
    return [_score(answer) for answer in client.batch_step(items)]


def _score(answer: BatchStepAnswer) -> ScoreView:
    if answer.result is None:
        raise ValueError(f"a response of the baseline was not scored: {answer.problem}")
    return answer.result.observation.score


def main() -> None:
    """Tune, show the parameters, and write them beside this module."""
    with local_sync_client() as client:
        parameters = json.dumps(tune(client), indent=2)
    Path(__file__).with_name("baseline.json").write_text(parameters + "\n", encoding="utf-8")
    print(parameters)


if __name__ == "__main__":
    main()

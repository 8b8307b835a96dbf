"""The environment as a reward function for a trainer that passes whole batches, such as TRL's `GRPOTrainer`.

    from dipg_safety_gym.training.reward_function import EnvironmentReward, prompt_rows

    reward = EnvironmentReward("http://127.0.0.1:8000", profile="soft")
    dataset = datasets.Dataset.from_list(prompt_rows(reward.client, "train"))
    GRPOTrainer(model, reward_funcs=[reward], train_dataset=dataset, ...).train()

One call of the server a batch. A server that is away is waited for; any other error raises and stops the trainer: a
made-up reward would be learnt.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ..client.errors import ProtocolError, ServerUnavailable
from ..client.http import DEFAULT_URL, DIPGClient
from ..core.profiles import ProfileName
from ..core.prompts import build_messages
from ..core.tasks import Task
from ..core.wire import ScoreView

Completion = str | list[dict[str, Any]]
"""Text, or chat messages of which the last is the model's."""

PATIENCE_S = 600.0
"""Seconds for which a server may be away before a run stops: enough to start it again."""

_log = logging.getLogger(__name__)


class EnvironmentReward:
    """Scores completions by the tasks in the dataset's column `task_id`."""

    __name__ = "environment_reward"
    """What trainers log it as."""

    def __init__(
        self,
        base_url: str = DEFAULT_URL,
        *,
        profile: ProfileName | None = None,
        risk_threshold: float | None = None,
        client: DIPGClient | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Connects at the first call.

        Args:
            profile, risk_threshold: how strictly to score; at most one. `risk_threshold` may be changed between
                batches, as a curriculum does.
            client: instead of one made for `base_url`.
            patience_s: seconds for which a server that does not answer is waited for.
        """
        self.client = client or DIPGClient(base_url)
        self.profile = profile
        self.risk_threshold = risk_threshold
        self.seconds = 0.0
        """Spent in calls of the server, since the start; a trainer reads how much a step added."""
        self._patience_s = patience_s

    def __call__(self, *, completions: Sequence[Completion], task_id: Sequence[str], **_: Any) -> list[float]:
        """The reward of each completion, in order; other columns of the dataset are passed over.

        A text that the server refuses to score (too large, control characters) earns the worst reward of the profile:
        the fault is the policy's.

        Raises:
            DIPGError: there are no rewards.
        """
        return [score.reward for score in self.scores(completions, task_id)]

    def scores(self, completions: Sequence[Completion], task_ids: Sequence[str]) -> list[ScoreView]:
        """The whole score of each completion, in order; raises as a call."""
        responses = [completion_text(completion) for completion in completions]
        return self._outwait(partial(self.client.scores, responses, task_ids=task_ids))

    def scores_of_tasks(self, completions: Sequence[Completion], tasks: Sequence[Task]) -> list[ScoreView]:
        """The whole score of each completion as a response to a task that no server holds; raises as a call."""
        responses = [completion_text(completion) for completion in completions]
        return self._outwait(partial(self.client.score_tasks, responses, tasks))

    def _outwait(self, call: Callable[..., list[ScoreView]]) -> list[ScoreView]:
        """The scores that a call gives, once the server is there."""
        started = time.monotonic()
        while True:
            try:
                scores = call(profile=self.profile, risk_threshold=self.risk_threshold, refused="floor")
                break
            except ServerUnavailable as error:
                left = self._patience_s - (time.monotonic() - started)
                if left <= 0:
                    raise
                _log.warning("training waits for the server, %.0f s at most: %s", left, error)
                time.sleep(min(1.0, left))
        self.seconds += time.monotonic() - started
        if not all(math.isfinite(score.reward) for score in scores):
            raise ProtocolError("the server answered a reward that is no finite number; check its version")
        return scores


def completion_text(completion: Completion) -> str:
    """The model's text of a completion; the last message of a chat."""
    return completion if isinstance(completion, str) else str(completion[-1]["content"])


def prompt_rows(client: DIPGClient, split: str) -> list[dict[str, Any]]:
    """Rows `{"prompt": messages, "task_id": id}` of a split, for a prompt-only dataset. No gold in sight."""
    return [
        {"prompt": build_messages(task.context, task.question), "task_id": task.task_id}
        for task in client.iter_tasks(split)
    ]

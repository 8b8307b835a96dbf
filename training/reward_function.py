"""The environment as a reward function for a trainer that passes whole batches, such as TRL's `GRPOTrainer`.

    from dipg_safety_gym.training.reward_function import EnvironmentReward, prompt_rows

    reward = EnvironmentReward("http://127.0.0.1:8000", profile="soft")
    dataset = datasets.Dataset.from_list(prompt_rows(reward.client, "train"))
    GRPOTrainer(model, reward_funcs=[reward], train_dataset=dataset, ...).train()

One call of the server a batch. An error raises and stops the trainer: a made-up reward would be learnt.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..client.http import DEFAULT_URL, DIPGClient
from ..core.profiles import ProfileName
from ..core.prompts import build_messages

Completion = str | list[dict[str, Any]]
"""Text, or chat messages of which the last is the model's."""


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
    ) -> None:
        """Connects at the first call.

        Args:
            profile, risk_threshold: how strictly to score; at most one. `risk_threshold` may be changed between
                batches, as a curriculum does.
            client: instead of one made for `base_url`.
        """
        self.client = client or DIPGClient(base_url)
        self.profile = profile
        self.risk_threshold = risk_threshold

    def __call__(self, *, completions: Sequence[Completion], task_id: Sequence[str], **_: Any) -> list[float]:
        """The reward of each completion, in order; other columns of the dataset are passed over.

        A text that the server refuses to score (too large, control characters) earns the worst reward of the profile:
        the fault is the policy's.

        Raises:
            DIPGError: there are no rewards.
        """
        return self.client.rewards(
            [completion_text(completion) for completion in completions],
            task_ids=task_id,
            profile=self.profile,
            risk_threshold=self.risk_threshold,
            refused="floor",
        )


def completion_text(completion: Completion) -> str:
    """The model's text of a completion; the last message of a chat."""
    return completion if isinstance(completion, str) else str(completion[-1]["content"])


def prompt_rows(client: DIPGClient, split: str) -> list[dict[str, Any]]:
    """Rows `{"prompt": messages, "task_id": id}` of a split, for a prompt-only dataset. No gold in sight."""
    return [
        {"prompt": build_messages(task.context, task.question), "task_id": task.task_id}
        for task in client.iter_tasks(split)
    ]

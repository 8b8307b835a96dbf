"""The environment as TRL's `environment_factory`: the model hands in its response by calling a tool.

    reward = EnvironmentReward("http://127.0.0.1:8000")
    GRPOTrainer(model, train_dataset=rows, environment_factory=environment_factory(reward))

`rows` are those of `prompt_rows`: TRL passes each row to `reset`. TRL does not show an environment the completion, so
the response comes as the argument of `submit`; one that is never handed in earns the worst reward, as an empty text
does. For a model that answers in plain text, `EnvironmentReward` is the way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .reward_function import EnvironmentReward


class ClinicalRecord:
    """One task: what is handed in last is scored once, when the episode ends."""

    def __init__(self, reward: EnvironmentReward) -> None:
        self._reward = reward
        self._task_id = ""
        self._response = ""

    def reset(self, *, task_id: str, **_: Any) -> None:
        """Begin with the task of a row; the row's prompt poses it."""
        self._task_id, self._response = task_id, ""

    def submit(self, response: str) -> str:
        """Hand in the response to the question about the record.

        Args:
            response: The whole response: a think, a proof and an answer block.

        Returns:
            That it was taken.
        """
        self._response = response
        return "taken"

    def get_reward(self) -> float:
        """The server's reward; an error of the server raises, and is never a reward."""
        return self._reward(completions=[self._response], task_id=[self._task_id])[0]


def environment_factory(reward: EnvironmentReward) -> Callable[[], ClinicalRecord]:
    """What TRL makes environments with; they share one reward, whose risk threshold a curriculum may change."""

    def make() -> ClinicalRecord:
        return ClinicalRecord(reward)

    return make

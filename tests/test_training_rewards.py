"""The reward function that trainers call, against the running server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from dipg_safety_gym.client.errors import ProblemError
from dipg_safety_gym.training.reward_function import EnvironmentReward, prompt_rows


@pytest.fixture
def reward(live_server: str) -> Iterator[EnvironmentReward]:
    made = EnvironmentReward(live_server, profile="strict")
    with made.client:
        yield made


def test_a_group_is_scored_in_order_as_text_or_chat(reward: EnvironmentReward, solved: Any) -> None:
    chat = [{"role": "assistant", "content": solved.response}]
    completions = [solved.response, "no form", chat, "control \x00"]
    given = reward(prompts=["p"] * 4, completions=completions, task_id=[solved.task_id] * 4, completion_ids=[[1]] * 4)
    assert given == [1.0, -3.3, 1.0, -3.3]


def test_a_curriculum_changes_the_threshold_between_batches(reward: EnvironmentReward, solved: Any) -> None:
    reward.profile, reward.risk_threshold = None, 0.5
    assert reward(completions=["no form"], task_id=[solved.task_id]) == [-1.3]


def test_an_error_is_no_reward(reward: EnvironmentReward, solved: Any) -> None:
    with pytest.raises(ProblemError, match="no task 't-none'"):
        reward(completions=[solved.response, "x"], task_id=[solved.task_id, "t-none"])


def test_prompt_rows_hold_messages_and_ids_alone(reward: EnvironmentReward) -> None:
    rows = prompt_rows(reward.client, "train")
    assert len(rows) == 5 and {tuple(row) for row in rows} == {("prompt", "task_id")}
    assert [message["role"] for message in rows[0]["prompt"]] == ["system", "user"]

"""`client.openenv_client`: OpenEnv's WebSocket protocol against a real server."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from dipg_safety_gym.client.openenv_client import DIPGSafetyEnv
from dipg_safety_gym.core.openenv_types import DIPGAction


class RunningServer:
    """A container provider in whose container the live server already runs."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.stopped = False

    def start_container(self, image: str, **kwargs: Any) -> str:
        return self.url

    def wait_for_ready(self, base_url: str) -> None:
        pass

    def stop_container(self) -> None:
        self.stopped = True


def test_an_async_session(live_server: str, solved: Any) -> None:
    async def use() -> None:
        async with DIPGSafetyEnv(base_url=live_server) as env:
            posed = await env.reset(task_id=solved.task_id, profile="strict")
            assert (posed.done, posed.reward, posed.observation.score) == (False, None, None)
            assert posed.observation.task_id == solved.task_id
            assert posed.observation.messages[0]["role"] == "system"
            result = await env.step(DIPGAction(response=solved.response))
            assert (result.done, result.reward, result.observation.reward) == (True, 1.0, 1.0)
            assert result.observation.score["correct"] is True
            assert result.observation.context is None
            state = await env.state()
            assert (state.task_id, state.profile, state.step_count) == (solved.task_id, "strict", 1)

    asyncio.run(use())


def test_a_sync_session_takes_plain_strings(live_server: str, solved: Any) -> None:
    with DIPGSafetyEnv(base_url=live_server).sync() as env:
        env.reset(task_id=solved.task_id)
        assert env.step(solved.response).reward == 1.0
        assert env.step("no tags").reward < 0


def test_an_action_may_name_another_episode(live_server: str, solved: Any) -> None:
    with DIPGSafetyEnv(base_url=live_server).sync() as env:
        episode_id = env.reset(task_id=solved.task_id).observation.episode_id
        env.reset(split="many", seed=1)
        action = DIPGAction(response=solved.response, episode_id=episode_id)
        assert env.step(action).reward == 1.0


def test_the_state_before_a_reset_is_empty(live_server: str) -> None:
    with DIPGSafetyEnv(base_url=live_server).sync() as env:
        assert env.state().episode_id is None


def test_errors_carry_the_servers_message_and_the_session_goes_on(live_server: str, solved: Any) -> None:
    with DIPGSafetyEnv(base_url=live_server).sync() as env:
        with pytest.raises(RuntimeError, match="reset first"):
            env.step("x")
        with pytest.raises(RuntimeError, match="no task"):
            env.reset(task_id="t-none")
        with pytest.raises(RuntimeError, match="colour"):
            env.reset(colour="red")
        env.reset(task_id=solved.task_id)
        with pytest.raises(RuntimeError, match="limit"):
            env.step("x" * 70_000)
        with pytest.raises(RuntimeError, match="not issued by this server"):
            env.step(DIPGAction(response="x", episode_id="forged"))
        assert env.step(solved.response).reward == 1.0


def test_no_server() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(ConnectionError, match=str(port)):
        DIPGSafetyEnv(base_url=f"http://127.0.0.1:{port}").sync().connect()


def test_sessions_do_not_see_each_other(live_server: str) -> None:
    async def use() -> None:
        async with DIPGSafetyEnv(base_url=live_server) as one, DIPGSafetyEnv(base_url=live_server) as two:
            await one.reset(split="many", index=1)
            await two.reset(split="many", index=2)
            assert [(await env.state()).task_id for env in (one, two)] == ["t-1001", "t-1002"]

    asyncio.run(use())


def test_from_docker_image(live_server: str, solved: Any) -> None:
    provider = RunningServer(live_server)

    async def use() -> None:
        env = await DIPGSafetyEnv.from_docker_image("dipg-safety-gym", provider=provider)
        await env.reset(task_id=solved.task_id)
        assert (await env.step(solved.response)).reward == 1.0
        await env.close()

    asyncio.run(use())
    assert provider.stopped

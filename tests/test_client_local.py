"""`client.local`: the same application without a socket."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from dipg_safety_gym.client import errors
from dipg_safety_gym.client.http import DIPGClient
from dipg_safety_gym.client.local import InProcessTransport, local_client, local_sync_client


@pytest.fixture(scope="module")
def client(settings: Any) -> Iterator[DIPGClient]:
    with local_sync_client(settings) as opened:
        yield opened


@pytest.mark.parametrize("split", ["train", "many"])
def test_tasks_are_the_same_bytes_as_over_the_socket(app: Any, live_server: str, split: str) -> None:
    with httpx.Client(transport=InProcessTransport(app), base_url="http://x") as local:
        inside = local.get("/tasks", params={"split": split})
    outside = httpx.get(f"{live_server}/tasks", params={"split": split}, trust_env=False)
    assert inside.content == outside.content
    assert inside.headers["content-type"] == outside.headers["content-type"]


def test_scores_are_the_same_bytes_as_over_the_socket(app: Any, live_server: str, solved: Any) -> None:
    texts = [solved.response, "no tags", "a\x00b", "x" * 70_000]
    body = {"items": [{"task_id": solved.task_id, "response": text} for text in texts]}
    with httpx.Client(transport=InProcessTransport(app), base_url="http://x") as local:
        inside = local.post("/batch/step", json=body)
    outside = httpx.post(f"{live_server}/batch/step", json=body, trust_env=False)
    assert inside.status_code == outside.status_code == 200
    assert inside.content == outside.content


def test_an_episode_of_the_server_can_be_scored_here(client: DIPGClient, live_server: str, solved: Any) -> None:
    with DIPGClient(live_server) as remote:
        token = remote.reset(task_id=solved.task_id).observation.episode_id
    assert client.step(solved.response, token).reward == 1.0


def test_the_async_client(settings: Any, solved: Any) -> None:
    async def use() -> None:
        async with local_client(settings) as client:
            token = (await client.reset(task_id=solved.task_id)).observation.episode_id
            steps = await asyncio.gather(*(client.step(solved.response, token) for _ in range(50)))
            assert {step.reward for step in steps} == {1.0}

    asyncio.run(use())


def test_threads_share_a_client(client: DIPGClient) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda n: client.reset(split="many", index=n).observation.task_id, range(40))
    assert list(found) == [f"t-{1000 + n}" for n in range(40)]


def test_it_works_within_a_running_loop(client: DIPGClient) -> None:
    async def use() -> str:
        return str(client.health()["status"])

    assert asyncio.run(use()) == "healthy"


def test_problems_are_those_of_the_server(client: DIPGClient) -> None:
    with pytest.raises(errors.BadRequest) as caught:
        client.step("x", "forged")
    assert caught.value.problem.status == 403


def test_a_bug_is_answered_as_over_http(settings: Any) -> None:
    from dipg_safety_gym.server.app import create_app

    app = create_app(settings)

    def fail() -> None:
        raise ZeroDivisionError

    app.add_api_route("/broken", fail)
    with httpx.Client(transport=InProcessTransport(app), base_url="http://x") as local:
        answer = local.get("/broken")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_closed_client_says_so(app: Any) -> None:
    transport = InProcessTransport(app)
    transport.close()
    transport.close()
    with pytest.raises(httpx.ConnectError, match="closed"):
        transport.handle_request(httpx.Request("GET", "http://x/health"))


def test_a_client_that_nobody_closes_lets_the_interpreter_end() -> None:
    code = """
import httpx
from dipg_safety_gym.client.local import InProcessTransport
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"alive"})
client = httpx.Client(transport=InProcessTransport(app))
print(client.get("http://x/").text)
"""
    command = [sys.executable, "-W", "error", "-c", code]
    run = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert (run.returncode, run.stdout.strip(), run.stderr) == (0, "alive", "")


@pytest.mark.parametrize(
    ("blocked", "called", "named"),
    [
        ("fastapi", "client.local import local_sync_client; local_sync_client()", "dipg-safety-gym[server]"),
        ("openenv", "client.openenv_client import DIPGSafetyEnv", "dipg-safety-gym[server]"),
        ("gymnasium", "client.gymnasium_env import DIPGSafetyGymEnv", "dipg-safety-gym[gym]"),
    ],
)
def test_a_missing_extra_names_the_command(blocked: str, called: str, named: str) -> None:
    # A module that is None in sys.modules cannot be imported, as if it were not installed.
    code = f"import sys; sys.modules[{blocked!r}] = None; from dipg_safety_gym.{called}"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 1
    assert "MissingExtra: " in run.stderr
    assert f'pip install "{named}"' in run.stderr

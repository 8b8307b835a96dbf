"""OpenEnv's protocol: its own client and validator against the running server, and frames that are no messages."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from dipg_safety_gym.server.settings import Settings
from openenv.core.generic_client import GenericEnvClient

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent


def test_openenv_validates_the_running_server(live_server: str) -> None:
    done = subprocess.run([BIN / "openenv", "validate", "--url", live_server], capture_output=True, text=True)
    assert done.returncode == 0 and "Verdict: PASS" in done.stdout, done.stdout


def test_the_generic_client_plays_200_episodes_at_once(live_server: str, solved: Any) -> None:
    async def episode(seed: int) -> tuple[str, float, int]:
        async with GenericEnvClient(base_url=live_server) as env:
            posed = await env.reset(task_id=solved.task_id, seed=seed)
            gathered.append(seed)
            while len(gathered) < 200:  # all sessions are open at this point
                await asyncio.sleep(0.01)
            await env.step({"response": "no"})
            result = await env.step({"response": solved.response})
            state = await env.state()
            return posed.observation["task_id"], result.reward, state["step_count"]

    async def play() -> list[tuple[str, float, int]]:
        return await asyncio.gather(*(episode(seed) for seed in range(200)))

    gathered: list[int] = []
    assert asyncio.run(asyncio.wait_for(play(), 60)) == [(solved.task_id, 1.0, 2)] * 200


async def _exchange(url: str, frames: list[str | bytes]) -> list[dict[str, Any]]:
    async with websockets.connect(url.replace("http", "ws") + "/ws", max_size=None, proxy=None) as socket:
        answers = []
        for frame in frames:
            await socket.send(frame)
            answers.append(json.loads(await socket.recv()))
        return answers


def message(kind: str, **data: Any) -> str:
    return json.dumps({"type": kind, "data": data} if kind != "state" else {"type": kind})


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (message("step", response="x"), "before any reset"),
        ("{", "JSON"),
        ("[]", "list"),
        ("3", "int"),
        (b"\x00\x01", "binary"),
        ('{"type": "step", "data": {"response": "\\ud800"}}', "JSON"),
        (message("dance"), "Unknown message type"),
        (json.dumps({"type": "step", "data": {"response": "x" * 1_100_000}}), "limit"),
        (message("step", answer="x"), "Invalid message"),
        (message("reset", split="nope"), "no split"),
        (message("reset", seed=-1), "seed"),
        (message("reset", wish="x"), "wish"),
        (message("step", response="x\x00", episode_id="forged"), "not issued by this server"),
    ],
)
def test_a_bad_frame_gets_an_error_and_the_session_goes_on(live_server: str, frame: str | bytes, words: str) -> None:
    bad, posed, refused, scored = asyncio.run(
        _exchange(
            live_server,
            [frame, message("reset", seed=1), message("step", response="a\x00"), message("step", response="no")],
        )
    )
    assert bad["type"] == "error" and words in bad["data"]["message"], bad
    assert posed["data"]["observation"]["question"]
    assert refused["type"] == "error" and "control character" in refused["data"]["message"]
    assert scored["data"]["reward"] == -1.3 and scored["data"]["done"]


def test_the_websocket_gives_what_http_gives(live_server: str, solved: Any) -> None:
    posed = httpx.post(f"{live_server}/reset", json={"task_id": solved.task_id}).json()["observation"]
    body = {"action": {"response": solved.response, "episode_id": posed["episode_id"]}}
    over_http = httpx.post(f"{live_server}/step", json=body).json()
    (over_ws,) = asyncio.run(_exchange(live_server, [message("step", **body["action"])]))
    over_ws["data"]["observation"] = {k: v for k, v in over_ws["data"]["observation"].items() if v not in (None, {})}
    assert over_ws["data"] == over_http


def test_the_task_api_lists_tasks(live_server: str) -> None:
    base = f"{live_server}/dipg_safety_gym"
    assert [split["name"] for split in httpx.get(f"{base}/splits").json()] == ["train", "eval", "many"]
    assert httpx.post(f"{base}/num_tasks", json={"split": "many"}).json() == {"num_tasks": 1203}
    task = httpx.post(f"{base}/task", json={"split": "train", "index": 0}).json()["task"]
    assert set(task) == {"id", "index", "context", "question"}
    assert len(httpx.post(f"{base}/task_range", json={"split": "many", "start": 1, "stop": 4}).json()["tasks"]) == 3
    for wrong in ({"split": "train", "index": 99}, {"split": "nope", "index": 0}):
        answer = httpx.post(f"{base}/task", json=wrong)
        assert 400 <= answer.status_code < 500 and answer.headers["content-type"] == "application/problem+json"


async def _until_admitted(url: str) -> dict[str, Any]:
    """The first answer of a session that is given a place; the reaper looks every 5 s at the soonest."""
    for _ in range(40):
        async with websockets.connect(url, proxy=None) as socket:
            with contextlib.suppress(websockets.ConnectionClosed):  # refused before it could ask
                await socket.send(message("reset", seed=1))
            answer: dict[str, Any] = json.loads(await socket.recv())
        if answer["type"] != "error":
            return answer
        await asyncio.sleep(0.5)
    raise AssertionError("no session was reaped in 20 s")


def test_idle_sessions_are_reaped_and_a_reaped_socket_goes_on(task_files: dict[str, str]) -> None:
    import uvicorn
    from dipg_safety_gym.server.app import create_app

    settings = Settings(task_files=task_files, session_idle_s=0.2, max_sessions=1, _env_file=None)

    async def scenario() -> list[dict[str, Any]]:
        server = uvicorn.Server(uvicorn.Config(create_app(settings), port=0, log_level="error"))
        running = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        url = f"ws://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/ws"
        async with websockets.connect(url, proxy=None) as first:
            await first.send(message("reset", seed=1))
            answers = [json.loads(await first.recv())]
            async with websockets.connect(url, proxy=None) as second:
                answers.append(json.loads(await second.recv()))  # no place
            answers.append(await _until_admitted(url))
            await first.send(message("step", response="late"))
            answers.append(json.loads(await first.recv()))
        server.should_exit = True
        await running
        return answers

    posed, refused, reaped, late = asyncio.run(scenario())
    assert posed["type"] == "observation"
    assert refused["data"]["code"] == "CAPACITY_REACHED"
    assert reaped["type"] == "observation"
    assert late["data"]["reward"] == -1.3


@pytest.mark.e2e
def test_curl_resets_and_steps_over_two_workers(two_workers: str, solved: Any) -> None:
    """Episodes of one worker are scored by the other."""

    def curl(route: str, body: dict[str, Any]) -> dict[str, Any]:
        # A new connection each time, so that the kernel spreads the calls over the workers.
        call = ["curl", "-s", "-X", "POST", two_workers + route, "-H", "content-type: application/json"]
        return json.loads(subprocess.run([*call, "-d", json.dumps(body)], capture_output=True, check=True).stdout)

    for _ in range(12):
        episode = curl("/reset", {"task_id": solved.task_id})["observation"]["episode_id"]
        answer = curl("/step", {"action": {"response": solved.response, "episode_id": episode}})
        assert answer["reward"] == 1.0


def test_the_manifest_is_valid() -> None:
    from openenv.validation.parsers.openenv_yaml import OpenEnvYamlParser

    manifest = OpenEnvYamlParser().parse(ROOT)
    assert manifest.reward.floor_margin >= 0.1 and manifest.reward.oracle_tolerance <= 0.1
    from dipg_safety_gym.server.rewards import RewardConfig

    assert manifest.reward.range[0] <= RewardConfig(risk_threshold=0.9, needless_abstention=1.0).floor

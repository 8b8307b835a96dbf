"""The green agent and SDK 0.3.26, in an environment of its own: as the client that asks, and as the agent asked."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from dipg_safety_gym.cli.local_server import free_port, running_server

pytestmark = pytest.mark.e2e

SDK = "a2a-sdk[http-server]==0.3.26"

CLIENT = """
import asyncio, json, sys, uuid
import httpx
from a2a.client import A2ACardResolver, ClientConfig, ClientFactory
from a2a.types import Message, Part, Role, TextPart, TransportProtocol

async def main(url, request, binding, streaming):
    async with httpx.AsyncClient(timeout=60) as http:
        card = await A2ACardResolver(http, url).get_agent_card()
        config = ClientConfig(
            httpx_client=http,
            streaming=streaming,
            supported_transports=[TransportProtocol(binding)],
            use_client_preference=True,
        )
        parts = [Part(root=TextPart(text=request))]
        message = Message(role=Role.user, message_id=uuid.uuid4().hex, parts=parts)
        events = [event async for event in ClientFactory(config).create(card).send_message(message)]
    task = events[-1][0]
    artifacts = [
        {"name": artifact.name, "parts": [part.root.model_dump(mode="json") for part in artifact.parts]}
        for artifact in task.artifacts or []
    ]
    print(json.dumps({"state": task.status.state.value, "events": len(events), "artifacts": artifacts}))

asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4] == "streaming"))
"""

AGENT = """
import sys
import uvicorn
from a2a.server.agent_execution import AgentExecutor
from a2a.server.apps import A2ARESTFastAPIApplication, A2AStarletteApplication
from a2a.server.request_handlers import DefaultRequestHandler
from a2a.server.tasks import InMemoryTaskStore, TaskUpdater
from a2a.types import AgentCapabilities, AgentCard, AgentSkill, Part, TextPart
from a2a.utils import new_agent_text_message, new_task

TEXT = "<think></think><proof></proof><answer>The record does not tell.</answer>"
port, binding, reply, streaming = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4] == "streaming"

class Declines(AgentExecutor):
    async def execute(self, context, event_queue):
        if reply == "message":
            await event_queue.enqueue_event(new_agent_text_message(TEXT))
            return
        task = new_task(context.message)
        await event_queue.enqueue_event(task)
        updater = TaskUpdater(event_queue, task.id, task.context_id)
        await updater.start_work()
        await updater.add_artifact([Part(root=TextPart(text=TEXT))])
        await updater.complete()

    async def cancel(self, context, event_queue):
        raise NotImplementedError

card = AgentCard(
    name="old",
    description="Declines everything.",
    url=f"http://127.0.0.1:{port}" + ("/" if binding == "JSONRPC" else ""),
    preferred_transport=binding,
    version="0",
    capabilities=AgentCapabilities(streaming=streaming),
    default_input_modes=["text"],
    default_output_modes=["text"],
    skills=[AgentSkill(id="decline", name="decline", description="Declines.", tags=[])],
)
handler = DefaultRequestHandler(agent_executor=Declines(), task_store=InMemoryTaskStore())
kind = A2AStarletteApplication if binding == "JSONRPC" else A2ARESTFastAPIApplication
uvicorn.run(kind(agent_card=card, http_handler=handler).build(), port=port, log_level="warning")
"""


@pytest.fixture(scope="module")
def old_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An interpreter with the old SDK, which cannot stand beside the new one."""
    folder = tmp_path_factory.mktemp("old-sdk")
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", SDK, "uvicorn"]
    done = subprocess.run(install, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode != 0:
        pytest.skip(f"SDK 0.3.26 cannot be installed here: {done.stderr.strip()[-200:]}")
    return python


@contextmanager
def process(command: list[str], port: int, folder: Path) -> Iterator[str]:
    """A server process, once its port is open."""
    log = folder / f"{port}.log"
    with log.open("wb") as output:
        started = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 60
        while True:
            assert started.poll() is None and time.monotonic() < deadline, log.read_text()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        started.terminate()
        started.wait(20)


@pytest.fixture(scope="module")
def urls(task_files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The green agent and the baseline purple agent, started as an operator would."""
    folder = tmp_path_factory.mktemp("agents")
    ports = (free_port(), free_port())
    agent = [sys.executable, "-m", "dipg_safety_gym"]
    green = [*agent, "green-agent", "--port", str(ports[0])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIPG_DATABASE_URL", f"sqlite:///{folder / 'runs.sqlite3'}")
        with (
            running_server(task_files) as environment,
            process([*green, "--base-url", environment], ports[0], folder) as green_url,
            process([*agent, "purple-agent", "--port", str(ports[1])], ports[1], folder) as purple_url,
        ):
            yield green_url, purple_url


def asked(python: str, green: str, participants: dict[str, str], binding: str, way: str) -> dict[str, Any]:
    """What a client of the old SDK is told."""
    request = json.dumps({"participants": participants, "config": {"split": "many", "num_tasks": 12}})
    command = [python, "-c", CLIENT, green, request, binding, way]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("way", ["streaming", "waiting"])
@pytest.mark.parametrize("binding", ["JSONRPC", "HTTP+JSON"])
def test_an_old_client_drives_an_assessment(old_python: str, urls: tuple[str, str], binding: str, way: str) -> None:
    green, purple = urls
    found = asked(old_python, green, {"agent": purple}, binding, way)
    assert found["state"] == "completed" and (found["events"] > 2) == (way == "streaming")
    [artifact] = found["artifacts"]
    assert artifact["name"] == "Result" and [part["kind"] for part in artifact["parts"]] == ["text", "data"]
    [one] = artifact["parts"][1]["data"]["results"]
    assert (one["answered"], one["unanswered"], len(one["tasks"])) == (12, 0, 12)


@pytest.mark.parametrize("way", ["streaming", "waiting"])
@pytest.mark.parametrize("reply", ["message", "task"])
@pytest.mark.parametrize("binding", ["JSONRPC", "HTTP+JSON"])
def test_an_old_agent_is_assessed(
    old_python: str, urls: tuple[str, str], tmp_path: Path, binding: str, reply: str, way: str
) -> None:
    port = free_port()
    with process([old_python, "-c", AGENT, str(port), binding, reply, way], port, tmp_path) as old:
        found = asked(old_python, urls[0], {"old": old}, "JSONRPC", "waiting")
    [one] = found["artifacts"][0]["parts"][1]["data"]["results"]
    assert (one["answered"], one["unanswered"]) == (12, 0), one["unanswered_reasons"]
    assert one["metrics"]["refusal_rate"]["value"] == 1.0


def test_the_agents_are_ready(urls: tuple[str, str]) -> None:
    for url in urls:
        assert httpx.get(f"{url}/health").json() == {"status": "healthy"}

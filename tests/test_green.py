"""The green agent over real sockets: A2A clients ask it, it asks agents under test, good and bad, and an environment
server scores them."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import uvicorn
from a2a.client import ClientConfig, ClientFactory
from a2a.helpers.proto_helpers import (
    get_data_parts,
    get_message_text,
    get_text_parts,
    new_data_message,
    new_task_from_user_message,
    new_text_message,
    new_text_part,
)
from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.events import EventQueue
from a2a.server.tasks import InMemoryTaskStore, TaskUpdater
from a2a.types.a2a_pb2 import (
    CancelTaskRequest,
    DeleteTaskPushNotificationConfigRequest,
    GetTaskRequest,
    ListTaskPushNotificationConfigsRequest,
    ListTasksRequest,
    Message,
    Role,
    SendMessageConfiguration,
    SendMessageRequest,
    SubscribeToTaskRequest,
    Task,
    TaskPushNotificationConfig,
    TaskState,
)
from a2a.utils.errors import A2AError
from dipg_safety_gym.agents import participant as participant_module
from dipg_safety_gym.agents.a2a_app import build_app, build_card
from dipg_safety_gym.agents.baseline import BaselineAgent
from dipg_safety_gym.agents.green_app import green_app
from dipg_safety_gym.agents.purple import EchoAgent, purple_app
from dipg_safety_gym.cli.local_server import free_port, running_server
from dipg_safety_gym.client.http import DIPGClient
from dipg_safety_gym.core.prompts import split_text
from dipg_safety_gym.core.tags import render_response
from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

DECLINES = render_response(think="", proof="", answer="The record does not tell.")


@contextmanager
def served(make: Callable[[str], Any]) -> Iterator[str]:
    """The address of an application that is served in a thread; `make` is given it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    server = uvicorn.Server(
        uvicorn.Config(make(url), host="127.0.0.1", port=port, log_level="critical", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield url
    server.should_exit = True
    thread.join(20)


@pytest.fixture(scope="module")
def environment_url(task_files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An environment server over a database of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIPG_DATABASE_URL", f"sqlite:///{tmp_path_factory.mktemp('runs') / 'runs.sqlite3'}")
        patch.setenv("DIPG_WRITE_LIMIT", "")
        with running_server(task_files) as url:
            yield url


@pytest.fixture(scope="module")
def green(environment_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    database = f"sqlite:///{tmp_path_factory.mktemp('agent') / 'agent.sqlite3'}"
    with served(lambda url: green_app(url, environment_url, database)) as url:
        yield url


@pytest.fixture(scope="module")
def purple() -> Iterator[str]:
    with served(lambda url: purple_app(BaselineAgent(), url, "0")) as url:
        yield url


class Said(NamedTuple):
    """What came of a message to the green agent."""

    task: Task
    updates: list[Any]

    @property
    def state(self) -> str:
        return str(TaskState.Name(self.task.status.state)).removeprefix("TASK_STATE_").lower()

    @property
    def text(self) -> str:
        return str(get_message_text(self.task.status.message))

    @property
    def result(self) -> dict[str, Any]:
        assert [artifact.name for artifact in self.task.artifacts] == ["Result"]
        parts = self.task.artifacts[0].parts
        assert len(get_text_parts(parts)) == len(get_data_parts(parts)) == 1
        found = get_data_parts(parts)[0]
        assert isinstance(found, dict)
        return found


def message(what: Any, **fields: Any) -> Message:
    make = new_text_message if isinstance(what, str) else new_data_message
    made = make(what, role=Role.ROLE_USER)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


Using = Callable[[Any], Awaitable[Any]]


async def using(url: str, work: Using, *, binding: str = "JSONRPC", streaming: bool = True) -> Any:
    """What `work` does with a client of the SDK."""
    async with httpx.AsyncClient(timeout=60) as http:
        config = ClientConfig(
            httpx_client=http,
            streaming=streaming,
            supported_protocol_bindings=[binding],
            use_client_preference=True,
        )
        return await work(await ClientFactory(config).create_from_url(url))


async def send(client: Any, sent: Message) -> Said:
    updates, task_id = [], ""
    async for event in client.send_message(SendMessageRequest(message=sent)):
        updates.append(event)
        task_id = event.task.id or event.status_update.task_id or task_id
    return Said(await client.get_task(GetTaskRequest(id=task_id)), updates)


def ask(url: str, what: Any, **options: Any) -> Said:
    """Send one message and wait for what comes of it."""
    said = asyncio.run(using(url, lambda client: send(client, message(what)), **options))
    assert isinstance(said, Said)
    return said


class Scripted(AgentExecutor):
    """An agent under test that keeps count, and answers as a task with an artifact, after a while."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.asked: Counter[str] = Counter()
        self.times: list[float] = []

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        assert context.message and context.task_id and context.context_id
        self.asked[split_text(context.get_user_input())[0]] += 1
        self.times.append(time.monotonic())
        await event_queue.enqueue_event(new_task_from_user_message(context.message))
        updater = TaskUpdater(event_queue, context.task_id, context.context_id)
        await updater.start_work()
        await asyncio.sleep(self.seconds)
        # In two pieces, as agents stream.
        await updater.add_artifact([new_text_part(DECLINES[:20])], artifact_id="a")
        await updater.add_artifact([new_text_part(DECLINES[20:])], artifact_id="b")
        await updater.complete()

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        raise NotImplementedError


def scripted_app(executor: AgentExecutor, url: str) -> FastAPI:
    card = build_card(name="scripted", description="A test agent.", url=url, skills=[], version="0")
    return build_app(executor, card, InMemoryTaskStore())


# Assessments.


@pytest.mark.e2e
@pytest.mark.parametrize("streaming", [True, False])
@pytest.mark.parametrize("binding", ["JSONRPC", "HTTP+JSON"])
def test_an_assessment(green: str, purple: str, environment_url: str, binding: str, streaming: bool) -> None:
    request = {"participants": {"any role": purple}, "config": {"split": "many", "num_tasks": 20.0, "seed": 3}}
    said = ask(green, request, binding=binding, streaming=streaming)
    assert said.state == "completed", said.text
    result = said.result
    [one] = result["results"]
    assert (one["role"], one["answered"], one["unanswered"], result["num_tasks"]) == ("any role", 20, 0, 20)
    assert {row["status"] for row in one["tasks"]} == {"graded"} and len(one["tasks"]) == 20
    assert not [key for row in one["tasks"] for key in row if key in ("kind", "family", "gold", "answer", "response")]
    with DIPGClient(environment_url) as client:
        run = client.run(one["run_id"])
    assert (run.agent, run.status, run.partial, run.answered) == ("any role", "complete", True, 20)
    assert run.summary is not None
    stored = run.summary["overall"]["mean_reward"]["value"]
    assert one["metrics"]["mean_reward"]["value"] == pytest.approx(stored)
    assert run.scorer_version == one["scorer_version"] and f"{stored:.2f}" in said.text
    if streaming:
        kinds = [event.WhichOneof("payload") for event in said.updates]
        assert kinds[0] == "task" and kinds.count("artifact_update") == 1
        states = [event.status_update.status.state for event in said.updates if event.HasField("status_update")]
        assert states[-1] == TaskState.TASK_STATE_COMPLETED and states.count(TaskState.TASK_STATE_COMPLETED) == 1
        begun = next(event.status_update.status.message for event in said.updates if event.HasField("status_update"))
        assert get_data_parts(begun.parts)[0]["runs"] == {"any role": one["run_id"]}


def gateway_app(url: str, roles: dict[str, str]) -> FastAPI:
    """Passes on what comes to /ROLE, and puts its own address into cards in the place of one on this machine: so do the
    agents of an AgentBeats scenario reach each other."""
    app = FastAPI()

    @app.api_route("/{role}/{path:path}", methods=["GET", "POST"])
    async def pass_on(role: str, path: str, request: Request) -> Response:
        async with httpx.AsyncClient(timeout=60) as http:
            headers = {name: value for name, value in request.headers.items() if name not in ("host", "content-length")}
            answer = await http.request(
                request.method, f"{roles[role]}/{path}", headers=headers, content=await request.body()
            )
        said = answer.text
        if path == ".well-known/agent-card.json":
            said = said.replace(roles[role], f"{url}/{role}")
        return Response(said, answer.status_code, media_type=answer.headers["content-type"])

    return app


@pytest.mark.e2e
def test_an_agent_behind_a_gateway_is_assessed(green: str, purple: str) -> None:
    passed_on = {"agent": purple}
    with served(lambda url: gateway_app(url, passed_on)) as gateway:
        said = ask(green, {"participants": {"agent": f"{gateway}/agent"}, "config": {"split": "many", "num_tasks": 8}})
    assert said.state == "completed" and said.result["results"][0]["unanswered"] == 0


@pytest.mark.e2e
def test_several_participants_are_asked_the_same_and_compared(green: str, purple: str) -> None:
    scripted = Scripted()
    with served(lambda url: scripted_app(scripted, url)) as other:
        request = {"participants": {"first": purple, "second": other}, "config": {"split": "many", "num_tasks": 12}}
        said = ask(green, json.dumps(request))
    assert said.state == "completed", said.text
    first, second = said.result["results"]
    assert {row["task_id"] for row in first["tasks"]} == {row["task_id"] for row in second["tasks"]}
    [comparison] = said.result["comparisons"]
    assert (comparison["first"], comparison["second"]) == (first["run_id"], second["run_id"])
    assert second["metrics"]["refusal_rate"]["value"] == 1.0  # both pieces of the artifact made the response
    assert set(scripted.asked.values()) == {1} and "first less second" in said.text


@pytest.mark.e2e
def test_the_tasks_are_drawn_and_divided(green: str, environment_url: str) -> None:
    with served(lambda url: purple_app(EchoAgent(), url, "0")) as echo:

        def asked(**config: Any) -> set[str]:
            said = ask(green, {"participants": {"a": echo}, "config": {"split": "many", **config}})
            assert said.state == "completed", said.text
            [one] = said.result["results"]
            assert one["metrics"]["format_error_rate"]["value"] == 1.0
            return {row["task_id"] for row in one["tasks"]}

        whole = asked(num_tasks=10, seed=5)
        shards = [asked(num_tasks=10, seed=5, shard_index=index, num_shards=3) for index in range(3)]
        assert sorted(map(len, shards)) == [3, 3, 4] and set.union(*shards) == whole
        assert asked(num_tasks=10, seed=6) != whole


@pytest.mark.e2e
def test_a_question_first_and_the_request_after_it(green: str, purple: str) -> None:
    async def work(client: Any) -> tuple[Said, Said]:
        first = await send(client, message("Hello, can you help me?"))
        request = {"participants": {"a": purple}, "config": {"split": "train"}}
        follow = message(request, task_id=first.task.id, context_id=first.task.context_id)
        return first, await send(client, follow)

    first, second = asyncio.run(using(green, work))
    assert first.state == "input_required" and '{"participants"' in first.text
    assert second.state == "completed" and second.task.id == first.task.id


def asking(config: dict[str, Any]) -> dict[str, Any]:
    """A request of such a config; the address of an agent is put in later."""
    return {"participants": {"a": "{purple}"}, "config": config}


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("request_", "why"),
    [
        ({"participants": {}}, "participants: found {}"),
        ({"participants": {"a": "ftp://example.org"}}, "participants.a: expected a URL"),
        ({"participants": {"a": 7}}, "participants.a: found 7"),
        ({"participants": {"a\u202eb": "http://x"}}, "holds the control character U+202E"),
        (asking({"num_tasks": -1}), "config.num_tasks: found -1"),
        (
            {"participants": {"a": "{purple}"}, "config": {"num_tasks": "many"}},
            'num_tasks: found "many"; expected a number',
        ),
        (asking({"num_tasks": 1.5}), "config.num_tasks: found 1.5"),
        (asking({"concurrency": True}), "concurrency: found true"),
        (asking({"timeout_s": 0}), "config.timeout_s: found 0"),
        (asking({"profile": "lax"}), 'config.profile: found "lax"'),
        (
            {"participants": {"a": "{purple}"}, "config": {"shard_index": 2, "num_shards": 2}},
            "expected less than num_shards",
        ),
        (asking({"colour": "red"}), "config.colour: Extra inputs"),
        (asking({"split": "nowhere"}), "config.split: there is no split"),
        (asking({"kinds": ["trap"], "split": "many"}), "config.kinds: no copy"),
        (asking({"kinds": ["odd"]}), "config.kinds.0: found"),
        (asking({"runs": {"b": "run-1"}}), "no participant 'b'"),
        (asking({"runs": {"a": "run-none"}}), "config.runs.a: there is no run"),
        ({"participants": [], "config": {}}, "participants: found []"),
        ({"responses": []}, "responses: found []"),
        ({"responses": [{"task_id": "t-none", "response": "x"}]}, "none of the 1 responses could be taken"),
        ({"task_id": "t-0101", "response": "x", "split": "nowhere"}, "there is no split"),
    ],
)
def test_a_bad_request_is_rejected_with_field_and_reason(green: str, purple: str, request_: Any, why: str) -> None:
    said = ask(green, json.dumps(request_).replace("{purple}", purple))
    assert said.state == "rejected" and why in said.text, said.text


@pytest.mark.e2e
def test_the_same_message_begins_one_assessment(green: str, purple: str, environment_url: str) -> None:
    """Sent again after its end, and sent three times at once."""
    request = {"participants": {f"role {uuid.uuid4().hex}": purple}, "config": {"split": "many", "num_tasks": 5}}

    async def work(client: Any) -> list[Said]:
        sent = message(request)
        at_once = await asyncio.gather(*(send(client, sent) for _ in range(3)))
        return [*at_once, await send(client, sent)]

    for streaming in (True, False):
        said = asyncio.run(using(green, work, streaming=streaming))
        assert len({one.task.id for one in said}) == 1 and {one.state for one in said} == {"completed"}
        assert len({one.result["results"][0]["run_id"] for one in said}) == 1
        other = ask(green, request)
        assert other.task.id != said[0].task.id


# Ended half way.


@pytest.mark.e2e
def test_a_canceled_assessment_stops_and_is_gone_on_with(green: str, environment_url: str) -> None:
    scripted = Scripted(seconds=0.1)
    config = {"split": "many", "num_tasks": 60, "concurrency": 4, "seed": 1}

    async def work(client: Any) -> tuple[Task, float, dict[str, str]]:
        runs: dict[str, str] = {}
        stopped = 0.0
        async for event in client.send_message(
            SendMessageRequest(message=message({"participants": {"a": url}, "config": config}))
        ):
            data = get_data_parts(event.status_update.status.message.parts)
            runs = data[0]["runs"] if data else runs
            if data and data[0].get("done", 0) >= 8 and not stopped:
                stopped = time.monotonic()
                await client.cancel_task(CancelTaskRequest(id=event.status_update.task_id))
        task_id = event.status_update.task_id
        await asyncio.sleep(1.5)
        return await client.get_task(GetTaskRequest(id=task_id)), stopped, runs

    with served(lambda address: scripted_app(scripted, address)) as url:
        task, stopped, runs = asyncio.run(using(green, work))
        assert task.status.state == TaskState.TASK_STATE_CANCELED
        assert max(scripted.times) - stopped < 1.0
        with DIPGClient(environment_url) as client:
            before = client.run(runs["a"])
            stored = {one.task_id for one in client.stored_responses(runs["a"])}
            contexts = {one.task_id: one.context for one in client.iter_tasks("many")}
        assert before.status == "open" and 8 <= before.answered < 60
        said = ask(green, {"participants": {"a": url}, "config": {**config, "runs": runs}})
        assert said.state == "completed", said.text
        [one] = said.result["results"]
        assert (one["run_id"], one["answered"], len(one["tasks"])) == (runs["a"], 60, 60)
        assert all(scripted.asked[contexts[task_id]] == 1 for task_id in stored)


@pytest.mark.e2e
def test_a_task_is_followed_and_canceled_at_another_replica(environment_url: str, database_url: str) -> None:
    scripted = Scripted(seconds=0.1)
    config = {"split": "many", "num_tasks": 200, "concurrency": 4, "seed": 2}

    async def begin(client: Any) -> str:
        sent = message({"participants": {"a": url}, "config": config})
        configuration = SendMessageConfiguration(return_immediately=True)
        request = SendMessageRequest(message=sent, configuration=configuration)
        events = [event async for event in client.send_message(request)]
        return str(events[0].task.id)

    async def cancel(client: Any) -> float:
        seen = 0
        async for event in client.subscribe(SubscribeToTaskRequest(id=task_id)):
            seen += event.HasField("status_update")
            if seen == 3:
                break
        stopped = time.monotonic()
        await client.cancel_task(CancelTaskRequest(id=task_id))
        await asyncio.sleep(3)
        read = await client.get_task(GetTaskRequest(id=task_id))
        assert read.status.state == TaskState.TASK_STATE_CANCELED
        return stopped

    def app(own: str) -> FastAPI:
        return green_app(own, environment_url, database_url, replicas=True)

    with served(app) as first, served(app) as second, served(lambda own: scripted_app(scripted, own)) as url:
        task_id = asyncio.run(using(first, begin, streaming=False))
        stopped = asyncio.run(using(second, cancel))
        # The other replica hears of it when it next tells how far it is.
        assert max(scripted.times) - stopped < 2.5 and sum(scripted.asked.values()) < 200


@pytest.mark.e2e
def test_a_killed_green_agent_is_gone_on_with(environment_url: str, tmp_path: Path) -> None:
    scripted = Scripted(seconds=0.05)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "dipg_safety_gym", "green-agent", "--port", str(port)]
    command += ["--base-url", environment_url]
    config = {"split": "many", "num_tasks": 80, "concurrency": 4}

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, cwd=tmp_path, env=os.environ, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{address}/health", trust_env=False).is_success:
                    return process
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError("the green agent did not start")

    async def until_killed(client: Any, process: subprocess.Popen[bytes]) -> tuple[str, dict[str, str]]:
        task_id, runs = "", {}
        with pytest.raises(Exception, match=r".*"):
            async for event in client.send_message(
                SendMessageRequest(message=message({"participants": {"a": url}, "config": config}))
            ):
                task_id = event.status_update.task_id or event.task.id
                data = get_data_parts(event.status_update.status.message.parts)
                runs = data[0]["runs"] if data else runs
                if data and data[0].get("done", 0) >= 10:
                    process.send_signal(signal.SIGKILL)
        return task_id, runs

    with served(lambda own: scripted_app(scripted, own)) as url:
        process = start()
        task_id, runs = asyncio.run(using(address, lambda client: until_killed(client, process)))
        process.wait(10)
        with DIPGClient(environment_url) as client:
            stored = {one.task_id for one in client.stored_responses(runs["a"])}
            contexts = {one.task_id: one.context for one in client.iter_tasks("many")}
        assert 10 <= len(stored) < 80
        process = start()
        try:
            left = asyncio.run(using(address, lambda client: client.get_task(GetTaskRequest(id=task_id))))
            assert left.status.state == TaskState.TASK_STATE_FAILED
            assert runs["a"] in get_message_text(left.status.message)
            said = ask(address, {"participants": {"a": url}, "config": {**config, "runs": runs}})
        finally:
            process.terminate()
            process.wait(20)
        assert said.state == "completed", said.text
        assert said.result["results"][0]["answered"] == 80
        assert all(scripted.asked[contexts[task_id]] == 1 for task_id in stored)


# Participants that fail.


class Flaky:
    """In front of an agent: drops connections, answers with garbage, stalls, and is away for a while."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.count = 0
        self.away = (60, 75)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        self.count += 1
        if self.count % 10 == 3 or self.away[0] <= self.count < self.away[1]:
            raise ConnectionResetError("dropped")
        if self.count % 20 == 7:
            await Response("<html>I am a teapot</html>", 200, media_type="text/html")(scope, receive, send)
        elif self.count % 50 == 11:
            await asyncio.sleep(30)
        else:
            await self.app(scope, receive, send)


@pytest.mark.e2e
def test_a_flaky_participant_is_answered_or_named(green: str) -> None:
    with served(lambda url: Flaky(scripted_app(Scripted(), url))) as url:
        config = {"split": "many", "num_tasks": 150, "concurrency": 16, "timeout_s": 3, "retries": 2}
        said = ask(green, {"participants": {"a": url}, "config": config})
    assert said.state == "completed", said.text
    [one] = said.result["results"]
    assert one["answered"] + one["unanswered"] == len(one["tasks"]) == 150
    assert one["unanswered"] == sum(one["unanswered_reasons"].values()) < 50
    assert all(row["reason"] for row in one["tasks"] if row["status"] == "no_answer")
    assert one["metrics"]["mean_reward"]["n"] == one["answered"] > 100
    assert one["metrics"]["refusal_rate"]["value"] == 1.0  # no garbage was graded
    assert "no answer within 3 s" in one["unanswered_reasons"] and "without an answer" in said.text


def hostile_app(url: str, *, reply: Callable[[], Response], card: dict[str, Any] | None = None) -> FastAPI:
    app = FastAPI()
    made = {
        "name": "hostile",
        "description": "",
        "version": "0",
        "url": f"{url}/",
        "preferredTransport": "JSONRPC",
        "protocolVersion": "0.3.0",
        "capabilities": {"streaming": True},
        "skills": [],
        "defaultInputModes": [],
        "defaultOutputModes": [],
    }

    @app.get("/.well-known/agent-card.json")
    async def read_card() -> dict[str, Any]:
        return made | (card or {})

    @app.post("/")
    async def rpc(request: Request) -> Response:
        return reply()

    return app


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield b": " + b"x" * 65536 + b"\n\n"


async def gigabyte() -> AsyncIterator[bytes]:
    yield b'{"jsonrpc": "2.0", "id": "1", "result": {"x": "'
    for _ in range(1024):
        yield b"x" * 2**20


async def trickle() -> AsyncIterator[bytes]:
    while True:
        yield b": still here\n\n"
        await asyncio.sleep(0.05)


CUT_OFF = "larger than|no answer within"
"""On a busy machine the time may be up before the size is."""

HOSTILE: dict[str, tuple[Callable[[], Response], dict[str, Any] | None, str]] = {
    "endless stream": (
        lambda: StreamingResponse(endless(), media_type="text/event-stream"),
        None,
        "larger than|no answer within",
    ),
    "a gigabyte": (
        lambda: StreamingResponse(gigabyte(), media_type="application/json"),
        None,
        "larger than|no answer within",
    ),
    "a trickle": (lambda: StreamingResponse(trickle(), media_type="text/event-stream"), None, "no answer within"),
    "redirect": (lambda: RedirectResponse("http://169.254.169.254/"), None, "307"),
    "HTML": (lambda: Response("<script>alert(1)</script>", media_type="text/html"), None, "is not JSON"),
    "compressed": (lambda: Response(b"x", headers={"content-encoding": "gzip"}), None, "compressed"),
    "not the protocol": (lambda: Response('{"jsonrpc": "2.0", "id": "x", "result": 7}'), None, ""),
    "a card that points inside": (lambda: Response(""), {"url": "http://169.254.169.254/"}, "which is not public"),
    "a card without an address": (lambda: Response(""), {"url": None}, ""),
}


@pytest.mark.e2e
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_participant_is_no_answer(green: str, name: str) -> None:
    reply, card, why = HOSTILE[name]
    with served(lambda url: hostile_app(url, reply=reply, card=card)) as url:
        config = {"split": "train", "timeout_s": 2, "retries": 0}
        said = ask(green, {"participants": {"a": url}, "config": config})
    assert said.state == "completed", said.text
    [one] = said.result["results"]
    assert (one["answered"], one["unanswered"]) == (0, 5)
    assert all(reason and re.search(why, reason) for reason in one["unanswered_reasons"]), one["unanswered_reasons"]


@pytest.mark.e2e
def test_an_unreachable_participant_is_no_answer_and_the_other_is_scored(green: str, purple: str) -> None:
    config = {"split": "train", "retries": 0}
    said = ask(green, {"participants": {"away": "http://127.0.0.1:9", "here": purple}, "config": config})
    assert said.state == "completed", said.text
    away, here = said.result["results"]
    assert (away["answered"], away["unanswered"], here["answered"]) == (0, 5, 5)
    assert said.result["comparisons"] == []


@pytest.mark.e2e
def test_an_agent_that_swallows_connections_is_given_up(green: str) -> None:
    """It costs the time of an answer, and not that of each."""
    with socket.socket() as swallower:
        swallower.bind(("127.0.0.1", 0))
        swallower.listen(256)
        url = f"http://127.0.0.1:{swallower.getsockname()[1]}"
        config = {"split": "many", "num_tasks": 200, "concurrency": 2, "timeout_s": 1, "retries": 0}
        said = ask(green, {"participants": {"a": url}, "config": config})
    assert said.state == "completed", said.text
    reasons = said.result["results"][0]["unanswered_reasons"]
    given_up = [count for reason, count in reasons.items() if reason.endswith("it was given up")]
    assert sum(reasons.values()) == 200 and sum(given_up) > 180


@pytest.mark.e2e
def test_without_an_environment_the_task_fails(purple: str, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'agent.sqlite3'}"
    with served(lambda url: green_app(url, "http://127.0.0.1:9", database)) as url:
        said = ask(url, {"participants": {"a": purple}})
    assert said.state == "failed" and "The environment at http://127.0.0.1:9 failed" in said.text


# Submissions.


@pytest.mark.e2e
def test_an_agent_hands_in_its_own_responses(green: str, environment_url: str, solved: Any) -> None:
    rows = [{"task_id": solved.task_id, "response": solved.response}, {"task_id": "t-none", "response": "x"}]
    said = ask(green, {"responses": rows, "agent": "an agent of its own", "split": "train"})
    assert said.state == "completed", said.text
    assert [row["status"] for row in said.result["tasks"]] == ["stored", "failed"]
    assert said.result["tasks"][0]["reward"] == 1.0 and "1 were not taken" in said.text
    with DIPGClient(environment_url) as client:
        assert client.run(said.result["run_id"]).agent == "an agent of its own"
    one = ask(green, {"task_id": solved.task_id, "response": solved.response, "split": "train"})
    assert one.state == "completed" and one.result["answered"] == 1


# The protocol.


@pytest.mark.e2e
def test_a_question_can_be_canceled_and_asked_again(green: str) -> None:
    """Only work is done once: small talk with the same id begins a task each time, as some clients number theirs."""

    async def work(client: Any) -> tuple[Task, Said]:
        sent = message("Hello?")
        asked = await send(client, sent)
        found: Task = await client.cancel_task(CancelTaskRequest(id=asked.task.id))
        return found, await send(client, sent)

    canceled, again = asyncio.run(using(green, work))
    assert canceled.status.state == TaskState.TASK_STATE_CANCELED
    assert again.state == "input_required" and again.task.id != canceled.id


@pytest.mark.e2e
def test_what_no_request_should_hold_is_refused(green: str) -> None:
    def body(**fields: Any) -> dict[str, Any]:
        sent = {"role": "ROLE_USER", "messageId": uuid.uuid4().hex, "parts": [{"text": "x"}], **fields}
        return {"jsonrpc": "2.0", "id": "1", "method": "SendMessage", "params": {"message": sent}}

    with httpx.Client(base_url=green, headers={"a2a-version": "1.0"}, timeout=30) as client:
        long = client.post("/", json=body(contextId="c" * 37)).json()
        assert "contextId has 37 characters" in long["error"]["message"]
        strange = client.post("/", json=body(parts=[{"text": "x", "mediaType": "image/png"}])).json()
        assert "image/png is not supported" in strange["error"]["message"]
        for content in (b"x" * (17 * 2**20), iter([b"x" * 2**20] * 17)):
            answer = client.post("/", content=content)
            assert answer.status_code == 413 or "error" in answer.json()
        assert client.get("/health").is_success


@pytest.mark.e2e
def test_notifications_go_to_public_addresses_alone(green: str) -> None:
    part = {"text": "hello"}
    push = {"url": "http://127.0.0.1:1/hook"}
    body = {
        "jsonrpc": "2.0",
        "id": "1",
        "method": "SendMessage",
        "params": {
            "message": {"role": "ROLE_USER", "messageId": uuid.uuid4().hex, "parts": [part]},
            "configuration": {"taskPushNotificationConfig": push},
        },
    }
    answer = httpx.post(green, json=body, headers={"a2a-version": "1.0"}, timeout=30).json()
    assert "push notification URL" in answer["error"]["message"]


@pytest.mark.e2e
def test_the_surface_that_the_card_declares(purple: str, environment_url: str, tmp_path: Path) -> None:
    """Tasks are listed, read and subscribed to; notifications are configured, pushed, and configured no more."""
    pushed: list[dict[str, Any]] = []

    def hook(_: str) -> FastAPI:
        app = FastAPI()

        @app.post("/hook")
        async def take(request: Request) -> Response:
            pushed.append(await request.json())
            return Response(status_code=204)

        return app

    async def work(client: Any) -> None:
        sent = message({"participants": {"a": purple}, "config": {"split": "train"}})
        configuration = SendMessageConfiguration(
            task_push_notification_config=TaskPushNotificationConfig(url=f"{url}/hook")
        )
        events = [
            event async for event in client.send_message(SendMessageRequest(message=sent, configuration=configuration))
        ]
        task_id = events[0].task.id
        listed = await client.list_tasks(ListTasksRequest(status=TaskState.TASK_STATE_COMPLETED))
        assert [task.id for task in listed.tasks] == [task_id] and not listed.tasks[0].artifacts
        read = await client.get_task(GetTaskRequest(id=task_id, history_length=0))
        assert read.artifacts and not read.history
        configs = await client.list_task_push_notification_configs(
            ListTaskPushNotificationConfigsRequest(task_id=task_id)
        )
        [config] = configs.configs
        assert config.url == f"{url}/hook"
        await client.delete_task_push_notification_config(
            DeleteTaskPushNotificationConfigRequest(task_id=task_id, id=config.id)
        )
        left = await client.list_task_push_notification_configs(ListTaskPushNotificationConfigsRequest(task_id=task_id))
        assert not left.configs
        for call in (client.cancel_task(CancelTaskRequest(id=task_id)), client.get_task(GetTaskRequest(id="none"))):
            with pytest.raises(A2AError):
                await call

    with served(hook) as url:
        for binding in ("JSONRPC", "HTTP+JSON"):
            database = f"sqlite:///{tmp_path / binding[:4]}.sqlite3"
            with served(lambda own, at=database: green_app(own, environment_url, at, private_push=True)) as own:
                asyncio.run(using(own, work, binding=binding))
    states = [one["statusUpdate"]["status"]["state"] for one in pushed if "statusUpdate" in one]
    assert states.count("TASK_STATE_COMPLETED") == 2 and "TASK_STATE_WORKING" in states


def test_the_limit_of_a_reply_holds_one_of_64_kib_many_times() -> None:
    from dipg_safety_gym.core.wire import MAX_RESPONSE_BYTES

    assert participant_module.MAX_REPLY_BYTES >= 32 * MAX_RESPONSE_BYTES

"""`client.http` against a real server, and against real sockets that misbehave."""

from __future__ import annotations

import asyncio
import json
import pickle
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from dipg_safety_gym.client import calls, errors
from dipg_safety_gym.client.connection import MAX_RETRY_AFTER_S, retry_after
from dipg_safety_gym.client.http import AsyncDIPGClient, DIPGClient
from dipg_safety_gym.core.wire import MAX_BATCH, BatchStepItem, Problem, ResetRequest

HEALTHY = {"status": "healthy"}


@pytest.fixture(scope="module")
def client(live_server: str) -> Iterator[DIPGClient]:
    with DIPGClient(live_server) as opened:
        yield opened


class TestCalls:
    def test_a_solved_episode_earns_the_maximum(self, client: DIPGClient, solved: Any) -> None:
        posed = client.reset(task_id=solved.task_id, profile="strict").observation
        assert posed.messages[-1]["role"] == "user"
        result = client.step(solved.response, posed.episode_id)
        assert result.reward == 1.0
        assert result.observation.episode_id == posed.episode_id
        assert result.observation.score.quotes

    def test_the_state_tells_what_the_episode_is(self, client: DIPGClient) -> None:
        posed = client.reset(split="train", seed=3, profile="soft").observation
        state = client.state(posed.episode_id)
        assert (state.task_id, state.seed, state.profile) == (posed.task_id, 3, "soft")

    def test_a_seed_poses_the_same_task(self, client: DIPGClient) -> None:
        ids = {client.reset(split="many", seed=11).observation.task_id for _ in range(3)}
        assert len(ids) == 1

    def test_an_index_poses_the_task_at_its_place(self, client: DIPGClient) -> None:
        assert client.reset(split="many", index=7).observation.task_id == "t-1007"

    def test_a_page_is_a_part_of_the_split(self, client: DIPGClient) -> None:
        page = client.tasks("many", offset=1200, limit=10)
        assert (page.total, [task.task_id for task in page.tasks]) == (1203, ["t-2200", "t-2201", "t-2202"])

    def test_iter_tasks_gives_every_task_once_in_order(self, client: DIPGClient) -> None:
        assert [task.task_id for task in client.iter_tasks("many")] == [f"t-{1000 + n}" for n in range(1203)]

    def test_health(self, client: DIPGClient) -> None:
        assert client.health()["status"] == "healthy"

    def test_the_async_client_gives_the_same(self, client: DIPGClient, live_server: str, solved: Any) -> None:
        async def use() -> None:
            async with AsyncDIPGClient(live_server) as other:
                posed = (await other.reset(task_id=solved.task_id)).observation
                result = await other.step(solved.response, posed.episode_id)
                assert result == client.step(solved.response, posed.episode_id)
                assert await other.state(posed.episode_id) == client.state(posed.episode_id)
                assert await other.tasks("eval") == client.tasks("eval")
                assert [task async for task in other.iter_tasks("many")] == list(client.iter_tasks("many"))
                items = [{"task_id": solved.task_id, "response": solved.response}, {"response": "x"}]
                assert await other.batch_step(items) == client.batch_step(items)
                [reset] = await other.batch_reset([ResetRequest(split="many", seed=5)])
                assert reset.result
                assert reset.result.observation.task_id == client.reset(split="many", seed=5).observation.task_id
                assert await other.rewards([solved.response], task_ids=[solved.task_id]) == [1.0]
                assert await other.health() == client.health()

        asyncio.run(use())


class TestBatches:
    def test_more_items_than_one_call_takes_keep_their_order(self, client: DIPGClient) -> None:
        tasks = [f"t-{1000 + n % 1203}" for n in range(2 * MAX_BATCH + 300)]
        items: list[BatchStepItem | dict[str, Any]] = [
            BatchStepItem(response="no tags", task_id=task_id) for task_id in tasks
        ]
        items[1500] = {"response": "no tags"}
        answers = client.batch_step(items)
        assert answers[1500].problem is not None
        assert answers[1500].result is None
        good = [answer.result.observation.task_id for answer in answers if answer.result]
        assert good == tasks[:1500] + tasks[1501:]

    def test_long_resets_keep_their_order(self, client: DIPGClient) -> None:
        answers = client.batch_reset([{"split": "many", "index": n} for n in range(1203)])
        found = [answer.result.observation.task_id for answer in answers if answer.result]
        assert found == [f"t-{1000 + n}" for n in range(1203)]

    def test_bodies_are_bounded_by_items_and_bytes(self) -> None:
        many = list(calls.batch_step_calls([{"response": "x"}] * (MAX_BATCH + 1)))
        assert [call.count for call in many] == [MAX_BATCH, 1]
        long = list(calls.batch_step_calls([{"response": "x" * 1_000_000}] * 20))
        assert sum(call.count or 0 for call in long) == 20
        assert all(call.body and len(call.body) < calls.MAX_BODY_BYTES + 100 for call in long)
        huge = list(calls.batch_step_calls([{"response": "x" * (9 << 20)}, {"response": "x"}]))
        assert [call.count for call in huge] == [1, 1]
        assert [item for call in long for item in json.loads(call.body or b"")["items"]]

    def test_no_items_need_no_call(self) -> None:
        with DIPGClient("http://127.0.0.1:9", retries=0) as nowhere:
            assert nowhere.batch_step([]) == []
            assert nowhere.batch_reset([]) == []

    def test_a_text_that_is_not_unicode_fails_alone(self, client: DIPGClient, solved: Any) -> None:
        broken = solved.response.replace("Median", "\ud800")
        items = [{"task_id": solved.task_id, "response": text} for text in (broken, solved.response)]
        refused, scored = client.batch_step(items)
        assert refused.problem is not None
        assert refused.problem.fault == "response"
        assert scored.result is not None


class TestRewards:
    def test_rewards_keep_the_order_of_the_responses(self, client: DIPGClient, solved: Any) -> None:
        responses = [solved.response, "no tags", solved.response]
        best, worst, again = client.rewards(responses, task_ids=[solved.task_id] * 3, profile="soft")
        assert best == again == 1.0
        assert worst < 0

    def test_a_group_is_scored_on_one_episode(self, client: DIPGClient, solved: Any) -> None:
        episode_id = client.reset(task_id=solved.task_id).observation.episode_id
        assert client.rewards([solved.response] * 4, episode_ids=[episode_id] * 4) == [1.0] * 4

    def test_a_refused_response_raises_or_earns_the_floor(self, client: DIPGClient, solved: Any) -> None:
        responses, task_ids = [solved.response, "a\x00b"], [solved.task_id] * 2
        with pytest.raises(errors.ResponseRefused, match="U\\+0000") as caught:
            client.rewards(responses, task_ids=task_ids)
        floor = caught.value.floor
        assert floor is not None
        assert floor < 0
        assert client.rewards(responses, task_ids=task_ids, refused="floor") == [1.0, floor]

    def test_no_other_error_becomes_a_reward(self, client: DIPGClient, solved: Any) -> None:
        with pytest.raises(errors.BadRequest, match="no task"):
            client.rewards([solved.response], task_ids=["t-none"], refused="floor")

    @pytest.mark.parametrize(
        "targets",
        [{}, {"task_ids": ["a"], "episode_ids": ["b"]}, {"task_ids": ["a", "b"]}, {"task_ids": "a"}],
    )
    def test_wrong_lists_are_refused_before_anything_is_sent(self, targets: dict[str, Any]) -> None:
        with DIPGClient("http://127.0.0.1:9") as nowhere, pytest.raises(errors.InvalidCall):
            nowhere.rewards(["x"], **targets)


class TestErrors:
    def test_a_forged_episode(self, client: DIPGClient) -> None:
        token = client.reset(seed=1).observation.episode_id
        with pytest.raises(errors.BadRequest) as caught:
            # Not the last character: two of its bits are padding, so another one may mean the same bytes.
            client.step("x", token[:-9] + ("A" if token[-9] != "A" else "B") + token[-8:])
        assert caught.value.problem.status == 403

    def test_ten_megabytes(self, client: DIPGClient, solved: Any) -> None:
        token = client.reset(seed=1).observation.episode_id
        with pytest.raises(errors.ResponseRefused, match="limit") as caught:
            client.step("x" * 10_000_000, token)
        assert caught.value.problem.status in (413, 422)
        texts = ("x" * 10_000_000, solved.response)
        large, good = client.batch_step([{"task_id": solved.task_id, "response": text} for text in texts])
        assert large.problem is not None
        assert large.problem.fault == "response"
        assert good.result is not None

    def test_more_than_the_server_reads_at_all(self, client: DIPGClient) -> None:
        with pytest.raises(errors.ProblemError) as caught:
            client.step("x" * 20_000_000, "token")
        assert caught.value.problem.status == 413

    @pytest.mark.parametrize("fields", [{"task_id": "t-none"}, {"split": "none"}, {"split": "many", "index": 1203}])
    def test_unknown_tasks(self, client: DIPGClient, fields: dict[str, Any]) -> None:
        with pytest.raises(errors.BadRequest) as caught:
            client.reset(**fields)
        assert caught.value.problem.status == 404

    @pytest.mark.parametrize(
        "fields",
        [{"seed": -1}, {"index": -1}, {"profile": "mild"}, {"profile": "soft", "risk_threshold": 0.5}],
    )
    def test_wrong_arguments_are_not_sent(self, fields: dict[str, Any]) -> None:
        with DIPGClient("http://127.0.0.1:9") as nowhere, pytest.raises(errors.InvalidCall):
            nowhere.reset(**fields)

    @pytest.mark.parametrize(
        "arguments",
        [{"base_url": "localhost:8000"}, {"base_url": "ftp://x"}, {"timeout_s": 0}, {"retries": -1}],
    )
    def test_wrong_settings(self, arguments: dict[str, Any]) -> None:
        with pytest.raises(errors.InvalidCall):
            DIPGClient(**arguments)

    def test_a_wrong_path(self, live_server: str) -> None:
        with DIPGClient(f"{live_server}/nothing/here") as lost, pytest.raises(errors.BadRequest) as caught:
            lost.health()
        assert caught.value.problem.status == 404

    def test_a_server_that_is_down(self) -> None:
        url = f"http://127.0.0.1:{_unused_port()}"
        with DIPGClient(url, retries=1) as nowhere, pytest.raises(errors.ServerUnavailable) as caught:
            nowhere.health()
        assert all(part in str(caught.value) for part in (url, "2 tries", "dipg-gym serve"))

        async def use() -> None:
            async with AsyncDIPGClient(url, retries=0) as other:
                await other.health()

        with pytest.raises(errors.ServerUnavailable, match="1 try"):
            asyncio.run(use())

    def test_errors_survive_pickling(self) -> None:
        error = errors.ProblemError.of(Problem.model_validate({**_problem("request"), "floor": -1.0}))
        copy = pickle.loads(pickle.dumps(error))
        assert (type(copy), str(copy), copy.floor) == (errors.BadRequest, str(error), -1.0)
        assert str(type(error)(error)) == str(error)
        gone = errors.ServerUnavailable("gone")
        assert str(pickle.loads(pickle.dumps(gone))) == "gone"


Behaviour = Callable[[BaseHTTPRequestHandler], None]


def answer(status: int, body: Any = None, **headers: str) -> Behaviour:
    """Sends JSON, or text as HTML; header names are written with underscores."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        sent = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "text/html" if isinstance(body, str) else "application/json")
        handler.send_header("Content-Length", str(len(sent)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(sent)

    return behave


def cut(handler: BaseHTTPRequestHandler) -> None:
    """Closes the connection without an answer."""
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def cut_midway(handler: BaseHTTPRequestHandler) -> None:
    """Announces more than it sends."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"{")
    cut(handler)


def hang(handler: BaseHTTPRequestHandler) -> None:
    """Answers too late."""
    time.sleep(0.5)
    cut(handler)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Broken pipes are what these tests are about."""


@contextmanager
def scripted(*behaviours: Behaviour) -> Iterator[tuple[str, list[str]]]:
    """A server that behaves so, request by request; gives its URL and the paths it was asked."""
    script, seen = list(behaviours), []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            seen.append(self.path)
            script.pop(0)(self)

        do_POST = do_GET

        def log_message(self, *args: Any) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class TestRetries:
    def test_retry_after_is_obeyed(self) -> None:
        busy = answer(503, {}, Retry_After="1")
        with scripted(busy, answer(429, {}, Retry_After="0"), answer(200, HEALTHY)) as (url, seen):
            started = time.monotonic()
            with DIPGClient(url) as client:
                assert client.health() == HEALTHY
            assert time.monotonic() - started >= 1.0
            assert len(seen) == 3

    @pytest.mark.parametrize("failing", [cut, cut_midway, hang, answer(502, "<html>"), answer(504, "")])
    def test_what_passes_is_tried_again(self, failing: Behaviour) -> None:
        with scripted(failing, answer(200, HEALTHY)) as (url, seen):
            with DIPGClient(url, timeout_s=0.2, retries=1) as client:
                assert client.health() == HEALTHY
            assert len(seen) == 2

    def test_the_async_client_tries_posts_again(self) -> None:
        step = {"items": [{"result": None, "problem": _problem("response")}]}

        async def use(url: str) -> None:
            async with AsyncDIPGClient(url, retries=2) as client:
                [item] = await client.batch_step([{"response": "x", "task_id": "t"}])
                assert item.problem

        with scripted(cut, answer(503, {}, Retry_After="0"), answer(200, step)) as (url, seen):
            asyncio.run(use(url))
            assert seen == ["/batch/step"] * 3

    @pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 422, 500])
    def test_other_statuses_are_final(self, status: int) -> None:
        problem = _problem("server" if status == 500 else "request", status)
        expected = errors.ServerFailed if status == 500 else errors.BadRequest
        with scripted(answer(status, problem)) as (url, seen):
            with DIPGClient(url) as client, pytest.raises(expected):
                client.reset(seed=1)
            assert len(seen) == 1

    def test_a_server_that_stays_busy(self) -> None:
        with scripted(*[answer(503, "<html>busy</html>", Retry_After="0")] * 2) as (url, seen):
            with DIPGClient(url, retries=1) as client, pytest.raises(errors.ServerUnavailable, match="503"):
                client.health()
            assert len(seen) == 2
        busy = answer(503, _problem("server", 503), Retry_After="0")
        failed = pytest.raises(errors.ServerFailed)
        with scripted(busy) as (url, _), DIPGClient(url, retries=0) as client, failed:
            client.health()

    @pytest.mark.parametrize(("value", "seconds"), [("3", 3), ("0", 0), ("999999", MAX_RETRY_AFTER_S)])
    def test_retry_after_in_seconds(self, value: str, seconds: float) -> None:
        assert retry_after(value) == seconds

    @pytest.mark.parametrize(("ahead", "seconds"), [(30, 30), (-30, 0), (10**6, MAX_RETRY_AFTER_S)])
    def test_retry_after_as_a_date(self, ahead: float, seconds: float) -> None:
        # A date has whole seconds.
        assert retry_after(formatdate(time.time() + ahead, usegmt=True)) == pytest.approx(seconds, abs=1.5)

    @pytest.mark.parametrize("value", [None, "", "soon", "-5", "1.5.2", "Mon, 99 Foo 2020"])
    def test_other_values_say_nothing(self, value: str | None) -> None:
        assert retry_after(value) is None


class TestStrangeAnswers:
    @pytest.mark.parametrize(
        ("strange", "named"),
        [
            (answer(200, "<html>Welcome</html>"), "text/html"),
            (answer(404, "<html>nginx</html>"), "404"),
            (answer(404, {"detail": "Not Found"}), "problem document"),
            (answer(200, {"tasks": []}), "split"),
            (answer(301, "", Location="https://elsewhere/tasks"), "https://elsewhere/tasks"),
            (answer(200, {}, Content_Encoding="gzip"), "DecodingError"),
        ],
    )
    def test_what_is_not_this_api_is_named(self, strange: Behaviour, named: str) -> None:
        found = pytest.raises(errors.ProtocolError, match=named)
        with scripted(strange) as (url, _), DIPGClient(url) as client, found:
            client.tasks("train")

    def test_a_batch_answer_of_another_length(self) -> None:
        found = pytest.raises(errors.ProtocolError, match="0 items to 1")
        with scripted(answer(200, {"items": []})) as (url, _), DIPGClient(url) as client, found:
            client.batch_step([{"response": "x", "task_id": "t"}])

    def test_a_refusal_without_a_floor_raises(self) -> None:
        body = {"items": [{"problem": _problem("response")}]}
        refused = pytest.raises(errors.ResponseRefused)
        with scripted(answer(200, body)) as (url, _), DIPGClient(url) as client, refused:
            client.rewards(["x"], task_ids=["t"], refused="floor")


class TestProxies:
    def test_a_proxy_of_the_environment_is_used_but_not_for_loopback(
        self, live_server: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def ask(url: str) -> dict[str, Any]:
            async with AsyncDIPGClient(url, retries=0) as client:
                return await client.health()

        with scripted(*[answer(200, HEALTHY)] * 2) as (proxy, seen):
            monkeypatch.setenv("HTTP_PROXY", proxy)
            monkeypatch.delenv("NO_PROXY", raising=False)
            monkeypatch.delenv("no_proxy", raising=False)
            assert asyncio.run(ask("http://gym.invalid")) == HEALTHY
            with DIPGClient("http://gym.invalid", retries=0) as client:
                assert client.health() == HEALTHY
            asyncio.run(ask(live_server))
            assert seen == ["http://gym.invalid/health"] * 2


class TestLoad:
    def test_hundreds_of_calls_at_once(self, live_server: str, solved: Any) -> None:
        async def use() -> list[float]:
            async with AsyncDIPGClient(live_server) as client:
                token = (await client.reset(task_id=solved.task_id)).observation.episode_id
                results = await asyncio.gather(*(client.step(solved.response, token) for _ in range(300)))
                return [result.reward for result in results]

        assert asyncio.run(use()) == [1.0] * 300

    def test_calls_in_sequence_keep_to_one_connection(self) -> None:
        ports: set[int] = set()

        def remember(handler: BaseHTTPRequestHandler) -> None:
            ports.add(handler.client_address[1])
            answer(200, HEALTHY)(handler)

        async def use(url: str) -> None:
            async with AsyncDIPGClient(url) as client:
                for _ in range(5):
                    await client.health()

        with scripted(*[remember] * 5) as (url, _):
            asyncio.run(use(url))
        assert len(ports) == 1

    def test_threads_share_a_client(self, client: DIPGClient, solved: Any) -> None:
        with ThreadPoolExecutor(16) as pool:
            found = pool.map(lambda n: client.reset(split="many", index=n).observation.task_id, range(64))
        assert list(found) == [f"t-{1000 + n}" for n in range(64)]


def test_the_import_is_light() -> None:
    code = "import sys, dipg_safety_gym.client.http; print('\\n'.join(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"openenv", "fastapi", "uvicorn", "starlette", "rapidfuzz", "dipg_safety_gym.server"}
    assert not heavy & set(run.stdout.split())


def _problem(fault: str, status: int = 422) -> dict[str, Any]:
    return {"type": "urn:x:y", "title": "t", "status": status, "detail": "d", "fault": fault}


def _unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

"""Benchmark runs against a real server: what counts, what does not, resuming, reports and the command itself."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from dipg_safety_gym.agents.bench import BenchConfig, BenchResult, draw_tasks, run_benchmark
from dipg_safety_gym.agents.labels import Labels
from dipg_safety_gym.agents.registry import Source, UnknownAgent, open_source
from dipg_safety_gym.agents.report import Report, render_html, write_report
from dipg_safety_gym.agents.responses import Recorded, ResponseFileError, ResponseLog, read_responses
from dipg_safety_gym.client.errors import MissingExtra, ServerUnavailable
from dipg_safety_gym.client.http import AsyncDIPGClient, DIPGClient
from dipg_safety_gym.core.tags import render_response
from dipg_safety_gym.core.task_set import task_set_hash
from dipg_safety_gym.core.tasks import load_tasks
from dipg_safety_gym.core.wire import MAX_RESPONSE_BYTES, TaskView

DECLINE = render_response(think="", proof="", answer="The record does not tell.")


class Scripted:
    """Answers by the words of the question or the context, and counts its calls."""

    name = "scripted"

    def __init__(self, **by_word: Any) -> None:
        self.by_word = by_word
        self.calls = 0
        self.running = self.most_running = 0

    async def answer(self, context: str, question: str, messages: Sequence[dict[str, str]]) -> Any:
        self.calls += 1
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await asyncio.sleep(0.001)
            assert context in messages[-1]["content"] and messages[0]["role"] == "system"
            for word, what in self.by_word.items():
                if word in context or word in question:
                    return await what() if callable(what) else what
            return DECLINE
        finally:
            self.running -= 1


async def fail() -> str:
    raise RuntimeError("the provider\nis away")


async def sleep() -> str:
    await asyncio.sleep(30)
    return DECLINE


def run(url: str, source: Source, out: Path, **options: Any) -> BenchResult:
    labels, resume = options.pop("labels", None), options.pop("resume", False)
    seen: list[Any] = options.pop("seen", [])

    async def main() -> BenchResult:
        async with AsyncDIPGClient(url, retries=0) as client:
            config = BenchConfig(**{"split": "train", **options})
            return await run_benchmark(
                client, source, config, out, labels=labels, resume=resume, on_progress=seen.append
            )

    return asyncio.run(main())


def views(count: int) -> list[TaskView]:
    return [TaskView(task_id=f"t{n}", context=f"c{n}", question="q") for n in range(count)]


def test_failures_that_are_not_the_models_are_never_graded(live_server: str, tmp_path: Path) -> None:
    async def number() -> Any:
        return 7

    too_large = "x" * (MAX_RESPONSE_BYTES + 1)
    agent = Scripted(cohort=fail, temperature=sleep, arm=number, Dexamethasone=too_large)
    seen: list[Any] = []
    result = run(live_server, Source("scripted", agent), tmp_path, timeout_s=0.5, profile="strict", seen=seen)
    assert [outcome.status for outcome in result.outcomes] == [
        "graded",
        "no_answer",
        "no_answer",
        "no_answer",
        "refused",
    ]
    reasons = [outcome.reason for outcome in result.outcomes]
    assert reasons[1] == "RuntimeError: the provider is away"
    assert reasons[2] == "no answer within 0.5 s"
    assert reasons[3] == "AgentError: the agent returned int, expected a string"
    # What the server refuses to read counts against the model, as the worst that the strict profile knows.
    refused = result.outcomes[4].score
    assert refused is not None and (refused.reward, refused.safe) == (pytest.approx(-3.3), False)
    assert (result.summary.answered, result.summary.unanswered) == (2, 3)
    assert result.summary.overall["mean_reward"].value == pytest.approx((-0.2 - 3.3) / 2)
    assert (seen[-1].done, seen[-1].total, seen[-1].unanswered) == (5, 5, 3)


def test_concurrency_is_bounded(live_server: str, tmp_path: Path) -> None:
    agent = Scripted()
    result = run(live_server, Source("scripted", agent), tmp_path, split="many", count=60, concurrency=5)
    assert result.summary.answered == agent.calls == 60
    assert 2 <= agent.most_running <= 5


def test_a_dead_server_fails_the_run_and_keeps_the_responses(tmp_path: Path) -> None:
    with pytest.raises(ServerUnavailable):
        run("http://127.0.0.1:9", Source("scripted", Scripted()), tmp_path)


def test_a_stopped_run_goes_on_where_it_was(live_server: str, tmp_path: Path) -> None:
    first = Scripted(Dexamethasone=sleep)
    with pytest.raises(TimeoutError):
        asyncio.run(_stopped_after(live_server, first, tmp_path))
    log = tmp_path / "responses.jsonl"
    assert len(log.read_text().splitlines()) == 4
    # As a killed process leaves it: half a line at the end.
    with log.open("a") as file:
        file.write('{"task_id": "t-0005", "resp')
    second = Scripted()
    result = run(live_server, Source("scripted", second), tmp_path, resume=True)
    assert (second.calls, result.summary.answered) == (1, 5)
    third = Scripted()
    again = run(live_server, Source("scripted", third), tmp_path, resume=True)
    assert (third.calls, again.summary) == (0, result.summary)


async def _stopped_after(url: str, agent: Scripted, out: Path) -> None:
    async with AsyncDIPGClient(url) as client, asyncio.timeout(1.0):
        await run_benchmark(client, Source("scripted", agent), BenchConfig(split="train"), out)


def test_a_run_is_stored_and_gone_on_with(live_server: str, tmp_path: Path) -> None:
    """A failed task leaves the run open; resumed, it takes what is missing, and is complete."""
    first = run(live_server, Source("scripted", Scripted(cohort=fail)), tmp_path)
    assert (first.run.status, first.run.answered) == ("open", 4) and "--resume tries them again" in first.notes[-1]
    second = run(live_server, Source("scripted", Scripted()), tmp_path, resume=True)
    assert second.run.run_id == first.run.run_id
    assert (second.run.status, second.run.answered, second.run.partial) == ("complete", 5, False)
    assert second.run.summary is not None
    value = second.run.summary["overall"]["mean_reward"]["value"]
    assert value == pytest.approx(second.summary.overall["mean_reward"].value)
    # Some tasks alone, or a file without some, make a partial run.
    drawn = run(live_server, Source("scripted", Scripted()), tmp_path, count=2)
    assert drawn.run.partial and drawn.run.answered == 2 and drawn.run.run_id != first.run.run_id


def test_a_run_that_the_server_does_not_know_is_begun_anew(live_server: str, tmp_path: Path) -> None:
    first = run(live_server, Source("scripted", Scripted()), tmp_path)
    for left in ('{"run_id": "run-0123456789abcdef"}', "not JSON", "[]"):
        (tmp_path / "run.json").write_text(left)
        agent = Scripted()
        again = run(live_server, Source("scripted", agent), tmp_path, resume=True)
        assert again.run.run_id != first.run.run_id and again.run.status == "complete"
        assert agent.calls == 0 and again.summary == first.summary


def test_resuming_asks_again_where_the_task_has_another_text(live_server: str, tmp_path: Path) -> None:
    with ResponseLog(tmp_path / "responses.jsonl") as log:
        log.append(Recorded("t-0001", DECLINE, "scripted", "the hash of another text"))
    agent = Scripted()
    run(live_server, Source("scripted", agent), tmp_path, resume=True)
    assert agent.calls == 5
    run(live_server, Source("scripted", agent), tmp_path, resume=True)
    assert agent.calls == 5


def test_the_log_of_another_agent_is_not_resumed(live_server: str, tmp_path: Path) -> None:
    run(live_server, Source("scripted", Scripted()), tmp_path)
    with pytest.raises(ResponseFileError, match="holds responses of scripted, expected those of other"):
        run(live_server, Source("other", Scripted()), tmp_path, resume=True)


def test_an_earlier_log_is_never_overwritten(live_server: str, tmp_path: Path) -> None:
    for _ in range(3):
        run(live_server, Source("scripted", Scripted()), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "responses.1.jsonl",
        "responses.2.jsonl",
        "responses.jsonl",
        "run.json",
    ]


def test_a_file_of_responses(live_server: str, tmp_path: Path, solved: Any) -> None:
    file = tmp_path / "mine.jsonl"
    lines = [{"task_id": solved.task_id, "response": solved.response}, {"task_id": "strange", "response": ""}]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    result = run(live_server, open_source(str(file)), tmp_path)
    assert [outcome.status for outcome in result.outcomes] == ["graded", *["no_answer"] * 4]
    assert result.outcomes[0].score is not None and result.outcomes[0].score.reward == 1.0
    assert result.outcomes[1].reason == "the file has no response for it"
    assert "1 of the file's responses are to other tasks" in result.notes[-1]
    file.write_text(json.dumps(lines[1]))
    with pytest.raises(ResponseFileError, match="none of its 1 responses is to one of the 5 tasks"):
        run(live_server, open_source(str(file)), tmp_path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", r"line 2: not JSON in UTF-8"),
        (b'"\xff"', r"line 2: not JSON in UTF-8"),
        (b"[1]", r"line 2: a JSON list; expected"),
        (b'{"response": "x"}', r"line 2, field task_id: found nothing, expected a string"),
        (b'{"task_id": "a", "response": null}', r"line 2, field response: found NoneType, expected a string"),
        (b'{"task_id": "t", "response": "x"}', r"line 2, field task_id: 't' stands on line 1 already"),
    ],
)
def test_a_broken_file_of_responses_names_line_and_field(tmp_path: Path, line: bytes, message: str) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(b'{"task_id": "t", "response": "x", "model": "ignored"}\n' + line + b"\n")
    with pytest.raises(ResponseFileError, match=message):
        read_responses(path)


def test_labels_join_only_the_same_tasks(live_server: str, task_files: dict[str, str], tmp_path: Path) -> None:
    source = Source("scripted", Scripted())
    known = run(live_server, source, tmp_path, labels=Labels(load_tasks(task_files["train"])))
    assert list(known.summary.by_kind) == ["reasoning", "trap"] and known.notes == []
    assert known.summary.overall["abstention_recall"].value == 1.0
    changed = [task.model_copy(update={"context": task.context + " "}) for task in load_tasks(task_files["train"])]
    for labels in (None, Labels(changed), Labels(load_tasks(task_files["eval"]))):
        bare = run(live_server, source, tmp_path, labels=labels)
        assert bare.summary.by_kind == {} and "no local copy" in bare.notes[0]
        assert bare.summary.overall["abstention_recall"].value is None
        assert bare.summary.overall["mean_reward"].value == known.summary.overall["mean_reward"].value


def test_tasks_are_drawn_by_the_seed() -> None:
    tasks = views(50)
    drawn = draw_tasks(tasks, 10, 3)
    assert drawn == draw_tasks(tasks, 10, 3) == sorted(drawn, key=tasks.index)
    assert drawn != draw_tasks(tasks, 10, 4)
    assert {task.task_id for task in draw_tasks(tasks[::-1], 10, 3)} == {task.task_id for task in drawn}
    assert draw_tasks(tasks, 99, 0) == draw_tasks(tasks, None, 0) == tasks


def test_the_hash_is_of_the_tasks_and_not_of_their_order() -> None:
    tasks = views(3)
    assert task_set_hash(tasks) == task_set_hash(tasks[::-1])
    assert task_set_hash(tasks) != task_set_hash(tasks[:2])


@pytest.fixture
def report(live_server: str, task_files: dict[str, str], tmp_path: Path) -> Report:
    agent = Scripted(cohort=fail, β="<b>not the form</b>")
    labels = Labels(load_tasks(task_files["train"]))
    name = "litellm:<script>alert(1)</script>$x^2$"
    return Report.of(run(live_server, Source(name, agent), tmp_path, labels=labels), server="local")


def test_report_files(report: Report, tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"
    write_report(report, out)
    assert {path.name for path in out.iterdir()} == {
        "results.json",
        "results.csv",
        "metrics.csv",
        "report.png",
        "report.html",
    }
    results = json.loads((out / "results.json").read_text())
    assert results["notice"] == "For research, never for patients."
    assert results["scorer_version"] and results["versions"]["dipg-safety-gym"] and results["date"]
    assert results["task_set"]["tasks"] == len(results["rows"]) == 5
    assert results["unanswered_reasons"] == {"no_answer: RuntimeError: the provider is away": 1}
    summary = results["summary"]
    assert summary["by_kind"]["reasoning"]["format_error_rate"]["n"] == 4
    assert (out / "report.png").read_bytes().startswith(b"\x89PNG")
    rows = list(csv.DictReader((out / "results.csv").read_text().splitlines()))
    assert [row["status"] for row in rows] == [row["status"] for row in results["rows"]]
    metrics = list(csv.DictReader((out / "metrics.csv").read_text().splitlines()))
    assert {row["group"] for row in metrics} == {"all", "reasoning"}


def test_no_row_holds_gold_or_what_tells_it(report: Report, tmp_path: Path) -> None:
    write_report(report, tmp_path)
    row_keys = {key for row in json.loads((tmp_path / "results.json").read_text())["rows"] for key in row}
    assert row_keys.isdisjoint({"gold", "kind", "family", "must_abstain", "twin_of"})
    everything = "".join((tmp_path / name).read_text() for name in ("results.json", "results.csv", "report.html"))
    assert "11.2 months" not in everything


def test_the_page_needs_nothing_and_escapes_everything(report: Report) -> None:
    page = render_html(report, b"\x89PNG")
    assert "<script" not in page and "&lt;script&gt;" in page
    assert 'src="data:image/png;base64,' in page
    assert "http://" not in page and "https://" not in page
    assert "prefers-color-scheme: dark" in page and '<html lang="en">' in page
    assert "For research, never for patients." in page


@pytest.mark.parametrize("spec", ["", "litellm:", "no-such-agent", "."])
def test_an_unknown_agent_is_named(spec: str) -> None:
    with pytest.raises(UnknownAgent, match="expected baseline, litellm:MODEL, a2a:URL or a file"):
        open_source(spec)


def test_an_api_base_is_for_litellm() -> None:
    with pytest.raises(UnknownAgent, match="for litellm:MODEL"):
        open_source("baseline", api_base="http://127.0.0.1:1/v1")


def test_without_litellm_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "litellm", None)
    with pytest.raises(MissingExtra, match=r'pip install "dipg-safety-gym\[agents\]"'):
        open_source("litellm:openai/x")


class Provider(BaseHTTPRequestHandler):
    """An OpenAI-compatible server: answers by a script of (status, message) and keeps what it was sent."""

    script: list[tuple[int, dict[str, Any], str]]
    bodies: list[dict[str, Any]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.bodies.append(body)
        status, message, finish = self.script.pop(0)
        choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", **message}}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        reply: dict[str, Any] = {"id": "1", "object": "chat.completion", "created": 1, "model": body["model"]}
        reply |= {"choices": [choice], "usage": usage}
        data = json.dumps(reply if status == 200 else {"error": {"message": "busy"}}).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def provider() -> Iterator[tuple[str, type[Provider]]]:
    class Fresh(Provider):
        script: list[tuple[int, dict[str, Any], str]] = []  # noqa: RUF012
        bodies: list[dict[str, Any]] = []  # noqa: RUF012

    server = ThreadingHTTPServer(("127.0.0.1", 0), Fresh)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1", Fresh
    server.shutdown()
    thread.join()
    server.server_close()


# LiteLLM's own: unclosed aiohttp sessions, deprecated pydantic calls.
@pytest.mark.filterwarnings("default")
def test_litellm(
    provider: tuple[str, type[Provider]], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from dipg_safety_gym.agents.litellm_agent import LiteLLMAgent

    url, server = provider
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    untagged = "<proof>\n</proof>\n<answer>\nx\n</answer>"
    server.script += [
        (500, {}, ""),
        (429, {}, ""),
        (200, {"content": DECLINE}, "stop"),
        (200, {"content": untagged, "reasoning_content": "hm"}, "stop"),
        (200, {"content": f"<think></think>{untagged}"}, "stop"),
        (200, {"content": DECLINE, "reasoning_content": "hm"}, "stop"),
        (200, {"content": None}, "length"),
        (200, {"content": ""}, "content_filter"),
        (401, {}, ""),
        *[(500, {}, "")] * 4,
    ]
    agent = LiteLLMAgent("openai/some-model", api_base=url, longest_wait_s=0.01)
    messages = [{"role": "user", "content": "?"}]

    async def ask(times: int) -> list[str]:
        results = [agent.answer("c", "?", messages) for _ in range(times)]
        return [
            str(error) if isinstance(error, BaseException) else error
            for error in [(await asyncio.gather(result, return_exceptions=True))[0] for result in results]
        ]

    answers = asyncio.run(ask(8))
    assert answers[:3] == [DECLINE, f"<think>hm</think>{untagged}", f"<think></think>{untagged}"]
    assert answers[3:5] == [DECLINE, ""]
    assert "content filter" in answers[5]
    assert "busy" in answers[6] and "busy" in answers[7]
    # Three tries for the first, one for the wrong key, four for the provider that stays away.
    assert len(server.bodies) == 13 and not server.script
    assert server.bodies[0]["messages"] == messages
    assert (server.bodies[0]["temperature"], server.bodies[0]["model"]) == (0.0, "some-model")
    assert agent.name == "litellm:openai/some-model"
    assert capfd.readouterr().out == ""


def bench(*options: str, cwd: Path, **kwargs: Any) -> subprocess.CompletedProcess[str]:
    """The command, in a folder where it may leave its database."""
    command = [sys.executable, "-c", "from dipg_safety_gym.cli.main import main; main()", "bench", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=cwd, **kwargs)


@pytest.mark.e2e
def test_the_command(tmp_path: Path) -> None:
    done = bench("--count", "20", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["task_set"]["tasks"] == summary["summary"]["answered"] == 20
    assert summary["summary"]["overall"]["format_error_rate"]["value"] == 0.0
    assert (tmp_path / "results" / "report.html").stat().st_size > 10_000
    again = bench("--count", "20", "--resume", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert f"/runs/{summary['run_id']}/page" in again.stdout  # gone on with, not begun anew
    assert "Safe response rate" in again.stdout and "20/20 tasks" in again.stderr
    # Not a terminal: no escape sequences.
    assert "\x1b" not in again.stdout + again.stderr


@pytest.mark.e2e
def test_the_command_over_a2a(tmp_path: Path) -> None:
    """The same tasks and the same numbers as without, through a green and a purple agent."""
    direct = bench("--count", "20", "--seed", "4", "--json", "--out", "direct", cwd=tmp_path)
    over = bench("--count", "20", "--seed", "4", "--json", "--a2a", cwd=tmp_path)
    assert over.returncode == 0, over.stderr
    first, second = json.loads(direct.stdout), json.loads(over.stdout)
    assert first["summary"] == second["summary"] and first["task_set"] == second["task_set"]
    assert first["run_id"] != second["run_id"]
    assert json.loads((tmp_path / "results" / "run.json").read_text()) == {"run_id": second["run_id"]}
    # The run is complete, and takes no more.
    again = bench("--count", "20", "--seed", "4", "--a2a", "--resume", cwd=tmp_path)
    assert again.returncode == 1 and "expected an open one" in again.stderr


@pytest.mark.e2e
def test_the_command_over_a_task_file(task_files: dict[str, str], tmp_path: Path, solved: Any) -> None:
    responses = tmp_path / "r.jsonl"
    responses.write_text(json.dumps({"task_id": solved.task_id, "response": solved.response}))
    options = ("--agent", str(responses), "--tasks", os.path.relpath(task_files["train"], tmp_path))
    done = bench(*options, "--profile", "strict", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)["summary"]
    assert (summary["answered"], summary["unanswered"]) == (1, 4)
    assert (tmp_path / "results" / "results.csv").exists()


@pytest.mark.e2e
def test_the_command_over_a_server(live_server: str, tmp_path: Path) -> None:
    done = bench("--base-url", live_server, "--split", "many", "--json", "--name", "best of many", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["summary"]["answered"] == 1203 and "no local copy" in result["notes"][0]
    with DIPGClient(live_server) as client:
        run = client.run(result["run_id"])
        assert (run.agent, run.status, run.answered) == ("best of many", "complete", 1203)
        assert client.leaderboard(split="many", agent="best of many").runs[0].run_id == run.run_id
    absent = bench("--base-url", live_server, "--split", "absent", cwd=tmp_path)
    assert absent.returncode == 1 and "there is no split 'absent'" in absent.stderr


@pytest.mark.e2e
def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    done = bench(cwd=tmp_path, env={**os.environ, "DIPG_TASK_FILES": '{"eval": "/absent.jsonl"}'})
    assert done.returncode == 1 and done.stdout == ""
    assert "the local server ended with exit code" in done.stderr and "/absent.jsonl" in done.stderr


@pytest.mark.parametrize(
    "options",
    [
        ("--agent", "absent.jsonl"),
        ("--count", "0"),
        ("--tasks", "/absent.jsonl"),
        ("--profile", "lax"),
        ("--tasks", __file__, "--split", "eval"),
        ("--api-base", "http://127.0.0.1:1/v1"),
        ("--agent", __file__ + ".absent", "--resume"),
        ("--base-url", "not a url"),
        ("--name", " "),
        ("--agent", "responses.jsonl", "--a2a"),
    ],
)
def test_wrong_use_is_exit_code_2(options: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dipg_safety_gym.cli.main import app
    from typer.testing import CliRunner

    monkeypatch.chdir(tmp_path)
    (tmp_path / "responses.jsonl").write_text('{"task_id": "t", "response": "x"}')
    assert CliRunner().invoke(app, ["bench", *options]).exit_code == 2


@pytest.mark.e2e
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_local_server_ends_with_its_command(number: signal.Signals, task_files: dict[str, str]) -> None:
    script = (
        "import sys, time\n"
        "from dipg_safety_gym.cli.local_server import running_server\n"
        f"with running_server({task_files!r}) as url:\n"
        "    print(url, flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # A shell that runs the tests in the background has its children ignore the key that interrupts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert httpx.get(f"{url}/health", trust_env=False).is_success
        started = time.monotonic()
        process.send_signal(number)
        process.wait(20)
    assert time.monotonic() - started < 15
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{url}/health", trust_env=False)

"""`dipg-gym generate clinical`: offline, and against a server that fails as providers do, over real HTTP."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from dipg_safety_gym.benchmarks.teacher_server import USAGE, TeacherServer
from dipg_safety_gym.core.examples import category_of, load_prompts, load_sft
from dipg_safety_gym.core.tasks import load_tasks
from dipg_safety_gym.generation.answer_store import Answer, AnswerStore, StoreError
from dipg_safety_gym.generation.near import NearDuplicates, signature_of
from dipg_safety_gym.generation.teacher_item import ItemError, TeacherItem, answer_schema, read_answer
from dipg_safety_gym.server.rewards import score

DATA = ("tasks.jsonl", "sft.jsonl", "grpo_prompts.jsonl", "rejected.jsonl", "manifest.json")
FAILURES = {"stall": 0.01, "cut": 0.02, "429": 0.02, "429-after": 0.02, "503": 0.02, "503-after": 0.02}
FAULTS = {"broken": 0.03, "schema": 0.03, "fabricated": 0.04, "duplicate": 0.03}
COMMAND = [sys.executable, "-m", "dipg_safety_gym", "generate", "clinical"]


def generate(out: Path, *switches: str, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, "--out", str(out), *switches]
    environment = {**os.environ, "OPENAI_API_KEY": "none", **options.pop("env", {})}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=400, check=False, **options)


@contextmanager
def serving(server: TeacherServer) -> Iterator[tuple[str, ...]]:
    """The switches that name a teacher behind a server."""
    with server.serving() as base:
        yield ("--teacher", "openai/some-model", "--api-base", base, "--timeout", "10", "--price", "1,2")


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


def same(one: Path, other: Path) -> None:
    for name in DATA:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


# Offline.


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("offline") / "new"
    # Neither a key nor a network is there.
    nothing = {"OPENAI_API_KEY": "", "HTTPS_PROXY": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"}
    done = generate(folder, "--count", "200", "--seed", "5", env=nothing)
    assert done.returncode == 0, done.stderr
    assert "200 of 200 items accepted" in done.stdout and "never for patients" in done.stdout
    return folder


def test_offline_items_are_sound(offline: Path) -> None:
    tasks, examples = load_tasks(offline / "tasks.jsonl"), load_sft(offline / "sft.jsonl")
    prompts = load_prompts(offline / "grpo_prompts.jsonl")
    assert [prompt.task_id for prompt in prompts] == [task.id for task in tasks]
    assert Counter(category_of(task.kind) for task in tasks) == {"reasoning": 100, "refusal": 80, "general_safety": 20}
    assert Counter(task.kind for task in tasks)["needle"] == 30
    for task, example in zip(tasks, examples, strict=True):
        assert score(example.response, task).reward == 1.0
    for task in tasks:
        needle = task.metadata.model_dump().get("needle")
        assert (needle is not None) == (task.kind == "needle")
        if needle:
            planted = task.context[needle["start"] : needle["end"]]
            assert planted == task.context.split("\n")[needle["paragraph"]]
            assert all(span in planted for span in task.gold.evidence)
            assert len(task.context.split("\n")) == needle["paragraphs"] >= 10


def test_the_same_seed_gives_the_same_bytes_and_a_larger_count_adds(offline: Path, tmp_path: Path) -> None:
    assert generate(tmp_path / "again", "--count", "200", "--seed", "5").returncode == 0
    same(offline, tmp_path / "again")
    assert generate(tmp_path / "again", "--count", "240", "--seed", "5").returncode == 0
    longer = (tmp_path / "again" / "tasks.jsonl").read_bytes()
    assert longer.startswith((offline / "tasks.jsonl").read_bytes())
    assert generate(tmp_path / "other", "--count", "200", "--seed", "6").returncode == 0
    ids = [{row["id"] for row in rows(folder, "tasks.jsonl")} for folder in (offline, tmp_path / "other")]
    assert not ids[0] & ids[1]


# A teacher over HTTP.


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TeacherServer, str]:
    """A thousand items of a teacher that fails in every way."""
    server = TeacherServer(failures=FAILURES, faults=FAULTS, seconds=0.05)
    folder = tmp_path_factory.mktemp("undisturbed")
    with serving(server) as teacher:
        done = generate(folder, *teacher, "--count", "1000", "--concurrency", "64")
    assert done.returncode == 0, done.stderr
    return folder, server, done.stderr


@pytest.mark.e2e
@pytest.mark.slow
def test_a_thousand_items_of_a_failing_teacher(undisturbed: tuple[Path, TeacherServer, str]) -> None:
    folder, server, said = undisturbed
    tasks, examples = load_tasks(folder / "tasks.jsonl"), load_sft(folder / "sft.jsonl")
    manifest = json.loads((folder / "manifest.json").read_text())
    assert len(tasks) == len({task.id for task in tasks}) == sum(manifest["accepted"].values()) == 1000
    assert all(score(one.response, task).reward == 1.0 for one, task in zip(examples, tasks, strict=True))
    # Every fault of an item is found, and kept with its reason.
    rejected = rows(folder, "rejected.jsonl")
    assert Counter(row["reason"] for row in rejected) == manifest["rejected"]
    assert {"evidence", "duplicate"} <= set(manifest["rejected"]) and all(row["detail"] for row in rejected)
    # No request is answered twice, and none is put that was not needed: one an item, and one for each repair.
    assert max(server.answered.values()) == 1
    repairs = manifest["repaired"] + sum(row["reason"] in ("not JSON", "schema") for row in rejected)
    assert sum(server.answered.values()) == manifest["calls"]["answers"] == 1000 + len(rejected) + repairs
    # A provider that asks for a second is given it.
    assert len(server.waits) > 20 and min(server.waits) >= 1.0
    # Every failure of a try was met by another try.
    assert sum(server.tries.values()) > sum(server.answered.values())
    calls = manifest["calls"]
    assert calls["prompt_tokens"] == USAGE["prompt_tokens"] * calls["answers"]
    assert calls["dollars"] == pytest.approx(calls["answers"] * (1000 * 1 + 500 * 2) / 1e6)
    assert "1000/1000 items" in said and "RuntimeWarning" not in said


@pytest.mark.e2e
@pytest.mark.slow
def test_killed_ten_times_it_ends_with_the_same_bytes(
    undisturbed: tuple[Path, TeacherServer, str], tmp_path: Path
) -> None:
    chance = random.Random(7)
    server = TeacherServer(failures=FAILURES, faults=FAULTS, seconds=0.3)
    switches = ["--count", "1000", "--concurrency", "64"]
    killed = 0
    with serving(server) as teacher:
        for _ in range(10):
            running = subprocess.Popen(
                [*COMMAND, "--out", str(tmp_path), *teacher, *switches],
                env={**os.environ, "OPENAI_API_KEY": "none"},
                stderr=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
            # Some are killed before they ask for anything, most amid their calls.
            before, wanted = sum(server.answered.values()), chance.randrange(100)
            while sum(server.answered.values()) < before + wanted and running.poll() is None:
                time.sleep(0.01)
            assert running.poll() is None, "it ended before it was killed"
            running.send_signal(signal.SIGKILL)
            running.wait()
            killed += 1
        done = generate(tmp_path, *teacher, *switches)
    assert killed == 10 and done.returncode == 0, done.stderr
    same(undisturbed[0], tmp_path)
    # What was stored is not asked for again: at most the calls that a kill met were.
    twice = sum(number - 1 for number in server.answered.values())
    assert twice <= 10 * 64


class Provider(BaseHTTPRequestHandler):
    """Takes the calls of several providers, answers each in its own form, and keeps what it was sent."""

    text = ""
    sent: list[tuple[str, dict[str, Any], dict[str, str]]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.sent.append((self.path, body, dict(self.headers)))
        if "generateContent" in self.path:
            candidate = {"content": {"parts": [{"text": self.text}], "role": "model"}, "finishReason": "STOP"}
            counts = {"promptTokenCount": 11, "candidatesTokenCount": 7, "totalTokenCount": 18}
            reply: dict[str, Any] = {"candidates": [candidate], "usageMetadata": counts}
        elif self.path.startswith("/api/"):
            said = {"response": self.text, "message": {"role": "assistant", "content": self.text}}
            reply = {"model": "m", "done": True, "prompt_eval_count": 11, "eval_count": 7, **said}
        else:
            choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": self.text}}
            usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
            reply = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
            reply["usage"] = usage
        data = json.dumps(reply).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("teacher", "path"),
    [("openai/m", "/chat/completions"), ("open", "/api/"), ("challenger", "/api/"), ("frontier", ":generateContent")],
)
def test_every_provider_is_asked_for_the_same(offline: Path, tmp_path: Path, teacher: str, path: str) -> None:
    """By LiteLLM's own requests, as they come over the wire."""
    first = load_tasks(offline / "tasks.jsonl")[0]
    item = {
        "context": first.context,
        "question": first.question,
        "think": "It stands there.",
        "evidence": list(first.gold.evidence),
        "answer": first.gold.answer,
        "aliases": [],
    }

    class Fresh(Provider):
        text = json.dumps(item)
        sent: list[tuple[str, dict[str, Any], dict[str, str]]] = []  # noqa: RUF012

    server = ThreadingHTTPServer(("127.0.0.1", 0), Fresh)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    keys = {"GEMINI_API_KEY": "none"}
    done = generate(tmp_path, "--teacher", teacher, "--api-base", base, "--count", "1", env=keys)
    server.shutdown()
    server.server_close()
    assert done.returncode == 0, done.stderr
    [(asked_at, body, _)] = [one for one in Fresh.sent if "show" not in one[0]]
    assert path in asked_at
    sent = json.dumps(body)
    assert "You write training and test material" in sent and "two or more statements of the context" in sent
    if teacher == "frontier":
        assert body["generationConfig"]["thinkingConfig"]["thinkingBudget"] == 4096
        assert body["generationConfig"]["max_output_tokens"] == 4096 + 4096
        assert "gemini-2.5-pro" in asked_at
    schema = answer_schema(TeacherItem)["properties"]
    held = body.get("response_format") or body.get("format") or body["generationConfig"]
    assert all(f'"{name}"' in json.dumps(held) for name in schema), held
    calls = json.loads((tmp_path / "manifest.json").read_text())["calls"]
    assert (calls["prompt_tokens"], calls["completion_tokens"]) == (11, 7)


# What goes wrong.


@pytest.mark.e2e
def test_a_quota_that_ends_keeps_what_there_is(tmp_path: Path) -> None:
    server = TeacherServer(quota=60)
    with serving(server) as teacher:
        done = generate(tmp_path, *teacher, "--count", "100", "--concurrency", "8")
        assert done.returncode == 1 and "the quota of openai/some-model has ended" in done.stderr
        before = rows(tmp_path, "tasks.jsonl")
        # Calls that were under way when the quota ended may have been answered.
        assert 60 <= len(before) < 68 and json.loads((tmp_path / "manifest.json").read_text())["state"] == "stopped"
        server.quota = None
        done = generate(tmp_path, *teacher, "--count", "100", "--concurrency", "8")
    assert done.returncode == 0, done.stderr
    assert rows(tmp_path, "tasks.jsonl")[: len(before)] == before and max(server.answered.values()) == 1
    assert sum(server.answered.values()) == 100


@pytest.mark.e2e
def test_a_teacher_that_never_gives_a_sound_item_is_given_up(tmp_path: Path) -> None:
    with serving(TeacherServer(faults={"fabricated": 1.0})) as teacher:
        done = generate(tmp_path, *teacher, "--count", "5")
    assert done.returncode == 1 and "12 items in a row for one slot (reasoning) were rejected" in done.stderr
    assert "does not stand in the context letter by letter" in done.stderr
    assert len(rows(tmp_path, "rejected.jsonl")) == 12 and not rows(tmp_path, "tasks.jsonl")


@pytest.mark.e2e
def test_a_budget_ends_a_run_and_a_larger_one_goes_on(tmp_path: Path) -> None:
    server = TeacherServer()
    with serving(server) as teacher:
        done = generate(tmp_path, *teacher, "--count", "40", "--max-cost", "0.05", "--concurrency", "4")
        assert done.returncode == 1 and "the budget of 0.05 dollars is used up" in done.stderr
        spent = json.loads((tmp_path / "manifest.json").read_text())["calls"]["dollars"]
        assert 0.03 < spent <= 0.05
        done = generate(tmp_path, *teacher, "--count", "40", "--max-tokens", "100000", "--concurrency", "4")
        assert done.returncode == 0, done.stderr
        assert sum(server.answered.values()) == 40
        asked = sum(server.tries.values())
        dry = generate(tmp_path, *teacher, "--count", "5000", "--dry-run")
        assert dry.returncode == 0 and "about 6250 calls for 5000 accepted items" in dry.stdout
        assert "dollars" in dry.stdout and sum(server.tries.values()) == asked
    unknown = generate(
        tmp_path / "none", "--teacher", "openai/no-price", "--api-base", "http://127.0.0.1:1/v1", "--max-cost", "1"
    )
    assert unknown.returncode == 1 and "--price" in unknown.stderr


@pytest.mark.e2e
def test_interrupted_it_waits_for_its_calls_and_goes_on(tmp_path: Path) -> None:
    server = TeacherServer(seconds=0.5)
    with serving(server) as teacher:
        command = [*COMMAND, "--out", str(tmp_path), *teacher, "--count", "40", "--concurrency", "4"]
        environment = {**os.environ, "OPENAI_API_KEY": "none"}
        running = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        while sum(server.answered.values()) < 8:
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)
        assert running.returncode == 1 and "waiting for the calls under way" in said
        assert 8 <= len(rows(tmp_path, "tasks.jsonl")) < 40
        assert sum(server.tries.values()) == sum(server.answered.values())
        assert generate(tmp_path, *teacher, "--count", "40").returncode == 0
    assert sum(server.answered.values()) == 40


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("switches", "said", "code"),
    [
        (("--teacher", "nobody"), "no teacher 'nobody'", 2),
        (("--price", "1;2"), "expected two numbers", 2),
        (("--teacher", "nobody/at-all"), "does not take the request; is the model's name right", 1),
        (("--teacher", "openai/m"), "there is no key for openai/m; set OPENAI_API_KEY in the environment", 1),
        (("--teacher", "frontier"), "set GOOGLE_API_KEY or GEMINI_API_KEY in the environment", 1),
        (("--count", "0"), "'--count': Input should be greater than or equal to 1", 2),
    ],
)
def test_wrong_use_is_named_with_the_remedy(tmp_path: Path, switches: tuple[str, ...], said: str, code: int) -> None:
    done = generate(tmp_path / "out", *switches, env={"OPENAI_API_KEY": ""})
    assert done.returncode == code and said in " ".join(done.stderr.replace("│", " ").split()), done.stderr
    assert "Traceback" not in done.stderr
    assert not any(path.read_text() for path in tmp_path.glob("out/*.jsonl"))


def test_a_folder_of_another_run_or_none_is_refused(offline: Path, tmp_path: Path) -> None:
    before = (offline / "tasks.jsonl").read_bytes()
    done = generate(offline, "--count", "200", "--seed", "6")
    assert done.returncode == 1 and "is of seed 5, and this run has 6; choose another --out, or --seed" in done.stderr
    assert (offline / "tasks.jsonl").read_bytes() == before
    (tmp_path / "file").write_text("")
    done = generate(tmp_path / "file" / "folder")
    assert done.returncode == 1 and "cannot be written" in done.stderr and "--out" in done.stderr
    (tmp_path / "manifest.json").write_text("{}")
    done = generate(tmp_path)
    assert done.returncode == 1 and "is no manifest of a run" in done.stderr


def test_a_full_disk_leaves_whole_lines(tmp_path: Path) -> None:
    """A limit of the file's size stands for it: the write fails in the same way."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    done = generate(tmp_path, "--count", "200", preexec_fn=limit)
    assert done.returncode == 1 and "sft.jsonl cannot be written" in done.stderr
    assert "Free some space, then run the same command again" in done.stderr
    assert 10 < len(load_tasks(tmp_path / "tasks.jsonl")) < 200 and load_sft(tmp_path / "sft.jsonl")
    assert json.loads((tmp_path / "manifest.json").read_text())["state"] == "stopped"
    assert generate(tmp_path, "--count", "200").returncode == 0
    assert len(load_tasks(tmp_path / "tasks.jsonl")) == 200


# Parts.


def test_an_item_is_read_from_its_schema_alone() -> None:
    item = {"context": "c", "question": "q", "think": "t", "evidence": [], "answer": "a", "aliases": []}
    fenced = f"```json\n{json.dumps(item)}\n```"
    assert read_answer(json.dumps(item), TeacherItem) == read_answer(fenced, TeacherItem)
    for text, reason in (
        ("", "refused"),
        ("Certainly!", "not JSON"),
        (f"Here it is: {json.dumps(item)}", "not JSON"),
        ("[]", "schema"),
        (json.dumps(item | {"more": 1}), "schema"),
        (json.dumps({**item, "answer": " "}), "schema"),
    ):
        with pytest.raises(ItemError) as error:
            read_answer(text, TeacherItem)
        assert error.value.reason == reason


def test_near_duplicates_are_found_and_others_are_not() -> None:
    seen = NearDuplicates()
    words = [[f"w{one}x{at}" for at in range(200)] for one in range(300)]
    for number, text in enumerate(words):
        assert seen.nearest(signature_of(" ".join(text))) is None
        seen.add(number, signature_of(" ".join(text)))
    found = 0
    for number, text in enumerate(words):
        # One word of forty is another: two thirds of all runs of eight stand in both, and 96 % of such pairs are found.
        changed = [f"other{at}" if at % 40 == 0 else word for at, word in enumerate(text)]
        found += seen.nearest(signature_of(" ".join(changed))) == number
    assert found >= 280
    seen.close()


def test_one_process_uses_a_store_at_a_time(tmp_path: Path) -> None:
    with AnswerStore(tmp_path / "answers.sqlite3") as store:
        store.put("a", Answer("said", dollars=None))
        assert store.get("a") == Answer("said", dollars=None) and store.get("b") is None
        with pytest.raises(StoreError, match="no other run uses"), AnswerStore(tmp_path / "answers.sqlite3"):
            pass
    with AnswerStore(tmp_path / "answers.sqlite3") as store:
        assert store.get("a") == Answer("said", dollars=None)

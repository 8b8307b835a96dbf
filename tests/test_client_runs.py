"""Runs by the HTTP clients and the command line, against a real server over a database of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from dipg_safety_gym.cli.local_server import running_server
from dipg_safety_gym.cli.main import app
from dipg_safety_gym.client.errors import InvalidCall, ProblemError
from dipg_safety_gym.client.http import AsyncDIPGClient, DIPGClient
from dipg_safety_gym.core.run_wire import RunResponse
from dipg_safety_gym.core.tags import render_response
from typer.testing import CliRunner

DECLINES = render_response(think="", proof="", answer="The record does not tell.")


@pytest.fixture(scope="module")
def url(task_files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server as `dipg-gym bench` starts it, over a database of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIPG_DATABASE_URL", f"sqlite:///{tmp_path_factory.mktemp('runs') / 'runs.sqlite3'}")
        with running_server(task_files) as address:
            yield address


def test_a_run_by_either_client(url: str) -> None:
    with DIPGClient(url) as client:
        begun = client.create_run("sync", split="many", model="m")
        tasks = [task.task_id for task in client.iter_tasks("many")]
        # More than one call takes.
        receipts = client.submit(begun.run_id, [{"task_id": name, "response": DECLINES} for name in tasks])
        assert len(receipts) == len(tasks) == 1203
        assert {receipt.status for receipt in receipts} == {"stored"}
        done = client.complete_run(begun.run_id)
        assert (done.status, done.answered, done.partial) == ("complete", 1203, False)
        assert client.run(begun.run_id) == done

    async def other() -> str:
        async with AsyncDIPGClient(url) as client:
            run = await client.create_run("async", split="many")
            await client.submit(run.run_id, [RunResponse(task_id=name, response=DECLINES) for name in tasks])
            await client.complete_run(run.run_id)
            assert (await client.run(run.run_id)).answered == 1203
            return run.run_id

    second = asyncio.run(other())
    with DIPGClient(url) as client:
        board = client.leaderboard(split="many")
        assert [(row.rank, row.agent) for row in board.runs] == [(1, "sync"), (1, "async")]
        found = client.compare_runs(begun.run_id, second)
        assert found.tasks == 1203 and found.differences["mean_reward"].value == 0.0

    async def read() -> None:
        async with AsyncDIPGClient(url) as client:
            assert (await client.leaderboard(split="many", limit=1)).total == 2
            assert (await client.compare_runs(begun.run_id, second)) == found

    asyncio.run(read())


def test_wrong_calls_are_told_before_they_are_sent(url: str) -> None:
    with DIPGClient(url) as client:
        with pytest.raises(InvalidCall, match="agent: "):
            client.create_run(" ")
        with pytest.raises(InvalidCall, match="limit: "):
            client.leaderboard(limit=0)
        with pytest.raises(ProblemError, match="there is no run"):
            client.run("run-none")


def test_the_command_shows_the_leaderboard(url: str, tmp_path: Path) -> None:
    run = CliRunner().invoke
    with DIPGClient(url) as client:
        made = client.create_run("[bold]best[/bold]", split="train")
        client.submit(made.run_id, [{"task_id": "t-0002", "response": DECLINES}])
        client.complete_run(made.run_id, partial=True)
    empty = run(app, ["leaderboard", "--base-url", url, "--split", "train"])
    assert empty.exit_code == 0 and "There is no complete run over train with profile medium." in empty.output
    shown = run(app, ["leaderboard", "--base-url", url, "--split", "train", "--partial"])
    assert shown.exit_code == 0, shown.output
    assert "[bold]best[/bold], 1 of 5 tasks" in shown.output and made.run_id in shown.output
    assert "ranked by the mean reward: 1 of 1 runs" in shown.output
    for switch, count in (("--self-reported", 1), ("--verified", 0)):
        narrowed = run(app, ["leaderboard", "--base-url", url, "--split", "train", "--partial", switch, "--json"])
        assert len(json.loads(narrowed.output)["runs"]) == count
    answer = json.loads(run(app, ["leaderboard", "--base-url", url, "--split", "train", "--partial", "--json"]).output)
    assert answer["runs"][0]["run_id"] == made.run_id
    away = run(app, ["leaderboard", "--base-url", "http://127.0.0.1:1"])
    assert away.exit_code == 1


def test_a_body_of_a_gigabyte_is_refused_and_writes_nothing(url: str) -> None:
    """Announced, or sent in pieces without an end: the server reads no more than its limit."""
    sent = 0

    def pieces() -> Iterator[bytes]:
        nonlocal sent
        sent = 0
        while sent < 2**30:
            sent += 2**20
            yield b"[" * 2**20

    with DIPGClient(url) as client, httpx.Client(base_url=url, timeout=30) as plain:
        run = client.create_run("large", split="train")
        for headers in ({"content-length": str(2**30)}, {}):
            # The server may close while the client still writes.
            with contextlib.suppress(httpx.WriteError):
                answer = plain.post(f"/runs/{run.run_id}/responses", content=pieces(), headers=headers)
                assert answer.status_code == 413 and answer.json()["type"].endswith("request-too-large")
            assert sent < 2**28
        assert client.run(run.run_id).answered == 0

"""Stored responses scored again: what another scorer found is brought up to date, with a line that says so."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from dipg_safety_gym.cli.main import app as command
from dipg_safety_gym.core.run_wire import RunRequest
from dipg_safety_gym.core.tags import render_response
from dipg_safety_gym.server.audit import OPERATOR, read
from dipg_safety_gym.server.grader import Grader
from dipg_safety_gym.server.problems import ServerProblem
from dipg_safety_gym.server.rescore import Rescored, rescore
from dipg_safety_gym.server.rewards import SCORER_VERSION
from dipg_safety_gym.server.run_scoring import RunScorer
from dipg_safety_gym.server.runs import RunStore
from dipg_safety_gym.server.settings import Settings
from dipg_safety_gym.server.storage import Database
from dipg_safety_gym.server.tables import responses, runs
from sqlalchemy import select, update
from typer.testing import CliRunner

RIGHT = render_response(think="", proof="Radiotherapy was 54 Gy in 30 fractions.", answer="54 Gy")


class Stage:
    """A database with one complete run, as a scorer of version 0.9 would have left it."""

    def __init__(self, settings: Settings, database_url: str) -> None:
        self.database = Database(database_url)
        self.scorer = RunScorer(Grader(settings))
        self.store = RunStore(self.scorer, self.database)
        self.run_id = ""

    async def fill(self) -> None:
        run = await self.store.create(RunRequest(agent="an agent"), OPERATOR)
        self.run_id = run.run_id
        items = [{"task_id": "t-0101", "response": RIGHT}, {"task_id": "t-0102", "response": "\x00"}]
        await self.store.submit(run.run_id, items, OPERATOR)
        await self.store.complete(run.run_id, OPERATOR, partial=False)
        self.sound = await self.scores()
        wrong = {**self.sound["t-0101"], "reward": -1.0, "correct": False, "safe": False, "scorer_version": "0.9"}
        async with self.database.writing() as connection:
            of_task = responses.c.task_id == "t-0101"
            await connection.execute(update(responses).where(of_task).values(score=wrong))
            await connection.execute(update(runs).values(scorer_version="0.9", mean_reward=-1.15))

    async def scores(self) -> dict[str, Any]:
        async with self.database.reading() as connection:
            rows = await connection.execute(select(responses.c.task_id, responses.c.score))
            return {name: score for name, score in rows}

    async def rescored(self, *run_ids: str, **options: Any) -> list[Rescored]:
        return [done async for done in rescore(self.database, self.scorer, run_ids, **options)]


def test_what_another_scorer_found_is_brought_up_to_date(settings: Settings, database_url: str) -> None:
    async def scenario() -> None:
        stage = Stage(settings, database_url)
        await stage.fill()
        worst = stage.sound["t-0102"]["reward"]
        [planned] = await stage.rescored(dry_run=True)
        assert (await stage.store.view(stage.run_id)).scorer_version == "0.9"
        [done] = await stage.rescored()
        assert done == planned
        assert (done.responses, done.scorer_before, done.scorer_after) == (2, "0.9", SCORER_VERSION)
        [change] = done.changes
        assert (change.task_id, change.before, change.after) == ("t-0101", -1.0, 1.0)
        assert change.flags == ["correct", "safe"]
        assert done.mean_after == pytest.approx((1.0 + worst) / 2)
        assert await stage.scores() == stage.sound  # the refused text stays refused
        run = await stage.store.view(stage.run_id)
        assert run.scorer_version == SCORER_VERSION and run.summary is not None
        assert run.summary["overall"]["mean_reward"]["value"] == pytest.approx(done.mean_after)
        assert await stage.rescored() == []
        [same] = await stage.rescored(stage.run_id)
        assert same.changes == []
        async with stage.database.reading() as connection:
            lines = [line for line in await read(connection, stage.run_id) if line["action"] == "run-rescored"]
        assert lines[-1]["detail"] == {"from": "0.9", "to": SCORER_VERSION, "changed": 1}
        with pytest.raises(ServerProblem, match="there is no run"):
            await stage.rescored("run-none")
        await stage.database.close()

    asyncio.run(scenario())


def test_a_run_whose_tasks_are_gone_is_left(settings: Settings, task_files: dict[str, str], database_url: str) -> None:
    async def scenario() -> None:
        stage = Stage(settings, database_url)
        await stage.fill()
        for files in ({"other": task_files["train"]}, {"eval": task_files["train"]}):
            stage.scorer = RunScorer(Grader(settings.model_copy(update={"task_files": files})))
            [left] = await stage.rescored()
            assert left.skipped is not None and "no longer has the tasks" in left.skipped
        assert (await stage.store.view(stage.run_id)).scorer_version == "0.9"
        await stage.database.close()

    asyncio.run(scenario())


def test_the_command_shows_what_changed(
    settings: Settings, task_files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'runs.sqlite3'}"
    monkeypatch.setenv("DIPG_DATABASE_URL", url)
    monkeypatch.setenv("DIPG_TASK_FILES", json.dumps(task_files))
    stage = Stage(settings, url)

    async def fill() -> None:
        await stage.fill()
        await stage.database.close()

    asyncio.run(fill())
    run = CliRunner().invoke
    dry = run(command, ["rescore", "--dry-run"])
    assert dry.exit_code == 0 and "1 of 1 runs would be scored again" in dry.output
    found = json.loads(run(command, ["rescore", "--dry-run", "--json"]).output)
    assert found["changes"][0]["flags"] == ["correct", "safe"]
    done = run(command, ["rescore", stage.run_id])
    assert "1 of 2 responses changed" in done.output and "-1.00 to +1.00 (correct, safe)" in done.output
    assert "No run was scored by another version" in run(command, ["rescore"]).output
    assert run(command, ["rescore", "run-none"]).exit_code == 1

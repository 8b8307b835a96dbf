"""Benchmark runs: begun, answered in pieces and in any order, completed, and read.

A response is stored before it is acknowledged, and a task of a run has one response: sending the same again changes
nothing, another one is refused unless the run takes replacements. A run is scored by one version of the scorer, over
one set of tasks.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

from pydantic import ValidationError
from sqlalchemy import Select, Table, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ..core.metrics import Graded
from ..core.run_wire import (
    RunReceipt,
    RunReceipts,
    RunRequest,
    RunResponse,
    RunTasks,
    RunView,
    StoredResponse,
    StoredResponses,
)
from .access import require
from .audit import Caller, record
from .clock import now, written
from .grader import view
from .problems import ServerProblem, invalid_request
from .rewards import SCORER_VERSION
from .run_scoring import Run, RunScorer, Scored, summary_columns
from .storage import Database
from .tables import responses, runs

_RUN_ID = re.compile(r"run-[0-9a-f]{16}")

ITEMS_PER_TURN = 32
"""Responses scored before other requests get their turn."""

Status = Literal["stored", "unchanged", "replaced"]


class RunStore:
    """Every run of one server."""

    def __init__(self, scorer: RunScorer, database: Database) -> None:
        self._scorer = scorer
        self._database = database

    async def create(self, request: RunRequest, caller: Caller) -> RunView:
        """Begin a run over a split. It is gone on with by the same caller's key alone, if it has one."""
        require(caller, "verify" if request.verified else "submit")
        tasks = self._scorer.bank.tasks(request.split)
        row = {
            "run_id": f"run-{secrets.token_hex(8)}",
            **request.model_dump(),
            "profile": request.profile or self._scorer.default_profile,
            "status": "open",
            "partial": False,
            "key_id": caller.key_id,
            "total": len(tasks),
            "answered": 0,
            "scorer_version": SCORER_VERSION,
            "task_set": self._scorer.task_set(request.split),
            "created_at": now(),
        }
        async with self._database.writing() as connection:
            begun = await connection.scalar(_insert_into(connection, runs).values(row).returning(runs.c.run_id))
            if begun is None:
                begun = await _begun_before(connection, row)
            else:
                await record(connection, "run-begun", begun, caller, {"agent": request.agent})
        return await self.view(begun)

    async def view(self, run_id: str) -> RunView:
        """A run as anyone may see it."""
        async with self._database.reading() as connection:
            run = await find_run(connection, run_id)
            return _view({**run, "answered": await count_answered(connection, run)})

    async def tasks(self, run_id: str, offset: int, limit: int, *, unanswered: bool) -> RunTasks:
        """Tasks of the run's split, in its order; those without a stored response alone, where so asked."""
        async with self._database.reading() as connection:
            run = await find_run(connection, run_id)
            answered: set[str] = set()
            if unanswered:
                found = await connection.scalars(select(responses.c.task_id).where(responses.c.run_id == run_id))
                answered = set(found)
        asked = [posed for posed in self._scorer.bank.tasks(run["split"]) if posed.task.id not in answered]
        shown = [view(posed) for posed in asked[offset : offset + limit]]
        return RunTasks(run_id=run_id, total=len(asked), offset=offset, limit=limit, tasks=shown)

    async def responses(self, run_id: str, offset: int, limit: int) -> StoredResponses:
        """Stored responses of a run with their scores."""
        async with self._database.reading() as connection:
            run = await find_run(connection, run_id)
            of_run = select(responses).where(responses.c.run_id == run_id).order_by(responses.c.task_id)
            found = (await connection.execute(of_run.offset(offset).limit(limit))).mappings().all()
            total = await count_answered(connection, run)
        shown = [response_view(row) for row in found]
        return StoredResponses(run_id=run_id, total=total, offset=offset, limit=limit, responses=shown)

    async def submit(self, run_id: str, items: Sequence[Any], caller: Caller) -> RunReceipts:
        """Score and store responses. One that cannot be taken fails alone; what is acknowledged is on the disk."""
        async with self._database.reading() as connection:
            run = await find_run(connection, run_id)
        _check_owner(run, caller)
        self._scorer.check_current(run)
        receipts: list[RunReceipt] = []
        scored: list[tuple[int, Scored]] = []
        for index, item in enumerate(items):
            if index and index % ITEMS_PER_TURN == 0:
                await asyncio.sleep(0)
            task_id = item.get("task_id") if isinstance(item, dict) else None
            receipts.append(RunReceipt(task_id=task_id if isinstance(task_id, str) else None, status="stored"))
            try:
                scored.append((index, self._scorer.score(run, RunResponse.model_validate(item))))
            except ValidationError as error:
                _fail(receipts, index, invalid_request(error))
            except ServerProblem as error:
                _fail(receipts, index, error)
        async with self._database.writing() as connection:
            # Shared, so that many may submit at once, but none while the run is being completed.
            run = await find_run(connection, run_id, locked="share")
            self._scorer.check_current(run)
            settled = await _store(connection, run, [one for _, one in scored])
            for (index, one), found in zip(scored, settled, strict=True):
                if isinstance(found, ServerProblem):
                    _fail(receipts, index, found)
                else:
                    receipts[index] = RunReceipt(
                        task_id=one.task_id, status=found, score=one.score, refused=one.refused
                    )
            changed = Counter(str(found) for found in settled if found in ("stored", "replaced"))
            if changed:
                await record(connection, "responses-stored", run_id, caller, changed)
            answered = await count_answered(connection, run)
        return RunReceipts(run_id=run_id, total=run["total"], answered=answered, receipts=receipts)

    async def complete(self, run_id: str, caller: Caller, *, partial: bool) -> RunView:
        """End a run and sum it up. Completing it again changes nothing."""
        async with self._database.writing() as connection:
            run = await find_run(connection, run_id, locked="update")
            _check_owner(run, caller)
            if run["status"] == "open":
                self._scorer.check_current(run)
                answered = await count_answered(connection, run)
                if answered < run["total"] and not partial:
                    raise ServerProblem(
                        "run-incomplete",
                        f"{answered} of {run['total']} tasks are answered; GET /runs/{run_id}/tasks?unanswered=true "
                        "lists the others, or complete it with partial: true",
                        status=409,
                    )
                rows = await read_graded(connection, self._scorer, run_id)
                found = await asyncio.to_thread(summary_columns, rows, run["total"] - answered)
                ended = {
                    "status": "complete",
                    "partial": answered < run["total"],
                    "answered": answered,
                    "completed_at": max(now(), run["created_at"]),  # the clock may have been set back
                }
                await connection.execute(update(runs).where(runs.c.run_id == run_id).values(**ended, **found))
                await record(connection, "run-completed", run_id, caller, {"answered": answered})
        return await self.view(run_id)

    async def graded(self, run_id: str) -> list[Graded]:
        """The scores of a run, with what the server knows of their tasks."""
        async with self._database.reading() as connection:
            return await read_graded(connection, self._scorer, run_id)


def _check_owner(run: Run, caller: Caller) -> None:
    if run["key_id"] not in (None, caller.key_id):
        detail = f"run {run['run_id']} was begun with another key, and is gone on with by that key alone"
        raise ServerProblem("run-of-another-key", detail, status=403)
    require(caller, "submit")


async def find_run(connection: AsyncConnection, run_id: str, locked: Literal["share", "update"] | None = None) -> Run:
    query: Select[Any] = select(runs).where(runs.c.run_id == run_id)
    if locked:
        query = query.with_for_update(read=locked == "share")
    row: Run | None = None
    if _RUN_ID.fullmatch(run_id):  # PostgreSQL takes no NUL character, not even to look for it
        row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        raise ServerProblem("unknown-run", f"there is no run {run_id[:80]!r}; POST /runs begins one", status=404)
    return row


async def read_graded(connection: AsyncConnection, scorer: RunScorer, run_id: str) -> list[Graded]:
    """The scores of a run, with what the server knows of their tasks."""
    query = select(responses.c.task_id, responses.c.score).where(responses.c.run_id == run_id)
    return [scorer.graded(name, score) for name, score in await connection.execute(query)]


async def count_answered(connection: AsyncConnection, run: Run) -> int:
    """Tasks with a stored response; recorded once a run is complete, and counted before."""
    if run["status"] != "open":
        return int(run["answered"])
    return await connection.scalar(select(func.count()).where(responses.c.run_id == run["run_id"])) or 0


async def _store(connection: AsyncConnection, run: Run, items: Sequence[Scored]) -> list[Status | ServerProblem]:
    """What became of each response: three statements, however many there are."""
    first = {one.task_id: one for one in reversed(items)}
    fresh = await _insert(connection, list(first.values())) if run["status"] == "open" and first else set()
    held = await _digests(connection, run["run_id"], first.keys() - fresh)
    settled: list[Status | ServerProblem] = []
    changed: dict[str, Scored] = {}
    for one in items:
        if one.task_id in fresh and one.task_id not in held:
            settled.append("stored")
        elif held.get(one.task_id) == one.digest:
            settled.append("unchanged")
            continue
        elif run["status"] == "open" and run["replace"]:
            settled.append("replaced")
            changed[one.task_id] = one
        else:
            settled.append(_refusal(run, one))
            continue
        held[one.task_id] = one.digest
    for one in changed.values():
        key = (responses.c.run_id == run["run_id"]) & (responses.c.task_id == one.task_id)
        await connection.execute(update(responses).where(key).values(one.row))
    return settled


async def _insert(connection: AsyncConnection, items: Sequence[Scored]) -> set[str]:
    """The tasks that had no response before."""
    statement = _insert_into(connection, responses).returning(responses.c.task_id)
    # In one order for all, so that two who send the same tasks do not wait for one another in a ring.
    rows = sorted((one.row for one in items), key=lambda row: str(row["task_id"]))
    return set(await connection.scalars(statement, rows))


def _insert_into(connection: AsyncConnection, table: Table) -> Any:
    """An insert that passes over rows that stand there."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing()


async def _begun_before(connection: AsyncConnection, row: dict[str, Any]) -> str:
    """The run that an earlier request of this id began, if it asked for the same."""
    query = select(runs).where(runs.c.request_id == row["request_id"])
    found = (await connection.execute(query)).mappings().one()
    for name in ("key_id", *RunRequest.model_fields):
        if found[name] != row[name]:
            detail = f"request_id {row['request_id']!r} began another run, with another {name}; make up a new one"
            raise ServerProblem("request-id-taken", detail, status=409)
    return str(found["run_id"])


async def _digests(connection: AsyncConnection, run_id: str, task_ids: Collection[str]) -> dict[str, str]:
    if not task_ids:
        return {}
    query = select(responses.c.task_id, responses.c.digest).where(responses.c.run_id == run_id)
    return {name: digest for name, digest in await connection.execute(query.where(responses.c.task_id.in_(task_ids)))}


def _refusal(run: Run, one: Scored) -> ServerProblem:
    if run["status"] != "open":
        return ServerProblem("run-complete", "the run is complete and takes no more responses", status=409)
    return ServerProblem(
        "response-exists",
        f"task {one.task_id!r} has another response already; begin a run with replace: true to change responses",
        status=409,
    )


def _fail(receipts: list[RunReceipt], index: int, error: ServerProblem) -> None:
    receipts[index] = RunReceipt(task_id=receipts[index].task_id, status="failed", problem=error.problem)


def _view(run: Run) -> RunView:
    times = {name: written(run[name]) for name in ("created_at", "completed_at")}
    summary = {"overall": run["overall"], "by_kind": run["by_kind"]} if run["overall"] else None
    return RunView.model_validate({**run, **times, "summary": summary})


def response_view(row: Mapping[Any, Any]) -> StoredResponse:
    """A row of the table of responses as anyone may see it."""
    return StoredResponse.model_validate({**row, "received_at": written(row["received_at"])})

"""Scores stored responses again with the scorer of this version, and says what changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..core.wire import FLAGS, ScoreView
from .audit import OPERATOR, record
from .rewards import SCORER_VERSION
from .run_scoring import Run, RunScorer, stored, summary_columns
from .runs import find_run, read_graded
from .storage import Database
from .tables import responses, runs


@dataclass(frozen=True, slots=True)
class Change:
    """A response whose score is another one now."""

    task_id: str
    before: float
    after: float
    """Rewards."""
    flags: list[str]
    """Parts of the score that turned over."""


@dataclass(frozen=True, slots=True)
class Rescored:
    """What became of one run."""

    run_id: str
    agent: str
    scorer_before: str
    scorer_after: str
    responses: int = 0
    mean_before: float | None = None
    mean_after: float | None = None
    changes: list[Change] = field(default_factory=list)
    skipped: str | None = None
    """Why the run stays as it was."""


async def rescore(
    database: Database, scorer: RunScorer, run_ids: Collection[str] = (), *, dry_run: bool = False
) -> AsyncIterator[Rescored]:
    """Each run that another scorer scored, or those that are named, one transaction for each.

    Args:
        dry_run: Say what would change, and change nothing.

    Raises:
        ServerProblem: there is no run of such an id.
    """
    async with database.reading() as connection:
        for run_id in run_ids:
            await find_run(connection, run_id)
        asked = select(runs.c.run_id).order_by(runs.c.created_at, runs.c.run_id)
        asked = asked.where(runs.c.run_id.in_(run_ids) if run_ids else runs.c.scorer_version != SCORER_VERSION)
        found = list(await connection.scalars(asked))
    for run_id in found:
        if dry_run:
            async with database.reading() as connection:
                yield (await _compare(connection, scorer, await find_run(connection, run_id)))[0]
        else:
            async with database.writing() as connection:
                done = await _rescore(connection, scorer, await find_run(connection, run_id, locked="update"))
            yield done


async def _rescore(connection: AsyncConnection, scorer: RunScorer, run: Run) -> Rescored:
    found, rows = await _compare(connection, scorer, run)
    if found.skipped:
        return found
    if rows:
        of_task = (responses.c.run_id == run["run_id"]) & (responses.c.task_id == bindparam("of_task"))
        changed: dict[str, Any] = {"score": bindparam("new_score"), "refused": bindparam("new_refused")}
        await connection.execute(update(responses).where(of_task).values(changed), rows)
    columns: dict[str, Any] = {"scorer_version": SCORER_VERSION}
    if run["status"] == "complete":
        graded = await read_graded(connection, scorer, run["run_id"])
        columns |= summary_columns(graded, run["total"] - found.responses)
    await connection.execute(update(runs).where(runs.c.run_id == run["run_id"]).values(columns))
    detail = {"from": found.scorer_before, "to": found.scorer_after, "changed": len(found.changes)}
    await record(connection, "run-rescored", run["run_id"], OPERATOR, detail)
    return found


async def _compare(connection: AsyncConnection, scorer: RunScorer, run: Run) -> tuple[Rescored, list[dict[str, Any]]]:
    """What changes, and the rows that change, as parameters of an update."""
    base = {"run_id": run["run_id"], "agent": run["agent"], "scorer_before": run["scorer_version"]}
    base |= {"scorer_after": SCORER_VERSION}
    if not scorer.has_tasks_of(run["split"], run["task_set"]):
        return Rescored(**base, skipped="this server no longer has the tasks of the run (DIPG_TASK_FILES)"), []
    query = select(responses).where(responses.c.run_id == run["run_id"]).order_by(responses.c.task_id)
    held = (await connection.execute(query)).mappings().all()
    changes: list[Change] = []
    rows: list[dict[str, Any]] = []
    rewards: list[tuple[float, float]] = []
    for row in held:
        before = ScoreView.model_validate(row["score"])
        after, refused = scorer.judge(scorer.bank.by_id(row["task_id"]), row["response"], run["profile"])
        if row["refused"] is not None and refused is None:
            # What is stored of a refused text is not what was sent: it stays refused.
            after, refused = before, row["refused"]
        rewards.append((before.reward, after.reward))
        flags = [name for name in FLAGS if getattr(before, name) != getattr(after, name)]
        if flags or before.reward != after.reward:
            changes.append(Change(row["task_id"], before.reward, after.reward, flags))
        if stored(after) != row["score"] or refused != row["refused"]:
            rows.append({"of_task": row["task_id"], "new_score": stored(after), "new_refused": refused})
    means = [sum(each) / len(rewards) for each in zip(*rewards, strict=True)] if rewards else [None, None]
    done = Rescored(**base, responses=len(held), mean_before=means[0], mean_after=means[1], changes=changes)
    return done, rows

"""Complete runs ranked by their mean reward, and two of them compared task by task."""

from __future__ import annotations

import asyncio
import csv
import io
from dataclasses import asdict
from typing import Any

from sqlalchemy import func, select

from ..core.comparison import compare
from ..core.metrics import METRICS, NOTE_METRICS
from ..core.run_wire import Leaderboard, LeaderboardQuery, LeaderboardRow, RunComparison
from .clock import written
from .problems import ServerProblem
from .run_scoring import RunScorer
from .runs import RunStore
from .storage import Database
from .tables import runs

COMPARED = ("split", "profile", "task_set", "scorer_version")
"""What two runs must share to be compared."""


class LeaderboardReader:
    """Reads the runs that are complete."""

    def __init__(self, store: RunStore, scorer: RunScorer, database: Database) -> None:
        self._store = store
        self._scorer = scorer
        self._database = database

    async def page(self, asked: LeaderboardQuery) -> Leaderboard:
        """Some runs over the tasks of a split with a profile, the best first."""
        profile = asked.profile or self._scorer.default_profile
        task_set = asked.task_set or self._scorer.task_set(asked.split)
        over = (runs.c.split == asked.split) & (runs.c.profile == profile) & (runs.c.status == "complete")
        among = over & (runs.c.task_set == task_set) & runs.c.mean_reward.is_not(None)
        others = select(func.count()).select_from(runs).where(over & (runs.c.task_set != task_set))
        if not asked.partial:
            among &= runs.c.partial.is_(False)
        if asked.verified is not None:
            among &= runs.c.verified.is_(asked.verified)
        # Ranked among all, then narrowed to an agent and to the page, and only then read.
        rank = func.rank().over(order_by=runs.c.mean_reward.desc()).label("rank")
        every = select(runs.c.run_id, runs.c.agent, runs.c.completed_at, rank).where(among).subquery()
        shown = select(every.c.run_id, every.c.completed_at, every.c.rank)
        count = select(func.count()).select_from(runs).where(among)
        if asked.agent is not None:
            shown, count = shown.where(every.c.agent == asked.agent), count.where(runs.c.agent == asked.agent)
        in_order = (every.c.rank, every.c.completed_at, every.c.run_id)
        page = shown.order_by(*in_order).offset(asked.offset).limit(asked.limit).subquery()
        query = select(*_SHOWN, page.c.rank).join(page, page.c.run_id == runs.c.run_id)
        query = query.order_by(page.c.rank, page.c.completed_at, page.c.run_id)
        async with self._database.reading() as connection:
            total = await connection.scalar(count) or 0
            elsewhere = await connection.scalar(others) or 0
            rows = (await connection.execute(query)).mappings().all()
        return Leaderboard(
            split=asked.split,
            profile=profile,
            task_set=task_set,
            elsewhere=elsewhere,
            ranked_by="mean_reward",
            declining=self._scorer.reward_of_declining(asked.split, task_set),
            total=total,
            offset=asked.offset,
            limit=asked.limit,
            runs=[
                LeaderboardRow.model_validate(
                    {**row, "completed_at": written(row["completed_at"]), "metrics": row["overall"]}
                )
                for row in rows
            ],
        )

    async def compare(self, first: str, second: str) -> RunComparison:
        """Two complete runs over the same tasks.

        Raises:
            ServerProblem: one is unknown or open, they differ in what must be the same, or share no answered task.
        """
        both = [await self._store.view(run_id) for run_id in (first, second)]
        for run in both:
            if run.status != "complete":
                raise ServerProblem("run-open", f"run {run.run_id} is not complete; complete it first", status=409)
        for name in COMPARED:
            one, other = (getattr(run, name) for run in both)
            if one != other:
                raise ServerProblem(
                    "runs-differ",
                    f"the runs have {name.replace('_', ' ')} {str(one)[:12]} and {str(other)[:12]}; only runs that "
                    "share it can be compared",
                    status=409,
                )
        if not self._scorer.has_tasks_of(both[0].split, both[0].task_set):
            detail = "this server no longer has the tasks of the runs, and cannot tell their families"
            raise ServerProblem("tasks-gone", detail, status=409)
        rows = [await self._store.graded(run_id) for run_id in (first, second)]
        try:
            found = await asyncio.to_thread(compare, *rows)
        except ValueError as error:
            raise ServerProblem("nothing-to-compare", str(error), status=409) from None
        return RunComparison.model_validate({"first": first, "second": second, **asdict(found)})


_SHOWN = [
    runs.c[name]
    for name in (
        *("run_id", "agent", "model", "partial", "verified", "answered", "total"),
        *("scorer_version", "completed_at", "overall"),
    )
]


def as_csv(board: Leaderboard) -> str:
    """One line a run, with each metric and the ends of its interval; those of notes where a run has such tasks."""
    told = [name for name in METRICS if name not in NOTE_METRICS or any(name in row.metrics for row in board.runs)]
    names = [f"{metric}{end}" for metric in told for end in ("", "_low", "_high")]
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    fields = [*("rank", "run_id", "agent", "model", "partial", "verified"), *("answered", "total", "scorer_version")]
    fields.append("completed_at")
    writer.writerow([*fields, *names])
    for row in board.runs:
        found = [row.metrics.get(metric) for metric in told]
        metrics = [getattr(each, end, None) for each in found for end in ("value", "low", "high")]
        writer.writerow([*(_harmless(getattr(row, field)) for field in fields), *metrics])
    return lines.getvalue()


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula is led by an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" else value

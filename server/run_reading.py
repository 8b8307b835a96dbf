"""Scores and responses of a run as its pages show them: narrowed, in pieces, one at a time."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, func, select, true

from ..core.run_wire import StoredResponse
from ..core.wire import ScoreView
from .problems import ServerProblem
from .run_scoring import Run
from .runs import find_run, response_view
from .storage import Database
from .tables import responses

Shown = Literal["all", "unsafe", "hallucinated", "wrong", "declined", "form", "refused"]
"""Which responses: all; unsafe ones; those that hallucinate; attempts that are not correct; those that decline; those
not of the strict form; texts that cannot be scored."""


class ScoredTask(NamedTuple):
    """A response without its text."""

    task_id: str
    score: ScoreView
    refused: bool


class Opened(NamedTuple):
    """One response, and the tasks before and after it."""

    run: Run
    response: StoredResponse
    previous: str | None
    following: str | None


class RunReader:
    """Reads stored runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def scores(self, run_id: str, shown: Shown, offset: int, limit: int) -> tuple[int, list[ScoredTask]]:
        """How many responses there are of that sort, and some of them, in the order of their task ids."""
        among = (responses.c.run_id == run_id) & _condition(shown)
        query = select(responses.c.task_id, responses.c.score, responses.c.refused).where(among)
        async with self._database.reading() as connection:
            total = await connection.scalar(select(func.count()).select_from(responses).where(among)) or 0
            rows = await connection.execute(query.order_by(responses.c.task_id).offset(offset).limit(limit))
            found = [
                ScoredTask(name, ScoreView.model_validate(score), refused is not None) for name, score, refused in rows
            ]
        return total, found

    async def response(self, run_id: str, task_id: str) -> Opened:
        """One response.

        Raises:
            ServerProblem: there is no such run, or it has no response to the task.
        """
        of_run = responses.c.run_id == run_id
        async with self._database.reading() as connection:
            run = await find_run(connection, run_id)
            row: Any = None
            if "\x00" not in task_id:  # PostgreSQL takes none, not even to look for it
                asked = select(responses).where(of_run & (responses.c.task_id == task_id))
                row = (await connection.execute(asked)).mappings().one_or_none()
            if row is None:
                detail = f"the run has no response to task {task_id[:80]!r}; GET /runs/{run_id}/responses lists them"
                raise ServerProblem("unknown-response", detail, status=404)
            names = select(responses.c.task_id).where(of_run).limit(1)
            ids = responses.c.task_id
            previous = await connection.scalar(names.where(ids < task_id).order_by(ids.desc()))
            following = await connection.scalar(names.where(ids > task_id).order_by(ids))
        return Opened(run, response_view(row), previous, following)


def _condition(shown: Shown) -> ColumnElement[bool]:
    def flag(name: str) -> ColumnElement[bool]:
        found: ColumnElement[bool] = responses.c.score[name].as_boolean()
        return found

    conditions: dict[Shown, ColumnElement[bool]] = {
        "all": true(),
        "unsafe": ~flag("safe"),
        "hallucinated": flag("hallucinated"),
        "wrong": ~flag("correct") & ~flag("abstained"),
        "declined": flag("abstained"),
        "form": ~flag("format_ok"),
        "refused": responses.c.refused.is_not(None),
    }
    return conditions[shown]

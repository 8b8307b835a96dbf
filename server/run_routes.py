"""The HTTP routes of benchmark runs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Response

from ..core.run_wire import (
    Leaderboard,
    LeaderboardQuery,
    RunComparison,
    RunCompletion,
    RunReceipts,
    RunRequest,
    RunResponses,
    RunTasks,
    RunView,
    StoredResponses,
)
from ..core.wire import MAX_PAGE, Problem
from .access import Access
from .audit import Caller
from .leaderboard import LeaderboardReader, as_csv
from .runs import RunStore

_PROBLEMS: dict[int | str, dict[str, object]] = {"4XX": {"model": Problem, "description": "What was wrong"}}


def build_leaderboard_router(reader: LeaderboardReader, access: Access) -> APIRouter:
    """Routes that rank and compare runs."""
    router = APIRouter(tags=["Leaderboard"], responses=_PROBLEMS, dependencies=[Depends(access.reader)])

    @router.get("/leaderboard.json", summary="Complete runs, the best first")
    async def as_json(asked: Annotated[LeaderboardQuery, Query()]) -> Leaderboard:
        return await reader.page(asked)

    @router.get("/leaderboard.csv", summary="The same as comma-separated values", response_class=Response)
    async def as_table(asked: Annotated[LeaderboardQuery, Query()]) -> Response:
        return Response(as_csv(await reader.page(asked)), media_type="text/csv; charset=utf-8")

    @router.get("/runs/{first}/compare/{second}", summary="Two complete runs, task by task")
    async def compare(first: str, second: str) -> RunComparison:
        return await reader.compare(first, second)

    return router


def build_run_router(store: RunStore, access: Access) -> APIRouter:
    """Routes over one store. Reading is open; changes need a key where the server has keys."""
    router = APIRouter(prefix="/runs", tags=["Runs"], responses=_PROBLEMS)
    reading = [Depends(access.reader)]
    writer = Depends(access.writer)

    @router.post("", status_code=201, summary="Begin a run")
    async def create(request: RunRequest, caller: Caller = writer) -> RunView:
        return await store.create(request, caller)

    @router.get("/{run_id}", summary="Read a run", dependencies=reading)
    async def read(run_id: str) -> RunView:
        return await store.view(run_id)

    @router.get("/{run_id}/tasks", summary="Tasks of a run, paged", dependencies=reading)
    async def tasks(
        run_id: str,
        offset: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
        unanswered: Annotated[bool, Query(description="Those without a stored response alone.")] = False,
    ) -> RunTasks:
        return await store.tasks(run_id, offset, limit, unanswered=unanswered)

    @router.get("/{run_id}/responses", summary="Stored responses with their scores, paged", dependencies=reading)
    async def responses(
        run_id: str,
        offset: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    ) -> StoredResponses:
        return await store.responses(run_id, offset, limit)

    @router.post("/{run_id}/responses", summary="Submit responses, in any order and number")
    async def submit(run_id: str, request: RunResponses, caller: Caller = writer) -> RunReceipts:
        return await store.submit(run_id, request.responses, caller)

    @router.post("/{run_id}/complete", summary="Complete a run")
    async def complete(
        run_id: str,
        request: Annotated[RunCompletion, Body()] = RunCompletion(),  # noqa: B008
        caller: Caller = writer,
    ) -> RunView:
        return await store.complete(run_id, caller, partial=request.partial)

    return router

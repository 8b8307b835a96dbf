"""The HTTP routes of our own. They stand in front of OpenEnv's, whose plain `/step` has no episode to score."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query
from pydantic import ValidationError

from ..core.wire import (
    MAX_PAGE,
    BatchResetItem,
    BatchResetRequest,
    BatchResetResult,
    BatchScoreItem,
    BatchScoreRequest,
    BatchStepAnswer,
    BatchStepItem,
    BatchStepRequest,
    BatchStepResult,
    EpisodeState,
    Problem,
    ResetRequest,
    ResetResult,
    StepRequest,
    StepResult,
    TaskPage,
)
from .grader import Grader
from .problems import ServerProblem, invalid_request

ITEMS_PER_TURN = 32
"""Batch items scored before other requests get their turn: at about 50 us each, under 2 ms."""

_PROBLEMS: dict[int | str, dict[str, object]] = {
    "4XX": {"model": Problem, "description": "What was found, what was expected, and the remedy"},
}


def build_router(grader: Grader) -> APIRouter:
    """Routes over one grader."""
    router = APIRouter(tags=["Environment"], responses=_PROBLEMS)

    @router.post("/reset", summary="Pose a task")
    async def reset(request: Annotated[ResetRequest, Body()] = ResetRequest()) -> ResetResult:  # noqa: B008
        return grader.reset(request)

    @router.post("/step", summary="Score a response")
    async def step(request: StepRequest) -> StepResult:
        if request.action.episode_id is None:
            raise ServerProblem(
                "episode-missing",
                "action.episode_id is missing; POST /reset first and send the episode_id it gives",
                status=422,
            )
        return grader.step(request.action.response, request.action.episode_id)

    @router.get("/state", summary="What an episode is")
    async def state(episode_id: Annotated[str, Query(min_length=1)]) -> EpisodeState:
        return grader.state(episode_id)

    @router.get("/tasks", summary="Tasks of a split, paged")
    async def tasks(
        split: Annotated[str | None, Query()] = None,
        offset: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    ) -> TaskPage:
        return grader.page(split or grader.bank.default_split, offset, limit)

    @router.post("/batch/reset", summary="Pose many tasks")
    async def batch_reset(request: BatchResetRequest) -> BatchResetResult:
        answers: list[BatchResetItem] = []
        for index, item in enumerate(request.items):
            await _give_way(index)
            try:
                answers.append(BatchResetItem(result=grader.reset(item)))
            except ServerProblem as error:
                answers.append(BatchResetItem(problem=error.problem))
        return BatchResetResult(items=answers)

    @router.post("/batch/step", summary="Score many responses")
    async def batch_step(request: BatchStepRequest) -> BatchStepResult:
        return await _scored(request.items, lambda item: grader.step_item(BatchStepItem.model_validate(item)))

    @router.post("/batch/score", summary="Score many responses to tasks of your own")
    async def batch_score(request: BatchScoreRequest) -> BatchStepResult:
        return await _scored(request.items, lambda item: grader.score_item(BatchScoreItem.model_validate(item)), 1)

    return router


async def _scored(
    items: list[dict[str, Any]], score: Callable[[dict[str, Any]], StepResult], per_turn: int = ITEMS_PER_TURN
) -> BatchStepResult:
    """Each item's result or problem, in order. Of tasks that come with the items one a turn: they may be long."""
    answers: list[BatchStepAnswer] = []
    for index, item in enumerate(items):
        await _give_way(index, per_turn)
        try:
            answers.append(BatchStepAnswer(result=score(item)))
        except ServerProblem as error:
            answers.append(BatchStepAnswer(problem=error.problem))
        except ValidationError as error:
            answers.append(BatchStepAnswer(problem=invalid_request(error).problem))
    return BatchStepResult(items=answers)


async def _give_way(index: int, per_turn: int = ITEMS_PER_TURN) -> None:
    if index and index % per_turn == 0:
        await asyncio.sleep(0)

"""The calls about runs: what is sent and how its answer is read, for the sync and async clients. No I/O."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from ..core.run_wire import (
    Leaderboard,
    LeaderboardQuery,
    RunComparison,
    RunReceipts,
    RunRequest,
    RunResponse,
    RunView,
    StoredResponses,
)
from ..core.wire import MAX_PAGE
from .calls import Call, bodies, dumps, first_fault, plain
from .errors import InvalidCall

_RUN: TypeAdapter[RunView] = TypeAdapter(RunView)
_RECEIPTS: TypeAdapter[RunReceipts] = TypeAdapter(RunReceipts)
_RESPONSES: TypeAdapter[StoredResponses] = TypeAdapter(StoredResponses)
_BOARD: TypeAdapter[Leaderboard] = TypeAdapter(Leaderboard)
_COMPARISON: TypeAdapter[RunComparison] = TypeAdapter(RunComparison)


def create_call(fields: Mapping[str, Any]) -> Call[RunView]:
    """POST /runs with the fields of `RunRequest`."""
    try:
        # Made up here, once: a call that is tried again after a time-out begins no second run.
        request = RunRequest.model_validate({"request_id": uuid.uuid4().hex, **fields})
    except ValidationError as error:
        raise InvalidCall(first_fault(error)) from None
    return Call("POST", "runs", _RUN, body=dumps(request.model_dump(exclude_none=True)))


def run_call(run_id: str) -> Call[RunView]:
    """GET /runs/{run_id}."""
    return Call("GET", _path(run_id), _RUN)


def responses_call(run_id: str, offset: int) -> Call[StoredResponses]:
    """GET /runs/{run_id}/responses, one page."""
    params = {"offset": str(offset), "limit": str(MAX_PAGE)}
    return Call("GET", f"{_path(run_id)}/responses", _RESPONSES, params=params)


def submit_calls(run_id: str, items: Sequence[RunResponse | Mapping[str, Any]]) -> Iterator[Call[RunReceipts]]:
    """POST /runs/{run_id}/responses, as often as the sizes need."""
    for body, _ in bodies([dumps(plain(item)) for item in items], "responses"):
        yield Call("POST", f"{_path(run_id)}/responses", _RECEIPTS, body=body)


def complete_call(run_id: str, partial: bool) -> Call[RunView]:
    """POST /runs/{run_id}/complete."""
    return Call("POST", f"{_path(run_id)}/complete", _RUN, body=dumps({"partial": partial}))


def leaderboard_call(fields: Mapping[str, Any]) -> Call[Leaderboard]:
    """GET /leaderboard.json with the fields of `LeaderboardQuery`."""
    try:
        query = LeaderboardQuery.model_validate(dict(fields))
    except ValidationError as error:
        raise InvalidCall(first_fault(error)) from None
    given = query.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return Call("GET", "leaderboard.json", _BOARD, params={name: str(value) for name, value in given.items()})


def compare_call(first: str, second: str) -> Call[RunComparison]:
    """GET /runs/{first}/compare/{second}."""
    return Call("GET", f"{_path(first)}/compare/{quote(second, safe='')}", _COMPARISON)


def _path(run_id: str) -> str:
    return f"runs/{quote(run_id, safe='')}"

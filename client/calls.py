"""The calls of the API: what is sent and how its answer is read, for the sync and async clients. No I/O."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from ..core.tasks import Task
from ..core.wire import (
    MAX_BATCH,
    MAX_PAGE,
    BatchResetItem,
    BatchResetResult,
    BatchStepAnswer,
    BatchStepItem,
    BatchStepResult,
    EpisodeState,
    Problem,
    ResetRequest,
    ResetResult,
    ScoreView,
    StepResult,
    TaskPage,
)
from .connection import FINAL_ERRORS, RETRIED_STATUSES
from .errors import DIPGError, InvalidCall, ProblemError, ProtocolError, ResponseRefused, ServerUnavailable

MAX_BODY_BYTES = 8 * 1024 * 1024
"""Batches are split so that no body of several items is larger: half of what the server takes."""

Refused = Literal["raise", "floor"]
"""What becomes of a response that the server refuses to score: an error, or the profile's worst reward."""

AnswerT = TypeVar("AnswerT")
ItemT = TypeVar("ItemT", BatchResetItem, BatchStepAnswer)


@dataclass(frozen=True, slots=True)
class Call(Generic[AnswerT]):
    """One HTTP request, and the type of its answer."""

    method: Literal["GET", "POST"]
    path: str
    answer: TypeAdapter[AnswerT]
    params: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    count: int | None = None
    """How many items a batch holds; its answer must hold as many."""

    def request_options(self) -> dict[str, Any]:
        """Keyword arguments for `httpx.Client.request`."""
        headers = None if self.body is None else {"content-type": "application/json"}
        return {
            "method": self.method,
            "url": self.path,
            "params": self.params,
            "content": self.body,
            "headers": headers,
        }


_RESET: TypeAdapter[ResetResult] = TypeAdapter(ResetResult)
_STEP: TypeAdapter[StepResult] = TypeAdapter(StepResult)
_STATE: TypeAdapter[EpisodeState] = TypeAdapter(EpisodeState)
_PAGE: TypeAdapter[TaskPage] = TypeAdapter(TaskPage)
_BATCH_RESET: TypeAdapter[BatchResetResult] = TypeAdapter(BatchResetResult)
_BATCH_STEP: TypeAdapter[BatchStepResult] = TypeAdapter(BatchStepResult)
_HEALTH: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])
_PROBLEM: TypeAdapter[Problem] = TypeAdapter(Problem)


def reset_call(fields: Mapping[str, Any]) -> Call[ResetResult]:
    """POST /reset with the fields of `ResetRequest`, None meaning not given."""
    given = {name: value for name, value in fields.items() if value is not None}
    return Call("POST", "reset", _RESET, body=dumps(_valid_reset(given)))


def step_call(response: str, episode_id: str) -> Call[StepResult]:
    """POST /step."""
    body = dumps({"action": {"response": response, "episode_id": episode_id}})
    return Call("POST", "step", _STEP, body=body)


def state_call(episode_id: str) -> Call[EpisodeState]:
    """GET /state."""
    return Call("GET", "state", _STATE, params={"episode_id": episode_id})


def tasks_call(split: str | None, offset: int, limit: int) -> Call[TaskPage]:
    """GET /tasks."""
    if not 1 <= limit <= MAX_PAGE or offset < 0:
        raise InvalidCall(f"found offset {offset}, limit {limit}; expected 0 or more, and 1 to {MAX_PAGE}")
    params = {"offset": str(offset), "limit": str(limit)}
    return Call("GET", "tasks", _PAGE, params=params if split is None else {"split": split, **params})


def health_call() -> Call[dict[str, Any]]:
    """GET /health."""
    return Call("GET", "health", _HEALTH)


def batch_reset_calls(items: Sequence[ResetRequest | Mapping[str, Any]]) -> Iterator[Call[BatchResetResult]]:
    """POST /batch/reset, as often as the sizes need."""
    parts = [dumps(_valid_reset(item)) for item in items]
    for body, count in bodies(parts):
        yield Call("POST", "batch/reset", _BATCH_RESET, body=body, count=count)


def batch_step_calls(items: Sequence[BatchStepItem | Mapping[str, Any]]) -> Iterator[Call[BatchStepResult]]:
    """POST /batch/step, as often as the sizes need. The server checks the items: a bad one fails alone."""
    for body, count in bodies([dumps(plain(item)) for item in items]):
        yield Call("POST", "batch/step", _BATCH_STEP, body=body, count=count)


def score_calls(
    responses: Sequence[str], tasks: Sequence[Task], profile: str | None, risk_threshold: float | None
) -> Iterator[Call[BatchStepResult]]:
    """POST /batch/score, as often as the sizes need: each response with a task of one's own.

    Raises:
        InvalidCall: not as many of both are given.
    """
    if isinstance(responses, str):
        raise InvalidCall("found a string; expected lists: one response and one task for each")
    if len(responses) != len(tasks):
        raise InvalidCall(f"found {len(responses)} responses and {len(tasks)} tasks; expected as many")
    graded = {"profile": profile, "risk_threshold": risk_threshold}
    given = {key: value for key, value in graded.items() if value is not None}
    pairs = zip(responses, tasks, strict=True)
    parts = [dumps({"response": response, "task": plain(task), **given}) for response, task in pairs]
    for body, count in bodies(parts):
        yield Call("POST", "batch/score", _BATCH_STEP, body=body, count=count)


def reward_items(
    responses: Sequence[str],
    episode_ids: Sequence[str] | None,
    task_ids: Sequence[str] | None,
    profile: str | None,
    risk_threshold: float | None,
) -> list[dict[str, Any]]:
    """Batch items that pair each response with its episode or its task.

    Raises:
        InvalidCall: not exactly one of both lists is given, or it is not as long as `responses`.
    """
    if (episode_ids is None) == (task_ids is None):
        raise InvalidCall("give episode_ids or task_ids, exactly one, as long as responses")
    name, targets = ("episode_id", episode_ids) if task_ids is None else ("task_id", task_ids)
    assert targets is not None
    if isinstance(responses, str) or isinstance(targets, str):
        raise InvalidCall(f"found a string; expected lists: one response and one {name} for each")
    if len(responses) != len(targets):
        raise InvalidCall(f"found {len(responses)} responses and {len(targets)} {name}s; expected as many")
    graded = {"profile": profile, "risk_threshold": risk_threshold}
    given = {key: value for key, value in graded.items() if value is not None}
    return [{"response": response, name: target, **given} for response, target in zip(responses, targets, strict=True)]


def read_rewards(answers: Sequence[BatchStepAnswer], refused: Refused) -> list[float]:
    """The reward of each answer, in order; raises as `read_scores`."""
    return [score.reward for score in read_scores(answers, refused)]


def read_scores(answers: Sequence[BatchStepAnswer], refused: Refused) -> list[ScoreView]:
    """The score of each answer, in order.

    Raises:
        ProblemError: the first problem; with `refused="floor"` the first that is not a refused response.
    """
    return [_score(answer, refused) for answer in answers]


def read_items(call: Call[Any], items: list[ItemT]) -> list[ItemT]:
    """The items of a batch answer, checked to be as many as were sent, each a result or a problem."""
    if len(items) != call.count or any((item.problem is None) == (item.result is None) for item in items):
        raise ProtocolError(
            f"/{call.path} answered {len(items)} items to {call.count}, or items without result or problem"
        )
    return items


def read_answer(call: Call[AnswerT], response: httpx.Response) -> AnswerT:
    """The typed answer.

    Raises:
        ProblemError: the server answered with a problem document.
        ServerUnavailable: 429, 502, 503 or 504 without one: a proxy answers in the server's place.
        ProtocolError: the answer is something else.
    """
    if response.is_success:
        try:
            return call.answer.validate_json(response.content)
        except ValidationError as error:
            raise ProtocolError(_unexpected(response, first_fault(error))) from error
    try:
        problem = _PROBLEM.validate_json(response.content)
    except ValidationError as error:
        if response.status_code in RETRIED_STATUSES:
            raise ServerUnavailable(
                f"{response.url} answers {response.status_code} {response.reason_phrase} in every try; "
                "the server is down or overloaded behind its proxy"
            ) from error
        raise ProtocolError(_unexpected(response, "neither an answer nor a problem document")) from error
    raise ProblemError.of(problem)


def failure(base_url: httpx.URL, tries: int, error: httpx.RequestError | httpx.InvalidURL) -> DIPGError:
    """The error for a call that brought no answer."""
    if isinstance(error, FINAL_ERRORS):
        return InvalidCall(f"cannot be sent to {base_url}: {error}")
    if not isinstance(error, httpx.TransportError):
        return ProtocolError(f"{base_url} sent what cannot be read ({type(error).__name__}: {error})")
    reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return ServerUnavailable(
        f"no answer from {base_url} in {tries} {'try' if tries == 1 else 'tries'} ({reason}); is the server "
        "running? Start one with `dipg-gym serve`"
    )


def _score(answer: BatchStepAnswer, refused: Refused) -> ScoreView:
    if answer.result is not None:
        return answer.result.observation.score
    assert answer.problem is not None
    error = ProblemError.of(answer.problem)
    if refused == "floor" and isinstance(error, ResponseRefused) and error.floor is not None:
        return ScoreView.worst(error.floor)
    raise error


def _valid_reset(item: ResetRequest | Mapping[str, Any]) -> dict[str, Any]:
    try:
        request = item if isinstance(item, ResetRequest) else ResetRequest.model_validate(dict(item))
    except ValidationError as error:
        raise InvalidCall(f"reset: {first_fault(error)}") from error
    return plain(request)


def plain(item: BaseModel | Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an item that are given."""
    return item.model_dump(exclude_none=True) if isinstance(item, BaseModel) else dict(item)


def dumps(data: Any) -> bytes:
    """JSON as it is sent."""
    # json, not pydantic: a lone surrogate in a model's text is escaped, for the server to refuse that text
    # alone, where pydantic would raise.
    try:
        return json.dumps(data, allow_nan=False, separators=(",", ":")).encode("ascii")
    except (TypeError, ValueError) as error:
        raise InvalidCall(f"cannot be sent as JSON: {error}") from error


def bodies(parts: list[bytes], name: str = "items") -> Iterator[tuple[bytes, int]]:
    """Bodies of a batch in order, each with its number of items, which stand under `name`."""
    start, size = 0, 0
    for index, part in enumerate(parts):
        full = index - start == MAX_BATCH or size + len(part) > MAX_BODY_BYTES
        if index > start and full:
            yield _body(parts[start:index], name), index - start
            start, size = index, 0
        size += len(part) + 1
    if parts:
        yield _body(parts[start:], name), len(parts) - start


def _body(parts: list[bytes], name: str) -> bytes:
    return b'{"%s":[%s]}' % (name.encode(), b",".join(parts))


def first_fault(error: ValidationError) -> str:
    """The first wrong field and what was expected of it."""
    found = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in found["loc"])
    message = found["msg"].removeprefix("Value error, ")
    return f"{where}: {message}" if where else message


def _unexpected(response: httpx.Response, why: str) -> str:
    kind = response.headers.get("content-type", "no content type")
    moved = f" and points to {response.headers['location']}" if response.has_redirect_location else ""
    return (
        f"{response.request.method} {response.url} answered {response.status_code}{moved} ({kind}; {why}); "
        "expected the JSON of a DIPG Safety Gym server of this version. Check base_url; the answer starts "
        f"with {response.text[:80]!r}"
    )

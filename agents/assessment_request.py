"""What the green agent is asked for: which participants, over which tasks, how. It is AgentBeats' request."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

import httpx
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from ..core.profiles import ProfileName
from ..core.run_wire import Name, RunResponse

MAX_PARTICIPANTS = 16

MAX_CONCURRENCY = 256
"""Questions to one participant at once."""

EXAMPLE = '{"participants": {"agent": "https://agent.example.org"}, "config": {"num_tasks": 20}}'

KINDS = Literal["reasoning", "trap", "conflict", "needle", "anti_knowledge", "general_safety", "error_detection"]


ModelT = TypeVar("ModelT", bound=BaseModel)


class InvalidRequest(ValueError):
    """The request cannot be carried out. The message names the field, what was found and what was expected."""


class NothingAsked(ValueError):
    """The message is no request at all."""


def _is_http(url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"{error}; expected a URL as http://127.0.0.1:9010") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ValueError("expected a URL as http://127.0.0.1:9010")
    return url


def _number(value: Any) -> Any:
    """A JSON number. What came as protobuf has 32.0 for 32; text and true are no numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"found {json.dumps(value, default=str)[:40]}; expected a number")
    return value


Number = Annotated[float, BeforeValidator(_number)]
Whole = Annotated[int, BeforeValidator(_number)]
Address = Annotated[str, Field(max_length=2000), AfterValidator(_is_http)]


class AssessmentConfig(BaseModel):
    """How the participants are assessed."""

    model_config = ConfigDict(extra="forbid")

    split: Annotated[str, Field(min_length=1, max_length=200)] = "eval"
    num_tasks: Annotated[Whole, Field(ge=1)] | None = None
    """Tasks drawn by the seed; all where it is not given."""
    seed: Annotated[Whole, Field(ge=0)] = 0
    profile: ProfileName | None = None
    """By default the environment's."""
    concurrency: Annotated[Whole, Field(ge=1, le=MAX_CONCURRENCY)] = 8
    """Questions to one participant at once."""
    timeout_s: Annotated[Number, Field(gt=0, le=3600, allow_inf_nan=False)] = 60.0
    """Limit for one answer, with all its tries."""
    retries: Annotated[Whole, Field(ge=0, le=10)] = 2
    """Tries after the first, where the connection or the participant fails."""
    shard_index: Annotated[Whole, Field(ge=0)] = 0
    num_shards: Annotated[Whole, Field(ge=1, le=10_000)] = 1
    """Of the drawn tasks every `num_shards`-th is asked, from `shard_index` on."""
    kinds: Annotated[list[KINDS], Field(min_length=1)] | None = None
    """Tasks of these kinds alone: for splits whose file the green agent has."""
    runs: dict[str, str] = Field(default_factory=dict)
    """Runs to go on with, by role: of an assessment that was cancelled, or whose agent died."""

    @model_validator(mode="after")
    def _shard_is_one_of_them(self) -> AssessmentConfig:
        if self.shard_index >= self.num_shards:
            raise ValueError(f"shard_index: found {self.shard_index}; expected less than num_shards, {self.num_shards}")
        return self


class AssessmentRequest(BaseModel):
    """Participants by role, each under test, and the config."""

    model_config = ConfigDict(extra="forbid")

    participants: Annotated[dict[Name, Address], Field(min_length=1, max_length=MAX_PARTICIPANTS)]
    config: AssessmentConfig = Field(default_factory=AssessmentConfig)

    @model_validator(mode="after")
    def _runs_are_of_participants(self) -> AssessmentRequest:
        strange = sorted(set(self.config.runs) - set(self.participants))
        if strange:
            raise ValueError(f"config.runs: there is no participant {strange[0]!r}; expected roles of participants")
        # In one order, whoever asks: a data part loses the order of its keys.
        self.participants = dict(sorted(self.participants.items()))
        return self


class Submission(BaseModel):
    """Responses that an agent hands in, to be scored as a run."""

    model_config = ConfigDict(extra="forbid")

    responses: Annotated[list[RunResponse], Field(min_length=1, max_length=100_000)]
    agent: Name = "an A2A agent"
    """Who answered, as the leaderboard shows it."""
    model: Name | None = None
    split: Annotated[str, Field(min_length=1, max_length=200)] = "eval"
    profile: ProfileName | None = None


def read_request(texts: Sequence[str], data: Sequence[Any]) -> AssessmentRequest | Submission:
    """The request of a message: its data parts, or else JSON in its text parts.

    Raises:
        NothingAsked: it holds none.
        InvalidRequest: it holds one that cannot be carried out.
    """
    found = [item for item in data if isinstance(item, Mapping)]
    if not found:
        found = [item for text in texts if isinstance(item := _json(text), Mapping)]
    if not found:
        raise NothingAsked("the message holds no request")
    request = dict(found[0])
    if "responses" in request:
        return _valid(Submission, request)
    if "participants" not in request and "task_id" in request and "response" in request:
        rest = {name: value for name, value in request.items() if name not in ("task_id", "response")}
        one = {"task_id": request["task_id"], "response": request["response"]}
        return _valid(Submission, {**rest, "responses": [one]})
    if "participants" not in request:
        raise NothingAsked("the request names no participants")
    return _valid(AssessmentRequest, request)


def _json(text: str) -> Any:
    """The JSON of a text, in a fence or not; None where it is none."""
    bare = text.strip().removeprefix("```json").removeprefix("```").removesuffix("```").strip()
    try:
        return json.loads(bare)
    except (ValueError, RecursionError):
        return None


def _valid(model: type[ModelT], data: dict[str, Any]) -> ModelT:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in found["loc"])
        message = found["msg"].removeprefix("Value error, ")
        if found["type"] not in ("value_error", "missing", "extra_forbidden"):
            message = f"found {json.dumps(found['input'], default=str)[:60]}; {message[:1].lower()}{message[1:]}"
        raise InvalidRequest(f"{where}: {message}" if where else message) from None

"""What travels over HTTP: the requests the server takes and the answers it gives.

No answer holds gold, kind or family; of the requests `/batch/score` alone takes them, of the tasks of its caller.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .profiles import MAX_RISK_THRESHOLD, ProfileName
from .tasks import Task

MAX_RESPONSE_BYTES = 64 * 1024
"""Largest response that is scored, in UTF-8 bytes."""

MAX_TASK_BYTES = 64 * 1024
"""Largest task of a caller's own that is scored, as JSON in UTF-8 bytes."""

MAX_BATCH = 1024
"""Most items in one batch call."""

MAX_PAGE = 500
"""Most tasks on one page."""

RiskThreshold = Annotated[float, Field(ge=0.0, le=MAX_RISK_THRESHOLD, allow_inf_nan=False)]


class Sent(BaseModel):
    """What a client sends: an unknown field is a mistake, and is said so."""

    model_config = ConfigDict(extra="forbid")


class Answered(BaseModel):
    """What the server answers: a client passes over fields that a newer server adds."""

    model_config = ConfigDict(extra="ignore")


class _Graded(Sent):
    """How strictly to score: a profile by name, or its parameter itself. The server's default where neither is
    given."""

    profile: ProfileName | None = None
    risk_threshold: RiskThreshold | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> _Graded:
        if self.profile is not None and self.risk_threshold is not None:
            raise ValueError("give profile or risk_threshold, not both")
        return self


class ResetRequest(_Graded):
    """Which task to pose. By `task_id`; or by `split` and `index`; or by `split` and `seed`; or at random."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    """The same seed poses the same task of a split, on any server with the same task set."""
    split: str | None = None
    index: Annotated[int, Field(ge=0)] | None = None
    """Position in the split, counted from 0."""
    task_id: str | None = None
    episode_id: str | None = Field(default=None, max_length=255)
    """Taken because OpenEnv clients may send it, and not used: the server issues signed ids."""


class Observation(Answered):
    """A posed task."""

    episode_id: str
    """Signed token that holds the episode; any worker that shares the secret can score against it."""
    task_id: str
    split: str
    context: str
    question: str
    messages: list[dict[str, str]]
    """The same task as chat messages, with the system prompt."""


class QuoteView(Answered):
    """One quotation of a response and what became of it."""

    text: str
    grounded: bool
    verdict: Literal["verbatim", "equivalent", "altered", "absent"]
    similarity: float
    start: int
    end: int
    edits: list[str]


class ScoreView(Answered):
    """A score. `quotes` and `explanation` are given on open splits alone (by default `train`)."""

    reward: float
    components: dict[str, float]
    format_ok: bool
    abstained: bool
    grounded: bool
    supported: bool
    correct: bool
    hallucinated: bool
    consistent: bool
    safe: bool
    scorer_version: str
    quotes: list[QuoteView] | None = None
    explanation: str | None = None

    @classmethod
    def worst(cls, floor: float) -> ScoreView:
        """What a text that cannot be scored counts as: it has not the strict form, and holds nothing."""
        return cls(
            reward=floor,
            components={},
            format_ok=False,
            abstained=False,
            grounded=False,
            supported=False,
            correct=False,
            hallucinated=False,
            consistent=False,
            safe=False,
            scorer_version="refused",
        )


FLAGS = ("format_ok", "abstained", "grounded", "supported", "correct", "hallucinated", "consistent", "safe")
"""Yes-or-no parts of a score, in the order of a report."""


class StepObservation(Answered):
    """What follows a response: which episode and task it was, and its score."""

    episode_id: str | None
    task_id: str
    split: str
    score: ScoreView


class ResetResult(Answered):
    """Answer to a reset, in OpenEnv's shape."""

    observation: Observation
    reward: None = None
    done: Literal[False] = False


class StepResult(Answered):
    """Answer to a step, in OpenEnv's shape."""

    observation: StepObservation
    reward: float
    done: Literal[True] = True


class Action(Sent):
    """A response to the task of an episode."""

    response: str
    """The model's whole text, at most 64 KiB of UTF-8."""
    episode_id: str | None = None
    """From the reset. On a WebSocket the session's own episode where it is absent."""
    metadata: dict[str, Any] = Field(default_factory=dict)


class StepRequest(Sent):
    """A step. `timeout_s` and `request_id` are taken because OpenEnv clients may send them."""

    action: Action
    timeout_s: Annotated[float, Field(gt=0)] | None = None
    request_id: Annotated[str, Field(max_length=255)] | None = None


class BatchResetRequest(Sent):
    """Many resets, answered in order."""

    items: Annotated[list[ResetRequest], Field(min_length=1, max_length=MAX_BATCH)]


class BatchStepItem(_Graded):
    """One response: to the task of an episode, or to a task named outright (then with its own profile, if any)."""

    response: str
    episode_id: str | None = None
    task_id: str | None = None

    @model_validator(mode="after")
    def _one_target(self) -> BatchStepItem:
        if (self.episode_id is None) == (self.task_id is None):
            raise ValueError("give episode_id or task_id, exactly one")
        if self.episode_id is not None and (self.profile or self.risk_threshold is not None):
            raise ValueError("an episode holds its own profile; give profile or risk_threshold with task_id alone")
        return self


class BatchStepRequest(Sent):
    """Many responses, scored in order."""

    items: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MAX_BATCH)]
    """`BatchStepItem`s; each is checked on its own, so that one bad item fails alone."""


class BatchScoreItem(_Graded):
    """One response to a task of the caller's own, which comes with its gold."""

    response: str
    task: Task


class BatchScoreRequest(Sent):
    """Many responses to tasks of the caller's own, scored in order."""

    items: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MAX_BATCH)]
    """Each `{response, task, profile? or risk_threshold?}`, the task as a line of a task file; each is checked on its
    own, so that one bad item fails alone."""


class Problem(BaseModel):
    """RFC 9457 problem document (`application/problem+json`)."""

    model_config = ConfigDict(extra="allow")

    type: str
    """`urn:dipg-safety-gym:problem:` and a name that does not change."""
    title: str
    status: int
    detail: str
    """What was found, what was expected, and the remedy."""
    fault: Literal["request", "response", "server"]
    """Whose fault: the caller's request, the model's response within it, or the server."""


class BatchItem(Answered):
    """One item of a batch answer: `result` or `problem`."""

    problem: Problem | None = None


class BatchResetItem(BatchItem):
    result: ResetResult | None = None


class BatchStepAnswer(BatchItem):
    result: StepResult | None = None


class BatchResetResult(Answered):
    """As many items as asked, in their order."""

    items: list[BatchResetItem]


class BatchStepResult(Answered):
    """As many items as sent, in their order."""

    items: list[BatchStepAnswer]


class TaskView(Answered):
    """A task as an agent may see it."""

    task_id: str
    context: str
    question: str


class TaskPage(Answered):
    """Tasks `offset` to `offset + len(tasks)` of a split."""

    split: str
    total: int
    offset: int
    limit: int
    tasks: list[TaskView]


class EpisodeState(Answered):
    """What an episode token holds."""

    episode_id: str
    task_id: str
    split: str
    seed: int | None
    profile: str | None
    """Name of the profile; None where `risk_threshold` is that of none."""
    risk_threshold: float
    issued_at: str
    expires_at: str
    step_count: int = 0
    """Always 0 over HTTP: a step changes nothing on the server."""

"""What travels over HTTP about benchmark runs. No gold, kind or family of a task anywhere."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from .profiles import ProfileName
from .wire import MAX_BATCH, MAX_PAGE, Answered, Problem, ScoreView, Sent, TaskView

MAX_NAME = 200
MAX_NOTES = 4000
"""Characters."""

_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, and those that turn the direction of a line: in a name they would act on who reads it."""


def _readable(text: str) -> str:
    found = _UNSEEN.search(text)
    if found:
        raise ValueError(f"holds the control character U+{ord(found.group()):04X}; leave it out")
    return text


def _one_line(text: str) -> str:
    if "\n" in text or "\t" in text or "\r" in text:
        raise ValueError("holds a line break or a tab; write one line")
    return _readable(text)


Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME), AfterValidator(_one_line)
]
Notes = Annotated[str, StringConstraints(max_length=MAX_NOTES), AfterValidator(_readable)]


class RunRequest(Sent):
    """Begins a run."""

    agent: Name
    """Who answers, as the leaderboard shows it."""
    model: Name | None = None
    """The model behind it."""
    split: str = "eval"
    profile: ProfileName | None = None
    """How much a wrong answer costs; by default the server's."""
    notes: Notes = ""
    replace: bool = False
    """Whether a later response to a task takes the place of an earlier one. Otherwise it is refused."""
    request_id: Annotated[str, Field(pattern="^[0-9A-Za-z_-]{16,64}$")] | None = None
    """Made up by the client: sent again with the same fields, it begins no second run but gives the first."""
    verified: bool = False
    """Whether the operator of the server saw who answered. Needs a key with the scope `verify`; a run without it is
    self-reported."""


class RunView(Answered):
    """A run as anyone may see it."""

    run_id: str
    agent: str
    model: str | None
    split: str
    profile: ProfileName
    notes: str
    replace: bool
    verified: bool
    """Begun with a key of the operator's; otherwise self-reported."""
    status: Literal["open", "complete"]
    partial: bool
    """Completed although tasks were left unanswered."""
    total: int
    """Tasks of the split."""
    answered: int
    """Tasks with a stored response."""
    scorer_version: str
    task_set: str
    """SHA-256 of the tasks as they were posed."""
    created_at: str
    """ISO 8601, UTC."""
    completed_at: str | None = None
    summary: dict[str, Any] | None = None
    """Metrics with their intervals, once the run is complete: `overall` and `by_kind`."""


class RunTasks(Answered):
    """Tasks of a run, in the order of the split."""

    run_id: str
    total: int
    """Of those that were asked for."""
    offset: int
    limit: int
    tasks: list[TaskView]


class RunResponse(Sent):
    """One response to one task of the run's split."""

    task_id: Annotated[str, Field(min_length=1, max_length=255)]
    response: str


class RunResponses(Sent):
    """Responses in any order and number; each is judged alone."""

    responses: Annotated[list[Any], Field(min_length=1, max_length=MAX_BATCH)]


class StoredResponse(Answered):
    """A response as it is stored, with its score."""

    task_id: str
    response: str
    refused: str | None
    """Why the text cannot be scored; it then counts as the worst, and is shown with its control characters replaced."""
    score: ScoreView
    received_at: str
    """ISO 8601, UTC."""


class StoredResponses(Answered):
    """Responses of a run, in the order of their task ids."""

    run_id: str
    total: int
    offset: int
    limit: int
    responses: list[StoredResponse]


class RunReceipt(Answered):
    """What became of one response. It was stored before this was sent."""

    task_id: str | None
    status: Literal["stored", "unchanged", "replaced", "failed"]
    """`unchanged`: the same response stands there already. `failed`: nothing was stored, see `problem`."""
    score: ScoreView | None = None
    """None where nothing was stored."""
    refused: str | None = None
    """Why the text cannot be scored; it then counts as the worst."""
    problem: Problem | None = None


class RunReceipts(Answered):
    """What became of the responses of one call, in their order."""

    run_id: str
    total: int
    answered: int
    receipts: list[RunReceipt]


class RunCompletion(Sent):
    """Ends a run."""

    partial: bool = False
    """Whether it may be completed although tasks were left unanswered."""


class LeaderboardQuery(Sent):
    """Which runs to rank."""

    split: Name = "eval"
    profile: ProfileName | None = None
    """By default the server's."""
    partial: bool = False
    """Whether runs with unanswered tasks are ranked as well."""
    verified: bool | None = None
    """Verified runs alone, or self-reported ones; both where it is not given."""
    task_set: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    """Runs over these tasks; by default the tasks that the split has now."""
    agent: Name | None = None
    """Runs of this agent alone, with their rank among all."""
    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 100


class MetricView(Answered):
    """A metric with its 95 % interval, clustered by family; none where there is nothing to count or to draw from."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    """Responses, or pairs, that count in it."""


class LeaderboardRow(Answered):
    """A complete run among others over the same split and profile."""

    rank: int
    """One more than the number of runs that are better; equal runs share a rank."""
    run_id: str
    agent: str
    model: str | None
    partial: bool
    verified: bool
    answered: int
    total: int
    scorer_version: str
    completed_at: str
    metrics: dict[str, MetricView]


class Leaderboard(Answered):
    """Complete runs, the best first."""

    split: str
    profile: ProfileName
    task_set: str
    """All runs are over these tasks."""
    elsewhere: int
    """Complete runs over the split with the profile whose tasks were others: they cannot be ranked among these."""
    ranked_by: Literal["mean_reward"]
    """The mean reward of the profile: unlike a rate of safe responses, it is not earned by declining everything."""
    declining: float | None
    """What declining every task earns: a run below it had better said nothing. None where the tasks are no longer
    served."""
    total: int
    offset: int
    limit: int
    runs: list[LeaderboardRow]


class DifferenceView(Answered):
    """The first run's metric less the second's."""

    value: float | None
    low: float | None
    high: float | None
    p: float | None
    real: bool
    """The interval leaves out zero and a permutation test agrees."""


class RunComparison(Answered):
    """Two complete runs over the same tasks, task by task."""

    first: str
    second: str
    tasks: int
    """That both answered."""
    families: int
    differences: dict[str, DifferenceView]

"""An assessment: several participants asked the same tasks, scored by the environment, and compared.

Answers are stored as runs of the environment as they come in. An assessment that was cancelled, or whose agent died, is
gone on with: `config.runs` names the run of each role, and no task is asked twice whose answer is stored.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from ..client.errors import ProblemError
from ..client.http import AsyncDIPGClient
from ..core.notice import NOTICE
from ..core.run_wire import RunComparison, RunView, StoredResponse
from ..core.task_set import task_set_hash
from ..core.wire import TaskView
from .assessment_request import AssessmentConfig, AssessmentRequest, InvalidRequest
from .bench import draw_tasks
from .labels import Labels
from .participant import Participant
from .runner import Outcome, Progress, Runner

MAX_COMPARISONS = 28
"""Of eight participants all pairs; of more the first so many."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an assessment is, over all its participants."""

    done: int
    total: int
    unanswered: int
    seconds: float
    asked: int
    """Of `done`, those that were not stored before."""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.asked / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """None before the first answer."""
        return (self.total - self.done) / self.rate if self.rate else None


@dataclass(frozen=True, slots=True)
class Assessed:
    """What came of one participant."""

    role: str
    url: str
    run: RunView
    """With its metrics."""
    responses: list[StoredResponse]
    no_answer: dict[str, str]
    """Why there is none, by task."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What came of an assessment. Holds no gold and no kind of a single task."""

    config: AssessmentConfig
    assessed: list[Assessed]
    task_set: str
    tasks: int
    comparisons: list[RunComparison] = field(default_factory=list)
    seconds: float = 0.0

    def reasons(self, one: Assessed) -> dict[str, int]:
        """Why a participant gave no answer, the most frequent first."""
        return dict(Counter(one.no_answer.values()).most_common())


async def choose_tasks(client: AsyncDIPGClient, config: AssessmentConfig) -> list[TaskView]:
    """The tasks that the config names, in the order of the split.

    Raises:
        InvalidRequest: there is no such split, or nothing is left of it.
        DIPGError: the environment is away.
    """
    try:
        tasks = [task async for task in client.iter_tasks(config.split)]
    except ProblemError as error:
        if error.problem.fault != "request":
            raise
        raise InvalidRequest(f"config.split: {error.problem.detail}") from None
    if config.kinds is not None:
        labels = Labels.of_split(config.split)
        if labels is None or not labels.cover(tasks):
            raise InvalidRequest("config.kinds: no copy of these tasks is here that tells their kinds; leave it out")
        tasks = [task for task in tasks if labels[task.task_id].kind in config.kinds]
    drawn = draw_tasks(tasks, config.num_tasks, config.seed)[config.shard_index :: config.num_shards]
    if not drawn:
        raise InvalidRequest(f"config: no task is left of {len(tasks)}; expected a shard or kinds that hold some")
    return drawn


async def open_runs(client: AsyncDIPGClient, request: AssessmentRequest, *, verified: bool) -> dict[str, RunView]:
    """A run for each role: begun, or the one to go on with.

    Raises:
        InvalidRequest: a run to go on with is unknown, complete, or of another split.
        DIPGError: the environment is away, or refuses to begin a run.
    """
    opened = {}
    for role, url in request.participants.items():
        config = request.config
        run_id = config.runs.get(role)
        if run_id is None:
            notes = f"Asked by the green agent at {url}"
            fields = {"split": config.split, "profile": config.profile, "notes": notes, "verified": verified}
            opened[role] = await client.create_run(role, **fields)
            continue
        try:
            opened[role] = await client.run(run_id)
        except ProblemError as error:
            raise InvalidRequest(f"config.runs.{role}: {error.problem.detail}") from None
        found = opened[role]
        if found.status != "open" or found.split != config.split or config.profile not in (None, found.profile):
            state = f"run {run_id} is {found.status}, over {found.split} with profile {found.profile}"
            raise InvalidRequest(f"config.runs.{role}: {state}; expected an open one of the same split and profile")
    return opened


async def assess(
    client: AsyncDIPGClient,
    request: AssessmentRequest,
    tasks: Sequence[TaskView],
    runs: dict[str, RunView],
    on_progress: Callable[[Standing], None],
) -> Assessment:
    """Ask every participant every task, score what they say, and complete their runs.

    Raises:
        DIPGError: the environment is away, after every retry.
    """
    started = time.monotonic()
    board = _Board(len(tasks) * len(runs), on_progress)
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(_assess_one(client, role, request, tasks, run, board)) for role, run in runs.items()]
    assessed = [one.result() for one in asked]
    pairs = list(combinations([one.run.run_id for one in assessed], 2))[:MAX_COMPARISONS]
    comparisons = [found for pair in pairs if (found := await _compared(client, *pair)) is not None]
    seconds = time.monotonic() - started
    return Assessment(request.config, assessed, task_set_hash(tasks), len(tasks), comparisons, seconds)


async def _assess_one(
    client: AsyncDIPGClient,
    role: str,
    request: AssessmentRequest,
    tasks: Sequence[TaskView],
    run: RunView,
    board: _Board,
) -> Assessed:
    config = request.config
    stored = {one.task_id for one in await client.stored_responses(run.run_id)}
    left = [task for task in tasks if task.task_id not in stored]
    board.show(role, Progress(0, 0, 0), before=len(tasks) - len(left))
    url = request.participants[role]
    outcomes: list[Outcome] = []
    if left:
        async with Participant(role, url, retries=config.retries, timeout_s=config.timeout_s) as participant:
            runner = Runner(
                client,
                run.run_id,
                participant,
                concurrency=config.concurrency,
                timeout_s=config.timeout_s,
                on_progress=lambda progress: board.show(role, progress),
            )
            outcomes = await runner.run(left)
    no_answer = {one.task_id: one.reason or one.status for one in outcomes if one.score is None}
    done = await client.complete_run(run.run_id, partial=True)
    return Assessed(role, url, done, await client.stored_responses(run.run_id), no_answer)


async def _compared(client: AsyncDIPGClient, first: str, second: str) -> RunComparison | None:
    """None where both answered no task."""
    try:
        return await client.compare_runs(first, second)
    except ProblemError as error:
        if error.problem.type.endswith("nothing-to-compare"):
            return None
        raise


class _Board:
    """Sums up how far the participants are."""

    def __init__(self, total: int, on_progress: Callable[[Standing], None]) -> None:
        self._total = total
        self._on_progress = on_progress
        self._started = time.monotonic()
        self._latest: dict[str, Progress] = {}
        self._before: dict[str, int] = {}

    def show(self, role: str, progress: Progress, before: int | None = None) -> None:
        if before is not None:
            self._before[role] = before
        self._latest[role] = progress
        asked = sum(one.done for one in self._latest.values())
        unanswered = sum(one.unanswered for one in self._latest.values())
        done = asked + sum(self._before.values())
        self._on_progress(Standing(done, self._total, unanswered, time.monotonic() - self._started, asked))


def as_data(assessment: Assessment) -> dict[str, Any]:
    """The data part of the result: all numbers, and no gold."""
    return {
        "participants": {one.role: one.url for one in assessment.assessed},
        "config": assessment.config.model_dump(mode="json", exclude_none=True),
        "task_set": assessment.task_set,
        "num_tasks": assessment.tasks,
        "seconds": round(assessment.seconds, 3),
        "results": [_result(assessment, one) for one in assessment.assessed],
        "comparisons": [found.model_dump(mode="json") for found in assessment.comparisons],
        "notice": NOTICE,
    }


def _result(assessment: Assessment, one: Assessed) -> dict[str, Any]:
    summary = one.run.summary or {"overall": {}, "by_kind": {}}
    rows = [
        {
            "task_id": found.task_id,
            "status": "refused" if found.refused else "graded",
            "reward": found.score.reward,
            "components": found.score.components,
            "safe": found.score.safe,
        }
        for found in one.responses
    ]
    rows += [{"task_id": task_id, "status": "no_answer", "reason": why} for task_id, why in one.no_answer.items()]
    return {
        "role": one.role,
        "run_id": one.run.run_id,
        "profile": one.run.profile,
        "scorer_version": one.run.scorer_version,
        "answered": len(one.responses),
        "unanswered": len(one.no_answer),
        "unanswered_reasons": assessment.reasons(one),
        "metrics": summary["overall"],
        "by_kind": summary["by_kind"],
        "tasks": rows,
    }


def as_text(assessment: Assessment) -> str:
    """The text part of the result."""
    lines = [f"{assessment.tasks} tasks of {assessment.config.split}, {assessment.seconds:.1f} s."]
    for one in assessment.assessed:
        metrics = (one.run.summary or {"overall": {}})["overall"]
        told = ", ".join(f"{title} {_value(name, metrics[name])}" for name, title in _TOLD.items() if metrics.get(name))
        lines.append(f"{one.role}: {len(one.responses)} answered, {len(one.no_answer)} without an answer. {told}.")
        lines += [f"  no answer, {count} x: {why}" for why, count in list(assessment.reasons(one).items())[:5]]
    names = {one.run.run_id: one.role for one in assessment.assessed}
    for found in assessment.comparisons:
        reward = found.differences["mean_reward"]
        if reward.value is not None:
            real = "a real difference" if reward.real else "no difference is shown"
            lines.append(f"{names[found.first]} less {names[found.second]}: {reward.value:+.2f} mean reward, {real}.")
    lines.append(NOTICE)
    return "\n".join(lines)


_TOLD = {
    "mean_reward": "mean reward",
    "safe_response_rate": "safe",
    "hallucination_rate": "hallucinated",
    "refusal_rate": "declined",
    "flag_accuracy": "errors flagged rightly",
    "sentence_accuracy": "errors found",
    "correction_edit_f1": "corrected",
}


def _value(name: str, found: dict[str, Any]) -> str:
    if found["value"] is None:
        return "none"
    scale, unit = (1.0, "") if name == "mean_reward" else (100.0, " %")
    form = "{:.2f}" if name == "mean_reward" else "{:.1f}"
    shown = form.format(scale * found["value"]) + unit
    if found["low"] is None:
        return shown
    return f"{shown} ({form.format(scale * found['low'])} to {form.format(scale * found['high'])})"

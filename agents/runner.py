"""Asks an agent for a response to each task and submits it to a run of the server, many at once.

Nobody's failure but the model's own costs reward. What may become of a task:

| status | meaning | counts |
|---|---|---|
| `graded` | the server stored the response and scored it | as scored |
| `refused` | it stored a text that cannot be scored (over 64 KiB, control characters) | as the worst |
| `no_answer` | the agent raised an error, took too long, or the file holds no response | as unanswered |
| `not_scored` | the server did not take this item | as unanswered |
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from ..client.errors import ProblemError
from ..core.prompts import build_messages
from ..core.run_wire import RunReceipt, RunResponse
from ..core.wire import Problem, ScoreView, TaskView
from .base import Agent, AgentError
from .responses import Recorded, posed_hash

SUBMIT_BATCH = 64
"""Responses submitted in one call."""

REASON_CHARS = 300
"""Reasons are cut to this length: a provider's error may be a page."""

Status = Literal["graded", "refused", "no_answer", "not_scored"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one task."""

    task_id: str
    status: Status
    reason: str | None = None
    """Why there is no score, or why the server refused the text."""
    score: ScoreView | None = None
    seconds: float | None = None
    """Time that the agent took."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is."""

    done: int
    total: int
    unanswered: int
    last_reason: str | None = None
    """Of the latest task without an answer."""


class RunClient(Protocol):
    """The part of `AsyncDIPGClient` that stores and scores."""

    async def submit(self, run_id: str, items: Sequence[RunResponse]) -> list[RunReceipt]: ...


@dataclass(frozen=True, slots=True)
class _Answer:
    task: TaskView
    response: str
    seconds: float | None


class Runner:
    """One run. Answers come from `agent`; those that are recorded already are not asked for again."""

    def __init__(
        self,
        client: RunClient,
        run_id: str,
        agent: Agent | None,
        *,
        recorded: Mapping[str, Recorded] | None = None,
        concurrency: int = 8,
        timeout_s: float = 300.0,
        on_response: Callable[[Recorded], None] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        """
        Args:
            run_id: Run of the server that takes the responses.
            agent: None where all responses are recorded.
            recorded: Responses by task id; one to another text of its task is passed over.
            concurrency: Calls of the agent at once.
            timeout_s: Limit for one answer.
            on_response: Called with each new response before it is submitted.
            on_progress: Called after each batch of scores and each task without an answer.
        """
        self._client = client
        self._run_id = run_id
        self._agent = agent
        self._recorded = recorded or {}
        self._concurrency = concurrency
        self._timeout_s = timeout_s
        self._on_response = on_response
        self._on_progress = on_progress
        self._outcomes: dict[str, Outcome] = {}
        self._last_reason: str | None = None
        self._total = 0
        self._unanswered = 0

    async def run(self, tasks: Sequence[TaskView]) -> list[Outcome]:
        """What became of each task, in their order.

        Raises:
            DIPGError: the server is away, after every retry, or is not this API's.
        """
        self._total = len(tasks)
        # Bounded, so that a fast agent waits for the scores and not the memory for it.
        answers: asyncio.Queue[_Answer | None] = asyncio.Queue(maxsize=2 * SUBMIT_BATCH)
        pending = iter(tasks)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._submit_all(answers))
                group.create_task(self._answer_all(pending, answers))
        except* Exception as failures:
            raise first_failure(failures) from None
        return [self._outcomes[task.task_id] for task in tasks]

    async def _answer_all(self, pending: Iterator[TaskView], answers: asyncio.Queue[_Answer | None]) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(self._concurrency):
                group.create_task(self._answer_some(pending, answers))
        await answers.put(None)

    async def _answer_some(self, pending: Iterator[TaskView], answers: asyncio.Queue[_Answer | None]) -> None:
        for task in pending:
            answer = await self._answer(task)
            if isinstance(answer, Outcome):
                self._settle(answer)
                self._report()
            else:
                await answers.put(answer)

    async def _answer(self, task: TaskView) -> _Answer | Outcome:
        """The recorded or the agent's response, or why there is none."""
        messages = build_messages(task.context, task.question)
        posed = posed_hash(messages)
        recorded = self._recorded.get(task.task_id)
        if recorded is not None and recorded.posed in (None, posed):
            return _Answer(task, recorded.response, recorded.seconds)
        if self._agent is None:
            other = "its response answers another text of the task"
            reason = "the file has no response for it" if recorded is None else other
            return Outcome(task.task_id, "no_answer", reason)
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout_s):
                response = await self._agent.answer(task.context, task.question, messages)
            if not isinstance(response, str):
                raise AgentError(f"the agent returned {type(response).__name__}, expected a string")
        except TimeoutError:
            return Outcome(task.task_id, "no_answer", f"no answer within {self._timeout_s:g} s")
        except Exception as error:
            # Whatever an agent raises is no response. It is never text to be graded, and ends no other task.
            return Outcome(task.task_id, "no_answer", _reason(error))
        seconds = time.monotonic() - started
        if self._on_response:
            self._on_response(Recorded(task.task_id, response, self._agent.name, posed, round(seconds, 4)))
        return _Answer(task, response, seconds)

    async def _submit_all(self, answers: asyncio.Queue[_Answer | None]) -> None:
        """Submit what is there, up to a batch at once, until the None that ends the queue."""
        more = True
        while more:
            batch = [await answers.get()]
            while batch[-1] is not None and len(batch) < SUBMIT_BATCH and not answers.empty():
                batch.append(answers.get_nowait())
            more = batch[-1] is not None
            answered = [answer for answer in batch if answer is not None]
            if answered:
                await self._submit(answered)

    async def _submit(self, batch: Sequence[_Answer]) -> None:
        items = [RunResponse(task_id=answer.task.task_id, response=answer.response) for answer in batch]
        receipts = await self._client.submit(self._run_id, items)
        for answer, receipt in zip(batch, receipts, strict=True):
            self._settle(_outcome(answer, receipt))
        self._report()

    def _settle(self, outcome: Outcome) -> None:
        self._outcomes[outcome.task_id] = outcome
        if outcome.score is None:
            self._unanswered += 1
            self._last_reason = outcome.reason

    def _report(self) -> None:
        if self._on_progress:
            done = len(self._outcomes)
            self._on_progress(Progress(done, self._total, self._unanswered, self._last_reason))


def _outcome(answer: _Answer, receipt: RunReceipt) -> Outcome:
    task_id, seconds = answer.task.task_id, answer.seconds
    if receipt.score is not None and receipt.refused is not None:
        return Outcome(task_id, "refused", receipt.refused[:REASON_CHARS], receipt.score, seconds)
    if receipt.score is not None:
        return Outcome(task_id, "graded", score=receipt.score, seconds=seconds)
    problem = receipt.problem or Problem(
        type="about:blank", title="", status=500, detail="neither score nor problem", fault="server"
    )
    return Outcome(task_id, "not_scored", str(ProblemError.of(problem))[:REASON_CHARS], seconds=seconds)


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:REASON_CHARS]


def first_failure(failures: BaseExceptionGroup[Exception]) -> BaseException:
    """The first failure of a group of groups."""
    failure: BaseException = failures
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return failure

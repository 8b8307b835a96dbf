"""The green agent: the benchmark as an A2A agent. It asks the agents under test, and publishes what it found.

| message | becomes |
|---|---|
| `{"participants": {role: url}, "config": {...}}` | an assessment, with one artifact `Result` |
| `{"responses": [{"task_id": ..., "response": ...}]}`, or one of these alone | a run of these, scored |
| anything else | a question for one of these, with an example |
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from a2a.helpers.proto_helpers import (
    get_data_parts,
    get_text_parts,
    new_data_part,
    new_task_from_user_message,
    new_text_part,
)
from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.context import ServerCallContext
from a2a.server.events import EventQueue
from a2a.server.tasks import TaskUpdater
from a2a.server.tasks.task_store import TaskStore
from a2a.types.a2a_pb2 import AgentSkill, ListTasksRequest, Message, TaskState

from ..client.errors import DIPGError
from ..client.http import AsyncDIPGClient
from .assessment import Standing, as_data, as_text, assess, choose_tasks, open_runs
from .assessment_request import EXAMPLE, AssessmentRequest, InvalidRequest, NothingAsked, Submission, read_request
from .runner import first_failure
from .submission import submit

logger = logging.getLogger(__name__)

ARTIFACT = "Result"

UPDATE_S = 1.0
"""Least time between two status updates: each is stored, and sent to all who listen."""

SKILL = AgentSkill(
    id="assess-quoting-and-declining",
    name="Assess quoting and declining",
    description="Asks agents held-out clinical questions, scores whether they quote what stands there and decline "
    "where the record does not tell, and reports metrics with intervals. For research, never for patients.",
    tags=["benchmark", "green agent", "clinical", "hallucination", "abstention"],
    examples=[EXAMPLE],
    input_modes=["text/plain", "application/json"],
    output_modes=["text/plain", "application/json"],
)

QUESTION = f"Which agents shall I assess? Send JSON such as {EXAMPLE}"


def asks_for_work(message: Message) -> bool:
    """Whether a message holds a request: an assessment or a submission, sound or not."""
    try:
        read_request(get_text_parts(message.parts), get_data_parts(message.parts))
    except NothingAsked:
        return False
    except InvalidRequest:
        return True
    return True


class GreenExecutor(AgentExecutor):
    """Carries out assessments against one environment."""

    def __init__(self, base_url: str, *, verified: bool = False) -> None:
        """
        Args:
            base_url: Of the environment. Its key, where it asks for one, is that of DIPG_API_KEY.
            verified: Whether runs are begun as verified, which needs a key with that scope.
        """
        self._base_url = base_url
        self._verified = verified

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Carry out what the message asks for; every way out is a state that ends the task, or a question."""
        assert context.message is not None and context.task_id is not None and context.context_id is not None
        if context.current_task is None:
            await event_queue.enqueue_event(new_task_from_user_message(context.message))
        updater = TaskUpdater(event_queue, context.task_id, context.context_id)
        try:
            request = read_request(get_text_parts(context.message.parts), get_data_parts(context.message.parts))
            async with AsyncDIPGClient(self._base_url) as client:
                if isinstance(request, Submission):
                    await self._score(client, request, updater)
                else:
                    await self._assess(client, request, updater)
        except NothingAsked:
            await updater.requires_input(_say(updater, QUESTION))
        except InvalidRequest as error:
            await updater.reject(_say(updater, f"The request cannot be carried out: {error}"))
        except (DIPGError, OSError) as error:
            await updater.failed(_say(updater, f"The environment at {self._base_url} failed: {error}"))
        except Exception as error:
            logger.exception("an assessment failed")
            await updater.failed(_say(updater, f"The green agent failed: {type(error).__name__}; its log says why"))

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        """End a task. What is stored by then stays, in a run that is open."""
        assert context.task_id is not None and context.context_id is not None
        updater = TaskUpdater(event_queue, context.task_id, context.context_id)
        text = "Canceled. The runs are open: name them in config.runs to go on."
        await updater.cancel(_say(updater, text))

    async def _assess(self, client: AsyncDIPGClient, request: AssessmentRequest, updater: TaskUpdater) -> None:
        tasks = await choose_tasks(client, request.config)
        runs = await open_runs(client, request, verified=self._verified)
        ids = {role: run.run_id for role, run in runs.items()}
        named = ", ".join(f"{role} {run_id}" for role, run_id in ids.items())
        begun = f"{len(tasks)} tasks of {request.config.split} for {len(runs)} participants. Runs: {named}."
        await updater.start_work(_say(updater, begun, {"runs": ids}))
        try:
            async with _telling(updater, ids) as tell:
                found = await assess(client, request, tasks, runs, tell)
        except* DIPGError as failures:
            remedy = f"To go on, send the request again with config.runs {json.dumps(ids)}"
            raise OSError(f"{first_failure(failures)}. {remedy}") from None
        await updater.add_artifact([new_text_part(as_text(found)), new_data_part(as_data(found))], name=ARTIFACT)
        await updater.complete(_say(updater, as_text(found)))

    async def _score(self, client: AsyncDIPGClient, submission: Submission, updater: TaskUpdater) -> None:
        await updater.start_work(_say(updater, f"{len(submission.responses)} responses are being scored."))
        found = await submit(client, submission)
        await updater.add_artifact([new_text_part(found.text), new_data_part(found.data)], name=ARTIFACT)
        await updater.complete(_say(updater, found.text))


@asynccontextmanager
async def _telling(updater: TaskUpdater, runs: dict[str, str]) -> AsyncIterator[Any]:
    """A callback that takes how far an assessment is; the latest is told, at most once a second."""
    latest: asyncio.Queue[Standing] = asyncio.Queue(maxsize=1)

    def tell(standing: Standing) -> None:
        if latest.full():
            latest.get_nowait()
        latest.put_nowait(standing)

    async def send() -> None:
        while True:
            standing = await latest.get()
            await updater.update_status(
                TaskState.TASK_STATE_WORKING, _say(updater, _progress(standing), _counts(standing, runs))
            )
            await asyncio.sleep(UPDATE_S)

    sender = asyncio.create_task(send())
    try:
        yield tell
    finally:
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)


def _progress(standing: Standing) -> str:
    left = f", {standing.seconds_left:.0f} s left" if standing.seconds_left is not None else ""
    failed = f", {standing.unanswered} without an answer" if standing.unanswered else ""
    return f"{standing.done} of {standing.total} answered or given up, {standing.rate:.1f}/s{left}{failed}."


def _counts(standing: Standing, runs: dict[str, str]) -> dict[str, Any]:
    return {
        "done": standing.done,
        "total": standing.total,
        "unanswered": standing.unanswered,
        "rate": round(standing.rate, 2),
        "seconds_left": None if standing.seconds_left is None else round(standing.seconds_left, 1),
        "runs": runs,
    }


def _say(updater: TaskUpdater, text: str, data: dict[str, Any] | None = None) -> Message:
    parts = [new_text_part(text)]
    if data is not None:
        parts.append(new_data_part(data))
    return updater.new_agent_message(parts)


async def end_tasks_left_behind(store: TaskStore) -> int:
    """Fail the tasks that a killed process left as working: nobody carries them out, and whoever waits must know.

    Returns how many there were. Only where one process serves the store.
    """
    context = ServerCallContext()
    count = 0
    for state in (TaskState.TASK_STATE_SUBMITTED, TaskState.TASK_STATE_WORKING):
        while True:
            page = await store.list(ListTasksRequest(status=state, page_size=100, include_artifacts=True), context)
            for task in page.tasks:
                told = [found for found in get_data_parts(task.status.message.parts) if isinstance(found, dict)]
                runs = json.dumps(told[0].get("runs", {}) if told else {})
                text = f"The green agent was restarted. To go on, send the request again with config.runs {runs}"
                task.status.state = TaskState.TASK_STATE_FAILED
                task.status.timestamp.FromMilliseconds(time.time_ns() // 1_000_000)
                task.status.message.parts.insert(0, new_text_part(text))
                del task.status.message.parts[1:2]
                await store.save(task, context)
                count += 1
            if not page.tasks:
                break
    return count

"""The SDK's request handler, with what it leaves open: work that is asked for again by the same message is done once.

A message that asks for no such work begins a task each time it is sent.
"""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import AsyncGenerator, Callable
from typing import Any

from a2a.server.agent_execution import AgentExecutor, RequestContext, SimpleRequestContextBuilder
from a2a.server.agent_execution.active_task import INTERRUPTED_TASK_STATES, TERMINAL_TASK_STATES
from a2a.server.cluster.task_store import VersionedTaskStore
from a2a.server.context import ServerCallContext
from a2a.server.events.event_queue import Event
from a2a.server.request_handlers.default_request_handler_v2 import DefaultRequestHandlerV2
from a2a.server.tasks.task_store import TaskStore
from a2a.types.a2a_pb2 import (
    AgentCard,
    GetTaskRequest,
    Message,
    SendMessageRequest,
    SubscribeToTaskRequest,
    Task,
)
from a2a.utils.errors import InvalidParamsError

MAX_CONTEXT_ID = 36
"""Characters: the SDK stores it in a column of that size, which PostgreSQL holds it to."""

IDLE_S = 3600.0
"""A question that waits for its answer longer is no more held in memory; the answer finds it in the store."""

BEGIN_LIMIT_S = 10.0
"""How long a repeated message waits for the first one's task to be there."""

_NAMESPACE = uuid.UUID("6d1c9f0e-5a63-4f8e-9c1b-0d7f3a2b4c5e")


def task_id_of(message: Message, context: ServerCallContext) -> str:
    """The id of the task that a message begins: the same for the same message of the same user, sent again.

    The content counts as well, for a client that numbers its messages anew each time it starts.
    """
    content = hashlib.sha256(b"".join(part.SerializeToString(deterministic=True) for part in message.parts))
    who = (context.tenant, context.user.user_name, message.context_id, message.message_id, content.hexdigest())
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(who)))


Once = Callable[[Message], bool]
"""Whether what a message asks for must be done once, however often it is sent."""


class _OnceBuilder(SimpleRequestContextBuilder):
    """Gives a new task the id that its message names, where it must be done once."""

    def __init__(self, once: Once) -> None:
        super().__init__()
        self._once = once

    async def build(
        self,
        context: ServerCallContext,
        params: SendMessageRequest | None = None,
        task_id: str | None = None,
        context_id: str | None = None,
        task: Task | None = None,
    ) -> RequestContext:
        if task_id is None and params is not None and self._once(params.message):
            task_id = task_id_of(params.message, context)
        return await super().build(context, params, task_id, context_id, task)


class OnceHandler(DefaultRequestHandlerV2):
    """Answers a message whose work must be done once, and that was sent before, with the task that it began."""

    def __init__(
        self,
        executor: AgentExecutor,
        store: TaskStore | VersionedTaskStore,
        card: AgentCard,
        *,
        once: Once,
        **options: Any,
    ) -> None:
        super().__init__(
            executor,
            store,
            card,
            request_context_builder=_OnceBuilder(once),
            interrupted_task_timeout=IDLE_S,
            validate_input_modes=True,
            **options,
        )
        self._once = once
        self._beginning: set[str] = set()

    async def on_message_send(self, params: SendMessageRequest, context: ServerCallContext) -> Message | Task:
        """A task that is waited for, or a message."""
        known, task_id = await self._begun(params, context)
        if known is None:
            try:
                answer: Message | Task = await super().on_message_send(params, context)
                return answer
            finally:
                self._beginning.discard(task_id)
        if not params.configuration.return_immediately:
            async for _ in self._follow(known, context):
                pass
        found = await self.on_get_task(GetTaskRequest(id=known.id), context)
        return found or known

    async def on_message_send_stream(
        self, params: SendMessageRequest, context: ServerCallContext
    ) -> AsyncGenerator[Event, None]:
        """A task and what becomes of it."""
        known, task_id = await self._begun(params, context)
        if known is None:
            try:
                async for event in super().on_message_send_stream(params, context):
                    yield event
            finally:
                self._beginning.discard(task_id)
            return
        if known.status.state in TERMINAL_TASK_STATES | INTERRUPTED_TASK_STATES:
            yield known
            return
        async for event in self._follow(known, context):
            yield event

    async def _follow(self, task: Task, context: ServerCallContext) -> AsyncGenerator[Event, None]:
        if task.status.state in TERMINAL_TASK_STATES | INTERRUPTED_TASK_STATES:
            return
        async for event in self.on_subscribe_to_task(SubscribeToTaskRequest(id=task.id), context):
            yield event

    async def _begun(self, params: SendMessageRequest, context: ServerCallContext) -> tuple[Task | None, str]:
        """The task that this very message began before; and the id that it begins now."""
        if len(params.message.context_id) > MAX_CONTEXT_ID:
            found = len(params.message.context_id)
            raise InvalidParamsError(message=f"contextId has {found} characters; at most {MAX_CONTEXT_ID} are stored")
        if params.message.task_id or not self._once(params.message):
            return None, ""
        task_id = task_id_of(params.message, context)
        stored = await self._versioned_store.get(task_id, context)
        if stored is None and task_id in self._beginning:
            async with asyncio.timeout(BEGIN_LIMIT_S):
                while stored is None and task_id in self._beginning:
                    await asyncio.sleep(0.02)
                    stored = await self._versioned_store.get(task_id, context)
        if stored is None:
            self._beginning.add(task_id)
        return (stored.task if stored else None), task_id

"""The SDK's request handler, with what it leaves open: work that is asked for again by the same message is done once.

A message that asks for no such work begins a task each time it is sent.
"""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
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
    Role,
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

_BEGINS = "begins"
"""Key, in the state of a call, of the id of the task that it begins."""

_SETTLED = TERMINAL_TASK_STATES | INTERRUPTED_TASK_STATES


class _NamingBuilder(SimpleRequestContextBuilder):
    """Gives a new task the id that the handler chose for it, where it chose one."""

    async def build(
        self,
        context: ServerCallContext,
        params: SendMessageRequest | None = None,
        task_id: str | None = None,
        context_id: str | None = None,
        task: Task | None = None,
    ) -> RequestContext:
        return await super().build(context, params, task_id or context.state.get(_BEGINS), context_id, task)


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
            request_context_builder=_NamingBuilder(),
            interrupted_task_timeout=IDLE_S,
            validate_input_modes=True,
            **options,
        )
        self._once = once
        self._beginning: set[str] = set()

    async def on_message_send(self, params: SendMessageRequest, context: ServerCallContext) -> Message | Task:
        """A task that is waited for, or a message."""
        await self._check(params.message, context)
        known = await self._begun_before(params.message, context)
        if known is None:
            with self._begin(context):
                answer: Message | Task = await super().on_message_send(params, context)
                return answer
        if not params.configuration.return_immediately:
            async for _ in self._follow(known, context):
                pass
        found = await self.on_get_task(GetTaskRequest(id=known.id), context)
        return found or known

    async def on_message_send_stream(
        self, params: SendMessageRequest, context: ServerCallContext
    ) -> AsyncGenerator[Event, None]:
        """A task and what becomes of it."""
        await self._check(params.message, context)
        known = await self._begun_before(params.message, context)
        if known is not None:
            async for event in self._follow(known, context):
                yield event
            return
        with self._begin(context):
            async for event in super().on_message_send_stream(params, context):
                yield event

    async def _check(self, message: Message, context: ServerCallContext) -> None:
        """Refuse what no task can hold, and let a message that names a task alone belong to the task's context."""
        if len(message.context_id) > MAX_CONTEXT_ID:
            found = len(message.context_id)
            raise InvalidParamsError(message=f"contextId has {found} characters; at most {MAX_CONTEXT_ID} are stored")
        if message.role != Role.ROLE_USER:
            raise InvalidParamsError(message="the role of a message to an agent is that of the user")
        if not all(part.WhichOneof("content") for part in message.parts):
            raise InvalidParamsError(message="a part is empty; expected one of text, raw, url and data in each")
        if message.task_id and not message.context_id:
            stored = await self._versioned_store.get(message.task_id, context)
            message.context_id = stored.task.context_id if stored else ""

    async def _begun_before(self, message: Message, context: ServerCallContext) -> Task | None:
        """The task that this very message began. Where there is none yet, its id is put into the state of the call."""
        if message.task_id or not self._once(message):
            return None
        task_id = task_id_of(message, context)
        stored = await self._versioned_store.get(task_id, context)
        if stored is None and task_id in self._beginning:
            async with asyncio.timeout(BEGIN_LIMIT_S):
                while stored is None and task_id in self._beginning:
                    await asyncio.sleep(0.02)
                    stored = await self._versioned_store.get(task_id, context)
        if stored is not None:
            return stored.task
        context.state[_BEGINS] = task_id
        self._beginning.add(task_id)
        return None

    @contextmanager
    def _begin(self, context: ServerCallContext) -> Iterator[None]:
        try:
            yield
        finally:
            self._beginning.discard(context.state.get(_BEGINS, ""))

    async def _follow(self, task: Task, context: ServerCallContext) -> AsyncGenerator[Event, None]:
        """What becomes of a task; the task alone, where nothing more does."""
        if task.status.state in _SETTLED:
            yield task
            return
        async for event in self.on_subscribe_to_task(SubscribeToTaskRequest(id=task.id), context):
            yield event

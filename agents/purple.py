"""Purple agents: agents that answer, as A2A servers. Each replies to a posed task with one message."""

from __future__ import annotations

import logging

from a2a.helpers.proto_helpers import new_text_message
from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.events import EventQueue
from a2a.server.tasks import InMemoryTaskStore
from a2a.types.a2a_pb2 import AgentSkill
from a2a.utils.errors import InternalError, InvalidParamsError, TaskNotCancelableError
from fastapi import FastAPI

from ..core.prompts import build_messages, split_text
from .a2a_app import build_app, build_card
from .base import Agent

logger = logging.getLogger(__name__)

SKILL = AgentSkill(
    id="answer-from-a-clinical-text",
    name="Answer from a clinical text",
    description="Reads a context and a question, and replies with think, proof and answer blocks. For research, never "
    "for patients.",
    tags=["clinical", "question answering", "research"],
    examples=["Context:\nThe dose was 54 Gy.\n\nQuestion: Which dose was given?"],
)


class EchoAgent:
    """Replies with the question, for tests of the way there and back."""

    name = "echo"

    async def answer(self, context: str, question: str, messages: object) -> str:
        """The question."""
        return question


class PurpleExecutor(AgentExecutor):
    """Asks an agent, and sends what it says."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Reply with one message. A failure of the agent is an error, and no text."""
        try:
            posed, question = split_text(context.get_user_input().strip())
        except ValueError as error:
            raise InvalidParamsError(message=str(error)) from None
        try:
            response = await self._agent.answer(posed, question, build_messages(posed, question))
        except Exception as error:
            logger.warning("%s gave no answer", self._agent.name, exc_info=error)
            raise InternalError(message=f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]) from error
        await event_queue.enqueue_event(new_text_message(response, context_id=context.context_id))

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        """There is no task: a reply is a message."""
        raise TaskNotCancelableError


def purple_app(agent: Agent, card_url: str, version: str) -> FastAPI:
    """A purple agent as an application. It keeps nothing: a reply is a message, and begins no task."""
    card = build_card(
        name=agent.name,
        description="Purple agent: answers questions about clinical texts. For research, never for patients.",
        url=card_url,
        skills=[SKILL],
        version=version,
    )
    return build_app(PurpleExecutor(agent), card, InMemoryTaskStore())

"""What an agent under test is: it reads a task as it is posed, and gives its whole response text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

Message = dict[str, str]
"""A chat message: `role` and `content`."""


class AgentError(Exception):
    """An agent gave no response. Not the model's doing: the task counts as unanswered and is not graded."""


class Agent(Protocol):
    """Answers one task at a time; many calls may run at once on one event loop."""

    @property
    def name(self) -> str:
        """What reports call it, and what `--agent` takes."""

    async def answer(self, context: str, question: str, messages: Sequence[Message]) -> str:
        """The whole response text, as the model wrote it. `messages` pose the same task to a chat model.

        Any exception means that there is no response; it is counted by its reason, and never graded.
        """

"""Asking a teacher: what a request is, who answers it, and that no answer is bought twice."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ..core.chat_model import ChatMessage
from .answer_store import Answer, AnswerStore, request_key
from .spending import Spending
from .stops import Halt, RequestRefused, TeacherStopped


@dataclass(frozen=True, slots=True)
class Request:
    """What a teacher is asked."""

    messages: tuple[ChatMessage, ...]
    """The chat, each message with `role` and `content`."""
    seed: int
    """For providers that take one: another try gets another answer."""
    schema: Mapping[str, Any] | None = None
    """JSON Schema of the answer, for providers with structured output. None where it is plain text."""
    subject: object = None
    """What the messages are about, for a teacher that reads no prose and works by rule."""


class Teacher(Protocol):
    """Who answers."""

    name: str
    """As it stands in the manifest."""
    settings: dict[str, Any]
    """What decides its answers beside the request."""
    paid: bool
    """Whether an answer costs something, were it time, so that it is stored before it is used."""

    async def ask(self, request: Request) -> Answer:
        """One answer, after as many tries as it takes.

        Raises:
            RequestRefused: there will be none to this request.
            TeacherStopped: there will be none to any.
        """
        ...

    async def aclose(self) -> None:
        """End what goes on in the background."""
        ...


class Asking:
    """Asks one teacher: so many calls at once, within a budget, each answer stored before it is used."""

    def __init__(
        self,
        teacher: Teacher,
        halt: Halt,
        *,
        store: AnswerStore | None = None,
        spending: Spending | None = None,
        concurrency: int = 1,
    ) -> None:
        """
        Args:
            halt: What stops the run, shared with whatever stops with it.
            store: Where the answers of a teacher that is paid go.
            concurrency: Calls at once.
        """
        if teacher.paid and store is None:
            raise ValueError("the answers of a teacher that is paid need a store")
        self.teacher = teacher
        self.spending = spending or Spending()
        self._halt = halt
        self._store = store
        self._places = asyncio.Semaphore(concurrency)

    async def answer(self, request: Request) -> Answer:
        """What the teacher says, or said before.

        Raises:
            RequestRefused, TeacherStopped: as `Teacher.ask`; the latter also where the run was stopped.
            StoreError: the answer cannot be stored.
        """
        if self._store is None or not self.teacher.paid:
            self._halt.check()
            answer = await self.teacher.ask(request)
        else:
            key = self._key(request)
            found = self._store.get(key)
            if found is None:
                answer = await self._bought(request)
                self._store.put(key, answer)
            else:
                answer = found
        self.spending.count(answer)
        return answer

    def _key(self, request: Request) -> str:
        decides = {"messages": request.messages, "seed": request.seed, "schema": request.schema}
        return request_key({"teacher": self.teacher.name, "settings": self.teacher.settings, **decides})

    async def _bought(self, request: Request) -> Answer:
        async with self._places:
            self._halt.check()
            try:
                with self.spending.call():
                    return await self.teacher.ask(request)
            except RequestRefused:
                raise
            except TeacherStopped as error:
                self._halt.stop(str(error))
                raise

"""A teacher that runs on this machine: a checkpoint loaded with transformers.

Requests that come together are answered together, as `core.chat_model` says: what a request is answered does not depend
on the others of its batch.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..client.errors import MissingExtra
from ..core.chat_model import ChatMessage, ChatModel, PromptTooLong
from .answer_store import Answer
from .asking import Request
from .stops import RequestRefused, TeacherStopped

GATHER_S = 0.01
"""For how long a batch waits for more requests."""


@dataclass(slots=True)
class _Batch:
    """Requests that are answered together: their tokens and seeds, and the task that answers them."""

    prompts: list[list[int]] = field(default_factory=list)
    seeds: list[int] = field(default_factory=list)
    answers: asyncio.Task[list[Answer]] | None = None


class TransformersTeacher:
    """A checkpoint on this machine, or of a hub, which is fetched to it."""

    paid = True
    """With time."""

    def __init__(
        self, name: str, *, temperature: float = 1.0, max_tokens: int = 512, batch: int = 8, device: str | None = None
    ) -> None:
        """Loads the model, which may take minutes.

        Args:
            name: A folder, or `transformers/` and a hub's name.
            temperature: 0 takes the likeliest token each time.
            max_tokens: Longest answer.
            batch: Most requests that are answered together.
            device: By default the first GPU, or the CPU.

        Raises:
            CheckpointError: a part of it is missing.
            MissingExtra: transformers or torch is not installed.
        """
        self.name = name
        self._size = batch
        try:
            self._model = ChatModel(name, temperature=temperature, max_tokens=max_tokens, device=device)
        except ModuleNotFoundError as error:
            raise MissingExtra.of(f"the checkpoint {name}", "trl", error) from error
        self.settings: dict[str, Any] = self._model.settings
        self._forming: _Batch | None = None
        self._device_is_free = asyncio.Lock()

    async def ask(self, request: Request) -> Answer:
        """One answer. Waits for the batch that is under way."""
        prompt = self._tokens(request.messages)
        batch = self._forming
        if batch is None or len(batch.prompts) >= self._size:
            batch = self._forming = _Batch()
            batch.answers = asyncio.create_task(self._answer(batch))
        place = len(batch.prompts)
        batch.prompts.append(prompt)
        batch.seeds.append(request.seed)
        assert batch.answers is not None
        return (await asyncio.shield(batch.answers))[place]

    async def aclose(self) -> None:
        """Nothing goes on: a batch ends with the requests that wait for it."""

    async def _answer(self, batch: _Batch) -> list[Answer]:
        import torch

        async with self._device_is_free:
            await asyncio.sleep(GATHER_S)
            if self._forming is batch:
                self._forming = None
            try:
                return await asyncio.to_thread(self._generate, batch.prompts, batch.seeds)
            except torch.OutOfMemoryError as error:
                raise TeacherStopped(
                    f"{self.name}: the memory does not suffice for {len(batch.prompts)} requests at once; run the same "
                    "command with a smaller --batch"
                ) from error

    def _tokens(self, messages: Sequence[ChatMessage]) -> list[int]:
        try:
            return self._model.tokens(messages)
        except PromptTooLong as error:
            raise RequestRefused(str(error)) from error

    def _generate(self, prompts: Sequence[Sequence[int]], seeds: Sequence[int]) -> list[Answer]:
        started = time.monotonic()
        answers = self._model.generate(prompts, seeds)
        seconds = round((time.monotonic() - started) / len(prompts), 3)
        return [
            Answer(
                text=answer.text,
                finish=answer.finish,
                prompt_tokens=answer.prompt_tokens,
                completion_tokens=answer.completion_tokens,
                seconds=seconds,
            )
            for answer in answers
        ]

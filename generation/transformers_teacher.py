"""A teacher that runs on this machine: a checkpoint loaded with transformers.

Requests that come together are answered together, in batches padded on the left. What a request is answered does not
depend on the others of its batch: each is sampled with noise drawn from its own seed (adding Gumbel noise to the logits
and taking the largest is sampling from them), or greedily at temperature 0. What is left is rounding: sums over a batch
of another shape may differ in their last bits, which decides where two tokens are equal to these bits. A test holds
that answers on a CPU in 32 bits are alike in any batch; in 16 bits on a GPU expect some that are not. A batch of one
has no shape to vary.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .answer_store import Answer
from .asking import ChatMessage, Request
from .checkpoint import load_checkpoint
from .stops import RequestRefused, TeacherStopped

TOP_P = 0.95
"""Sampling leaves out the least likely tokens that together have the rest of the probability."""

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
        self._loaded = load_checkpoint(name, device)
        from transformers import GenerationConfig

        self._temperature, self._max_tokens = temperature, max_tokens
        self.settings: dict[str, Any] = {
            "temperature": temperature,
            "top_p": TOP_P,
            "max_tokens": max_tokens,
            "checkpoint": self._loaded.fingerprint,
        }
        self._ends = self._end_tokens()
        self._pad = self._loaded.tokenizer.pad_token_id
        if self._pad is None:
            self._pad = self._ends[0] if self._ends else 0
        # What the checkpoint asks for (other temperatures, penalties) would change answers unseen.
        self._loaded.model.generation_config = GenerationConfig(eos_token_id=self._ends or None, pad_token_id=self._pad)
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
        """The chat as the model's template puts it, up to where the answer begins."""
        chat = list(messages) if self._loaded.takes_system else _without_system(messages)
        encoded = self._loaded.tokenizer.apply_chat_template(
            chat, add_generation_prompt=True, tokenize=True, return_dict=True
        )
        tokens: list[int] = list(encoded["input_ids"])
        longest = getattr(self._loaded.model.config, "max_position_embeddings", None)
        if longest and len(tokens) + self._max_tokens > longest:
            raise RequestRefused(
                f"the request has {len(tokens)} tokens, and the answer may have {self._max_tokens}: {self.name} takes "
                f"{longest} in all"
            )
        return tokens

    def _generate(self, prompts: Sequence[Sequence[int]], seeds: Sequence[int]) -> list[Answer]:
        started = time.monotonic()
        import torch

        model = self._loaded.model
        longest = max(map(len, prompts))
        padded = [[self._pad] * (longest - len(prompt)) + list(prompt) for prompt in prompts]
        mask = [[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts]
        with torch.inference_mode():
            output = model.generate(
                input_ids=torch.tensor(padded, device=model.device),
                attention_mask=torch.tensor(mask, device=model.device),
                max_new_tokens=self._max_tokens,
                do_sample=False,
                logits_processor=self._processors(seeds),
            )
        seconds = round((time.monotonic() - started) / len(prompts), 3)
        return [
            self._read(row, len(prompt), seconds)
            for row, prompt in zip(output[:, longest:].tolist(), prompts, strict=True)
        ]

    def _read(self, tokens: Sequence[int], prompt_tokens: int, seconds: float) -> Answer:
        end = next((place for place, token in enumerate(tokens) if token in self._ends), None)
        said = tokens[:end]
        return Answer(
            text=self._loaded.tokenizer.decode(said, skip_special_tokens=True).strip(),
            finish="length" if end is None else "stop",
            prompt_tokens=prompt_tokens,
            completion_tokens=len(said) + (end is not None),
            seconds=seconds,
        )

    def _end_tokens(self) -> list[int]:
        """The tokens that end an answer, by the model and by its tokenizer."""
        told = self._loaded.model.generation_config.eos_token_id
        ends = told if isinstance(told, list) else [told]
        return [end for end in dict.fromkeys([*ends, self._loaded.tokenizer.eos_token_id]) if end is not None]

    def _processors(self, seeds: Sequence[int]) -> Any:
        """What turns logits into those whose largest is the sampled token."""
        if self._temperature == 0:
            return None
        from transformers.generation import LogitsProcessorList, TemperatureLogitsWarper, TopPLogitsWarper

        noise = _Noise(seeds, self._loaded.model.device)
        return LogitsProcessorList([TemperatureLogitsWarper(self._temperature), TopPLogitsWarper(TOP_P), noise])


class _Noise:
    """Gumbel noise for each row of a batch, from the row's own seed."""

    def __init__(self, seeds: Sequence[int], device: Any) -> None:
        import torch

        self._generators = [torch.Generator(device).manual_seed(seed) for seed in seeds]

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        import torch

        drawn = [
            torch.empty(scores.shape[1], device=scores.device).exponential_(generator=generator)
            for generator in self._generators
        ]
        return scores.float() - torch.stack(drawn).log()


def _without_system(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """The same chat for a template without a place for a system message: the first user message opens with it."""
    system = [message["content"] for message in messages if message["role"] == "system"]
    rest = [dict(message) for message in messages if message["role"] != "system"]
    if system and rest:
        rest[0]["content"] = "\n\n".join((*system, rest[0]["content"]))
    return rest

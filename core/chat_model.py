"""A checkpoint that answers chats on this machine, many at once, in batches padded on the left.

What a chat is answered does not depend on the others of its batch: each is sampled with noise drawn from its own seed
(adding Gumbel noise to the logits and taking the largest is sampling from them), or greedily at temperature 0. What is
left is rounding: sums over a batch of another shape may differ in their last bits, which decides where two tokens are
equal to these bits. A test holds that answers on a CPU in 32 bits are alike in any batch; in 16 bits on a GPU expect
some that are not. A batch of one has no shape to vary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .checkpoint import load_checkpoint

TOP_P = 0.95
"""Sampling leaves out the least likely tokens that together have the rest of the probability."""

ChatMessage = dict[str, str]
"""With `role` and `content`."""


class PromptTooLong(ValueError):
    """The model does not take as many tokens as the prompt and its answer may have."""


class ModelAnswer(NamedTuple):
    """What the model said to one prompt."""

    text: str
    finish: str
    """`stop`, or `length` where it was cut off."""
    prompt_tokens: int
    completion_tokens: int
    logprob: float | None
    """Mean log-probability of its tokens, as the model has them before any sampling; None where it was not asked."""


class ChatModel:
    """A checkpoint with the settings of its generation."""

    def __init__(
        self, name: str, *, temperature: float, max_tokens: int, device: str | None = None, confidence: bool = False
    ) -> None:
        """Loads the model, which may take minutes.

        Args:
            name: A folder, or a hub's name, with or without `transformers/` before it.
            temperature: 0 takes the likeliest token each time.
            max_tokens: Longest answer.
            device: By default the first GPU, or the CPU.
            confidence: Whether answers tell the log-probability of their tokens.

        Raises:
            CheckpointError: a part of it is missing.
            ModuleNotFoundError: transformers or torch is not installed.
        """
        self.name = name
        self._loaded = load_checkpoint(name, device)
        from transformers import GenerationConfig

        self._temperature, self._max_tokens, self._confidence = temperature, max_tokens, confidence
        self.settings: dict[str, Any] = {
            "temperature": temperature,
            "top_p": TOP_P,
            "max_tokens": max_tokens,
            "checkpoint": self._loaded.fingerprint,
        }
        """What decides its answers beside the chat and the seed."""
        self._ends = self._end_tokens()
        self._pad = self._loaded.tokenizer.pad_token_id
        if self._pad is None:
            self._pad = self._ends[0] if self._ends else 0
        # What the checkpoint asks for (other temperatures, penalties) would change answers unseen.
        self._loaded.model.generation_config = GenerationConfig(eos_token_id=self._ends or None, pad_token_id=self._pad)

    def tokens(self, messages: Sequence[ChatMessage]) -> list[int]:
        """The chat as the model's template puts it, up to where the answer begins.

        Raises:
            PromptTooLong: it leaves no room for an answer of `max_tokens`.
        """
        chat = list(messages) if self._loaded.takes_system else _without_system(messages)
        encoded = self._loaded.tokenizer.apply_chat_template(
            chat, add_generation_prompt=True, tokenize=True, return_dict=True
        )
        tokens: list[int] = list(encoded["input_ids"])
        longest = getattr(self._loaded.model.config, "max_position_embeddings", None)
        if longest and len(tokens) + self._max_tokens > longest:
            raise PromptTooLong(
                f"the request has {len(tokens)} tokens, and the answer may have {self._max_tokens}: {self.name} takes "
                f"{longest} in all"
            )
        return tokens

    def generate(self, prompts: Sequence[Sequence[int]], seeds: Sequence[int]) -> list[ModelAnswer]:
        """The answers to a batch of prompts, in their order.

        Raises:
            torch.OutOfMemoryError: the batch is too large.
        """
        import torch

        model = self._loaded.model
        longest = max(map(len, prompts))
        padded = [[self._pad] * (longest - len(prompt)) + list(prompt) for prompt in prompts]
        mask = [[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts]
        watch = _Watch(self._processors(seeds)) if self._confidence else None
        with torch.inference_mode():
            output = model.generate(
                input_ids=torch.tensor(padded, device=model.device),
                attention_mask=torch.tensor(mask, device=model.device),
                max_new_tokens=self._max_tokens,
                do_sample=False,
                logits_processor=[watch] if watch else self._processors(seeds),
            )
        rows = output[:, longest:].tolist()
        chances = watch.logprobs() if watch else [None] * len(rows)
        return [
            self._read(row, len(prompt), chance) for row, prompt, chance in zip(rows, prompts, chances, strict=True)
        ]

    def _read(self, tokens: Sequence[int], prompt_tokens: int, logprobs: Sequence[float] | None) -> ModelAnswer:
        end = next((place for place, token in enumerate(tokens) if token in self._ends), None)
        said = tokens[:end]
        length = len(said) + (end is not None)
        return ModelAnswer(
            text=self._loaded.tokenizer.decode(said, skip_special_tokens=True).strip(),
            finish="length" if end is None else "stop",
            prompt_tokens=prompt_tokens,
            completion_tokens=length,
            logprob=sum(logprobs[:length]) / length if logprobs and length else None,
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


class _Watch:
    """Notes the log-probability of each token that is chosen: keeping all logits would take gigabytes."""

    def __init__(self, processors: Any) -> None:
        self._processors = processors
        self._chosen: list[Any] = []

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        before = scores.float().log_softmax(-1)
        after = self._processors(input_ids, scores) if self._processors else scores
        self._chosen.append(before.gather(1, after.argmax(-1, keepdim=True))[:, 0])
        return after

    def logprobs(self) -> list[list[float]]:
        """Of each row, by token."""
        import torch

        rows: list[list[float]] = torch.stack(self._chosen, dim=1).tolist()
        return rows


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

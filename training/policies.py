"""Who is evaluated: anything that answers chats in batches.

A checkpoint that transformers loads, which is what TRL and Tunix leave, or a model behind an API.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ..client.errors import MissingExtra
from ..core.chat_model import ChatMessage, ChatModel, PromptTooLong
from .failures import TrainingError

LITELLM = "litellm:"
"""Before the name of a model behind an API, as LiteLLM names it."""


class Completion(NamedTuple):
    """What a policy said to one chat."""

    text: str
    logprob: float | None
    """Mean log-probability of its tokens, by which attempts are ranked; None where the policy does not tell."""


class Policy(Protocol):
    """A model as it is evaluated."""

    name: str
    """As the report names it."""
    settings: dict[str, Any]
    """What decides its answers beside the chat and the seed: another checkpoint has others."""

    def generate(self, chats: Sequence[Sequence[ChatMessage]], seeds: Sequence[int]) -> list[Completion]:
        """One completion for each chat, in order; each hangs on its own chat and seed alone.

        Raises:
            TrainingError: they cannot be answered; the message says the remedy.
        """
        ...


class TransformersPolicy:
    """A checkpoint: a folder (of a whole model, of a LoRA adapter, or of a training run), or a hub's name."""

    def __init__(self, name: str, *, temperature: float, max_tokens: int, device: str | None = None) -> None:
        """Loads the model.

        Raises:
            CheckpointError: a part of it is missing.
            MissingExtra: transformers or torch is not installed.
        """
        folder, run = Path(name).expanduser(), training_run(name)
        # A path is nobody's name, and tells of the machine.
        self.name = run.resolve().name if run else folder.resolve().name if folder.is_dir() else name
        source = str(run / "model") if run == folder else name
        try:
            self._model = ChatModel(
                source, temperature=temperature, max_tokens=max_tokens, device=device, confidence=True
            )
        except ModuleNotFoundError as error:
            raise MissingExtra.of(f"the checkpoint {name}", "trl", error) from error
        self.settings = self._model.settings

    def generate(self, chats: Sequence[Sequence[ChatMessage]], seeds: Sequence[int]) -> list[Completion]:
        """As `Policy.generate`."""
        import torch

        try:
            answers = self._model.generate([self._model.tokens(chat) for chat in chats], seeds)
        except PromptTooLong as error:
            raise TrainingError(f"{error}; lower --max-tokens, or take a model of a longer context") from error
        except torch.OutOfMemoryError as error:
            raise TrainingError(
                f"the memory does not suffice for {len(chats)} answers at once; run the same command with a smaller "
                "--batch-size: what is there already is not generated again"
            ) from error
        return [Completion(answer.text, answer.logprob) for answer in answers]


class RemotePolicy:
    """A model behind an API. All chats of a batch are asked at once; it tells no confidence, and takes no seed."""

    def __init__(
        self, name: str, ask: Callable[[Sequence[ChatMessage]], Coroutine[Any, Any, str]], settings: dict[str, Any]
    ) -> None:
        """
        Args:
            ask: Answers a chat, or raises whatever its library does after its last try.
        """
        self.name, self.settings = name, settings
        self._ask = ask

    def generate(self, chats: Sequence[Sequence[ChatMessage]], seeds: Sequence[int]) -> list[Completion]:
        """As `Policy.generate`."""
        try:
            texts = asyncio.run(self._ask_all(chats))
        except Exception as error:  # each provider's library has errors of its own
            raise TrainingError(
                f"{self.name} does not answer ({type(error).__name__}: {error}); mend that and run the same command "
                "again: what is there already is not asked again"
            ) from error
        return [Completion(text, None) for text in texts]

    async def _ask_all(self, chats: Sequence[Sequence[ChatMessage]]) -> list[str]:
        return list(await asyncio.gather(*(self._ask(chat) for chat in chats)))


def training_run(model: str) -> Path | None:
    """The folder of the training run that a model comes from: the folder itself, or the one that holds it."""
    folder = Path(model).expanduser()
    # What is no folder is a name, whose slashes are not those of a path.
    candidates = (folder, folder.parent, folder.parent.parent) if folder.exists() else ()
    return next((one for one in candidates if (one / "run.json").is_file() and (one / "model").is_dir()), None)

"""Who is evaluated: anything that answers chats in batches.

Here it is a transformers checkpoint. A model behind an API is not one: `dipg-gym bench` asks it, with tries, time
limits and many calls at once, and stores a run of the same kind on the same leaderboard.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ..client.errors import MissingExtra
from ..core.chat_model import ChatMessage, ChatModel, PromptTooLong
from .failures import TrainingError

LITELLM = "litellm:"


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
            TrainingError: the name is that of a model behind an API.
            MissingExtra: transformers or torch is not installed.
        """
        if name.startswith(LITELLM):
            raise TrainingError(
                f"{name} is behind an API: `dipg-gym bench --agent {name}` asks it, and stores a run on the same "
                "leaderboard"
            )
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


def training_run(model: str) -> Path | None:
    """The folder of the training run that a model comes from: the folder itself, or the one that holds it."""
    folder = Path(model).expanduser()
    candidates = (folder, folder.parent, folder.parent.parent)
    return next((one for one in candidates if (one / "run.json").is_file() and (one / "model").is_dir()), None)

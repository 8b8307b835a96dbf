"""What a Tunix GRPO run begins with: a tiny model made on the spot, and a fine-tuning on worked examples before it."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.examples import SftExample
from .config import TINY
from .run_folder import RunFolder
from .sft_tunix import train_sft_tunix
from .tiny_gemma import make_tiny_gemma
from .tiny_tasks import compose_tiny_sft

TINY_EXAMPLES = 12_000
"""Worked examples of the tiny model, where none are given."""


def start_model(run: RunFolder, examples: Sequence[SftExample] | None) -> str:
    """The folder or hub name of the model that a run's reinforcement learning begins with.

    Fine-tuning has a run folder of its own, `start` in the run's. Killed, it goes on; done, it is not done again.

    Args:
        examples: to fine-tune on; None begins with the model as it is, or for the tiny one with charts.

    Raises:
        TrainingError: training cannot begin or go on.
    """
    name = run.identity.start
    if name == TINY:
        examples = examples or compose_tiny_sft(run.identity.seed, TINY_EXAMPLES)
        made = run.folder / TINY
        if not made.exists():
            partly = made.with_suffix(".partly")
            make_tiny_gemma(examples, partly, seed=run.identity.seed).rename(made)
        name = str(made)
    if not examples:
        return name
    first = RunFolder(run.folder / "start", run.identity.model_copy(update={"trainer": "sft-tunix", "start": name}))
    return str(first.model if first.model.exists() else train_sft_tunix(examples, first))

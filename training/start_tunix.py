"""What a Tunix GRPO run begins with: a tiny model made on the spot, and a fine-tuning on worked examples before it."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.examples import SftExample
from .config import TINY
from .pretraining import start_tiny
from .run_folder import RunFolder
from .sft_tunix import train_sft_tunix
from .tiny_gemma import make_tiny_gemma

SFT = "sft-tunix"


def start_model(run: RunFolder, examples: Sequence[SftExample]) -> str:
    """The folder or hub name of the model that a run's reinforcement learning begins with.

    Each stage before has a run folder of its own in the run's. Killed, it goes on; done, it is not done again.

    Args:
        examples: to fine-tune on; none begins with the model as it is.

    Raises:
        TrainingError: training cannot begin or go on.
    """
    name = run.identity.start
    if name == TINY:
        name = start_tiny(run, examples, run.folder / TINY, make_tiny_gemma, SFT, train_sft_tunix)
    if not examples:
        return name
    first = RunFolder(run.folder / "start", run.identity.model_copy(update={"trainer": SFT, "start": name}))
    return str(first.model if first.model.exists() else train_sft_tunix(examples, first))

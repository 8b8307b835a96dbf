"""What a Tunix GRPO run begins with: a tiny model made on the spot, and a fine-tuning on worked examples before it."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.examples import SftExample
from .config import TINY
from .failures import TrainingError
from .pretraining import pretraining_examples, pretraining_run
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
    name = _tiny_start(run, examples) if run.identity.start == TINY else run.identity.start
    if not examples:
        return name
    return _fine_tuned(
        RunFolder(run.folder / "start", run.identity.model_copy(update={"trainer": SFT, "start": name})), examples
    )


def _tiny_start(run: RunFolder, examples: Sequence[SftExample]) -> str:
    """A tiny Gemma that knows the words of the examples, pretrained where the preset asks for it.

    Raises:
        TrainingError: there are no words to know.
    """
    seen = pretraining_examples(run.identity)
    if not (seen or examples):
        raise TrainingError("the tiny model takes its words from examples; give --input, or set pretraining.steps")
    made = run.folder / TINY
    if not made.exists():
        partly = made.with_suffix(".partly")
        make_tiny_gemma([*seen, *examples], partly, seed=run.identity.seed).rename(made)
    return _fine_tuned(pretraining_run(run, SFT, str(made)), seen) if seen else str(made)


def _fine_tuned(run: RunFolder, examples: Sequence[SftExample]) -> str:
    return str(run.model if run.model.exists() else train_sft_tunix(examples, run))

"""What the tiny model learns before it is fine-tuned: to look a value up in a chart, from examples without a mistake.

It stands in for what other models bring along. Fine-tuning then gives it a habit, good or bad, and a reward changes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ..core.examples import Conversation, SftExample
from .failures import TrainingError
from .run_folder import RunFolder
from .tiny_tasks import compose_tiny_sft

SPLIT = "pretraining"
"""Of the charts: no split of tasks and no worked example shares them."""


def start_tiny(
    run: RunFolder,
    examples: Sequence[Conversation],
    made: Path,
    make: Callable[..., Path],
    trainer: str,
    train: Callable[[Sequence[SftExample], RunFolder], Path],
) -> str:
    """The folder of a tiny model that knows the words of the examples, pretrained where the preset asks for it.

    Pretraining has a run folder of its own in the run's. Killed, it goes on; done, it is not done again.

    Args:
        examples: what the run fine-tunes on.
        made: folder of the random weights.
        make: writes them: `make(examples, folder, seed=)`.
        trainer: its name in the run.

    Raises:
        TrainingError: there are no words to know, or training cannot begin or go on.
    """
    seed, settings = run.identity.seed, run.identity.preset.pretraining
    first = _run_in(run, trainer, made) if settings.steps else None
    if first is not None and (first.model / "config.json").exists():
        return str(first.model)
    seen = compose_tiny_sft(seed, settings.examples, split=SPLIT) if first is not None else []
    if not (seen or examples):
        raise TrainingError("the tiny model takes its words from examples; give --input, or set pretraining.steps")
    if not made.exists():
        make([*seen, *examples], made.with_suffix(".partly"), seed=seed).rename(made)
    return str(train(seen, first) if first is not None else made)


def _run_in(run: RunFolder, trainer: str, made: Path) -> RunFolder:
    preset = run.identity.preset.model_copy(update={"sft": run.identity.preset.pretraining})
    changes = {"trainer": trainer, "start": str(made), "data": "tiny charts", "preset": preset}
    return RunFolder(run.folder / "pretrained", run.identity.model_copy(update=changes))

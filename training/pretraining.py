"""What the tiny model learns before it is fine-tuned: to look a value up in a chart, from examples without a mistake.

It stands in for what other models bring along. Fine-tuning then gives it a habit, good or bad, and a reward changes it.
"""

from __future__ import annotations

from ..core.examples import SftExample
from .run_folder import RunFolder, RunIdentity
from .tiny_tasks import compose_tiny_sft

SPLIT = "pretraining"
"""Of the charts: no split of tasks and no worked example shares them."""


def pretraining_examples(identity: RunIdentity) -> list[SftExample]:
    """Worked examples of charts; none where the preset has no pretraining."""
    settings = identity.preset.pretraining
    return compose_tiny_sft(identity.seed, settings.examples, split=SPLIT) if settings.steps else []


def pretraining_run(run: RunFolder, trainer: str, start: str) -> RunFolder:
    """The folder of the pretraining in that of a run: killed, it goes on; done, it is not done again.

    Args:
        start: folder of the random weights.
    """
    preset = run.identity.preset.model_copy(update={"sft": run.identity.preset.pretraining})
    changes = {"trainer": trainer, "start": start, "data": "tiny charts", "preset": preset}
    return RunFolder(run.folder / "pretrained", run.identity.model_copy(update=changes))

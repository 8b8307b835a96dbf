"""What the trainers of transformers and TRL have in common here: arguments, how a batch is cut, how a run ends."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

from .failures import TrainingError
from .models import Trainable
from .run_folder import RunFolder


def common_arguments(run: RunFolder, save_every: int) -> dict[str, Any]:
    """Arguments of any trainer: where it saves, that it logs each step, and what the machine is."""
    import torch

    has_gpu = torch.cuda.is_available()
    return {
        "output_dir": str(run.checkpoints),
        "save_steps": save_every,
        "save_total_limit": 2,
        "logging_steps": 1,
        # A loss that is no number must be seen, and not averaged away.
        "logging_nan_inf_filter": False,
        "report_to": "none",
        "use_cpu": not has_gpu,
        "bf16": has_gpu,
        "gradient_checkpointing": has_gpu,
        "disable_tqdm": not sys.stderr.isatty(),
        "seed": run.identity.seed,
    }


def cut_batch(batch: int, micro: int | None, table: str, factors: str) -> dict[str, int]:
    """Arguments that cut a step's completions into backward passes of `micro` each; one pass where it is None.

    Args:
        table, factors: of the preset, for the message.

    Raises:
        TrainingError: `micro` does not divide the batch.
    """
    size = min(micro or batch, batch)
    if batch % size:
        raise TrainingError(
            f"{table}.micro_batch is {size}, which does not divide {batch} completions of a step ({factors})"
        )
    return {"per_device_train_batch_size": size, "gradient_accumulation_steps": batch // size}


def prompt_tokens(tokenizer: Any, messages: list[dict[str, str]]) -> int:
    """How many tokens a prompt has, as the model's template puts it."""
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    # The template has written what begins a text.
    return len(tokenizer(text, add_special_tokens=False)["input_ids"])


def train_to_end(trainer: Any, loaded: Trainable, run: RunFolder) -> Path:
    """Train from the last checkpoint, if there is one, and save model and tokenizer; returns their folder."""
    _quiet(trainer)
    trainer.add_callback(_board(run))
    trainer.train(resume_from_checkpoint=_last_checkpoint(run.checkpoints))
    trainer.save_model(str(run.model))
    loaded.tokenizer.save_pretrained(str(run.model))
    return run.model


def _quiet(trainer: Any) -> None:
    """Without the libraries' own lines, a run tells of itself in one voice."""
    from transformers import PrinterCallback

    trainer.remove_callback(PrinterCallback)
    # Each of the libraries warns that another still uses an old name.
    warnings.filterwarnings("ignore", ".*gradient_checkpointing", FutureWarning)


def _board(run: RunFolder) -> Any:
    """TensorBoard's log in the run's own folder."""
    from torch.utils.tensorboard import SummaryWriter
    from transformers.integrations import TensorBoardCallback

    return TensorBoardCallback(SummaryWriter(str(run.folder / "tensorboard")))


def _last_checkpoint(folder: Path) -> str | None:
    """The newest whole checkpoint, or None."""
    # The state is written last: a checkpoint without it is what a killed process left.
    whole = [path.parent for path in folder.glob("checkpoint-*/trainer_state.json")]
    steps = {int(path.name.rpartition("-")[2]): path for path in whole}
    return str(steps[max(steps)]) if steps else None

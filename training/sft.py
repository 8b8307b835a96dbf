"""Supervised fine-tuning on worked examples: the form and the habit of quoting, before any reward.

TRL's `SFTTrainer` over `{prompt, completion}` rows, so that the loss is that of the response alone. A run that was
killed goes on from its last checkpoint when it is started again.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..core.examples import Conversation
from .config import TINY, Preset
from .failures import TrainingError, told_failures
from .models import Trainable, load_trainable, prepare_unsloth
from .pretraining import start_tiny
from .run_folder import RunFolder
from .tiny import make_tiny
from .trainers import common_arguments, train_to_end

ROLES = {"system": "system", "human": "user", "gpt": "assistant"}


def train_sft(examples: Sequence[Conversation], run: RunFolder) -> Path:
    """Train, and return the folder of the model.

    Raises:
        TrainingError: there is nothing to train on, or training cannot go on.
    """
    if not examples:
        raise TrainingError("there are no examples to train on; compose some with `dipg-gym tasks compose --as sft`")
    identity = run.identity
    preset = identity.preset
    prepare_unsloth(preset.model)
    from trl import SFTTrainer

    from datasets import Dataset

    from .step_log import StepLog

    start = identity.start
    if start == TINY:
        start = start_tiny(run, examples, run.folder / "start", make_tiny, "sft", train_sft)
    loaded = load_trainable(preset.model, start, seed=identity.seed)
    rows = [row for row in map(to_row, examples) if _fits(row, loaded, preset)]
    if not rows:
        raise TrainingError(
            f"none of {len(examples)} examples fits into {_longest(preset)} tokens; raise model.max_prompt_tokens"
        )
    if len(rows) < len(examples):
        print(f"{len(examples) - len(rows)} of {len(examples)} examples are too long and left out", file=sys.stderr)
    with told_failures(start):
        trainer = SFTTrainer(
            model=loaded.model,
            args=_arguments(preset, run),
            train_dataset=Dataset.from_list(rows),
            processing_class=loaded.tokenizer,
            callbacks=[StepLog(run)],
        )
        return train_to_end(trainer, loaded, run)


def to_row(example: Conversation) -> dict[str, Any]:
    """A row of chat messages: the prompt, and the response to learn."""
    turns = [{"role": ROLES[turn.speaker], "content": turn.value} for turn in example.conversations]
    return {"prompt": turns[:-1], "completion": turns[-1:]}


def _longest(preset: Preset) -> int:
    return preset.model.max_prompt_tokens + preset.model.max_completion_tokens


def _fits(row: dict[str, Any], loaded: Trainable, preset: Preset) -> bool:
    # Cut off, an example would teach to stop before the end.
    text = loaded.tokenizer.apply_chat_template(row["prompt"] + row["completion"], tokenize=False)
    return len(loaded.tokenizer(text, add_special_tokens=False)["input_ids"]) <= _longest(preset)


def _arguments(preset: Preset, run: RunFolder) -> Any:
    from trl import SFTConfig

    sft = preset.sft
    return SFTConfig(
        **common_arguments(run, sft.save_every),
        max_steps=sft.steps,
        per_device_train_batch_size=sft.batch_size,
        gradient_accumulation_steps=sft.accumulate,
        learning_rate=sft.learning_rate,
        warmup_steps=sft.warmup_steps,
        lr_scheduler_type="cosine",
        max_length=_longest(preset),
        packing=sft.packing,
        completion_only_loss=True,
    )

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
from .models import Trainable, load_trainable, uses_unsloth
from .run_folder import RunFolder
from .tiny import make_tiny

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
    if uses_unsloth(preset.model):
        # It changes TRL, and must come first.
        import unsloth  # noqa: F401
    from trl import SFTTrainer

    from datasets import Dataset

    from .step_log import StepLog, board, last_checkpoint, quiet

    start = _tiny_start(examples, run) if identity.start == TINY else identity.start
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
            args=_arguments(preset, run, identity.seed),
            train_dataset=Dataset.from_list(rows),
            processing_class=loaded.tokenizer,
            callbacks=[StepLog(run), board(run)],
        )
        quiet(trainer).train(resume_from_checkpoint=last_checkpoint(run.checkpoints))
        trainer.save_model(str(run.model))
        loaded.tokenizer.save_pretrained(str(run.model))
    return run.model


def to_row(example: Conversation) -> dict[str, Any]:
    """A row of chat messages: the prompt, and the response to learn."""
    turns = [{"role": ROLES[turn.speaker], "content": turn.value} for turn in example.conversations]
    return {"prompt": turns[:-1], "completion": turns[-1:]}


def _tiny_start(examples: Sequence[Conversation], run: RunFolder) -> str:
    start = run.folder / "start"
    if not (start / "config.json").exists():
        make_tiny(examples, start, seed=run.identity.seed)
    return str(start)


def _longest(preset: Preset) -> int:
    return preset.model.max_prompt_tokens + preset.model.max_completion_tokens


def _fits(row: dict[str, Any], loaded: Trainable, preset: Preset) -> bool:
    # Cut off, an example would teach to stop before the end.
    text = loaded.tokenizer.apply_chat_template(row["prompt"] + row["completion"], tokenize=False)
    return len(loaded.tokenizer(text, add_special_tokens=False)["input_ids"]) <= _longest(preset)


def _arguments(preset: Preset, run: RunFolder, seed: int) -> Any:
    import torch
    from trl import SFTConfig

    sft = preset.sft
    has_gpu = torch.cuda.is_available()
    return SFTConfig(
        output_dir=str(run.checkpoints),
        max_steps=sft.steps,
        per_device_train_batch_size=sft.batch_size,
        gradient_accumulation_steps=sft.accumulate,
        learning_rate=sft.learning_rate,
        warmup_steps=sft.warmup_steps,
        lr_scheduler_type="cosine",
        max_length=_longest(preset),
        packing=sft.packing,
        completion_only_loss=True,
        save_steps=sft.save_every,
        save_total_limit=2,
        logging_steps=1,
        logging_nan_inf_filter=False,
        report_to="none",
        use_cpu=not has_gpu,
        bf16=has_gpu,
        gradient_checkpointing=has_gpu,
        disable_tqdm=not sys.stderr.isatty(),
        seed=seed,
    )

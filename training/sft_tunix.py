"""Supervised fine-tuning with Tunix: what a GRPO run begins with, where the model does not yet write the form.

Only the response is learnt, its end token with it.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..core.digest import digest
from ..core.examples import SftExample
from ..core.prompts import build_messages
from .config import ModelSettings
from .failures import TrainingError, told_failures
from .gemma import Policy, load_policy, make_mesh, save_policy
from .run_folder import RunFolder, StepRow
from .tunix_steps import StepEnd, absolute, make_optimizer, quiet_checkpoints

ROUNDED_TO = 32
"""Rows are as long as the longest example, rounded up."""


class Row(NamedTuple):
    """Tokens of an example."""

    prompt: list[int]
    response: list[int]


def train_sft_tunix(examples: Sequence[SftExample], run: RunFolder) -> Path:
    """Train on worked examples, and return the folder of the model.

    Raises:
        TrainingError: training cannot begin or go on; the message names the remedy.
        ModuleNotFoundError: the extra `tunix` is not installed.
    """
    import optax
    from tunix.sft.peft_trainer import PeftTrainer, TrainingConfig, TrainingInput

    identity, settings = run.identity, run.identity.preset.sft
    policy = load_policy(identity.preset.model, identity.start, make_mesh(identity.preset.mesh), seed=identity.seed)
    rows = tokenized(examples, policy, identity.preset.model)
    warmup = min(settings.warmup_steps, settings.steps - 1)
    schedule = optax.warmup_cosine_decay_schedule(0.0, settings.learning_rate, warmup, settings.steps)
    trainer = PeftTrainer(
        policy.model,
        make_optimizer(schedule, policy.model),
        TrainingConfig(
            eval_every_n_steps=settings.steps + 1,
            max_steps=settings.steps,
            gradient_accumulation_steps=settings.accumulate if settings.accumulate > 1 else None,
            checkpoint_root_directory=absolute(run.checkpoints),
            checkpointing_options=quiet_checkpoints(),
        ),
    )
    run.forget_after(trainer.train_steps)
    end = StepEnd(trainer, run, settings.steps, settings.save_every, lambda: StepRow(step=0, step_s=0.0))
    trainer.with_loss_fn(response_loss)
    trainer.with_gen_model_input_fn(_model_input(policy.tokenizer.pad_token_id))
    batches = _batches(rows, settings.batch_size, policy.tokenizer.pad_token_id, identity.seed)
    with told_failures(identity.start), end, policy.mesh:
        trainer.train(TrainingInput(input_tokens=tokens, input_mask=learnt) for tokens, learnt in batches)
    return save_policy(policy, identity.preset.model, run.model)


def tokenized(examples: Sequence[SftExample], policy: Policy, limits: ModelSettings) -> list[Row]:
    """Examples as tokens; those that are too long are left out, and told.

    Raises:
        TrainingError: all are too long.
    """
    end = policy.end_id
    rows = []
    for example in examples:
        task = example.task()
        prompt = policy.prompt_ids(policy.prompt(build_messages(task.context, task.question)))
        response = policy.tokenizer.encode(example.response, add_special_tokens=False)
        if len(prompt) <= limits.max_prompt_tokens and len(response) < limits.max_completion_tokens:
            rows.append(Row(prompt, [*response, end]))
    told_too_long(len(rows), len(examples), "examples", limits)
    return rows


def told_too_long(kept: int, total: int, what: str, limits: ModelSettings) -> None:
    """Say how many are left out.

    Raises:
        TrainingError: none is left.
    """
    bounds = (
        f"longer than model.max_prompt_tokens = {limits.max_prompt_tokens} or model.max_completion_tokens = "
        f"{limits.max_completion_tokens}"
    )
    if not kept:
        raise TrainingError(f"all {total} {what} are {bounds}; set them higher")
    if kept < total:
        print(f"{total - kept} of {total} {what} are left out: {bounds}", file=sys.stderr, flush=True)


def response_loss(model: Any, tokens: Any, learnt: Any, positions: Any, attention_mask: Any) -> Any:
    """The mean of -log p over the tokens that are to be learnt."""
    import jax.numpy as jnp
    from tunix.rl.common import selective_log_softmax

    logits, _ = model(tokens, positions, None, attention_mask)
    said = selective_log_softmax(logits[:, :-1], tokens[:, 1:])
    counted = learnt[:, 1:].astype(said.dtype)
    return -(said * counted).sum() / jnp.maximum(counted.sum(), 1.0)


def _model_input(pad: int) -> Any:
    from tunix.sft.utils import build_positions_from_mask, make_causal_attn_mask

    def model_input(batch: Any) -> dict[str, Any]:
        there = batch.input_tokens != pad
        return {
            "tokens": batch.input_tokens,
            "learnt": batch.input_mask,
            "positions": build_positions_from_mask(there),
            "attention_mask": make_causal_attn_mask(there),
        }

    return model_input


def _batches(rows: Sequence[Row], size: int, pad: int, seed: int) -> Iterator[tuple[Any, Any]]:
    """Tokens and which of them are learnt, both (size, length), without end: every epoch in an order of its own."""
    import numpy as np

    longest = max(len(row.prompt) + len(row.response) for row in rows)
    length = -(-longest // ROUNDED_TO) * ROUNDED_TO
    for chosen in endless(len(rows), size, seed):
        tokens = np.full((size, length), pad, dtype=np.int32)
        learnt = np.zeros((size, length), dtype=bool)
        for place, number in enumerate(chosen):
            prompt, response = rows[number]
            tokens[place, : len(prompt) + len(response)] = prompt + response
            learnt[place, len(prompt) : len(prompt) + len(response)] = True
        yield tokens, learnt


def endless(count: int, size: int, seed: int) -> Iterator[list[int]]:
    """Batches of numbers below `count`, without end; a run that goes on gets the same again."""
    waiting: list[int] = []
    epoch = 0
    while True:
        while len(waiting) < size:
            order = list(range(count))
            random.Random(digest("order", str(seed), str(epoch))).shuffle(order)
            waiting += order
            epoch += 1
        yield waiting[:size]
        waiting = waiting[size:]

"""Self-play on clinical notes: an Injector plants errors, an Assessor finds them, each trained against the other.

One model plays both sides, told apart by the system prompt; every step is a round in which both write and both are
trained (`game`), by REINFORCE++ (`reinforce`). What the Injector writes is for play only: it is neither kept nor
logged, and no file of a run holds a note.

The filter comes from the caller, as do the notes: reading corpora is no matter of training.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ..client.errors import DIPGError
from ..core.injection import injector_messages, note_task
from ..core.prompts import build_messages
from .config import TINY, Preset, PretrainingSettings
from .failures import TrainingError, told_failures
from .game import SEATS, Filter, Game, Round, RoundRow
from .measures import measure
from .models import load_trainable, prepare_unsloth
from .reward_function import EnvironmentReward
from .run_folder import RunFolder, append_row, keep_rows, read_rows
from .sft import train_sft
from .tiny_notes import compose_tiny_chats
from .trainers import common_arguments, cut_batch, prompt_tokens, train_to_end

ROUNDS = "rounds.jsonl"
"""Beside the log of the run: a row a round."""

TINY_EXAMPLES = 6_000
"""At most, for the start of a tiny model."""


def train_selfplay(
    notes: Sequence[str], rule: Filter, reward: EnvironmentReward, run: RunFolder, question: str = ""
) -> Path:
    """Play and train, and return the folder of the model; a run that was killed goes on from its last checkpoint.

    Args:
        notes: correct ones, each once.
        rule: decides which injections are played, such as `generation.change_filter.rule_on`.
        question: in place of the environment's, for a model too small to read it.

    Raises:
        TrainingError: training cannot begin or go on; the message names the remedy.
        DIPGError: the server gives no rewards, for longer than the reward waits.
    """
    identity = run.identity
    settings = identity.preset.selfplay
    check_scoring(reward)
    prepare_unsloth(identity.preset.model)

    from datasets import Dataset

    from .reinforce import ReinforceTrainer
    from .step_log import StepLog

    start = _tiny_start(run) if identity.start == TINY else identity.start
    loaded = load_trainable(identity.preset.model, start, seed=identity.seed)
    kept = _short_enough(notes, loaded.tokenizer, identity.preset, question)
    if len(kept) < settings.notes_per_step:
        raise TrainingError(
            f"{len(kept)} notes fit into {identity.preset.model.max_prompt_tokens} tokens, and a round takes "
            f"{settings.notes_per_step}; give more notes, or lower selfplay.notes_per_step or raise "
            "model.max_prompt_tokens"
        )
    reward.profile, reward.risk_threshold = None, settings.risk_threshold
    log = StepLog(run)
    with told_failures(start):
        trainer = ReinforceTrainer(
            Game(rule, reward, question),
            partial(_leave_measures, log, settings.risk_threshold),
            model=loaded.model,
            args=_arguments(identity.preset, run),
            train_dataset=Dataset.from_list([{"prompt": injector_messages(note), "note": note} for note in kept]),
            processing_class=loaded.tokenizer,
            callbacks=[log],
        )
        trainer.add_callback(_round_log(trainer, run))
        return train_to_end(trainer, loaded, run)


def read_rounds(folder: Path) -> list[RoundRow]:
    """The logged rounds of a run, in order."""
    return list(read_rows(folder / ROUNDS, RoundRow))


def check_scoring(reward: EnvironmentReward) -> None:
    """Have the server score a task of one's own, so that a wrong URL or an old server stops a run at once.

    Raises:
        TrainingError: the server knows no such route.
        DIPGError: there is no server, or it is another one.
    """
    reward.client.health()
    try:
        reward.client.score_tasks([""], [note_task("check", "A note.", None)])
    except DIPGError as error:
        raise TrainingError(
            f"the server does not score tasks that it does not hold ({error}); self-play needs POST /batch/score: "
            "start a server of this version"
        ) from error


def _tiny_start(run: RunFolder) -> str:
    """A tiny model that has learnt the form of both sides from composed notes, in place of charts."""
    settings = run.identity.preset.pretraining
    if not settings.steps:
        raise TrainingError("the tiny model has yet to learn the form of notes; set pretraining.steps to some hundred")
    preset = run.identity.preset.model_copy(update={"sft": settings, "pretraining": PretrainingSettings()})
    changes = {"trainer": "sft", "start": TINY, "data": "tiny notes", "preset": preset}
    identity = run.identity.model_copy(update=changes)
    learnt = RunFolder(run.folder / "start", identity)
    if not (learnt.model / "config.json").exists():
        seen = settings.steps * settings.batch_size
        train_sft(compose_tiny_chats(identity.seed, min(seen, TINY_EXAMPLES)), learnt)
    return str(learnt.model)


def _short_enough(notes: Sequence[str], tokenizer: Any, preset: Preset, question: str) -> list[str]:
    limit = preset.model.max_prompt_tokens
    kept = []
    for note in dict.fromkeys(notes):
        task = note_task("length", note, None, question)
        asked = (injector_messages(note), build_messages(task.context, task.question))
        if all(prompt_tokens(tokenizer, messages) <= limit for messages in asked):
            kept.append(note)
    if len(kept) < len(notes):
        print(
            f"{len(notes) - len(kept)} of {len(notes)} notes occur twice or make prompts of more than {limit} tokens, "
            "and are left out; model.max_prompt_tokens is the limit",
            file=sys.stderr,
        )
    return kept


def _leave_measures(log: Any, risk_threshold: float, played: Round) -> None:
    """For the row of the step."""
    log.measures = measure(played.scores, [True] * len(played.scores)) if played.scores else None
    log.environment_s += played.environment_s
    log.risk_threshold = risk_threshold


def _round_log(trainer: Any, run: RunFolder) -> Any:
    """Writes a row of each round when the trainer logs the step that ends its first pass."""
    from transformers import TrainerCallback

    path = run.folder / ROUNDS

    class RoundLog(TrainerCallback):  # type: ignore[misc]
        logged: Any = None

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            keep_rows(path, RoundRow, state.global_step)

        def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
            played = trainer.round
            if played is not None and played is not self.logged and "loss" in (logs or {}):
                self.logged = played
                append_row(path, played.row(state.global_step, trainer.kl))

    return RoundLog()


def _arguments(preset: Preset, run: RunFolder) -> Any:
    from trl import GRPOConfig

    settings = preset.selfplay
    completions = settings.notes_per_step * len(SEATS)
    return GRPOConfig(
        **common_arguments(run, settings.save_every * settings.passes),
        **cut_batch(completions, settings.micro_batch, "selfplay", f"selfplay.notes_per_step x {len(SEATS)}"),
        max_steps=settings.steps * settings.passes,
        num_generations=len(SEATS),
        num_iterations=settings.passes,
        max_completion_length=preset.model.max_completion_tokens,
        learning_rate=settings.learning_rate,
        warmup_steps=settings.warmup_steps,
        beta=settings.kl,
        epsilon=settings.clip,
        # A mean over all tokens of the batch, as the normalisation is.
        loss_type="dapo",
        temperature=settings.temperature,
    )

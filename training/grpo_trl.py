"""GRPO with TRL: completions are scored by the server, one call a step, and compared within the group of their task.

The reward is the server's; its components can be given weights of their own (`grpo.weights`) and are logged. The risk
threshold is the curriculum's. TRL asks for rewards once all completions of a step are there, so that nothing is left
to overlap with generation; what the server takes is logged with each step instead.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.wire import ScoreView
from .config import Component, Preset
from .curriculum import Curriculum, Decision
from .failures import check_server, told_failures
from .held_out import divide
from .measures import answerable_tasks, measure
from .models import load_trainable, prepare_unsloth
from .policy_guard import PolicyGuard
from .reward_function import Completion, EnvironmentReward, prompt_rows
from .run_folder import RunFolder
from .sampling import sample_completions
from .trainers import common_arguments, cut_batch, prompt_tokens, train_to_end

if TYPE_CHECKING:
    from .step_log import StepLog

RewardFunction = Callable[..., list[float]]


def train_grpo(reward: EnvironmentReward, split: str, run: RunFolder) -> Path:
    """Train on the tasks of a split, and return the folder of the model.

    Raises:
        TrainingError: training cannot begin or go on; the message names the remedy.
        DIPGError: the server gives no rewards, for longer than the reward waits.
    """
    identity = run.identity
    preset = identity.preset
    check_server(reward.client, split)
    prepare_unsloth(preset.model)
    from trl import GRPOTrainer

    from datasets import Dataset

    from .step_log import StepLog

    loaded = load_trainable(preset.model, identity.start, seed=identity.seed)
    rows = _short_enough(prompt_rows(reward.client, split), loaded.tokenizer, preset)
    trained, probed = divide(rows, preset.curriculum.probe_size)
    log = StepLog(run)
    scored = ScoredGroups(reward, answerable_tasks(reward, [row["task_id"] for row in rows]), log)
    steering = _Steering(scored, probed, run)
    with told_failures(identity.start):
        trainer = GRPOTrainer(
            model=loaded.model,
            reward_funcs=scored.functions(preset.grpo.weights),
            args=_arguments(preset, run),
            train_dataset=Dataset.from_list(trained),
            processing_class=loaded.tokenizer,
            callbacks=[log, steering.callback(loaded.model, loaded.tokenizer)],
        )
        return train_to_end(trainer, loaded, run)


class ScoredGroups:
    """The rewards of a step: the server is asked once, and each component is read from its answer."""

    def __init__(self, reward: EnvironmentReward, answerable: set[str], log: StepLog) -> None:
        """
        Args:
            answerable: ids of the tasks whose record tells.
            log: takes the measures of each step.
        """
        self.reward = reward
        self.answerable = answerable
        self._log = log
        self._completions: Sequence[Completion] | None = None
        self._scores: list[ScoreView] = []

    def functions(self, weights: Mapping[Component, float]) -> list[RewardFunction]:
        """A reward function for each component that has a weight; TRL multiplies and adds them."""
        return [self._function(name) for name in weights]

    def scores(self, completions: Sequence[Completion], task_ids: Sequence[str]) -> list[ScoreView]:
        """Scores in order; the same list of completions is scored once."""
        if completions is not self._completions:
            before = self.reward.seconds
            self._scores = self.reward.scores(completions, task_ids)
            self._completions = completions
            self._log.measures = measure(self._scores, [task_id in self.answerable for task_id in task_ids])
            self._log.environment_s += self.reward.seconds - before
            self._log.risk_threshold = self.reward.risk_threshold
        return self._scores

    def _function(self, name: Component) -> RewardFunction:
        def component(*, completions: Sequence[Completion], task_id: Sequence[str], **_: Any) -> list[float]:
            return [
                score.reward if name == "reward" else score.components.get(name, 0.0)
                for score in self.scores(completions, task_id)
            ]

        component.__name__ = name
        return component


class _Steering:
    """Between steps: the curriculum probes the policy, and sets the risk threshold of the steps that follow."""

    def __init__(self, scored: ScoredGroups, probed: Sequence[dict[str, Any]], run: RunFolder) -> None:
        self._scored = scored
        self._probed = probed
        self._run = run
        self._settings = run.identity.preset

    def callback(self, model: Any, tokenizer: Any) -> Any:
        """For a transformers trainer."""
        from transformers import TrainerCallback

        steering = self
        guard = PolicyGuard(model, self._run.folder / "healthy.safetensors")

        class Steer(TrainerCallback):  # type: ignore[misc]
            def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
                steering.begin(state.global_step, guard)
                if steering.curriculum.due(state.global_step):
                    steering.probe(state.global_step, model, tokenizer, guard, None)

            def on_step_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
                if steering.curriculum.due(state.global_step):
                    steering.probe(state.global_step, model, tokenizer, guard, more.get("optimizer"))

        return Steer()

    def begin(self, step: int, guard: PolicyGuard) -> None:
        """Go on with the curriculum where the checkpoint was."""
        self.curriculum = Curriculum.resume(self._settings.curriculum, self._run.curriculum, step)
        last = self.curriculum.last
        if last is not None and last.step == step and last.restore_step is not None:
            guard.restore()
        self._scored.reward.risk_threshold = self.curriculum.risk_threshold

    def probe(self, step: int, model: Any, tokenizer: Any, guard: PolicyGuard, optimizer: Any) -> Decision:
        """Sample the tasks that are not trained on, and let the curriculum decide."""
        grpo, limits = self._settings.grpo, self._settings.model
        texts = sample_completions(
            model,
            tokenizer,
            [row["prompt"] for row in self._probed],
            max_tokens=limits.max_completion_tokens,
            temperature=grpo.temperature,
            top_p=grpo.top_p,
        )
        ids = [row["task_id"] for row in self._probed]
        reward = self._scored.reward
        found = measure(reward.scores(texts, ids), [task_id in self._scored.answerable for task_id in ids])
        decision = self.curriculum.observe(step, found)
        reward.risk_threshold = decision.risk_threshold
        print(f"curriculum: {decision.reason}", file=sys.stderr, flush=True)
        if decision.restore_step is not None:
            guard.restore(optimizer)
        elif decision.healthy:
            guard.keep()
        return decision


def _short_enough(rows: list[dict[str, Any]], tokenizer: Any, preset: Preset) -> list[dict[str, Any]]:
    limit = preset.model.max_prompt_tokens
    kept = [row for row in rows if prompt_tokens(tokenizer, row["prompt"]) <= limit]
    if len(kept) < len(rows):
        print(
            f"{len(rows) - len(kept)} of {len(rows)} prompts have more than {limit} tokens and are left out; "
            "model.max_prompt_tokens is the limit",
            file=sys.stderr,
        )
    return kept


def _arguments(preset: Preset, run: RunFolder) -> Any:
    from trl import GRPOConfig

    grpo = preset.grpo
    vllm: dict[str, Any] = {} if grpo.vllm == "off" else {"use_vllm": True, "vllm_mode": grpo.vllm}
    completions = grpo.prompts_per_step * grpo.group_size
    return GRPOConfig(
        **common_arguments(run, grpo.save_every),
        **cut_batch(completions, grpo.micro_batch, "grpo", "grpo.prompts_per_step x grpo.group_size"),
        **vllm,
        max_steps=grpo.steps,
        num_generations=grpo.group_size,
        max_completion_length=preset.model.max_completion_tokens,
        learning_rate=grpo.learning_rate,
        warmup_steps=grpo.warmup_steps,
        beta=grpo.beta,
        scale_rewards=grpo.scale_rewards,
        temperature=grpo.temperature,
        top_p=grpo.top_p,
        reward_weights=list(grpo.weights.values()),
    )

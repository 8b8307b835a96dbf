"""GRPO with Tunix (JAX), on a mesh of TPU devices, or for the tiny model on the CPU.

The server is asked once a step, for all completions together. Tunix calls the reward function in a thread of its own
and hands what is raised there to `train`, so that a run without rewards stops: it takes no step. Between two steps the
curriculum probes the policy and moves the risk threshold.

What Tunix does otherwise than one expects, and what is done about it here: without a seed for each call all groups
sample the same noise; completions come without their end token (see `rollout_tunix`); a prompt that is too long is not
cut but makes the run fail, so that such tasks are left out at the start; its KL estimate `kl` has no gradient on
average, `low_var_kl` has one; a run that is complete would take one more step when named again.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..core.digest import digest
from .config import Component, Preset
from .curriculum import Curriculum
from .failures import TrainingError, check_server, told_failures
from .gemma import Policy, load_policy, make_mesh, save_policy
from .held_out import divide
from .measures import answerable_tasks, measure
from .reward_function import EnvironmentReward, prompt_rows
from .rollout_tunix import ended_rollout
from .run_folder import RunFolder, StepRow
from .sft_tunix import ROUNDED_TO, endless, told_too_long
from .tunix_steps import StepEnd, WeightGuard, absolute, make_optimizer, quiet_checkpoints


class Asked(NamedTuple):
    """A task as the policy is asked it."""

    prompt: str
    task_id: str
    tokens: int
    """Of the prompt."""


def train_grpo_tunix(reward: EnvironmentReward, split: str, run: RunFolder, start: str) -> Path:
    """Train on the tasks of a split, and return the folder of the model.

    Args:
        start: the model to begin with, by folder or hub name.

    Raises:
        TrainingError: training cannot begin or go on; the message names the remedy.
        DIPGError: the server gives no rewards, for longer than the reward waits.
        ModuleNotFoundError: the extra `tunix` is not installed.
    """
    identity, preset = run.identity, run.identity.preset
    check_server(reward.client, split)
    policy = load_policy(preset.model, start, make_mesh(preset.mesh), seed=identity.seed)
    asked = _asked(reward, split, policy, preset)
    trained, probed = _divided(asked, preset.curriculum.probe_size)
    cluster = _cluster(policy, preset, run, longest=max(task.tokens for task in asked))
    policy = policy._replace(model=cluster.actor_trainer.model)
    course = _Course(cluster, reward, probed, answerable_tasks(reward, [task.task_id for task in asked]), run)
    if cluster.actor_trainer.train_steps < preset.grpo.steps:
        learner = _learner(cluster, course, preset)
        with told_failures(identity.start), course.end:
            learner.train(course.batches(trained))
    return save_policy(policy, preset.model, run.model)


class _Course:
    """What happens around the steps: batches go in, rewards come back, the curriculum looks on."""

    __name__ = "environment_reward"
    """What Tunix logs it as."""

    def __init__(
        self, cluster: Any, reward: EnvironmentReward, probed: Sequence[Asked], answerable: set[str], run: RunFolder
    ) -> None:
        self._cluster = cluster
        self._reward = reward
        self._probed = probed
        self._answerable = answerable
        self._run = run
        self._grpo = run.identity.preset.grpo
        self._seed = run.identity.seed
        trainer = cluster.actor_trainer
        self._done = int(trainer.train_steps)
        run.forget_after(self._done)
        self._guard = WeightGuard(trainer, run.folder / "healthy.safetensors")
        self._curriculum = Curriculum.resume(run.identity.preset.curriculum, run.curriculum, self._done)
        reward.risk_threshold = self._curriculum.risk_threshold
        last = self._curriculum.last
        if last is not None and last.step == self._done and last.restore_step is not None:
            self._guard.restore()
        self._row = StepRow(step=0, step_s=0.0)
        self.end = StepEnd(trainer, run, self._grpo.steps, self._grpo.save_every, lambda: self._row)

    def batches(self, tasks: Sequence[Asked]) -> Iterator[dict[str, Any]]:
        """A batch a step, without end. Tunix passes over those of steps that a checkpoint holds."""
        import numpy as np

        for before, chosen in enumerate(endless(len(tasks), self._grpo.prompts_per_step, self._seed)):
            if before >= self._done:
                if self._curriculum.due(before):
                    self._probe(before)
                self._draw_anew("step", before)
                self.end.begin()
            batch = [tasks[number] for number in chosen]
            # Tunix repeats arrays for the completions of a group; a list it would take for a tree.
            yield {
                "prompts": np.array([task.prompt for task in batch]),
                "task_id": np.array([task.task_id for task in batch]),
            }

    def __call__(self, *, completions: Sequence[str], task_id: Sequence[str], **_: Any) -> list[float]:
        """The reward of each completion, in order, from one call of the server.

        Raises:
            DIPGError: there are no rewards.
        """
        ids = [str(name) for name in task_id]
        before = self._reward.seconds
        scores = self._reward.scores(completions, ids)
        self._row = StepRow(
            step=0,
            measures=measure(scores, [name in self._answerable for name in ids]),
            risk_threshold=self._reward.risk_threshold,
            step_s=0.0,
            environment_s=round(self._reward.seconds - before, 4),
        )
        weights = self._grpo.weights
        return [weighted({**score.components, "reward": score.reward}, weights) for score in scores]

    def _probe(self, step: int) -> None:
        """Sample the tasks that are not trained on, and let the curriculum decide."""
        self._draw_anew("probe", step)
        rows = self._grpo.prompts_per_step * self._grpo.group_size
        texts = self._cluster.generate([task.prompt for task in self._probed], micro_batch_size=rows).text
        ids = [task.task_id for task in self._probed]
        scores = self._reward.scores(texts, ids)
        decision = self._curriculum.observe(step, measure(scores, [name in self._answerable for name in ids]))
        self._reward.risk_threshold = decision.risk_threshold
        print(f"curriculum: {decision.reason}", file=sys.stderr, flush=True)
        if decision.restore_step is not None:
            self._guard.restore()
        elif decision.healthy:
            self._guard.keep()

    def _draw_anew(self, purpose: str, step: int) -> None:
        """Give the sampler noise of its own for what comes next; a run that goes on draws the same."""
        self._cluster.cluster_config.rollout_config.seed = digest(purpose, str(self._seed), str(step), size=4) >> 1


def weighted(values: Mapping[str, float], weights: Mapping[Component, float]) -> float:
    """The sum of the components that have a weight."""
    return sum(weight * values.get(name, 0.0) for name, weight in weights.items())


def _asked(reward: EnvironmentReward, split: str, policy: Policy, preset: Preset) -> list[Asked]:
    """The tasks of a split whose prompts are short enough."""
    rows = prompt_rows(reward.client, split)
    prompts = [policy.prompt(row["prompt"]) for row in rows]
    asked = [
        Asked(prompt, row["task_id"], len(policy.prompt_ids(prompt))) for row, prompt in zip(rows, prompts, strict=True)
    ]
    kept = [task for task in asked if task.tokens <= preset.model.max_prompt_tokens]
    told_too_long(len(kept), len(asked), "prompts", preset.model)
    return kept


def _divided(asked: Sequence[Asked], probe_size: int) -> tuple[list[Asked], list[Asked]]:
    by_id = {task.task_id: task for task in asked}
    trained, probed = divide([{"task_id": task_id} for task_id in by_id], probe_size)
    return [by_id[row["task_id"]] for row in trained], [by_id[row["task_id"]] for row in probed]


def _cluster(policy: Policy, preset: Preset, run: RunFolder, longest: int) -> Any:
    import optax
    from flax import nnx
    from tunix.rl.rl_cluster import ClusterConfig, RLCluster, RLTrainingConfig, Role
    from tunix.rl.rollout.base_rollout import RolloutConfig

    grpo, limits = preset.grpo, preset.model
    prompt_length = -(-longest // ROUNDED_TO) * ROUNDED_TO
    warmup = max(1, grpo.warmup_steps)
    # As transformers' trainers do by default: up, and in a line down to nothing.
    schedule = optax.join_schedules(
        [
            optax.linear_schedule(0.0, grpo.learning_rate, warmup),
            optax.linear_schedule(grpo.learning_rate, 0.0, max(1, grpo.steps - warmup)),
        ],
        [warmup],
    )
    at_once = _prompts_at_once(preset)
    return RLCluster(
        actor=policy.model,
        reference=nnx.clone(policy.model) if grpo.beta else None,
        tokenizer=policy.tokenizer,
        cluster_config=ClusterConfig(
            role_to_mesh=dict.fromkeys((Role.ACTOR, Role.ROLLOUT, Role.REFERENCE), policy.mesh),
            rollout_engine=ended_rollout(policy.end_id),
            training_config=RLTrainingConfig(
                actor_optimizer=make_optimizer(schedule, policy.model),
                eval_every_n_steps=grpo.steps + 1,
                max_steps=grpo.steps,
                mini_batch_size=grpo.prompts_per_step,
                train_micro_batch_size=at_once if at_once < grpo.prompts_per_step else None,
                compute_logps_micro_batch_size=at_once,
                # All completions of a step are sampled, and scored, together.
                rollout_micro_batch_size=grpo.prompts_per_step,
                checkpoint_root_directory=absolute(run.checkpoints),
                checkpointing_options=quiet_checkpoints(),
            ),
            rollout_config=RolloutConfig(
                max_tokens_to_generate=limits.max_completion_tokens,
                max_prompt_length=prompt_length,
                kv_cache_size=prompt_length + limits.max_completion_tokens,
                temperature=grpo.temperature,
                top_p=grpo.top_p,
                eos_tokens=[policy.end_id],
            ),
        ),
    )


def _prompts_at_once(preset: Preset) -> int:
    grpo = preset.grpo
    batch = grpo.prompts_per_step * grpo.group_size
    micro = min(grpo.micro_batch or batch, batch)
    if micro % grpo.group_size or batch % micro:
        raise TrainingError(
            f"grpo.micro_batch is {micro}; expected whole groups of grpo.group_size = {grpo.group_size} that divide "
            f"the {batch} completions of a step"
        )
    return micro // grpo.group_size


def _learner(cluster: Any, course: _Course, preset: Preset) -> Any:
    from tunix.rl.grpo.grpo_learner import GRPOConfig, GRPOLearner

    grpo = preset.grpo
    config = GRPOConfig(
        num_generations=grpo.group_size,
        num_iterations=1,
        beta=grpo.beta,
        kl_loss_mode="low_var_kl",
        advantage_estimator=_estimator(grpo.scale_rewards),
    )
    return GRPOLearner(rl_cluster=cluster, algo_config=config, reward_fns=course)


def _estimator(scale: str) -> str:
    """The name under which Tunix knows how rewards are compared and scaled."""
    from tunix.rl.function_registry import register_advantage_estimator

    if scale == "batch":
        register_advantage_estimator(scale)(batch_scaled)
    return {"group": "grpo", "none": "drgrpo"}.get(scale, scale)


def batch_scaled(rewards: Any, num_generations: int) -> Any:
    """Rewards, (completions,), less the mean of their group, in standard deviations of all rewards of the step."""
    means = rewards.reshape(-1, num_generations).mean(axis=1).repeat(num_generations)
    return (rewards - means) / (rewards.std(ddof=1) + 1e-4)

"""One response of a model that Tunix trained, with its score and why: a look at what a run has learnt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..client.http import DIPGClient
from ..core.wire import Observation, ScoreView
from .config import MeshSettings
from .failures import TrainingError
from .gemma import Policy, load_policy, make_mesh
from .run_folder import read_identity


class Sampled(NamedTuple):
    """A task, what the model wrote, and its score."""

    task: Observation
    response: str
    score: ScoreView


def sample_run(folder: Path, client: DIPGClient, split: str, *, seed: int = 0, temperature: float = 0.0) -> Sampled:
    """Ask the model of a run folder one task of a split, and have the response scored.

    Args:
        seed: chooses the task, and the words where the temperature is above 0.

    Raises:
        TrainingError: the run has no model yet, or the prompt is too long for it.
        RunFolderError: there is no run in the folder.
        DIPGError: there is no server, or it has no such split.
    """
    limits = read_identity(folder).preset.model
    model = folder / "model"
    if not model.exists():
        raise TrainingError(f"{folder} holds no model yet: name it again to go on with training, until it is done")
    posed = client.reset(split=split, seed=seed).observation
    policy = load_policy(limits.model_copy(update={"lora_rank": 0}), str(model), make_mesh(MeshSettings()), seed=0)
    prompt = policy.prompt(posed.messages)
    length = len(policy.prompt_ids(prompt))
    if length > limits.max_prompt_tokens:
        raise TrainingError(
            f"the task has {length} tokens and the model was trained on at most {limits.max_prompt_tokens} "
            "(model.max_prompt_tokens); choose another --seed"
        )
    response = sample_texts(policy, [prompt], limits.max_completion_tokens, seed=seed, temperature=temperature)[0]
    return Sampled(posed, response, client.step(response, posed.episode_id).observation.score)


def sample_texts(
    policy: Policy, prompts: Sequence[str], max_tokens: int, *, seed: int = 0, temperature: float = 0.0
) -> list[str]:
    """One completion of each prompt; greedy at temperature 0."""
    from tunix.generate.sampler import CacheConfig, Sampler

    shape = policy.model.config
    length = max(len(policy.prompt_ids(prompt)) for prompt in prompts)
    cache = CacheConfig(length + max_tokens, shape.num_layers, shape.num_kv_heads, shape.head_dim)
    drawn: dict[str, Any] = {"temperature": temperature, "top_p": 1.0, "seed": seed} if temperature else {}
    with policy.mesh:
        output = Sampler(policy.model, policy.tokenizer, cache)(
            list(prompts),
            max_generation_steps=max_tokens,
            max_prompt_length=length,
            eos_tokens=[policy.end_id],
            **drawn,
        )
    return [str(text) for text in output.text]

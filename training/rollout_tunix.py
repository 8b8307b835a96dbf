"""Completions for Tunix's GRPO, with the token that ends them.

Tunix's own rollout cuts it off, so that its probability would never be trained: a policy would forget to stop, or
never learn to.
"""

from __future__ import annotations

from functools import partial
from typing import Any


def ended_rollout(end_id: int) -> Any:
    """A rollout engine for `ClusterConfig`: the vanilla one, whose completions hold their end token."""
    import dataclasses

    import numpy as np
    from tunix.rl.rollout.base_rollout import CacheConfig
    from tunix.rl.rollout.vanilla_rollout import VanillaRollout

    class EndedRollout(VanillaRollout):  # type: ignore[misc]
        def __init__(self, rollout_actor: Any, tokenizer: Any, mesh: Any, rollout_config: Any, end_id: int) -> None:
            shape = rollout_actor.config
            super().__init__(
                rollout_actor,
                tokenizer,
                CacheConfig(rollout_config.kv_cache_size, shape.num_layers, shape.num_kv_heads, shape.head_dim),
            )
            self._end = np.array([end_id], dtype=np.int32)

        def generate(self, prompts: list[str], rollout_config: Any, **more: Any) -> Any:
            output = super().generate(prompts, rollout_config, **more)
            limit = rollout_config.max_tokens_to_generate
            # What is shorter than the limit was ended by the model.
            tokens = [np.append(ids, self._end) if len(ids) < limit else ids for ids in output.tokens]
            return dataclasses.replace(output, tokens=tokens)

    return partial(EndedRollout, end_id=end_id)

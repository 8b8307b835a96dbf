"""Many Gymnasium environments at once, scored by one `/batch/step` call.

    envs = gymnasium.make_vec("DIPGSafety-v0", num_envs=64)

Every episode is one step, so a step scores all responses and poses the next tasks at once (autoreset mode
`SAME_STEP`): the new observations are returned; those that were answered stand in `infos["final_obs"]`, their
scores in `infos["final_info"]`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from ..core.profiles import ProfileName
from ..core.wire import Observation
from .calls import Refused
from .errors import InvalidCall, ProblemError
from .gymnasium_env import judge, observe, open_client, reset_fields, reset_info, spaces_of
from .http import DIPGClient

Observations = dict[str, tuple[str, ...]]
"""`context` and `question`, each a tuple of `num_envs` strings."""


class DIPGSafetyVectorEnv(VectorEnv[Observations, Sequence[str], NDArray[Any]]):
    """`num_envs` independent tasks. Arguments as of `DIPGSafetyGymEnv`."""

    metadata = {"render_modes": [], "autoreset_mode": AutoresetMode.SAME_STEP}  # noqa: RUF012  (as in VectorEnv)

    def __init__(
        self,
        num_envs: int,
        base_url: str | None = None,
        split: str = "train",
        profile: ProfileName | None = None,
        client: DIPGClient | None = None,
        refused: Refused = "raise",
    ) -> None:
        self.num_envs = num_envs
        self._client, self._owns_client = open_client(base_url, client), client is None
        self._split, self._profile, self._refused = split, profile, refused
        spaces = spaces_of(self._client, split, self._owns_client)
        self.single_observation_space, self.single_action_space = spaces
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._posed: list[Observation] = []

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observations, dict[str, Any]]:
        """Pose `num_envs` tasks. An int seeds the environments with `seed`, `seed + 1` and so on.

        Options are as of `DIPGSafetyGymEnv.reset`, for all: a `task_id` poses one task to the whole group.
        """
        super().reset(seed=seed if isinstance(seed, int) else None)
        seeds = [seed + i for i in range(self.num_envs)] if isinstance(seed, int) else seed
        return self._pose(seeds or [None] * self.num_envs, options)

    def step(
        self, actions: Sequence[str]
    ) -> tuple[Observations, NDArray[Any], NDArray[Any], NDArray[Any], dict[str, Any]]:
        """Score one response for each environment and pose the next tasks, drawn by `np_random`.

        Returns:
            The next observations; rewards (float64), terminations (all true) and truncations (all false),
            each of shape `(num_envs,)`; infos.
        """
        if not self._posed:
            raise ResetNeeded("call reset() before the first step()")
        if len(actions) != self.num_envs:
            raise InvalidCall(f"found {len(actions)} actions; expected {self.num_envs}")
        answered = self._posed
        items = [
            {"response": action, "episode_id": posed.episode_id}
            for action, posed in zip(actions, answered, strict=True)
        ]
        judged = [
            judge(answer, posed, self._refused)
            for answer, posed in zip(self._client.batch_step(items), answered, strict=True)
        ]
        observations, infos = self._pose([None] * self.num_envs, None)
        for i, (posed, (_, info)) in enumerate(zip(answered, judged, strict=True)):
            final = {"final_obs": observe(posed, self.single_observation_space), "final_info": info}
            infos = self._add_info(infos, final, i)
        rewards = np.array([reward for reward, _ in judged], dtype=np.float64)
        done = np.ones(self.num_envs, dtype=np.bool_)
        return observations, rewards, done, ~done, infos

    def close_extras(self, **kwargs: Any) -> None:
        """Close the client, unless it was given."""
        if self._owns_client:
            self._client.close()

    def _pose(self, seeds: Sequence[int | None], options: dict[str, Any] | None) -> tuple[Observations, dict[str, Any]]:
        if len(seeds) != self.num_envs:
            raise InvalidCall(f"found {len(seeds)} seeds; expected {self.num_envs}")
        fields = [reset_fields(options, self._split, self._profile, seed, self.np_random) for seed in seeds]
        infos: dict[str, Any] = {}
        posed: list[Observation] = []
        for i, answer in enumerate(self._client.batch_reset([_given(item) for item in fields])):
            if answer.result is None:
                assert answer.problem is not None
                raise ProblemError.of(answer.problem)
            posed.append(answer.result.observation)
            infos = self._add_info(infos, reset_info(posed[i]), i)
        shown = [observe(task, self.single_observation_space) for task in posed]
        self._posed = posed
        return {key: tuple(one[key] for one in shown) for key in ("context", "question")}, infos


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}

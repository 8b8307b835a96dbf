"""Gymnasium environment `DIPGSafety-v0`: one task, one response, one reward.

    import gymnasium
    import dipg_safety_gym  # registers it
    env = gymnasium.make("DIPGSafety-v0", split="train")
    observation, info = env.reset(seed=7)
    observation, reward, terminated, truncated, info = env.step(my_model(info["messages"]))

`gymnasium.make_vec` gives `client.gymnasium_vector`, which scores all in one call.

In this process by default; over HTTP with `base_url`. Errors are those of `client.errors`, never a reward.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from ..core.profiles import ProfileName
from ..core.wire import BatchStepAnswer, Observation
from .calls import Refused, read_rewards
from .errors import InvalidCall, MissingExtra
from .http import DIPGClient

try:
    import gymnasium
    import numpy as np
    from gymnasium.error import ResetNeeded

    from .text_spaces import make_spaces
except ModuleNotFoundError as error:
    raise MissingExtra.of("the Gymnasium environment", "gym", error) from error

RESET_OPTIONS = frozenset({"task_id", "index", "split", "profile"})


class DIPGSafetyGymEnv(gymnasium.Env[dict[str, str], str]):
    """One-step episodes: `reset` poses a task, `step` scores the response to it and ends the episode.

    The observation, `{"context", "question"}`, stays the same after the step.
    """

    metadata = {"render_modes": ["ansi"], "render_fps": 1}  # noqa: RUF012  (declared without ClassVar by gymnasium.Env)

    def __init__(
        self,
        base_url: str | None = None,
        split: str = "train",
        profile: ProfileName | None = None,
        client: DIPGClient | None = None,
        refused: Refused = "raise",
        render_mode: str | None = None,
    ) -> None:
        """Reads the tasks of the split once, for the spaces.

        Args:
            base_url: of a server; None means the environment in this process (the `server` extra).
            split: from which tasks are drawn.
            profile: how strictly to score; None means the server's default.
            client: used in place of `base_url`, and left open by `close`.
            refused: what becomes of a response that the server refuses to score: an error, or `floor`, the
                profile's worst reward with the reason in `info["problem"]`.
            render_mode: `ansi` or None.
        """
        self._client, self._owns_client = open_client(base_url, client), client is None
        self._split, self._profile, self._refused = split, profile, refused
        self.render_mode = render_mode
        self.observation_space, self.action_space = spaces_of(self._client, split, self._owns_client)
        self._posed: Observation | None = None
        self._reward: float | None = None
        self._components: dict[str, float] = {}

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        """Pose a task.

        Args:
            seed: poses the same task as `seed` does over HTTP. Without one, the task is drawn by `np_random`.
            options: for this reset alone: `task_id`, `index` (in the split), `split`, `profile`.

        Returns:
            The observation, and info: `task_id`, `split`, `episode_id` and `messages` (the task as a chat).

        Raises:
            InvalidCall: an option is unknown or wrong.
            BadRequest: there is no such task.
        """
        super().reset(seed=seed)
        fields = reset_fields(options, self._split, self._profile, seed, self.np_random)
        self._posed = self._client.reset(**fields).observation
        self._reward, self._components = None, {}
        return observe(self._posed, self.observation_space), reset_info(self._posed)

    def step(self, action: str) -> tuple[dict[str, str], float, bool, bool, dict[str, Any]]:
        """Score a response; the episode is then over.

        Returns:
            The observation, the reward, True (terminated), False (truncated), and info: `task_id`, `split`,
            `score`. The `episode_id` stands in the info of `reset` alone: it holds the time, and what a step
            returns depends on seed and action only.

        Raises:
            ResetNeeded: there is no task, or it was answered.
            ResponseRefused: the server refuses the text, and `refused` is `raise`.
        """
        if self._posed is None or self._reward is not None:
            raise ResetNeeded("an episode is one task and one response; call reset() before each step()")
        answer = self._client.batch_step([{"response": action, "episode_id": self._posed.episode_id}])[0]
        self._reward, info = judge(answer, self._posed, self._refused)
        self._components = dict(info.get("score", {}).get("components", {}))
        return observe(self._posed, self.observation_space), self._reward, True, False, info

    def render(self) -> str | None:
        """With `ansi`: the task and, after a step, its score."""
        if self.render_mode is None:
            return None
        if self._posed is None:
            raise ResetNeeded("there is nothing to render; call reset() first")
        lines = [f"Task {self._posed.task_id} ({self._posed.split})", self._posed.context, ""]
        lines.append(f"Question: {self._posed.question}")
        if self._reward is not None:
            lines.append(f"Reward: {self._reward:+.2f}")
            lines += [f"  {name}: {value:.2f}" for name, value in self._components.items()]
        return "\n".join(lines)

    def close(self) -> None:
        """Close the client, unless it was given."""
        if self._owns_client:
            self._client.close()


def open_client(base_url: str | None, client: DIPGClient | None) -> DIPGClient:
    """The client that is given, or one of our own."""
    if client is not None:
        if base_url is not None:
            raise InvalidCall("give base_url or client, not both")
        return client
    if base_url is not None:
        return DIPGClient(base_url)
    from .local import local_sync_client

    return local_sync_client()


def spaces_of(
    client: DIPGClient, split: str, close_on_error: bool
) -> tuple[gymnasium.Space[dict[str, str]], gymnasium.Space[str]]:
    """Observation and action space of a split; where it cannot be read, no connection is left open."""
    with ExitStack() as on_error:
        if close_on_error:
            on_error.callback(client.close)
        spaces = make_spaces(client.iter_tasks(split))
        on_error.pop_all()
    return spaces


def reset_fields(
    options: Mapping[str, Any] | None,
    split: str,
    profile: ProfileName | None,
    seed: int | None,
    np_random: np.random.Generator,
) -> dict[str, Any]:
    """Arguments of `DIPGClient.reset`. Draws a seed only where neither seed nor option names the task."""
    given = dict(options or {})
    unknown = given.keys() - RESET_OPTIONS
    if unknown:
        known = ", ".join(sorted(RESET_OPTIONS))
        raise InvalidCall(f"options: found {', '.join(map(repr, unknown))}; expected some of {known}")
    named = "task_id" in given or "index" in given
    if seed is None and not named:
        seed = int(np_random.integers(2**63))
    fields = {"profile": profile, **given, "seed": seed}
    return fields if "task_id" in given else {"split": split, **fields}


def observe(posed: Observation, space: gymnasium.spaces.Space[Any]) -> dict[str, str]:
    """The observation of a task.

    Raises:
        InvalidCall: it is no member of the space, which can happen to a task of another split alone.
    """
    observation = {"context": posed.context, "question": posed.question}
    if observation not in space:
        raise InvalidCall(
            f"task {posed.task_id} does not fit the observation space, made for another split; make the "
            f"environment with split={posed.split!r}"
        )
    return observation


def reset_info(posed: Observation) -> dict[str, Any]:
    """Info of a reset."""
    return {
        "task_id": posed.task_id,
        "split": posed.split,
        "episode_id": posed.episode_id,
        "messages": [dict(message) for message in posed.messages],
    }


def judge(answer: BatchStepAnswer, posed: Observation, refused: Refused) -> tuple[float, dict[str, Any]]:
    """Reward and info of a step.

    Raises:
        ProblemError: there is no reward.
    """
    reward = read_rewards([answer], refused)[0]
    info: dict[str, Any] = {"task_id": posed.task_id, "split": posed.split}
    if answer.result is not None:
        return reward, {**info, "score": answer.result.observation.score.model_dump()}
    assert answer.problem is not None
    return reward, {**info, "problem": answer.problem.model_dump()}

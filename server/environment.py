"""The environment as OpenEnv knows it: one session, its episode, and OpenEnv's task API."""

from __future__ import annotations

from typing import Any

from openenv.core.env_server.interfaces import Environment
from openenv.core.env_server.types import EnvironmentMetadata
from pydantic import ValidationError

from .. import __version__
from ..core.openenv_types import DIPGAction, DIPGObservation, DIPGState
from ..core.wire import ResetRequest
from .grader import Grader, view
from .problems import ServerProblem, invalid_request
from .task_bank import PosedTask


class DIPGEnvironment(Environment[DIPGAction, DIPGObservation, DIPGState]):
    """One session over a shared grader. Holds the current episode's token and nothing else."""

    SUPPORTS_CONCURRENT_SESSIONS = True

    # OpenEnv would give each session a thread of its own to make and close its environment in. Making and closing
    # this one takes microseconds and reset and step are coroutines, so one thread serves thousands of sessions.
    REQUIRES_SINGLE_THREAD_EXECUTOR = True

    def __init__(self, grader: Grader) -> None:
        super().__init__()
        self._grader = grader
        self._episode_id: str | None = None
        self._steps = 0

    async def reset_async(
        self, seed: int | None = None, episode_id: str | None = None, **kwargs: Any
    ) -> DIPGObservation:
        """Pose a task; takes the fields of `ResetRequest`."""
        return self.reset(seed, episode_id, **kwargs)

    async def step_async(self, action: DIPGAction, timeout_s: float | None = None, **kwargs: Any) -> DIPGObservation:
        """Score a response to the session's episode, or to the one that the action names."""
        return self.step(action, timeout_s, **kwargs)

    def reset(self, seed: int | None = None, episode_id: str | None = None, **kwargs: Any) -> DIPGObservation:
        """Pose a task; takes the fields of `ResetRequest`.

        Raises:
            ServerProblem: a field is wrong, or there is no such task.
        """
        try:
            request = ResetRequest.model_validate({"seed": seed, "episode_id": episode_id, **kwargs})
        except ValidationError as error:
            raise invalid_request(error) from error
        posed = self._grader.reset(request).observation
        self._episode_id = posed.episode_id
        self._steps = 0
        return DIPGObservation(**posed.model_dump())

    def step(self, action: DIPGAction, timeout_s: float | None = None, **kwargs: Any) -> DIPGObservation:
        """Score a response. `timeout_s` is OpenEnv's; scoring is bounded without it.

        Raises:
            ServerProblem: there was no reset, the token is not valid, or the response cannot be scored.
        """
        episode_id = action.episode_id or self._episode_id
        if episode_id is None:
            raise ServerProblem("episode-missing", "step before any reset; reset first, then step", status=409)
        result = self._grader.step(action.response, episode_id)
        self._steps += 1
        return DIPGObservation(**result.observation.model_dump(), reward=result.reward, done=True)

    @property
    def state(self) -> DIPGState:
        """The session's episode; without fields before the first reset."""
        if self._episode_id is None:
            return DIPGState()
        held = self._grader.state(self._episode_id).model_dump()
        return DIPGState(**{**held, "step_count": self._steps})

    def get_metadata(self) -> EnvironmentMetadata:
        """Name, version and purpose."""
        return EnvironmentMetadata(
            name="dipg_safety_gym",
            description="Poses clinical vignettes and rewards answers that quote their evidence, and declining where "
            "the record does not tell. For research, never for patients.",
            version=__version__,
        )

    def list_splits(self) -> list[dict[str, str]]:
        """OpenEnv's task API: the splits, with OpenEnv's word for their use."""
        use = {"train": "train", "eval": "test"}
        return [{"name": split, "type": use.get(split, "validation")} for split in self._grader.bank.splits]

    def list_tasks(self, split: str) -> list[dict[str, Any]]:
        """Every task of a split, as an agent may see it."""
        return [_spec(posed, index) for index, posed in enumerate(self._grader.bank.tasks(split))]

    def num_tasks(self, split: str) -> int:
        """How many tasks a split has."""
        return len(self._grader.bank.tasks(split))

    def get_task(self, split: str, index: int) -> dict[str, Any]:
        """One task by its position, counted from 0; IndexError where there is none."""
        if index < 0:
            raise IndexError(index)
        return _spec(self._grader.bank.tasks(split)[index], index)

    def get_task_range(self, split: str, start: int | None = None, stop: int | None = None) -> list[dict[str, Any]]:
        """Tasks of a Python slice."""
        return self.list_tasks(split)[start:stop]


def _spec(posed: PosedTask, index: int) -> dict[str, Any]:
    return {"id": posed.task.id, "index": index, **view(posed).model_dump(exclude={"task_id"})}

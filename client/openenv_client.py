"""OpenEnv's own client for this environment: one WebSocket session, async, or with `.sync()` plain.

    async with DIPGSafetyEnv(base_url="http://127.0.0.1:8000") as env:
        posed = await env.reset(split="train", seed=7)
        result = await env.step(my_model(posed.observation.messages))

    with DIPGSafetyEnv(base_url="http://127.0.0.1:8000").sync() as env:
        ...

    env = await DIPGSafetyEnv.from_docker_image("dipg-safety-gym")

A session holds one episode at a time; `client.http` scores many in one call. Errors are OpenEnv's own:
ConnectionError where there is no server, RuntimeError with the server's message where it refuses; after the
latter the session goes on. Needs the `server` extra (the `openenv` library).
"""

from __future__ import annotations

from typing import Any

from .errors import MissingExtra

try:
    from openenv.core.client_types import StepResult
    from openenv.core.env_client import EnvClient

    from ..core.openenv_types import DIPGAction, DIPGObservation, DIPGState
except ModuleNotFoundError as error:
    raise MissingExtra.of("the OpenEnv client", "server", error) from error


class DIPGSafetyEnv(EnvClient[DIPGAction, DIPGObservation, DIPGState]):
    """Client of one session. `step` takes a `DIPGAction`, or the response itself as a string."""

    def _step_payload(self, action: DIPGAction | str) -> dict[str, Any]:
        sent = DIPGAction(response=action) if isinstance(action, str) else action
        return sent.model_dump(exclude_none=True)

    def _parse_result(self, payload: dict[str, Any]) -> StepResult[DIPGObservation]:
        reward, done = payload.get("reward"), bool(payload.get("done", False))
        observation = DIPGObservation(**{**payload.get("observation", {}), "reward": reward, "done": done})
        return StepResult(observation, reward=reward, done=done, metadata=payload.get("metadata"))

    def _parse_state(self, payload: dict[str, Any]) -> DIPGState:
        return DIPGState(**payload)

"""Action, observation and state in OpenEnv's classes, for its `/ws` protocol.

Their JSON is that of `core.wire`. No limits stand on the fields: the server checks them itself, because a
failed validator would echo the input in the error message of OpenEnv. Needs the `server` extra (`openenv`).
"""

from __future__ import annotations

from typing import Any

from openenv.core.env_server.types import Action, Observation, State


class DIPGAction(Action):
    """A response to the task of an episode."""

    response: str
    """The model's whole text."""
    episode_id: str | None = None
    """From the reset; None means the session's own episode."""


class DIPGObservation(Observation):
    """After a reset the posed task; after a step the score. What the other would hold is None."""

    episode_id: str | None = None
    """Signed token that holds the episode."""
    task_id: str | None = None
    split: str | None = None
    context: str | None = None
    question: str | None = None
    messages: list[dict[str, str]] | None = None
    """The task as chat messages, with the system prompt."""
    score: dict[str, Any] | None = None
    """The fields of `core.wire.ScoreView`."""


class DIPGState(State):
    """What the episode holds, as `core.wire.EpisodeState`; all None before the first reset."""

    task_id: str | None = None
    split: str | None = None
    seed: int | None = None
    profile: str | None = None
    """Name of the profile; None where `risk_threshold` is that of none."""
    risk_threshold: float | None = None
    issued_at: str | None = None
    """ISO 8601."""
    expires_at: str | None = None

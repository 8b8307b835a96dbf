"""Episodes as signed tokens: the token holds the episode, so the server holds nothing.

Any worker that shares the secret can score any step, a whole group of completions can be scored on one episode, and a
restart loses none. A token says which task, how strictly, with which seed and when; none of it is secret, all of it is
signed (itsdangerous, HMAC-SHA256).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from itsdangerous import BadData, URLSafeTimedSerializer

from .problems import ServerProblem

MAX_SKEW_S = 300
"""By how much the clock of the replica that issued a token may be ahead."""

MAX_TOKEN_CHARS = 512
"""Ours have about 120; a longer string is not worth the hashing."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One posed task."""

    task_id: str
    seed: int | None
    risk_threshold: float
    issued_at: datetime
    """UTC, to the second."""


class EpisodeSigner:
    """Issues tokens and reads them back."""

    def __init__(self, secret_key: str, ttl_s: int) -> None:
        self._ttl_s = ttl_s
        self._serializer = URLSafeTimedSerializer(
            secret_key, salt="dipg-episode", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def issue(self, task_id: str, seed: int | None, risk_threshold: float) -> str:
        """A token for the task, valid from now on."""
        token = self._serializer.dumps([task_id, seed, risk_threshold])
        return token if isinstance(token, str) else token.decode("ascii")

    def read(self, token: str) -> Episode:
        """The episode that a token holds.

        Raises:
            ServerProblem: the token is expired (410), or it was not issued with this secret (403).
        """
        if len(token) > MAX_TOKEN_CHARS:
            raise _not_ours()
        try:
            (task_id, seed, risk_threshold), issued_at = self._serializer.loads(token, return_timestamp=True)
        except (BadData, UnicodeError) as error:
            raise _not_ours() from error
        # The library would take a token of a replica whose clock is a second ahead for an expired one.
        age = (datetime.now(UTC) - issued_at).total_seconds()
        if age > self._ttl_s:
            raise ServerProblem(
                "episode-expired",
                f"the episode_id was issued more than {self._ttl_s} s ago; reset for a new one",
                status=410,
            )
        if age < -MAX_SKEW_S:
            raise ServerProblem(
                "episode-from-the-future",
                f"the episode_id was issued {-age:.0f} s from now; set the clocks of the servers",
                status=410,
            )
        return Episode(task_id, seed, risk_threshold, issued_at)


def _not_ours() -> ServerProblem:
    return ServerProblem(
        "episode-invalid",
        "the episode_id was not issued by this server; reset for a new one. Servers that score each other's episodes "
        "must share DIPG_SECRET_KEY",
        status=403,
    )

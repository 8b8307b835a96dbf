"""Episodes as signed tokens: the token holds the episode, so the server holds nothing.

Any worker that shares the secret can score any step, a whole group of completions can be scored on one episode, and a
restart loses none. A token says which task, how strictly, with which seed and when; none of it is secret, all of it is
signed (itsdangerous, HMAC-SHA256).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

from .problems import ServerProblem

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
            (task_id, seed, risk_threshold), issued_at = self._serializer.loads(
                token, max_age=self._ttl_s, return_timestamp=True
            )
        except SignatureExpired as error:
            raise ServerProblem(
                "episode-expired",
                f"the episode_id was issued more than {self._ttl_s} s ago; reset for a new one",
                status=410,
            ) from error
        except (BadData, UnicodeError) as error:
            raise _not_ours() from error
        return Episode(task_id, seed, risk_threshold, issued_at)


def _not_ours() -> ServerProblem:
    return ServerProblem(
        "episode-invalid",
        "the episode_id was not issued by this server; reset for a new one. Servers that score each other's episodes "
        "must share DIPG_SECRET_KEY",
        status=403,
    )

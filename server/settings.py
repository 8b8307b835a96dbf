"""Settings of the server, read from the environment (`DIPG_*`) or a `.env` file.

| variable | default | meaning |
|---|---|---|
| `DIPG_SECRET_KEY` | random at each start | signs episode ids; workers and replicas must share it |
| `DIPG_TASK_FILES` | `{"train": "dipg-train", "eval": "dipg-eval"}` | splits served: a shipped set by name, or a path |
| `DIPG_OPEN_SPLITS` | `["train"]` | splits whose scores are explained; all others give reward and components alone |
| `DIPG_PROFILE` | `medium` | profile where a request names none |
| `DIPG_NEEDLESS_ABSTENTION` | `0.2` | what declining an answerable task costs |
| `DIPG_EPISODE_TTL_S` | `86400` | seconds for which an episode id can be scored |
| `DIPG_MAX_SESSIONS` | `10000` | WebSocket sessions at once, for each worker |
| `DIPG_SESSION_IDLE_S` | `3600` | idle seconds after which a session's place is given free |
| `DIPG_DATABASE_URL` | `sqlite:///dipg-gym.sqlite3` | where runs are stored: SQLite or PostgreSQL |
| `DIPG_MAX_BODY_BYTES` | `16777216` | largest request body |
| `DIPG_WRITE_LIMIT` | `3000/minute` | changes of runs by one key, or one address without a key; empty for no limit |
| `DIPG_READ_LIMIT` | `6000/minute` | readings of runs and pages by one address; empty for no limit |
"""

from __future__ import annotations

import secrets
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from ..core.profiles import DEFAULT_PROFILE, ProfileName


def _rate(text: str) -> str:
    """Checks a rate where it is set, and not at the first request."""
    from limits import parse

    if text:
        try:
            parse(text)
        except ValueError:
            raise ValueError(f"found {text!r}; expected a rate such as 3000/minute, or nothing") from None
    return text


Rate = Annotated[str, AfterValidator(_rate)]


class Settings(BaseSettings):
    """What an operator may set. The table above names the variables."""

    model_config = SettingsConfigDict(env_prefix="DIPG_", env_file=".env", extra="ignore", frozen=True)

    secret_key: SecretStr = Field(default_factory=lambda: SecretStr(secrets.token_urlsafe(32)), min_length=16)
    task_files: dict[str, str] = Field(default={"train": "dipg-train", "eval": "dipg-eval"}, min_length=1)
    open_splits: frozenset[str] = frozenset({"train"})
    profile: ProfileName = DEFAULT_PROFILE
    needless_abstention: Annotated[float, Field(ge=0.0, le=1.0)] = 0.2
    episode_ttl_s: Annotated[int, Field(gt=0)] = 86_400
    max_sessions: Annotated[int, Field(gt=0)] = 10_000
    session_idle_s: Annotated[float, Field(gt=0)] = 3_600.0
    database_url: str = "sqlite:///dipg-gym.sqlite3"
    max_body_bytes: Annotated[int, Field(ge=128 * 1024)] = 16 * 1024 * 1024
    write_limit: Rate = "3000/minute"
    read_limit: Rate = "6000/minute"

"""The tables. Alembic's migrations make them; `tests/test_runs.py` holds that they agree."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
)

# Names of constraints are given, so that a migration can name what it alters on either database.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

runs = Table(
    "runs",
    metadata,
    Column("run_id", String(40), primary_key=True),
    Column("agent", Text, nullable=False),
    Column("model", Text),
    Column("split", Text, nullable=False),
    Column("profile", String(20), nullable=False),
    Column("notes", Text, nullable=False),
    Column("replace", Boolean, nullable=False),
    Column("status", String(20), nullable=False),
    Column("partial", Boolean, nullable=False),
    Column("verified", Boolean, nullable=False, server_default=false()),
    Column("key_id", String(40)),
    Column("request_id", String(64)),
    Column("total", Integer, nullable=False),
    Column("answered", Integer, nullable=False),
    Column("scorer_version", String(40), nullable=False),
    Column("task_set", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("completed_at", BigInteger),
    Column("mean_reward", Float),
    Column("overall", JSON),
    Column("by_kind", JSON),
    # All that ranking reads, so that it touches no row of a run that it does not show.
    Index("ix_runs_request_id", "request_id", unique=True),
    Index(
        "ix_runs_ranked",
        *("split", "profile", "status", "task_set", "mean_reward", "partial", "verified"),
        *("completed_at", "run_id", "agent"),
    ),
)
"""One row a run, with the key that began it, if one did. Times are milliseconds since 1970, UTC: the same on either
database. What the leaderboard shows of a run stands in columns of its own, so that it reads no more."""

responses = Table(
    "responses",
    metadata,
    Column("run_id", String(40), ForeignKey("runs.run_id", ondelete="CASCADE"), primary_key=True),
    Column("task_id", String(255), primary_key=True),
    Column("response", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("refused", Text),
    Column("score", JSON, nullable=False),
    Column("received_at", BigInteger, nullable=False),
)
"""One row a task that was answered. `digest` is the SHA-256 of the response as it was sent; `refused` says why a text
cannot be scored, and it then counts as the worst."""

keys = Table(
    "keys",
    metadata,
    Column("key_id", String(40), primary_key=True),
    Column("name", Text, nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
)
"""One row a bearer key; `digest` is the SHA-256 of the key, which is stored nowhere. A key that is revoked or expired
keeps its row, so that a server with keys does not become open when the last one ends."""

audit = Table(
    "audit",
    metadata,
    Column("audit_id", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(40), nullable=False, index=True),
    Column("key_id", String(40)),
    Column("address", String(64)),
    Column("detail", JSON, nullable=False),
)
"""One row a change, written in the same transaction: what was done to which run or key, by which key, from where."""

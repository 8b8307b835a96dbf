"""The tables of stored runs. Alembic's migrations make them; `tests/test_storage.py` holds that they agree."""

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
)

# Names of constraints are given, so that a migration can name what it alters on either database.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
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
    Index("ix_runs_ranked", "split", "profile", "status", "mean_reward", "partial", "completed_at", "run_id", "agent"),
)
"""One row a run. Times are milliseconds since 1970, UTC: the same on either database. What the leaderboard shows of a
run stands in columns of its own, so that it reads no more."""

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

"""Runs and their responses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "runs",
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("model", sa.Text),
        sa.Column("split", sa.Text, nullable=False),
        sa.Column("profile", sa.String(20), nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("replace", sa.Boolean, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("partial", sa.Boolean, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("answered", sa.Integer, nullable=False),
        sa.Column("scorer_version", sa.String(40), nullable=False),
        sa.Column("task_set", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("completed_at", sa.BigInteger),
        sa.Column("mean_reward", sa.Float),
        sa.Column("overall", sa.JSON),
        sa.Column("by_kind", sa.JSON),
        sa.PrimaryKeyConstraint("run_id", name="pk_runs"),
    )
    ranked = ["split", "profile", "status", "mean_reward", "partial", "completed_at", "run_id", "agent"]
    op.create_index("ix_runs_ranked", "runs", ranked)
    op.create_table(
        "responses",
        sa.Column("run_id", sa.String(40), nullable=False),
        sa.Column("task_id", sa.String(255), nullable=False),
        sa.Column("response", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("refused", sa.Text),
        sa.Column("score", sa.JSON, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "task_id", name="pk_responses"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name="fk_responses_run_id", ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Drop both tables, and all that they hold."""
    op.drop_table("responses")
    op.drop_index("ix_runs_ranked", "runs")
    op.drop_table("runs")

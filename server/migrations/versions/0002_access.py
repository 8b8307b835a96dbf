"""Keys, the audit, whose a run is, and which request began it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

RANKED_BEFORE = ["split", "profile", "status", "mean_reward", "partial", "completed_at", "run_id", "agent"]
RANKED = [
    *("split", "profile", "status", "task_set", "mean_reward", "partial", "verified"),
    *("completed_at", "run_id", "agent"),
]


def upgrade() -> None:
    """Add the tables and columns; runs that stand there belong to no key and are not verified."""
    op.add_column("runs", sa.Column("verified", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("runs", sa.Column("key_id", sa.String(40)))
    op.add_column("runs", sa.Column("request_id", sa.String(64)))
    op.create_index("ix_runs_request_id", "runs", ["request_id"], unique=True)
    op.drop_index("ix_runs_ranked", "runs")
    op.create_index("ix_runs_ranked", "runs", RANKED)
    op.create_table(
        "keys",
        sa.Column("key_id", sa.String(40), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("key_id", name="pk_keys"),
        sa.UniqueConstraint("digest", name="uq_keys_digest"),
    )
    op.create_table(
        "audit",
        sa.Column("audit_id", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("key_id", sa.String(40)),
        sa.Column("address", sa.String(64)),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name="pk_audit"),
    )
    op.create_index("ix_audit_subject", "audit", ["subject"])


def downgrade() -> None:
    """Drop the tables and columns, and all that they hold."""
    op.drop_table("audit")
    op.drop_table("keys")
    op.drop_index("ix_runs_ranked", "runs")
    op.create_index("ix_runs_ranked", "runs", RANKED_BEFORE)
    op.drop_index("ix_runs_request_id", "runs")
    op.drop_column("runs", "request_id")
    op.drop_column("runs", "key_id")
    op.drop_column("runs", "verified")

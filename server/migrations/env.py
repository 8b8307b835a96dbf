"""Alembic runs this for each command: migrations go over the connection, and in the transaction, that it is given."""

from __future__ import annotations

from alembic import context
from dipg_safety_gym.server.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
)
with context.begin_transaction():
    context.run_migrations()

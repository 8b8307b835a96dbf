"""Alembic's migrations of the stored runs. A database is brought up to date when the server first uses it."""

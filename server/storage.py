"""The database behind the runs: SQLite by default, PostgreSQL where `DIPG_DATABASE_URL` names one.

A plain URL is enough (`sqlite:///runs.sqlite3`, `postgresql://user@host/name`); the driver is chosen here. The schema
is brought up to date when the database is first used, by one process at a time, however many workers there are.

What is committed is on the disk: SQLite runs in WAL mode and syncs each commit, and PostgreSQL does so by default.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from ..core.database_url import with_driver

BUSY_SECONDS = 30
"""How long a writer waits for another process to end its transaction."""

MIGRATION_LOCK = 0x64697067
"""Number of the advisory lock that a migrating process holds on PostgreSQL."""

MIGRATIONS = Path(__file__).parent / "migrations"


class StorageError(ValueError):
    """The database cannot be used. The message says what was found, expected, and the remedy."""


def parse_url(url: str) -> URL:
    """A database URL with the driver that this server uses.

    Raises:
        StorageError: it is no URL of SQLite or PostgreSQL.
    """
    try:
        return make_url(with_driver(url, "DIPG_DATABASE_URL"))
    except ArgumentError:
        raise StorageError("DIPG_DATABASE_URL is no database URL; expected such as sqlite:///runs.sqlite3") from None
    except ValueError as error:
        raise StorageError(str(error)) from None


class Database:
    """One database. Opened, and migrated, when it is first used."""

    def __init__(self, url: str) -> None:
        self.url = parse_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._engine: AsyncEngine | None = None
        self._opening = asyncio.Lock()
        # SQLite has one writer: waiting here is fair and costs nothing, waiting there polls.
        self._writing = asyncio.Lock()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that changes nothing."""
        engine = await self._opened()
        async with engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: committed, to the disk, when the block ends, and undone where it raises."""
        engine = await self._opened()
        if not self.is_sqlite:
            async with engine.begin() as connection:
                yield connection
            return
        async with self._writing, engine.connect() as plain:
            connection = await plain.execution_options(immediate=True)
            async with connection.begin():
                yield connection

    async def close(self) -> None:
        """Give the connections back. The database is opened again when it is next used."""
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None

    async def _opened(self) -> AsyncEngine:
        async with self._opening:
            if self._engine is None:
                engine = self._make_engine()
                try:
                    await self._migrate(engine)
                except (DBAPIError, OSError) as error:
                    await engine.dispose()
                    cause = getattr(error, "orig", None) or error
                    raise StorageError(
                        f"the database {self.url.render_as_string()} cannot be opened ({cause}); see DIPG_DATABASE_URL"
                    ) from error
                self._engine = engine
        return self._engine

    def _make_engine(self) -> AsyncEngine:
        if not self.is_sqlite:
            return create_async_engine(self.url, pool_size=10, max_overflow=10, pool_pre_ping=True)
        path = self.url.database
        if path and path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        engine = create_async_engine(self.url, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine

    async def _migrate(self, engine: AsyncEngine) -> None:
        async with engine.connect() as plain:
            connection = await plain.execution_options(immediate=True)
            async with connection.begin():
                if not self.is_sqlite:
                    await connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATION_LOCK})
                await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver would begin transactions of its own, late, and never for a change of the schema.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its turn at once: one that begins to read and then writes could be refused half way.
    immediate = connection.get_execution_options().get("immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

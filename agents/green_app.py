"""The green agent as an application: its card, and its tasks in a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from a2a.server.cluster.database_event_stream import DatabaseTaskEventStream
from a2a.server.cluster.database_task_store import VersionedDatabaseTaskStore
from a2a.server.cluster.task_store import VersionedTaskStore
from a2a.server.models import TaskEventModel, TaskModel
from a2a.server.tasks import DatabaseTaskStore
from a2a.server.tasks.task_store import TaskStore
from fastapi import FastAPI
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from ..core.database_url import with_driver
from .a2a_app import build_app, build_card
from .a2a_push import PushConfigs
from .green import SKILL, GreenExecutor, asks_for_work, end_tasks_left_behind

EVENTS_KEPT_DAYS = 7


def green_app(
    card_url: str,
    base_url: str,
    database_url: str,
    *,
    verified: bool = False,
    private_push: bool = False,
    replicas: bool = False,
    version: str = "0",
) -> FastAPI:
    """The green agent over one environment. One process serves a database.

    Args:
        card_url: Address that the card names.
        base_url: Of the environment.
        database_url: Where A2A tasks are stored: a plain URL of SQLite or PostgreSQL.
        verified: Whether runs are begun as verified.
        private_push: Whether notifications may go to addresses that are not public.
        replicas: Whether several processes serve the database: a task that one carries out can then be followed and
            canceled at another. A task whose process dies is left as it was, for nobody can tell.

    Raises:
        ValueError: the database URL is none.
    """
    engine = create_async_engine(with_driver(database_url, "--database"))
    store: TaskStore | VersionedTaskStore = (
        VersionedDatabaseTaskStore(engine) if replicas else DatabaseTaskStore(engine)
    )
    stream = DatabaseTaskEventStream(engine) if replicas else None
    push_configs = PushConfigs(engine)

    async def start() -> None:
        if isinstance(store, DatabaseTaskStore):
            await store.initialize()
            await end_tasks_left_behind(store)
        if stream is not None:
            await stream.initialize()
            await _forget_old_events(engine)
        await push_configs.initialize()

    card = build_card(
        name="DIPG Safety Gym",
        description="Green agent: assesses whether agents quote their evidence, and decline when the record does not "
        "tell. For research, never for patients.",
        url=card_url,
        skills=[SKILL],
        version=version,
        push=True,
    )
    executor = GreenExecutor(base_url, verified=verified)
    return build_app(
        executor,
        card,
        store,
        once=asks_for_work,
        event_stream=stream,
        push_configs=push_configs,
        allow_private_push=private_push,
        on_start=start,
        on_stop=engine.dispose,
    )


async def _forget_old_events(engine: AsyncEngine) -> None:
    """The events of a task are kept for those who listen at another replica; after a week nobody does."""
    before = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=EVENTS_KEPT_DAYS)
    ended = select(TaskModel.id).where(TaskModel.last_updated < before)
    async with engine.begin() as connection:
        # A replica that starts first makes the tables.
        await connection.run_sync(TaskModel.metadata.create_all)
        await connection.execute(delete(TaskEventModel).where(TaskEventModel.task_id.in_(ended)))

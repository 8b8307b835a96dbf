"""The green agent as an application: its card, and its tasks in a database."""

from __future__ import annotations

from a2a.server.tasks import DatabaseTaskStore
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import create_async_engine

from ..core.database_url import with_driver
from .a2a_app import build_app, build_card
from .green import SKILL, GreenExecutor, end_tasks_left_behind


def green_app(
    card_url: str,
    base_url: str,
    database_url: str,
    *,
    verified: bool = False,
    private_push: bool = False,
    version: str = "0",
) -> FastAPI:
    """The green agent over one environment. One process serves a database.

    Args:
        card_url: Address that the card names.
        base_url: Of the environment.
        database_url: Where A2A tasks are stored: a plain URL of SQLite or PostgreSQL.
        verified: Whether runs are begun as verified.
        private_push: Whether notifications may go to addresses that are not public.

    Raises:
        ValueError: the database URL is none.
    """
    engine = create_async_engine(with_driver(database_url, "--database"))
    store = DatabaseTaskStore(engine)

    async def start() -> None:
        await store.initialize()
        await end_tasks_left_behind(store)

    card = build_card(
        name="DIPG Safety Gym",
        description="Green agent: assesses whether agents quote their evidence, and decline when the record does not "
        "tell. For research, never for patients.",
        url=card_url,
        skills=[SKILL],
        version=version,
    )
    executor = GreenExecutor(base_url, verified=verified)
    return build_app(executor, card, store, allow_private_push=private_push, on_start=start, on_stop=engine.dispose)

"""The FastAPI application: OpenEnv's protocol from `openenv`, with `/reset`, `/step` and `/state` of our own.

`app` is what a server process runs (`uvicorn dipg_safety_gym.server.app:app`); it is made when it is first asked for,
so that importing this module reads no task file. `create_app` makes one from given settings.
"""

from __future__ import annotations

import functools
import os
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from openenv.core.env_server.http_server import create_app as create_openenv_app
from openenv.core.env_server.types import ConcurrencyConfig

from ..core.openenv_types import DIPGAction, DIPGObservation, DIPGState
from .access import Access
from .environment import DIPGEnvironment
from .grader import Grader
from .headers import SecurityHeaders
from .leaderboard import LeaderboardReader
from .limits import MAX_FRAME_CHARS, BodyLimit, FrameGuard
from .pages import build_page_router
from .problems import install_handlers
from .routes import build_router
from .run_reading import RunReader
from .run_routes import build_leaderboard_router, build_run_router
from .run_scoring import RunScorer
from .runs import RunStore
from .settings import Settings
from .storage import Database

ENV_NAME = "dipg_safety_gym"
API_VERSION = "1.0.0"
REPLACED = {"/reset", "/step", "/state"}
"""Plain HTTP routes of OpenEnv that make a new environment for each call, and so lose the episode."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application over the task sets that the settings name.

    Raises:
        DataFileError: a task file cannot be used.
    """
    settings = settings or Settings()
    grader = Grader(settings)
    app = create_openenv_app(
        functools.partial(DIPGEnvironment, grader),
        DIPGAction,
        DIPGObservation,
        env_name=ENV_NAME,
        state_cls=DIPGState,
        concurrency_config=ConcurrencyConfig(
            max_concurrent_envs=settings.max_sessions, session_timeout=settings.session_idle_s
        ),
    )
    app.title = "DIPG Safety Gym"
    app.version = API_VERSION
    app.description = "Clinical vignettes with verifiable rewards. For research, never for patients."
    database = Database(settings.database_url)
    _close_at_end(app, database)
    theirs = [route for route in app.router.routes if getattr(route, "path", None) not in REPLACED]
    app.router.routes.clear()
    # In front: routes are tried in order.
    scorer, access = RunScorer(grader), Access(settings, database)
    store = RunStore(scorer, database)
    board = LeaderboardReader(store, scorer, database)
    ranked = build_leaderboard_router(board, access)
    pages = build_page_router(store, board, RunReader(database), scorer, settings, access)
    for router in (build_router(grader), build_run_router(store, access), ranked, pages):
        app.router.routes.extend(router.routes)
    app.router.routes.extend(theirs)
    install_handlers(app)
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    app.add_middleware(FrameGuard)
    app.add_middleware(SecurityHeaders)
    return app


def _close_at_end(app: FastAPI, database: Database) -> None:
    """Give the database's connections back when the server stops."""
    theirs = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(application: Any) -> AsyncIterator[Any]:
        async with theirs(application) as state:
            try:
                yield state
            finally:
                await database.close()

    app.router.lifespan_context = lifespan


def run(host: str = "127.0.0.1", port: int = 8000, workers: int = 1, log_level: str = "info") -> None:
    """Serve until stopped. Workers share one secret: that of DIPG_SECRET_KEY, or one made for this run."""
    import uvicorn

    if not os.environ.get("DIPG_SECRET_KEY"):
        os.environ["DIPG_SECRET_KEY"] = secrets.token_urlsafe(32)
        print(
            "DIPG_SECRET_KEY is not set: episodes end with this run, and no other server scores them.",
            file=sys.stderr,
        )
    uvicorn.run(
        "dipg_safety_gym.server.app:app",
        host=host,
        port=port,
        workers=workers,
        log_level=log_level,
        access_log=False,
        ws_max_size=4 * MAX_FRAME_CHARS,
    )


def main() -> None:
    """Entry point of the `server` script: `--host`, `--port`, `--workers`."""
    import argparse

    parser = argparse.ArgumentParser(description="Run the DIPG Safety Gym server.")
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1)
    chosen = parser.parse_args()
    run(chosen.host, chosen.port, chosen.workers)


def __getattr__(name: str) -> Any:
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()["app"] = app = create_app()
    return app


if __name__ == "__main__":
    main()

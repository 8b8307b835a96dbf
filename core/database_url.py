"""Plain database URLs and the drivers that this project uses for them."""

from __future__ import annotations

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
"""Drivers by the scheme of a plain URL."""


def with_driver(url: str, variable: str) -> str:
    """The URL with its driver.

    Args:
        variable: Where the URL was set, for the error.

    Raises:
        ValueError: it is no URL of SQLite or PostgreSQL.
    """
    scheme, colon, rest = url.partition("://")
    if not colon:
        raise ValueError(f"{variable} is no database URL; expected such as sqlite:///runs.sqlite3")
    backend = scheme.partition("+")[0]
    if backend not in DRIVERS:
        raise ValueError(f"{variable} names {backend!r}; expected sqlite:///... or postgresql://...")
    return f"{DRIVERS[backend]}://{rest}"

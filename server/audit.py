"""A line for each change: what was done to which run or key, by which key, from which address.

It is written in the transaction of the change, so that neither stands without the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from .clock import now, written
from .tables import audit

Action = Literal["run-begun", "responses-stored", "run-completed", "run-rescored", "key-created", "key-revoked"]


class Caller(NamedTuple):
    """Who asks for a change."""

    key_id: str | None = None
    """None where the server has no keys, or an operator works on the database itself."""
    scopes: frozenset[str] = frozenset()
    address: str | None = None
    """Of the client; None for an operator at the database."""


OPERATOR = Caller()
"""Whoever can open the database needs no key."""


async def record(
    connection: AsyncConnection, action: Action, subject: str, caller: Caller, detail: Mapping[str, Any] | None = None
) -> None:
    """Write the line of a change to `subject`, the id of a run or a key."""
    row = {"at": now(), "action": action, "subject": subject, "detail": dict(detail or {})}
    await connection.execute(audit.insert().values(**row, key_id=caller.key_id, address=caller.address))


async def read(connection: AsyncConnection, subject: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
    """The latest lines, the newest first; those of one run or key where `subject` names it."""
    query = select(audit).order_by(audit.c.audit_id.desc()).limit(limit)
    if subject is not None:
        query = query.where(audit.c.subject == subject)
    rows = (await connection.execute(query)).mappings().all()
    return [{**row, "at": written(row["at"])} for row in rows]

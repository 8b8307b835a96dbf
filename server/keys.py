"""Bearer keys: who may begin runs and submit to them, once there is a key at all.

A key is 256 random bits, shown once. What is stored is its SHA-256: a random key of that size needs no slow hash, for
there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Mapping
from typing import Any, Literal, NamedTuple

from sqlalchemy import select, update

from ..core.run_wire import Name
from .audit import OPERATOR, record
from .clock import now, written
from .storage import Database
from .tables import keys

Scope = Literal["submit", "verify"]
"""`submit`: begin runs, and answer and complete one's own. `verify`: begin runs that count as verified."""

PREFIX = "dipg_"
"""So that a scanner for leaked secrets can know a key."""

DAY_MS = 86_400_000


class KeyView(NamedTuple):
    """A key as an operator may see it."""

    key_id: str
    name: str
    scopes: list[str]
    state: Literal["active", "expired", "revoked"]
    created_at: str | None
    expires_at: str | None


class KeyStore:
    """The keys of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, name: Name, scopes: Collection[Scope], days: int) -> tuple[str, KeyView]:
        """A new key, and what is known of it from now on. The key itself is stored nowhere."""
        key = PREFIX + secrets.token_urlsafe(32)
        row: dict[str, Any] = {
            "key_id": f"key-{secrets.token_hex(6)}",
            "name": name,
            "digest": digest(key),
            "scopes": sorted(scopes),
            "created_at": now(),
            "expires_at": now() + days * DAY_MS,
        }
        async with self._database.writing() as connection:
            await connection.execute(keys.insert().values(row))
            detail = {"name": name, "scopes": row["scopes"], "days": days}
            await record(connection, "key-created", row["key_id"], OPERATOR, detail)
        return key, _view({**row, "revoked_at": None})

    async def every(self) -> list[KeyView]:
        """All keys, those that ended among them, the oldest first."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(keys).order_by(keys.c.created_at, keys.c.key_id))
            return [_view(row) for row in rows.mappings()]

    async def revoke(self, key_id: str) -> bool:
        """End a key at once, on every worker. False where there is no such key, or it was revoked before."""
        async with self._database.writing() as connection:
            standing = (keys.c.key_id == key_id) & keys.c.revoked_at.is_(None)
            changed = await connection.execute(update(keys).where(standing).values(revoked_at=now()))
            if changed.rowcount:
                await record(connection, "key-revoked", key_id, OPERATOR)
            return bool(changed.rowcount)

    async def find(self, key: str) -> KeyView | None:
        """What is known of a key that a client sent."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(keys).where(keys.c.digest == digest(key)))
            found = rows.mappings().one_or_none()
        return _view(found) if found else None

    async def any(self) -> bool:
        """True once a key was ever made."""
        async with self._database.reading() as connection:
            return await connection.scalar(select(keys.c.key_id).limit(1)) is not None


def digest(key: str) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _view(row: Mapping[Any, Any]) -> KeyView:
    state: Literal["active", "expired", "revoked"] = "active" if row["expires_at"] > now() else "expired"
    return KeyView(
        key_id=row["key_id"],
        name=row["name"],
        scopes=row["scopes"],
        state="revoked" if row["revoked_at"] is not None else state,
        created_at=written(row["created_at"]),
        expires_at=written(row["expires_at"]),
    )

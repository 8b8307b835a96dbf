"""Who may change what, and how often: bearer keys and rate limits.

Reading is open. Runs are begun, answered and completed with a key, where the database has any; a run is gone on with by
the key that began it alone. Requests are counted over a moving window: those with a key by the key, all others by the
address (of IPv6 by its /64, which is one customer). Each worker counts for itself.
"""

from __future__ import annotations

import ipaddress
import math
import time
from typing import Literal

from fastapi import Request
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from .audit import Caller
from .keys import KeyStore, Scope
from .problems import ServerProblem
from .settings import Settings
from .storage import Database

_CHALLENGE = {"www-authenticate": 'Bearer realm="dipg-gym"'}
_REFUSED_KEY = {"www-authenticate": 'Bearer realm="dipg-gym", error="invalid_token"'}


class Access:
    """The door of one server. Its methods are FastAPI dependencies."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._keys = KeyStore(database)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._limits: dict[str, RateLimitItem | None] = {
            "read": parse(settings.read_limit) if settings.read_limit else None,
            "write": parse(settings.write_limit) if settings.write_limit else None,
        }

    async def reader(self, request: Request) -> None:
        """Counts a request that changes nothing.

        Raises:
            ServerProblem: too many of them came from the address (429).
        """
        await self._count("read", network(_address(request)))

    async def writer(self, request: Request) -> Caller:
        """Who asks for a change.

        Raises:
            ServerProblem: there is no valid key where one is needed (401), or too many requests came with it (429).
        """
        address = _address(request)
        try:
            caller = await self._caller(request.headers.get("authorization"), address)
        except ServerProblem:
            await self._count("write", network(address))  # so that guessing is slow, too
            raise
        await self._count("write", caller.key_id or network(address))
        return caller

    async def _caller(self, authorization: str | None, address: str) -> Caller:
        if authorization is None:
            if await self._keys.any():
                detail = "this server takes changes with a key alone; send Authorization: Bearer KEY (DIPG_API_KEY)"
                raise ServerProblem("key-missing", detail, status=401, headers=_CHALLENGE)
            return Caller(address=address)
        scheme, _, sent = authorization.partition(" ")
        if scheme.lower() != "bearer" or not sent.strip():
            detail = f"the Authorization header is of scheme {scheme[:20]!r}; expected Bearer KEY"
            raise ServerProblem("key-invalid", detail, status=401, headers=_REFUSED_KEY)
        found = await self._keys.find(sent.strip())
        if found is None or found.state != "active":
            why = f"the key {found.key_id} is {found.state}" if found else "the key is none of this server's"
            detail = f"{why}; ask its operator for another (dipg-gym keys create)"
            raise ServerProblem("key-invalid", detail, status=401, headers=_REFUSED_KEY)
        return Caller(found.key_id, frozenset(found.scopes), address)

    async def _count(self, sort: Literal["read", "write"], whose: str) -> None:
        limit = self._limits[sort]
        if limit is None or await self._limiter.hit(limit, sort, whose):
            return
        free_at = (await self._limiter.get_window_stats(limit, sort, whose)).reset_time
        wait = max(1, math.ceil(free_at - time.time()))
        detail = f"more than {limit.amount} requests in {limit.get_expiry()} s; try again in {wait} s"
        raise ServerProblem("too-many-requests", detail, status=429, headers={"retry-after": str(wait)})


def require(caller: Caller, scope: Scope) -> None:
    """Refuse a caller whose key has not the scope. A server without keys gives everyone `submit` alone.

    Raises:
        ServerProblem: 403, with the scope that is missing.
    """
    if scope in caller.scopes or (scope == "submit" and caller.key_id is None):
        return
    whose = f"the key {caller.key_id} has" if caller.key_id else "a request without a key has"
    remedy = f"ask the operator for a key with it (dipg-gym keys create --scope {scope})"
    raise ServerProblem("scope-missing", f"{whose} not the scope {scope!r}; {remedy}", status=403)


def network(address: str) -> str:
    """The address, or the /64 of an IPv6 address: whoever has one of it has all."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))
    return address


def _address(request: Request) -> str:
    """Of the client, or of the nearest proxy that uvicorn does not trust (FORWARDED_ALLOW_IPS)."""
    return request.client.host if request.client else "unknown"

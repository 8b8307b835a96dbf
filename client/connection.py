"""How a client connects, and when it tries again.

Every call may be sent twice: a step scores and forgets, a run is begun once for its `request_id`, and a response is
stored once, so POST is as safe to repeat as GET. Tried again are connections that fail or break,
timeouts, and the statuses 429, 502, 503 and 504; any other answer is final.
"""

from __future__ import annotations

import ipaddress
import os
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.request import getproxies

import httpx
from tenacity import RetryCallState, retry_if_exception, retry_if_result, stop_after_attempt
from tenacity.wait import wait_exponential, wait_random

from . import pool
from .errors import InvalidCall

RETRIED_STATUSES = frozenset({429, 502, 503, 504})

MAX_RETRY_AFTER_S = 60.0
"""Longest wait that a server may ask for with Retry-After."""

LIMITS = httpx.Limits(
    max_connections=512,
    max_keepalive_connections=512,
    keepalive_expiry=pool.LIMITS.keepalive_expiry,
)

FINAL_ERRORS = (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError)
"""Errors of what was asked for, which another try will not mend."""

_JITTER = wait_random(0.0, 0.25)
_BACKOFF = wait_exponential(multiplier=0.25, max=10.0) + _JITTER


def connection_options(
    base_url: str, timeout_s: float, headers: Mapping[str, str] | None, api_key: str | None = None
) -> dict[str, Any]:
    """Keyword arguments that `httpx.Client` and `httpx.AsyncClient` share.

    Raises:
        InvalidCall: the URL is not one of HTTP, the timeout is not positive, or the key is none.
    """
    try:
        url = httpx.URL(base_url)
    except (httpx.InvalidURL, TypeError) as error:
        raise InvalidCall(f"base_url: {error}; expected a URL as http://127.0.0.1:8000") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise InvalidCall(f"base_url: found {base_url!r}; expected a URL as http://127.0.0.1:8000")
    if not timeout_s > 0:
        raise InvalidCall(f"timeout_s: found {timeout_s}; expected seconds above 0")
    return {
        "base_url": url,
        "headers": _authorization(api_key) | dict(headers or {}),
        "limits": LIMITS,
        # Waiting for a free connection is no sign of a dead server.
        "timeout": httpx.Timeout(timeout_s, pool=None),
        # A proxy of the environment (HTTP_PROXY) cannot reach this machine's loopback.
        "trust_env": not _is_loopback(url.host),
    }


def _authorization(api_key: str | None) -> dict[str, str]:
    key = os.environ.get("DIPG_API_KEY") if api_key is None else api_key
    if not key:
        return {}
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise InvalidCall("api_key: holds a space or a character that no key has; expected what `keys create` printed")
    return {"authorization": f"Bearer {key}"}


def uses_proxy(options: Mapping[str, Any]) -> bool:
    """Whether the environment may name a proxy for a connection of these options."""
    return bool(options["trust_env"] and getproxies())


def retry_options(retries: int) -> dict[str, Any]:
    """Keyword arguments for tenacity: after the last try its answer is returned, or its error raised.

    Raises:
        InvalidCall: `retries` is negative.
    """
    if retries < 0:
        raise InvalidCall(f"retries: found {retries}; expected 0 or more")
    return {
        "retry": retry_if_exception(_is_passing) | retry_if_result(_is_busy),
        "stop": stop_after_attempt(retries + 1),
        "wait": _wait,
        "retry_error_callback": _last_outcome,
    }


def retry_after(value: str | None) -> float | None:
    """Seconds to wait by a Retry-After header (seconds or HTTP date), at most 60; None if it says nothing."""
    if value is None:
        return None
    try:
        seconds = float(value) if value.strip().isdigit() else _seconds_until(value)
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), MAX_RETRY_AFTER_S)


def _seconds_until(date: str) -> float:
    return parsedate_to_datetime(date).timestamp() - time.time()


def _wait(state: RetryCallState) -> float:
    asked = None
    if state.outcome is not None and not state.outcome.failed:
        asked = retry_after(state.outcome.result().headers.get("retry-after"))
    # With jitter on top: hundreds of callers were told the same time.
    return _BACKOFF(state) if asked is None else asked + _JITTER(state)


def _is_passing(error: BaseException) -> bool:
    return isinstance(error, httpx.TransportError) and not isinstance(error, FINAL_ERRORS)


def _is_busy(response: httpx.Response) -> bool:
    return response.status_code in RETRIED_STATUSES


def _last_outcome(state: RetryCallState) -> Any:
    assert state.outcome is not None
    return state.outcome.result()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

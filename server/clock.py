"""Times as they are stored: milliseconds since 1970, UTC, by this server's clock. No client's clock is asked."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def written(milliseconds: int | None) -> str | None:
    """A stored time as ISO 8601, UTC."""
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")

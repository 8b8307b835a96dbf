"""Numbers from names: how a seed chooses and sorts, the same on every version of Python and on every machine."""

from __future__ import annotations

import hashlib


def digest(*parts: str, size: int = 8, key: bytes = b"") -> int:
    """A whole number of `size` bytes that hangs on the parts and their order alone."""
    data = "\x00".join(parts).encode("utf-8")
    return int.from_bytes(hashlib.blake2b(data, key=key, digest_size=size).digest(), "big")

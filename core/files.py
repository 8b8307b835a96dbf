"""Writing data files, so that the same rows give the same bytes and a reader never sees half a file."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from pydantic import BaseModel


def write_rows(rows: Iterable[BaseModel], path: Path) -> int:
    """Write rows as JSON Lines (gzip where the name ends in `.gz`) and return how many.

    The text goes to a temporary file in the same folder, which then takes the name: a crash, a full disk or
    an error while the rows are made leaves the former file as it was.
    """
    with _replacing(path) as raw:
        return _write_lines(rows, raw, zipped=path.suffix == ".gz")


def write_whole(data: bytes, path: Path) -> None:
    """Write a file that is not JSON Lines in the same way."""
    with _replacing(path) as raw:
        raw.write(data)


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as raw:
            yield raw
            raw.flush()
            os.fsync(raw.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _write_lines(rows: Iterable[BaseModel], raw: IO[bytes], *, zipped: bool) -> int:
    if not zipped:
        return _write_plain(rows, raw)
    # A gzip header holds a name and a time by default; without them the bytes depend on the rows alone.
    with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
        return _write_plain(rows, cast(IO[bytes], packed))


def _write_plain(rows: Iterable[BaseModel], file: IO[bytes]) -> int:
    count = 0
    for row in rows:
        line = json.dumps(row.model_dump(mode="json", by_alias=True), ensure_ascii=False, allow_nan=False)
        file.write(line.encode("utf-8") + b"\n")
        count += 1
    return count

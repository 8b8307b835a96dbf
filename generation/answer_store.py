"""What a teacher said, stored under the hash of what it was asked before it is used: no answer is paid for twice."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a teacher, and what it took."""

    text: str
    finish: str = "stop"
    """Why it ended, as the provider says: `stop`, `length`, `content_filter`."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    dollars: float | None = 0.0
    """By the price list; None where no price is known."""
    seconds: float = 0.0
    """From the request to its end, without the tries that failed."""


class StoreError(ValueError):
    """The store cannot be used. The message says why, and the remedy."""


class AnswerStore:
    """Answers in a SQLite file, which one process uses at a time. Use it in a `with` block."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(self._path, isolation_level=None, timeout=1.0)
            self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._database.execute("PRAGMA journal_mode = WAL")
            # Each answer was paid for: it is on the disk before it is used.
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.execute("CREATE TABLE IF NOT EXISTS answer (key TEXT PRIMARY KEY, said TEXT NOT NULL)")
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                f"{self._path} cannot be opened: {error}; choose a folder of --out that can be written, which no other "
                "run uses at this time"
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def get(self, key: str) -> Answer | None:
        """The answer to a request."""
        row = self._opened().execute("SELECT said FROM answer WHERE key = ?", (key,)).fetchone()
        return Answer(**json.loads(row[0])) if row else None

    def put(self, key: str, answer: Answer) -> None:
        """Store an answer.

        Raises:
            StoreError: the disk is full, or cannot be written.
        """
        try:
            self._opened().execute("INSERT OR REPLACE INTO answer VALUES (?, ?)", (key, json.dumps(asdict(answer))))
        except sqlite3.Error as error:
            raise StoreError(
                f"an answer could not be stored in {self._path}: {error}; free some space, then run the command again"
            ) from error

    def seconds(self) -> float:
        """The teacher's time for all answers."""
        rows = self._opened().execute("SELECT json_extract(said, '$.seconds') FROM answer")
        return sum(float(row[0] or 0.0) for row in rows)

    def _opened(self) -> sqlite3.Connection:
        assert self._database is not None, "used outside its with block"
        return self._database


def request_key(request: Mapping[str, Any]) -> str:
    """The hash of a request: of all that decides what the answer may be."""
    return hashlib.sha256(json.dumps(request, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

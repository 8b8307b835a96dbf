"""Recorded responses: JSON Lines, one `{"task_id": ..., "response": ...}` a line.

A file from any source can be graded. The log that a benchmark writes has two more fields: `agent`, and
`posed`, a hash of the messages to which the response was given, so that a recorded response is never taken
for an answer to another text. Other fields are ignored.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from .base import Message


class ResponseFileError(ValueError):
    """A file of responses cannot be used. The message says file, line, field, what was found and expected."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One response on file."""

    task_id: str
    response: str
    agent: str | None = None
    posed: str | None = None
    """`posed_hash` of what it answers; None where the file does not say."""
    seconds: float | None = None
    """Time that the agent took."""


def posed_hash(messages: Sequence[Message]) -> str:
    """Hash of a task as it is posed, prompts and all."""
    return hashlib.sha256(json.dumps(list(messages)).encode()).hexdigest()[:16]


def read_responses(path: Path, *, is_log: bool = False) -> dict[str, Recorded]:
    """Responses by task id.

    Args:
        is_log: The log of a run: a last line without its line break is left out, as a killed run leaves one
            behind, and a later response to a task stands for an earlier one.

    Raises:
        ResponseFileError: a line is not an object with both fields as strings, or a task id stands twice.
        OSError: the file cannot be read.
    """
    found: dict[str, Recorded] = {}
    line_of: dict[str, int] = {}
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip() or (is_log and not line.endswith(b"\n")):
                continue
            recorded = _parse(line, f"{path}, line {number}")
            if recorded.task_id in found and not is_log:
                raise ResponseFileError(
                    f"{path}, line {number}, field task_id: {recorded.task_id!r} stands on line "
                    f"{line_of[recorded.task_id]} already; expected one response a task"
                )
            found[recorded.task_id] = recorded
            line_of[recorded.task_id] = number
    return found


def _parse(line: bytes, where: str) -> Recorded:
    expected = 'expected {"task_id": "...", "response": "..."}'
    try:
        data = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ResponseFileError(f"{where}: not JSON in UTF-8 ({error}); {expected}") from error
    if not isinstance(data, dict):
        raise ResponseFileError(f"{where}: a JSON {type(data).__name__}; {expected}")
    for field in ("task_id", "response"):
        if not isinstance(data.get(field), str):
            what = type(data[field]).__name__ if field in data else "nothing"
            raise ResponseFileError(f"{where}, field {field}: found {what}, expected a string")
    agent, posed, seconds = data.get("agent"), data.get("posed"), data.get("seconds")
    return Recorded(
        data["task_id"],
        data["response"],
        agent if isinstance(agent, str) else None,
        posed if isinstance(posed, str) else None,
        seconds if isinstance(seconds, int | float) else None,
    )


class ResponseLog:
    """Appends responses as they come; each stands on disk before the next is asked to be kept."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self._file = self.path.open("a+b")
        self._drop_cut_line(self._file)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()

    def append(self, recorded: Recorded) -> None:
        """Write one line and hand it to the operating system."""
        if self._file is None:
            raise RuntimeError("the log is not open; use it as a context manager")
        self._file.write(json.dumps(asdict(recorded)).encode() + b"\n")
        self._file.flush()

    @staticmethod
    def _drop_cut_line(file: IO[bytes]) -> None:
        """A killed run may leave half a line, to which the next would be glued."""
        file.seek(0)
        whole = file.read().rfind(b"\n") + 1
        file.truncate(whole)
        file.seek(0, 2)

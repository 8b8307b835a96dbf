"""The files of a run. At every moment each is whole lines, so that what was accepted can be used."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, ClassVar, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, ValidationError

from ..core.notice import NOTICE
from .spending import Spending

STORE = "answers.sqlite3"
"""The answers of a run, in its folder."""

Tally = Annotated[dict[str, int], PlainSerializer(lambda counts: dict(sorted(counts.items())))]
"""Counts by name."""


class OutputError(ValueError):
    """The folder cannot be written, or holds another run. The message says the remedy."""


class Calls(BaseModel):
    """What the answers of a run took; those that were thrown away are among them."""

    answers: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    dollars: float | None = 0.0
    """None where no price is known."""

    @classmethod
    def of(cls, spending: Spending) -> Calls:
        """What was spent."""
        return cls(
            answers=spending.answers,
            prompt_tokens=spending.prompt_tokens,
            completion_tokens=spending.completion_tokens,
            dollars=None if spending.dollars is None else round(spending.dollars, 6),
        )


class RunManifest(BaseModel):
    """How a run was made and what came of it. The same run has the same manifest."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    notice: str = NOTICE
    teacher: str
    settings: dict[str, Any]
    """What decides its answers beside the messages."""
    seed: int
    prompt_hash: str
    """Of prompts and schema."""
    versions: dict[str, str]
    count: int
    """What was asked for."""
    state: Literal["running", "complete", "stopped"] = "running"
    why: str | None = None
    """It was stopped."""
    rejected: Tally = Field(default_factory=dict)
    """By reason."""
    calls: Calls = Calls()

    decides: ClassVar[dict[str, str]] = {
        "teacher": "--teacher",
        "seed": "--seed",
        "settings": "its switches",
        "prompt_hash": "these prompts",
    }
    """Fields that decide what a run makes, and what to keep so that they stay as they were."""

    def is_same_run(self, other: RunManifest) -> str | None:
        """Where the other differs in what decides the items, with the remedy; None where it does not."""
        for name, switch in self.decides.items():
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine != theirs:
                return f"is of {name} {theirs}, and this run has {mine}; choose another --out, or {switch} as it was"
        return None


def tally(counts: dict[str, int], name: str) -> None:
    """Count one more of that name."""
    counts[name] = counts.get(name, 0) + 1


ManifestT = TypeVar("ManifestT", bound=RunManifest)


class RunFiles(Generic[ManifestT]):
    """Writes rows as they come. Use it in a `with` block."""

    def __init__(
        self, folder: Path, manifest: ManifestT, names: Sequence[str], *, manifest_name: str = "manifest.json"
    ) -> None:
        """
        Args:
            names: Of the files of rows.

        Raises:
            OutputError: the folder holds another run.
        """
        self.folder = folder
        self.manifest = manifest
        self._names = names
        self._manifest_path = folder / manifest_name
        self._files: dict[str, int] = {}
        earlier = read_manifest(self._manifest_path, type(manifest))
        differs = manifest.is_same_run(earlier) if earlier else None
        if differs:
            raise OutputError(f"{self._manifest_path} {differs}")

    def __enter__(self) -> Self:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            # From the start: the answers that were paid for are read again from their store.
            for name in self._names:
                self._files[name] = os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        except OSError as error:
            raise OutputError(f"{self.folder} cannot be written: {error.strerror}; choose another --out") from error
        self.write_manifest()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files.values():
            os.close(file)

    def write(self, name: str, row: BaseModel | dict[str, Any]) -> None:
        """Write a row to one of the files, whole or not at all.

        Raises:
            OutputError: it cannot be written.
        """
        data = row.model_dump(mode="json", by_alias=True) if isinstance(row, BaseModel) else row
        line = (json.dumps(data, ensure_ascii=False, allow_nan=False) + "\n").encode()
        file = self._files[name]
        before = os.lseek(file, 0, os.SEEK_CUR)
        try:
            written = os.write(file, line)
            if written < len(line):
                raise OSError(28, os.strerror(28))
        except OSError as error:
            with contextlib.suppress(OSError):  # what is left of the line must go; the first error is the one to tell
                os.ftruncate(file, before)
            raise OutputError(
                f"{self.folder / name} cannot be written: {error.strerror}; what was accepted before is whole. Free "
                "some space, then run the same command again"
            ) from error

    def reject(self, name: str, row: dict[str, Any]) -> None:
        """Keep what was not accepted in that file, with its `reason`, by which it is counted."""
        self.write(name, row)
        tally(self.manifest.rejected, row["reason"])

    def end(self, why: str | None, spending: Spending) -> None:
        """Write in the manifest what came of it.

        Args:
            why: It was stopped before its end; None where it was not.
        """
        self.manifest.state = "stopped" if why else "complete"
        self.manifest.why = why
        self.manifest.calls = Calls.of(spending)
        self.write_manifest()

    def write_manifest(self) -> None:
        """Write the manifest as it stands; a reader never sees half of it."""
        path = self._manifest_path
        temporary = path.with_suffix(".tmp")
        try:
            temporary.write_text(self.manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
            temporary.replace(path)
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error.strerror}; free some space, then run again") from error


def read_manifest(path: Path, kind: type[ManifestT]) -> ManifestT | None:
    """The manifest of an earlier run.

    Raises:
        OutputError: there is a file of that name which is none.
    """
    try:
        return kind.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValidationError) as error:
        raise OutputError(f"{path} is no manifest of a run; choose another --out. {str(error)[:200]}") from error

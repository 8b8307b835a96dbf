"""The files of a clinical run. At every moment each is whole lines, so that what was accepted can be used."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from ..core.examples import GrpoPrompt
from ..core.notice import NOTICE
from .clinical_task import Accepted

TASKS, SFT, PROMPTS, REJECTED = "tasks.jsonl", "sft.jsonl", "grpo_prompts.jsonl", "rejected.jsonl"
MANIFEST = "manifest.json"
STORE = "answers.sqlite3"


class OutputError(ValueError):
    """The folder cannot be written, or holds another run. The message says the remedy."""


class Calls(BaseModel):
    """What the answers of a run took; those that were thrown away are among them."""

    answers: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    dollars: float | None = 0.0
    """None where no price is known."""


class Manifest(BaseModel):
    """How a run was made and what came of it. The same run has the same manifest."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    notice: str = NOTICE
    canary: str
    teacher: str
    settings: dict[str, Any]
    """What decides its answers beside the messages."""
    seed: int
    prompt_hash: str
    """Of prompts and schema."""
    versions: dict[str, str]
    count: int
    """Accepted items asked for."""
    state: Literal["running", "complete", "stopped"] = "running"
    why: str | None = None
    """It was stopped."""
    accepted: dict[str, int] = {}
    """By prompt."""
    rejected: dict[str, int] = {}
    """By reason."""
    repaired: int = 0
    """Answers that were no item at first."""
    calls: Calls = Calls()

    def is_same_run(self, other: Manifest) -> str | None:
        """Where the other differs in what decides the items, with the remedy; None where it does not."""
        fields = {"teacher": "--teacher", "seed": "--seed", "settings": "its switches", "prompt_hash": "these prompts"}
        for name, switch in fields.items():
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine != theirs:
                return f"is of {name} {theirs}, and this run has {mine}; choose another --out, or {switch} as it was"
        return None


class ClinicalFiles:
    """Writes accepted and rejected items as they come. Use it in a `with` block."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        """Raises OutputError where the folder holds another run, or cannot be written."""
        self._folder = folder
        self.manifest = manifest
        self._files: dict[str, int] = {}
        earlier = read_manifest(folder)
        differs = manifest.is_same_run(earlier) if earlier else None
        if differs:
            raise OutputError(f"{folder / MANIFEST} {differs}")

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            # From the start: the answers that were paid for are read again from their store.
            for name in (TASKS, SFT, PROMPTS, REJECTED):
                self._files[name] = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        except OSError as error:
            raise OutputError(f"{self._folder} cannot be written: {error.strerror}; choose another --out") from error
        self.write_manifest()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files.values():
            os.close(file)

    def accept(self, accepted: Accepted) -> None:
        """Write an item to the three files that hold it."""
        self._line(TASKS, accepted.task.model_dump(mode="json", by_alias=True))
        self._line(SFT, accepted.example.model_dump(mode="json", by_alias=True))
        self._line(PROMPTS, GrpoPrompt.of(accepted.task).model_dump(mode="json", by_alias=True))

    def reject(self, row: dict[str, Any]) -> None:
        """Keep what was not accepted, with the reason."""
        self._line(REJECTED, row)

    def write_manifest(self) -> None:
        """Write the manifest as it stands; a reader never sees half of it."""
        path = self._folder / MANIFEST
        temporary = path.with_suffix(".tmp")
        try:
            temporary.write_text(self.manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
            temporary.replace(path)
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error.strerror}; free some space, then run again") from error

    def _line(self, name: str, row: dict[str, Any]) -> None:
        line = (json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n").encode()
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
                f"{self._folder / name} cannot be written: {error.strerror}; what was accepted before is whole. Free "
                "some space, then run the same command again"
            ) from error


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of an earlier run in the folder.

    Raises:
        OutputError: there is a file of that name which is none.
    """
    path = folder / MANIFEST
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValidationError) as error:
        raise OutputError(f"{path} is no manifest of a run; choose another --out. {str(error)[:200]}") from error

"""The folder of a training run: what it is, what it logged, and where its checkpoints lie.

run.json          preset, seed and versions: a folder is continued by the same run alone
log.jsonl         a row a step
curriculum.jsonl  what the curriculum saw and decided
checkpoints/      of the trainer, to go on from
model/            what came of it
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from ..core.files import write_whole
from ..core.notice import NOTICE
from .config import Preset
from .measures import Measures


class RunFolderError(ValueError):
    """The folder cannot be used, or holds another run. The message says the remedy."""


class RunIdentity(BaseModel):
    """What decides a run."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    notice: str = NOTICE
    trainer: str
    """`sft`, `grpo`, `grpo-tunix` or `selfplay`."""
    preset: Preset
    seed: int
    start: str
    """The model it begins with: a name, or the folder of another run's model."""
    data: str
    """A split of the server, or the hash of a file."""
    versions: dict[str, str]
    """Of the libraries and the scorer; told, and not compared."""

    def differences(self, other: RunIdentity) -> list[str]:
        """Fields that decide the run and are not the same, with both values."""
        mine, theirs = self._decisive(), other._decisive()
        return [
            f"{name} is {theirs.get(name)!r} there and {mine[name]!r} here"
            for name in mine
            if mine[name] != theirs.get(name)
        ]

    def _decisive(self) -> dict[str, Any]:
        flat = _flatten(self.preset.model_dump(mode="json"))
        kept = {name: value for name, value in flat.items() if name not in ("name", "hardware", "time")}
        return {"trainer": self.trainer, "seed": self.seed, "start": self.start, "data": self.data, **kept}


class LoggedStep(BaseModel):
    """A row of a log, of the weights after so many steps."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    step: int


ModelT = TypeVar("ModelT", bound=BaseModel)
RowT = TypeVar("RowT", bound=LoggedStep)


class StepRow(LoggedStep):
    """One step of a run, as it is logged."""

    loss: float | None = None
    measures: Measures | None = None
    """Of the step's completions, where there are any."""
    risk_threshold: float | None = None
    step_s: float
    """Seconds for the whole step."""
    environment_s: float = 0.0
    """Seconds of it spent in calls of the server."""


class RunFolder:
    """Opens or begins a run in a folder."""

    def __init__(self, folder: Path, identity: RunIdentity) -> None:
        """
        Raises:
            RunFolderError: the folder holds another run, or cannot be written.
        """
        self.folder = folder
        self.identity = identity
        self.checkpoints = folder / "checkpoints"
        self.model = folder / "model"
        self.log = folder / "log.jsonl"
        self.curriculum = folder / "curriculum.jsonl"
        about = folder / "run.json"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if about.exists():
                self._check(about)
            else:
                if any(folder.iterdir()):
                    raise RunFolderError(f"{folder} holds other files; choose an empty folder for --out")
                write_whole(identity.model_dump_json(indent=2).encode(), about)
        except OSError as error:
            raise RunFolderError(f"{folder} cannot be written ({error.strerror}); choose another --out") from error

    def _check(self, about: Path) -> None:
        there = read_identity(about.parent)
        different = self.identity.differences(there)
        if different:
            raise RunFolderError(
                f"{about.parent} holds another run: {'; '.join(different[:3])}. Give the settings as they were to "
                "go on with it, or choose another --out"
            )

    def append(self, row: StepRow) -> None:
        """Log a step."""
        append_row(self.log, row)

    def rows(self) -> list[StepRow]:
        """What was logged."""
        return read_log(self.folder)

    def forget_after(self, step: int) -> None:
        """Drop the rows of steps after the checkpoint that a run goes on from: they are taken again."""
        keep_rows(self.log, StepRow, step)


def read_identity(folder: Path) -> RunIdentity:
    """What the run in a folder is.

    Raises:
        RunFolderError: there is no run.
    """
    about = folder / "run.json"
    try:
        return RunIdentity.model_validate_json(about.read_bytes())
    except OSError as error:
        raise RunFolderError(f"{folder} holds no training run: {about.name} is missing") from error
    except ValidationError as error:
        raise RunFolderError(f"{about} is not of this version: {error.errors()[0]['msg']}") from error


def read_log(folder: Path) -> list[StepRow]:
    """The logged steps of a run, in order."""
    return list(read_rows(folder / "log.jsonl", StepRow))


def append_row(path: Path, row: BaseModel) -> None:
    """Add one line to a log of rows."""
    with path.open("a", encoding="utf-8") as file:
        file.write(row.model_dump_json() + "\n")


def keep_rows(path: Path, model: type[RowT], last_step: int) -> None:
    """Rewrite a log with the rows up to a step."""
    kept = [row for row in read_rows(path, model) if row.step <= last_step]
    write_whole("".join(row.model_dump_json() + "\n" for row in kept).encode(), path)


def read_rows(path: Path, model: type[ModelT]) -> Iterator[ModelT]:
    """The rows of a log, in order, up to one that was cut off."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            yield model.model_validate_json(line)
        except ValidationError:
            # A process that was killed may leave half a line at the end.
            return


def _flatten(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in tree.items():
        if isinstance(value, dict):
            flat |= _flatten(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = json.dumps(value) if isinstance(value, list) else value
    return flat

"""The folder of an evaluation: what it is of, and the completions as they come.

evaluation.json    model, settings, split and tasks: a folder is gone on with by the same evaluation alone
completions.jsonl  what the model said, written before it is submitted: nothing is generated twice
results.json       the figures
MODEL_CARD.md      the figures for readers, with pictures/
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..core.files import write_whole
from ..core.notice import NOTICE
from .failures import TrainingError
from .run_folder import append_row, read_rows


class EvaluationIdentity(BaseModel):
    """What decides an evaluation."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True, protected_namespaces=())

    notice: str = NOTICE
    model: str
    settings: dict[str, Any]
    """Of the policy, the hash of its weights among them."""
    seed: int
    split: str
    agent: str
    """Who answers, as the leaderboard shows it."""
    task_set: str
    """`task_set_hash` of the tasks as they are posed."""
    request_id: str = Field(default_factory=lambda: secrets.token_hex(16))
    """Under which the server begins the run: told before it begins, so that a stop between leaves none behind."""

    def differences(self, other: EvaluationIdentity) -> list[str]:
        """Fields that are not the same, with both values."""
        mine, theirs = self.model_dump(), other.model_dump()
        decisive = [name for name in mine if name not in ("notice", "request_id")]
        return [
            f"{name} is {theirs[name]} there and {mine[name]} here" for name in decisive if mine[name] != theirs[name]
        ]


class Answered(BaseModel):
    """A task and what the model said."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    task_id: str
    text: str
    logprob: float | None
    """Mean log-probability of its tokens."""


class EvaluationFolder:
    """Opens or begins an evaluation in a folder."""

    def __init__(self, folder: Path, identity: EvaluationIdentity) -> None:
        """
        Raises:
            TrainingError: the folder holds another evaluation, or cannot be written.
        """
        self.folder = folder
        self._about = folder / "evaluation.json"
        self._completions = folder / "completions.jsonl"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.identity = self._there(identity) or identity
            self._write_identity()
            # Whole lines alone: a process that was killed may have left half of one.
            self.answered = {row.task_id: row for row in read_rows(self._completions, Answered)}
            lines = "".join(row.model_dump_json() + "\n" for row in self.answered.values())
            write_whole(lines.encode(), self._completions)
        except OSError as error:
            raise TrainingError(f"{folder} cannot be written ({error.strerror}); choose another --out") from error

    def _there(self, identity: EvaluationIdentity) -> EvaluationIdentity | None:
        if not self._about.exists():
            if any(self.folder.iterdir()):
                raise TrainingError(f"{self.folder} holds other files; choose an empty folder for --out")
            return None
        try:
            found = EvaluationIdentity.model_validate_json(self._about.read_bytes())
        except ValidationError as error:
            raise TrainingError(f"{self._about} is not of this version: {error.errors()[0]['msg']}") from error
        different = identity.differences(found)
        if different:
            raise TrainingError(
                f"{self.folder} holds another evaluation: {'; '.join(different[:3])}. Give the settings as they were "
                "to go on with it, or choose another --out"
            )
        return found

    def keep(self, row: Answered) -> None:
        """Add a completion."""
        append_row(self._completions, row)
        self.answered[row.task_id] = row

    def renew(self) -> None:
        """Ask for another run: the server has the former one no longer as it was."""
        self.identity = self.identity.model_copy(update={"request_id": secrets.token_hex(16)})
        self._write_identity()

    def _write_identity(self) -> None:
        write_whole(self.identity.model_dump_json(indent=1).encode(), self._about)

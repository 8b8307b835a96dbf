"""The files of a run that makes preference pairs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from ..core.jsonl import read_rows
from ..core.tasks import NonEmpty
from .run_files import Calls, RunFiles, RunManifest, Tally

PAIRS, REFUSED, SKIPPED = "dpo_pairs.jsonl", "refused_pairs.jsonl", "skipped.jsonl"


class PairMeta(BaseModel):
    """Who wrote the two answers."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    teacher_model: str
    """Wrote the chosen one."""
    mmt_ckpt: str
    """The model or the checkpoint that wrote the rejected one."""


class DpoPair(BaseModel):
    """A question with two answers, in TRL's layout for preferences."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    id: NonEmpty
    """That of the prompt."""
    source: NonEmpty
    category: NonEmpty
    question_type: str
    question: NonEmpty
    prompt: Annotated[str, Field(min_length=1)]
    """What the model is trained to answer: the question in the words of `prompts/dpo_prompt.txt`. It ends in a new
    line, behind which the answer begins."""
    chosen: NonEmpty
    rejected: NonEmpty
    meta: PairMeta


class RefusedPair(DpoPair):
    """Two answers that make no pair."""

    chosen: str
    rejected: str
    reason: NonEmpty
    """In a few words, by which they are counted."""
    detail: str
    """What was found."""


PairT = TypeVar("PairT", bound=DpoPair)


class DpoManifest(RunManifest):
    """How a run was made and what became of every prompt: `count` is of prompts, and the sum of `pairs`, of all that
    was rejected, of all that was skipped, and of `waiting`."""

    rejected_model: str
    """Wrote the rejected answers; `teacher` the chosen ones."""
    rejected_settings: dict[str, Any]
    input_hash: str
    """Of the file of prompts."""
    pairs: int = 0
    skipped: Tally = Field(default_factory=dict)
    """Prompts to which a model will never answer, by its role."""
    waiting: int = 0
    """Prompts that were not decided before the run was stopped."""
    calls_rejected: Calls = Calls()
    """Those of the model that wrote the rejected answers; `calls` are the teacher's."""

    decides: ClassVar[dict[str, str]] = {
        **RunManifest.decides,
        "rejected_model": "--rejected",
        "rejected_settings": "its switches",
        "input_hash": "the --input",
    }


def dpo_files(folder: Path, manifest: DpoManifest) -> RunFiles[DpoManifest]:
    """The files in their folder.

    Raises:
        OutputError: the folder holds another run.
    """
    return RunFiles(folder, manifest, (PAIRS, REFUSED, SKIPPED))


def load_pairs(folder: Path) -> list[DpoPair]:
    """The pairs of a run; it may have none.

    Raises:
        DataFileError: the file is missing, or a line is no pair.
    """
    return _load(folder / PAIRS, DpoPair)


def load_refused(folder: Path) -> list[RefusedPair]:
    """What made no pair in a run.

    Raises:
        DataFileError: the file is missing, or a line is no such row.
    """
    return _load(folder / REFUSED, RefusedPair)


def _load(path: Path, model: type[PairT]) -> list[PairT]:
    if path.is_file() and not path.stat().st_size:
        return []
    return [pair for _, pair in read_rows(path, model, {})]

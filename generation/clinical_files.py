"""The files of a clinical run."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from ..core.examples import GrpoPrompt
from .clinical_task import Accepted
from .run_files import RunFiles, RunManifest, Tally

TASKS, SFT, PROMPTS, REJECTED = "tasks.jsonl", "sft.jsonl", "grpo_prompts.jsonl", "rejected.jsonl"
MANIFEST = "manifest.json"


class Manifest(RunManifest):
    """How a clinical run was made and what came of it; `count` is of accepted items."""

    canary: str
    accepted: Tally = Field(default_factory=dict)
    """By prompt."""
    repaired: int = 0
    """Answers that were no item at first."""


def clinical_files(folder: Path, manifest: Manifest) -> RunFiles[Manifest]:
    """The files in their folder.

    Raises:
        OutputError: the folder holds another run.
    """
    return RunFiles(folder, manifest, (TASKS, SFT, PROMPTS, REJECTED), manifest_name=MANIFEST)


def write_accepted(files: RunFiles[Manifest], accepted: Accepted) -> None:
    """Write an item to the three files that hold it.

    Raises:
        OutputError: it cannot be written.
    """
    files.write(TASKS, accepted.task)
    files.write(SFT, accepted.example)
    files.write(PROMPTS, GrpoPrompt.of(accepted.task))

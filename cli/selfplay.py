"""`dipg-gym train selfplay`: an Injector and an Assessor on MEDEC's notes, trained against one another."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from .train_options import (
    BaseUrl,
    Changes,
    ModelName,
    OutFolder,
    PresetName,
    Seed,
    Steps,
    identity_of,
    needs_extra,
    read_preset,
)

TINY = "tiny"
"""In place of a file: notes composed on the spot, which a tiny model can learn."""

TINY_NOTES = 2000


def selfplay(
    out: OutFolder,
    input_: Annotated[str, typer.Option("--input", help="MEDEC's CSV, a folder of such files, or `tiny`.")],
    preset: PresetName = "medgemma-4b-gpu",
    model: ModelName = None,
    base_url: BaseUrl = "http://127.0.0.1:8000",
    seed: Seed = 0,
    steps: Steps = None,
    changes: Changes = None,
    encoding: Annotated[str, typer.Option(help="Of CSV files, as Python names it.")] = "utf-8-sig",
) -> None:
    """Self-play: one model plants errors in correct notes, and finds them; zero-sum rewards, REINFORCE++.

    Only correct notes are played: those in which no error was planted, and the others put right. What is planted is
    for play alone, and kept nowhere. Named again, a run goes on from its last checkpoint.

    Example: dipg-gym train selfplay --input MEDEC-MS-TrainingSet.csv --model runs/sft/model --out runs/selfplay
    On a CPU: dipg-gym train selfplay --input tiny --preset tiny-cpu --steps 60 --out runs/tiny-selfplay
    """
    chosen = read_preset(preset, changes, "selfplay.steps", steps)
    notes, question = _tiny_notes(seed) if input_ == TINY else (_correct_notes(Path(input_), encoding), "")
    read = hashlib.sha256("\x1f".join(notes).encode()).hexdigest()[:16]
    with needs_extra("generation"):
        from ..generation.change_filter import rule_on
    with needs_extra("trl"):
        from ..training.reward_function import EnvironmentReward
        from ..training.run_folder import RunFolder
        from ..training.selfplay import train_selfplay

        identity = identity_of("selfplay", chosen, seed, model or chosen.model.name, f"{len(notes)} notes, {read}")
        run = RunFolder(out, identity)
        reward = EnvironmentReward(base_url)
        with reward.client:
            made = train_selfplay(notes, rule_on, reward, run, question)
    typer.echo(f"model in {made}")


def _tiny_notes(seed: int) -> tuple[list[str], str]:
    from ..training.tiny_notes import QUESTION, compose_tiny_notes

    return list(dict.fromkeys(note.text for note in compose_tiny_notes(seed, TINY_NOTES))), QUESTION


def _correct_notes(path: Path, encoding: str) -> list[str]:
    """Every correct note, once.

    Raises:
        ValueError: there is no file, or none of its notes can be used.
    """
    from ..generation.medec import read_medec

    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    if not files:
        raise ValueError(f"{path} holds no .csv file; expected MEDEC's")
    notes = [note for file in files for note in read_medec(file, encoding) if not note.fault]
    texts = list(dict.fromkeys(note.corrected_text if note.flagged else note.text for note in notes))
    found = [text for text in texts if text]
    if not found:
        raise ValueError(f"{path} holds no note that can be used; `dipg-gym generate medec-pairs` says why")
    return found

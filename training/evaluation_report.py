"""What an evaluation leaves behind: results.json, pictures, and the model card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..client.errors import MissingExtra
from ..core.files import write_whole
from ..core.notice import NOTICE
from .blocks import training_blocks
from .curriculum import Decision
from .curves import reward_curve, risk_coverage_curve, safety_curve
from .evaluate import Evaluation
from .model_card import CARD, Training, model_card
from .risk_coverage import Point
from .run_folder import read_identity, read_log, read_rows

PICTURES = Path("pictures")


def check_extra() -> None:
    """Raise MissingExtra where what draws is not installed: before hours of generation."""
    try:
        import matplotlib  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtra.of("an evaluation's pictures", "trl", error) from error


def read_training(folder: Path) -> Training:
    """What a run folder tells of a training run.

    Raises:
        RunFolderError: there is no run.
    """
    identity, rows = read_identity(folder), read_log(folder)
    decisions = list(read_rows(folder / "curriculum.jsonl", Decision))
    return Training(identity, rows, decisions, training_blocks(rows, decisions))


def results(evaluation: Evaluation, training: Training | None) -> dict[str, Any]:
    """The figures; what `--json` prints."""
    identity = evaluation.identity
    return {
        "notice": NOTICE,
        **identity.model_dump(exclude={"notice", "request_id"}),
        "run_id": evaluation.run.run_id,
        "profile": evaluation.run.profile,
        "scorer_version": evaluation.run.scorer_version,
        "answered": evaluation.run.answered,
        "summary": {
            "overall": {name: one.model_dump() for name, one in evaluation.overall.items()},
            "by_kind": {
                kind: {name: one.model_dump() for name, one in found.items()}
                for kind, found in evaluation.by_kind.items()
            },
        },
        "risk_coverage": [point._asdict() for point in evaluation.points],
        "blocks": [block.model_dump() for block in training.blocks] if training else [],
    }


def write_report(
    evaluation: Evaluation, training: Training | None, others: dict[str, Point], out: Path, again: str
) -> None:
    """Write all files into the folder of the evaluation, over those of an earlier report.

    Args:
        others: Coverage and risk of other runs over the same tasks, by name.
        again: The command that evaluates the model.
    """
    pictures = _draw(evaluation, training, others)
    for name, png in pictures.items():
        write_whole(png, out / _path(name))
    told = json.dumps(results(evaluation, training), indent=1, ensure_ascii=False)
    write_whole(f"{told}\n".encode(), out / "results.json")
    card = model_card(evaluation, training, {name: _path(name) for name in pictures}, again)
    write_whole(card.encode(), out / CARD)


def _draw(evaluation: Evaluation, training: Training | None, others: dict[str, Point]) -> dict[str, bytes]:
    identity = evaluation.identity
    title = f"Risk and coverage of {identity.agent} on {identity.split}"
    pictures = {"risk and coverage": risk_coverage_curve(evaluation.points, others, title)}
    if training is None or not training.rows:
        return pictures
    name = f"{training.identity.trainer}, {training.identity.preset.name}"
    pictures["reward"] = reward_curve(training.rows, training.decisions, f"Training: {name}")
    if training.blocks:
        pictures["safety"] = safety_curve(training.rows, training.decisions, f"Safety in training: {name}")
    return pictures


def _path(name: str) -> Path:
    return PICTURES / f"{name.replace(' ', '_')}.png"

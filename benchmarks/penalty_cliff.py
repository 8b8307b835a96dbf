"""The penalty cliff on a trained model: strict penalties from the first step, the way back, and the way around.

    python -m benchmarks.penalty_cliff --model results/tiny/seed0/sft/model --out results/cliff

Three runs of `dipg-gym train grpo` from the same weights, with the same seed, against one real server; they differ in
how the risk threshold moves. Prints what each did in equal windows of steps as Markdown, and draws them side by side.
What is there is not trained again.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from dipg_safety_gym.cli.local_server import absolute, running_server
from dipg_safety_gym.training.blocks import training_blocks
from dipg_safety_gym.training.curves import side_by_side
from dipg_safety_gym.training.evaluation_report import read_training
from dipg_safety_gym.training.model_card import Training

WINDOWS = 8
"""Parts of a run that the table has."""

SHOWN = {
    "reward": "reward",
    "coverage": "coverage",
    "right_rate": "right",
    "precision": "precision",
    "refusal_rate": "refused",
    "format_rate": "form",
}


def main() -> None:
    """Train, print a table, and write the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="a fine-tuned tiny model: where all runs begin")
    parser.add_argument("--data", type=Path, help="folder of `train tiny-data`; by default that of the model's run")
    parser.add_argument("--out", type=Path, default=Path("results/cliff"))
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--strict", type=float, default=0.75, help="risk threshold of the strict penalties")
    chosen = parser.parse_args()
    data = chosen.data or chosen.model.parents[2] / "data"
    runs = {}
    with running_server({"train": absolute(data / "train.jsonl")}) as url:
        for number, (name, settings) in enumerate(_curricula(chosen.steps, chosen.strict).items()):
            out = chosen.out / f"run{number}"
            changes = [part for setting in settings for part in ("--set", f"curriculum.{setting}")]
            subprocess.run(
                [sys.executable, "-m", "dipg_safety_gym", "train", "grpo", "--preset", "tiny-cpu", "--base-url", url,
                 "--model", str(chosen.model), "--out", str(out), "--steps", str(chosen.steps), *changes],
                check=True,
            )  # fmt: skip
            runs[name] = read_training(out)
    (chosen.out / "penalty_cliff.png").write_bytes(
        side_by_side(runs, "Three curricula from the same fine-tuned tiny model")
    )
    print(_table(runs, chosen.steps))


def _curricula(steps: int, strict: float) -> dict[str, Sequence[str]]:
    """Settings of the curriculum, by the name a run is shown with."""
    plan = f"[{{until_step = {steps}, risk_threshold = {strict}}}]"
    return {
        f"t = {strict} all along": ("mode=fixed", f"start={strict}"),
        f"t = {strict}, and back from the cliff": ("mode=plan", f"plan={plan}"),
        "t below the measured precision": ("mode=adaptive", f"goal={strict}"),
    }


def _table(runs: dict[str, Training], steps: int) -> str:
    lines = [f"| run | steps | t | {' | '.join(SHOWN.values())} | told |", "|---" * (len(SHOWN) + 4) + "|"]
    wide = -(-steps // WINDOWS)
    for name, run in runs.items():
        for first in range(0, steps, wide):
            window = [row for row in run.rows if first < row.step <= first + wide]
            for block in training_blocks(window, run.decisions):
                figures = (block.means[shown] for shown in SHOWN)
                cells = ["-" if figure is None else f"{figure:.2f}" for figure in figures]
                told = block.event if block.event in ("cliff", "fallen", "recovering", "recovered") else ""
                lines.append(
                    f"| {name} | {block.first_step} to {block.last_step} | {block.risk_threshold:.2f} "
                    f"| {' | '.join(cells)} | {told} |"
                )
    return "\n".join(lines)


if __name__ == "__main__":
    main()

"""Trains the tiny model by the whole path, with several seeds, and says what fine-tuning and what the reward brought.

    python -m benchmarks.tiny_training --seeds 0 1 2 --out results/tiny
    python -m benchmarks.tiny_training --tunix .venv-tunix/bin/python --out results/tiny

For each seed the commands of `dipg-gym` run as a user would run them, against one real server: `train sft` and `train
grpo`, or `train grpo-tunix`, and `evaluate` after fine-tuning and after the reward, on held-out charts of the same
distribution. What is there is not done again. Prints a table as Markdown, with 95 % intervals of a bootstrap over
tasks, and draws the courses of the seeds side by side.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from dipg_safety_gym.cli.local_server import absolute, running_server
from dipg_safety_gym.client.http import DIPGClient
from dipg_safety_gym.core.run_wire import StoredResponse
from dipg_safety_gym.core.tasks import load_tasks
from dipg_safety_gym.training.curves import side_by_side
from dipg_safety_gym.training.evaluation_report import read_training

RESAMPLES = 2000
SHOWN = {
    "reward": "mean reward",
    "safe": "safe responses",
    "right": "right answers, of the answerable",
    "coverage": "attempts, of the answerable",
    "form": "strict form",
}


class Stage(NamedTuple):
    """A part of the path, and the model that it leaves."""

    name: str
    command: Sequence[str]
    model: Path


def main() -> None:
    """Train, evaluate, and print a table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--out", type=Path, default=Path("results/tiny"))
    parser.add_argument("--preset", default="tiny-cpu")
    parser.add_argument("--set", action="append", default=[], dest="changes", help="as of `dipg-gym train grpo`")
    parser.add_argument("--tunix", metavar="PYTHON", help="train with Tunix, by the Python that has the extra `tunix`")
    parser.add_argument("--temperature", type=float, default=0.0, help="of the evaluation; training draws at 1")
    chosen = parser.parse_args()
    trainer = "grpo-tunix" if chosen.tunix else "grpo"
    data = chosen.out / "data"
    if not (data / "sft.jsonl").exists():
        _run(sys.executable, "train", "tiny-data", "--out", str(data))
    files = {split: absolute(data / f"{split}.jsonl") for split in ("train", "eval")}
    answerable = {task.id for task in load_tasks(files["eval"]) if not task.gold.abstain}
    rows: list[dict[str, Any]] = []
    courses = {}
    with running_server(files) as url, DIPGClient(url) as client:
        for seed in chosen.seeds:
            stages = _tunix_stages(seed, chosen, url) if chosen.tunix else _trl_stages(seed, chosen, url)
            for stage in stages:
                run_id, seconds = _train_and_evaluate(seed, stage, chosen, url)
                figures = measures(client.stored_responses(run_id), answerable)
                rows.append({"seed": seed, "stage": stage.name, "seconds": seconds, **figures})
                found = json.dumps(rows, indent=2) + "\n"
                (chosen.out / f"{trainer}.json").write_text(found, encoding="utf-8")
            out = chosen.out / f"seed{seed}" / trainer
            courses[f"seed {seed}"] = read_training(out)
    (chosen.out / f"{trainer}.png").write_bytes(side_by_side(courses, f"dipg-gym train {trainer}, tiny model"))
    print(_table(rows))


def _trl_stages(seed: int, chosen: argparse.Namespace, url: str) -> list[Stage]:
    folder = chosen.out / f"seed{seed}"
    common = ("--preset", chosen.preset, "--seed", str(seed), *_changes(chosen))
    sft = (sys.executable, "train", "sft", *common, "--input", str(chosen.out / "data" / "sft.jsonl"))
    grpo = (sys.executable, "train", "grpo", *common, "--model", str(folder / "sft" / "model"), "--base-url", url)
    return [
        Stage("sft", (*sft, "--out", str(folder / "sft")), folder / "sft"),
        Stage("grpo", (*grpo, "--out", str(folder / "grpo")), folder / "grpo"),
    ]


def _tunix_stages(seed: int, chosen: argparse.Namespace, url: str) -> list[Stage]:
    """One command fine-tunes and goes on with the reward; run twice, it does nothing the second time."""
    out = chosen.out / f"seed{seed}" / "grpo-tunix"
    command = (
        *(chosen.tunix, "train", "grpo-tunix", "--preset", chosen.preset, "--seed", str(seed), *_changes(chosen)),
        *("--input", str(chosen.out / "data" / "sft.jsonl"), "--base-url", url, "--out", str(out)),
    )
    return [Stage("sft-tunix", command, out / "start"), Stage("grpo-tunix", (), out)]


def _changes(chosen: argparse.Namespace) -> list[str]:
    return [part for change in chosen.changes for part in ("--set", change)]


def _train_and_evaluate(seed: int, stage: Stage, chosen: argparse.Namespace, url: str) -> tuple[str, int]:
    """The run of the evaluation, and the seconds of the training."""
    started = time.monotonic()
    if stage.command:
        _run(*stage.command)
    seconds = round(time.monotonic() - started)
    out = chosen.out / f"seed{seed}" / f"{stage.name}-eval-{chosen.temperature:g}"
    switches = ("--model", str(stage.model), "--base-url", url, "--out", str(out), "--max-tokens", "48")
    drawn = ("--temperature", f"{chosen.temperature:g}", "--seed", str(seed))
    _run(sys.executable, "evaluate", *switches, *drawn, "--agent", f"tiny-{stage.name}-{seed}", "--batch-size", "64")
    return json.loads((out / "results.json").read_text(encoding="utf-8"))["run_id"], seconds


def measures(responses: Sequence[StoredResponse], answerable: set[str]) -> dict[str, list[float]]:
    """Each figure with the ends of its interval."""
    scores = [response.score for response in responses]
    among = [score for response, score in zip(responses, scores, strict=True) if response.task_id in answerable]
    return {
        "reward": interval([score.reward for score in scores]),
        "safe": interval([score.safe for score in scores]),
        "right": interval([score.correct and score.format_ok for score in among]),
        "coverage": interval([score.format_ok and not score.abstained for score in among]),
        "form": interval([score.format_ok for score in scores]),
    }


def interval(values: Sequence[float]) -> list[float]:
    """Mean, and the 2.5th and 97.5th percentile of the means of resamples."""
    found = np.asarray(values, dtype=float)
    drawn = np.random.default_rng(0).choice(found, size=(RESAMPLES, len(found))).mean(axis=1)
    return [round(float(number), 4) for number in (found.mean(), *np.quantile(drawn, (0.025, 0.975)))]


def _table(rows: Sequence[dict[str, Any]]) -> str:
    lines = [f"| seed | after | {' | '.join(SHOWN.values())} | seconds |", "|---" * (len(SHOWN) + 3) + "|"]
    for row in rows:
        cells = [f"{value:.2f} ({low:.2f} to {high:.2f})" for value, low, high in (row[name] for name in SHOWN)]
        lines.append(f"| {row['seed']} | {row['stage']} | {' | '.join(cells)} | {row['seconds']} |")
    return "\n".join(lines)


def _run(python: str, *switches: str) -> None:
    subprocess.run([python, "-m", "dipg_safety_gym", *switches], check=True)


if __name__ == "__main__":
    main()

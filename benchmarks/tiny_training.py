"""Trains the tiny model by the whole path, with several seeds, and says what fine-tuning and what the reward brought.

    python -m benchmarks.tiny_training --seeds 0 1 2 --out results/tiny

For each seed the commands of `dipg-gym` run as a user would run them, against one real server: `train sft`, `train
grpo`, and `evaluate` after each, on held-out charts of the same distribution. What is there is not done again.
Intervals are those of a bootstrap over tasks, 95 %.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from dipg_safety_gym.cli.local_server import absolute, running_server
from dipg_safety_gym.client.http import DIPGClient
from dipg_safety_gym.core.run_wire import StoredResponse
from dipg_safety_gym.core.tasks import load_tasks

RESAMPLES = 2000
SHOWN = {
    "reward": "mean reward",
    "safe": "safe responses",
    "right": "right answers, of the answerable",
    "coverage": "attempts, of the answerable",
    "form": "strict form",
}


def main() -> None:
    """Train, evaluate, and print a table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--out", type=Path, default=Path("results/tiny"))
    parser.add_argument("--preset", default="tiny-cpu")
    parser.add_argument("--set", action="append", default=[], dest="changes", help="as of `dipg-gym train grpo`")
    chosen = parser.parse_args()
    data, found = chosen.out / "data", chosen.out / "tiny_training.json"
    if not (data / "sft.jsonl").exists():
        _run("train", "tiny-data", "--out", str(data))
    files = {split: absolute(data / f"{split}.jsonl") for split in ("train", "eval")}
    answerable = {task.id for task in load_tasks(files["eval"]) if not task.gold.abstain}
    rows = []
    with running_server(files) as url, DIPGClient(url) as client:
        for seed in chosen.seeds:
            rows += _train_and_evaluate(seed, chosen, url, client, answerable)
            found.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    print(_table(rows))


def _train_and_evaluate(
    seed: int, chosen: argparse.Namespace, url: str, client: DIPGClient, answerable: set[str]
) -> list[dict[str, Any]]:
    folder = chosen.out / f"seed{seed}"
    common = ("--preset", chosen.preset, "--seed", str(seed))
    changes = [part for change in chosen.changes for part in ("--set", change)]
    stages = {
        "sft": ("train", "sft", *common, "--input", str(chosen.out / "data" / "sft.jsonl")),
        "grpo": ("train", "grpo", *common, "--model", str(folder / "sft" / "model"), "--base-url", url, *changes),
    }
    rows = []
    for stage, command in stages.items():
        started = time.monotonic()
        _run(*command, "--out", str(folder / stage))
        seconds = time.monotonic() - started
        rows.append(
            {
                "seed": seed,
                "stage": stage,
                "seconds": round(seconds),
                **_evaluate(folder, stage, url, client, answerable),
            }
        )
    return rows


def _evaluate(folder: Path, stage: str, url: str, client: DIPGClient, answerable: set[str]) -> dict[str, Any]:
    out = folder / f"{stage}-eval"
    agent = f"{folder.name}-{stage}"
    _run("evaluate", "--model", str(folder / stage), "--base-url", url, "--out", str(out), "--agent", agent,
         "--max-tokens", "48", "--batch-size", "64")  # fmt: skip
    run_id = json.loads((out / "results.json").read_text(encoding="utf-8"))["run_id"]
    return measures(client.stored_responses(run_id), answerable)


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


def _run(*switches: str) -> None:
    subprocess.run([sys.executable, "-m", "dipg_safety_gym", *switches], check=True)


if __name__ == "__main__":
    main()

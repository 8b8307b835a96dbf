"""Which part of a GRPO step the environment takes, at group size 16 and completions of 512 tokens.

    python -m benchmarks.environment_share --out benchmarks/results/environment_share.json

Measured: steps of `dipg-gym train grpo` with the tiny model untrained, so that every completion runs to its limit,
against a real server. Such a model writes quicker than any that is worth training: its share is an upper bound.
Computed: the same for a model of a billion parameters on an H100. A completion cannot be written faster than the
weights are read once a token, and a step cannot be learnt from faster than 6 operations a weight and token (Kaplan et
al. 2020, arXiv 2001.08361) at the peak of NVIDIA's data sheet; the floor of a step is the sum of both.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dipg_safety_gym.cli.local_server import absolute, running_server
from dipg_safety_gym.client.http import DIPGClient
from dipg_safety_gym.core.files import write_rows
from dipg_safety_gym.core.tags import render_response
from dipg_safety_gym.core.tasks import load_tasks
from dipg_safety_gym.training.reward_function import EnvironmentReward
from dipg_safety_gym.training.run_folder import read_log
from dipg_safety_gym.training.tiny_tasks import compose_tiny_sft, compose_tiny_tasks

GROUP, PROMPTS, TOKENS = 16, 8, 512
STEPS = 4
WEIGHTS = 1_000_000_000
BANDWIDTH, OPERATIONS = 3.35e12, 989e12
"""Bytes and 16-bit operations a second of an H100 SXM, by its data sheet; a weight has two bytes."""
PROMPT_TOKENS = 400
"""Of a shipped task with its system prompt, about."""
WORDS = 380
"""Of a thought that makes a response some 512 tokens long."""


def main() -> None:
    """Measure, compute, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    found = {**_tiny(), **_billion()}
    print(json.dumps(found, indent=2))
    if chosen.out:
        chosen.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _tiny() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_rows(compose_tiny_tasks(0, 200, "train"), folder / "train.jsonl")
        write_rows(compose_tiny_sft(0, 400), folder / "sft.jsonl")
        with running_server({"train": absolute(folder / "train.jsonl")}) as url:
            _train("sft", "--input", str(folder / "sft.jsonl"), "--out", str(folder / "sft"), "--steps", "1",
                   "--set", "pretraining.steps=0")  # fmt: skip
            settings = {
                "grpo.group_size": GROUP,
                "grpo.prompts_per_step": PROMPTS,
                "grpo.micro_batch": GROUP,
                "model.max_completion_tokens": TOKENS,
                "curriculum.probe_size": 8,
                "curriculum.mode": "fixed",
            }
            changes = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
            switches = ("--model", str(folder / "sft" / "model"), "--out", str(folder / "grpo"), "--base-url", url)
            _train("grpo", *switches, "--steps", str(STEPS), *changes)
        rows = read_log(folder / "grpo")[1:]
    step = sum(row.step_s for row in rows) / len(rows)
    environment = sum(row.environment_s for row in rows) / len(rows)
    return {"tiny_step_s": step, "tiny_environment_s": environment, "tiny_share": environment / step}


def _billion() -> dict[str, float]:
    """The server's time for a step of whole responses of that length, on the shipped tasks."""
    tasks = load_tasks("dipg-train")[:PROMPTS]
    responses = [
        render_response(think="word " * WORDS, proof="\n".join(task.gold.evidence), answer=task.gold.answer or "")
        for task in tasks
        for _ in range(GROUP)
    ]
    ids = [task.id for task in tasks for _ in range(GROUP)]
    with running_server() as url, DIPGClient(url) as client:
        reward = EnvironmentReward(client=client)
        reward.scores(responses, ids)
        started = time.monotonic()
        reward.scores(responses, ids)
        environment = time.monotonic() - started
    written = TOKENS * 2 * WEIGHTS / BANDWIDTH
    learnt = GROUP * PROMPTS * (PROMPT_TOKENS + TOKENS) * 6 * WEIGHTS / OPERATIONS
    floor = written + learnt
    return {"billion_floor_s": floor, "billion_environment_s": environment, "billion_share": environment / floor}


def _train(*switches: str) -> None:
    command = [sys.executable, "-m", "dipg_safety_gym", "train", switches[0], "--preset", "tiny-cpu", *switches[1:]]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()

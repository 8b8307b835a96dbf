"""The batch scripts of `deploy/slurm`: plain bash, run here without a scheduler."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import dipg_safety_gym
import pytest
from dipg_safety_gym.benchmarks.tiny_checkpoint import make_checkpoint
from dipg_safety_gym.cli.main import app
from typer.testing import CliRunner

ROOT = Path(dipg_safety_gym.__file__).parent
SLURM = ROOT / "deploy" / "slurm"
SCRIPTS = sorted([*SLURM.glob("*.sh"), *SLURM.glob("*.sbatch")])


def run(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    found = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": os.environ.get("HOME", "/tmp")}
    command = ["bash", str(SLURM / script), *arguments]
    return subprocess.run(
        command, env={**found, **environment}, capture_output=True, text=True, timeout=200, check=False
    )


def corpus(path: Path) -> Path:
    rows = [
        {
            "document_source": "MADE",
            "question_id": str(number),
            "question_focus": f"Abel disease {number}",
            "question_type": "information",
            "question": f"What is (are) Abel disease {number} ?",
            "answer": "It is.",
        }
        for number in range(6)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_sound_bash_and_names_no_resources_of_one_machine(script: Path) -> None:
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
    fixed = [line for line in script.read_text().splitlines() if line.startswith("#SBATCH")]
    assert not [line for line in fixed if any(name in line for name in ("gres", "mem", "time=", "partition", "cpus"))]


def test_resources_come_from_the_environment() -> None:
    wanted = {"GPUS": "2", "GPU_TYPE": "a100", "CPUS": "4", "MEMORY": "32G", "TIME": "01:00:00"}
    done = run("submit.sh", "dpo.sbatch", PRINT_ONLY="1", PARTITION="short", ACCOUNT="us", **wanted)
    assert done.returncode == 0, done.stderr
    for part in ("--gres=gpu:a100:2", "--cpus-per-task=4", "--mem=32G", "--time=01:00:00", "--partition=short"):
        assert part in done.stdout
    assert "--account=us" in done.stdout and "--export=ALL" in done.stdout
    without = run("submit.sh", "medquad_prompts.sbatch", PRINT_ONLY="1", GPUS="0").stdout
    assert (
        "gres" not in without and "partition" not in without and without.split()[-1].endswith("medquad_prompts.sbatch")
    )
    wrong = run("submit.sh", "none.sbatch", PRINT_ONLY="1")
    assert wrong.returncode == 2 and "expected one of: dpo.sbatch medquad_prompts.sbatch" in wrong.stderr


def test_what_is_not_set_is_named() -> None:
    for script, name in (
        ("dpo.sbatch", "PROMPTS"),
        ("medquad_prompts.sbatch", "MEDQUAD"),
        ("submit.sh", "batch script"),
    ):
        done = run(script)
        assert done.returncode != 0 and name in done.stderr


def test_prompts_are_made_by_the_script(tmp_path: Path) -> None:
    done = run("medquad_prompts.sbatch", MEDQUAD=str(corpus(tmp_path / "rows")), OUT=str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "out" / "stage2_med_prompts.jsonl").read_text().splitlines()) == 6


def test_the_example_of_the_secrets_holds_none_and_the_real_file_is_ignored() -> None:
    lines = (SLURM / "secrets.example.env").read_text().splitlines()
    assert all(line.startswith("#") or line.endswith("=") for line in lines)
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert "secrets.env" in ignored and "secrets.env" in (ROOT / ".dockerignore").read_text()


@pytest.mark.training
@pytest.mark.e2e
def test_pairs_are_made_by_the_script(tmp_path: Path) -> None:
    switches = ["--input", str(corpus(tmp_path / "rows")), "--out", str(tmp_path / "prompts")]
    assert CliRunner().invoke(app, ["generate", "medquad-prompts", *switches]).exit_code == 0
    done = run(
        "dpo.sbatch",
        PROMPTS=str(tmp_path / "prompts" / "stage2_med_prompts.jsonl"),
        TEACHER=str(make_checkpoint(tmp_path / "careful")),
        REJECTED=str(make_checkpoint(tmp_path / "careless", seed=1)),
        OUT=str(tmp_path / "pairs"),
        COUNT="4",
        BATCH="4",
        SECRETS=str(SLURM / "secrets.example.env"),
        MORE="--local-tokens 64 --json",
        OMP_NUM_THREADS="1",
    )
    assert done.returncode == 0, done.stderr
    manifest = json.loads(done.stdout)
    assert manifest["count"] == 4 == manifest["pairs"] + sum(manifest["rejected"].values())
    assert manifest["settings"]["max_tokens"] == 64

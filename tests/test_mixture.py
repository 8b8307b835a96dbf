"""Sets mixed from accepted tasks, and two teachers compared: `dipg-gym generate sft|grpo|compare`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from dipg_safety_gym.core.examples import GrpoPrompt, load_prompts, load_sft
from dipg_safety_gym.core.tasks import load_tasks
from dipg_safety_gym.generation.mixture import MixtureError, mix
from dipg_safety_gym.generation.teacher_report import read_stats, self_bleu


def generate(*switches: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dipg_safety_gym", "generate", *switches]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("accepted")
    assert generate("clinical", "--count", "200", "--out", str(folder)).returncode == 0
    return folder


@pytest.mark.parametrize("what", ["sft", "grpo"])
def test_a_set_is_mixed_divided_and_the_same_again(accepted: Path, tmp_path: Path, what: str) -> None:
    switches = (what, "--input", str(accepted), "--count", "150", "--seed", "4")
    for name in ("one", "again"):
        done = generate(*switches, "--out", str(tmp_path / name))
        assert done.returncode == 0 and "train: 134 rows" in done.stdout, done.stderr
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()
    sides = {side: tmp_path / "one" / f"{side}.jsonl" for side in ("train", "validation")}
    counts = json.loads((tmp_path / "one" / "manifest.json").read_text())["rows"]
    total = Counter(counts["train"]) + Counter(counts["validation"])
    assert total == {"reasoning": 75, "refusal": 60, "general_safety": 15}
    if what == "sft":
        families = {side: {row.family for row in load_sft(path)} for side, path in sides.items()}
        assert not families["train"] & families["validation"]
        return
    for side, path in sides.items():
        tasks = load_tasks(tmp_path / "one" / f"tasks_{side}.jsonl")
        assert load_prompts(path) == [GrpoPrompt.of(task) for task in tasks]


def test_what_cannot_be_mixed_says_how_much_can(accepted: Path, tmp_path: Path) -> None:
    done = generate("sft", "--input", str(accepted), "--count", "210", "--out", str(tmp_path))
    assert done.returncode == 1 and "100 of 105 reasoning" in done.stderr and "ask for at most 200" in done.stderr
    with pytest.raises(MixtureError, match="multiple of 10"):
        mix(load_tasks(accepted / "tasks.jsonl"), 15, 0)


def test_a_family_stays_on_one_side(accepted: Path) -> None:
    """Also where it holds several tasks, of several categories."""
    tasks = [
        task.model_copy(update={"family": f"f{place // 4}"})
        for place, task in enumerate(load_tasks(accepted / "tasks.jsonl"))
    ]
    mixed = mix(tasks, 200, 1, 0.2)
    kept = {task.family for task in mixed.validation}
    assert kept and not kept & {task.family for task in mixed.train}
    assert len(mixed.train) + len(mixed.validation) == 200 and len(mixed.validation) <= 40


def test_two_runs_are_compared_as_text_and_picture(accepted: Path, tmp_path: Path) -> None:
    done = generate("compare", str(accepted), "offline", "--count", "40", "--seed", "9", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    report = (tmp_path / "report.md").read_text()
    assert "| Accepted items | 200 | 40 |" in report and "never for patients" in report
    assert (tmp_path / "report.svg").read_bytes().startswith(b"<?xml")
    stats = read_stats(accepted)
    assert stats.fidelity == 1.0 and stats.steps > 1 and stats.context_words > 20
    missing = generate("compare", str(tmp_path), str(accepted), "--out", str(tmp_path))
    assert missing.returncode == 1 and "holds no accepted items of a run" in missing.stderr


def test_self_bleu_is_high_for_what_repeats_itself() -> None:
    same = [["the", "dose", "was", "given", "today"]] * 5
    apart = [[f"w{text}x{at}" for at in range(5)] for text in range(5)]
    assert self_bleu(same) == pytest.approx(1.0)
    # Nothing is shared: only what is added to both counts is left.
    assert self_bleu(apart) == pytest.approx((1 / (6 * 5 * 4 * 3)) ** 0.25)

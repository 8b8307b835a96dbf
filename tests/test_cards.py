"""The card of the data says what is there: its table, its configs, its pictures, its canary."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from dipg_safety_gym.cli.main import app
from dipg_safety_gym.core.examples import load_any
from dipg_safety_gym.core.tasks import CANARY, DATASETS, KINDS
from dipg_safety_gym.generation.facts import load_facts
from typer.testing import CliRunner

CARD = (DATASETS / "README.md").read_text(encoding="utf-8")
FILES = sorted(path.name for path in DATASETS.glob("*.jsonl"))


def front_matter() -> dict[str, Any]:
    found = yaml.safe_load(CARD.split("---\n")[1])
    assert isinstance(found, dict)
    return found


def test_the_configs_name_every_file_once() -> None:
    named = [file["path"] for config in front_matter()["configs"] for file in config["data_files"]]
    assert sorted(named) == FILES


@pytest.mark.parametrize("name", FILES)
def test_the_tables_hold_the_figures_of_the_files(name: str) -> None:
    rows = load_any(DATASETS / name)
    assert re.search(rf"\| `{name}` \| {len(rows)} \|", CARD)
    if name == "dipg_grpo_prompts.jsonl":
        return
    kinds = Counter(row.kind for row in rows)
    figures = (
        len({row.family for row in rows}),
        sum(row.gold.abstain for row in rows),
        sum(row.metadata.difficulty == "hard" for row in rows),
        *(kinds[kind] for kind in KINDS if kind != "error_detection"),  # of which none is shipped
    )
    wanted = f"| `{name}` | {' | '.join(map(str, figures))} |"
    assert wanted in CARD, f"the composition should have the line {wanted}"


def test_the_card_tells_the_canary_the_use_and_the_facts() -> None:
    assert f"`{CANARY}`" in CARD
    assert "For research only, never for the care of a patient" in CARD
    studies = load_facts()
    assert f"{sum(len(study.facts) for study in studies)} facts of {len(studies)} studies" in CARD


def test_what_the_card_points_at_is_there() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", CARD)
    assert len(targets) >= 5
    for target in targets:
        assert (DATASETS / target).exists(), target


def test_the_pictures_can_be_read_by_machines_that_read_svg() -> None:
    for path in sorted(Path(DATASETS / "pictures").glob("*.svg")):
        text = path.read_text(encoding="utf-8")
        assert "<svg" in text and "general safety" in text and path.stem in text


@pytest.mark.parametrize(("name", "count"), [("eval", 25), ("train", 15)])
def test_the_audit_names_the_tasks_of_its_draw(name: str, count: int) -> None:
    audit = (DATASETS.parent / "docs" / "data_audit.md").read_text(encoding="utf-8")
    shown = CliRunner().invoke(app, ["tasks", "show", f"dipg-{name}", "--count", str(count), "--seed", "2026"])
    drawn = re.findall(r"(?m)^\d+\. (t-[0-9a-f]{8})  ", shown.output)
    assert len(drawn) == count
    assert re.findall(rf"(?m)^\| (t-[0-9a-f]{{8}}) \| {name} ", audit) == drawn, (
        "the sets have changed: audit them again"
    )

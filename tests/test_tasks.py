"""Tasks and task files: defaults, rules, and errors that name line, field and reason."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from dipg_safety_gym.core.jsonl import DataFileError
from dipg_safety_gym.core.tasks import SHIPPED, Gold, Task, load_tasks
from pydantic import ValidationError

GOOD: dict[str, Any] = {
    "id": "t-1",
    "context": "The dose was 54 Gy.",
    "question": "Which dose?",
    "gold": {"abstain": False, "answer": "54 Gy", "evidence": ["The dose was 54 Gy."]},
}


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_four_fields_make_a_task() -> None:
    task = Task(id="x", context="c", question="q", gold=Gold(abstain=False, answer="a"))
    assert (task.kind, task.family, task.split) == ("reasoning", "x", "custom")
    assert Task(id="x", context="c", question="q", gold=Gold(abstain=True)).kind == "trap"


@pytest.mark.parametrize("kind", ["trap", "conflict", "anti_knowledge"])
def test_kinds_that_decline_have_no_answer(kind: Any) -> None:
    with pytest.raises(ValidationError, match="must be declined"):
        Task(id="x", kind=kind, context="c", question="q", gold=Gold(abstain=False, answer="a"))


def test_an_answerable_task_needs_an_answer() -> None:
    with pytest.raises(ValidationError, match="non-empty gold answer"):
        Gold(abstain=False, answer="  ")


@pytest.mark.parametrize("name", ["tasks.jsonl", "tasks.jsonl.gz", "odd-name"])
def test_plain_and_gzip_files_are_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    text = "\ufeff" + json.dumps(GOOD) + "\n\n" + json.dumps(GOOD | {"id": "t-2"}) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    assert [task.id for task in load_tasks(path)] == ["t-1", "t-2"]


def test_shipped_sets_are_loaded_by_name() -> None:
    for name in SHIPPED:
        assert load_tasks(name)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2: not JSON"),
        ("[" * 100_000, "line 2: not JSON"),
        ("3", "line 2, field the line"),
        (json.dumps(GOOD | {"id": "t-1"}), r"line 2, field id: 't-1' stands on line 1 already"),
        (json.dumps(GOOD | {"id": " "}), "line 2, field id"),
        (
            json.dumps(GOOD | {"id": "t-2", "kind": "riddle"}),
            r"line 2, field kind: Input should be 'reasoning'.*found \"riddle\"; `dipg-gym tasks schema`",
        ),
        (json.dumps(GOOD | {"id": "t-2", "hint": "x"}), "line 2, field hint"),
        (
            json.dumps({k: v for k, v in GOOD.items() if k != "question"}),
            "line 2, field question: Field required; `dipg-gym tasks schema` prints",
        ),
        (json.dumps(GOOD | {"id": "t-2", "gold": {"abstain": False}}), "line 2, field gold: an answerable task"),
        (
            json.dumps(GOOD | {"id": "t-2", "gold": GOOD["gold"] | {"evidence": ["The dose was 59 Gy."]}}),
            "line 2, field gold.evidence.0: .* does not stand in the context",
        ),
    ],
)
def test_a_broken_line_stops_loading_with_its_number_and_reason(tmp_path: Path, line: str, message: str) -> None:
    path = write(tmp_path / "tasks.jsonl", json.dumps(GOOD), line)
    with pytest.raises(DataFileError, match=re.escape(str(path)) + ", " + message):
        load_tasks(path)


def test_unreadable_files_say_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match=r"nowhere.jsonl: No such file.*dipg-eval, dipg-train"):
        load_tasks(tmp_path / "nowhere.jsonl")
    with pytest.raises(DataFileError, match="nothing found in it; expected JSON Lines, one Task a line"):
        load_tasks(write(tmp_path / "empty.jsonl", ""))
    (tmp_path / "latin.jsonl").write_bytes(json.dumps(GOOD).encode() + b"\n\xe9\n")
    with pytest.raises(DataFileError, match="not UTF-8"):
        load_tasks(tmp_path / "latin.jsonl")
    (tmp_path / "cut.gz").write_bytes(gzip.compress(json.dumps(GOOD).encode())[:-9])
    with pytest.raises(DataFileError, match="broken gzip"):
        load_tasks(tmp_path / "cut.gz")

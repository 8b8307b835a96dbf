"""`dipg-gym generate medquad-prompts`: what is asked, each once, and an account of every row."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dipg_safety_gym.cli.main import app
from dipg_safety_gym.core.jsonl import read_rows as read_checked
from dipg_safety_gym.generation.medquad import Row, read_rows
from dipg_safety_gym.generation.medquad_category import category_of
from dipg_safety_gym.generation.medquad_prompts import MedPrompt, build_prompts
from dipg_safety_gym.generation.medquad_questions import clean_question
from typer.testing import CliRunner

CORPUS = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "medquad.jsonl.gz"


def row(focus: str, question: str, **changed: Any) -> dict[str, Any]:
    """A row as the corpus has it."""
    columns = {
        "document_source": "GARD",
        "question_id": "0000001-1",
        "question_type": "information",
        "answer": "It is.",
    }
    return {"question_focus": focus, "question": question, **columns, **changed}


def corpus(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    return path


def made(focus: str, question: str) -> Row:
    return Row(source="GARD", question_id="1", focus=focus, type="information", answer="", question=question)


@pytest.mark.parametrize(
    ("focus", "question", "cleaned"),
    [
        ("Abel disease", "What is (are) Abel disease ?", "What is Abel disease?"),
        ("Elbow Warts", "What is (are) Elbow Warts ?", "What are Elbow Warts?"),
        ("Warts of the elbow", "What is (are) Warts of the elbow ?", "What are Warts of the elbow?"),
        ("Abel disease", "Who is at risk for Abel disease? ?", "Who is at risk for Abel disease?"),
        ("Iron", "Do you have information about Iron", "Do you have information about Iron?"),
        (
            "Abel disease",
            "what research is being done for Abel disease ?",
            "What research is being done for Abel disease?",
        ),
        ("What I need to know about Gas", "What is (are) What I need to know about Gas ?", "What is Gas?"),
        ("Parasites - Mites", "How to prevent Parasites - Mites ?", "How to prevent Mites?"),
        ("Causes of Abel disease", "What causes Causes of Abel disease ?", "What causes Abel disease?"),
        (
            "Elbow, absence of",
            "What are the symptoms of Elbow, absence of ?",
            "What are the symptoms of Elbow, absence of?",
        ),
        ("", "how vaccines prevent disease", "How vaccines prevent disease?"),
        ("", "What is (are) ?", ""),
        ("", "Who is at risk for ? ?", ""),
        ("", "Is inherited ?", ""),
        ("Abel disease", " ?", ""),
    ],
)
def test_a_question_is_put_as_a_reader_would(focus: str, question: str, cleaned: str) -> None:
    assert clean_question(made(focus, question)) == cleaned


def test_every_row_is_accounted_for(tmp_path: Path) -> None:
    withheld = {"answer": None, "document_source": "ADAM"}
    path = corpus(
        tmp_path / "medquad.jsonl",
        [
            row("Abel disease", "What is (are) Abel disease ?", **withheld),
            row("ABEL disease", "What is (are) ABEL disease ?", answer="  "),
            row("Abel disease", "What is (are) Abel disease ?", document_source="GHR"),
            row("Abel disease", "What is (are) Abel disease ?", question_type="causes"),
            row("", "What is (are) ?", document_source="CDC"),
            row("Iron", "Do you have information about Iron", **withheld),
            row("Zinc", "Do you have information about Zinc", document_source=None),
        ],
    )
    prompts, report = build_prompts(read_rows(path))
    # Of three rows that ask the same, the one with an answer is kept; another type asks for something else.
    assert [(one.source, one.question_type, one.question) for one in prompts] == [
        ("GHR", "information", "What is Abel disease?"),
        ("GARD", "causes", "What is Abel disease?"),
        ("ADAM", "information", "Do you have information about Iron?"),
        ("unknown", "information", "Do you have information about Zinc?"),
    ]
    assert report.dropped == {"no question": 1, "answer withheld": 0, "duplicate": 2}
    assert report.rows == 7 == report.prompts + sum(report.dropped.values()) and report.prompts_without_answer == 1
    assert report.by_source["ADAM"].model_dump() == {
        "rows": 2,
        "prompts": 1,
        "dropped": {"no question": 0, "answer withheld": 0, "duplicate": 1},
        "prompts_without_answer": 1,
    }
    answered, report = build_prompts(read_rows(path), only_answered=True)
    assert [one.id for one in answered] == [prompts[0].id, prompts[1].id, prompts[3].id]
    assert report.dropped == {"no question": 1, "answer withheld": 3, "duplicate": 0}


def test_an_id_hangs_on_its_row_alone(tmp_path: Path) -> None:
    rows = [row(name, f"What is (are) {name} ?") for name in ("Abel disease", "Bart disease", "Cord disease")]
    both = [build_prompts(read_rows(corpus(tmp_path / "rows", some)))[0] for some in (rows, rows[::-1])]
    # All three have one `question_id`, as happens in the corpus.
    assert len({one.id for one in both[0]}) == 3 and both[0] == both[1][::-1]
    assert both[0][0].id.startswith("gard-0000001-1-")


@pytest.mark.parametrize(
    ("changed", "category", "told_by"),
    [
        ({"category": "Drug"}, "drug", "column"),
        ({"semantic_group": "Disorders"}, "disease", "semantic group"),
        ({"semantic_group": "Chemicals & Drugs"}, "drug", "semantic group"),
        ({"semantic_group": "Procedures"}, "other", "semantic group"),
        ({"source": "MPlusDrugs"}, "drug", "source"),
        ({"type": "inheritance"}, "disease", "question type"),
        ({"type": "side effects"}, "drug", "question type"),
        ({"type": "information"}, "other", "nothing"),
    ],
)
def test_a_category_is_the_columns_or_that_of_the_first_rule_that_tells(
    changed: dict[str, str], category: str, told_by: str, tmp_path: Path
) -> None:
    names = {"category": "category", "semantic_group": "umls_semantic_group", "source": "document_source"}
    columns = {names.get(name, "question_type"): value for name, value in changed.items()}
    [read] = read_rows(corpus(tmp_path / "rows", [row("Abel disease", "What is (are) Abel disease ?", **columns)]))
    assert category_of(read) == (category, told_by)


def run(*switches: str) -> Any:
    return CliRunner().invoke(app, ["generate", "medquad-prompts", *switches])


def test_the_command_writes_prompts_and_the_account(tmp_path: Path) -> None:
    path = corpus(tmp_path / "rows", [row("Abel disease", "What is (are) Abel disease ?"), row("", "What is (are) ?")])
    done = run("--input", str(path), "--out", str(tmp_path / "out"))
    assert done.exit_code == 0 and "never for patients" in done.stdout, done.output
    [(_, prompt)] = read_checked(tmp_path / "out" / "stage2_med_prompts.jsonl", MedPrompt, {})
    assert list(prompt.model_dump()) == ["id", "source", "question_type", "category", "question"]
    account = json.loads((tmp_path / "out" / "manifest.json").read_text())["rows"]
    assert account["rows"] == 2 and account["dropped"]["no question"] == 1
    before = {one.name: one.read_bytes() for one in (tmp_path / "out").iterdir()}
    again = run("--input", str(path), "--out", str(tmp_path / "out"), "--json")
    assert json.loads(again.stdout) == account
    assert {one.name: one.read_bytes() for one in (tmp_path / "out").iterdir()} == before


def test_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    nothing = corpus(tmp_path / "nothing", [row("", " ?")])
    done = run("--input", str(nothing), "--out", str(tmp_path / "out"))
    assert "none of 1 rows asks a question" in str(done.exception) and not (tmp_path / "out").exists()
    lacking = row("Abel disease", "What is (are) Abel disease ?")
    del lacking["question"]
    done = run("--input", str(corpus(tmp_path / "lacking", [lacking])), "--out", str(tmp_path / "out"))
    assert "lacking, line 1, field question: missing" in str(done.exception)
    assert run("--input", str(tmp_path / "absent"), "--out", str(tmp_path / "out")).exit_code == 2


@pytest.mark.skipif(not CORPUS.exists(), reason="MedQuAD is not at ../shared/data/medquad.jsonl.gz")
def test_the_whole_corpus_is_accounted_for_to_the_last_row() -> None:
    rows = read_rows(CORPUS)
    prompts, report = build_prompts(rows)
    assert len(rows) == report.rows == report.prompts + sum(report.dropped.values())
    for one in report.by_source.values():
        assert one.rows == one.prompts + sum(one.dropped.values())
    assert sum(one.rows for one in report.by_source.values()) == len(rows)
    assert len({one.id for one in prompts}) == len(prompts) == report.prompts > 14_000
    assert sum(report.categories.values()) == sum(report.category_told_by.values()) == report.prompts
    asked = [(one.question.lower(), one.question_type) for one in prompts]
    assert len(set(asked)) == len(asked)
    assert not [
        one.question for one in prompts if "(are)" in one.question or " ?" in one.question or "??" in one.question
    ]
    # Where the column tells, the heuristic says the same.
    told = [one for one in rows if one.category]
    by_rule = [category_of(replace(one, category=""))[0] for one in told]
    assert len(told) == 981 and by_rule == [one.category for one in told]

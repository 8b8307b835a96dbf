"""The corpus: half of a split is to be declined, twins stand together, and the splits share nothing."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from dipg_safety_gym.cli.main import app
from dipg_safety_gym.core.tags import render_response
from dipg_safety_gym.core.tasks import Task, load_tasks
from dipg_safety_gym.generation.corpus import CorpusError, compose_corpus
from dipg_safety_gym.generation.drafts import SPLITS, Split
from dipg_safety_gym.generation.facts import load_facts
from dipg_safety_gym.generation.literature import compose_literature, split_of
from dipg_safety_gym.server.rewards import score
from typer.testing import CliRunner

COUNTS: dict[Split, int] = {"train": 1500, "eval": 300, "blind": 200}
SEED = 17


@pytest.fixture(scope="module")
def corpus() -> dict[Split, list[Task]]:
    return {split: compose_corpus(split, SEED, COUNTS[split]) for split in SPLITS}


def test_half_of_a_split_is_to_be_declined(corpus: dict[Split, list[Task]]) -> None:
    for split, tasks in corpus.items():
        assert len(tasks) == COUNTS[split]
        assert sum(task.gold.abstain for task in tasks) * 2 == len(tasks)
        assert len({task.id for task in tasks}) == len(tasks)


def test_the_same_seed_gives_the_same_tasks_and_another_gives_others(corpus: dict[Split, list[Task]]) -> None:
    assert compose_corpus("blind", SEED, COUNTS["blind"]) == corpus["blind"]
    assert compose_corpus("blind", SEED + 1, COUNTS["blind"]) != corpus["blind"]


def test_every_gold_answer_earns_the_maximum(corpus: dict[Split, list[Task]]) -> None:
    for task in corpus["eval"] + corpus["blind"]:
        proof = "" if task.gold.abstain else "\n".join(task.gold.evidence)
        for answer in (task.gold.answer or "", *task.gold.aliases):
            assert score(render_response(think="", proof=proof, answer=answer), task).reward == 1.0, (task.id, answer)


def test_a_twin_has_another_gold_and_another_context(corpus: dict[Split, list[Task]]) -> None:
    by_id = {task.id: task for task in corpus["eval"]}
    twins = [task for task in corpus["eval"] if task.metadata.twin_of]
    assert len(twins) >= 100
    for task in twins:
        other = by_id[task.metadata.twin_of or ""]
        assert (task.gold.abstain, task.gold.answer) != (other.gold.abstain, other.gold.answer)
        assert task.context != other.context


def test_the_splits_share_no_family_and_no_run_of_13_words(corpus: dict[Split, list[Task]]) -> None:
    families = {split: {task.family for task in tasks} for split, tasks in corpus.items()}
    runs = {split: set().union(*map(_runs, tasks)) for split, tasks in corpus.items()}
    for one, other in (("train", "eval"), ("train", "blind"), ("eval", "blind")):
        assert not families[one] & families[other]
        assert not runs[one] & runs[other]


def _runs(task: Task, size: int = 13) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", task.context.lower())
    return {tuple(words[at : at + size]) for at in range(len(words) - size + 1)}


def test_a_question_is_asked_as_often_where_it_must_be_declined() -> None:
    drafts = list(compose_literature("train", SEED))
    told = Counter(draft.question for draft in drafts if not draft.gold.abstain)
    silent = Counter(draft.question for draft in drafts if draft.gold.abstain)
    assert told == silent


def test_the_pair_of_notes_differs_by_one_sentence() -> None:
    drafts = {draft.key: draft for draft in compose_literature("eval", SEED)}
    for draft in drafts.values():
        if draft.twin_of is None:
            continue
        other = drafts[draft.twin_of]
        (evidence,) = other.gold.evidence
        before, _, behind = other.context.partition(evidence)
        assert draft.context.startswith(before) and draft.context.endswith(behind), draft.key
        assert evidence not in draft.context


def test_studies_are_divided_once_and_for_all() -> None:
    studies = load_facts()
    parts = [split_of(studies, split) for split in SPLITS]
    assert sorted(study.key for part in parts for study in part) == sorted(study.key for study in studies)
    with pytest.raises(ValueError, match="unknown split 'test'"):
        split_of(studies, "test")  # type: ignore[arg-type]


def test_a_count_that_cannot_be_halved_is_refused() -> None:
    with pytest.raises(CorpusError, match=r"41 tasks wanted, 40 can be composed for blind.*multiple of four"):
        compose_corpus("blind", SEED, 41)


def test_the_command_writes_a_blind_split(tmp_path: Path) -> None:
    out = tmp_path / "blind.jsonl.gz"
    done = CliRunner().invoke(
        app, ["tasks", "compose", "--split", "blind", "--seed", "5", "--count", "40", "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    assert "20 to be declined" in done.output
    assert len(load_tasks(out)) == 40


@pytest.mark.parametrize(
    "switches",
    [
        ["--split", "blind"],
        ["--split", "blind", "--out", "x.jsonl"],
        ["--split", "train", "--count", "10"],
        ["--split", "train", "--count", "10", "--source", ".", "--out", "x.jsonl"],
    ],
)
def test_wrong_use_is_told(switches: list[str]) -> None:
    done = CliRunner().invoke(app, ["tasks", "compose", *switches])
    assert done.exit_code == 2

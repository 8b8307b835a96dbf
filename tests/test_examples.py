"""Worked examples and prompts: composed as asked, scored at the maximum, and refused where they are not as said."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dipg_safety_gym.cli.main import app
from dipg_safety_gym.core.examples import (
    SHARES,
    GrpoPrompt,
    SftExample,
    category_of,
    load_any,
    load_prompts,
    load_sft,
)
from dipg_safety_gym.core.files import write_rows
from dipg_safety_gym.core.jsonl import DataFileError
from dipg_safety_gym.core.prompts import build_messages, split_user
from dipg_safety_gym.core.schema import MODELS, schema_of, schema_page
from dipg_safety_gym.core.tags import parse_response
from dipg_safety_gym.core.tasks import DATASETS, KINDS, SHIPPED, load_tasks
from dipg_safety_gym.generation.corpus import CorpusError
from dipg_safety_gym.generation.sft import SIZE, compose_sft
from dipg_safety_gym.server.rewards import score
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

EXAMPLES = load_sft("dipg-sft-v1")
PROMPTS = load_prompts("dipg-grpo-prompts")


def test_the_shipped_examples_have_their_shares_and_earn_the_maximum() -> None:
    assert len(EXAMPLES) == SIZE == 2000
    assert Counter(example.category for example in EXAMPLES) == {name: SIZE * share for name, share in SHARES.items()}
    for example in EXAMPLES:
        found = score(example.response, example.task())
        assert found.reward == 1.0 and found.safe and found.consistent, (example.id, found.explanation)


def test_the_shipped_examples_are_those_that_the_composer_makes() -> None:
    assert compose_sft(17) == EXAMPLES
    assert compose_sft(18, 50) != compose_sft(17, 50)


def test_a_thought_quotes_what_the_proof_quotes_and_ends_in_the_answer() -> None:
    for example in EXAMPLES:
        parsed = parse_response(example.response)
        if not example.gold.abstain:
            assert all(span.removesuffix(".") in parsed.think for span in example.gold.evidence), example.id
            assert parsed.think.rstrip(".").endswith(parsed.answer.rstrip(".")), example.id
        assert len(parsed.think) >= 80, example.id


def test_refusals_are_varied_and_quote_now_and_then() -> None:
    refusals = [parse_response(example.response) for example in EXAMPLES if example.category == "refusal"]
    quoting = sum(bool(parsed.proof) for parsed in refusals) / len(refusals)
    assert 0.3 < quoting < 0.8
    assert len({parsed.answer for parsed in refusals}) > len(refusals) / 3


def test_no_example_is_a_train_task() -> None:
    """A model that was tuned on the examples still meets new records when it is trained by reward."""
    posed = {(task.context, task.question) for task in load_tasks("dipg-train")}
    again = sum((example.task().context, example.task().question) in posed for example in EXAMPLES)
    assert again <= 0.02 * len(EXAMPLES)


@pytest.mark.parametrize("count", [5, 15, 2001])
def test_shares_that_cannot_be_whole_are_refused(count: int) -> None:
    with pytest.raises(CorpusError, match=rf"{count} examples wanted.*50% reasoning.*multiple of 10"):
        compose_sft(17, count)


@pytest.mark.parametrize("count", [10, 70, 140])
def test_any_multiple_of_ten_has_whole_shares(count: int) -> None:
    counted = Counter(example.category for example in compose_sft(17, count))
    assert counted == {"reasoning": count // 2, "refusal": 2 * count // 5, "general_safety": count // 10}


def test_categories() -> None:
    assert {kind: category_of(kind) for kind in KINDS} == {
        "reasoning": "reasoning",
        "needle": "reasoning",
        "error_detection": "reasoning",
        "general_safety": "general_safety",
        "trap": "refusal",
        "conflict": "refusal",
        "anti_knowledge": "refusal",
    }


def test_the_shipped_prompts_pose_the_train_tasks_and_hold_no_gold() -> None:
    tasks = load_tasks("dipg-train")
    assert [GrpoPrompt.of(task) for task in tasks] == PROMPTS
    for prompt, task in zip(PROMPTS[:200], tasks, strict=False):
        shown = prompt.model_dump_json()
        assert task.family not in shown and '"kind"' not in shown and '"gold"' not in shown
        if task.gold.abstain:
            assert (task.gold.answer or "") not in shown


def test_a_user_message_gives_context_and_question_back() -> None:
    context = "Question: who?\n\nQuestion: A {question} in a {context}.\nContext:\nmore"
    message = build_messages(context, "What is {context}?")[1]["content"]
    assert split_user(message) == (context, "What is {context}?")
    with pytest.raises(ValueError, match="a user message is laid out as"):
        split_user("Context: none")


def row(**changes: Any) -> dict[str, Any]:
    return {**EXAMPLES[0].model_dump(mode="json", by_alias=True), **changes}


def turns(*changed: str | None) -> list[dict[str, str]]:
    """The turns of an example, with these texts in place of its own."""
    own = row()["conversations"]
    return [{**turn, "value": text or turn["value"]} for turn, text in zip(own, changed, strict=True)]


def turned() -> list[dict[str, str]]:
    first, *others = row()["conversations"]
    return [*others, first]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (lambda: {"conversations": turned()}, "field the line: conversations are from human, gpt, system; expected"),
        (lambda: {"conversations": turns(None, None, "No.")}, "the response has not the strict form: none of the tags"),
        (lambda: {"conversations": turns(None, "Hello", None)}, "a user message is laid out as"),
        (lambda: {"category": "reasoning", "kind": "trap"}, "kind 'trap' is of category 'refusal', not 'reasoning'"),
        (lambda: {"kind": "riddle"}, "field kind: Input should be"),
        (
            lambda: {"gold": {"abstain": False, "answer": "x", "evidence": ["Not there."]}},
            "'Not there.' does not stand",
        ),
        (lambda: {"note": 1}, "field note: Extra inputs are not permitted; found 1; `dipg-gym tasks schema` prints"),
    ],
)
def test_a_row_that_is_not_as_it_should_be_is_refused(
    tmp_path: Path, changes: Callable[[], dict[str, Any]], message: str
) -> None:
    path = tmp_path / "sft.jsonl"
    path.write_text(json.dumps(row()) + "\n" + json.dumps(row(id="s-00000000", **changes())))
    with pytest.raises(DataFileError) as caught:
        load_any(path)
    assert str(caught.value).startswith(f"{path}, line 2") and message in str(caught.value)


def test_files_are_told_apart_by_their_first_line(tmp_path: Path) -> None:
    assert isinstance(load_any("dipg-sft-v1")[0], SftExample)
    assert isinstance(load_any("dipg-grpo-prompts")[0], GrpoPrompt)
    assert load_any("dipg-eval") == load_tasks("dipg-eval")
    path = tmp_path / "other.jsonl"
    path.write_text('{"text": "hello"}')
    with pytest.raises(DataFileError, match="line 1, field id: Field required; `dipg-gym tasks schema` prints"):
        load_any(path)
    path.write_text("[1]")
    with pytest.raises(DataFileError, match="line 1, field the line"):
        load_any(path)


# The schemas.

FILES = {"task": [*SHIPPED.values()], "sft": [DATASETS / "dipg_sft_v1.jsonl"]}
FILES["prompt"] = [DATASETS / "dipg_grpo_prompts.jsonl"]


@pytest.mark.parametrize("name", MODELS)
def test_every_shipped_row_holds_to_its_json_schema(name: str) -> None:
    schema = schema_of(name)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for path in FILES[name]:
        for line in path.read_text(encoding="utf-8").splitlines():
            assert validator.is_valid(json.loads(line)), line[:80]


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "riddle"},
        {"kind": "reasoning", "gold": {"abstain": True}},
        {"kind": "trap", "gold": {"abstain": False, "answer": "x"}},
        {"kind": "reasoning", "gold": {"abstain": False}},
        {"kind": "reasoning", "gold": {"abstain": False, "answer": " "}},
        {"kind": "error_detection"},
        {"kind": "reasoning", "gold": {"abstain": False, "answer": "x", "error": {"sentence": "c", "correction": "d"}}},
        {"question": ""},
        {"hint": "x"},
    ],
)
def test_schema_and_model_refuse_the_same_tasks(changes: dict[str, Any]) -> None:
    task = {"id": "t-1", "context": "c", "question": "q?", "gold": {"abstain": True}}
    validator = Draft202012Validator(schema_of("task"))
    assert validator.is_valid(task)
    assert not validator.is_valid({**task, **changes})
    with pytest.raises(ValueError, match="validation error"):
        MODELS["task"].model_validate({**task, **changes})


def test_the_page_of_the_schemas_is_up_to_date() -> None:
    page = (DATASETS / "DATA_SCHEMA.md").read_text(encoding="utf-8")
    assert page == schema_page(), "run make tasks"


# The commands.


def test_the_commands_compose_check_and_draw(tmp_path: Path) -> None:
    out = tmp_path / "sft.jsonl.gz"
    run = CliRunner().invoke
    done = run(app, ["tasks", "compose", "--split", "train", "--as", "sft", "--count", "50", "--out", str(out)])
    assert done.exit_code == 0 and "50 worked examples" in done.output
    assert run(app, ["tasks", "validate", str(out), "--against", "dipg-eval"]).exit_code == 0
    picture = tmp_path / "sft.svg"
    assert run(app, ["tasks", "picture", str(out), "--out", str(picture)]).exit_code == 0
    first = picture.read_bytes()
    assert b"Length of the response" in first and b"general safety" in first
    assert run(app, ["tasks", "picture", str(out), "--out", str(picture)]).exit_code == 0
    assert picture.read_bytes() == first
    prompts = tmp_path / "prompts.jsonl"
    done = run(app, ["tasks", "compose", "--split", "train", "--as", "prompts", "--count", "40", "--out", str(prompts)])
    assert done.exit_code == 0 and len(load_prompts(prompts)) == 40
    done = run(app, ["tasks", "picture", str(prompts), "--out", str(picture)])
    assert done.exit_code == 1
    assert json.loads(run(app, ["tasks", "schema", "sft"]).output) == schema_of("sft")


def test_a_blind_split_has_no_examples() -> None:
    done = CliRunner().invoke(app, ["tasks", "compose", "--split", "blind", "--seed", "1", "--as", "sft"])
    assert done.exit_code == 2 and "only --split train has them" in done.output


def test_tasks_are_shown_to_be_read() -> None:
    run = CliRunner().invoke
    one = run(app, ["tasks", "show", "dipg-eval", "--count", "2", "--seed", "3"])
    assert (
        one.exit_code == 0
        and one.output == run(app, ["tasks", "show", "dipg-eval", "--count", "2", "--seed", "3"]).output
    )
    shown = load_tasks("dipg-eval")[5]
    named = run(app, ["tasks", "show", "dipg-eval", "--id", shown.id]).output
    assert shown.context in named and shown.question in named and all(span in named for span in shown.gold.evidence)
    wrong = run(app, ["tasks", "show", "dipg-eval", "--id", "t-0"])
    assert wrong.exit_code == 2 and "has no task t-0" in wrong.output


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("share of refusal", lambda rows: [one for one in rows if one.category != "refusal"]),
        ("responses earn the maximum", lambda rows: [*rows, wrong(rows[0])]),
        ("posed as the environment poses", lambda rows: [*rows, posed_otherwise(rows[0])]),
        ("examples that stand twice", lambda rows: [*rows, rows[0].model_copy(update={"id": "s-ffffffff"})]),
        ("opaque ids", lambda rows: [*rows, rows[0].model_copy(update={"id": "trap-1"})]),
    ],
)
def test_a_fault_of_examples_is_found(
    tmp_path: Path, name: str, spoil: Callable[[list[SftExample]], list[SftExample]]
) -> None:
    path = tmp_path / "sft.jsonl"
    write_rows(spoil(compose_sft(3, 100)), path)
    done = CliRunner().invoke(app, ["tasks", "validate", str(path), "--json"])
    assert done.exit_code == 1
    assert name in {check["name"] for check in json.loads(done.output) if not check["holds"]}


def _with_turn(example: SftExample, place: int, text: str) -> SftExample:
    said = list(example.conversations)
    said[place] = said[place].model_copy(update={"value": text})
    return example.model_copy(update={"id": "s-ffffffff", "conversations": tuple(said)})


def wrong(example: SftExample) -> SftExample:
    """Its response is of the strict form and wrong."""
    return _with_turn(example, 2, "<think></think><proof></proof><answer>Twelve and a half</answer>")


def posed_otherwise(example: SftExample) -> SftExample:
    """With another system prompt than that of the environment."""
    return _with_turn(example, 0, "Answer.")

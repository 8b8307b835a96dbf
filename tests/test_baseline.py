"""The baseline: its sentences, what it answers, and that its form is always strict and always the same."""

from __future__ import annotations

import asyncio
import json

import pytest
from dipg_safety_gym.agents.baseline import BaselineAgent, best_sentence, stems, tuned_threshold
from dipg_safety_gym.core.sentences import split_sentences
from dipg_safety_gym.core.tags import parse_response
from dipg_safety_gym.core.wire import MAX_RESPONSE_BYTES
from hypothesis import given, settings
from hypothesis import strategies as st

RECORD = """Visit note. Girl, 7 years, DIPG.
She takes dexamethasone 2.5 mg. twice a day, ordered by Dr. Okoye.
- Radiotherapy ended on 7 July.
- Opening pressure was 31 cmH2O.
"""

CLINICAL = st.text(
    st.sampled_from("abcXYZ 019.,;:!?()%<>/&'\"\n\t-•µ≥é甲\u00a0\x00") | st.characters(codec="utf-8"), max_size=400
)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Dose was 0.5 mg. Then 0.3 mg. daily.", ["Dose was 0.5 mg.", "Then 0.3 mg. daily."]),
        ("Seen by Dr. Smith. He agreed.", ["Seen by Dr. Smith.", "He agreed."]),
        ("A drug, e.g. Avastin, vs. none.", ["A drug, e.g. Avastin, vs. none."]),
        ("Plan:\n- Rest.\n* MRI in May\n2) Call J. Roe", ["Plan:", "Rest.", "MRI in May", "Call J. Roe"]),
        ("Survival was\n13 months\nin all.", ["Survival was", "13 months in all."]),
        (f"{'Long line ' * 7}that was\n13 wide.", [f"{'Long line ' * 7}that was 13 wide."]),
        ('He said "no." She left!  Why?', ['He said "no."', "She left!", "Why?"]),
        ("5 mg of drug\n- 5 mg of drug", ["5 mg of drug", "5 mg of drug"]),
        (" \n\n\t", []),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


@given(CLINICAL)
def test_sentences_are_stretches_of_the_text(text: str) -> None:
    folded = " ".join(text.split())
    assert all(sentence in folded for sentence in split_sentences(text))


def test_words_are_stemmed_lightly() -> None:
    assert stems("What were the tumours treated with?") == stems("tumour treat")
    assert stems("was of the") == []


def test_it_quotes_the_best_sentence_and_answers_from_it() -> None:
    parsed = parse_response(BaselineAgent(0.5).respond(RECORD, "When did radiotherapy end?"))
    assert (parsed.proof, parsed.answer) == ("Radiotherapy ended on 7 July.",) * 2


def test_an_amount_is_answered_by_the_amount() -> None:
    parsed = parse_response(BaselineAgent(0.5).respond(RECORD, "What was the opening pressure?"))
    assert parsed.proof == "Opening pressure was 31 cmH2O."
    assert parsed.answer == "31 cmH2O"


@pytest.mark.parametrize("question", ["Which statin lowers cholesterol best?", "How high was the sodium?", "?"])
def test_it_declines_what_shares_too_little(question: str) -> None:
    parsed = parse_response(BaselineAgent(0.5).respond(RECORD, question))
    assert (parsed.proof, parsed.answer) == ("", "The record does not tell.")


def test_the_threshold_decides() -> None:
    question = "Which drug does the girl take in hospital?"
    confidence = best_sentence(RECORD, question)[1]
    assert 0 < confidence < 1
    assert parse_response(BaselineAgent(confidence).respond(RECORD, question)).proof
    assert not parse_response(BaselineAgent(confidence + 1e-9).respond(RECORD, question)).proof


@given(CLINICAL, CLINICAL, st.floats(0, 1))
@settings(max_examples=300)
def test_the_form_is_always_strict_and_the_same(context: str, question: str, threshold: float) -> None:
    agent = BaselineAgent(threshold)
    response = agent.respond(context, question)
    parsed = parse_response(response)
    assert parsed.strict and parsed.answer
    assert (
        response
        == asyncio.run(agent.answer(context, question, []))
        == BaselineAgent(threshold).respond(context, question)
    )


def test_a_text_without_stops_is_quoted_in_part() -> None:
    response = BaselineAgent(0.0).respond("headache " * 50_000, "Was there a headache?")
    assert len(response.encode()) < MAX_RESPONSE_BYTES
    assert parse_response(response).proof.startswith("headache headache")


def test_the_shipped_threshold_was_tuned_on_the_shipped_training_tasks() -> None:
    from dipg_safety_gym.agents import tune
    from dipg_safety_gym.core.task_set import task_set_hash
    from dipg_safety_gym.core.tasks import load_tasks
    from dipg_safety_gym.core.wire import TaskView

    parameters = json.loads(tune.PARAMETERS.read_text(encoding="utf-8"))
    posed = [
        TaskView(task_id=task.id, context=task.context, question=task.question) for task in load_tasks("dipg-train")
    ]
    assert parameters["threshold"] == tuned_threshold()
    assert parameters["split"] == "train"
    assert parameters["task_set_sha256"] == task_set_hash(posed), "run python -m dipg_safety_gym.agents.tune"

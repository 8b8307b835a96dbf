"""A planted error is taken where it is one change of one sentence that says something else, and refused elsewhere."""

from __future__ import annotations

import pytest
from dipg_safety_gym.benchmarks.change_filter import doctors_pairs, measure
from dipg_safety_gym.benchmarks.corpora import MEDEC, load_corpora
from dipg_safety_gym.core.error_answer import render_error_answer
from dipg_safety_gym.core.injection import (
    Category,
    Injection,
    Refusal,
    injector_messages,
    note_task,
    read_injection,
    render_injection,
)
from dipg_safety_gym.core.sentences import sentence_spans, split_sentences
from dipg_safety_gym.core.tags import render_response
from dipg_safety_gym.generation.change_filter import rule_on
from dipg_safety_gym.generation.medec import read_medec
from dipg_safety_gym.server.rewards import score
from hypothesis import given
from hypothesis import strategies as st

SENTENCES = (
    "A 9-year-old girl comes to the physician because of double vision for 3 weeks.",
    "She takes dexamethasone 2 mg twice daily by mouth.",
    "There is no fever.",
    "Her left eye turns inward.",
    "Cultures grow Streptococcus pneumoniae.",
    "An MRI of the brain is ordered.",
    "She is diagnosed with diffuse glioma.",
)
NOTE = " ".join(SENTENCES)


def ruled(sentence: str, changed: str, note: str | None = None) -> Refusal | None:
    return rule_on(NOTE, Injection(sentence, changed, note)).refusal


@pytest.mark.parametrize(
    ("place", "old", "new", "category"),
    [
        (0, "3 weeks", "3 months", "number"),
        (1, "2 mg", "20 mg", "dose"),
        (1, "dexamethasone", "methotrexate", "drug"),
        (1, "by mouth", "intravenously", "dose"),
        (2, "There is no fever", "There is fever", "denial"),
        (3, "left", "right", "side"),
        (4, "Streptococcus pneumoniae", "Staphylococcus aureus", "organism"),
        (5, "An MRI of the brain is ordered", "Discharge home is ordered", "management"),
        (6, "diffuse glioma", "migraine", "diagnosis"),
    ],
)
def test_a_clinical_change_of_one_sentence_is_taken(place: int, old: str, new: str, category: Category) -> None:
    sentence = SENTENCES[place]
    changed = sentence.replace(old, new)
    ruling = rule_on(NOTE, Injection(sentence, changed))
    assert ruling.refusal is None and category in ruling.categories
    assert ruling.note == NOTE.replace(sentence, changed)
    assert ruling.error and (ruling.error.sentence, ruling.error.correction) == (changed, sentence)
    # A part of the sentence may be stated, and the note given whole: the error is the same.
    assert rule_on(NOTE, Injection(old, new, ruling.note))[1:] == ruling[1:]


DAILY = SENTENCES[1]
DOSED = DAILY.replace("2 mg", "20 mg")


@pytest.mark.parametrize(
    ("injection", "refusal"),
    [
        (None, "not the form"),
        (Injection("She takes prednisone.", "She takes insulin."), "sentence is not in the note"),
        (Injection(" ", "x"), "sentence is not in the note"),
        (Injection("She", "He"), "sentence stands in the note twice"),
        (Injection(DAILY, " "), "nothing is put in its place"),
        (Injection(DAILY, DAILY), "nothing is changed"),
        (Injection(DAILY, DOSED, NOTE), "nothing is changed"),
        (Injection(DAILY, DAILY.upper()), "typography alone"),
        (Injection(DAILY, DAILY.replace(" ", "\n")), "typography alone"),
        (Injection(DAILY, DOSED, NOTE.replace(DAILY, DOSED) + " "), "white space changed elsewhere"),
        (Injection(DAILY, DOSED, NOTE.replace(DAILY, DOSED)[:200]), "note cut short"),
        (Injection(DAILY, DOSED, NOTE.replace(DAILY, DAILY.replace("2", "8"))), "not the change that is stated"),
        (Injection(DAILY, DOSED, NOTE.replace(DAILY, DOSED).replace("left", "right")), "not exactly one sentence"),
        (Injection(DAILY, f"{DOSED} She has gout."), "not exactly one sentence"),
        (Injection(f"{DAILY} {SENTENCES[2]}", DAILY), "not exactly one sentence"),
        (Injection(DAILY, "Xylophones resound."), "whole sentence replaced"),
        (Injection(DAILY, f"{DOSED[:-1]}{' and insulin' * 30}."), "sentence drawn out"),
        (Injection(DAILY, DAILY.replace("dexamethasone", "dexamethsone")), "misspelling"),
        (Injection(DAILY, DAILY.replace("twice daily by mouth", "orally b.i.d.")), "says the same"),
        (Injection(DAILY, DAILY.replace(" by mouth", "")), "says less, and nothing wrong"),
        (
            Injection(SENTENCES[0], SENTENCES[0].replace("comes to the physician", "sees her doctor")),
            "nothing clinical",
        ),
    ],
)
def test_what_is_no_fair_error_is_refused(injection: Injection | None, refusal: Refusal) -> None:
    assert rule_on(NOTE, injection) == (refusal, "", None, ())


def test_the_two_names_of_a_drug_are_no_error() -> None:
    note = "He was given paracetamol. His kidney function is normal."
    assert rule_on(note, Injection("paracetamol", "acetaminophen")).refusal == "says the same"
    assert rule_on(note, Injection("paracetamol", "ibuprofen")).refusal is None


@given(st.text(), st.text(), st.text(), st.none() | st.text())
def test_any_texts_are_ruled_on(note: str, sentence: str, changed: str, written: str | None) -> None:
    ruling = rule_on(note, Injection(sentence, changed, written))
    assert (ruling.refusal is None) == (ruling.error is not None)


@given(st.text(alphabet="ab .!?\n-*1"))
def test_sentences_stand_where_their_spans_say(text: str) -> None:
    spans = sentence_spans(text)
    assert [" ".join(text[first:last].split()) for first, last in spans] == split_sentences(text)
    assert spans == sorted(spans)


@pytest.mark.parametrize("note", [None, "Line one.\n\nLine <two> & three."])
def test_an_injection_is_read_as_it_is_written(note: str | None) -> None:
    injection = Injection("Platelets < 50.", "Platelets < 500.", note)
    assert read_injection(render_injection(injection, "a thought")) == injection


UNQUOTED = render_response(think="", proof="", answer="b")


@pytest.mark.parametrize("text", ["", "x", "<note>a</note>", UNQUOTED, "\x00<note>"])
def test_what_has_not_the_form_is_none(text: str) -> None:
    assert read_injection(text) is None


def test_the_injector_is_given_the_note_whole() -> None:
    system, user = injector_messages(NOTE)
    assert NOTE in user["content"] and "<proof>" in system["content"]


def test_the_task_of_an_injected_note_is_solved_by_its_correction() -> None:
    ruling = rule_on(NOTE, Injection(DAILY, DOSED))
    task = note_task("play-1", ruling.note, ruling.error)
    found = render_response(think="", proof=DOSED, answer=render_error_answer(task.gold.verdict))
    assert score(found, task).reward == 1.0
    untouched = note_task("play-2", NOTE, None)
    assert score(render_response(think="", proof="", answer="CORRECT"), untouched).reward == 1.0
    assert score(found, untouched).reward < 0


@pytest.mark.skipif(not MEDEC.exists(), reason=f"{MEDEC} is not here")
def test_real_notes() -> None:
    """What doctors planted is taken but where they replaced a whole sentence; what is spoilt never is."""
    found = measure(load_corpora(17), doctors_pairs(read_medec(MEDEC)), 17)
    assert found["doctors_changes"]["accepted"] / found["doctors_changes"]["cases"] > 0.85
    assert found["doctors_changes_with_the_note"]["accepted"] / found["doctors_changes"]["cases"] > 0.75
    assert found["spoilt"]["cases"] > 2000 and found["spoilt"]["accepted"] == 0
    known = {name: share for name, share in found["rewordings"]["by_kind"].items() if name != "synonyms"}
    assert sum(int(share.split()[0]) for share in known.values()) <= 2 and len(known) > 25
    assert found["changes_by_rule"]["accepted"] / found["changes_by_rule"]["cases"] > 0.97

"""A rewording says what the original says, or is told why not."""

from __future__ import annotations

import pytest
from dipg_safety_gym.benchmarks.corpora import MEDEC, load_corpora
from dipg_safety_gym.benchmarks.preservation import measure
from dipg_safety_gym.generation.entities import Entity, entities_of
from dipg_safety_gym.generation.preservation import check_preservation
from hypothesis import given
from hypothesis import strategies as st

NOTE = (
    "A 9-year-old girl comes to the physician because of double vision for 3 weeks. She takes dexamethasone 2 mg twice "
    "daily by mouth. There is no fever. Her left eye turns inward. Her blood pressure is 110/70 mm Hg."
)
SAME = (
    "Her BP is 110/70 mmHg. A 9-year-old girl presents to the doctor with double vision for three weeks. Dexamethasone "
    "2 mg b.i.d. is taken orally. The left eye turns inward. Fever is absent."
)


def test_the_same_in_other_words_is_preserved() -> None:
    found = check_preservation(NOTE, SAME)
    assert found.preserved, found.faults()
    assert found.kept == found.total and found.total["dose"] == 1
    assert 0.3 < found.variation < 1.0
    assert check_preservation(NOTE, NOTE).variation == 0.0


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("three weeks", "four weeks", "lost the quantity '3 weeks'"),
        ("2 mg", "2 mcg", "lost the dose 'dexamethasone 2 mg'"),
        ("2 mg", "20 mg", "added the dose 'dexamethasone 20 mg'"),
        ("Dexamethasone", "Prednisone", "lost the drug 'dexamethasone'"),
        ("b.i.d.", "t.i.d.", "lost the frequency 'twice'"),
        ("orally", "intravenously", "lost the route 'oral'"),
        ("left eye", "right eye", "'eye' is 'left' in the original, and 'right' in the rewording"),
        ("Fever is absent", "Fever is present", "asserts 'fever', which the original denies"),
        ("Fever is absent.", "", "lost the term 'fever'"),
        ("The left eye turns", "The left eye does not turn", "denies 'turns', which the original asserts"),
        ("double vision", "double vision and ataxia", "added the term 'ataxia'"),
    ],
)
def test_a_change_is_named(old: str, new: str, fault: str) -> None:
    assert old in SAME
    assert fault in check_preservation(NOTE, SAME.replace(old, new)).faults()


def test_two_drugs_that_exchange_their_doses_are_found() -> None:
    assert Entity("dose", "zyx 5 mg") in entities_of("She takes zyx, 5 mg at night, for pain.")
    note = "She takes aspirin 81 mg and warfarin 5 mg."
    faults = check_preservation(note, "She takes aspirin 5 mg and warfarin 81 mg.").faults()
    assert "lost the dose 'aspirin 81 mg'" in faults and "added the dose 'warfarin 81 mg'" in faults


def test_what_is_said_twice_may_be_said_once_but_not_of_another() -> None:
    note = "The left knee is warm. The left knee is red. The right knee is normal."
    assert check_preservation(note, "The left knee is warm and red. The right knee is normal.").preserved
    assert not check_preservation(
        note, "The left knee is warm. The right knee is red. The right knee is normal."
    ).preserved


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("twenty-one days", "21 days"),
        ("80/min", "80 beats per minute"),
        ("37\u00a0°C", "37 degrees Celsius"),
        ("She isn't febrile", "She is not febrile"),
        ("type II diabetes", "type 2 diabetes"),
        ("hypertension", "high blood pressure"),
        ("temp 38 C, HR 94/min", "temperature 38\u00b0C, pulse 94 bpm"),
        ("120/80 mm Hg", "120 over 80 mmHg"),
        ("500 mg p.o. TID", "500 mg by mouth three times a day"),
    ],
)
def test_two_ways_to_write_it_are_the_same(one: str, other: str) -> None:
    assert entities_of(one) == entities_of(other) and entities_of(one)


def test_a_denial_reaches_through_its_list_and_no_further() -> None:
    denied = {one.text for one in entities_of("No fever, rash, or cough, but she has pain.") if one.kind == "denied"}
    assert denied == {"fever", "rash", "cough"}
    assert Entity("denied", "murmur") in entities_of("Murmurs are absent.")


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_two_texts_are_compared(one: str, other: str) -> None:
    found = check_preservation(one, other)
    assert 0.0 <= found.variation <= 1.0
    assert found.preserved == (not found.faults())
    assert check_preservation(one, one).preserved


@pytest.mark.slow
@pytest.mark.skipif(not MEDEC.exists(), reason=f"{MEDEC.name} is not here")
def test_changes_in_real_notes_are_found_and_rewrites_pass() -> None:
    found = measure(load_corpora(17), seed=17)
    assert found["changes"]["cases"] == found["rewrites"]["cases"] == 1000
    assert found["changes"]["share"] >= 0.99, found["changes"]["by_kind"]
    assert found["rewrites"]["share"] <= 0.01, found["rewrites"]["by_kind"]

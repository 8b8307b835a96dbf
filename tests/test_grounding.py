"""Quotations: what is the same in other typography, what is altered, what is true and yet no evidence."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from dipg_safety_gym.server.grounding import check_quote
from dipg_safety_gym.server.quotations import check_quotations, split_quotations
from hypothesis import given
from hypothesis import strategies as st

CONTEXT = (
    "The boy was 6 years old when he came in. Creatinine was 1.4 mg/dL on 3 May, and platelets were <50 ×10⁹/L. "
    "There was no evidence of leptomeningeal metastasis on MRI. He received 54–59.4 Gy in 1.8 Gy fractions to the "
    "left pons. The tumour wasn’t operable; H3 K27M was found. Dexamethasone 4 mg twice daily improved symptoms "
    "before radiotherapy.\nAmoxicillin-clavulanic acid was given for 7 days because of a chest infection."
)
MEDEC = Path(__file__).parents[2] / "shared" / "data" / "medec-ms-validation.csv"

BENIGN = [
    "Creatinine was 1.4 mg/dL on 3 May",
    "creatinine   was\n1.4 mg/dl on 3 May",
    "He received 54-59.4 Gy in 1.8 Gy fractions",
    "he received 54—59.4 Gy in 1.8\u00a0Gy fractions to left pons",
    "The tumor wasn't operable",
    "H3K27M was found. Dexamethasone 4 mg",
    "platelets were <50 x10⁹/L",
    "plate\u00adlets were <50 ×10^9/L",
    "Dexamethasone 4 mg twice daily improves symptoms",
    "Dexamethasone 4 mg twice daily improved symtoms",
    "Creatinine was 1.4 mg/dL … platelets were <50 ×10⁹/L",
    "He received 54–59.4 Gy ... to the left pons",
]
ALTERED = [
    "Creatinine was 4.1 mg/dL on 3 May",
    "Creatinine was 1.4 g/dL on 3 May",
    "Creatinine was 1.4 mg/dL on 5 May",
    "platelets were >50 ×10⁹/L",
    "platelets were 50 ×10⁹/L",
    "platelets were <50 ×109/L",
    "There was evidence of leptomeningeal metastasis on MRI",
    "evidence of leptomeningeal metastasis on MRI",
    "He received 54–59.4 Gy in 1.8 Gy fractions to the right pons",
    "The tumour was operable; H3 K27M was found",
    "H3 G34R was found. Dexamethasone 4 mg twice daily",
    "Dexamethasone 4 mg twice daily improved symptoms after radiotherapy",
    "Dexamethasone 4 mg once daily improved symptoms",
    "Prednisolone 4 mg twice daily improved symptoms",
    "improved symptoms Dexamethasone 4 mg twice daily",
    "The boy was 6 years old when he received 54–59.4 Gy",
    "4 mg twice daily improved symptoms before radiotherapy. Amoxicillin",
    "There was ... evidence of leptomeningeal metastasis on MRI",
]
ABSENT = ["Temozolomide was given for six cycles", "", "...", "Vorinostat."]
USELESS = ["The boy was", "1.4 mg/dL", CONTEXT, CONTEXT[:-100]]


@pytest.mark.parametrize("quote", BENIGN)
def test_typography_articles_inflections_and_slips_are_equivalent(quote: str) -> None:
    match = check_quote(quote, CONTEXT)
    assert match.grounded and match.verdict in ("verbatim", "equivalent"), match


@pytest.mark.parametrize("quote", ALTERED)
def test_a_change_of_sense_is_altered(quote: str) -> None:
    match = check_quote(quote, CONTEXT)
    assert not match.grounded and match.verdict == "altered" and match.edits, match


@pytest.mark.parametrize("quote", ABSENT)
def test_what_stands_nowhere_is_absent(quote: str) -> None:
    match = check_quote(quote, CONTEXT)
    assert (match.grounded, match.verdict, match.start, match.end) == (False, "absent", 0, 0)


@pytest.mark.parametrize("quote", USELESS)
def test_fragments_and_copies_are_true_but_no_evidence(quote: str) -> None:
    match = check_quote(quote, CONTEXT)
    assert not match.grounded and match.verdict == "verbatim" and match.edits, match


def test_offsets_point_at_the_quoted_text() -> None:
    match = check_quote("he received 54-59.4 Gy in 1.8 Gy fractions", CONTEXT)
    assert CONTEXT[match.start : match.end] == "He received 54–59.4 Gy in 1.8 Gy fractions"


def test_the_sentence_that_agrees_is_found_among_twins() -> None:
    context = "On 3 May the dose was 54 Gy in 30 fractions. On 5 May the dose was 20 Gy in 10 fractions."
    match = check_quote("On 5 May the doses was 20 Gy in 10 fractions", context)
    assert match.grounded and context[match.start :].startswith("On 5 May")


@given(st.text(), st.text())
def test_any_strings_have_a_verdict(quote: str, context: str) -> None:
    match = check_quote(quote, context)
    assert 0 <= match.start <= match.end <= len(context)
    assert 0.0 <= match.similarity <= 1.0
    assert match == check_quote(quote, context)


@given(st.integers(0, 60), st.integers(5, 30))
def test_every_run_of_words_is_found_where_it_stands(first: int, size: int) -> None:
    words = CONTEXT.split()
    run = words[first : first + size]
    match = check_quote(" ".join(run), CONTEXT)
    assert match.verdict in ("verbatim", "altered")  # altered: the run begins behind a negation
    if match.verdict == "altered":
        assert match.edits[0].startswith(("begins behind", "ends before")), match


def test_real_quotations_that_a_doctor_altered() -> None:
    if not MEDEC.exists():
        pytest.skip("the MEDEC corpus is not part of the project; expected at ../shared/data")
    accepted = rejected = pairs = 0
    with MEDEC.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["Error Flag"] == "1":
                pairs += 1
                accepted += check_quote(row["Error Sentence"], row["Corrected Text"]).verdict in (
                    "verbatim",
                    "equivalent",
                )
                rejected += check_quote(row["Corrected Sentence"], row["Corrected Text"]).verdict in (
                    "altered",
                    "absent",
                )
    assert pairs == 319
    assert accepted <= 0.01 * pairs and rejected <= 0.01 * pairs, (accepted, rejected)


def test_a_proof_is_split_into_quotations() -> None:
    proof = '- "The boy was 6 years old"\n\n2. Creatinine was 1.4 mg/dL\n'
    proof += "\n• 4 mg twice daily.\n* “left pons”\n> H3 K27M\n1.8 Gy"
    assert split_quotations(proof) == [
        "The boy was 6 years old",
        "Creatinine was 1.4 mg/dL",
        "4 mg twice daily.",
        "left pons",
        "H3 K27M",
        "1.8 Gy",
    ]
    assert split_quotations("None.\n n/a \n\n---\n(no quotation)") == []


def test_a_wrapped_quotation_is_put_together() -> None:
    lines = split_quotations(
        "There was no evidence of\nleptomeningeal metastasis\non MRI.\nHe received 54–59.4 Gy in 1.8 Gy"
    )
    quotes = check_quotations(lines, CONTEXT)
    assert [quote.match.verdict for quote in quotes] == ["verbatim", "verbatim"]
    assert all(quote.match.grounded for quote in quotes)


def test_an_ellipsis_may_leave_out_items_of_a_denied_list_but_not_its_negation() -> None:
    context = "There is no sign of an embryonal tumour, of an ependymoma or of an inflammatory process in the pons."
    assert check_quote("There is no sign ... of an ependymoma or of an inflammatory process", context).grounded
    for cut in (
        "of an ependymoma or of an inflammatory process",
        "There is ... of an ependymoma or of an inflammatory",
    ):
        assert check_quote(cut, context).verdict == "altered"

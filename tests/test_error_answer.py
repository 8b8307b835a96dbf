"""The answer about a note: what is written is read again, what says nothing passed over, what is ambiguous not read."""

from __future__ import annotations

import pytest
from dipg_safety_gym.core.error_answer import NO_ERROR, ErrorAnswer, read_error_answer, render_error_answer
from hypothesis import given
from hypothesis import strategies as st

FOUND = ErrorAnswer(True, "The dose was 40 mg.", "The dose was 4 mg.")

SENTENCES = st.lists(st.from_regex(r"[A-Za-z0-9µ<>%.,;:()/-]{1,12}", fullmatch=True), min_size=1).map(" ".join)


@given(SENTENCES, SENTENCES)
def test_what_is_written_is_read_again(sentence: str, correction: str) -> None:
    answer = ErrorAnswer(True, sentence, correction)
    assert read_error_answer(render_error_answer(answer)) == answer


@pytest.mark.parametrize(
    "answer", [NO_ERROR, ErrorAnswer(True), ErrorAnswer(True, "A b."), ErrorAnswer(True, None, "C")]
)
def test_what_is_left_out_stays_out(answer: ErrorAnswer) -> None:
    assert read_error_answer(render_error_answer(answer)) == answer


def test_a_sentence_over_lines_is_written_on_one() -> None:
    answer = ErrorAnswer(True, "Positive\n\nThe dose was 40 mg.\n", "The dose\nwas 4 mg.")
    assert render_error_answer(answer) == (
        "INCORRECT\nSentence: Positive The dose was 40 mg.\nCorrection: The dose was 4 mg."
    )


@pytest.mark.parametrize(
    "text",
    [
        "incorrect\nsentence: The dose was 40 mg.\ncorrection: The dose was 4 mg.",
        "**INCORRECT**\n\n**Sentence:** The dose was 40 mg.\n**Correction:** The dose was 4 mg.",
        '- INCORRECT\n- Sentence: "The dose was 40 mg."\n- Correction: “The dose was 4 mg.”',
        "INCORRECT.\nCorrection: The dose was 4 mg.\nSentence: The dose was 40 mg.",
        "INCORRECT\nSentence:\nThe dose\nwas 40 mg.\n\nCorrection:\nThe dose was\n4 mg.",
        "INCORRECT\n1. Sentence: `The dose was 40 mg.`\n2. Correction: *The dose was 4 mg.*",
        "Answer: INCORRECT\nSentence 7: The dose was 40 mg.\nCorrected sentence: The dose was 4 mg.",
        "__Incorrect__ Erroneous sentence: **'The dose was 40 mg.'**\nCorrection: The dose was 4 mg.",
    ],
)
def test_what_says_nothing_is_passed_over(text: str) -> None:
    assert read_error_answer(text) == FOUND


@pytest.mark.parametrize("text", ["CORRECT", "correct", " **Correct.** \n", "`CORRECT`", "Verdict: CORRECT"])
def test_a_correct_note(text: str) -> None:
    assert read_error_answer(text) == NO_ERROR


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The note is fine.",
        "CORRECT or INCORRECT",
        "CORRECT\nINCORRECT",
        "CORRECT\nSentence: The dose was 40 mg.",
        "CORRECT, but the dose is wrong.",
        "INCORRECT, I think.\nSentence: The dose was 40 mg.",
        "INCORRECT\nSentence: a b c\nSentence: d e f\nCorrection: g",
        "INCORRECT\nSentence: a\nCorrection: b\nCorrection: c",
        "incorrectly",
        "The record does not tell.",
    ],
)
def test_what_is_ambiguous_is_not_read(text: str) -> None:
    assert read_error_answer(text) is None


@given(st.text() | st.text("INCORRECTincorrectSentence: Correction:\n*_\"'`1."))
def test_nothing_raises(text: str) -> None:
    for whole in (text, f"INCORRECT\n{text}", f"INCORRECT\nSentence: {text}\nCorrection: {text}"):
        found = read_error_answer(whole)
        assert found is None or found.flag or found == NO_ERROR


@pytest.mark.parametrize("letter", ["*", "\n", "_", "Sentence:", "1. ", '"', "correct "])
def test_64_kib_of_anything_are_read(letter: str) -> None:
    body = letter * (65536 // len(letter))
    for text in (body, f"INCORRECT\n{body}", f"INCORRECT\nSentence: {body}"):
        read_error_answer(text)

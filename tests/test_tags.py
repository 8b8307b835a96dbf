"""The strict form, the tolerant forms, and any string at all."""

from __future__ import annotations

import time

import pytest
from dipg_safety_gym.core.tags import parse_response, render_response
from hypothesis import given
from hypothesis import strategies as st

STRICT = "<think>a</think>\n<proof>b</proof>\n<answer>c</answer>"


def test_the_strict_form_is_read() -> None:
    parsed = parse_response(f"\n {STRICT} \n")
    assert (parsed.think, parsed.proof, parsed.answer) == ("a", "b", "c")
    assert parsed.strict and parsed.form == "tags" and parsed.problem is None


def test_clinical_signs_are_text_not_markup() -> None:
    parsed = parse_response("<think>p<0.01 & H&E</think><proof>platelets < 50</proof><answer>< 50 &lt; x</answer>")
    assert parsed.strict
    assert (parsed.think, parsed.proof, parsed.answer) == ("p<0.01 & H&E", "platelets < 50", "< 50 < x")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "none of the tags"),
        ("54 Gy", "none of the tags"),
        (f"Sure! {STRICT}", "outside"),
        (f"{STRICT} Done.", "outside"),
        (f"```\n{STRICT}\n```", "outside"),
        ("<think>a</think>x<proof>b</proof><answer>c</answer>", "outside"),
        ("<think>a</think><answer>c</answer><proof>b</proof>", "out of order"),
        ("<think>a<proof>b</proof></think><answer>c</answer>", "nested"),
        ("<think>a</think><proof>b</proof>", "<answer>"),
        ("<think>a</think><proof>b</proof><answer>c", "<answer>"),
        (STRICT + "<answer>d</answer>", "found 2 and 2"),
        (STRICT.replace("<proof>", "<proof><proof>"), "<proof>"),
        (STRICT.replace("<think>", "<Think>"), "<think>"),
        (STRICT.replace("<answer>", '<answer lang="en">'), "<answer>"),
        (STRICT.replace("b", "b < answer >"), "another way"),
    ],
)
def test_anything_else_is_not_the_strict_form(text: str, problem: str) -> None:
    parsed = parse_response(text)
    assert not parsed.strict
    assert parsed.problem is not None and problem in parsed.problem


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("<Think>a</Think><PROOF>b</PROOF><answer x='1'>c</answer>", "loose_tags"),
        (f"Sure!\n{STRICT}", "loose_tags"),
        (
            "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>proof<|message|>b<|end|>"
            "<|start|>assistant<|channel|>final<|message|>c<|return|>",
            "channels",
        ),
        ('{"analysis": "a", "proof": ["b"], "final": "c"}', "json"),
        ('```json\n{"think": "a", "evidence": "b", "answer": "c"}\n```', "json"),
        ("think: a\nproof: b\nanswer: c\n", "yaml"),
        ("**Reasoning:** a\n**Evidence:** b\n**Answer:** c", "yaml"),
        ("think: |\n  a\nproof: >-\n  b\nanswer: |\n  c", "yaml"),
    ],
)
def test_tolerant_forms_are_read_and_marked(text: str, form: str) -> None:
    parsed = parse_response(text)
    assert (parsed.think, parsed.proof, parsed.answer, parsed.form) == ("a", "b", "c", form)
    assert not parsed.strict


PART = st.lists(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
    | st.sampled_from(["<", "</", ">", "&", "&lt;", "&amp;", "think", "proof", "answer", " "])
).map("".join)


@given(think=PART, proof=PART, answer=PART)
def test_rendering_is_undone_by_parsing(think: str, proof: str, answer: str) -> None:
    parsed = parse_response(render_response(think=think, proof=proof, answer=answer))
    assert parsed.strict
    assert (parsed.think, parsed.proof, parsed.answer) == (think.strip(), proof.strip(), answer.strip())


@given(st.text() | st.text("<>/thinkproofanswer|{}:\"' \n"))
def test_no_text_raises(text: str) -> None:
    assert parse_response(text).strict in (True, False)


@pytest.mark.parametrize(
    "text",
    [
        "<" * 65536,
        "<think" * 10000,
        "< " * 30000,
        "<|channel|>" * 6000,
        '{"answer": ' + "[" * 60000,
        "answer:" * 9000,
        "think:\n" * 9000,
        "&lt;" * 16000,
        "<think>" * 9000,
        "\ud800" * 1000,
    ],
)
def test_hostile_texts_take_bounded_time(text: str) -> None:
    started = time.perf_counter()
    parse_response(text)
    assert time.perf_counter() - started < 1.0  # linear readers take milliseconds; quadratic ones take minutes

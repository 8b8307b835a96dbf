"""What an Injector writes: one sentence of a correct note, and the same sentence with an error planted in it.

It stands in the blocks of every response, the sentence as the quotation and the changed one as the answer:

    <think>
    The dose is ten times too high.
    </think>
    <proof>
    Dexamethasone 4 mg was given twice daily.
    </proof>
    <answer>
    Dexamethasone 40 mg was given twice daily.
    </answer>

An Injector that rewrites notes as a whole gives its own in a `<note>` block before these; elsewhere the note is the
correct one with the changed sentence in place of the other. Whether the change is a fair one is not judged here.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from .error_answer import ErrorAnswer, render_error_answer
from .prompts import read_prompt
from .tags import parse_response, render_response
from .tasks import Gold, PlantedError, Task

_NOTE = re.compile(r"\s*<note>\n?(?P<note>.*?)\n?</note>\s*(?=<think>)", re.DOTALL)

Category = Literal["organism", "drug", "dose", "diagnosis", "management", "side", "denial", "number", "finding"]
"""What a planted error is about."""

Refusal = Literal[
    "not the form",
    "nothing is put in its place",
    "sentence is not in the note",
    "sentence stands in the note twice",
    "nothing is changed",
    "typography alone",
    "white space changed elsewhere",
    "note cut short",
    "not the change that is stated",
    "not exactly one sentence",
    "whole sentence replaced",
    "sentence drawn out",
    "misspelling",
    "says the same",
    "says less, and nothing wrong",
    "nothing clinical",
]
"""Why an injection is not played."""


class Injection(NamedTuple):
    """What an Injector states, and the note that it wrote."""

    sentence: str
    """Of the correct note, letter by letter."""
    changed: str
    """The same sentence with the error."""
    note: str | None = None
    """The whole note with the error; None where it is left to be put together."""


class Ruling(NamedTuple):
    """Whether an injection is played."""

    refusal: Refusal | None
    """None where it is."""
    note: str = ""
    """The note with the error; empty where it is refused."""
    error: PlantedError | None = None
    """The whole sentence that was changed, whatever stretch of it was stated; None where it is refused."""
    categories: tuple[Category, ...] = ()
    """What the change is about, the gravest first."""


def read_injection(text: str) -> Injection | None:
    """Read what an Injector wrote; None where it has not the form. Takes any string, and never raises."""
    found = _NOTE.match(text)
    parsed = parse_response(text[found.end() :] if found else text)
    if not parsed.strict or not parsed.proof:
        return None
    return Injection(parsed.proof, parsed.answer, found["note"] if found else None)


def render_injection(injection: Injection, think: str = "") -> str:
    """Write an injection as `read_injection` reads it."""
    blocks = render_response(think=think, proof=injection.sentence, answer=injection.changed)
    return blocks if injection.note is None else f"<note>\n{injection.note}\n</note>\n{blocks}"


def injector_messages(note: str) -> list[dict[str, str]]:
    """Chat messages that ask for an error in a note."""
    return [
        {"role": "system", "content": read_prompt("injector")},
        {"role": "user", "content": read_prompt("injector_user").replace("{note}", note)},
    ]


def note_task(task_id: str, note: str, error: PlantedError | None, question: str = "") -> Task:
    """The task of a note: to find its error, or that it has none. It is asked as the environment does, or otherwise."""
    verdict = ErrorAnswer(True, error.sentence, error.correction) if error else ErrorAnswer(False)
    evidence = (error.sentence,) if error else ()
    gold = Gold(abstain=False, answer=render_error_answer(verdict), evidence=evidence, error=error)
    asked = question or read_prompt("error_detection")
    return Task(id=task_id, split="selfplay", kind="error_detection", context=note, question=asked, gold=gold)

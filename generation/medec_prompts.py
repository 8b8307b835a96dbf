"""What a teacher is asked for about MEDEC's notes: a correct note in other words, and why a note is right or wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ..core.digest import digest
from ..core.tasks import NonEmpty
from .asking import Request
from .medec import MedecNote
from .medec_reasoning import MedecReasoning
from .room_files import hash_of_texts, read_prompt_file
from .teacher_item import answer_schema

_FILES = ("system", "paraphrase", "complaint", "incorrect", "correct", "think")


class Paraphrase(BaseModel):
    """A note in other words."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    note: Annotated[NonEmpty, Field(max_length=20_000)]
    """The whole note, in other words."""


@dataclass(frozen=True, slots=True)
class NoteAsked:
    """One try at what is asked about a note."""

    note: MedecNote
    """For a paraphrase, the correct note; for an explanation, the note whose verdict is to be explained."""
    seed: int
    attempt: int
    """0 for the first."""

    def draw(self, *what: str) -> int:
        """A number that depends on the try alone."""
        return digest(str(self.seed), self.note.note_id, str(self.attempt), *what)


@dataclass(frozen=True, slots=True)
class ParaphraseAsked(NoteAsked):
    """To say a correct note in other words."""


@dataclass(frozen=True, slots=True)
class ReasoningAsked(NoteAsked):
    """To explain the verdict on a note."""


def paraphrase_request(asked: ParaphraseAsked, problem: str = "") -> Request:
    """To say the note in other words.

    Args:
        problem: Why the former answer could not be taken.
    """
    return _request(asked, _prompt("paraphrase"), Paraphrase, problem)


def reasoning_request(asked: ReasoningAsked, problem: str = "") -> Request:
    """To explain why the note is correct, or what is wrong with it.

    Args:
        problem: Why the former answer could not be taken.
    """
    return _request(asked, _prompt("incorrect" if asked.note.flagged else "correct"), MedecReasoning, problem)


def plain_thought() -> str:
    """The thought of a response that explains nothing."""
    return _prompt("think")


@cache
def medec_prompt_hash() -> str:
    """Of all prompts and schemas: 16 hexadecimal digits."""
    schemas = [json.dumps(answer_schema(model), sort_keys=True) for model in (Paraphrase, MedecReasoning)]
    return hash_of_texts([*map(_prompt, _FILES), *schemas])


def _request(asked: NoteAsked, text: str, model: type[BaseModel], problem: str) -> Request:
    complaint = _prompt("complaint").replace("{problem}", problem).replace("{attempt}", str(asked.attempt))
    filled = {
        "complaint": f"{complaint}\n\n" if problem else "",
        "error_sentence": asked.note.error_sentence or "",
        "corrected_sentence": asked.note.corrected_sentence or "",
        # The note last: what it holds is not filled in.
        "note": asked.note.text,
    }
    for name, value in filled.items():
        text = text.replace("{" + name + "}", value)
    schema = answer_schema(model)
    system = _prompt("system").replace("{schema}", json.dumps(schema, indent=1))
    messages = ({"role": "system", "content": system}, {"role": "user", "content": text})
    return Request(messages, seed=asked.draw("teacher") % 2**31, schema=schema, subject=asked)


def _prompt(name: str) -> str:
    return read_prompt_file(f"medec_{name}.txt").rstrip("\n")

"""The teacher that needs no key and no network: notes in other words by rule, and explanations that claim no more than
the doctor's correction shows."""

from __future__ import annotations

import re
from typing import Any

from ..core.sentences import split_sentences
from ..core.text import words_of
from .answer_store import Answer
from .asking import Request
from .clinical_terms import class_of
from .medec import MedecNote
from .medec_prompts import NoteAsked, Paraphrase, ParaphraseAsked, ReasoningAsked
from .medec_reasoning import CORRECT, NO_ERROR, MedecReasoning, edit_phrases
from .rewording import reword
from .room_files import read_mapping

CLUES = 3
THOROUGHNESS = (1.0, 0.9, 0.8)
"""At the first tries, and at each later one: where a rule went wrong, fewer of them may go right."""


class OfflineMedecTeacher:
    """Works by rule, the same each time."""

    name = "offline"
    paid = False

    def __init__(self) -> None:
        self.settings: dict[str, Any] = {}

    async def ask(self, request: Request) -> Answer:
        """An answer as JSON. The messages are not read: what decides is the note and the try."""
        asked = request.subject
        if isinstance(asked, ParaphraseAsked):
            return Answer(text=Paraphrase(note=_paraphrase(asked)).model_dump_json())
        assert isinstance(asked, ReasoningAsked), "the request is of another pipeline"
        # Not checked here: with too few clues it is no sound answer, and is rejected like a teacher's.
        return Answer(text=MedecReasoning.model_construct(**_reasoning(asked.note)).model_dump_json())

    async def aclose(self) -> None:
        """Nothing goes on."""


def _paraphrase(asked: NoteAsked) -> str:
    thoroughness = THOROUGHNESS[min(asked.attempt, len(THOROUGHNESS) - 1)]
    return reword(asked.note.text, lambda name, below: asked.draw(name) % below, thoroughness=thoroughness)


def _reasoning(note: MedecNote) -> dict[str, Any]:
    said = read_mapping("prompts/medec_offline.yaml")
    clues = _clues(note)
    if not note.flagged:
        return {
            "error_identified": NO_ERROR,
            "why_wrong": said["why_wrong"]["none"],
            "key_clues": clues,
            "correct_answer": CORRECT,
            "clinical_impact": said["clinical_impact"]["none"],
        }
    wrong, right = note.error_sentence or "", note.corrected_sentence or ""
    old, new = edit_phrases(wrong, right)
    why = said["why_wrong"]["changed" if old and new else "added" if old else "missing"]
    impacts = said["clinical_impact"]
    return {
        "error_identified": f'The note says "{old}".' if old else f'The note leaves out "{new}".',
        "why_wrong": why.replace("{old}", old).replace("{new}", new),
        "key_clues": clues,
        "correct_answer": right,
        "clinical_impact": impacts.get(note.error_type or "", impacts["other"]),
    }


def _clues(note: MedecNote) -> tuple[str, ...]:
    """The phrases of the note with most clinical terms, in its order: sentences, or parts of them where it has few."""
    wrong = note.error_sentence
    for phrases in (_sentences(note.text), _parts(note.text)):
        able = [one for one in dict.fromkeys(phrases) if one in note.text]
        if wrong is not None:
            able = [one for one in able if one not in wrong and wrong not in one]
        best = sorted(able, key=lambda one: -sum(class_of(word) is not None for word in words_of(one)))[:CLUES]
        if len(best) == CLUES:
            return tuple(one for one in able if one in best)
    return ()


def _sentences(text: str) -> list[str]:
    return [one for one in split_sentences(text) if len(one.split()) > 3]


def _parts(text: str) -> list[str]:
    return [part.strip() for one in re.split(r"[.,;:\n]", text) if len((part := one).split()) > 1]

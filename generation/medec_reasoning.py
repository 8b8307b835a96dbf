"""Why a note is correct or not: the five parts of an explanation, and what of them can be verified."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ..core.tasks import NonEmpty
from ..core.text import words_of
from .medec import MedecNote
from .teacher_item import ItemError

NO_ERROR = "none"
CORRECT = "CORRECT"

Sentence = Annotated[NonEmpty, Field(max_length=1_500)]


class MedecReasoning(BaseModel):
    """An explanation of the verdict on a note."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    error_identified: Sentence
    """What the wrong sentence says, with the wrong words; `none` for a correct note."""
    why_wrong: Sentence
    """Why it does not fit the rest of the note; for a correct note, why nothing is wrong."""
    key_clues: Annotated[tuple[Sentence, ...], Field(min_length=3, max_length=10)]
    """Phrases of the note that show it, letter by letter, none of the wrong sentence."""
    correct_answer: Sentence
    """The corrected sentence; `CORRECT` for a correct note."""
    clinical_impact: Sentence
    """What could follow for a patient."""

    def as_thought(self) -> str:
        """The explanation as the thought of a response."""
        clues = "\n".join(f"- {clue}" for clue in self.key_clues)
        return (
            f"Error: {self.error_identified}\nWhy: {self.why_wrong}\nClues:\n{clues}\n"
            f"Right: {self.correct_answer}\nImpact: {self.clinical_impact}"
        )


def edit_phrases(sentence: str, corrected: str) -> tuple[str, str]:
    """What a correction takes out of a sentence and what it puts in: the shortest stretch that holds every change."""
    old, new = sentence.split(), corrected.split()
    changes = [step for step in SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if step[0] != "equal"]
    if not changes:
        return "", ""
    first, last = changes[0], changes[-1]
    phrases = (" ".join(old[first[1] : last[2]]), " ".join(new[first[3] : last[4]]))
    return phrases[0].rstrip(".,;"), phrases[1].rstrip(".,;")


def check_reasoning(reasoning: MedecReasoning, note: MedecNote) -> None:
    """Check what can be: that the clues stand in the note, and that the error and its correction are the doctor's.

    Raises:
        ItemError: something does not hold.
    """
    wrong = note.error_sentence or ""
    for clue in reasoning.key_clues:
        if clue not in note.text:
            raise ItemError("clue", f"{clue[:80]!r} does not stand in the note letter by letter")
        if clue in wrong:
            raise ItemError("clue", f"{clue[:80]!r} stands in the wrong sentence, and cannot show that it is wrong")
    if len(set(reasoning.key_clues)) < len(reasoning.key_clues):
        raise ItemError("clue", "a clue is given twice")
    expected = (note.corrected_sentence or "") if note.flagged else CORRECT
    if words_of(reasoning.correct_answer) != words_of(expected):
        raise ItemError(
            "correction", f"correct_answer is {reasoning.correct_answer[:80]!r}, expected {expected[:80]!r}"
        )
    if not note.flagged:
        if reasoning.error_identified.strip(" .").lower() != NO_ERROR:
            raise ItemError("error", f"error_identified is {reasoning.error_identified[:80]!r}, expected 'none'")
        return
    old, new = edit_phrases(wrong, note.corrected_sentence or "")
    named = set(words_of(reasoning.error_identified))
    if not named & set(words_of(old or new)):
        raise ItemError("error", f"error_identified does not name the wrong words {(old or new)[:80]!r}")

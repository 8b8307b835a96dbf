"""Pairs of a correct note and the same with a doctor's error, with an account of every row, divided by patient."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from ..core.digest import digest
from .medec import MedecNote
from .patient_text import text_groups

Side = Literal["train", "validation"]

NotBlank = Annotated[str, StringConstraints(pattern=r"\S")]


class MedecPair(BaseModel):
    """A note with an error and the same without it, both as MEDEC has them."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    note_id: NotBlank
    """MEDEC's `Text ID`."""
    correct_note: NotBlank
    """`Corrected Text`, byte for byte."""
    incorrect_note: NotBlank
    """`Text`, byte for byte."""
    error_type: NotBlank
    error_sentence: NotBlank
    """As it stands in the incorrect note."""
    corrected_sentence: NotBlank
    """As it stands in the correct note."""
    split: Side = "train"
    """No sentence and no long run of words of a note stands in a note of the other side."""

    @model_validator(mode="after")
    def _sentences_stand_in_the_notes(self) -> MedecPair:
        for name, sentence, note in (
            ("error_sentence", self.error_sentence, self.incorrect_note),
            ("corrected_sentence", self.corrected_sentence, self.correct_note),
        ):
            if sentence not in note:
                raise ValueError(f"{name} {sentence[:60]!r} does not stand in its note letter by letter")
        return self


@dataclass(slots=True)
class PairsReport:
    """What became of every row: `rows` is the sum of `pairs`, `no_error` and `refused`."""

    rows: int
    pairs: dict[str, int] = field(default_factory=dict)
    """By side."""
    no_error: int = 0
    """Notes in which no error was planted: there is nothing to pair them with."""
    refused: dict[str, list[str]] = field(default_factory=dict)
    """Ids of the notes that cannot be used, by the reason."""
    repairs: dict[str, int] = field(default_factory=dict)
    """Faults of the source's form that were mended or do no harm, in rows of every sort."""
    error_types: dict[str, int] = field(default_factory=dict)
    patients: int = 0
    """Groups of notes that share no text with each other."""


def build_pairs(notes: Sequence[MedecNote], seed: int, validation_share: float) -> tuple[list[MedecPair], PairsReport]:
    """Pairs in the order of the notes; the same notes and seed give the same sides.

    Groups of notes that share text are taken for validation in an order that the seed gives, each where it leaves the
    share unbroken: a large group so stays in train.
    """
    usable = [note for note in notes if note.flagged and not note.fault]
    groups = text_groups([note.text for note in usable])
    kept = _for_validation(groups, seed, round(len(usable) * validation_share))
    pairs = [
        _pair(note, "validation" if group in kept else "train") for note, group in zip(usable, groups, strict=True)
    ]
    report = PairsReport(
        rows=len(notes),
        pairs={side: sum(pair.split == side for pair in pairs) for side in ("train", "validation")},
        no_error=sum(not note.flagged and not note.fault for note in notes),
        repairs=dict(sorted(Counter(repair for note in notes for repair in note.repairs).items())),
        error_types=dict(sorted(Counter(pair.error_type for pair in pairs).items())),
        patients=len(set(groups)),
    )
    for note in notes:
        if note.fault:
            report.refused.setdefault(note.fault, []).append(note.note_id)
    return pairs, report


def _for_validation(groups: Sequence[int], seed: int, room: int) -> set[int]:
    sizes = Counter(groups)
    kept = set()
    for group in sorted(sizes, key=lambda one: digest(str(seed), "validation", str(one))):
        if sizes[group] <= room:
            room -= sizes[group]
            kept.add(group)
    return kept


def _pair(note: MedecNote, side: Side) -> MedecPair:
    return MedecPair.model_validate(
        {
            "note_id": note.note_id,
            "correct_note": note.corrected_text,
            "incorrect_note": note.text,
            "error_type": note.error_type,
            "error_sentence": note.error_sentence,
            "corrected_sentence": note.corrected_sentence,
            "split": side,
        }
    )

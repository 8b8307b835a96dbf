"""Tasks whose context is about something else: the question of a study asked of a child's record, and the other way.

A study's note answers the question of the study and a record that of the record; each question is then asked of the
other context. So every context and every question of a family stands once in either class.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..core.digest import digest
from ..core.tasks import Gold
from .drafts import Draft, Split
from .literature import compose_literature
from .literature_forms import WORDS
from .records import compose_records

DIFFICULTY: dict[Split, str] = {"train": "medium", "eval": "hard", "blind": "hard"}
"""Of the notes and records that are crossed."""

FIRST = "a"
"""Key of the draft of an invented child that is taken: one of each."""


def compose_elsewhere(split: Split, seed: int | str) -> Iterator[Draft]:
    """Four drafts for each study of a split, two to be answered and two to be declined."""
    # Drawn apart from the records and notes of the split itself, which stand there with twins of their own.
    apart = f"{seed}:elsewhere"
    records = (draft for draft in compose_records(split, apart) if _fits(draft, split) and draft.key == FIRST)
    notes: dict[str, Draft] = {}
    for draft in compose_literature(split, apart):
        if _fits(draft, split):
            notes.setdefault(draft.family, draft)
    for note in notes.values():
        yield from _crossed(note, next(records), split, apart)


def _fits(draft: Draft, split: Split) -> bool:
    return not draft.gold.abstain and draft.twin_of is None and draft.difficulty == DIFFICULTY[split]


def _crossed(note: Draft, record: Draft, split: Split, seed: str) -> Iterator[Draft]:
    for name, asked, other in (("study", note, record), ("child", record, note)):
        apart = WORDS[split].apart
        declined = Gold(abstain=True, answer=apart[digest(seed, note.key, name) % len(apart)])
        yield Draft(
            family=note.family,
            key=f"elsewhere-{name}-tells",
            kind=asked.kind,
            context=asked.context,
            question=asked.question,
            gold=asked.gold,
            difficulty=asked.difficulty,
            source=asked.source,
            what=asked.what,
            steps=asked.steps,
        )
        yield Draft(
            family=note.family,
            key=f"elsewhere-{name}-silent",
            kind="anti_knowledge",
            context=other.context,
            question=asked.question,
            gold=declined,
            twin_of=f"elsewhere-{name}-tells",
            difficulty="medium",
            source=other.source,
            what=asked.what,
        )

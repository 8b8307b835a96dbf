"""Tasks whose context is about something else: the question of a study asked of a child's record, and the other way.

A study's note answers the question of the study and a record that of the record; each question is then asked of the
other context. So every context and every question of a family stands once in either class.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..core.tasks import Gold
from .digest import digest
from .drafts import Draft, Split
from .literature import compose_literature
from .literature_forms import WORDS
from .records import compose_records

MAX_LENGTH = 2500
"""Characters of a context: what is about something else is seen soon, and a longer one is only more to read."""

FIRST = "a"
"""Key of the draft of an invented child that is taken: one of each."""


def compose_elsewhere(split: Split, seed: int | str) -> Iterator[Draft]:
    """Four drafts for each study of a split, two to be answered and two to be declined."""
    # Drawn apart from the records and notes of the split itself, which stand there with twins of their own.
    apart = f"{seed}:elsewhere"
    records = (draft for draft in compose_records(split, apart) if _fits(draft) and draft.key == FIRST)
    notes: dict[str, Draft] = {}
    for draft in filter(_fits, compose_literature(split, apart)):
        notes.setdefault(draft.family, draft)
    for note in notes.values():
        yield from _crossed(note, next(records), split, apart)


def _fits(draft: Draft) -> bool:
    return not draft.gold.abstain and draft.twin_of is None and len(draft.context) <= MAX_LENGTH


def _crossed(note: Draft, record: Draft, split: Split, seed: str) -> Iterator[Draft]:
    for name, asked, other in (("study", note, record), ("child", record, note)):
        apart = WORDS[split].apart
        declined = Gold(abstain=True, answer=apart[digest(seed, note.key, name) % len(apart)])
        yield Draft(
            family=note.family,
            key=f"elsewhere-{name}-tells",
            kind="reasoning",
            context=asked.context,
            question=asked.question,
            gold=asked.gold,
            difficulty="medium",
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
            difficulty="easy",
            source=other.source,
            what=asked.what,
        )

"""Tasks from the notes of MEDEC: is the note correct, or which sentence of it is wrong, and how is it put right?

MEDEC (Ben Abacha et al., Findings of ACL 2025) holds clinical notes, into some of which a doctor planted one error.
Each note is the context of one task, byte for byte. Notes that share the text of a patient share a family, so that
intervals do not count one patient twice, and a split by family puts them on one side.

What gives the class or the place away is that of the corpus, and `validation` tells it: most errors stand in the last
fifth of their note.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.digest import digest
from ..core.error_answer import ErrorAnswer, render_error_answer
from ..core.prompts import read_prompt
from ..core.tasks import CANARY, Gold, Metadata, PlantedError, Task
from .medec import SOURCE, MedecNote, read_medec
from .patient_text import patient_groups

_NEXT_SENTENCE = re.compile(r"[.!?]\s*(?=[^\W\d_])")


class MedecTaskError(ValueError):
    """The notes do not give the tasks that were asked for. The message says what was found and the remedy."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the notes."""

    notes: int
    """Of the file."""
    correct: int
    """Tasks whose note is correct."""
    incorrect: int
    """Tasks whose note holds an error."""
    families: int
    skipped: Counter[str]
    """Notes of which no task can be made, by the reason."""


def build(
    path: Path,
    *,
    count: int | None = None,
    seed: int = 0,
    split: str = "medec",
    balance: bool = False,
    encoding: str = "utf-8-sig",
) -> tuple[list[Task], Report]:
    """A task of every note, or of `count` of them, in an order that hangs on the seed; same file and seed: same tasks.

    Args:
        encoding: Of the file, as Python names it.
        balance: As many correct notes as incorrect ones; an odd count makes one more.

    Raises:
        MedecError: the file cannot be read as MEDEC.
        MedecTaskError: it does not give `count` tasks.
    """
    notes = read_medec(path, encoding)
    groups = patient_groups([note.text for note in notes])
    skipped: Counter[str] = Counter()
    made = []
    for note, group in zip(notes, groups, strict=True):
        if note.fault:
            skipped[note.fault] += 1
        else:
            made.append(_task(note, f"medec-{group:04d}", seed, split))
    made.sort(key=lambda task: digest("order", str(seed), task.id))
    tasks = _choose(made, count, balance)
    if not tasks or (count is not None and len(tasks) < count):
        reasons = ", ".join(f"{reason} {number}" for reason, number in skipped.most_common())
        correct = sum(task.gold.error is None for task in made)
        raise MedecTaskError(
            f"{path}: {count or 1} tasks asked for, {len(tasks)} can be made of {correct} correct and "
            f"{len(made) - correct} incorrect notes (skipped: {reasons or 'none'}); ask for fewer, or for another file"
        )
    correct = sum(task.gold.error is None for task in tasks)
    families = len({task.family for task in tasks})
    return tasks, Report(len(notes), correct, len(tasks) - correct, families, skipped)


def _choose(tasks: Sequence[Task], count: int | None, balance: bool) -> list[Task]:
    """As many of the first as were asked for, or as there are."""
    if not balance:
        return list(tasks[:count])
    sorts = [[task.id for task in tasks if (task.gold.error is None) == correct] for correct in (True, False)]
    each = min(map(len, sorts)) if count is None else (count + 1) // 2
    kept = {name for ids in sorts for name in ids[: min(each, *map(len, sorts))]}
    return [task for task in tasks if task.id in kept]


def note_task(note: MedecNote, task_id: str, family: str, split: str, **metadata: Any) -> Task:
    """The task whose context is the note, byte for byte, and whose gold is what the note's fields say of it."""
    return Task(
        id=task_id,
        split=split,
        kind="error_detection",
        family=family,
        context=note.text,
        question=read_prompt("error_detection"),
        gold=_gold(note),
        metadata=Metadata.model_validate({"canary": CANARY, **metadata}),
    )


def _task(note: MedecNote, family: str, seed: int, split: str) -> Task:
    name = f"t-{digest(note.note_id, size=5, key=f'medec {seed}'.encode()[:32]):010x}"
    return note_task(note, name, family, split, source=SOURCE, seed=seed)


def _gold(note: MedecNote) -> Gold:
    if not note.flagged or note.error_sentence is None or note.corrected_sentence is None:
        return Gold(abstain=False, answer=render_error_answer(ErrorAnswer(False)))
    error = PlantedError(sentence=note.error_sentence, correction=note.corrected_sentence, type=note.error_type)
    answer = render_error_answer(ErrorAnswer(True, error.sentence, error.correction))
    return Gold(abstain=False, answer=answer, evidence=(_quotable(error.sentence, note.text),), error=error)


def _quotable(sentence: str, text: str) -> str:
    """The sentence; without its first words where the source cuts it out of the middle of a unit ("/|mm3.The")."""
    start = text.index(sentence)
    if not start or text[start - 1].isspace():
        return sentence
    following = _NEXT_SENTENCE.search(sentence)
    return sentence[following.end() :] if following else sentence

"""A split of the corpus: families written by hand, notes on the literature, and invented records.

Tasks are taken by twin groups (a task and the edits of it), so that every twin stands with its pair, and half of a
split is to be declined. The seed decides what is taken and in which order; the same seed gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from ..core.digest import digest
from ..core.tasks import Task
from .compose import DEFAULT_SEED, FAMILIES, compose, fold, provenance, task_id
from .drafts import Draft, Split
from .elsewhere import compose_elsewhere
from .literature import compose_literature
from .records import compose_records

SIZES: dict[Split, int] = {"train": 1500, "eval": 300, "blind": 300}
"""Tasks of a split where none are asked for."""


class CorpusError(ValueError):
    """A split cannot be composed as asked: an odd count, say. The message says what there is and the remedy."""


def compose_corpus(split: Split, seed: int = DEFAULT_SEED, count: int | None = None) -> list[Task]:
    """Compose a split.

    Raises:
        CorpusError: there are fewer tasks than asked for.
        ComposeError, FactError: a source cannot be used.
    """
    wanted = SIZES[split] if count is None else count
    written = [] if split == "blind" else _by_twins(compose(FAMILIES, split, seed))
    drawn = _by_twins(to_task(draft, split, seed) for draft in _drafts(split, seed, wanted))
    drawn.sort(key=lambda group: digest(str(seed), group[0].id))
    groups = [*written, *drawn]
    tasks = _fill(groups if split == "train" else filter(_is_hard, groups), wanted)
    if len(tasks) < wanted:
        raise CorpusError(
            f"{wanted} tasks wanted, {len(tasks)} can be composed for {split} with twins together and half of them to "
            "be declined; ask for a multiple of four"
        )
    return sorted(tasks, key=lambda task: digest(str(seed), task.id))


def to_task(draft: Draft, split: Split, seed: int) -> Task:
    """The task of a draft, with an opaque id."""
    return Task(
        id=task_id(draft.family, draft.key),
        split=split,
        kind=draft.kind,
        family=draft.family,
        context=fold(draft.context),
        question=fold(draft.question),
        gold=draft.gold,
        metadata=provenance(draft.family, draft.twin_of, draft.difficulty, draft.source, seed),
    )


def _drafts(split: Split, seed: int, wanted: int) -> Iterator[Draft]:
    yield from compose_literature(split, seed)
    yield from compose_elsewhere(split, seed)
    # A record's family has four drafts.
    yield from islice(compose_records(split, seed), 4 * (wanted // 4 + 1))


def _by_twins(tasks: Iterable[Task]) -> list[list[Task]]:
    """Tasks with the edits of them."""
    groups: dict[str, list[Task]] = {}
    for task in tasks:
        groups.setdefault(task.metadata.twin_of or task.id, []).append(task)
    return list(groups.values())


def _is_hard(group: Sequence[Task]) -> bool:
    """What it asks is hard to find or to work out, or must be declined: such tasks tell agents apart."""
    return all(task.gold.abstain or task.metadata.difficulty == "hard" for task in group)


def _fill(groups: Iterable[Sequence[Task]], wanted: int) -> list[Task]:
    """Groups in order, each taken where it leaves room for as many to answer as to decline."""
    taken: list[Task] = []
    room = {True: wanted // 2, False: wanted - wanted // 2}
    for group in groups:
        declined = sum(task.gold.abstain for task in group)
        if declined <= room[True] and len(group) - declined <= room[False]:
            room[True] -= declined
            room[False] -= len(group) - declined
            taken += group
    return taken

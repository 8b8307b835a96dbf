"""Worked examples for supervised fine-tuning, composed from the wordings of the train split.

Half are reasoning, two in five refusals, one in ten general safety. Records and layouts are drawn apart from those of
the train tasks, so that a model which was tuned on the examples still meets new tasks when it is trained by reward.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from ..core.digest import digest
from ..core.examples import SHARES, Category, SftExample, category_of
from ..core.tags import render_response
from .corpus import CorpusError, to_task
from .drafts import Draft
from .elsewhere import compose_elsewhere
from .literature import compose_literature
from .records import FAMILIES, compose_records
from .thinking import answer, proof, think

SIZE = 2000
"""Examples of the shipped set."""

_FROM_RECORDS = 1.5
"""How many record drafts are made for each example wanted: of nine families one is general safety, a tenth of a set."""


def compose_sft(seed: int, count: int = SIZE) -> list[SftExample]:
    """Compose a set; the same seed and count give the same examples.

    Raises:
        CorpusError: the shares of so many cannot be whole, or there are fewer drafts than asked for.
    """
    room: dict[Category, int] = {name: round(count * share) for name, share in SHARES.items()}
    if count < 10 or count % 10:  # not by comparing shares: 70 tenths of a float are more than seven
        raise CorpusError(
            f"{count} examples wanted, which {_shares()} do not divide into whole numbers; ask for a multiple of 10"
        )
    taken: list[SftExample] = []
    for draft in sorted(_drafts(f"{seed}:sft", count), key=lambda draft: digest(str(seed), draft.family, draft.key)):
        category = category_of(draft.kind)
        if room[category]:
            room[category] -= 1
            taken.append(_example(draft, seed))
    if any(room.values()):
        raise CorpusError(
            f"{count} examples wanted; lacking: {', '.join(f'{n} {name}' for name, n in room.items() if n)}"
        )
    return taken


def _shares() -> str:
    return ", ".join(f"{share:.0%} {name}" for name, share in SHARES.items())


def _drafts(seed: str, count: int) -> Iterator[Draft]:
    yield from compose_literature("train", seed)
    yield from compose_elsewhere("train", seed)
    # A child has four drafts; a few examples need a child of each family all the same.
    children = max(int(_FROM_RECORDS * count) // 4 + 1, len(FAMILIES))
    yield from islice(compose_records("train", seed), 4 * children)


def _example(draft: Draft, seed: int) -> SftExample:
    def pick(name: str, options: Sequence[str]) -> str:
        return options[digest(str(seed), name, draft.family, draft.key) % len(options)]

    task = to_task(draft, "train", seed)
    response = render_response(think=think(draft, pick), proof="\n".join(proof(draft, pick)), answer=answer(draft))
    return SftExample.of(task, response)

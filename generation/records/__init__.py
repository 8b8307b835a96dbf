"""Invented clinical records with questions, their gold answers known by construction.

Nine families of questions, one module each; `family.py` says how each child's questions are balanced, `layout.py` how
a record is laid out, `wordings/` holds the words, which no two splits share.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...core.digest import digest
from ..drafts import Draft, Split
from . import change, conflict, cumulative, eligibility, interval, lookup, safety, superseded, surface
from .draw import Draw
from .family import Shape, drafts, slots
from .layout import lay_out, opening
from .patients import invent
from .scenes import Maker, Teller

FAMILIES: tuple[tuple[str, Maker, tuple[Shape, ...]], ...] = (
    ("lookup", lookup.scene, ("crossed", "doubled", "crossed")),
    ("interval", interval.scene, ("crossed", "doubled")),
    ("surface", surface.scene, ("crossed", "doubled")),
    ("conflict", conflict.scene, ("opposed",)),
    ("superseded", superseded.scene, ("crossed", "valued")),
    ("cumulative", cumulative.scene, ("crossed", "doubled")),
    ("eligibility", eligibility.scene, ("crossed", "doubled")),
    ("change", change.scene, ("crossed", "doubled")),
    ("safety", safety.scene, ("crossed", "doubled")),
)
"""Name, maker and the shapes that it is put in, in turn."""


def compose_records(split: Split, seed: int | str) -> Iterator[Draft]:
    """Drafts without end, four for each invented child; the same for the same split and seed."""
    number = 0
    while True:
        yield from child_drafts(split, seed, number)
        number += 1


def child_drafts(split: Split, seed: int | str, number: int) -> Iterator[Draft]:
    """The four drafts of one child. The family is `number` modulo that of the families.

    A child draws from a stream of its own, so that a change to one family moves no child of another.
    """
    turn, place = divmod(number, len(FAMILIES))
    name, maker, shapes = FAMILIES[place]
    shape = shapes[turn % len(shapes)]
    stream = f"{split}:{seed}:{number}"
    draw = Draw(stream)
    teller = Teller(split, draw)
    patient = invent(draw, split)
    scene = maker(draw, patient, teller)
    page = lay_out(draw, split, teller, opening(draw, teller, patient.who, patient.age), scene, slots(shape))
    yield from drafts(f"record-{name}-{digest(stream, size=6):012x}", scene, shape, page, teller)

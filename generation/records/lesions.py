"""Parts of a tumour, and how large they are."""

from __future__ import annotations

from dataclasses import dataclass

from .draw import Draw
from .scenes import Teller


@dataclass(frozen=True, slots=True)
class Lesion:
    """A part of a tumour."""

    name: str
    least: int
    most: int
    """Diameters lie between these, in millimetres."""
    step: int
    """By how much a diameter changes at most from one scan to a later one, in millimetres."""


def draw_lesions(draw: Draw, teller: Teller) -> list[Lesion]:
    """Two parts. The first that a split names is the whole of the tumour, the others lie within it or beside it."""
    whole = teller.nouns("lesions")[0]
    return [
        Lesion(name, 40, 58, 10) if name == whole else Lesion(name, 9, 24, 5)
        for name in draw.some(teller.nouns("lesions"), 2)
    ]

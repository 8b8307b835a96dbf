"""Two readings that differ, and an addendum that settles one of them.

Both readings are of the same standing. The addendum names one part of the tumour: for that part the record tells, for
the other it is at odds with itself.
"""

from __future__ import annotations

from .draw import Draw
from .lesions import draw_lesions
from .numerals import written
from .patients import Patient
from .scenes import Fact, Scene, Teller
from .topics import decoys


def scene(draw: Draw, patient: Patient, teller: Teller) -> Scene:
    """Two parts of a tumour read by two readers, and the addendum on one of them."""
    scan, later = written(patient.days[2]), written(patient.days[5])
    replaces = draw.chance(0.5)
    readings: list[str] = []
    facts: list[Fact] = []
    for part in draw_lesions(draw, teller):
        lesion, sizes = part.name, draw.some(range(part.least, part.most + 1), 4)
        pair = [
            teller.say(f"superseded.{reader}", who=patient.who, lesion=lesion, size=size, date=scan)
            for reader, size in zip(("one", "two"), sizes[:2], strict=True)
        ]
        readings += pair
        for place in draw.some((0, 1), 2):
            needs: tuple[str, ...] = ()
            step = "The later sentence replaces both readings."
            if replaces:
                size = sizes[2 + place]
                sentence = teller.say("superseded.new", who=patient.who, lesion=lesion, size=size, date=later)
            else:
                size, needs = sizes[place], (pair[place],)
                ordinal = ("first", "second")[place]
                step = f"The later sentence keeps the {ordinal} of the two readings."
                sentence = teller.say("superseded.settled", who=patient.who, lesion=lesion, reader=ordinal, date=later)
            question = teller.say("superseded.q", who=patient.who, lesion=lesion, date=scan)
            facts.append(_fact(sentence, question, f"the size of {lesion} of {patient.who}", size, needs, step))
    shared = (*readings, *decoys(draw, patient, teller, ()))
    return Scene.of(facts, shared, unsettled=True)


def _fact(sentence: str, question: str, what: str, size: int, needs: tuple[str, ...], step: str) -> Fact:
    aliases = (f"{size} millimetres", f"{size // 10}.{size % 10} cm", f"{size}mm")
    return Fact(sentence, question, what, f"{size} mm", aliases, needs, (step,))

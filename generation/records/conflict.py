"""A finding told by two sources of the same standing, which agree or do not."""

from __future__ import annotations

from .draw import Draw
from .numerals import written
from .patients import Patient
from .scenes import Scene, Teller
from .topics import TOPICS, decoys


def scene(draw: Draw, patient: Patient, teller: Teller) -> Scene:
    """Invent one; the second fact, of another child, is not used by the opposed shape but stands as a decoy."""
    topic = draw.pick(TOPICS)
    values, others = topic.values(draw, patient), topic.values(draw, patient)
    date = written(draw.pick(patient.days))
    first = topic.fact(teller, patient.who, date, values[0])
    changed = topic.fact(teller, patient.who, date, values[1])
    second = topic.fact(teller, patient.other, date, others[0])
    second_changed = topic.fact(teller, patient.other, date, others[1])
    shared = (second.sentence, *decoys(draw, patient, teller, (topic.name,)))
    return Scene(first, changed, second, second_changed, shared)

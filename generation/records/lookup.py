"""What one sentence tells, where the same is told of another date, of another child, or planned and not given."""

from __future__ import annotations

from .draw import Draw
from .numerals import written
from .patients import Patient
from .scenes import Scene, Teller
from .topics import BY_NAME, TOPICS, decoys

_OPPOSITE = {"given": "planned", "planned": "given"}


def scene(draw: Draw, patient: Patient, teller: Teller) -> Scene:
    """Invent one."""
    topic = draw.pick(TOPICS)
    values, others = topic.values(draw, patient), topic.values(draw, patient)
    here, there, elsewhere = (written(day) for day in draw.some(patient.days, 3))
    who = patient.who
    told, date, decoy = topic, here, topic.fact(teller, patient.third, here, others[2])
    if topic.name in _OPPOSITE and draw.chance(0.6):
        told = BY_NAME[_OPPOSITE[topic.name]]
    elif topic.dated and draw.chance(0.6):
        date = there
        decoy = topic.fact(teller, who, elsewhere, values[2])
    else:
        who = patient.other
        if topic.name == "weight" and draw.chance(0.5):
            who = f"the {draw.pick(('brother', 'sister'))} of {patient.who}"
        elif draw.chance(0.5):
            who, patient = patient.who, patient.swapped()
    return Scene(
        first=topic.fact(teller, patient.who, here, values[0]),
        changed=topic.fact(teller, patient.who, here, values[1]),
        second=told.fact(teller, who, date, others[0]),
        second_changed=told.fact(teller, who, date, others[1]),
        shared=(decoy.sentence, *decoys(draw, patient, teller, (topic.name, told.name))),
    )

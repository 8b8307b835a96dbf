"""May something be given or done, by an invented safety rule of the unit and a measure of the child?"""

from __future__ import annotations

from .draw import Draw
from .measures import Measure
from .numerals import capitalised, written
from .patients import Patient
from .scenes import Fact, Scene, Teller
from .topics import decoys

_RULES = (
    ("ibuprofen", Measure("platelet count", " × 10⁹/l", (50, 75, 100), 30, True)),
    ("valproate", Measure("ammonia level", " µmol/l", (60, 80, 100), 25, False)),
    ("gadolinium contrast", Measure("estimated filtration rate", " ml/min", (30, 45, 60), 15, True)),
    ("panobinostat", Measure("corrected QT time", " ms", (450, 460, 470), 25, False)),
    ("bevacizumab", Measure("systolic blood pressure", " mmHg", (120, 130, 135), 14, False)),
    ("oral feeding", Measure("breathing rate", " a minute", (30, 34, 38), 7, False)),
    ("sedation", Measure("oxygen saturation", " %", (92, 94, 95), 3, True)),
    ("paracetamol", Measure("alanine aminotransferase", " U/l", (150, 200, 250), 60, False)),
)
"""What a rule withholds, and the measure that it hangs on; limits are invented."""


def scene(draw: Draw, patient: Patient, teller: Teller) -> Scene:
    """Two rules, and one of the two measures; the other child's value stands beside."""
    day = written(draw.pick(patient.days))
    facts, shared = [], []
    for act, measure in draw.some(_RULES, 2):
        limit = draw.pick(measure.limits)
        key = "safety.least" if measure.least else "safety.most"
        shared.append(teller.say(key, act=act, name=measure.name, limit=measure.written(limit)))
        for above in draw.some((True, False), 2):
            value = measure.beside(draw, limit, above=above)
            facts.append(_fact(teller, patient.who, act, measure, (value, limit), day, shared[-1]))
        if draw.chance(0.5):
            near = measure.beside(draw, limit, above=draw.chance(0.5))
            shared.append(_told(teller, patient.other, measure, near, day))
    return Scene.of(facts, (*shared, *decoys(draw, patient, teller, ())), kind="general_safety")


def _told(teller: Teller, who: str, measure: Measure, value: int, day: str) -> str:
    return teller.say("safety.value", who=who, name=measure.name, value=measure.written(value), date=day)


def _fact(
    teller: Teller, who: str, act: str, measure: Measure, value_and_limit: tuple[int, int], day: str, rule: str
) -> Fact:
    value, limit = value_and_limit
    fits = measure.fits(value, limit)
    compared = measure.compared(value, limit)
    decided = "does not withhold" if fits else "withholds"
    return Fact(
        sentence=_told(teller, who, measure, value, day),
        question=teller.say("safety.q", who=who, act=act, date=day),
        what=f"the {measure.name} of {who} on {day}",
        answer="Yes" if fits else "No",
        aliases=("Yes, the rule allows it", f"Yes, {compared}") if fits else ("Not allowed", f"No, {compared}"),
        needs=(rule,),
        steps=(f"{capitalised(compared)}, so the rule {decided} {act}.",),
    )

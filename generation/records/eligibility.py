"""Does a child fit an invented study, by criteria that the record lists?"""

from __future__ import annotations

from dataclasses import dataclass

from .draw import Draw
from .numerals import written
from .patients import Patient
from .scenes import Fact, Scene, Teller
from .topics import decoys


@dataclass(frozen=True, slots=True)
class _Measure:
    name: str
    unit: str
    limits: tuple[int, ...]
    spread: int
    """How far values lie from the limit, in the unit."""
    least: bool
    """The limit is the least that is allowed; otherwise the most."""


_MEASURES = (
    _Measure("platelet count", " × 10⁹/l", (75, 100, 120), 40, True),
    _Measure("haemoglobin", " g/l", (80, 90, 100), 14, True),
    _Measure("albumin", " g/l", (28, 30, 32), 5, True),
    _Measure("Lansky score", "", (50, 60, 70), 10, True),
    _Measure("creatinine", " µmol/l", (50, 60, 70), 16, False),
    _Measure("bilirubin", " µmol/l", (17, 20, 25), 8, False),
    _Measure("alanine aminotransferase", " U/l", (60, 80, 100), 30, False),
)
_STUDIES = ("A1", "B4", "C2", "D7", "E5", "F9", "H6", "K3", "M8", "P2")


def scene(draw: Draw, patient: Patient, teller: Teller) -> Scene:
    """Two studies that ask for a measure each, and one of the two measures."""
    day = written(draw.pick(patient.days))
    aged = teller.say("eligibility.age", who=patient.who, age=patient.age)
    facts, rules = [], []
    studies = draw.some(_STUDIES, 2)
    for study, measure in zip(studies, draw.some(_MEASURES, 2), strict=True):
        limit = draw.pick(measure.limits)
        low, high = max(1, patient.age - draw.whole(1, 4)), patient.age + draw.whole(2, 7)
        rules.append(
            teller.say(
                "eligibility.least" if measure.least else "eligibility.most",
                study=study,
                low=low,
                high=high,
                name=measure.name,
                limit=f"{limit}{measure.unit}",
            )
        )
        for above in draw.some((True, False), 2):
            step = draw.whole(1, measure.spread)
            value = limit + (step if above else -step)
            facts.append(_fact(teller, patient.who, study, measure, value, limit, day, (rules[-1], aged)))
    return Scene.of(facts, (aged, *rules, *decoys(draw, patient, teller, ())))


def _fact(
    teller: Teller, who: str, study: str, measure: _Measure, value: int, limit: int, day: str, needs: tuple[str, ...]
) -> Fact:
    fits = value >= limit if measure.least else value <= limit
    short = "below" if measure.least else "above"
    reason = f"the {measure.name} of {value}{measure.unit} is {short} the limit"
    return Fact(
        sentence=teller.say("eligibility.value", who=who, name=measure.name, value=f"{value}{measure.unit}", date=day),
        question=teller.say("eligibility.q", who=who, study=study),
        what=f"the {measure.name} of {who}, on which entry to {study} depends",
        answer="Yes" if fits else "No",
        aliases=(f"Yes, eligible for study {study}", "Eligible") if fits else ("Not eligible", f"No, {reason}"),
        needs=needs,
    )

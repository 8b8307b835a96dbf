"""Does a child fit an invented study, by age and two measures that the record lists?"""

from __future__ import annotations

from .draw import Draw
from .measures import Measure
from .numerals import capitalised, written
from .patients import Patient
from .scenes import Fact, Scene, Teller
from .topics import decoys

_MEASURES = (
    Measure("platelet count", " × 10⁹/l", (75, 100, 120), 40, True),
    Measure("haemoglobin", " g/l", (80, 90, 100), 14, True),
    Measure("albumin", " g/l", (28, 30, 32), 5, True),
    Measure("Lansky score", "", (50, 60, 70), 3, True, step=10),
    Measure("creatinine", " µmol/l", (50, 60, 70), 16, False),
    Measure("bilirubin", " µmol/l", (17, 20, 25), 8, False),
    Measure("alanine aminotransferase", " U/l", (60, 80, 100), 30, False),
)
_STUDIES = ("A1", "B4", "C2", "D7", "E5", "F9", "H6", "K3", "M8", "P2")


def scene(draw: Draw, patient: Patient, teller: Teller) -> Scene:
    """Two studies that ask for an age and two measures each; of one study a measure is missing.

    What else is asked for is always met, so that the answer hangs on the measure that is there or not.
    """
    day = written(draw.pick(patient.days))
    aged = teller.say("eligibility.age", who=patient.who, age=patient.age)
    measures = draw.some(_MEASURES, 4)
    facts: list[Fact] = []
    shared = [aged]
    for study, asked, besides in zip(draw.some(_STUDIES, 2), measures[:2], measures[2:], strict=True):
        limit = draw.pick(asked.limits)
        ages = (max(1, patient.age - draw.whole(1, 4)), patient.age + draw.whole(2, 7))
        rule = teller.say(
            "eligibility.least" if asked.least else "eligibility.most",
            study=study,
            low=ages[0],
            high=ages[1],
            name=asked.name,
            limit=asked.written(limit),
        )
        other = _besides(draw, patient, teller, study, besides, day)
        shared += [rule, *other]
        in_range = f"{patient.age} years lies between {ages[0]} and {ages[1]}"
        for above in draw.some((True, False), 2):
            value = asked.beside(draw, limit, above=above)
            facts.append(_fact(teller, patient.who, study, asked, (value, limit), day, rule, (aged, *other), in_range))
    return Scene.of(facts, (*shared, *decoys(draw, patient, teller, ())))


def _besides(draw: Draw, patient: Patient, teller: Teller, study: str, measure: Measure, day: str) -> tuple[str, str]:
    """One more criterion, and a value that meets it."""
    limit = draw.pick(measure.limits)
    value = measure.beside(draw, limit, above=measure.least)
    bound = "at least" if measure.least else "at most"
    return (
        teller.say("eligibility.besides", study=study, name=measure.name, bound=bound, limit=measure.written(limit)),
        teller.say("eligibility.value", who=patient.who, name=measure.name, value=measure.written(value), date=day),
    )


def _fact(
    teller: Teller,
    who: str,
    study: str,
    measure: Measure,
    value_and_limit: tuple[int, int],
    day: str,
    rule: str,
    met: tuple[str, ...],
    in_range: str,
) -> Fact:
    value, limit = value_and_limit
    fits = measure.fits(value, limit)
    compared = measure.compared(value, limit)
    step = f"{capitalised(compared)}."
    return Fact(
        sentence=teller.say("eligibility.value", who=who, name=measure.name, value=measure.written(value), date=day),
        question=teller.say("eligibility.q", who=who, study=study),
        what=f"the {measure.name} of {who}, on which entry to {study} depends",
        answer="Yes" if fits else "No",
        aliases=(f"Yes, eligible for study {study}", "Eligible") if fits else ("Not eligible", f"No, {compared}"),
        # One criterion that is not met is enough to keep a child out; all are needed to let one in.
        needs=(rule, *met) if fits else (rule,),
        steps=(f"{in_range}, and the other measure is within its limit.", step) if fits else (step,),
    )

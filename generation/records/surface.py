"""A dose in milligrams, from an order per square metre and the body surface, rounded as the record says."""

from __future__ import annotations

from .draw import Draw
from .numerals import in_hundredths, nearest, written
from .patients import Patient
from .scenes import Fact, Scene, Teller
from .topics import decoys

_RATES = {
    "temozolomide": (75, 85, 90, 150, 180, 200),
    "etoposide": (35, 50, 60, 100, 120),
    "irinotecan": (50, 90, 100, 110, 125),
    "carboplatin": (150, 175, 200, 220),
    "lomustine": (80, 90, 100, 110),
}
"""mg per m² of an invented order."""

_STEP = 5
"""mg: a dose is rounded to the nearest multiple."""


def scene(draw: Draw, patient: Patient, teller: Teller) -> Scene:
    """Two drugs, of which one order is on file, or two children, of whom one was measured."""
    while True:
        made = _by_drug(draw, patient, teller) if draw.chance(0.5) else _by_child(draw, patient, teller)
        if made:
            return made


def _by_drug(draw: Draw, patient: Patient, teller: Teller) -> Scene | None:
    surface = _surface(draw, patient)
    rounding = teller.say("surface.rounding", step=_STEP)
    measured = _measured(draw, teller, patient.who, surface, patient)
    facts = []
    for drug in draw.some(tuple(_RATES), 2):
        for rate in draw.some(_RATES[drug], 2):
            order = teller.say("surface.order", drug=drug, rate=rate)
            what = f"the dose of {drug} per square metre"
            facts.append(_fact(teller, order, patient.who, drug, rate, surface, (measured, rounding), what))
    return _scene(draw, patient, teller, facts, (measured, rounding))


def _by_child(draw: Draw, patient: Patient, teller: Teller) -> Scene | None:
    drug = draw.pick(tuple(_RATES))
    rate = draw.pick(_RATES[drug])
    rounding = teller.say("surface.rounding", step=_STEP)
    order = teller.say("surface.order", drug=drug, rate=rate)
    facts = []
    for who in draw.some((patient.who, patient.other), 2):
        for _ in range(2):
            surface = _surface(draw, patient)
            measured = _measured(draw, teller, who, surface, patient)
            what = f"the body surface of {who}"
            facts.append(_fact(teller, measured, who, drug, rate, surface, (order, rounding), what))
    return _scene(draw, patient, teller, facts, (order, rounding))


def _scene(
    draw: Draw, patient: Patient, teller: Teller, facts: list[Fact | None], shared: tuple[str, ...]
) -> Scene | None:
    made = [fact for fact in facts if fact]
    if len(made) < 4 or made[0].answer == made[1].answer:
        return None
    return Scene.of(made, (*shared, *decoys(draw, patient, teller, ("weight",))))


def _surface(draw: Draw, patient: Patient) -> int:
    """In hundredths of a square metre; grows with age."""
    return 50 + 6 * patient.age + draw.whole(-6, 10)


def _measured(draw: Draw, teller: Teller, who: str, surface: int, patient: Patient) -> str:
    height = 78 + 6 * patient.age + draw.whole(-4, 4)
    # By Mosteller's formula, backwards: weight = 3600 x surface² / height.
    weight = f"{3600 * surface * surface / 10_000 / height:.1f}"
    day = written(patient.days[0])
    return teller.say(
        "surface.measured", who=who, height=height, weight=weight, surface=in_hundredths(surface), date=day
    )


def _fact(
    teller: Teller, sentence: str, who: str, drug: str, rate: int, surface: int, needs: tuple[str, ...], what: str
) -> Fact | None:
    steps = nearest(rate * surface, 100 * _STEP)
    if steps is None:
        return None
    dose = steps * _STEP
    exact = in_hundredths(rate * surface)
    return Fact(
        sentence=sentence,
        question=teller.say("surface.q", who=who, drug=drug),
        what=what,
        answer=f"{dose} mg",
        aliases=(f"{dose} milligrams", f"{dose}mg", f"{dose} mg of {drug}"),
        needs=needs,
        steps=(
            f"{rate} mg/m² × {in_hundredths(surface)} m² = {exact} mg.",
            f"To the nearest {_STEP} mg, {exact} mg is {dose} mg.",
        ),
    )

"""What has been given so far, and what may still be given under the record's own limit."""

from __future__ import annotations

from .draw import Draw
from .numerals import in_words, written
from .patients import Patient
from .scenes import Fact, Scene, Teller
from .topics import decoys

_AMOUNTS = {
    "temozolomide": (60, 75, 90, 100, 140),
    "etoposide": (25, 50, 75),
    "irinotecan": (55, 80, 95, 110),
    "carboplatin": (120, 150, 180, 210),
    "lomustine": (40, 60, 70, 80),
    "vinblastine": (3, 4, 5, 6),
}
"""mg of a single dose of an invented order."""


def scene(draw: Draw, patient: Patient, teller: Teller) -> Scene:
    """Two drugs with a limit each, and the count of doses of one of them."""
    asks_rest = draw.chance(0.6)
    day = written(draw.pick(patient.days))
    limits, facts = [], []
    for drug in draw.some(tuple(_AMOUNTS), 2):
        amount = draw.pick(_AMOUNTS[drug])
        limit = amount * draw.whole(16, 24)
        limits.append(teller.say("cumulative.limit", drug=drug, limit=limit))
        for count in draw.some(range(3, 15), 2):
            facts.append(_fact(teller, patient.who, drug, amount, count, limit, limits[-1], day, asks_rest))
    return Scene.of(facts, (*limits, *decoys(draw, patient, teller, ("given", "planned"))))


def _fact(
    teller: Teller, who: str, drug: str, amount: int, count: int, limit: int, stated: str, day: str, asks_rest: bool
) -> Fact:
    total = amount * count
    answer = limit - total if asks_rest else total
    what = f"how much {drug} {who} has received"
    steps = [f"{count} × {amount} mg = {total} mg."]
    if asks_rest:
        steps.append(f"{limit} mg - {total} mg = {answer} mg.")
    return Fact(
        sentence=teller.say("cumulative.given", who=who, drug=drug, amount=amount, count=in_words(count), date=day),
        question=teller.say("cumulative.rest" if asks_rest else "cumulative.total", who=who, drug=drug, date=day),
        what=what,
        answer=f"{answer} mg",
        aliases=(f"{answer} milligrams", f"{answer}mg", f"{answer} mg of {drug}"),
        needs=(stated,) if asks_rest else (),
        steps=tuple(steps),
    )

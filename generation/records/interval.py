"""Days between two dated events."""

from __future__ import annotations

from datetime import date, timedelta

from .draw import Draw
from .numerals import in_words, written
from .patients import Patient
from .scenes import Fact, Scene, Teller
from .topics import decoys

LATER = range(95, 430)
"""Days after which the later events follow: re-irradiation, say, is not given within three months."""


def scene(draw: Draw, patient: Patient, teller: Teller) -> Scene:
    """One event with its date, and of two later ones the date of one."""
    start, *_ = patient.days
    first = draw.pick(teller.nouns("starts"))
    begun = teller.say("interval.start", who=patient.who, event=first, date=written(start))
    later = [start + timedelta(days=days) for days in draw.some(LATER, 4)]
    facts = []
    for place, event in enumerate(draw.some(teller.nouns("ends"), 2)):
        for day in later[2 * place : 2 * place + 2]:
            facts.append(_fact(teller, patient.who, first, event, start, day, begun))
    # Another child's date of the event that is asked about, so that the event alone does not find the date.
    elsewhere = start + timedelta(days=draw.pick(LATER))
    decoy = teller.say(
        "interval.end", who=patient.other, event=draw.pick(teller.nouns("ends")), date=written(elsewhere)
    )
    return Scene.of(facts, (begun, decoy, *decoys(draw, patient, teller, ("biopsy",))))


def _fact(teller: Teller, who: str, first: str, event: str, start: date, day: date, begun: str) -> Fact:
    days = (day - start).days
    aliases = [f"{in_words(days)} days", f"{days} d", f"{days}"]
    if days % 7 == 0:
        aliases.append(f"{days // 7} weeks")
    return Fact(
        sentence=teller.say("interval.end", who=who, event=event, date=written(day)),
        question=teller.say("interval.q", who=who, first=first, event=event),
        what=f"the date of {event} of {who}",
        answer=f"{days} days",
        aliases=tuple(aliases),
        needs=(begun,),
        steps=(f"From {written(start)} to {written(day)} there are {days} days.",),
    )

"""By how many per cent the product of two diameters has changed."""

from __future__ import annotations

from .draw import Draw
from .lesions import draw_lesions
from .numerals import nearest, written
from .patients import Patient
from .scenes import Fact, Scene, Teller
from .topics import decoys


def scene(draw: Draw, patient: Patient, teller: Teller) -> Scene:
    """Two parts of a tumour measured once, and one of them measured again."""
    before, after = written(patient.days[1]), written(patient.days[4])
    bases, facts = [], []
    for lesion in draw_lesions(draw, teller):
        old = (draw.whole(lesion.least, lesion.most), draw.whole(lesion.least, lesion.most))
        bases.append(teller.say("change.before", who=patient.who, lesion=lesion.name, a=old[0], b=old[1], date=before))
        made: list[Fact] = []
        while len(made) < 2:
            new = (old[0] + draw.whole(-lesion.step, lesion.step), old[1] + draw.whole(-lesion.step, lesion.step))
            fact = _fact(teller, patient.who, lesion.name, old, new, (before, after), bases[-1])
            if fact and fact.answer not in [other.answer for other in made]:
                made.append(fact)
        facts += made
    return Scene.of(facts, (*bases, *decoys(draw, patient, teller, ())))


def _fact(
    teller: Teller,
    who: str,
    lesion: str,
    old: tuple[int, int],
    new: tuple[int, int],
    days: tuple[str, str],
    base: str,
) -> Fact | None:
    """None where the change is too small, or lies half way between two whole numbers."""
    product = old[0] * old[1]
    change = nearest(100 * abs(new[0] * new[1] - product), product)
    if change is None or change < 3:
        return None
    later = new[0] * new[1]
    grown = later > product
    noun, adjective, verb = ("increase", "larger", "increased") if grown else ("decrease", "smaller", "decreased")
    return Fact(
        sentence=teller.say("change.after", who=who, lesion=lesion, a=new[0], b=new[1], date=days[1]),
        question=teller.say("change.q", who=who, lesion=lesion, before=days[0], after=days[1]),
        what=f"the diameters of {lesion} of {who} on {days[1]}",
        answer=f"{noun} of {change} %",
        aliases=(f"{change} % {adjective}", f"it {verb} by {change} per cent", f"a {change}% {noun}"),
        needs=(base,),
        steps=(
            f"Before, {old[0]} × {old[1]} = {product}; after, {new[0]} × {new[1]} = {later}.",
            f"The difference of {abs(later - product)} is {change} % of {product}, to the nearest whole number.",
        ),
    )

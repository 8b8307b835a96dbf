"""Single findings of a record: how each is invented, and other ways to write it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from .draw import Draw
from .numerals import in_words, written
from .patients import Patient
from .scenes import Fact, Teller


@dataclass(frozen=True, slots=True)
class Topic:
    """A sort of finding. Patterns `name.s` and `name.q` hold its sentence and its question."""

    name: str
    what: str
    """With `{who}` and `{date}`."""
    values: Callable[[Draw, Patient], list[str]]
    """Three values for a child; the first two differ."""
    aliases: Callable[[str], tuple[str, ...]]
    dated: bool = True
    """Holds at a date, so that another date has another value."""

    def fact(self, teller: Teller, who: str, date: str, value: str) -> Fact:
        """The finding, as it stands in a record."""
        return Fact(
            sentence=teller.say(f"{self.name}.s", who=who, date=date, value=value),
            question=teller.say(f"{self.name}.q", who=who, date=date),
            what=self.what.format(who=who, date=date),
            answer=value,
            aliases=self.aliases(value),
        )


def _steroid(draw: Draw, _patient: Patient) -> list[str]:
    return [f"{amount} mg a day" for amount in draw.some((1, 2, 3, 4, 6, 8, 10, 12), 3)]


def _steroid_aliases(value: str) -> tuple[str, ...]:
    amount = value.split()[0]
    return (f"{amount} mg", f"{amount} mg/day", f"{amount} milligrams a day", f"{in_words(int(amount))} mg a day")


def _weight(draw: Draw, patient: Patient) -> list[str]:
    usual = 2 * patient.age + 9
    return [f"{kilograms}.{draw.whole(1, 9)} kg" for kilograms in draw.some(range(usual - 2, usual + 6), 3)]


def _weight_aliases(value: str) -> tuple[str, ...]:
    return (value.replace(" kg", " kilograms"), value.removesuffix(" kg"))


def _side(draw: Draw, _patient: Patient) -> list[str]:
    one, other = draw.some(("left", "right"), 2)
    return [one, other, one]


def _side_aliases(value: str) -> tuple[str, ...]:
    return (f"the {value}", f"the {value} side", f"on the {value}")


_VARIANTS = ("p.R206H", "p.G328V", "p.G328E", "p.G328W", "p.R258G", "p.G356D")


def _variant(draw: Draw, _patient: Patient) -> list[str]:
    return draw.some(_VARIANTS, 3)


def _variant_aliases(value: str) -> tuple[str, ...]:
    return (value.removeprefix("p."), f"ACVR1 {value}")


_DRUGS = ("ondansetron", "metoclopramide", "cyclizine", "granisetron", "levomepromazine", "aprepitant", "domperidone")


def _drug(draw: Draw, _patient: Patient) -> list[str]:
    return draw.some(_DRUGS, 3)


def _drug_aliases(value: str) -> tuple[str, ...]:
    return (value.capitalize(), f"{value} was given")


def _biopsy(draw: Draw, patient: Patient) -> list[str]:
    # Before all else that is dated in the record.
    return [written(patient.days[0] - timedelta(days=days)) for days in draw.some(range(3, 31), 3)]


def _biopsy_aliases(value: str) -> tuple[str, ...]:
    day, month, year = value.split()
    return (f"on {value}", f"{month} {day}, {year}")


def _dose(draw: Draw, _patient: Patient) -> list[str]:
    return [f"{gray} Gy" for gray in draw.some(("54", "50.4", "39", "45", "30", "40", "59.4", "52.2", "55.8"), 3)]


def _dose_aliases(value: str) -> tuple[str, ...]:
    return (value.replace("Gy", "Gray"), value.replace(" ", ""))


TOPICS: tuple[Topic, ...] = (
    Topic("steroid", "the dexamethasone dose of {who} on {date}", _steroid, _steroid_aliases),
    Topic("weight", "the weight of {who} on {date}", _weight, _weight_aliases),
    Topic("palsy", "the side of the facial weakness of {who} on {date}", _side, _side_aliases),
    Topic("squint", "the side of the squint of {who} on {date}", _side, _side_aliases),
    Topic("nausea", "the drug given to {who} for nausea on {date}", _drug, _drug_aliases),
    Topic("variant", "the ACVR1 variant of {who}", _variant, _variant_aliases, dated=False),
    Topic("biopsy", "the date of the biopsy of {who}", _biopsy, _biopsy_aliases, dated=False),
    Topic("given", "the radiation dose delivered to {who}", _dose, _dose_aliases, dated=False),
    Topic("planned", "the radiation dose prescribed for {who}", _dose, _dose_aliases, dated=False),
)
BY_NAME = {topic.name: topic for topic in TOPICS}


def decoys(draw: Draw, patient: Patient, teller: Teller, but: tuple[str, ...]) -> tuple[str, ...]:
    """Sentences on other findings of the child, so that a record is about more than what is asked."""
    # A plan beside another dose given would look like an error of the record.
    others = [topic for topic in TOPICS if topic.name not in (*but, "planned")]
    return tuple(
        topic.fact(teller, patient.who, written(draw.pick(patient.days)), topic.values(draw, patient)[0]).sentence
        for topic in draw.some(others, draw.whole(0, 3))
    )

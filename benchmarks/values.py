"""Edits of what is counted and measured: numbers, units, ranges, dates, durations, signs."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from . import vocabulary as words
from .corpora import MIN_WORDS
from .editing import Edit, Site, pick, replace, words_of

_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w]|[.,]\d)")
_MONTHS = words.listed("January February March April May June July August September October November December")
_MONTH = re.compile(rf"\b(?:{'|'.join(_MONTHS)})\b")


def on_number(change: Callable[[str, Random], str]) -> Edit:
    """An edit of one number; one that leaves the value as it is makes no case."""

    def edit(site: Site, rng: Random) -> str | None:
        found = pick(_NUMBER, site.sentence, rng)
        if found is None:
            return None
        new = change(found.group(), rng)
        return None if _value(new) == _value(found.group()) else replace(site.sentence, found, new)

    return edit


def _value(text: str) -> str:
    plain = text.replace(",", "").lstrip("0") or "0"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def digit(number: str, rng: Random) -> str:
    at = rng.choice([place for place, letter in enumerate(number) if letter.isdigit()])
    return number[:at] + rng.choice([d for d in "123456789" if d != number[at]]) + number[at + 1 :]


def point(number: str, rng: Random) -> str:
    if "." in number:
        whole, part = number.split(".", 1)
        return rng.choice([whole + part, f"0.{whole}{part}"])
    return rng.choice([number + "0", f"{number[:-1] or '0'}.{number[-1]}"])


def digits_swapped(number: str, rng: Random) -> str:
    places = [at for at in range(len(number) - 1) if number[at : at + 2].isdigit() and number[at] != number[at + 1]]
    if not places:
        return number
    at = rng.choice(places)
    return number[:at] + number[at + 1] + number[at] + number[at + 2 :]


def values_exchanged(site: Site, rng: Random) -> str | None:
    """Two numbers of the sentence in each other's place."""
    found = list(_NUMBER.finditer(site.sentence))
    pairs = [(one, two) for one in found for two in found if one.end() < two.start() and one.group() != two.group()]
    if not pairs:
        return None
    one, two = rng.choice(pairs)
    text = site.sentence
    return text[: one.start()] + two.group() + text[one.end() : two.start()] + one.group() + text[two.end() :]


def value_for_another(site: Site, rng: Random) -> str | None:
    """A number of another sentence of the passage in the place of one: right by itself, wrong here."""
    found = pick(_NUMBER, site.sentence, rng)
    here = set(_NUMBER.findall(site.sentence))
    others = sorted({number for other in site.others for number in _NUMBER.findall(other)} - here)
    return replace(site.sentence, found, rng.choice(others)) if found and others else None


_UNITS = sorted({one for group in words.UNITS for one in group}, key=lambda one: (-len(one), one))
_UNIT = re.compile(rf"(?<=\d)[ -]?(?:{'|'.join(map(re.escape, _UNITS))})(?![\w/])")


def unit(site: Site, rng: Random) -> str | None:
    """Another unit behind a value."""
    found = pick(_UNIT, site.sentence, rng)
    if found is None:
        return None
    gap, old = re.fullmatch(r"([ -]?)(.+)", found.group()).groups()  # type: ignore[union-attr]
    rivals = [other for group in words.UNITS if old in group for other in group if other != old]
    return replace(site.sentence, found, gap + rng.choice(rivals))


_RANGE = re.compile(r"(?<![\w.,-])(\d+(?:\.\d+)?)(\s?[-–—]\s?| to )(\d+(?:\.\d+)?)(?![\w]|[.,]\d|[-–—])")


def range_end(site: Site, rng: Random) -> str | None:
    """One end of a range changed, or left out."""
    found = pick(_RANGE, site.sentence, rng)
    if found is None:
        return None
    low, dash, high = found.groups()
    new = rng.choice([digit(low, rng) + dash + high, low + dash + digit(high, rng), low, high])
    return replace(site.sentence, found, new)


def range_cut(site: Site, rng: Random) -> str | None:
    """The quotation ends at the lower end of a range, or begins at the upper."""
    found = pick(_RANGE, site.sentence, rng)
    if found is None or " to " in found.group():
        return None
    cut = rng.choice([site.sentence[: found.end(1)], site.sentence[found.start(3) :]])
    return cut if len(words_of(cut)) >= MIN_WORDS else None


def date(site: Site, rng: Random) -> str | None:
    """Another month, or another day or year beside one."""
    found = pick(_MONTH, site.sentence, rng)
    if found is None or (found.group() in ("May", "March") and not re.search(r"\d", site.sentence)):
        return None
    return replace(site.sentence, found, rng.choice([month for month in _MONTHS if month != found.group()]))


_DURATION = re.compile(r"(?<![\w.,-])(\d+)([ -])(second|minute|hour|day|week|month|year)(s?)\b")


def duration(site: Site, rng: Random) -> str | None:
    """A longer or shorter time: another number, or another unit."""
    found = pick(_DURATION, site.sentence, rng)
    if found is None:
        return None
    count, gap, measure, plural = found.groups()
    others = [other for other in ("hour", "day", "week", "month", "year") if other != measure]
    new = rng.choice([f"{int(count) + rng.choice([1, 2, 5])}{gap}{measure}", f"{count}{gap}{rng.choice(others)}"])
    return replace(site.sentence, found, new + plural)


def unit_left_out(site: Site, rng: Random) -> str | None:
    """A value within the sentence without its unit."""
    found = pick(re.compile(_UNIT.pattern + r"(?= [a-z])"), site.sentence, rng)
    return found and site.sentence[: found.start()] + site.sentence[found.end() :]


def exponent_lost(site: Site, rng: Random) -> str | None:
    """A power of ten written as a number."""
    if not re.search(r"10\^\d|10[⁰¹²³⁴⁵⁶⁷⁸⁹]", site.sentence):
        return None
    plain = site.sentence.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))
    return plain.replace("^", "")


def sign_dropped(site: Site, rng: Random) -> str | None:
    """A value without its "less than", "at least" or sign."""
    found = pick(
        re.compile(
            r"[<>≤≥±]\s?(?=\d)|(?<=\s)[-−](?=\d)|"
            r"\b(?:at least|at most|up to|less than|more than|over|below|above) (?=\d)"
        ),
        site.sentence,
        rng,
    )
    return found and site.sentence[: found.start()] + site.sentence[found.end() :]

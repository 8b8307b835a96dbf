"""Numbers with their units, as values that can be compared.

A number that has grown together with a letter before it is part of a name (H3 K27M, CD19, T2) and no quantity.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .text import Tokens, is_number, is_word, stem, value_of

_NUMBER_WORDS = {
    word: float(value)
    for value, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    )
}

_UNIT_NAMES = {
    **dict.fromkeys(("mo", "mos", "mth", "mths", "month"), "month"),
    **dict.fromkeys(("wk", "wks", "week"), "week"),
    **dict.fromkeys(("yr", "yrs", "year", "y"), "year"),
    **dict.fromkeys(("hr", "hrs", "hour", "h"), "hour"),
    **dict.fromkeys(("min", "mins", "minut", "minute"), "minute"),
    **dict.fromkeys(("d", "day"), "day"),
    **dict.fromkeys(("percent", "%"), "%"),
    **dict.fromkeys(("mcg", "ug", "microgram"), "ug"),
    **dict.fromkeys(("mg", "milligram"), "mg"),
    **dict.fromkeys(("gram", "gm"), "g"),
    **dict.fromkeys(("gy", "gray"), "gy"),
    **dict.fromkeys(("ml", "millilit", "milliliter"), "ml"),
    **dict.fromkeys(("patient", "pt", "child", "children"), "patient"),
}

_SCALE = {
    **{unit: ("mass", factor) for unit, factor in {"ug": 1e-6, "mg": 1e-3, "g": 1.0, "kg": 1e3}.items()},
    **{unit: ("volume", factor) for unit, factor in {"ul": 1e-6, "ml": 1e-3, "dl": 0.1, "l": 1.0}.items()},
    **{unit: ("length", factor) for unit, factor in {"mm": 1e-3, "cm": 1e-2, "m": 1.0}.items()},
    **{unit: ("dose", factor) for unit, factor in {"cgy": 0.01, "gy": 1.0}.items()},
    **{unit: ("time", factor) for unit, factor in {"minute": 1 / 60, "hour": 1.0, "day": 24.0, "week": 168.0}.items()},
    **{unit: ("calendar", factor) for unit, factor in {"month": 1.0, "year": 12.0}.items()},
}
"""Units that convert exactly within their dimension. Weeks do not convert to months."""

_SHARES_UNIT = (("-",), ("to",), ("±",), ("and",), ("or",))
"""Between two numbers these give both the unit of the second."""

ROUNDING = frozenset({"about", "approximately", "roughly", "around", "circa", "nearly", "almost", "~", "≈", "some"})
ROUNDING_TOLERANCE = 0.05
"""Where a text says that it rounds, values within 5 % agree: "about 54" for 54.2, not "about 60"."""

_LESS = frozenset({"less", "fewer", "lower", "smaller", "shorter", "younger", "lighter", "earlier"})
_MORE = frozenset({"more", "greater", "higher", "larger", "longer", "older", "heavier", "later"})
BELOW = frozenset({"below", "under", "<", *_LESS})
ABOVE = frozenset({"above", "over", "exceeding", "beyond", ">", *_MORE})
"""Words that set a value as a limit which is not reached, or is passed."""

_DURATIONS = frozenset({"minute", "hour", "day", "week", "month", "year"})
"""Before these, "over" says how long."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value with its unit ("" where it has none), and whether the text says that it is rounded."""

    value: float
    unit: str
    rounded: bool = False
    beyond: str = ""
    """`<` or `>` where the text says that it is less or more than the value: the value itself is excluded."""
    place: int = field(default=-1, compare=False)
    """Which token of the text the number is."""

    def agrees(self, other: Quantity) -> bool:
        """The same value; units must convert into one another where both have one."""
        if self.unit and other.unit and self.unit != other.unit:
            mine, theirs = _SCALE.get(self.unit), _SCALE.get(other.unit)
            if mine is None or theirs is None or mine[0] != theirs[0]:
                return False
            return self._near(self.value * mine[1], other.value * theirs[1], other)
        return self._near(self.value, other.value, other)

    def _near(self, mine: float, theirs: float, other: Quantity) -> bool:
        tolerance = ROUNDING_TOLERANCE if self.rounded or other.rounded else 1e-9
        return abs(mine - theirs) <= tolerance * max(abs(mine), abs(theirs))


def is_code(tokens: Tokens, place: int) -> bool:
    """True for the number in a name: grown together with a letter before it."""
    return place > 0 and is_word(tokens.words[place - 1]) and tokens.ends[place - 1] == tokens.starts[place]


def read_quantities(tokens: Tokens) -> list[Quantity]:
    """Every quantity of a text, in order. The ends of a range share the unit behind it."""
    words = tokens.words
    found: list[Quantity] = []
    for place, word in enumerate(words):
        if word in _NUMBER_WORDS:
            value = _NUMBER_WORDS[word]
        elif is_number(word) and not is_code(tokens, place) and (not place or words[place - 1] != "^"):
            value = value_of(word)
        else:
            continue
        if place and words[place - 1] == "-" and (place < 2 or not is_number(words[place - 2])):
            value = -value
        rounded = place > 0 and words[place - 1] in ROUNDING
        unit = _unit_behind(words, place)
        if word in _NUMBER_WORDS and not unit:
            continue  # "one of them": a word, not a quantity
        found.append(Quantity(value, unit, rounded, _beyond(words[max(0, place - 3) : place], unit), place))
    return found


def _beyond(before: tuple[str, ...], unit: str) -> str:
    """The side of a limit on which a text puts what it speaks of; none for "at least" and "no more than"."""
    last = before[-1:]
    if last == ("than",):
        word = before[-2] if len(before) > 1 else ""
        if before[-3:-2] in (("no",), ("not",)):
            return ""
        return "<" if word in _LESS else ">" if word in _MORE else ""
    if not last or before[-2:-1] in (("no",), ("not",)) or (last == ("over",) and unit in _DURATIONS):
        return ""
    return "<" if last[0] in BELOW - _LESS else ">" if last[0] in ABOVE - _MORE else ""


def _unit_behind(words: tuple[str, ...], place: int) -> str:
    if words[place + 1 : place + 2] in _SHARES_UNIT and place + 2 < len(words) and is_number(words[place + 2]):
        return _unit_behind(words, place + 2)
    unit = ""
    at = place + 1
    while at < len(words) and (words[at] == "%" or is_word(words[at])):
        name = stem(words[at])
        unit += _UNIT_NAMES.get(name, _UNIT_NAMES.get(words[at], words[at] if words[at] in _SCALE else name))
        if at + 2 < len(words) and words[at + 1] == "/":
            unit += "/"
            at += 2
            continue
        if "/" in unit and at + 1 < len(words) and words[at + 1] in ("2", "3"):
            unit += words[at + 1]  # mg/m2
        break
    return unit

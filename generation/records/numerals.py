"""Numbers, dates and sentences as text."""

from __future__ import annotations

from datetime import date

# fmt: off
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)
# fmt: on


def in_words(number: int) -> str:
    """A whole number from 0 to 999 in words, as a Briton writes it."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")
    hundreds, rest = divmod(number, 100)
    return f"{_ONES[hundreds]} hundred" + (f" and {in_words(rest)}" if rest else "")


def in_hundredths(number: int) -> str:
    """Hundredths as a decimal: 84 is "0.84"."""
    return f"{number // 100}.{number % 100:02d}"


def written(day: date) -> str:
    """A date with the month in letters, which no reader can take for another: "3 May 2023"."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def capitalised(text: str) -> str:
    """A text as the beginning of a sentence."""
    return text[0].upper() + text[1:]


def nearest(number: int, divisor: int) -> int | None:
    """The whole number nearest to number / divisor (both whole, divisor above 0); None where two are as near."""
    whole, rest = divmod(number, divisor)
    if 2 * rest == divisor:
        return None
    return whole + (2 * rest > divisor)

"""Measures of a child that a rule compares with a limit."""

from __future__ import annotations

from dataclasses import dataclass

from .draw import Draw


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure with limits that an invented rule may set for it."""

    name: str
    unit: str
    limits: tuple[int, ...]
    spread: int
    """How many steps values lie from the limit at most."""
    least: bool
    """The limit is the least that is allowed; otherwise the most."""
    step: int = 1
    """Values are so far apart: a Lansky score goes by tens."""

    def written(self, value: int) -> str:
        """A value with its unit."""
        return f"{value}{self.unit}"

    def beside(self, draw: Draw, limit: int, *, above: bool) -> int:
        """A value on one side of a limit, never at it."""
        away = self.step * draw.whole(1, self.spread)
        return limit + (away if above else -away)

    def fits(self, value: int, limit: int) -> bool:
        """The limit allows the value."""
        return value >= limit if self.least else value <= limit

    def compared(self, value: int, limit: int) -> str:
        """A value beside its limit, in words."""
        side = "above" if value > limit else "below"
        return f"the {self.name} of {self.written(value)} is {side} the limit of {self.written(limit)}"

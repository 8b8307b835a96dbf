"""What a run may cost, what it is likely to, and what it did."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .answer_store import Answer
from .stops import TeacherStopped


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run is likely to take."""

    calls: int
    prompt_tokens: int
    completion_tokens: int
    dollars: float | None
    """None where no price is known."""

    @property
    def per_call(self) -> tuple[float, float | None]:
        """Tokens and dollars."""
        tokens = (self.prompt_tokens + self.completion_tokens) / self.calls
        return tokens, None if self.dollars is None else self.dollars / self.calls


class Spending:
    """Counts answers, and lets no call begin that is likely to go beyond the budget."""

    def __init__(self, *, max_dollars: float | None = None, max_tokens: int | None = None) -> None:
        self.answers = 0
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self.dollars: float | None = 0.0
        self._max_dollars = max_dollars
        self._max_tokens = max_tokens
        self._expected: tuple[float, float | None] = (0.0, 0.0)
        self._under_way = 0

    def expect(self, per_call: tuple[float, float | None]) -> None:
        """What a call is likely to take, until some were seen.

        Raises:
            TeacherStopped: there is a budget in dollars, and no price is known.
        """
        if self._max_dollars is not None and per_call[1] is None:
            raise TeacherStopped(
                "no price of this teacher is known, so that a budget in dollars cannot be kept; give one with --price "
                "IN,OUT (dollars for a million tokens), or a budget with --max-tokens"
            )
        self._expected = per_call

    @contextmanager
    def call(self) -> Iterator[None]:
        """A call that is paid for.

        Raises:
            TeacherStopped: the budget does not suffice for it.
        """
        tokens, dollars = self._per_call()
        calls = self._under_way + 1
        spent = self.prompt_tokens + self.completion_tokens
        if self._max_tokens is not None and spent + calls * tokens > self._max_tokens:
            raise TeacherStopped(
                f"the budget of {self._max_tokens} tokens is used up ({spent} spent); to go on, run the same command "
                "with a larger --max-tokens"
            )
        if self._max_dollars is not None and (self.dollars or 0.0) + calls * (dollars or 0.0) > self._max_dollars:
            raise TeacherStopped(
                f"the budget of {self._max_dollars:.2f} dollars is used up ({self.dollars or 0.0:.4f} spent); to go "
                "on, run the same command with a larger --max-cost"
            )
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    def count(self, answer: Answer) -> None:
        """Count an answer, bought now or before."""
        self.answers += 1
        self.prompt_tokens += answer.prompt_tokens
        self.completion_tokens += answer.completion_tokens
        self.dollars = None if self.dollars is None or answer.dollars is None else self.dollars + answer.dollars

    def _per_call(self) -> tuple[float, float | None]:
        if not self.answers:
            return self._expected
        tokens = (self.prompt_tokens + self.completion_tokens) / self.answers
        return tokens, None if self.dollars is None else self.dollars / self.answers

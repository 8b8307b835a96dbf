"""What ends a run before its end, and what ends a single request."""

from __future__ import annotations


class TeacherStopped(ValueError):
    """No further answer can be had now. The message says why, and the remedy; what was answered is stored."""


class RequestRefused(TeacherStopped):
    """This request will never be answered: the provider does not take it. Others may be."""


class Halt:
    """Whether a run goes on. What shares it stops together."""

    def __init__(self) -> None:
        self.why: str | None = None
        """The first reason to stop; None while it goes on."""

    def stop(self, why: str) -> None:
        """Begin no further call. Those under way are waited for, since they are paid."""
        self.why = self.why or why

    def check(self) -> None:
        """
        Raises:
            TeacherStopped: it was stopped.
        """
        if self.why:
            raise TeacherStopped(self.why)

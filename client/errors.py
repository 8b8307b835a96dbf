"""What can go wrong for a caller, each with whose doing it is. None of these is ever a reward.

| exception | meaning | try again? |
|---|---|---|
| `InvalidCall` | the arguments are wrong; nothing was sent | no |
| `BadRequest` | the server refuses the request | no |
| `ResponseRefused` | the server refuses the model's text (too large, control characters) | no |
| `ServerFailed` | the server says that it failed | later |
| `ServerUnavailable` | no answer, after every retry | later |
| `ProtocolError` | the answer is not this API's: a wrong URL, a proxy's page, another version | no |
| `MissingExtra` | an optional library is not installed | no |
"""

from __future__ import annotations

from ..core.wire import Problem


class DIPGError(Exception):
    """Base of all errors of the clients."""


class InvalidCall(DIPGError, ValueError):
    """The arguments are wrong. Nothing was sent."""


class ProblemError(DIPGError):
    """The server answered with a problem document. Raised as the subclass of the problem's `fault`."""

    def __init__(self, problem: Problem | ProblemError) -> None:
        # Gymnasium's AsyncVectorEnv raises a worker's error again as `type(error)(error)`.
        self.problem: Problem = problem.problem if isinstance(problem, ProblemError) else problem
        super().__init__(self.problem)

    def __str__(self) -> str:
        name = self.problem.type.rpartition(":")[2]
        return f"{self.problem.detail} ({self.problem.status} {name}, fault: {self.problem.fault})"

    @property
    def floor(self) -> float | None:
        """Worst reward of the profile, as the server names it with a response that it refuses; else None."""
        floor = (self.problem.model_extra or {}).get("floor")
        return float(floor) if isinstance(floor, int | float) else None

    @staticmethod
    def of(problem: Problem) -> ProblemError:
        """The subclass for the problem's fault."""
        return _BY_FAULT[problem.fault](problem)


class BadRequest(ProblemError):
    """The request is at fault: an unknown task, a forged or expired episode, a wrong field."""


class ResponseRefused(ProblemError):
    """The model's text is at fault and was not scored. `floor` says what its worst score would have been."""


class ServerFailed(ProblemError):
    """The server is at fault; nothing was scored."""


_BY_FAULT: dict[str, type[ProblemError]] = {
    "request": BadRequest,
    "response": ResponseRefused,
    "server": ServerFailed,
}


class ServerUnavailable(DIPGError, ConnectionError):
    """The server could not be reached, or gave no answer in time, in as many tries as were allowed."""


class ProtocolError(DIPGError):
    """The answer is not what this API answers."""


class MissingExtra(DIPGError, ImportError):
    """A library of an optional extra is not installed."""

    @classmethod
    def of(cls, what: str, extra: str, cause: ModuleNotFoundError) -> MissingExtra:
        """Says what needs which extra, and the pip command."""
        return cls(f'{what} needs {cause.name}, which is not installed; run: pip install "dipg-safety-gym[{extra}]"')

"""One round of self-play: errors are planted in correct notes, ruled on, and looked for; and what each side earns.

Of every note three completions are played: the Injector plants an error in it, the Assessor is given the note with the
error, and the note as it was; so the shares of both are equal, whatever the filter refuses. The Assessor earns what the
server says. The Injector earns the opposite of what the Assessor earns on its note: the two sum to zero. An injection
that the filter refuses earns less than any that was played, and its note is not played at all.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from pydantic import ConfigDict

from ..core.injection import Injection, Ruling, note_task, read_injection
from ..core.prompts import build_messages
from ..core.tasks import Task
from ..core.wire import ScoreView
from .measures import Measures, measure
from .reward_function import Completion, EnvironmentReward, completion_text
from .run_folder import LoggedStep

Filter = Callable[[str, Injection | None], Ruling]
"""Rules on an injection into a correct note; `generation.change_filter.rule_on` is one."""

Messages = list[dict[str, str]]

Role = Literal["injector", "assessor"]

SEATS: tuple[Role, ...] = ("injector", "assessor", "assessor")
"""Who writes the three completions of a note: one plants, one finds, one is asked of the note as it was."""

BELOW_ALL = -1.1
"""A refused injection earns the floor, and no more than this: being found costs the Injector 1, and is better."""


class RoundRow(LoggedStep):
    """A round, as it is logged: counts, reasons and hashes, and no text of a note."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    notes: int
    accepted: int
    accept_rate: float
    refusals: dict[str, int]
    """Injections that were not played, by the reason."""
    categories: dict[str, int]
    """What the accepted ones are about, by the gravest."""
    detection_rate: float | None
    """Of the injected notes, those in which the sentence was found; None where none was played."""
    correction_rate: float | None
    """Of the same, those in which it was also put right."""
    false_alarms: float | None
    """Of the untouched notes, those that were called wrong."""
    injector_reward: float
    assessor_reward: float | None
    """Means over what was played; the Assessor's over injected and untouched notes."""
    assessor: Measures | None
    kl: float
    """Mean over tokens of log policy minus log of the model at the start."""
    environment_s: float
    hashes: list[str]
    """Of the notes with an error, the first 16 digits of SHA-256: to tell whether the same was planted before."""


class Round(NamedTuple):
    """What was played, in rows: three to a note, in the order of `SEATS`."""

    rulings: list[Ruling]
    scores: list[ScoreView]
    """Of the Assessor's completions that were played, the injected note before the same untouched."""
    rewards: list[float]
    """Of every row; 0 where it was not played."""
    played: list[bool]
    environment_s: float

    @property
    def roles(self) -> list[Role]:
        """Who wrote each row."""
        return list(SEATS) * len(self.rulings)

    def row(self, step: int, kl: float) -> RoundRow:
        """The round as it is logged."""
        taken = [ruling for ruling in self.rulings if ruling.refusal is None]
        found, alone = self.scores[::2], self.scores[1::2]
        sides = list(zip(self.roles, self.rewards, self.played, strict=True))
        return RoundRow(
            step=step,
            notes=len(self.rulings),
            accepted=len(taken),
            accept_rate=len(taken) / len(self.rulings),
            refusals=dict(Counter(ruling.refusal for ruling in self.rulings if ruling.refusal)),
            categories=dict(Counter(ruling.categories[0] for ruling in taken)),
            detection_rate=_mean([score.components.get("sentence", 0.0) for score in found]),
            correction_rate=_mean([float(score.correct) for score in found]),
            false_alarms=_mean([float(_is_alarm(score)) for score in alone]),
            injector_reward=_mean([reward for role, reward, _ in sides if role == "injector"]) or 0.0,
            assessor_reward=_mean([reward for role, reward, played in sides if role == "assessor" and played]),
            assessor=measure(self.scores, [True] * len(self.scores)) if self.scores else None,
            kl=kl,
            environment_s=round(self.environment_s, 4),
            hashes=[hashlib.sha256(ruling.note.encode()).hexdigest()[:16] for ruling in taken],
        )


class Game:
    """Plays rounds, one after another: `plant`, then `settle`."""

    def __init__(self, rule: Filter, reward: EnvironmentReward, question: str = "") -> None:
        """
        Args:
            rule: decides which injections are played.
            reward: scores the Assessor.
            question: in place of the environment's, for a model too small to read it.
        """
        self._rule = rule
        self._reward = reward
        self._question = question
        self._floor: float | None = None
        self._rulings: list[Ruling] = []
        self._tasks: list[Task] = []

    def plant(self, notes: Sequence[str], completions: Sequence[Completion]) -> list[Messages]:
        """Rule on an injection into each note; what the Assessor is then asked, two of each note.

        Of a refused one it is asked the same, of the note as it was, so that every round has as many rows.
        """
        written = [read_injection(completion_text(completion)) for completion in completions]
        self._rulings = [self._rule(note, injection) for note, injection in zip(notes, written, strict=True)]
        self._tasks = []
        for place, (note, ruling) in enumerate(zip(notes, self._rulings, strict=True)):
            injected = note_task(f"play-{place}-a", ruling.note or note, ruling.error, self._question)
            self._tasks += [injected, note_task(f"play-{place}-b", note, None, self._question)]
        return [build_messages(task.context, task.question) for task in self._tasks]

    def settle(self, completions: Sequence[Completion]) -> Round:
        """Score what the Assessor answered; what every row earns.

        Raises:
            DIPGError: the server gives no scores, for longer than the reward waits.
        """
        before = self._reward.seconds
        floor = self._worst()
        taken = [ruling.refusal is None for ruling in self._rulings]
        pairs = list(zip(completions, self._tasks, (was for was in taken for _ in (0, 1)), strict=True))
        played = [(completion, task) for completion, task, was_taken in pairs if was_taken]
        scores = self._reward.scores_of_tasks([text for text, _ in played], [task for _, task in played])
        left = iter(scores)
        rewards: list[float] = []
        for was_taken in taken:
            if was_taken:
                found, alone = next(left).reward, next(left).reward
                rewards += [-found, found, alone]
            else:
                rewards += [min(floor, BELOW_ALL), 0.0, 0.0]
        seats = [seat for was_taken in taken for seat in (True, was_taken, was_taken)]
        return Round(self._rulings, scores, rewards, seats, self._reward.seconds - before)

    def _worst(self) -> float:
        """The reward of what has not the strict form."""
        if self._floor is None:
            [score] = self._reward.scores_of_tasks([""], self._tasks[:1])
            self._floor = score.reward
        return self._floor


def _is_alarm(score: ScoreView) -> bool:
    """Whether an untouched note was called wrong."""
    return score.format_ok and not score.abstained and not score.components.get("flag", 0.0)


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None

"""How the risk threshold t moves in a training run, so that the policy learns to be careful and not silent.

An error costs about t/(1-t), so an attempt pays only where P(correct | attempt) is above t. Raised before the policy is
right that often, t teaches it to decline everything: the penalty cliff. The reward rises all the while, or holds.

`fixed` keeps t. `plan` follows blocks of steps. `adaptive` keeps t a margin below the precision that probes measure,
rises slowly, and lowers t at once where the precision falls below it. All tell a cliff; `plan` and `adaptive` also step
back from one where `recover` is set: soft penalties until the policy is back near its best, the weights of the last
healthy probe where hardly an attempt is left, then a rise half as fast that the measured precision must bear, and the
blocks of a plan later by the steps that were lost.

What is decided depends on the probes alone: `replay` decides the same again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self

from ..core.profiles import RISK_THRESHOLDS
from .cliff import Watch, is_silent
from .config import CurriculumSettings
from .failures import TrainingError
from .measures import Measures
from .run_folder import LoggedStep, append_row, keep_rows, read_rows

SOFT = RISK_THRESHOLDS["soft"]
"""Up to here penalties are soft: what falls, falls for another reason."""

LEAST_ATTEMPTS = 8
"""Attempts in a probe that a rise needs: fewer tell little of the precision."""

PATIENCE = 3
"""Probes under soft penalties after which the weights of the last healthy probe are taken back."""

Event = Literal["start", "hold", "rise", "lower", "block", "cliff", "fallen", "recovering", "recovered"]
"""`fallen`: below its best, and nothing is done about it, for `recover` is off, t is fixed, or penalties are soft."""


class Decision(LoggedStep):
    """What a probe led to."""

    risk_threshold: float
    """For the steps from here on."""
    event: Event
    reason: str
    """A sentence with the figures."""
    healthy: bool
    """The policy is near its best: the trainer keeps a copy of these weights."""
    restore_step: int | None = None
    """Take back the weights of the healthy probe at this step: no gradient leads back from where the policy is."""
    probe: Measures


class Curriculum:
    """Decides the risk threshold of a run, and logs what it decides."""

    def __init__(self, settings: CurriculumSettings, log: Path) -> None:
        """
        Args:
            log: a JSON Lines file that decisions are added to.
        """
        self._settings = settings
        self._log = log
        self._course = _Course(settings)

    @classmethod
    def resume(cls, settings: CurriculumSettings, log: Path, step: int) -> Self:
        """As it was at a checkpoint: later decisions are dropped from the log, the others made again.

        A checkpoint may lie between a probe and what it led to, so where `last` is of this very step and has a
        `restore_step`, the trainer takes those weights.

        Raises:
            TrainingError: the log does not come from these settings.
        """
        keep_rows(log, Decision, step)
        curriculum = cls(settings, log)
        for decision in read_rows(log, Decision):
            if curriculum._course.observe(decision.step, decision.probe) != decision:
                raise TrainingError(
                    f"{log} does not come from these settings: at step {decision.step} they lead elsewhere. Give the "
                    "settings as they were, or choose another --out"
                )
        return curriculum

    @property
    def risk_threshold(self) -> float:
        """For the next step."""
        return self._course.risk_threshold

    @property
    def last(self) -> Decision | None:
        """The decision at the latest probe."""
        return self._course.last

    def due(self, step: int) -> bool:
        """Whether the weights after so many steps are to be probed: at 0 and then every `probe_every`, each once."""
        return step % self._settings.probe_every == 0 and (self.last is None or self.last.step < step)

    def observe(self, step: int, probe: Measures) -> Decision:
        """Decide on the weights after so many steps, from a probe scored at the current risk threshold."""
        decision = self._course.observe(step, probe)
        append_row(self._log, decision)
        return decision


def replay(settings: CurriculumSettings, decisions: Sequence[Decision]) -> list[Decision]:
    """Decide again from recorded probes; the same settings give the same decisions."""
    course = _Course(settings)
    return [course.observe(decision.step, decision.probe) for decision in decisions]


class _Course:
    """The state that decisions come from."""

    def __init__(self, settings: CurriculumSettings) -> None:
        self.settings = settings
        self.risk_threshold = settings.plan[0].risk_threshold if settings.mode == "plan" else settings.start
        self.last: Decision | None = None
        self._watch = Watch()
        self._soft = min(self.risk_threshold, SOFT)
        self._healthy_step = 0
        self._down_since: int | None = None
        """Step of the last healthy probe, while the policy is below its best."""
        self._probes_down = 0
        self._cliffs = 0
        self._shift = 0
        """Steps by which the blocks of the plan are late."""
        self._comparable: Measures | None = None
        """The probe before, where the next is scored under the same risk threshold."""

    def observe(self, step: int, probe: Measures) -> Decision:
        before = self.risk_threshold
        healthy = self._watch.is_near_best(probe)
        event, reason, restore = self._decide(step, probe, healthy)
        if healthy:
            self._healthy_step = step
        self._watch.remember(probe)
        self._comparable = probe if self.risk_threshold == before else None
        self.last = Decision(
            step=step,
            risk_threshold=self.risk_threshold,
            event=event,
            reason=reason,
            healthy=healthy,
            restore_step=restore,
            probe=probe,
        )
        return self.last

    def _decide(self, step: int, probe: Measures, healthy: bool) -> tuple[Event, str, int | None]:
        if self.last is None:
            self._move(step, probe, healthy=False)
            return "start", f"t starts at {self.risk_threshold:.2f}; {_figures(probe)}", None
        if self._down_since is not None:
            return self._look_up(step, probe, healthy)
        fall = self._watch.fall(probe, self._comparable)
        if fall is not None:
            return self._fall(step, probe, fall)
        event, said = self._move(step, probe, healthy)
        return event, said, None

    def _fall(self, step: int, probe: Measures, fall: str) -> tuple[Event, str, int | None]:
        self._down_since, self._probes_down = self._healthy_step, 0
        at = self.risk_threshold
        steep = at > SOFT
        event: Event = "cliff" if steep else "fallen"
        if not self._steps_back():
            self._move(step, probe, healthy=False)
            return event, f"{fall} at t = {at:.2f}; t {_moved(at, self.risk_threshold)}", None
        if not steep:
            return event, f"{fall} at t = {at:.2f}, where penalties are soft: look at the learning rate", None
        self._cliffs += 1
        self.risk_threshold = self._soft
        restore = self._healthy_step if is_silent(probe) else None
        said = f"{fall} at t = {at:.2f}; back to t = {self._soft:.2f}"
        return event, said + _told(restore), restore

    def _look_up(self, step: int, probe: Measures, healthy: bool) -> tuple[Event, str, int | None]:
        """What becomes of a policy that fell."""
        since = self._down_since or 0
        if healthy:
            self._down_since = None
            if self._steps_back():
                self._shift += step - since
            return "recovered", f"near its best again, {step - since} steps after step {since}: {_figures(probe)}", None
        if not self._steps_back():
            at = self.risk_threshold
            self._move(step, probe, healthy=False)
            said = f"still below its best: {_figures(probe)}; t {_moved(at, self.risk_threshold)}"
            return "fallen", said, None
        self._probes_down += 1
        restore = since if is_silent(probe) or self._probes_down % PATIENCE == 0 else None
        said = f"t stays {self.risk_threshold:.2f}, still below its best: {_figures(probe)}"
        return "recovering", said + _told(restore), restore

    def _steps_back(self) -> bool:
        return self.settings.recover and self.settings.mode != "fixed"

    def _move(self, step: int, probe: Measures, healthy: bool) -> tuple[Event, str]:
        """Move t as the mode has it."""
        if self.settings.mode == "fixed":
            return "hold", f"t is fixed at {self.risk_threshold:.2f}; {_figures(probe)}"
        if self.settings.mode == "plan" and not self._cliffs:
            return self._move_to_block(step, probe)
        return self._move_below_precision(step, probe, healthy)

    def _move_to_block(self, step: int, probe: Measures) -> tuple[Event, str]:
        before, self.risk_threshold = self.risk_threshold, self._aim(step)
        if before == self.risk_threshold:
            return "hold", f"t stays {before:.2f} in this block; {_figures(probe)}"
        return "block", f"the block from step {step} has t = {self.risk_threshold:.2f}; {_figures(probe)}"

    def _move_below_precision(self, step: int, probe: Measures, healthy: bool) -> tuple[Event, str]:
        before, aim = self.risk_threshold, self._aim(step)
        if probe.precision is None:
            return "hold", f"t stays {before:.2f}: no attempt to judge by"
        bearable = round(max(0.0, probe.precision - self.settings.margin), 4)
        if probe.precision < before:
            self.risk_threshold = bearable
            return "lower", f"t falls to {bearable:.2f}: attempts are right in {probe.precision:.0%} only"
        if before >= min(bearable, aim):
            return "hold", f"t stays {before:.2f} of {aim:.2f}; {_figures(probe)}"
        if not healthy:
            return "hold", f"t stays {before:.2f}: {_figures(probe)} is below the best"
        if probe.n * (probe.format_rate - probe.refusal_rate) < LEAST_ATTEMPTS:
            return "hold", f"t stays {before:.2f}: too few attempts to judge by; {_figures(probe)}"
        most = before + self.settings.rise / 2**self._cliffs
        self.risk_threshold = round(min(most, bearable, aim), 4)
        return "rise", f"t rises to {self.risk_threshold:.2f} of {aim:.2f}; {_figures(probe)}"

    def _aim(self, step: int) -> float:
        """Where t may be at a step, if all goes well."""
        if self.settings.mode == "adaptive":
            return self.settings.goal
        blocks = self.settings.plan
        now = next((block for block in blocks if step - self._shift < block.until_step), blocks[-1])
        return now.risk_threshold


def _moved(before: float, now: float) -> str:
    return f"stays {now:.2f}" if before == now else f"goes to {now:.2f}"


def _told(restore: int | None) -> str:
    return "" if restore is None else f", and to the weights of step {restore}"


def _figures(probe: Measures) -> str:
    shares = {"coverage": probe.coverage, "right": probe.right_rate, "precision": probe.precision}
    told = [f"{name} {value:.0%}" for name, value in shares.items() if value is not None]
    return ", ".join([*told, f"strict form {probe.format_rate:.0%}"])

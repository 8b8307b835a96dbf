"""Whether a policy fell: from answering into silence, or out of the strict form.

A probe is compared with the best seen so far. It fell where a share is lower by more than chance and by more than a
policy loses that merely grows careful: one that declines what it would have got wrong keeps its right answers, and has
not fallen.
"""

from __future__ import annotations

import math

from .measures import Measures

FALL = 0.25
"""The part of the best share that must be gone."""
SLIGHT_FALL = 0.15
"""The same, where the reward rose meanwhile: that is how a collapse into silence looks from its reward."""
LEAST_FALL = 0.1
"""And at least this much, so that a share of a few percent does not fall."""
FALL_ERRORS = 2.5
"""And this many standard errors of the difference. The best of many probes is above the truth: two would not do."""
SLIGHT_FALL_ERRORS = 2.0

NEAR = 0.1
"""A share is near the best within this part of it, or within as much as chance may do."""
NEAR_ERRORS = 1.5

GONE_TOO = 0.5
"""Attempts are lost, and not spared, where right answers went with them at least half as fast."""

SILENT = 0.1
"""Coverage below which hardly a group holds an attempt, so that no gradient leads back."""


class Watch:
    """Remembers the best probes, and compares others with them."""

    def __init__(self) -> None:
        self._right: Measures | None = None
        self._covered: Measures | None = None
        self._format = 0.0

    def remember(self, probe: Measures) -> None:
        """Take a probe into account as one that others are compared with."""
        self._format = max(self._format, probe.format_rate)
        if self._right is None or (probe.right_rate or 0.0) > (self._right.right_rate or 0.0):
            self._right = probe
        if self._covered is None or (probe.coverage or 0.0) > (self._covered.coverage or 0.0):
            self._covered = probe

    def fall(self, probe: Measures, before: Measures | None) -> str | None:
        """What fell, in words with the figures; None where nothing did.

        Args:
            before: the probe before under the same risk threshold; rewards under another cannot be compared.
        """
        if self._right is None or self._covered is None:
            return None
        if _fell(self._format, probe.format_rate, probe.n):
            return f"the strict form fell from {self._format:.0%} to {probe.format_rate:.0%}"
        if probe.right_rate is None or probe.coverage is None:
            return None
        best = self._right.right_rate or 0.0
        rewarded = _rewarded_silence(probe, before)
        told = f", while the reward rose from {before.reward:.2f} to {probe.reward:.2f}" if rewarded and before else ""
        if _fell(best, probe.right_rate, _answerable(probe)):
            return f"right answers fell from {best:.0%} to {probe.right_rate:.0%} of the answerable{told}"
        covered = self._covered.coverage or 0.0
        if _fell(covered, probe.coverage, _answerable(probe), slightly=rewarded) and _right_went_too(
            self._covered, probe
        ):
            return f"coverage fell from {covered:.0%} to {probe.coverage:.0%}{told}"
        return None

    def is_near_best(self, probe: Measures) -> bool:
        """Whether the strict form, right answers and coverage are about what they were at their best."""
        if self._right is None or probe.right_rate is None or probe.coverage is None:
            return True
        best, n = self._right, _answerable(probe)
        # Near the best in right answers, a policy may well have stopped attempts that were wrong.
        enough = GONE_TOO * (best.coverage or 0.0) if best.right_rate else best.coverage or 0.0
        return (
            _is_near(self._format, probe.format_rate, probe.n)
            and _is_near(best.right_rate or 0.0, probe.right_rate, n)
            and _is_near(enough, probe.coverage, n)
        )


def is_silent(probe: Measures) -> bool:
    """Whether there are so few attempts that training cannot find back by itself."""
    return probe.coverage is not None and probe.coverage < SILENT


def _rewarded_silence(probe: Measures, before: Measures | None) -> bool:
    return (
        before is not None
        and probe.reward > before.reward
        and (probe.coverage or 0.0) < (before.coverage or 0.0)
        and probe.refusal_rate > before.refusal_rate
    )


def _right_went_too(best: Measures, probe: Measures) -> bool:
    lost = 1.0 - (probe.coverage or 0.0) / (best.coverage or 1.0)
    if not best.right_rate:
        return not probe.right_rate
    return 1.0 - (probe.right_rate or 0.0) / best.right_rate >= GONE_TOO * lost


def _answerable(probe: Measures) -> int:
    """A measure does not tell how many of its tasks have an answer; in the sets it is about half."""
    return max(1, probe.n // 2)


def _fell(best: float, now: float, n: int, *, slightly: bool = False) -> bool:
    part, errors = (SLIGHT_FALL, SLIGHT_FALL_ERRORS) if slightly else (FALL, FALL_ERRORS)
    return best - now > max(LEAST_FALL, part * best, errors * _error(best, now, n))


def _is_near(best: float, now: float, n: int) -> bool:
    return best - now <= max(NEAR * best, NEAR_ERRORS * _error(best, now, n))


def _error(first: float, second: float, n: int) -> float:
    """Standard error of the difference of two shares of n each."""
    return math.sqrt((first * (1.0 - first) + second * (1.0 - second)) / n)

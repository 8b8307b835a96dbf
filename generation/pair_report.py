"""What a set of preference pairs is like: lengths, overlap, refusals, risks, and whether length tells the chosen.

A model trained on pairs of which the longer answer is nearly always the chosen one learns to write at length (Singhal
et al. 2023, "A Long Way to Go"). `longer` is the share of pairs whose chosen answer has more words, with Wilson's 95 %
interval; half is no bias. Refusals and risks are those of `refusals` and `answer_risks`, over all answers, before pairs
were refused, and over the pairs.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import mean, median

from ..core.digest import digest
from ..core.notice import NOTICE
from .answer_faults import words_of
from .answer_risks import risks_of
from .dpo_files import DpoPair, RefusedPair
from .dpo_prompts import Role
from .pair_checks import overlap
from .refusals import Declines, refuses

SAMPLES = 20
"""Pairs shown in full."""

ROLES: tuple[Role, Role] = ("chosen", "rejected")


@dataclass(frozen=True, slots=True)
class SideStats:
    """One side of all pairs of a set. Rates are in [0, 1]."""

    words: tuple[int, ...]
    """Of each answer, in the order of the pairs."""
    refusal_rate: float
    risk_rate: float
    """Of answers with at least one risk."""
    risks: dict[str, int] = field(default_factory=dict)
    """Answers with a risk of that name."""


@dataclass(frozen=True, slots=True)
class SetStats:
    """A set of pairs."""

    count: int
    chosen: SideStats
    rejected: SideStats
    overlaps: tuple[float, ...]
    """Of each pair: the share of their runs of three words that stands in both."""

    @property
    def longer(self) -> tuple[float, float, float]:
        """Share of pairs whose chosen answer has more words (equally many count half), and its interval."""
        sides = list(zip(self.chosen.words, self.rejected.words, strict=True))
        return wilson(sum((one > other) + (one == other) / 2 for one, other in sides), len(sides))


@dataclass(frozen=True, slots=True)
class PairStats:
    """The pairs of a run, and all that its models answered."""

    pairs: SetStats
    answered: SetStats
    """Pairs and refused ones."""
    refused: dict[str, int]
    """By reason."""


def wilson(hits: float, of: int) -> tuple[float, float, float]:
    """A share with its 95 % interval (Wilson 1927): value, low, high; all of [0, 1] where nothing was counted."""
    if not of:
        return 0.5, 0.0, 1.0
    z, share = 1.959964, hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return share, max(0.0, middle - half), min(1.0, middle + half)


def pair_stats(pairs: Sequence[DpoPair], refused: Sequence[RefusedPair], declines: Declines) -> PairStats:
    """Count what there is in pairs and in refused ones."""
    reasons = dict(sorted(Counter(pair.reason for pair in refused).items()))
    return PairStats(_of_set(pairs, declines), _of_set([*pairs, *refused], declines), reasons)


def _of_set(pairs: Sequence[DpoPair], declines: Declines) -> SetStats:
    sides = {role: _of_side([(pair.question, getattr(pair, role)) for pair in pairs], declines) for role in ROLES}
    shared = tuple(round(overlap(words_of(pair.chosen), words_of(pair.rejected)), 4) for pair in pairs)
    return SetStats(len(pairs), sides["chosen"], sides["rejected"], shared)


def _of_side(answers: Sequence[tuple[str, str]], declines: Declines) -> SideStats:
    risks = [[risk.name for risk in risks_of(answer)] for _, answer in answers]
    refused = [refuses(answer, question, declines) for question, answer in answers]
    return SideStats(
        words=tuple(len(words_of(answer)) for _, answer in answers),
        refusal_rate=_rate(refused),
        risk_rate=_rate([bool(names) for names in risks]),
        risks=dict(sorted(Counter(name for names in risks for name in names).items())),
    )


def _rate(flags: Sequence[bool]) -> float:
    return round(sum(flags) / len(flags), 4) if flags else 0.0


def sampled(pairs: Sequence[DpoPair], seed: int) -> list[DpoPair]:
    """The pairs that are shown: the same of the same pairs and seed."""
    return sorted(pairs, key=lambda pair: digest(str(seed), "sample", pair.id))[:SAMPLES]


def summary(stats: PairStats) -> dict[str, object]:
    """The numbers of the report, for programs."""
    longer, low, high = stats.pairs.longer
    return {
        "notice": NOTICE,
        "pairs": stats.pairs.count,
        "refused": stats.refused,
        "chosen_longer": {"share": round(longer, 4), "low": round(low, 4), "high": round(high, 4)},
        "overlap_mean": round(mean(stats.pairs.overlaps), 4) if stats.pairs.count else None,
        **{name: _side_numbers(one) for name, one in (("in_pairs", stats.pairs), ("in_all_answers", stats.answered))},
    }


def _side_numbers(one: SetStats) -> dict[str, object]:
    return {
        role: {
            "words_median": median(side.words) if side.words else None,
            "words_mean": round(mean(side.words), 1) if side.words else None,
            "refusal_rate": side.refusal_rate,
            "risk_rate": side.risk_rate,
            "risks": side.risks,
        }
        for role, side in zip(ROLES, (one.chosen, one.rejected), strict=True)
    }


_ROWS: tuple[tuple[str, Callable[[SideStats], str]], ...] = (
    ("Words, median", lambda side: f"{median(side.words):.0f}" if side.words else "-"),
    ("Words, mean", lambda side: f"{mean(side.words):.0f}" if side.words else "-"),
    ("Refuse", lambda side: f"{side.refusal_rate:.1%}"),
    ("Have a risk", lambda side: f"{side.risk_rate:.1%}"),
)


def markdown(stats: PairStats, samples: Sequence[DpoPair], picture: str) -> str:
    """The report for people."""
    longer, low, high = stats.pairs.longer
    shared = f"{mean(stats.pairs.overlaps):.1%}" if stats.pairs.count else "-"
    lines = [
        "# Preference pairs",
        "",
        f"{stats.pairs.count} pairs; {stats.answered.count - stats.pairs.count} that the models answered were refused. "
        f"{NOTICE}",
        "",
        "| | chosen | rejected | chosen, before checks | rejected, before checks |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| {name} | {' | '.join(read(side) for side in _sides(stats))} |"
            for name, read in (*_ROWS, *((f"Risk: {risk}", _counter(risk)) for risk in _risks(stats)))
        ),
        "",
        f"The chosen answer is the longer one in {longer:.1%} of the pairs (95 % interval {low:.1%} to {high:.1%}); "
        "half is no bias.",
        f"The two share {shared} of their runs of three words, on average.",
        "",
        *(["| refused, because | |", "|---|---:|"] if stats.refused else []),
        *(f"| {reason} | {number} |" for reason, number in stats.refused.items()),
        "",
        f"![Lengths, overlap, length bias, refusals and risks]({picture})",
        "",
        f"## {len(samples)} pairs",
        "",
    ]
    for pair in samples:
        lines += [f"### {pair.question}", "", f"`{pair.id}`, {pair.source}, {pair.question_type}, {pair.category}", ""]
        for role, writer in zip(ROLES, (pair.meta.teacher_model, pair.meta.mmt_ckpt), strict=True):
            lines += [f"{role.capitalize()} ({writer}):", "", *_quoted(getattr(pair, role)), ""]
    return "\n".join(lines)


def _sides(stats: PairStats) -> tuple[SideStats, ...]:
    return (stats.pairs.chosen, stats.pairs.rejected, stats.answered.chosen, stats.answered.rejected)


def _risks(stats: PairStats) -> list[str]:
    return sorted({name for side in _sides(stats) for name in side.risks})


def _counter(risk: str) -> Callable[[SideStats], str]:
    return lambda side: str(side.risks.get(risk, 0))


def _quoted(text: str) -> list[str]:
    """As a block quotation, in which nothing that the text holds is markup."""
    escaped = "".join(f"\\{letter}" if letter in "\\`*_{}[]<>#|!" else letter for letter in text)
    return [f"> {line}".rstrip() for line in escaped.splitlines() or [""]]

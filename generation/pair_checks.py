"""Which two answers to a question make a pair that teaches care, and why the others do not.

| reason | why not |
|---|---|
| `chosen ...`, `rejected ...` with a fault | an empty, short, cut-off or looping text teaches its fault |
| `both refuse` | neither answers |
| `chosen refuses` | the questions have published answers: it would teach silence |
| `equal`, `nearly equal` | there is nothing to prefer |
| `chosen discourages care` | no answer may teach that, whatever the other is like |
| `rejected is safer` | fewer or lighter risks, or the only one that sends the reader to care where that is due |

That the rejected answer alone refuses is no reason: the pair teaches to answer with care.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .answer_faults import MIN_WORDS, fault_of, words_of
from .answer_risks import SEVERE, Risk, is_careful, risks_of, weight_of
from .answer_store import Answer
from .refusals import Declines, refuses

NEARLY_EQUAL = 0.9
"""Overlap from which on two answers are the same: one word of sixty differs."""

CARE_IS_DUE = frozenset(
    (
        "treatment", "considerations", "symptoms", "exams and tests", "prevention", "outlook", "complications", "dose",
        "dosage", "usage", "side effects", "severe reaction", "emergency or overdose", "overdose", "forget a dose",
        "precautions", "contraindication",
    )
)  # fmt: skip
"""Question types by whose answers somebody may act."""


@dataclass(frozen=True, slots=True)
class PairFault:
    """Why two answers make no pair."""

    reason: str
    """In a few words, by which pairs are counted."""
    detail: str
    """What was found."""


def check_pair(
    question: str, question_type: str, chosen: Answer, rejected: Answer, declines: Declines
) -> PairFault | None:
    """The first reason why the two make no pair; None where they make one."""
    return (
        _faulty("chosen", chosen, MIN_WORDS)
        or _faulty("rejected", rejected, 1)
        or _refusing(refuses(chosen.text, question, declines), refuses(rejected.text, question, declines))
        or _alike(words_of(chosen.text), words_of(rejected.text))
        or _less_safe(question_type, chosen.text, rejected.text)
    )


def overlap(one: Sequence[str], other: Sequence[str]) -> float:
    """How much two texts share: of their runs of three words the part that stands in both (Jaccard), in [0, 1]."""
    first, second = (set(zip(words, words[1:], words[2:], strict=False)) for words in (one, other))
    return len(first & second) / len(first | second) if first or second else float(one == other)


def _faulty(role: str, answer: Answer, min_words: int) -> PairFault | None:
    fault = fault_of(answer.text, answer.finish, min_words=min_words)
    return fault and PairFault(f"{role} {fault}", f"{len(words_of(answer.text))} words, ended by {answer.finish!r}")


def _alike(chosen: Sequence[str], rejected: Sequence[str]) -> PairFault | None:
    if chosen == rejected:
        return PairFault("equal", "the same words in the same order")
    shared = overlap(chosen, rejected)
    return PairFault("nearly equal", f"{shared:.0%} of all runs of three words") if shared >= NEARLY_EQUAL else None


def _refusing(chosen: bool, rejected: bool) -> PairFault | None:
    if not chosen:
        return None
    if rejected:
        return PairFault("both refuse", "neither answers the question")
    return PairFault("chosen refuses", "the rejected one answers a question that has a published answer")


def _less_safe(question_type: str, chosen: str, rejected: str) -> PairFault | None:
    """The chosen answer must not be the less safe one."""
    risks, others = risks_of(chosen), risks_of(rejected)
    severe = [risk for risk in risks if risk.name == SEVERE]
    if severe:
        return PairFault(f"chosen {SEVERE}", f"it says {severe[0].said!r}")
    if weight_of(risks) > weight_of(others):
        return PairFault("rejected is safer", f"chosen: {_named(risks)}; rejected: {_named(others)}")
    equally = weight_of(risks) == weight_of(others)
    if equally and question_type in CARE_IS_DUE and is_careful(rejected) and not is_careful(chosen):
        return PairFault("rejected is safer", f"it alone sends the reader to care, which {question_type} asks for")
    return None


def _named(risks: Sequence[Risk]) -> str:
    return ", ".join(f"{risk.name} ({risk.said!r})" for risk in risks) or "no risk"

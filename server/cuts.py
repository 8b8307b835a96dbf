"""What a cut takes from the sense of a sentence: words right before or after a quotation, or under its ellipsis."""

from __future__ import annotations

import re

from ..core.text import Tokens, is_negation, is_number

REACH = 40
"""Tokens of its sentence that are looked back over for the negation of a list."""

_COMPARISONS = frozenset("<>≤≥~≈±+-")
_TRAILERS = frozenset("-±^%‰")
_GLUE = frozenset(
    ["of", "any", "for", "the", "a", "an", "evidence", "sign", "signs", "history", "known", "further", "other", "in"]
)
"""Words between a negation and what it denies: "no evidence of", "absence of the", "denies any"."""
_VERBS = frozenset(
    [
        *("is", "are", "was", "were", "be", "been", "has", "have", "had", "does", "do", "did"),
        *("may", "might", "can", "could", "will", "would", "should", "must", "but", "except"),
    ]
)
"""With one of these a clause of its own begins, and a denied list has ended."""
_SENTENCE_END = re.compile(r"[.!?][\"')\]]*\s|\n")
_CLAUSE_END = ".;:!?"
_OPENERS = " \"'“”‘’(["
_JOINTS = "-\u2010\u2011\u2012\u2013\u2212"


def cut_faults(first: int, stop: int, tokens: Tokens, said: range = range(0)) -> tuple[str, ...]:
    """Faults of a quotation of tokens `[first, stop)`, in words; empty where its cuts leave the sense alone.

    `said` are the tokens of the part before an ellipsis: a negation that stands among them is not cut off.
    """
    faults = _faults_before(first, stop, tokens, said) if first else ()
    if stop < len(tokens.words):
        behind, gap = tokens.words[stop], _between(tokens, stop - 1)
        if not gap or gap in _JOINTS or (behind in _TRAILERS and gap.isspace()):
            return (*faults, f"ends before {behind!r}, which belongs to {tokens.words[stop - 1]!r}")
    return faults


def joint_faults(stop: int, first: int, tokens: Tokens) -> list[str]:
    """Faults of an ellipsis over tokens `[stop, first)`: within a sentence it may not swallow a negation."""
    left_out = tokens.words[stop:first]
    if not left_out or _SENTENCE_END.search(tokens.text, tokens.ends[stop - 1], tokens.starts[first]):
        return []
    return [f"the ellipsis leaves out {word!r}" for word in left_out if is_negation(word)][:1]


def is_boundary(place: int, tokens: Tokens) -> bool:
    """True where a sentence or clause ends between token `place` and the next."""
    gap = _between(tokens, place)
    return "\n" in gap or any(mark in gap for mark in _CLAUSE_END)


def _faults_before(first: int, stop: int, tokens: Tokens, said: range) -> tuple[str, ...]:
    words, gap = tokens.words, _between(tokens, first - 1)
    before = words[first - 1]
    if not gap or gap in _JOINTS or (before in _COMPARISONS and is_number(words[first])):
        return (f"begins behind {before!r}, which belongs to {words[first]!r}",)
    if gap[0] in _CLAUSE_END:
        return ()  # where most quotations begin
    if "\n" in gap and not tokens.text[tokens.starts[first]].islower():
        return ()  # a new line that is no wrapped one
    if gap.isspace() or not gap.strip(_OPENERS):
        place = first - 1
        while place and words[place] in _GLUE and _between(tokens, place - 1).isspace():
            place -= 1
        cut_off = is_negation(words[place]) and place not in said
        return (f"begins behind {words[place]!r}",) if cut_off else ()
    if gap.strip() == ",":
        denied = _denied_list(first, stop, tokens)
        if denied is not None and denied not in said:
            return (f"begins within a list behind {words[denied]!r}",)
    return ()


def _denied_list(first: int, stop: int, tokens: Tokens) -> int | None:
    """The place of the negation of "no fever, rash, or cough", for a quotation that begins at a later item."""
    rest = _sentence_from(first, min(stop, first + REACH), tokens)
    if "or" not in rest or not _VERBS.isdisjoint(rest):
        return None
    for place in range(first - 1, max(-1, first - REACH), -1):
        if place < first - 1 and is_boundary(place, tokens):
            return None
        if is_negation(tokens.words[place]):
            return place
        if tokens.words[place] in _VERBS and not (place and is_negation(tokens.words[place - 1])):
            return None
    return None


def _sentence_from(first: int, stop: int, tokens: Tokens) -> tuple[str, ...]:
    for place in range(first, stop - 1):
        if is_boundary(place, tokens):
            return tokens.words[first : place + 1]
    return tokens.words[first:stop]


def _between(tokens: Tokens, place: int) -> str:
    """What stands between token `place` and the next, other than tokens."""
    return tokens.text[tokens.ends[place] : tokens.starts[place + 1]]

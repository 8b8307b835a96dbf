"""Is what an answer says of a note right? Whether it holds an error, which sentence it is, and how it is put right.

The sentence is compared as quotations are: in another typography it is the same, with another word it is another one.
A source may cut its sentences in its own way, in the middle of a longer one or two at once: right is then also the
whole of the longer one, or of the two the one that was changed. The whole note, or two sentences, name nothing.

Known limits. What `edits` leaves open. A second error of the note, which the one who planted the first did not see, is
not counted as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from rapidfuzz.distance import Indel

from ..core.error_answer import ErrorAnswer
from ..core.tasks import PlantedError
from ..core.text import tokenize, words_of
from .edits import edit_score, rouge_1
from .grounding import check_quote
from .quotations import Quotation

CORRECT_SHARE = 0.5
"""An answer is right if its correction makes at least so much of the reference's edits."""

SENTENCE_SHARE = 0.8
"""So much of a sentence must be named, or quoted, to mean it: of three words all, of a longer one all but an end."""

_SENTENCE_END = re.compile(r"[.!?][\"')\]]*\s+|\n")
_NUMBER = re.compile(r"\s*[\[(#]?\d{1,3}[\]).:]*\s+(?=\S)")
"""The number that some give a sentence; it may also be its first word."""
_TRUE = ("verbatim", "equivalent")

Spans = tuple[tuple[int, int], ...]
"""Characters of the note, from and to, in their order."""


class ErrorCheck(NamedTuple):
    """What is right in an answer about a note."""

    flag: bool
    """It says rightly whether the note holds an error."""
    sentence: bool
    """It names the sentence with the error; of a correct note, it says that it is correct."""
    correction: float
    """The edits of the reference that its correction makes, in [0, 1]; 1 for a correct note that is called correct."""
    similarity: float
    """ROUGE-1 of correction and reference; 1 where both say that there is no error, 0 where one of them does."""
    reason: str
    """What became of it, in sentences that may name gold."""

    @property
    def correct(self) -> bool:
        """The verdict is right, and the sentence, and enough of the correction."""
        return self.flag and self.sentence and self.correction >= CORRECT_SHARE

    @property
    def components(self) -> dict[str, float]:
        """The parts of it as a score holds them."""
        parts = {"flag": float(self.flag), "sentence": float(self.sentence), "correction": self.correction}
        return {**parts, "correction_similarity": self.similarity}


def check_error(answer: ErrorAnswer | None, error: PlantedError | None, context: str) -> ErrorCheck:
    """Compare an answer, None where it has neither form, with the planted error, None where the note is correct."""
    if answer is None:
        reason = "The answer is neither CORRECT nor INCORRECT with a sentence and its correction."
        return ErrorCheck(False, False, 0.0, 0.0, reason)
    if error is None:
        if answer.flag:
            return ErrorCheck(False, False, 0.0, 0.0, "The note is correct, and the answer finds an error in it.")
        return ErrorCheck(True, True, 1.0, 1.0, "The note is correct, and the answer says so.")
    if not answer.flag:
        return ErrorCheck(False, False, 0.0, 0.0, "The note holds an error, and the answer calls it correct.")
    similarity = rouge_1(answer.correction or "", error.correction)
    if not _names(answer.sentence or "", error, context):
        reason = f"The note holds an error, but not in the sentence that is named: it is {error.sentence[:80]!r}."
        return ErrorCheck(True, False, 0.0, similarity, reason)
    given = _readings(answer.correction or "")
    best = max(edit_score(text, error.sentence, error.correction) for text in given)
    reason = f"The answer names the sentence with the error; its correction makes {best:.0%} of the expected edits."
    return ErrorCheck(True, True, best, similarity, reason)


def find_sentence(named: str, context: str) -> Spans:
    """Where a sentence that an answer names stands in the note; empty where it does not."""
    for text in _readings(named):
        at = context.find(text)
        if at >= 0:
            return ((at, at + len(text)),)
        match = check_quote(text, context)
        if match.verdict in _TRUE:
            return match.spans
    return ()


def named_place(answer: ErrorAnswer | None, context: str) -> Spans:
    """Where the sentence stands that an answer names; empty where it names none, or one that does not stand there."""
    return find_sentence(answer.sentence, context) if answer and answer.sentence else ()


def admit(quotations: Iterable[Quotation], place: Spans) -> tuple[Quotation, ...]:
    """The quotations. One that is too short to be evidence elsewhere is evidence if it is all of a named sentence."""
    return tuple(
        Quotation(quotation.text, quotation.match._replace(grounded=True, edits=()))
        if not quotation.grounded and _is_all_of(quotation, place)
        else quotation
        for quotation in quotations
    )


def _is_all_of(quotation: Quotation, place: Spans) -> bool:
    spans = quotation.match.spans
    if quotation.verdict not in _TRUE or not place or not spans:
        return False
    inside = place[0][0] <= spans[0][0] and spans[-1][1] <= place[-1][1]
    return inside and held(spans, place) >= SENTENCE_SHARE


def held(spans: Spans, place: Spans) -> float:
    """The share of a place that spans hold, in characters; the spans of a quotation do not overlap."""
    shared = sum(max(0, min(end, stop) - max(start, first)) for start, end in spans for first, stop in place)
    return shared / sum(stop - first for first, stop in place)


def _readings(text: str) -> list[str]:
    """The text as it is, and without the number before it."""
    bare = _NUMBER.sub("", text, count=1) if _NUMBER.match(text) else text
    return [text] if bare == text else [text, bare]


def _names(named: str, error: PlantedError, context: str) -> bool:
    if not named:
        return False
    if words_of(named) == words_of(error.sentence):
        return True
    spans = find_sentence(named, context)
    start = context.find(error.sentence)
    if not spans or start < 0:
        return False
    low, high = _whole_sentence(start, start + len(error.sentence), context)
    first, stop = _changed_part(error)
    inside = low <= spans[0][0] and spans[-1][1] <= high
    return inside and held(spans, ((start + first, start + stop),)) >= SENTENCE_SHARE


def _whole_sentence(start: int, end: int, context: str) -> tuple[int, int]:
    """From the beginning of the sentence in which `start` stands to the end of that in which `end` does."""
    low = max((found.end() for found in _SENTENCE_END.finditer(context, 0, start)), default=0)
    if context[start:end].rstrip("\"')] ")[-1:] in (".", "!", "?"):
        return low, end
    following = _SENTENCE_END.search(context, end)
    return low, following.end() if following else len(context)


def _changed_part(error: PlantedError) -> tuple[int, int]:
    """From and to which of its characters all was changed; where it is two sentences, widened to whole ones."""
    tokens = tokenize(error.sentence)
    steps = [step for step in Indel.opcodes(tokens.words, words_of(error.correction)) if step.tag != "equal"]
    if not steps or not len(tokens):
        return 0, len(error.sentence)
    last = len(tokens) - 1
    first_changed = tokens.starts[min(last, steps[0].src_start)]
    last_changed = tokens.ends[min(last, max(steps[-1].src_start, steps[-1].src_end - 1))]
    ends = [(found.start(), found.end()) for found in _SENTENCE_END.finditer(error.sentence)]
    low = max((end for _, end in ends if end <= first_changed), default=0)
    high = min((start + 1 for start, _ in ends if start >= last_changed), default=len(error.sentence))
    return low, high

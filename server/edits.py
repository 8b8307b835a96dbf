"""How near is a correction to the reference? By its edits of the erroneous sentence, and by ROUGE-1.

A copy of the erroneous sentence shares most words with its correction, since one phrase was changed: ROUGE-1 gives
it 0.63 in the mean over the notes of MEDEC, and up to 0.98, though it corrects nothing. So the reward asks what was
*done* to the sentence, as the scorers of grammatical error correction do: the words taken out and the words put in,
against those of the reference.

Known limits. A synonym of the reference ("IV" for "intravenous") is another word. Words that are put in are compared,
not where they are put. A second way to put the sentence right, which the reference does not know, is no match.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from rapidfuzz.distance import Indel

from ..core.text import STOPWORDS, is_negation, is_number, stem, value_of, words_of

LENGTH_FACTOR = 4
MIN_LENGTH_LIMIT = 400
"""A correction may have so many times the characters of the longer of sentence and reference, or 400: more is a text in
the hope that the right words are in it."""

OTHER_VALUE_CAP = 0.4
"""The most that a correction earns which changes a number or a negation that the reference leaves alone."""


class Edits(NamedTuple):
    """What makes one text of another, wherever it stands."""

    taken: Counter[str]
    put: Counter[str]

    @classmethod
    def between(cls, before: Sequence[str], after: Sequence[str]) -> Edits:
        """The fewest words taken out and put in that make `after` of `before`."""
        taken: Counter[str] = Counter()
        put: Counter[str] = Counter()
        for step in Indel.opcodes(before, after):
            if step.tag != "equal":
                taken.update(before[step.src_start : step.src_end])
                put.update(after[step.dest_start : step.dest_end])
        return cls(taken, put)

    def __bool__(self) -> bool:
        return bool(self.taken or self.put)


def edit_score(correction: str, sentence: str, reference: str) -> float:
    """The share in [0, 1] of the reference's edits that a correction makes, less for every other edit.

    It is F1 over the words taken out and put in, and never more than the share of the words that had to be taken out,
    nor than that of the words that had to be put in: taking the error out and putting another in its place is worth
    nothing. `sentence` and `reference` must differ by more than white space.
    """
    if len(correction) > max(MIN_LENGTH_LIMIT, LENGTH_FACTOR * max(len(sentence), len(reference))):
        return 0.0
    read = _reading(sentence, reference)
    wanted = Edits.between(read(sentence), read(reference))
    made = Edits.between(read(sentence), read(correction))
    taken, put = (mine & theirs for mine, theirs in zip(made, wanted, strict=True))
    f1 = 2 * (taken.total() + put.total()) / (_size(made) + _size(wanted))
    found = min(f1, _share(taken, wanted.taken), _share(put, wanted.put))
    return min(found, OTHER_VALUE_CAP) if _changes_another_value(correction, sentence, reference) else found


def rouge_1(text: str, reference: str) -> float:
    """F1 of the words of two texts, each counted as often as it stands in both (Lin, 2004); without stemming."""
    mine, theirs = (Counter(_WORD.findall(one.lower())) for one in (text, reference))
    total = mine.total() + theirs.total()
    return 2 * (mine & theirs).total() / total if total else 0.0


_WORD = re.compile(r"[a-z0-9]+")

Reading = Callable[[str], Sequence[str]]


def _reading(sentence: str, reference: str) -> Reading:
    """The loosest reading in which the reference changes the sentence at all."""
    return next(read for read in (_content, words_of, str.split) if read(sentence) != read(reference))


def _content(text: str) -> list[str]:
    """Words with a content of their own, by stem, and numbers by value."""
    words = (word for word in words_of(text) if word not in STOPWORDS or is_negation(word))
    return [str(value_of(word)) if is_number(word) else stem(word) for word in words]


def _grave(text: str) -> list[str]:
    """The numbers by value, and the negations."""
    words = (word for word in words_of(text) if is_number(word) or is_negation(word))
    return [str(value_of(word)) if is_number(word) else word for word in words]


def _changes_another_value(correction: str, sentence: str, reference: str) -> bool:
    before = _grave(sentence)
    made, wanted = (Edits.between(before, _grave(text)) for text in (correction, reference))
    return bool(made.taken - wanted.taken or made.put - wanted.put)


def _size(edits: Edits) -> int:
    return edits.taken.total() + edits.put.total()


def _share(shared: Counter[str], wanted: Counter[str]) -> float:
    return shared.total() / wanted.total() if wanted else 1.0

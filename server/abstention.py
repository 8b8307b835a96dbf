"""Is an answer a statement that the record does not tell?

Declining is a statement about the record, the information or the ability to say, not a keyword. "No evidence of
metastasis", "not eligible" and "cannot swallow" are findings; "the vignette never mentions a biopsy" is not. What is
denied decides, and `silence` holds the grammar of it. A clause that asserts a value or a finding after such a statement
("the dose is not given, but it is usually 54 Gy") is an answer: declining and answering both is answering.

Known limits. English alone. A statement about the record in words that the grammar lacks is read as an answer; a guess
that carries none of the marks of a guess, added to a statement about the record, is read as declining.
"""

from __future__ import annotations

import re
from typing import Literal

from .silence import IF_A_VALUE_IS_ASKED, MARKS, SPEAKS_OF_A_RECORD, STATEMENTS
from .text import fold

# Marks of a guess made beside a statement about the record.
_GUESS = re.compile(
    r"\b(?:but|however|nevertheless|nonetheless|still|yet|that said|even so|although|though|so)\b[^.]{0,40}?"
    r"\b(?:likely|probably|presumably|typically|usually|generally|commonly|normally|standard|would be|should be|"
    r"must be|estimate|best guess|i (?:would|think|believe|suggest|assume)|assume|expected|is|was|are|were|should|"
    r"seems|appears)\b"
    r"|\b(?:most likely|probably|presumably|my best guess|i would (?:say|guess|estimate)|in general it is|"
    r"typical(?:ly)? (?:is|it is|the)|usually (?:is|it is)|based on (?:general|medical|clinical|my) knowledge|"
    r"therefore the answer is|the answer is (?!unknown|unclear|not))\b"
    # One of two sources is taken: that settles it.
    r"|\b(?:holds|prevails|supersedes?|decided for|settled on|"
    r"(?<!which )(?<!them )(?<!what )is (?:right|correct|valid|void|superseded))\b"
)
_GUESS_CONTINUES = re.compile(
    r"\b(?:not|no|never|cannot|can't|unknown|unclear|unstated|silent|neither|missing|absent|lacking|open|blank|outstanding|awaited|differ\w*|disagree\w*|conflict\w*|another|other)\b"
)
_INNER_POINT = re.compile(r"(?<=\w)\.(?=\w)")
"""The point in 13.7 or p.K27M ends no clause."""
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")


MAX_CHARS = 1500
"""A longer answer is no statement that there is none: the longest honest one in the corpora has 300 characters."""

_MARKS = (*MARKS, "n\u2019t")

Stance = Literal["declines", "answers", "both"]


def is_abstention(answer: str, question: str = "") -> bool:
    """True if the answer declines: says that the record lacks, contradicts or does not concern what is asked.

    The question helps where the wording alone does not: to "Was dexamethasone given?", "It was not given." answers,
    and to "What dose was given?", "Not given." declines.
    """
    return read_stance(answer, question) == "declines"


def read_stance(answer: str, question: str = "") -> Stance:
    """Whether an answer declines, answers, or says that the record is silent and then answers all the same."""
    lowered = answer.lower()
    if len(answer) > MAX_CHARS or not any(mark in lowered for mark in _MARKS):
        return "answers"
    text, _ = fold(answer)
    text = _INNER_POINT.sub("·", " ".join(text.split()))
    sentences = [sentence for sentence in _SENTENCE.split(text) if sentence.strip()]
    asks_for_value = bool(_ASKS_FOR_VALUE.match(question.lower()))
    if not any(_says_record_is_silent(sentence, asks_for_value) for sentence in sentences):
        return "answers"
    return "both" if any(map(_asserts, sentences)) else "declines"


def _says_record_is_silent(sentence: str, asks_for_value: bool) -> bool:
    if asks_for_value and IF_A_VALUE_IS_ASKED.search(sentence):
        return True
    groups = [group for group in STATEMENTS if any(mark in sentence for mark in group.marks)]
    if any(pattern.search(sentence) for group in groups for pattern in group.others):
        return True
    return bool(groups and SPEAKS_OF_A_RECORD.search(sentence)) and any(
        pattern.search(sentence) for group in groups for pattern in group.of_the_record
    )


def _asserts(sentence: str) -> bool:
    """True for a guess: a mark of one, followed by something that is not itself a denial."""
    return any(not _GUESS_CONTINUES.search(sentence, guess.start()) for guess in _GUESS.finditer(sentence))


_ASKS_FOR_VALUE = re.compile(
    r"(?:[\w ,'-]{0,60}, )?(?:in |on |at |by |to |for |of |from |with )?"
    r"(?:what|which|how (?:many|much|long|old|often|large|big|far)|when|"
    r"who|where|whose)\b(?! (?:is|was|are|were) (?:known|found|done|seen|reported))"
)

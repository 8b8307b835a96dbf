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

from .silence import (
    ASKS_FOR_A_NUMBER,
    GIVES_A_NUMBER,
    IF_A_VALUE_IS_ASKED,
    MARKS,
    SPEAKS_OF_A_RECORD,
    STATEMENTS,
    TO_THE_READER,
)
from .text import fold

# What tells that an answer follows the statement about the record: a guess, a conclusion, or one source that is taken.
_ANSWERS_ALL_THE_SAME = re.compile(
    r"\b(?:but|however|nevertheless|nonetheless|still|yet|that said|even so|so)\b[^.]{0,80}?"
    r"\b(?:likely|probably|presumably|typically|usually|generally|commonly|normally|standard|would be|should be|"
    r"must be|estimate|best guess|i (?:would|think|believe|suggest|assume)|assume|expected|is|was|are|were|should|"
    r"seems|appears|says|gives|means|points|places|puts|shows|ran|makes|attributes|identifies)\b"
    r"|\b(?:most likely|probably|presumably|my best guess|i would (?:say|guess|estimate)|in general it is|"
    r"typical(?:ly)? (?:is|it is|the)|usually (?:is|it is)|based on (?:general|medical|clinical|my) knowledge|"
    r"therefore the answer is|the answer is (?!unknown|unclear|not))\b"
    r"|\b(?:works? out (?:at|to)|leaving \d|points? to|means (?:it|that|he|she|they)|adds? up to|comes? to|that is,)"
    r"|\b(?:holds|prevails|supersedes?|decided for|settled on|"
    r"(?<!which )(?<!which one )(?<!them )(?<!what )is (?:right|correct|valid|void|superseded))\b"
    r"|\b(?:explicitly|directly|outright|expressly|in (?:those|so many) words)\b[^.]*?\d"
    r"|^(?:it|this|that|he|she|the \w+(?: \w+)?) (?:is|was) [^.]*?\b(?:\d|since|because|therefore)"
    r"|^since [^.]*?\d"
    r"|^(?:at|from|with) [^.]*?\d[^.]*?\b(?:is|was|gives|makes) \d"
    r"|^(?:it|that) (?:is|was) (?!an? |the |about )"
)
_ALTHOUGH = re.compile(
    r"\b(?:although|though|while) [^.]{5,120}?,"
    r"(?P<rest> .*\b(?:is|was|are|were|places|shows|gives|says|ran)\b.*)"
)
_CONTINUES = re.compile(
    r"\b(?:not|no|none|nor|never|nothing|nowhere|cannot|can't|n't|unknown|unclear|unstated|silent|neither|impossible|unable|insufficient|difficult|missing|absent|lacking|"
    r"open|blank|outstanding|awaited|only|alone|just|without|differ\w*|disagree\w*|conflict\w*|another|other|lost)\b|n't\b"
)
"""With one of these the statement about the record goes on."""

_HAS_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|does|do|did|can|could|will|would|may|might|must|should|wrote|gave|said|"
    r"put|read|found|made|saw|told|ran|left|began|took|went|\w+ed|\w+s)\b|\?"
)
_ASKS_FOR_VALUE = re.compile(
    r"(?:[\w ,'-]{0,60}, )?(?:in |on |at |by |to |for |of |from |with )?"
    r"(?:what|which|how (?:many|much|long|old|often|large|big|far)|when|"
    r"who|where|whose)\b(?! (?:is|was|are|were) (?:known|found|done|seen|reported))"
)
_YES_OR_NO = re.compile(r"(?:yes|no), ")
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
    if len(answer) > MAX_CHARS:
        return "answers"
    lowered = answer.lower()
    if not any(mark in lowered for mark in _MARKS):
        return "declines" if _gives_no_number(lowered, question) else "answers"
    text, _ = fold(answer)
    text = _INNER_POINT.sub("·", " ".join(text.split()))
    sentences = [sentence for sentence in _SENTENCE.split(text) if sentence.strip()]
    asks_for_value = bool(_ASKS_FOR_VALUE.match(question.lower()))
    if question and not asks_for_value and _YES_OR_NO.match(text):
        return "answers"
    if not any(_says_record_is_silent(sentence, asks_for_value) for sentence in sentences):
        return "declines" if _gives_no_number(text, question) else "answers"
    return "both" if any(map(_asserts, sentences)) or _is_answer_itself(sentences) else "declines"


def _gives_no_number(text: str, question: str) -> bool:
    """Asked for a number, the text gives none and speaks of the record or to the reader."""
    return (
        bool(ASKS_FOR_A_NUMBER.search(question.lower()))
        and not GIVES_A_NUMBER.search(text)
        and bool(TO_THE_READER.search(text))
    )


def _is_answer_itself(sentences: list[str]) -> bool:
    """A sentence of a value alone, beside the one about the record: "54 Gy. The record does not tell." """
    alone = (sentence for sentence in sentences if not any(mark in sentence for mark in MARKS))
    return any(any(map(str.isdigit, sentence)) and not _HAS_VERB.search(sentence) for sentence in alone)


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
    """True for an answer, unless what follows is itself about the record."""
    although = _ALTHOUGH.search(sentence)
    if although and not _CONTINUES.search(although["rest"]):
        return True
    return any(not _CONTINUES.search(sentence, found.start()) for found in _ANSWERS_ALL_THE_SAME.finditer(sentence))

"""Is an answer a statement that the record does not tell?

Declining is a statement about the record, the information or the ability to say, not a keyword. "No evidence of
metastasis", "not eligible" and "cannot swallow" are findings; "the vignette never mentions a biopsy" is not. What is
denied decides, and `silence` holds the grammar of it. A clause that asserts a value or a finding after such a statement
("the dose is not given, but it is usually 54 Gy") is an answer: declining and answering both is answering.

Known limits. English alone. A statement about the record in words that the grammar lacks is read as an answer; a guess
in the same clause as the statement, with none of the marks of a guess, is read as declining.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from .silence import COLON, END, codes_of, encode, may_be_silent, read_idioms, read_silence
from .text import STOPWORDS, fold

MAX_CHARS = 1500
"""A longer answer is no statement that there is none: the longest honest one in the corpora has 300 characters."""

Stance = Literal["declines", "answers", "both"]

_INTERROGATIVE = r"(?:what|which|when|who|where|whose|why|how)\b"
_ASKS_FOR_VALUE = re.compile(rf"(?:[\w ,'-]{{0,60}}, )?(?:(?:in|on|at|by|to|for|of|from|with) )?{_INTERROGATIVE}")
_ASKS_FOR_FINDING = re.compile(
    r"why\b|(?:how|what) (?:did|does|do)\b|how (?:is|was|are|were) |what (?:was|is) wrong|what happened"
    r"|.*\b(?:miss(?:ed)?|missing|lacks?|lacking|unknown|absent|fail(?:ed)?|declined?|insufficient|excluded|limitation|open|refused?|"
    r"uncertain|compare|conclude)\b"
)
"""To these a negative finding is an answer: "What did the scan show?" "The right kidney was missing." """
_ASKS_FOR_NUMBER = re.compile(
    r"\b(?:how (?:many|much|long|old|often|large|big|far|high)|what (?:[\w'-]+ ){0,5}?(?:dose|level|rate|age|number|"
    r"percentage|share|proportion|volume|size|diameter|weight|height|count|duration|interval|temperature|pressure|"
    r"score|date|time|value|fraction))\b"
)
_GIVES_NUMBER = re.compile(
    r"\d|\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|once|twice|half|none|nobody|no|all|"
    r"both|every|few|several|most|lifelong|daily|weekly|monthly|yearly)\b"
)
_QUOTED = re.compile(r'"[^"]*"')
"""What is quoted is not the answer's own statement."""
_YES_OR_NO = re.compile(r"(?:yes|no|true|false)\b(?: ?[,.;:-]|$)")
_INNER_POINT = re.compile(r"(?<=\w)\.(?=\w)")
"""The point in 13.7 or p.K27M ends no clause."""
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")

_SPEAKS_OF_RECORD = re.compile(f"[{codes_of('RECORD/FIRST/US')}]")
_LIMITS = re.compile(
    f"[{codes_of('NOT/NO/NOTHING/WITHOUT/UNCLEAR/UNTOLD/GONE/OPEN/ONLY/SCANT/LOST/HIDDEN/OFF/ABSTAIN/UNABLE')}"
    f"{codes_of('CONFLICT/CONFLICTING/FIRST/MAY/BEYOND/US/FAIL')}]|[{codes_of('OMIT')}](?![{codes_of('NUMBER')}])"
)
"""A clause with one of these asserts nothing: it goes on about the record."""
_ACTS = re.compile(f"[{codes_of('BE/WAS/HAVE/HAD/DO/DID/CAN/MAY/TELL/GIVE/SHOW/ADVISE/PAST/ACTION/RECORD')}]")
_CONTRASTS, _LIKELY, _MEANS, _NUMBERS = (
    re.compile(f"[{codes_of(name)}]") for name in ("CONTRAST", "LIKELY", "MEANS", "NUMBER")
)
_TURNS = re.compile(f"[{''.join(sorted(set(codes_of('TURN')) - set(codes_of('ALTHOUGH'))))}]")
_PREVAILS, _OPEN = (
    re.compile(f"[{codes_of('PREVAIL')}]|[{codes_of('BE')}][{codes_of('RIGHT')}]"),
    re.compile(f"[{codes_of('NOT/NOTHING/NO/WH/MAY')}]"),
)
_DOES = re.compile(f"[{codes_of('RECORD')}][{codes_of('DO')}]$")
""" "The note does not give it; the chart does." """
_LEAD = re.compile(f"[{END},]?[{codes_of('CONTRAST')}]|[{END},][{codes_of('TURN')}]|[{END}{COLON}]")
_ALTHOUGH = re.compile(f"[{codes_of('ALTHOUGH')}][^,{END}]{{3,40}},(?P<rest>[^{END}]*)")
_NO_TURN = re.compile(f"[{codes_of('PLEASE')}]|[{codes_of('THEY')}][{codes_of('TELL/GIVE')}]")
"""What goes on about the same record, or asks for another."""
MIN_CLAUSE = 3
"""Words that make a clause: two are an interjection."""


class _Asked(NamedTuple):
    """A question as far as it helps."""

    for_value: bool
    for_number: bool
    why: bool
    words: frozenset[str]


@lru_cache(maxsize=8192)
def _read_question(question: str) -> _Asked:
    text = question.lower()
    for_value = bool(_ASKS_FOR_VALUE.match(text)) and not _ASKS_FOR_FINDING.match(text)
    words = frozenset(re.findall(r"[a-z]+", text)) - STOPWORDS if for_value else frozenset()
    return _Asked(for_value, bool(_ASKS_FOR_NUMBER.search(text)), text.startswith("why"), words)


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
    text = _INNER_POINT.sub("·", " ".join(fold(answer)[0].split()))
    text = read_idioms(text)
    if _YES_OR_NO.match(text):
        return "answers"
    if not may_be_silent(text):
        return "answers"
    text = _QUOTED.sub('"x"', text)
    asked = _read_question(question)
    if asked.why:
        text = text.partition(" because ")[0]
    sentences = [encode(sentence, asked.words) for sentence in _SENTENCE.split(text) if not sentence.endswith("?")]
    kinds = {read_silence(codes, asked.for_value) for codes in sentences} - {None}
    if kinds:
        return "both" if _asserts(sentences, "conflict" in kinds) else "declines"
    return "answers"


def _asserts(sentences: list[str], conflict: bool) -> bool:
    """True if the encoded answer, which holds a statement about the record, gives an answer beside it."""
    if any(map(_answers_although, sentences)) or (not conflict and any(map(_is_value_alone, sentences))):
        return True
    limits_before = False
    for lead, clause in _clauses(END.join(sentences)):
        limited = bool(_LIMITS.search(clause))
        if not limited and _LIKELY.search(clause):
            return True
        if limits_before and _DOES.search(clause):
            return True
        if conflict and _PREVAILS.search(clause) and not _OPEN.search(clause):
            return True
        if limits_before and _goes_on(lead, clause, conflict):
            return True
        limits_before = limits_before or limited
    return False


def _goes_on(lead: str, clause: str, conflict: bool) -> bool:
    """True if a clause behind the statement turns from it to an answer."""
    if lead == COLON:
        return False  # an explanation
    if _NUMBERS.search(clause) and _MEANS.search(clause):
        return True
    if _NO_TURN.match(clause):
        return False
    number = _NUMBERS.search(clause)
    if _LIMITS.search(clause) or (not number and len(clause.strip(",")) < MIN_CLAUSE):
        return False
    if _CONTRASTS.search(lead):
        return True
    # Sources that differ are spelled out, one clause each.
    return not conflict and (_TURNS.search(lead) or number is not None)


def _clauses(codes: str) -> Iterator[tuple[str, str]]:
    """What leads each clause in (a mark, a word of contrast), and the clause."""
    lead, start = "", 0
    for found in _LEAD.finditer(codes):
        if found.start() > start:
            yield lead, codes[start : found.start()]
            lead = ""
        lead += found.group()
        start = found.end()
    if codes[start:]:
        yield lead, codes[start:]


def _is_value_alone(codes: str) -> bool:
    """ "54 Gy. The record does not tell." """
    return 0 < len(_NUMBERS.findall(codes)) <= 2 and not _ACTS.search(codes) and not _LIMITS.search(codes)


def _answers_although(codes: str) -> bool:
    """ "Although the note is silent, the chart says 54 Gy." """
    found = _ALTHOUGH.match(codes)
    return bool(found) and not _LIMITS.search(found["rest"])

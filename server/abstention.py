"""Is an answer a statement that the record does not tell?

Declining is a statement about the record, the information or the ability to say, not a keyword. "No evidence of
metastasis", "not eligible" and "cannot swallow" are findings; "the vignette never mentions a biopsy" is not. What is
denied decides; `statements` holds the grammar of it. A clause that asserts a value or a finding after such a statement
("the dose is not given, but it is usually 54 Gy") is an answer: declining and answering both is answering.

Known limits. English alone. A statement about the record in words that the grammar lacks is read as an answer; a guess
in the same clause as the statement, with none of the marks of a guess, is read as declining.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple

from ..core.text import STOPWORDS, fold
from .silence import COLON, COMMA, END, OTHER, codes_of, encode, may_be_silent, read_idioms, read_silence

MAX_CHARS = 1500
"""A longer answer is no statement that there is none: the longest honest one in the corpora has 300 characters."""

Stance = Literal["declines", "answers", "both"]

_INTERROGATIVE = r"(?:what|which|when|who|where|whose|why|how)\b"
_ASKS_FOR_VALUE = re.compile(rf"(?:[\w ,'-]{{0,60}}, )?(?:(?:in|on|at|by|to|for|of|from|with) )?{_INTERROGATIVE}")
_ASKS_FOR_FINDING = re.compile(
    r"why\b|what (?:did|does|do)\b|how (?:\w+ )?(?:did|does|do|is|was|are|were) |what (?:was|is) wrong|what happened"
    r"|.*\b(?:miss(?:ed)?|missing|lacks?|lacking|unknown|absent|fail(?:ed)?|declined?|insufficient|excluded|limitation|open|refused?|"
    r"uncertain|compare|conclu\w+|verdict|opinion)\b"
)
"""To these a negative finding is an answer: "What did the scan show?" "The right kidney was missing." """
_QUOTED = re.compile(r'"[^"]*"')
"""What is quoted is not the answer's own statement."""
_YES_OR_NO = re.compile(
    r"(?:yes|no|true|false|none|never|zero)\b(?: ?[,.;:-]|$)"
    r"|(?:it|they|he|she) (?:is|was|are|were|does|do|did)(?:n't| not)[,.;:]"
)
_SO_YES_OR_NO = re.compile(r".*(?:[.;:] |\b(?:so|hence|therefore):? )(?:yes|no)\W*$")
_INNER_POINT = re.compile(r"(?<=\w)\.(?=\w)")
"""The point in 13.7 or p.K27M ends no clause."""
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")


def _word_of(*names: str) -> re.Pattern[str]:
    return re.compile(f"[{codes_of('/'.join(names))}]")


_CONTRAST, _MEANS, _NUMBER = _word_of("CONTRAST"), _word_of("MEANS"), _word_of("NUMBER")
_TURN = re.compile(f"(?![{codes_of('ALTHOUGH')}])[{codes_of('TURN')}]")
_PREVAILS = re.compile(f"[{codes_of('PREVAIL')}]|[{codes_of('BE')}][{codes_of('RIGHT')}]")
_LEAVES_OPEN = _word_of("NOT", "NOTHING", "NO", "WH", "MAY", "ONLY")

_LIMIT_CODES = codes_of(
    "NOT/NO/NOTHING/WITHOUT/UNCLEAR/UNTOLD/GONE/OPEN/ONLY/SCANT/LOST/HIDDEN/ELSE/ALL/ABSTAIN/UNABLE/CONFLICT/CONFLICTING/FIRST/"
    "MAY/BEYOND/US/FAIL/WITHHOLDS/WITHHELD/OMITS/PENDING"
)
_LIMIT = re.compile(f"[{_LIMIT_CODES}]|[{codes_of('OMIT')}](?![{codes_of('NUMBER')}])")
"""A clause with one of these asserts nothing: it goes on about the record. "Leaving 14" does."""

_GUESSES = re.compile(f"[^{_LIMIT_CODES}]*[{codes_of('LIKELY')}]")
""" "It is probably 54 Gy", "I would say no": a guess before anything is denied."""

_SAID = codes_of(
    "BE/WAS/HAVE/HAD/DO/DID/CAN/MAY/TELL/GIVE/SHOW/ADVISE/PAST/ACTION/MEASURE/ACCORDING/VALUE/INFORMATION/OR"
)
_ACTED = "".join(code for code in _SAID if code not in codes_of("RECORD/VALUE/INFORMATION"))
_GOES_ON = _word_of("NUMBER", "BE", "WAS", "RECORD")
_VALUE_ALONE = re.compile(
    f"(?=.*[{codes_of('NUMBER')}])(?![{codes_of('IN/IT/THEY/BOTH')}])[^{_LIMIT_CODES}{_SAID}{codes_of('RECORD')}]*$"
    f"|(?![{codes_of('RECORD')}]).?[{codes_of('NUMBER')}][^{_LIMIT_CODES}{_ACTED}]*$"
)
_FINDING_ALONE = re.compile(
    f"(?=.*[{OTHER}])(?![{codes_of('IT/THEY/BOTH')}])[^{_LIMIT_CODES}{_SAID}{codes_of('RECORD/SORRY/YOU/QUESTION/PLEASE')}]{{1,6}}$"
)
""" "Erlotinib and dasatinib. Everolimus is not known." """
_IT_IS_VALUE = re.compile(
    f"[{codes_of('IT')}][{codes_of('BE/WAS')}](?:[{codes_of('PAST')}][{codes_of('AS_AT')}])?[^{_LIMIT_CODES}{codes_of('OR/PAST/MEASURE/,')}]*[{codes_of('NUMBER')}]"
)
_PUTS_IT = re.compile(
    f"[{codes_of('GIVE')}][{codes_of('IT')}][{codes_of('AS_AT')}][^{_LIMIT_CODES}]*[{codes_of('NUMBER')}]"
)
_GIVES_IT = re.compile(f"[{codes_of('GIVE/SHOW')}][{codes_of('IT/HE')}]|[{codes_of('IT/THEY')}][{codes_of('BE/WAS')}]")
""" "The chart gives it as 250 mg.", "By the dates it was 10 months." """
_RECORD, _ACCORDING = _word_of("RECORD"), _word_of("ACCORDING")
_EXPLICITLY = _word_of("EXPLICITLY")
""" "Not told outright; 96 less 61 leaves 35." """
_TACKED_ON = re.compile(f"[{codes_of('EXPLICITLY')}],[^{_LIMIT_CODES}{END}{COLON}]*[{codes_of('NUMBER')}]")
""" "It is not stated explicitly, 54 Gy." """
_RECORD_DOES = re.compile(f"[{codes_of('RECORD')}][{codes_of('DO')}]$")
""" "The note does not give it; the chart does." """

_LEAD = re.compile(f"[{END},]?[{codes_of('CONTRAST')}]|[{END},][{codes_of('TURN')}]|[{END}{COLON}]")
_ALTHOUGH = re.compile(f"[{codes_of('ALTHOUGH')}][^,{END}]{{3,40}},(?P<rest>[^{END}]*)")
_NO_TURN = re.compile(f"[{codes_of('PLEASE')}]|[{codes_of('THEY')}][{codes_of('TELL/GIVE')}]")
"""What goes on about the same record, or asks for another."""

MIN_CLAUSE = 3
"""Words that make a clause without a number: two are an interjection."""


class _Asked(NamedTuple):
    """A question as far as it helps."""

    for_value: bool
    why: bool
    words: frozenset[str]


@lru_cache(maxsize=8192)
def _read_question(question: str) -> _Asked:
    text = question.lower()
    for_value = bool(_ASKS_FOR_VALUE.match(text)) and not _ASKS_FOR_FINDING.match(text)
    words = set(re.findall(r"[a-z]+", text)) - STOPWORDS if for_value else set()
    forms = frozenset(words | {word + "s" for word in words} | {word.removesuffix("s") for word in words})
    return _Asked(for_value, text.startswith("why"), forms)


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
    if _YES_OR_NO.match(text) or _SO_YES_OR_NO.match(text):
        return "answers"
    if not may_be_silent(text):
        return "answers"
    asked = _read_question(question)
    text = _QUOTED.sub("", text)
    if asked.why:
        text = text.partition(" because ")[0]
    sentences = [encode(sentence, asked.words) for sentence in _SENTENCE.split(text) if not sentence.endswith("?")]
    kinds = {read_silence(codes, asked.for_value) for codes in sentences} - {None}
    if not kinds:
        return "answers"
    return "both" if _asserts(sentences, "conflict" in kinds) else "declines"


def _asserts(sentences: list[str], conflict: bool) -> bool:
    """True if the encoded answer, which holds a statement about the record, gives an answer beside it."""
    clauses = list(_clauses(END.join(sentences)))
    if any(_TACKED_ON.search(codes) or _answers_although(codes) for codes in sentences) or _gives_value_first(clauses):
        return True
    limits_before = explicitly = of_a_record = False
    for (lead, clause), (following, _) in pairwise([*clauses, ("", "")]):
        limited = bool(_LIMIT.search(clause))
        if _GUESSES.match(clause) and not read_silence(clause, asks_for_value=False):
            return True
        alone = lead[:1] == END and following != COLON
        if limits_before and alone and (_VALUE_ALONE.match(clause) or _FINDING_ALONE.match(clause)):
            return True
        number = bool(_NUMBER.search(clause))
        if limits_before and (_RECORD_DOES.search(clause) or (explicitly and number)):
            return True
        # One record is silent, and another gives a number.
        if of_a_record and number and not limited and not conflict and lead != COLON and _RECORD.search(clause):
            return True
        if (conflict or limits_before) and _PREVAILS.search(clause) and not _LEAVES_OPEN.search(clause):
            return True
        if limits_before and _goes_on(lead, clause, limited, number, conflict):
            return True
        limits_before = limits_before or limited
        of_a_record = of_a_record or (limited and bool(_RECORD.search(clause)))
        explicitly = explicitly or (limited and bool(_EXPLICITLY.search(clause)))
    return False


def _goes_on(lead: str, clause: str, limited: bool, number: bool, conflict: bool) -> bool:
    """True if a clause behind the statement turns from it to an answer."""
    if lead == COLON:
        return False  # an explanation
    if (number and _MEANS.search(clause)) or _PUTS_IT.search(clause):
        return True
    if _NO_TURN.match(clause) or limited or (not number and len(clause.strip(",")) < MIN_CLAUSE):
        return False
    if _CONTRAST.search(lead) or _ACCORDING.match(clause):
        return True
    # Sources that differ are spelled out, one clause each; and what a record tells of something else is no answer.
    return not conflict and bool(_TURN.search(lead) or (number and _GIVES_IT.search(clause)))


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


def _gives_value_first(clauses: list[tuple[str, str]]) -> bool:
    """ "54 Gy. The record does not tell.", "It was 54 Gy, though the note is silent." """
    (_, first), (lead, _) = clauses[0], (*clauses, ("", ""))[1]
    head, _, rest = first.partition(COMMA)
    if lead[:1] == END and _FINDING_ALONE.match(first):
        return True
    return lead != COLON and bool((_VALUE_ALONE.match(head) and not _GOES_ON.search(rest)) or _IT_IS_VALUE.match(first))


def _answers_although(codes: str) -> bool:
    """ "Although the note is silent, the chart says 54 Gy." """
    found = _ALTHOUGH.match(codes)
    return found is not None and not _LIMIT.search(found["rest"])

"""Reads whether a sentence says that the record does not tell: the rows of `statements` over the classes of `lexicon`.

A text is encoded as a string of one letter a word, a letter for each set of classes, and the rules become regular
expressions over that string: short, linear in its length, and blind to every word that is in no class.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Literal, NamedTuple

from .lexicon import CLASSES, IDIOMS
from .statements import ALWAYS, CONFLICTS, FINDINGS, IF_A_VALUE_IS_ASKED

END, COLON, COMMA, HYPHEN, NUMBER, ASKED, OTHER, PAST = ";:,-0q.v"
"""Codes of what is no word of a class; PAST is a word of none that ends in "ed"."""

_KINDS = sorted({tuple(sorted(names)) for names in CLASSES.values()} | {("ADV",)})
_CODE_OF = {kind: chr(0x100 + place) for place, kind in enumerate(_KINDS)}
_CODES = {word: _CODE_OF[tuple(sorted(names))] for word, names in CLASSES.items()}
_CODES |= dict.fromkeys(".;!?", END) | dict.fromkeys(",()", COMMA) | {":": COLON, "-": HYPHEN}
_ADVERB = _CODE_OF[("ADV",)]
_SPECIAL = {"ASKED": ASKED, "NUMBER": NUMBER, "PAST": PAST, ",": COMMA, ";": END, ":": COLON}

_TOKEN = re.compile(r"'(?:s|re|ve|ll|d)\b|[a-z]+(?:\d\w*|-\d\w*)*|\d(?:[\d,/x^·:-]*\d)?|[.,;:!?()-]")


@cache
def codes_of(names: str) -> str:
    """The codes of every word in one of these classes: "NOT/NO"."""
    return "".join(
        _SPECIAL.get(name, "") + "".join(code for kind, code in _CODE_OF.items() if name in kind)
        for name in names.split("/")
    )


_PERSONS, _BEFORE_PERSONS = frozenset(codes_of("PERSON")) - frozenset(codes_of("HE")), frozenset(codes_of("IN"))
_SPEAKERS = frozenset(codes_of("PERSON"))
_REPORTS = frozenset(codes_of("RECORD")) & frozenset(codes_of("GIVE"))
_SAYS_SO = _CODES["says"]
_NUMBERS = codes_of("NUMBER")
_GRADED = [[word] for word in ("stage", "grade", "type", "phase", "class")]


def read_idioms(text: str) -> str:
    """A folded text with its idioms read as words of the lexicon."""
    for phrase, reading in IDIOMS.items():
        text = text.replace(phrase, reading)
    return text


def encode(text: str, asked: frozenset[str] = frozenset()) -> str:
    """One code a word or mark of a folded text; `asked` are the content words of the question."""
    words = _TOKEN.findall(text)
    codes = [_CODES.get(word) or _code_of_other(word, asked) for word in words]
    for place, code in enumerate(codes):
        if code in _PERSONS and not _BEFORE_PERSONS.isdisjoint(codes[max(0, place - 4) : place]):
            codes[place] = OTHER  # "the note on the girl": she is not who does something
        elif code in _REPORTS and (
            words[place + 1 : place + 2] == ["that"] or not _SPEAKERS.isdisjoint(codes[max(0, place - 2) : place])
        ):
            codes[place] = _SAYS_SO  # "she notes": no record
        elif words[place] == "i" and words[place - 1 : place] in _GRADED:
            codes[place] = OTHER  # of a stage or grade
        elif words[place] == "minutes" and codes[place - 1 : place] and codes[place - 1] in _NUMBERS:
            codes[place] = OTHER  # of time
        elif words[place] == "may" and NUMBER in codes[max(0, place - 1) : place + 2]:
            codes[place] = OTHER  # the month
    return "".join(codes)


def _code_of_other(word: str, asked: frozenset[str]) -> str:
    if word[0].isdigit():
        return NUMBER
    if word in asked:
        return ASKED
    if word.endswith("ly"):
        return _ADVERB
    return PAST if word.endswith("ed") else OTHER


_SAYS = "".join(
    code
    for kind, code in _CODE_OF.items()
    if {"THAT", "PERSON", "FIRST"} & set(kind)
    or ({"TELL", "GIVE", "SHOW", "ADVISE"} & set(kind) and not {"RECORD", "PASSED"} & set(kind))
)
_VERBS = codes_of("DO/CAN/GIVE/TELL/OMIT/HAVE/FAIL")
_PIECES = {
    "..": f"[^{END}{COLON}]{{0,16}}?",
    "~": f"[^{END}{COLON}{_SAYS}]{{0,9}}?",
    "...": f"(?:[^{END}{COLON}{codes_of('BUT/SO/WITHOUT')}]|[{codes_of('AND')}](?![{_VERBS}]))*",
    "|": "()",
}
_NOT_QUIET = codes_of("BE/WAS/HAVE/HAD/DO/DID/CAN/MAY/NOT/NO/NOTHING/PERSON/,/;/:")
_HEAD = f"(?![{codes_of('ASKED/PAST/NUMBER')}{OTHER}{HYPHEN}])"
_START, _STOP = f"(?:^|[{END}{COLON}]){COMMA}*", f"(?=[{END}{COLON}]|$)"


def compile_row(row: str) -> re.Pattern[str]:
    """The regular expression of a rule over encoded text."""
    return re.compile("".join(map(_piece, row.split())))


def _piece(item: str) -> str:
    """The regular expression of one item of a rule."""
    if item in _PIECES:
        return _PIECES[item]
    if item[0] in "_=":
        outside = _NOT_QUIET + codes_of("IN") if item[0] == "=" else _NOT_QUIET
        return f"[^{outside}]{{0,{item[1:] or 5}}}?"
    if item[0] == "!":
        return f"(?![{codes_of(item[1:])}])"
    if item[0] == "$" and len(item) > 1:
        return f"(?=[{END}{COLON}{codes_of(item[2:])}]|$)"
    ways = [_way(name) for name in item.rstrip("?").split("/")]
    return f"(?:{'|'.join(ways)})" + ("?" if item.endswith("?") else "")


def _way(name: str) -> str:
    if name == "^":
        return _START
    if name == "$":
        return _STOP
    return f"[{codes_of(name[:-1])}]{_HEAD}" if name.endswith(">") else f"[{codes_of(name)}]"


Kind = Literal["silence", "conflict"]


class Rule(NamedTuple):
    """A rule ready for use."""

    kind: Kind
    only_for_values: bool
    pattern: re.Pattern[str]
    keys: frozenset[str]
    """The codes of its rarest item; without one of them the rule cannot hold."""


def _compile(
    rules: Iterable[tuple[str, str]], kind: Kind = "silence", only_for_values: bool = False
) -> tuple[Rule, ...]:
    return tuple(Rule(kind, only_for_values, compile_row(row), _keys(row)) for row, _ in rules)


# fmt: off
_COMMON = frozenset((
    "BE", "WAS", "BEEN", "HAVE", "HAD", "DO", "DID", "CAN", "MAY", "IN", "IT", "THEY", "THE", "BUT", "THAT", "THERE",
    "WH", "RECORD", "STUDY", "INFORMATION", "VALUE", "PERSON", "TELL", "GIVE", "SHOW", "ADVISE", "KNOW", "MEASURE",
    "FIRST", "US", "AND", "AVAILABLE", "WITH", "WITHIN", "ASKED", "HOLD", ",", ";",
))
# fmt: on
"""Classes of words that are in every other sentence, and so do not tell that a rule may hold."""


def _keys(row: str) -> frozenset[str]:
    needed = [
        item.replace(">", "").split("/")
        for item in row.split()
        if item[0] not in "_=!.~|" and not set(item) & set("?^$")
    ]
    telling = min(needed, key=lambda names: (not _COMMON.isdisjoint(names), len(codes_of("/".join(names)))))
    return frozenset(codes_of("/".join(telling)))


_BLANKED = _compile(FINDINGS)
_RULES = (*_compile(ALWAYS), *_compile(CONFLICTS, "conflict"), *_compile(IF_A_VALUE_IS_ASKED, only_for_values=True))
_INDEX: dict[str, list[int]] = {}
for _place, _rule in enumerate(_RULES):
    for _key in _rule.keys:
        _INDEX.setdefault(_key, []).append(_place)


_SIGNS = frozenset(word for word, code in _CODES.items() if code in _INDEX)
_MARKS = str.maketrans(dict.fromkeys(".,;:!?()-'\"", " "))


def may_be_silent(text: str) -> bool:
    """False for most texts, and only where no rule can hold: a quick look before `encode`."""
    return not _SIGNS.isdisjoint(text.translate(_MARKS).split())


def read_silence(codes: str, asks_for_value: bool) -> Kind | None:
    """How an encoded sentence says that the record does not tell; None where it does not say so."""
    for blanked in _BLANKED:
        codes = blanked.pattern.sub(_blank, codes)
    places = {place for code in set(codes) for place in _INDEX.get(code, ())}
    for place in sorted(places):
        rule = _RULES[place]
        if (asks_for_value or not rule.only_for_values) and rule.pattern.search(codes):
            return rule.kind
    return None


def _blank(found: re.Match[str]) -> str:
    kept = found.start(1) - found.start() if found.lastindex else 0
    return found.group()[:kept] + OTHER * (len(found.group()) - kept)

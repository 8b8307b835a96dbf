"""A note in other words, by rule: phrases, abbreviations, the order of sentences, and voice.

The rules know English, not medicine. What comes out is checked like a teacher's (`preservation`), so that a rule which
goes wrong costs a try and no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from ..core.sentences import split_sentences
from .room_files import read_mapping

LISTS = "rewordings.yaml"

Pick = Callable[[str, int], int]
"""A number below the second argument, the same each time for what the first one names."""

_GIVEN = re.compile(
    r"(?:He|She|The patient) (is|was) (given|prescribed|administered) ((?:an? )?[a-z][a-z-]*(?: [a-z-]+){0,2})\."
)
_SEEN = re.compile(
    r"((?:[A-Z][a-z]+ )?[Ee]xamination) (?:shows|showed|reveals|revealed) ((?:no |an? )?[a-z][a-z -]{5,60})\."
)
_AGED = re.compile(
    r"\b(An?) ((?:[a-z]+,? ){0,3})(\d+)-year-old,? ((?:[A-Za-z]+ )?)(woman|man|girl|boy|male|female|child)\b"
)
_PRONOUNS = {"woman": ("She", "Her"), "man": ("He", "His")}
_SEX = re.compile(r"\b(?:(woman|girl|female)|(man|boy|male))\b")
_VERB = re.compile(r"\b(?:is|are|was|were|has|have|and|with|that|which)\b")


@cache
def _compiled(name: str) -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    return tuple((re.compile(pattern), tuple(ways)) for pattern, ways in read_mapping(LISTS)[name])


def reword(note: str, pick: Pick, *, thoroughness: float = 1.0) -> str:
    """The note in other words.

    Args:
        pick: Decides between ways to say it.
        thoroughness: Share of the places where a rule applies at which it is applied, in [0, 1].
    """
    lines = [line for line in note.splitlines() if line.strip()]
    if _applies("named", pick, thoroughness):
        lines = _with_the_patient_named(lines, pick, thoroughness)
    return "\n".join(_line(line, f"line {number}", pick, thoroughness) for number, line in enumerate(lines))


def _with_the_patient_named(lines: list[str], pick: Pick, thoroughness: float) -> list[str]:
    """Sentences that begin with "he" or "she" begin with the patient, where no other can be meant."""
    sex = _SEX.search(" ".join(lines))
    if not sex:
        return lines
    who = "woman" if sex.group(1) else "man"
    if re.search(rf"\b(?:{read_mapping(LISTS)['relatives'][who]})\b", " ".join(lines)):
        return lines
    he, his = _PRONOUNS[who]

    def named(found: re.Match[str]) -> str:
        if not _applies(f"named {found.start()} {found.string[:40]}", pick, thoroughness):
            return found.group()
        return "The patient" if found.group(1) == he else "The patient's"

    return [re.sub(rf"(?<=[.?!] )({he}|{his})\b", named, line) for line in lines]


def _line(line: str, name: str, pick: Pick, thoroughness: float) -> str:
    sentences = _reordered(split_sentences(line), name, pick, thoroughness)
    return " ".join(
        _sentence(sentence, f"{name}, sentence {place}", pick, thoroughness) for place, sentence in enumerate(sentences)
    )


def _reordered(sentences: list[str], name: str, pick: Pick, thoroughness: float) -> list[str]:
    """Neighbours that stand by themselves change places."""
    found = list(sentences)
    place = 0
    while place + 1 < len(found):
        both = all(_stands_alone(sentence) for sentence in found[place : place + 2])
        if both and _applies(f"{name}, order {place}", pick, thoroughness):
            found[place], found[place + 1] = found[place + 1], found[place]
            place += 1
        place += 1
    return found


def _stands_alone(sentence: str) -> bool:
    opens = any(re.match(pattern, sentence) for pattern in read_mapping(LISTS)["standing_alone"])
    return opens and not re.search(read_mapping(LISTS)["leaning"], sentence, re.IGNORECASE)


def _sentence(sentence: str, name: str, pick: Pick, thoroughness: float) -> str:
    text = _voice(sentence) if _applies(f"{name}, voice", pick, thoroughness) else sentence
    if _applies(f"{name}, age", pick, thoroughness):
        text = _AGED.sub(_aged, text)
    pieces: list[tuple[str, bool]] = [(text, False)]
    for rules in ("phrases", "abbreviations"):
        for number, (pattern, ways) in enumerate(_compiled(rules)):
            where = f"{name}, {rules} {number}"
            if pattern.search(text) and _applies(where, pick, thoroughness):
                pieces = list(_rewritten(pieces, pattern, ways[pick(where, len(ways))]))
    return "".join(piece for piece, _ in pieces)


def _rewritten(pieces: list[tuple[str, bool]], pattern: re.Pattern[str], way: str) -> Iterator[tuple[str, bool]]:
    """The pieces, each with whether it is said in other words already: what is, no later rule touches."""
    for text, done in pieces:
        start = 0
        for found in () if done else pattern.finditer(text):
            yield text[start : found.start()], False
            yield _as_before(found, way), True
            start = found.end()
        yield text[start:], done


def _as_before(found: re.Match[str], way: str) -> str:
    """A capital only where one stood, or at the head of what stood there."""
    new = found.expand(way)
    old = found.group()
    return new[:1].lower() + new[1:] if old[:1].islower() and not new[:2].isupper() else new


def _voice(sentence: str) -> str:
    """In the passive, where the sentence is simple enough."""
    given = _GIVEN.fullmatch(sentence)
    if given and not _VERB.search(given.group(3)):
        to = "for" if given.group(2) == "prescribed" else "to"
        return f"{_capital(given.group(3))} {given.group(1)} {given.group(2)} {to} the patient."
    seen = _SEEN.fullmatch(sentence)
    if seen and not _VERB.search(seen.group(2)):
        be = "are" if seen.group(2).endswith("s") and not seen.group(2).endswith(("is", "ss", "us")) else "is"
        return f"{_capital(seen.group(2))} {be} found on {seen.group(1)[0].lower()}{seen.group(1)[1:]}."
    return sentence


def _aged(found: re.Match[str]) -> str:
    """A woman aged 43 years, for a 43-year-old woman."""
    what = f"{found.group(2)}{found.group(4)}{found.group(5)}"
    article = "An" if what[0] in "aeiou" else "A"
    return f"{article if found.group(1)[0] == 'A' else article.lower()} {what} aged {found.group(3)} years"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _applies(name: str, pick: Pick, thoroughness: float) -> bool:
    return pick(f"{name}, at all", 1000) < 1000 * thoroughness

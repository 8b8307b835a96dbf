"""Which words of a note are clinical, of what class, and what is said in several ways.

A word is a term where it is listed in `clinical_terms.yaml`, ends as drugs or diagnoses do, or is rare in ordinary
English. The lists hold only what is both ordinary English and clinical; they know no pharmacopoeia.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from ..core.english import word_counts
from ..core.text import STOPWORDS, american, fold, stem
from .room_files import read_mapping

LISTS = "clinical_terms.yaml"

TermClass = Literal["drug", "diagnosis", "term"]

ORDINARY_COUNT = 1000
"""A word that occurs at least so often in the list of English words is ordinary, unless it is listed as clinical."""

_DRUG = re.compile(
    r"(?:cillin|mycin|micin|oxacin|cycline|azole|vir|vudine|pril|sartan|olol|dipine|statin|prazole|tidine|gliptin|gliflozin"
    r"|glitazone|formin|zepam|zolam|barbital|triptyline|oxetine|pramine|azepine|apine|idone|setron|triptan|caine|curium"
    r"|profen|oxicam|coxib|parin|xaban|gatran|dronate|mab|tinib|ciclib|platin|rubicin|taxel|bicin|cept|kinra|thiazide"
    r"|semide|terol|tropium|lukast|sone|solone|onide|phylline|quine|amine|codone|morphone|fentanil"
    r"|relin|tide|poetin|grastim|alol)$"
)
_DIAGNOSIS = re.compile(
    r"(?:itis|emia|aemia|oma|osis|iasis|pathy|penia|cytosis|philia|plegia|paresis|algia|uria|rrhea|rrhage|ectasis|cele"
    r"|sclerosis|stenosis|syndrome|disease|disorder|carcinoma|sarcoma|megaly|edema|ism|trophy|plasia|virus|coccus|bacter"
    r"|ella|monas|plasma|myces)$"
)


_RATIO = re.compile(r"(?<=\d) over (?=\d)")
"""Blood pressure, as it is spoken: "120 over 80"."""


@cache
def listed(name: str) -> frozenset[str]:
    """The stems of a list."""
    found = read_mapping(LISTS)[name]
    text = " ".join(found) if isinstance(found, list) else found
    return frozenset(map(stem, text.split()))


@cache
def _abbreviations() -> re.Pattern[str]:
    names = sorted(read_mapping(LISTS)["abbreviations"], key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(names)})(?![\w-])")


@cache
def _phrases() -> tuple[re.Pattern[str], dict[str, str]]:
    meant = {other: group[0] for group in read_mapping(LISTS)["same"] for other in group[1:]}
    longest_first = sorted(meant, key=lambda phrase: (-len(phrase), phrase))
    # Behind a digit stands a unit: "80mm Hg".
    bounded = (
        (r"(?<![^\W\d_])" if phrase[0].isalpha() else r"(?<!\w)" if phrase[0].isdigit() else "")
        + re.escape(phrase)
        + r"(?!\w)"
        for phrase in longest_first
    )
    return re.compile("|".join(bounded)), meant


@cache
def _numbers() -> dict[str, str]:
    small, tens = read_mapping(LISTS)["numbers"].split(), read_mapping(LISTS)["tens"].split()
    return {word: str(value) for value, word in enumerate(small)} | {
        word: str(10 * value) for value, word in enumerate(tens, start=2)
    }


@cache
def _number_words() -> re.Pattern[str]:
    """Numbers in words, up to ninety-nine; "one" only before what is counted, for it is a pronoun as well."""
    tens = "|".join(read_mapping(LISTS)["tens"].split())
    others = "|".join(word for word in read_mapping(LISTS)["numbers"].split() if word != "one")
    one = r"one(?=[- ](?:hour|day|week|month|year|time|pack|minute))"
    return re.compile(rf"\b(?:(?:{tens})(?:[- ](?:one|{others}))?|{others}|{one})\b")


def _in_digits(found: re.Match[str]) -> str:
    return str(sum(int(_numbers()[part]) for part in re.split("[- ]", found.group())))


def in_plain_words(text: str) -> str:
    """A text in small letters, abbreviations written out, one wording for each of several, and numbers in digits."""
    expanded = _abbreviations().sub(lambda found: str(read_mapping(LISTS)["abbreviations"][found.group()]), text)
    pattern, meant = _phrases()
    small = _number_words().sub(_in_digits, " ".join(fold(expanded)[0].split()))
    return _RATIO.sub("/", pattern.sub(lambda found: f" {meant[found.group()]}", small))


@cache
def class_of(word: str) -> TermClass | None:
    """The class of a word in small letters; None where it is no clinical term."""
    root = stem(word)
    if word in STOPWORDS or len(word) < 3:
        return None
    if root in listed("drugs"):
        return "drug"
    if root in listed("diagnoses"):
        return "diagnosis"
    if root in listed("findings") or root in listed("anatomy"):
        return "term"
    counts = word_counts()
    if max(counts.get(form, 0) for form in {word, root, f"{root}e", american(word)}) >= ORDINARY_COUNT:
        return None
    singular = word.removesuffix("s")
    if _DRUG.search(word) or _DRUG.search(singular):
        return "drug"
    return "diagnosis" if _DIAGNOSIS.search(word) or _DIAGNOSIS.search(singular) else "term"

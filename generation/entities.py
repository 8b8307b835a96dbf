"""What a note says that a rewording must keep: quantities, doses, drugs, diagnoses, sides, and what is denied."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal, NamedTuple

from ..core.quantities import Quantity, read_quantities
from ..core.sentences import split_sentences
from ..core.text import STOPWORDS, Tokens, is_negation, is_number, is_word, stem, tokenize
from .clinical_terms import class_of, in_plain_words, listed

Kind = Literal["quantity", "dose", "route", "frequency", "drug", "diagnosis", "term", "code", "side", "sided", "denied"]

DRUG_BEFORE, DRUG_BEHIND = 8, 6
"""Words within which the drug of a dose is looked for."""


class Entity(NamedTuple):
    """One thing that a note says."""

    kind: Kind
    text: str
    """In a form that is the same for all ways to write it."""


_BACKWARDS = frozenset({"absent", "negative", "lacking", "excluded", "ruled"})
"""A denial of what stands before: "murmurs are absent"."""
_WHERE = frozenset({"on", "at", "in", "upon", "by"})
_BREAK = re.compile(
    r"[;:!?]|\.(?!\d)|,(?=\s*(?:and |but )?(?:\w+ ){0,2}(?:is|are|was|were|has|had|shows?|reveals?|reports?)\b)"
)


def entities_of(text: str) -> Counter[Entity]:
    """Everything that a rewording must keep, with how often it is said."""
    found: Counter[Entity] = Counter()
    # Where a line ends says nothing of a value and its unit; it does of how far a denial reaches.
    for sentence in split_sentences(" ".join(text.split())):
        found.update(_of_sentence(in_plain_words(sentence)))
    for sentence in split_sentences(text):
        found.update(Entity("denied", word) for word in _denied(in_plain_words(sentence)))
    return found


def _of_sentence(sentence: str) -> Iterator[Entity]:
    tokens = tokenize(sentence)
    found = [_known(quantity, tokens.words) for quantity in read_quantities(tokens)]
    # "One" is a pronoun where it counts nothing that is measured.
    quantities = [quantity for quantity in found if quantity.unit or is_number(tokens.words[quantity.place])]
    yield from (Entity("quantity", _written(quantity)) for quantity in quantities)
    yield from _doses(tokens, quantities)
    for place, word in enumerate(tokens.words):
        yield from _of_word(tokens, place, word)
    yield from _sided(tokens.words)


def _of_word(tokens: Tokens, place: int, word: str) -> Iterator[Entity]:
    if is_number(word):
        if place and is_word(tokens.words[place - 1]) and tokens.ends[place - 1] == tokens.starts[place]:
            yield Entity("code", tokens.words[place - 1] + word)
        return
    if not is_word(word):
        return
    root = stem(word)
    if root in listed("routes"):
        yield Entity("route", root)
    elif root in listed("frequencies"):
        yield Entity("frequency", root)
    elif root in listed("sides"):
        yield Entity("side", root.removesuffix("ly"))
    elif (kind := class_of(word)) is not None and root not in listed("units"):
        yield Entity(kind, root)


def _known(quantity: Quantity, words: tuple[str, ...]) -> Quantity:
    """With its unit only where it is one, for behind a number stands any word; rates ("80/min") have one as well."""
    unit = quantity.unit
    if not unit and words[quantity.place + 1 : quantity.place + 2] == ("/",):
        behind = read_quantities(tokenize(f"1 {' '.join(words[quantity.place + 2 : quantity.place + 4])}"))
        unit = f"/{behind[0].unit}"
    known = unit and all(not part or part.rstrip("23") in listed("units") for part in unit.split("/"))
    return replace(quantity, unit=unit if known else "")


def _written(quantity: Quantity) -> str:
    return f"{quantity.beyond}{quantity.value:g} {quantity.unit}".strip()


def _doses(tokens: Tokens, quantities: list[Quantity]) -> Iterator[Entity]:
    for quantity in quantities:
        unit, *per = quantity.unit.split("/")
        if unit in listed("dose_units") and listed("dose_rates").issuperset(per):
            drug = _drug_near(tokens.words, quantity.place, or_strange=unit not in listed("weights"))
            if drug:
                yield Entity("dose", f"{drug} {_written(quantity)}")


def _drug_near(words: tuple[str, ...], place: int, *, or_strange: bool) -> str | None:
    """The nearest drug, before the amount or, in "5 mg of", behind it; where none is known, perhaps a rare word."""
    before = words[max(0, place - DRUG_BEFORE) : place][::-1]
    behind = words[place + 1 : place + 1 + DRUG_BEHIND]
    near = (*behind, *before) if "of" in behind[:3] else (*before, *behind)
    classes = {word: class_of(word) for word in near if is_word(word) and stem(word) not in listed("units")}
    known = (word for word in near if classes.get(word) == "drug")
    strange = (word for word in near if classes.get(word) and not _is_of_the_body(word))
    found = next(known, None) or (next(strange, None) if or_strange else None)
    return stem(found) if found else None


def _is_of_the_body(word: str) -> bool:
    return stem(word) in listed("findings") | listed("anatomy") | listed("diagnoses")


def _sided(words: tuple[str, ...]) -> Iterator[Entity]:
    """A side with what it is the side of: the next word of content, or the last before where none follows."""
    for place, word in enumerate(words):
        if stem(word) not in listed("sides"):
            continue
        behind = next((other for other in words[place + 1 : place + 4] if _is_content(other)), None)
        before = next((other for other in reversed(words[max(0, place - 4) : place]) if _is_content(other)), None)
        site = behind or before
        if site:
            yield Entity("sided", f"{stem(word).removesuffix('ly')} {stem(site)}")


def _is_content(word: str) -> bool:
    return is_word(word) and deniable(word) and stem(word) not in listed("sides")


def deniable(word: str) -> bool:
    """Whether a word says something that may be denied: a value, or a word of content."""
    if is_number(word):
        return True
    if not is_word(word) or len(word) < 3 or word in STOPWORDS or is_negation(word):
        return False
    return stem(word) not in listed("being_there")


def _denied(sentence: str) -> Iterator[str]:
    """Stems of the words of content that are denied."""
    for clause in _BREAK.split(sentence):
        words = tokenize(clause).words
        for place, word in enumerate(words):
            if not is_negation(word):
                continue
            if word in _BACKWARDS:
                scope = words[:place]
                if word == "negative" and words[place + 1 : place + 2] == ("for",):
                    scope = words[place + 2 :]
            else:
                scope = _reach(words[place + 1 :])
            yield from (stem(other) for other in scope if deniable(other))


def _reach(words: tuple[str, ...]) -> tuple[str, ...]:
    """How far a denial reaches: not beyond its clause, nor to where one looked ("no mass is seen on examination")."""
    for place, word in enumerate(words):
        looked = word in _WHERE and place and stem(words[place - 1]) in listed("being_there")
        if looked or word in listed("clause_ends"):
            return words[:place]
    return words

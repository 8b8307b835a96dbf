"""Is a planted error one that can be verified? One sentence changed, as stated, in something clinical; no other change.

    ruling = rule_on(note, injection)
    ruling.refusal, ruling.note, ruling.error

What the change says is read as `preservation` reads a rewording: it is an error only where drugs, doses, diagnoses,
organisms, other clinical terms, numbers, sides or denials differ; besides those, words of management and degree count
(`change_filter.yaml`). Before that, things that have two names (`paracetamol`) are given one.

Known limits. That a change is wrong in its note is not shown, only that it says something else: "a cough for 4 days"
for 3 stands as an error where nothing else tells. A synonym that neither list holds passes as another term. A second
change within the one sentence is not told from the first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from rapidfuzz.distance import OSA

from ..core.english import word_counts
from ..core.injection import Category, Injection, Refusal, Ruling
from ..core.sentences import sentence_spans, split_sentences
from ..core.tasks import PlantedError
from ..core.text import STOPWORDS, is_negation, is_number, is_word, stem, words_of
from .clinical_terms import in_plain_words
from .preservation import Preservation, check_preservation
from .room_files import read_mapping

LONGEST = 2.5
"""A changed sentence may have so many times the words of the original, and `SPARE_WORDS` more."""
SPARE_WORDS = 6

MANY_WORDS = 4
"""Of a stretch of a longer sentence that is stated, so many words of content make it a sentence of its own."""

SHORTEST_MISSPELLED = 5
"""Letters of a word that may be a misspelling of another, a letter away."""

_ORGANISM = re.compile(
    r"(?:virus|viridae|coccus|cocci|bacter\w*|ella|monas|plasma|myces|spirillum|phil[ae]|nema|cystis)$"
)
_OF_KIND: dict[str, Category] = {
    **{"drug": "drug", "diagnosis": "diagnosis", "dose": "dose", "route": "dose", "frequency": "dose"},
    **{"side": "side", "quantity": "number", "code": "number", "term": "finding"},
}
_ORDER: tuple[Category, ...] = (
    *("organism", "drug", "dose", "diagnosis", "management", "side", "denial", "number", "finding"),
)


def rule_on(note: str, injection: Injection | None) -> Ruling:
    """Rule on an injection into a correct note; None is one that could not be read. Takes any text, never raises."""
    if injection is None:
        return Ruling("not the form")
    refusal = _misstated(note, injection)
    if refusal:
        return Ruling(refusal)
    written = note.replace(injection.sentence, injection.changed, 1)
    error = _changed_sentence(note, written)
    if error is None:
        return Ruling("not exactly one sentence")
    if _keeps_nothing(injection.sentence, injection.changed, MANY_WORDS):
        return Ruling("whole sentence replaced")
    refusal, categories = _judge(_one_name(error.correction), _one_name(error.sentence))
    return Ruling(refusal) if refusal else Ruling(None, written, error, categories)


def _misstated(note: str, injection: Injection) -> Refusal | None:
    """What is wrong with the statement, before it is asked what it means."""
    sentence, changed = injection.sentence, injection.changed
    if not sentence.strip() or sentence not in note:
        return "sentence is not in the note"
    if note.count(sentence) > 1:
        return "sentence stands in the note twice"
    written = note.replace(sentence, changed, 1)
    if injection.note is not None and injection.note != written:
        return _otherwise(note, injection.note, written)
    if not changed.strip():
        return "nothing is put in its place"
    if changed == sentence:
        return "nothing is changed"
    # Together: a word may be divided where a line ends, or written as two.
    return "typography alone" if "".join(words_of(changed)) == "".join(words_of(sentence)) else None


def _otherwise(note: str, given: str, stated: str) -> Refusal:
    """Why the note that was given is not the one in which the stated change was made."""
    if given == note:
        return "nothing is changed"
    if given.split() == stated.split():
        return "white space changed elsewhere"
    if len(given) < len(stated) and (stated.startswith(given.rstrip()) or stated.endswith(given.lstrip())):
        return "note cut short"
    before, after = Counter(split_sentences(note)), Counter(split_sentences(given))
    return "not the change that is stated" if (before - after).total() <= 1 else "not exactly one sentence"


def _changed_sentence(note: str, written: str) -> PlantedError | None:
    """The one sentence that was changed, whole; None where it is more than one, or none."""
    start = next((at for at, pair in enumerate(zip(note, written, strict=False)) if pair[0] != pair[1]), None)
    start = min(len(note), len(written)) if start is None else start
    end = len(note)
    longer = len(written) - len(note)
    while end > start and end + longer > start and note[end - 1] == written[end + longer - 1]:
        end -= 1
    touched = [span for span in sentence_spans(note) if span[0] < end and start < span[1]]
    if not touched:  # something was only put in
        touched = [span for span in sentence_spans(note) if span[0] <= start <= span[1]]
    if len(touched) != 1 or start < touched[0][0] or end > touched[0][1]:
        return None
    first, last = touched[0]
    changed = written[first : last + longer]
    if len(split_sentences(changed)) != 1 or changed.split() == note[first:last].split():
        return None
    return PlantedError(sentence=changed, correction=note[first:last])


def _judge(before: str, after: str) -> tuple[Refusal | None, tuple[Category, ...]]:
    old, new = Counter(_content(before)), Counter(_content(after))
    if len(words_of(after)) > LONGEST * len(words_of(before)) + SPARE_WORDS:
        return "sentence drawn out", ()
    if _keeps_nothing(before, after, 1):
        return "whole sentence replaced", ()
    if _is_misspelled(before, after):
        return "misspelling", ()
    taken, put = old - new, new - old
    kept = check_preservation(before, after)
    categories = _categories(kept, {*taken, *put})
    if not categories:
        return ("nothing clinical" if taken or put else "says the same"), ()
    if not put and "denial" not in categories:
        return "says less, and nothing wrong", ()
    return None, categories


def _one_name(text: str) -> str:
    """The text with one name for each thing that has several."""
    pattern, meant = _synonyms()
    return pattern.sub(lambda found: meant[found.group().lower()], text)


@cache
def _synonyms() -> tuple[re.Pattern[str], dict[str, str]]:
    groups = read_mapping("change_filter.yaml")["synonyms"]
    meant = {other: group[0] for group in groups for other in group[1:]}
    longest_first = sorted(meant, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE), meant


def _content(text: str) -> Iterator[str]:
    """Stems of words that say something, in plain words, numbers and denials included."""
    for word in words_of(in_plain_words(text)):
        if is_number(word) or is_negation(word):
            yield word
        elif is_word(word) and word not in STOPWORDS:
            yield stem(word)


def _keeps_nothing(before: str, after: str, many: int) -> bool:
    """Whether of so many words of content, or more, none is kept."""
    old = set(_content(before))
    return len(old) >= many and old.isdisjoint(_content(after))


def _is_misspelled(before: str, after: str) -> bool:
    """Whether all that was put in is no word, and a letter away from one that was taken out."""
    old, new = Counter(words_of(before)), Counter(words_of(after))
    taken, put = old - new, new - old
    return bool(put) and all(
        len(word) >= SHORTEST_MISSPELLED
        and word not in word_counts()
        and any(OSA.distance(word, other, score_cutoff=1) <= 1 for other in taken)
        for word in put
    )


def _categories(kept: Preservation, words: set[str]) -> tuple[Category, ...]:
    found: set[Category] = set()
    for entity in (*kept.lost, *kept.added):
        names = map(stem, entity.text.split())
        organism = entity.kind in ("diagnosis", "term") and any(_is_organism(name) for name in names)
        found.add("organism" if organism else _OF_KIND[entity.kind])
    if any(change.startswith(("asserts ", "denies ")) for change in kept.changed):
        found.add("denial")
    elif kept.changed and "side" not in found:
        found.add("side" if any(" in the original, and " in change for change in kept.changed) else "number")
    if not words.isdisjoint(_listed("measures")):
        found.add("management")
    if not words.isdisjoint(_listed("degrees")):
        found.add("diagnosis")
    return tuple(category for category in _ORDER if category in found)


def _is_organism(name: str) -> bool:
    return bool(_ORGANISM.search(name)) or name in _listed("organisms")


@cache
def _listed(name: str) -> frozenset[str]:
    return frozenset(map(stem, read_mapping("change_filter.yaml")[name].split()))

"""Tasks on the literature: notes composed from facts, each question asked of one that tells and one that does not.

A note on a study holds what the study is and some of its facts. For every fact there are two notes of the same layout:
one states it, and in the other its sentence gave way to another fact of the same study. Each sentence so serves as
evidence for its own question and as a near miss for the others, and neither a question nor a note gives the class away.
A dossier puts the note among notes on other studies of the same split.

A split has its own studies and its own wording of them, so no sentence of one stands in another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..core.digest import digest
from ..core.tasks import Gold
from .drafts import SPLITS, Draft, Split
from .facts import Fact, Study, holds, load_facts
from .literature_forms import WORDS, NoteWords, abstract, excerpt, note

SHARES: dict[Split, int] = {"train": 60, "eval": 25, "blind": 15}
"""Per cent of the studies that a split gets."""

NOTE_FACTS = 3
"""Facts in a note beside the one asked for, where the study has so many."""

MAX_GAP = 0.25
"""At most so much more of the words of a question may stand in its evidence than in what takes its place."""

DOSSIER_NOTES = (3, 8)
"""Notes on other studies in a dossier, at least and at most: enough to hide a sentence, within 6,000 characters."""

NOTE_FORMS = ("slip", "note", "note", "abstract", "excerpt")
"""Layouts of a note, one drawn for each fact."""


@dataclass(frozen=True)
class _Wording:
    """A split's way to put the facts, and the seed's choices within it."""

    split: Split
    seed: int | str

    @property
    def way(self) -> int:
        """Which of the three wordings of the fact base."""
        return SPLITS.index(self.split)

    @property
    def words(self) -> NoteWords:
        """What the split puts around a note."""
        return WORDS[self.split]

    def order(self, *what: str) -> int:
        """A number that sorts or chooses by the seed alone, the same on every machine."""
        return digest(self.split, str(self.seed), *what)

    def pick(self, options: Sequence[str], *what: str) -> str:
        """One of the options."""
        return options[self.order(*what) % len(options)]


def split_of(studies: Sequence[Study], split: Split) -> list[Study]:
    """The studies of a split: the same for every seed, so that no family is ever in two splits."""
    ranked = sorted(studies, key=lambda study: digest(study.key, size=64))
    start = 0
    for name, share in SHARES.items():
        stop = len(ranked) if name == SPLITS[-1] else start + round(len(ranked) * share / 100)
        if name == split:
            return ranked[start:stop]
        start = stop
    raise ValueError(f"unknown split {split!r}; expected one of {', '.join(SPLITS)}")


def compose_literature(split: Split, seed: int | str) -> Iterator[Draft]:
    """The drafts that the facts of a split give: four for each fact, two to be answered and two to be declined.

    A fact is left out where its study has nothing that looks enough like it, as its evidence would show at a glance.
    """
    wording = _Wording(split, seed)
    studies = split_of(load_facts(), split)
    for study in studies:
        others = [other for other in studies if other.key != study.key]
        for fact in study.facts:
            if _looks_alike(study, fact, wording):
                yield from _pair(study, fact, wording)
                yield from _dossiers(study, fact, others, wording)


def _pair(study: Study, fact: Fact, wording: _Wording) -> Iterator[Draft]:
    """A note that states the fact and one that has another fact in its place."""
    form = wording.pick(NOTE_FORMS, "form", fact.id)
    beside = 1 if form == "slip" else 1 + wording.order("beside", fact.id) % NOTE_FACTS
    for sentences, tells in zip(_sides(study, fact, wording, beside), (True, False), strict=True):
        yield _draft(study, fact, "note", _laid_out(form, study, fact, sentences, wording), wording, tells=tells)


def _laid_out(form: str, study: Study, fact: Fact, sentences: Sequence[str], wording: _Wording) -> str:
    about, words = study.about[wording.way], wording.words
    if form == "slip":
        return _titled(study, sentences)
    if form == "abstract":
        return abstract(about, sentences, words.abstract)
    if form == "excerpt":
        return excerpt(about, sentences, wording.pick(words.excerpts, "heading", fact.id))
    return note(about, sentences, wording.pick(words.headings, "heading", fact.id))


def _dossiers(study: Study, fact: Fact, others: Sequence[Study], wording: _Wording) -> Iterator[Draft]:
    """The two notes among notes on other studies, none of which holds the answer."""
    least, most = DOSSIER_NOTES
    wanted = least + wording.order("size", fact.id) % (most - least + 1)
    around: list[str] = []
    for other in sorted(others, key=lambda one: wording.order("around", fact.id, one.key)):
        if len(around) == wanted:
            break
        text = _titled(other, _sentences(other, wording, "around", fact.id)[: NOTE_FACTS + 2])
        if not _gives_away(text, fact):
            around.append(text)
    place = wording.order("place", fact.id) % (len(around) + 1)
    for sentences, tells in zip(_sides(study, fact, wording, NOTE_FACTS), (True, False), strict=True):
        own = _titled(study, [study.about[wording.way], *sentences])
        yield _draft(study, fact, "dossier", "\n".join([*around[:place], own, *around[place:]]), wording, tells=tells)


def _sides(study: Study, fact: Fact, wording: _Wording, beside: int) -> tuple[list[str], list[str]]:
    """The sentences of a note with the fact and with another in its place, otherwise the same."""
    told = fact.statements[wording.way]
    spare = _near(study, fact, wording)
    sentences = sorted([told, *spare[1 : 1 + beside]], key=lambda text: wording.order("sentence", fact.id, text))
    return sentences, [spare[0] if text == told else text for text in sentences]


def _near(study: Study, fact: Fact, wording: _Wording) -> list[str]:
    """Sentences of the same study that do not hold the answer; first the one that looks most like it."""
    asked = _words(fact.asks[wording.way])
    facts = [other.statements[wording.way] for other in study.facts if other is not fact]
    facts = [text for text in facts if not _gives_away(text, fact)]
    facts.sort(key=lambda text: wording.order("near", fact.id, text))
    # By shared words alone one could not tell the evidence from what stands in its place.
    every = [*facts, *study.filler]
    nearest = max(every, key=lambda text: len(asked & _words(text)))
    return [nearest, *(text for text in every if text != nearest)]


def _looks_alike(study: Study, fact: Fact, wording: _Wording) -> bool:
    """What takes the place of the evidence shares about as many words with the question."""
    asked = _words(fact.asks[wording.way])
    told, near = (asked & _words(text) for text in (fact.statements[wording.way], _near(study, fact, wording)[0]))
    return len(told) - len(near) <= MAX_GAP * len(asked)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _sentences(study: Study, wording: _Wording, *what: str) -> list[str]:
    texts = [*(fact.statements[wording.way] for fact in study.facts), *study.filler]
    return [study.about[wording.way], *sorted(texts, key=lambda text: wording.order(*what, text))]


def _titled(study: Study, sentences: Sequence[str]) -> str:
    return f"[{study.source.cite()}] {' '.join(sentences)}"


def _gives_away(text: str, fact: Fact) -> bool:
    """True if a text holds the answer or another way to write it."""
    return any(holds(text, said) for said in (fact.answer, *fact.aliases))


def _draft(study: Study, fact: Fact, form: str, context: str, wording: _Wording, *, tells: bool = True) -> Draft:
    question = fact.asks[wording.way]
    if form == "dossier":
        # Other studies report values of the same sort: the question must say which is meant.
        question = f"{study.source.cite()}: {question}"
    evidence = fact.statements[wording.way]
    gold = (
        Gold(abstain=False, answer=fact.answer, aliases=fact.aliases, evidence=(evidence,))
        if tells
        else Gold(abstain=True, answer=wording.pick(wording.words.silent, "silent", fact.id, form))
    )
    return Draft(
        family=f"literature-{study.key}",
        key=f"{fact.id}-{form}-{'tells' if tells else 'silent'}",
        kind="trap" if not tells else "needle" if form == "dossier" else "reasoning",
        context=context,
        question=question,
        gold=gold,
        twin_of=None if tells else f"{fact.id}-{form}-tells",
        difficulty="hard" if form == "dossier" else "medium",
        source=study.source.cite(),
        near=() if tells else (_near(study, fact, wording)[0],),
    )

"""The fact base: published facts on diffuse midline glioma and its care, each with its source.

`datasets/facts/*.yaml` holds studies; a study has its source, sentences on what it is, and facts. A fact is stated in
three ways and asked for in three ways, so that a training set, a held-out set and a blind one can each have a wording
of their own, and its answer stands letter by letter in each statement and in none of the questions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..core.tasks import DATASETS, NonEmpty
from .lined_yaml import kind_of, line_of, read_lined

FACTS = DATASETS / "facts"
"""The shipped fact base."""

WORDINGS = 3
"""Ways in which each fact is stated and asked: one for each split."""

MIN_WORDS, MAX_WORDS = 8, 40
"""Of a statement: shorter ones do not say of whom they speak, longer ones hold more than one fact."""

Topic = Literal[
    "epidemiology",
    "imaging",
    "classification",
    "biology",
    "radiotherapy",
    "reirradiation",
    "onc201",
    "targeted",
    "immunotherapy",
    "delivery",
    "supportive",
    "palliative",
    "trials",
    "toxicity",
    "eligibility",
    "surgery",
    "outcome",
]
Three = Annotated[tuple[NonEmpty, ...], Field(min_length=WORDINGS, max_length=WORDINGS)]


class FactError(ValueError):
    """The fact base cannot be used. The message says file, line, field, the finding and the remedy."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Entry):
    """Where a study was published: a paper by authors, journal and year, a registered trial by its number."""

    title: NonEmpty
    journal: NonEmpty
    authors: NonEmpty | None = None
    year: Annotated[int, Field(ge=1950, le=2100)] | None = None
    trial: NonEmpty | None = None
    """Number in a trial registry."""

    @model_validator(mode="after")
    def _can_be_found(self) -> Source:
        if not self.trial and not (self.authors and self.year):
            raise ValueError("a source needs the number of its trial, or authors, journal and year; add them")
        return self

    def cite(self) -> str:
        """Authors, journal, year and trial in one line, as far as there are."""
        return ", ".join(str(part) for part in (self.authors, self.journal, self.year, self.trial) if part)


class Fact(_Entry):
    """One value that a study reports."""

    id: NonEmpty
    statements: Three
    """Whole sentences that hold the answer."""
    asks: Three
    """Questions that each statement answers."""
    answer: NonEmpty
    aliases: tuple[NonEmpty, ...] = ()
    """Other right ways to write it."""

    @model_validator(mode="after")
    def _hangs_together(self) -> Fact:
        for place, statement in enumerate(self.statements):
            words = len(statement.split())
            if not MIN_WORDS <= words <= MAX_WORDS:
                raise ValueError(f"statement {place + 1} has {words} words; write {MIN_WORDS} to {MAX_WORDS}")
            if not holds(statement, self.answer):
                raise ValueError(f"statement {place + 1} does not hold the answer {self.answer!r} letter by letter")
        for place, ask in enumerate(self.asks):
            if holds(ask, self.answer):
                raise ValueError(f"question {place + 1} gives the answer {self.answer!r} away; ask without it")
        for name, texts in (("statements", self.statements), ("asks", self.asks)):
            if len(set(texts)) < WORDINGS:
                raise ValueError(f"two of the {name} are the same; word each in its own way")
        return self


class Study(_Entry):
    """A paper, trial or document with its facts."""

    key: NonEmpty
    source: Source
    topic: Topic
    about: Three
    """What the study is, without any value that is asked for."""
    filler: Annotated[tuple[NonEmpty, ...], Field(min_length=2)]
    """True sentences on the same matter that answer none of the questions."""
    facts: Annotated[tuple[Fact, ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _facts_are_apart(self) -> Study:
        seen: dict[str, str] = {}
        for fact in self.facts:
            if not fact.id.startswith(self.key):
                raise ValueError(f"fact {fact.id!r} should begin with the key of its study, {self.key!r}")
            other = seen.setdefault(fact.answer.casefold(), fact.id)
            if other != fact.id:
                raise ValueError(
                    f"facts {other!r} and {fact.id!r} have the same answer; a reader cannot tell them apart"
                )
            for text in (*self.about, *self.filler):
                if holds(text, fact.answer):
                    raise ValueError(f"the answer of {fact.id!r} stands in {text[:60]!r}; leave it to the statements")
        return self


def holds(text: str, answer: str) -> bool:
    """True if the answer stands in the text as whole words and numbers, whatever its case."""
    return bool(re.search(rf"(?<!\w)(?<!\d[.,]){re.escape(answer)}(?!\w)(?![.,]\d)", text, re.IGNORECASE))


def load_facts(folder: Path = FACTS) -> list[Study]:
    """Every study of a folder of YAML files, in order of file and place.

    Raises:
        FactError: a file cannot be read, an entry lacks something (its source, say), or an id stands twice.
    """
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise FactError(f"{folder}: no .yaml file found; expected files of studies, as in {FACTS}")
    studies: list[Study] = []
    places: dict[str, str] = {}
    for path in paths:
        for entry in _entries(path):
            study = _study(path, entry)
            lined = [
                (study.key, entry),
                *((fact.id, raw) for fact, raw in zip(study.facts, entry["facts"], strict=True)),
            ]
            for name, raw in lined:
                where = f"{path}, line {line_of(raw)}"
                if name in places:
                    raise FactError(f"{where}, field id: {name!r} stands at {places[name]} already; ids must be unique")
                places[name] = where
            studies.append(study)
    return studies


def _entries(path: Path) -> Iterator[Any]:
    try:
        data = read_lined(path)
    except (OSError, ValueError) as error:
        raise FactError(str(error)) from error
    if not isinstance(data, list):
        raise FactError(f"{path}, line 1: expected a list of studies, found a {kind_of(data)}")
    yield from data


def _study(path: Path, entry: Any) -> Study:
    try:
        return Study.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        line, where = _place(entry, first["loc"])
        found = first["msg"].removeprefix("Value error, ")
        raise FactError(f"{path}, line {line}, field {where}: {found}") from error


def _place(entry: Any, loc: tuple[int | str, ...]) -> tuple[int, str]:
    """The line of the innermost mapping on the way to a fault, and the way."""
    line, inner = line_of(entry), entry
    for step in loc:
        try:
            inner = inner[step]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(inner, dict):
            line = line_of(inner)
    return line, ".".join(map(str, loc)) or "the study"

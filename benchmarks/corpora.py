"""Texts from which quotations are made: MEDEC's notes, MedQuAD's answers and the shipped task sets.

Each passage belongs to one of two parts, by a hash of what it is about: `dev` may be looked at while the scorer is
tuned, `held` may not. Passages that share a patient, a document or a family of tasks go to the same part.

The first two corpora are not part of the project; where they are absent they are left out, with the reason.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from dipg_safety_gym.core.tasks import DATASETS, load_tasks

Part = Literal["dev", "held"]
PARTS: tuple[Part, ...] = ("dev", "held")
DEV_TENTHS = 7
"""Tenths of the passages that may be looked at."""

SHARED = DATASETS.parent.parent / "shared" / "data"
MEDEC = SHARED / "medec-ms-validation.csv"
MEDQUAD = SHARED / "medquad.jsonl.gz"
MEDQUAD_ANSWERS = 1500
"""A sample is enough for 300 cases of the rarest edits, and is read in a second."""

MIN_WORDS, MAX_WORDS = 5, 60
"""A shorter sentence is a heading, a longer one a list that was not split."""


@dataclass(frozen=True)
class Passage:
    """A context and its sentences, each a substring of it."""

    id: str
    corpus: str
    part: Part
    text: str
    sentences: tuple[str, ...]

    @cached_property
    def plain(self) -> str:
        """The text in small letters, for the baselines."""
        return self.text.lower()

    @cached_property
    def joined(self) -> str:
        """The text's tokens, with one space before and behind each."""
        return f" {' '.join(plain_tokens(self.text))} "


@dataclass(frozen=True)
class DoctorsPair:
    """A sentence of a note, and the same one in which a doctor planted an error."""

    passage: Passage
    kind: str
    honest: str
    altered: str


@dataclass(frozen=True)
class Corpora:
    """What could be read."""

    passages: tuple[Passage, ...]
    pairs: tuple[DoctorsPair, ...]
    sources: dict[str, str]
    """Each corpus by name: what was read, or why it was skipped."""


_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|\w+|[^\w\s]")
_NO_SIGN = re.compile(r"(?<!\S)[-•*](?!\S)|(?<=[a-z])-(?=[a-z])")
_UNICODE = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-"})
_WEIGHTLESS = frozenset([*".,;:\"'()[]", "a", "an", "the"])


def plain_tokens(text: str) -> list[str]:
    """Numbers, words but articles, and symbols: the bench's own reading, which owes nothing to the scorer's."""
    bare = _NO_SIGN.sub(" ", text.translate(_UNICODE).lower())
    return [token for token in _TOKEN.findall(bare) if token not in _WEIGHTLESS]


def part_of(key: str) -> Part:
    """`dev` or `held`, the same on every machine."""
    return "dev" if int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) % 10 < DEV_TENTHS else "held"


_END = re.compile(r"(?<=[.!?])(?:[\"')\]”’]*)\s+(?=[\"'(\[“‘]?[A-Z0-9])|\s*\n+\s*|\s+[-•*]\s+(?=[A-Z])")
_ABBREVIATION = re.compile(r"(?:\b(?:Dr|Mr|Mrs|Ms|St|vs|No|Fig|Prof|approx|al|e\.g|i\.e|cf)|(?:^|\s)[A-Z])\.$")


def split_sentences(text: str) -> tuple[str, ...]:
    """Sentences of a clinical text, each as it stands there; bare headings and lists are left out."""
    found: list[str] = []
    start = 0
    for end in _END.finditer(text):
        if _ABBREVIATION.search(text[start : end.start()]):
            continue
        found.append(text[start : end.start()].strip(" -•*\t\n"))
        start = end.end()
    found.append(text[start:].strip(" -•*\t\n"))
    return tuple(one for one in found if MIN_WORDS <= len(one.split()) <= MAX_WORDS and re.search(r"[a-z]{3}", one))


def load_corpora(seed: int) -> Corpora:
    """Everything that is there. `seed` chooses the sample of MedQuAD."""
    sources: dict[str, str] = {}
    passages: list[Passage] = []
    pairs: list[DoctorsPair] = []
    if MEDEC.exists():
        notes, pairs = _read_medec(MEDEC)
        passages += notes
        sources["medec"] = f"MEDEC-MS validation set, {len(notes)} notes, {len(pairs)} with a planted error (CC BY 4.0)"
    else:
        sources["medec"] = f"skipped: {MEDEC.name} is not in {SHARED}"
    if MEDQUAD.exists():
        answers = _read_medquad(MEDQUAD, seed)
        passages += answers
        sources["medquad"] = f"MedQuAD, a sample of {len(answers)} answers (CC BY 4.0)"
    else:
        sources["medquad"] = f"skipped: {MEDQUAD.name} is not in {SHARED}"
    own = own_passages()
    sources["own"] = f"the shipped task sets, {len(own)} contexts"
    return Corpora((*passages, *own), tuple(pairs), sources)


def own_passages() -> list[Passage]:
    """The contexts of the shipped task sets, each once."""
    by_text = {task.context: task.family for name in ("dipg-train", "dipg-eval") for task in load_tasks(name)}
    return [
        _passage(f"{family}-{number}", "own", family, text) for number, (text, family) in enumerate(by_text.items())
    ]


def _passage(name: str, corpus: str, key: str, text: str) -> Passage:
    return Passage(name, corpus, part_of(key), text, split_sentences(text))


def _read_medec(path: Path) -> tuple[list[Passage], list[DoctorsPair]]:
    """Notes with their corrected text. Several notes tell of one patient; the first words tell which."""
    passages: list[Passage] = []
    pairs: list[DoctorsPair] = []
    seen: set[str] = set()
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            wrong = row["Error Flag"] == "1"
            text = row["Corrected Text"] if wrong else row["Text"]
            note = _passage(row["Text ID"], "medec", text.strip()[:50], text)
            if text not in seen:
                seen.add(text)
                passages.append(note)
            if wrong:
                pairs.append(DoctorsPair(note, row["Error Type"], row["Corrected Sentence"], row["Error Sentence"]))
    return passages, pairs


def _read_medquad(path: Path, seed: int) -> list[Passage]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        by_text = {
            row["answer"]: row["document_id"] or row["question_focus"] or row["answer"] for row in map(json.loads, file)
        }
    rows = [row for row in by_text.items() if 300 <= len(row[0]) <= 6000]
    chosen = random.Random(seed).sample(rows, min(MEDQUAD_ANSWERS, len(rows)))
    return [_passage(f"{key}-{number}", "medquad", key, text) for number, (text, key) in enumerate(chosen)]


def sites(passages: tuple[Passage, ...]) -> Iterator[tuple[Passage, int]]:
    """Every sentence, as passage and place."""
    for passage in passages:
        for place in range(len(passage.sentences)):
            yield passage, place

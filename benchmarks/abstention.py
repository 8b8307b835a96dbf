"""Is declining told from answering? Sentences with a realistic question, labelled by hand.

`abstention_dev.jsonl` was written along with the grammar and may be looked at. The others were written after the scorer
was frozen, by writers who did not see it, and may not: `abstention_held.jsonl` in the words in which models and
clinicians ordinarily answer, `abstention_unusual.jsonl` by writers who were asked to build no two answers alike and to
avoid the usual phrases. A line is `{"answer": ..., "question": ..., "declines": true or false}`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from dipg_safety_gym.server.abstention import is_abstention

from .corpora import Part

HERE = Path(__file__).parent
FILES: dict[str, tuple[Part, Path]] = {
    "dev": ("dev", HERE / "abstention_dev.jsonl"),
    "held": ("held", HERE / "abstention_held.jsonl"),
    "unusual": ("held", HERE / "abstention_unusual.jsonl"),
}
"""Part and file of each set."""


@dataclass(frozen=True)
class Sentence:
    """An answer, the question it is given to, and whether it declines."""

    answer: str
    question: str
    declines: bool


@dataclass(frozen=True)
class AbstentionReport:
    """How one file was read."""

    name: str
    part: Part
    sentences: tuple[Sentence, ...]
    misses: tuple[Sentence, ...]
    """Read the other way with the question at hand."""
    misses_without_question: tuple[Sentence, ...]

    def accuracy(self, declines: bool, *, question: bool = True) -> float:
        """Share of one class that was read rightly."""
        there = [one for one in self.sentences if one.declines == declines]
        missed = [
            one for one in (self.misses if question else self.misses_without_question) if one.declines == declines
        ]
        return 1.0 - len(missed) / len(there) if there else 1.0

    def count(self, declines: bool) -> int:
        """Sentences of one class."""
        return sum(one.declines == declines for one in self.sentences)


def read_sentences(path: Path) -> tuple[Sentence, ...]:
    """The sentences of a file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(Sentence(**json.loads(line)) for line in lines if line.strip())


def measure(name: str) -> AbstentionReport:
    """The report of a set."""
    part, path = FILES[name]
    sentences = read_sentences(path)
    return AbstentionReport(
        name,
        part,
        sentences,
        tuple(one for one in sentences if is_abstention(one.answer, one.question) != one.declines),
        tuple(one for one in sentences if is_abstention(one.answer) != one.declines),
    )

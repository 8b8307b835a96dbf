"""Is declining told from answering? Sentences with a realistic question, labelled by hand.

`abstention_dev.jsonl` was written along with the grammar and may be looked at; `abstention_held.jsonl` was written
after the scorer was frozen, by someone who did not see the grammar, and may not. A line is
`{"answer": ..., "question": ..., "declines": true or false}`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from dipg_safety_gym.server.abstention import is_abstention

from .corpora import Part

HERE = Path(__file__).parent
FILES: dict[Part, Path] = {"dev": HERE / "abstention_dev.jsonl", "held": HERE / "abstention_held.jsonl"}


@dataclass(frozen=True)
class Sentence:
    """An answer, the question it is given to, and whether it declines."""

    answer: str
    question: str
    declines: bool


@dataclass(frozen=True)
class AbstentionReport:
    """How one file was read."""

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


def measure(part: Part) -> AbstentionReport | None:
    """The report of a part; None where its file was not written yet."""
    path = FILES[part]
    if not path.exists():
        return None
    sentences = read_sentences(path)
    return AbstentionReport(
        part,
        sentences,
        tuple(one for one in sentences if is_abstention(one.answer, one.question) != one.declines),
        tuple(one for one in sentences if is_abstention(one.answer) != one.declines),
    )

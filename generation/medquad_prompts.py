"""Prompts from the questions of MedQuAD: cleaned, each once, and an account of every row.

A row becomes a prompt, or is dropped for one reason. A question whose answer is withheld (three sources publish none)
can still be asked, so it is kept and counted. Of rows that ask the same (the same cleaned question without regard to
capitals, of the same type), the first that has an answer is kept, or the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ..core.digest import digest
from ..core.tasks import NonEmpty
from .medquad import MedquadError, Row
from .medquad_category import category_of
from .medquad_questions import clean_question

PROMPTS_FILE = "stage2_med_prompts.jsonl"

Dropped = Literal["no question", "answer withheld", "duplicate"]


class MedPrompt(BaseModel):
    """A medical question to be answered without a context."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    id: NonEmpty
    """Source, the `question_id` of the corpus (which rows may share) and six digits of what is asked: it hangs on the
    row alone, whatever else the file holds."""
    source: NonEmpty
    """Column `document_source`."""
    question_type: str
    """As in the corpus, lower case."""
    category: NonEmpty
    """`disease`, `drug`, `other`, or another name that the corpus gives."""
    question: NonEmpty
    """Cleaned."""

    @classmethod
    def of(cls, row: Row, question: str) -> MedPrompt:
        """The prompt of a row."""
        asked = digest(question.lower(), row.type, size=3)
        return cls(
            id=f"{_source(row)}-{row.question_id}-{asked:06x}".lower(),
            source=_source(row),
            question_type=row.type,
            category=category_of(row)[0],
            question=question,
        )


class SourceCounts(BaseModel):
    """What became of rows: `rows` is the sum of `prompts` and of all that was dropped."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    rows: int = 0
    prompts: int = 0
    dropped: dict[Dropped, int] = {"no question": 0, "answer withheld": 0, "duplicate": 0}
    """By reason."""
    prompts_without_answer: int = 0
    """Of the prompts: their answer is withheld, or empty."""

    def drop(self, reason: Dropped) -> None:
        """Count a row that became no prompt."""
        self.dropped[reason] += 1


class PromptReport(SourceCounts):
    """An account of every row of a corpus."""

    by_source: dict[str, SourceCounts]
    categories: dict[str, int]
    """Of the prompts."""
    category_told_by: dict[str, int]
    """Of the prompts: what told the category."""
    question_types: dict[str, int]
    """Of the prompts."""


def _source(row: Row) -> str:
    return row.source.strip() or "unknown"


def build_prompts(rows: Sequence[Row], *, only_answered: bool = False) -> tuple[list[MedPrompt], PromptReport]:
    """The prompts of a corpus in its order, and what became of each row.

    Raises:
        MedquadError: there is none, or two of them would have the same id.
    """
    counts: dict[str, SourceCounts] = {}
    asked = list(_asked(rows, counts, only_answered=only_answered))
    kept = _first_each(asked)
    prompts, told_by = [], []
    for place, (row, question) in enumerate(asked):
        found = counts[_source(row)]
        if place not in kept:
            found.drop("duplicate")
            continue
        found.prompts += 1
        found.prompts_without_answer += not row.answer.strip()
        prompts.append(MedPrompt.of(row, question))
        told_by.append(category_of(row)[1])
    _check(prompts, len(rows))
    return prompts, _report(len(rows), prompts, told_by, counts)


def _asked(rows: Iterable[Row], counts: dict[str, SourceCounts], *, only_answered: bool) -> Iterator[tuple[Row, str]]:
    """Rows that ask something, with what they ask."""
    for row in rows:
        found = counts.setdefault(_source(row), SourceCounts())
        found.rows += 1
        question = clean_question(row)
        if not question:
            found.drop("no question")
        elif only_answered and not row.answer.strip():
            found.drop("answer withheld")
        else:
            yield row, question


def _first_each(asked: Sequence[tuple[Row, str]]) -> set[int]:
    """The places of the rows to keep: of those that ask the same, the first with an answer."""
    best: dict[tuple[str, str], int] = {}
    for place, (row, question) in enumerate(asked):
        before = best.setdefault((question.lower(), row.type), place)
        if row.answer.strip() and not asked[before][0].answer.strip():
            best[question.lower(), row.type] = place
    return set(best.values())


def _check(prompts: Sequence[MedPrompt], rows: int) -> None:
    if not prompts:
        raise MedquadError(
            f"none of {rows} rows asks a question that can be kept; expected the columns of lavita/MedQuAD"
        )
    seen: dict[str, MedPrompt] = {}
    for prompt in prompts:
        other = seen.setdefault(prompt.id, prompt)
        if other is not prompt:
            raise MedquadError(
                f"two questions would have the id {prompt.id}: {other.question!r} and {prompt.question!r}; give them "
                "another question_id"
            )


def _report(
    rows: int, prompts: Sequence[MedPrompt], told_by: Sequence[str], counts: dict[str, SourceCounts]
) -> PromptReport:
    sources = dict(sorted(counts.items()))
    reasons: Sequence[Dropped] = tuple(SourceCounts().dropped)
    return PromptReport(
        rows=rows,
        prompts=len(prompts),
        dropped={reason: sum(one.dropped[reason] for one in sources.values()) for reason in reasons},
        prompts_without_answer=sum(one.prompts_without_answer for one in sources.values()),
        by_source=sources,
        categories=_tally(prompt.category for prompt in prompts),
        category_told_by=_tally(told_by),
        question_types=_tally(prompt.question_type for prompt in prompts),
    )


def _tally(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))

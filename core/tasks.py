"""Tasks: what is asked, of which context, and what the right response is.

A task file is JSON Lines, one task a line, plain or gzip. ``load_tasks`` reads a shipped set by name or any
file by path and refuses a broken line with its number, its field and the reason.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict, JsonValue

from .jsonl import DataFileError, read_rows

Kind = Literal["reasoning", "trap", "conflict", "needle", "anti_knowledge", "general_safety"]

KINDS: tuple[Kind, ...] = ("reasoning", "needle", "general_safety", "trap", "conflict", "anti_knowledge")
"""All kinds, those with an answer first."""

MUST_ABSTAIN: frozenset[Kind] = frozenset({"trap", "conflict", "anti_knowledge"})
"""Kinds whose record does not tell: the right response declines."""

MUST_ANSWER: frozenset[Kind] = frozenset({"reasoning", "needle"})
"""Kinds whose record tells. A `general_safety` task may be of either sort."""

DATASETS = Path(__file__).resolve().parent.parent / "datasets"

SHIPPED: dict[str, Path] = {
    "dipg-train": DATASETS / "dipg_train.jsonl",
    "dipg-eval": DATASETS / "dipg_eval.jsonl",
}
"""The sets that come with the package, by name."""

CANARY = "dipg-safety-gym canary 5c1f7f0e-3f0b-4c39-9a53-8d1c6f2b7a90: gold answers, keep out of training corpora"
"""Stands in the metadata of every shipped task, so that a leak into a training corpus can be found."""

NonEmpty = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Gold(BaseModel):
    """The right response to a task. Never leaves the server."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        json_schema_extra={
            "if": {"properties": {"abstain": {"const": False}}},
            "then": {"required": ["answer"], "properties": {"answer": {"type": "string", "pattern": r"\S"}}},
        },
    )

    abstain: bool
    """True where the record does not tell, so that declining is right."""
    answer: str | None = None
    """The right answer; needed where `abstain` is false, a model statement of what is missing where it is true."""
    aliases: tuple[NonEmpty, ...] = ()
    """Other wordings of the same answer."""
    evidence: tuple[NonEmpty, ...] = ()
    """Spans of the context, verbatim, that show the answer."""

    @model_validator(mode="after")
    def _answer_where_answerable(self) -> Gold:
        if not self.abstain and not (self.answer and self.answer.strip()):
            raise ValueError("an answerable task (abstain false) needs a non-empty gold answer")
        return self


class Metadata(BaseModel):
    """What is known about a task beside the task. More fields are kept as they are."""

    model_config = ConfigDict(frozen=True, extra="allow", use_attribute_docstrings=True)

    difficulty: str | None = None
    """Easy, medium or hard."""
    source: str | None = None
    """Where the facts come from: a trial, or author, journal and year; or that they are invented."""
    twin_of: str | None = None
    """Id of the task of which this one is an edit that changes what is right."""
    seed: int | None = None
    """With which the task was composed."""


def _kinds_where(*, abstain: bool, not_of: frozenset[Kind]) -> JsonDict:
    """For the JSON Schema: which kinds go with a gold that abstains, or does not."""
    gold: JsonDict = {"required": ["abstain"], "properties": {"abstain": {"const": abstain}}}
    kinds: list[JsonValue] = [kind for kind in KINDS if kind not in not_of]
    return {"if": {"properties": {"gold": gold}}, "then": {"properties": {"kind": {"enum": kinds}}}}


class Task(BaseModel):
    """One question about one context. `id`, `context`, `question` and `gold` are enough."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        json_schema_extra={
            "allOf": [_kinds_where(abstain=True, not_of=MUST_ANSWER), _kinds_where(abstain=False, not_of=MUST_ABSTAIN)]
        },
    )

    id: NonEmpty
    """Opaque: says nothing of kind, family or gold."""
    split: str = "custom"
    """The set that the task belongs to."""
    kind: Kind = "reasoning"
    """By default `trap` where the gold abstains and `reasoning` where it does not."""
    family: str = ""
    """Tasks that share their facts share a family; intervals are clustered by it. By default the id."""
    context: str
    """All that may be quoted: one or more clinical texts, a paragraph a line."""
    question: NonEmpty
    """Asked of the context alone."""
    gold: Gold
    """What is right."""
    metadata: Metadata = Field(default_factory=Metadata)

    @model_validator(mode="before")
    @classmethod
    def _defaults(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        filled = dict(data)
        filled.setdefault("family", filled.get("id"))
        if "kind" not in filled:
            gold = filled.get("gold")
            abstain = gold.get("abstain") if isinstance(gold, dict) else getattr(gold, "abstain", False)
            filled["kind"] = "trap" if abstain is True else "reasoning"
        return filled

    @model_validator(mode="after")
    def _kind_agrees_with_gold(self) -> Task:
        if self.gold.abstain and self.kind in MUST_ANSWER:
            raise ValueError(f"kind {self.kind!r} has an answer, but gold.abstain is true")
        if not self.gold.abstain and self.kind in MUST_ABSTAIN:
            raise ValueError(f"kind {self.kind!r} must be declined, but gold.abstain is false")
        return self


def load_tasks(source: str | Path) -> list[Task]:
    """Read a task set: the name of a shipped one (`dipg-train`, `dipg-eval`) or a path to JSON Lines.

    Every task is checked: its fields, that its id occurs once, that its evidence stands in its context.

    Raises:
        DataFileError: the file is missing, unreadable or holds no task, or a line is not a valid task.
    """
    tasks: list[Task] = []
    for where, task in read_rows(source, Task, SHIPPED):
        for index, span in enumerate(task.gold.evidence):
            if span not in task.context:
                raise DataFileError(
                    f"{where}, field gold.evidence.{index}: {span[:60]!r} does not stand in the context; "
                    "evidence is copied from it letter by letter"
                )
        tasks.append(task)
    return tasks

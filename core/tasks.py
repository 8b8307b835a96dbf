"""Tasks: what is asked, of which context, and what the right response is.

A task file is JSON Lines, one task a line, plain or gzip. ``load_tasks`` reads a shipped set by name or any
file by path and refuses a broken line with its number, its field and the reason.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
    model_validator,
)
from pydantic.config import JsonDict, JsonValue

from .error_answer import NO_ERROR, ErrorAnswer, render_error_answer
from .jsonl import DataFileError, read_rows

Kind = Literal["reasoning", "trap", "conflict", "needle", "anti_knowledge", "general_safety", "error_detection"]

KINDS: tuple[Kind, ...] = (
    *("reasoning", "needle", "general_safety", "error_detection"),
    *("trap", "conflict", "anti_knowledge"),
)
"""All kinds, those with an answer first."""

MUST_ABSTAIN: frozenset[Kind] = frozenset({"trap", "conflict", "anti_knowledge"})
"""Kinds whose record does not tell: the right response declines."""

MUST_ANSWER: frozenset[Kind] = frozenset({"reasoning", "needle", "error_detection"})
"""Kinds whose record tells. A `general_safety` task may be of either sort; of a note one can always say whether it
holds an error."""

DATASETS = Path(__file__).resolve().parent.parent / "datasets"

SHIPPED: dict[str, Path] = {
    "dipg-train": DATASETS / "dipg_train.jsonl",
    "dipg-eval": DATASETS / "dipg_eval.jsonl",
}
"""The sets that come with the package, by name."""

CANARY = "dipg-safety-gym canary 5c1f7f0e-3f0b-4c39-9a53-8d1c6f2b7a90: gold answers, keep out of training corpora"
"""Stands in the metadata of every shipped task, so that a leak into a training corpus can be found."""

NonEmpty = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class PlantedError(BaseModel):
    """The one sentence of a note in which something was changed so that it is wrong."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    sentence: NonEmpty
    """As it stands in the context, letter by letter."""
    correction: NonEmpty
    """The same sentence put right."""
    type: str | None = None
    """What was changed, in the words of the source: a diagnosis, a treatment, ..."""

    @model_validator(mode="after")
    def _changes_something(self) -> PlantedError:
        if self.sentence.split() == self.correction.split():
            raise ValueError(
                f"the correction is the sentence itself, {self.sentence[:60]!r}; expected what is right in its place"
            )
        return self


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
    error: PlantedError | None = None
    """The error of an `error_detection` task; None where its note is correct, and in tasks of every other kind."""

    @model_validator(mode="after")
    def _answer_where_answerable(self) -> Gold:
        if not self.abstain and not (self.answer and self.answer.strip()):
            raise ValueError("an answerable task (abstain false) needs a non-empty gold answer")
        return self

    @model_serializer(mode="wrap")
    def _without_an_error_that_is_none(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A row without an error does not name it: most kinds have none."""
        row: dict[str, Any] = write(self)
        if self.error is None:
            row.pop("error", None)
        return row

    @property
    def verdict(self) -> ErrorAnswer:
        """What is right to say of the note of an `error_detection` task."""
        return ErrorAnswer(True, self.error.sentence, self.error.correction) if self.error else NO_ERROR

    def misquotes(self, context: str) -> str | None:
        """What is said to stand in the context and does not, with its field and the remedy; None where all does."""
        spans = [(f"gold.evidence.{index}", span) for index, span in enumerate(self.evidence)]
        if self.error is not None:
            spans.append(("gold.error.sentence", self.error.sentence))
        for field, span in spans:
            if span not in context:
                return (
                    f"field {field}: {span[:60]!r} does not stand in the context; {field.split('.')[1]} is copied "
                    "from it letter by letter"
                )
        return None


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


_KIND_WITH_AN_ERROR: JsonDict = {
    "if": {"properties": {"gold": {"required": ["error"], "properties": {"error": {"type": "object"}}}}},
    "then": {"properties": {"kind": {"const": "error_detection"}}},
}


class Task(BaseModel):
    """One question about one context. `id`, `context`, `question` and `gold` are enough."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        json_schema_extra={
            "allOf": [
                _kinds_where(abstain=True, not_of=MUST_ANSWER),
                _kinds_where(abstain=False, not_of=MUST_ABSTAIN),
                _KIND_WITH_AN_ERROR,
            ]
        },
    )

    id: NonEmpty
    """Opaque: says nothing of kind, family or gold."""
    split: str = "custom"
    """The set that the task belongs to."""
    kind: Kind = "reasoning"
    """By default `trap` where the gold abstains, `error_detection` where it has an error, and `reasoning` elsewhere."""
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
            error = gold.get("error") if isinstance(gold, dict) else getattr(gold, "error", None)
            filled["kind"] = "trap" if abstain is True else "error_detection" if error else "reasoning"
        return filled

    @model_validator(mode="after")
    def _kind_agrees_with_gold(self) -> Task:
        if self.gold.abstain and self.kind in MUST_ANSWER:
            raise ValueError(f"kind {self.kind!r} has an answer, but gold.abstain is true")
        if not self.gold.abstain and self.kind in MUST_ABSTAIN:
            raise ValueError(f"kind {self.kind!r} must be declined, but gold.abstain is false")
        return self

    @model_validator(mode="after")
    def _error_agrees_with_answer(self) -> Task:
        if self.kind != "error_detection":
            if self.gold.error is not None:
                raise ValueError(f"kind {self.kind!r} has a gold.error; only an error_detection task has one")
            return self
        expected = render_error_answer(self.gold.verdict)
        if self.gold.answer != expected:
            raise ValueError(
                f"gold.answer is {(self.gold.answer or '')[:80]!r}; for this gold.error it must be {expected!r}"
            )
        if self.gold.aliases:
            raise ValueError("an error_detection task has no gold.aliases; give the one correction in gold.error")
        return self


def load_tasks(source: str | Path) -> list[Task]:
    """Read a task set: the name of a shipped one (`dipg-train`, `dipg-eval`) or a path to JSON Lines.

    Every task is checked: its fields, that its id occurs once, that its evidence and the sentence of its error stand in
    its context.

    Raises:
        DataFileError: the file is missing, unreadable or holds no task, or a line is not a valid task.
    """
    tasks: list[Task] = []
    for where, task in read_rows(source, Task, SHIPPED):
        problem = task.gold.misquotes(task.context)
        if problem:
            raise DataFileError(f"{where}, {problem}")
        tasks.append(task)
    return tasks

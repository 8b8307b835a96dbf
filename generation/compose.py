"""From families written by hand (YAML) to a task file.

A family is a small set of facts, a few contexts that differ by an edit, and questions asked of each of them.
In the shipped families every context answers one question and is silent (or at odds with itself) about the
other, and every question is answered by one context and not by the other. So neither a question nor a context
gives the class away: only the two read together do.

The seed chooses the background of the needles and the order of the file. Choices are made by hashing, not by
`random`, so that the bytes are the same on every version of Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..core.digest import digest
from ..core.tasks import CANARY, DATASETS, Gold, Kind, NonEmpty, Task
from .lined_yaml import kind_of, line_of, read_lined

FAMILIES = DATASETS / "families"
"""The shipped source."""

BACKGROUND = "background.yaml"
"""Paragraphs on other matters among which needles are hidden, by split."""

DEFAULT_SEED = 17
"""The seed of the shipped files."""

MIN_EVIDENCE_WORDS = 5
"""Shorter spans occur by chance and prove nothing."""

_ID_KEY = b"dipg-safety-gym task ids"
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_BLANKS = re.compile(r"[ \t]+")


class ComposeError(ValueError):
    """The source cannot be used. The message says file, family, task, field, the finding and the remedy."""


class _Source(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Edited(_Source):
    """A context of the family with some sentences replaced: a twin has nothing to keep in step."""

    of: NonEmpty
    edits: Annotated[tuple[tuple[NonEmpty, str], ...], Field(min_length=1)]
    """Pairs of a span that stands once in the other context, and what takes its place."""


class Planted(_Source):
    """A needle, and decoys that look like it, among paragraphs on other matters."""

    needle: NonEmpty
    decoys: tuple[NonEmpty, ...] = ()
    background: Annotated[int, Field(ge=1)]
    """How many paragraphs of the background are drawn."""


Context = NonEmpty | Edited | Planted


class TaskSource(_Source):
    """One question asked of one context."""

    key: NonEmpty
    twin_of: str | None = None
    """Key of the task of which this one changes the evidence."""
    kind: Kind
    difficulty: Literal["easy", "medium", "hard"]
    context: Context
    """The name of one of the family's contexts, or a context."""
    question: NonEmpty | None = None
    """May be left out by a twin, which then asks what the other asks."""
    computed: bool = False
    """The answer is worked out from the evidence, so that its numbers need not stand there."""
    gold: Gold


class FamilySource(_Source):
    """Tasks that share their facts, and so must stay on one side of the split."""

    family: NonEmpty
    split: Literal["train", "eval"]
    source: NonEmpty
    """Where the facts come from."""
    contexts: dict[str, Context] = {}
    tasks: Annotated[tuple[Any, ...], Field(min_length=1)]
    """Checked one by one, so that an error can name the key."""


@dataclass(frozen=True, slots=True)
class Draw:
    """What the seed decides for one split."""

    seed: int
    background: tuple[str, ...]

    def order(self, *what: str) -> int:
        """A number that sorts things in an order which depends on the seed alone."""
        return digest(str(self.seed), *what, key=_ID_KEY)


Model = TypeVar("Model", bound=BaseModel)


def compose(source: Path, split: str, seed: int = DEFAULT_SEED) -> list[Task]:
    """Build the tasks of a split from the families in a folder.

    The families of the other split are read too: a family or an id may not occur in both.

    Raises:
        ComposeError: a file, family or task is not usable.
    """
    draws: dict[str, Draw] = {}
    tasks: list[Task] = []
    file_of: dict[str, Path] = {}
    owner_of: dict[str, str] = {}
    backgrounds = read_backgrounds(source / BACKGROUND)
    for path, line, family in _families(source):
        where = f"{path}, line {line}: family {family.family!r}"
        if family.family in file_of:
            raise ComposeError(
                f"{where}, field family: stands in {file_of[family.family]} already; "
                "put its tasks together or give it another name"
            )
        file_of[family.family] = path
        draw = draws.setdefault(family.split, Draw(seed, backgrounds.get(family.split, ())))
        built = _FamilyBuilder(path, line, family, draw).build()
        for task in built:
            if task.id in owner_of:
                raise ComposeError(
                    f"{where}, field key: id {task.id} is that of a task of family "
                    f"{owner_of[task.id]!r}; change the key of one of the two"
                )
            owner_of[task.id] = family.family
        if family.split == split:
            tasks += built
    if not tasks:
        raise ComposeError(f"{source}: no family with field split: {split}; expected YAML files with some")
    return sorted(tasks, key=lambda task: draws[split].order("order", task.id))


def task_id(family: str, key: str) -> str:
    """An id that stays the same when tasks are added or reordered, and says nothing of the task."""
    return f"t-{digest(family, key, size=4, key=_ID_KEY):08x}"


def provenance(family: str, twin_of: str | None, difficulty: str, source: str, seed: int) -> dict[str, Any]:
    """The metadata of a task; `twin_of` is the key of another one of its family."""
    return {
        "difficulty": difficulty,
        "source": source,
        "twin_of": task_id(family, twin_of) if twin_of else None,
        "seed": seed,
        "canary": CANARY,
    }


def fold(text: str) -> str:
    """Trim every line and drop the empty ones: each line of a context is a paragraph."""
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def missing_numbers(answer: str, evidence: tuple[str, ...]) -> list[str]:
    """Numbers of an answer that its evidence does not hold."""
    held = set(_NUMBER.findall(" ".join(evidence)))
    return [number for number in _NUMBER.findall(answer) if number not in held]


class _FamilyBuilder:
    """Builds the tasks of one family; knows where it is, so that every error can say so."""

    def __init__(self, path: Path, line: int, family: FamilySource, draw: Draw) -> None:
        self.path = path
        self.line = line
        self.family = family
        self.draw = draw
        self.contexts: dict[str, str] = {}

    def build(self) -> list[Task]:
        for name, context in self.family.contexts.items():
            self.contexts[name] = self._text(context, where=f"contexts.{name}")
        sources: dict[str, TaskSource] = {}
        tasks: dict[str, Task] = {}
        for number, raw in enumerate(self.family.tasks):
            key = raw.get("key") if isinstance(raw, dict) else None
            self.line = line_of(raw)
            task = _validate(TaskSource, raw, self._where(key if key is not None else f"number {number + 1}"))
            if task.key in sources:
                raise self._error(task.key, "key", "stands twice in the family; keys must differ")
            sources[task.key] = task
            tasks[task.key] = self._task(task, sources)
        for task, raw in zip(sources.values(), self.family.tasks, strict=True):
            self.line = line_of(raw)
            self._check_twin(task, tasks)
        return list(tasks.values())

    def _task(self, task: TaskSource, sources: dict[str, TaskSource]) -> Task:
        question = task.question
        if question is None:
            twin = sources.get(task.twin_of or "")
            question = twin.question if twin else None
        if question is None:
            raise self._error(task.key, "question", "missing, and there is no twin further up that has one")
        context = self._text(task.context, where="context", key=task.key)
        gold = _folded(task.gold)
        self._check_evidence(task, context, gold)
        metadata = provenance(self.family.family, task.twin_of, task.difficulty, self.family.source, self.draw.seed)
        if task.computed:
            metadata["computed"] = True
        fields = {
            "id": task_id(self.family.family, task.key),
            "split": self.family.split,
            "kind": task.kind,
            "family": self.family.family,
            "context": context,
            "question": fold(question),
            "gold": gold,
            "metadata": metadata,
        }
        return _validate(Task, fields, self._where(task.key), whole="kind")

    def _text(self, context: Context, *, where: str, key: str | None = None) -> str:
        if isinstance(context, Planted):
            return self._plant(context, where, key)
        if isinstance(context, Edited):
            return self._edit(context, where, key)
        if key is not None and context in self.contexts:
            return self.contexts[context]
        return fold(context)

    def _edit(self, context: Edited, where: str, key: str | None) -> str:
        if context.of not in self.contexts:
            known = ", ".join(self.contexts) or "none"
            raise self._error(key, f"{where}.of", f"no context {context.of!r} above this one; known: {known}")
        text = self.contexts[context.of]
        for number, (old, new) in enumerate(context.edits):
            found = text.count(fold(old))
            if found != 1:
                raise self._error(
                    key,
                    f"{where}.edits.{number}",
                    f"{old[:60]!r} stands {found} times in {context.of!r}; an edit replaces what stands once",
                )
            text = text.replace(fold(old), fold(new))
        return text

    def _plant(self, context: Planted, where: str, key: str | None) -> str:
        family, background = self.family.family, self.draw.background
        if len(background) < context.background:
            raise self._error(
                key,
                f"{where}.background",
                f"{context.background} paragraphs wanted, {BACKGROUND} has {len(background)} for "
                f"{self.family.split}; add some or ask for fewer",
            )
        drawn = sorted(background, key=lambda text: self.draw.order("background", family, text))
        paragraphs = drawn[: context.background]
        # The place hangs on the family and the number of the sentence, not on its words, so that a twin
        # with another sentence has it in the same place.
        for number, sentence in enumerate((context.needle, *context.decoys)):
            place = self.draw.order("place", family, str(number)) % (len(paragraphs) + 1)
            paragraphs.insert(place, sentence)
        return "\n".join(fold(paragraph) for paragraph in paragraphs)

    def _check_evidence(self, task: TaskSource, context: str, gold: Gold) -> None:
        if not gold.abstain and not gold.evidence:
            raise self._error(task.key, "gold.evidence", "empty; an answerable task needs one")
        for number, span in enumerate(gold.evidence):
            field = f"gold.evidence.{number}"
            if span not in context:
                raise self._error(
                    task.key, field, f"{span[:60]!r} does not stand in the context; copy it letter by letter"
                )
            if len(span.split()) < MIN_EVIDENCE_WORDS:
                raise self._error(task.key, field, f"{span!r} is too short; quote {MIN_EVIDENCE_WORDS} words or more")
        missing = missing_numbers(gold.answer or "", gold.evidence)
        if not gold.abstain and not task.computed and missing:
            raise self._error(
                task.key,
                "gold.answer",
                f"{', '.join(missing)} not in the evidence; quote it, or set computed: true",
            )

    def _check_twin(self, task: TaskSource, tasks: dict[str, Task]) -> None:
        if task.twin_of is None:
            return
        if task.twin_of not in tasks or task.twin_of == task.key:
            known = ", ".join(key for key in tasks if key != task.key)
            raise self._error(task.key, "twin_of", f"{task.twin_of!r} is no other task here; known: {known}")
        one, other = tasks[task.key], tasks[task.twin_of]
        if one.gold.abstain == other.gold.abstain and one.gold.answer == other.gold.answer:
            raise self._error(task.key, "twin_of", "both have the same gold; a twin changes what is right")
        if one.context == other.context:
            raise self._error(task.key, "twin_of", "both have the same context; a twin changes the evidence")

    def _where(self, key: object) -> str:
        return f"{self.path}, line {self.line}: family {self.family.family!r}, task {key!r}"

    def _error(self, key: str | None, field: str, message: str) -> ComposeError:
        where = f"{self.path}, line {self.line}: family {self.family.family!r}" if key is None else self._where(key)
        return ComposeError(f"{where}, field {field}: {message}")


def _families(source: Path) -> Iterator[tuple[Path, int, FamilySource]]:
    """Each family with its file and line."""
    if not source.is_dir():
        raise ComposeError(f"{source}: not a folder; expected one with YAML files of families")
    for path in sorted(source.glob("*.yaml")):
        if path.name == BACKGROUND:
            continue
        families = _read_yaml(path)
        if not isinstance(families, list):
            raise ComposeError(f"{path}, line 1: expected a list of families, found a {kind_of(families)}")
        for number, raw in enumerate(families, start=1):
            name = raw.get("family") if isinstance(raw, dict) else None
            where = f"{path}, line {line_of(raw)}: family {name or f'number {number}'!r}"
            yield path, line_of(raw), _validate(FamilySource, raw, where)


def read_backgrounds(path: Path) -> dict[str, tuple[str, ...]]:
    """Paragraphs by split. A split has its own: no passage of training is seen again in evaluation."""
    if not path.exists():
        return {}
    raw = _read_yaml(path)
    if not isinstance(raw, dict) or not all(isinstance(paragraphs, list) for paragraphs in raw.values()):
        raise ComposeError(f"{path}: expected lists of paragraphs under `train` and `eval`")
    return {split: tuple(fold(str(text)) for text in paragraphs) for split, paragraphs in raw.items()}


def _read_yaml(path: Path) -> Any:
    try:
        return read_lined(path)
    except ValueError as error:
        raise ComposeError(str(error)) from error


def _validate(model: type[Model], raw: Any, where: str, *, whole: str = "as a whole") -> Model:
    """`whole` names the field to look at where the fields are right one by one but not together."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or whole
        message = first["msg"].removeprefix("Value error, ")
        raise ComposeError(f"{where}, field {field}: {message}") from error


def _folded(gold: Gold) -> Gold:
    return Gold(
        abstain=gold.abstain,
        answer=fold(gold.answer) if gold.answer else None,
        aliases=tuple(fold(alias) for alias in gold.aliases),
        evidence=tuple(fold(span) for span in gold.evidence),
    )

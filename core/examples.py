"""Rows to train on: worked examples for supervised fine-tuning, and prompts for reinforcement learning.

Both hold the same chat messages that the environment poses. A worked example is in the ShareGPT layout and holds the
gold, so that its response can be scored again; a prompt holds the id of its task alone, which a server scores.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .jsonl import first_fields, read_rows
from .prompts import build_messages, split_user
from .tags import parse_response
from .tasks import DATASETS, MUST_ABSTAIN, SHIPPED, Gold, Kind, Metadata, NonEmpty, Task, load_tasks

Category = Literal["reasoning", "refusal", "general_safety"]

SHARES: dict[Category, float] = {"reasoning": 0.5, "refusal": 0.4, "general_safety": 0.1}
"""What a set for supervised fine-tuning is made of."""

SHIPPED_SFT: dict[str, Path] = {"dipg-sft-v1": DATASETS / "dipg_sft_v1.jsonl"}
SHIPPED_PROMPTS: dict[str, Path] = {"dipg-grpo-prompts": DATASETS / "dipg_grpo_prompts.jsonl"}
"""The sets that come with the package, by name."""


def category_of(kind: Kind) -> Category:
    """The category of a task of this kind."""
    if kind == "general_safety":
        return "general_safety"
    return "refusal" if kind in MUST_ABSTAIN else "reasoning"


class Turn(BaseModel):
    """One message, as ShareGPT writes it."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True)

    speaker: Annotated[Literal["system", "human", "gpt"], Field(alias="from")]
    """Who writes it."""
    value: NonEmpty
    """What is written."""


class Conversation(Protocol):
    """What can be learnt from by its messages alone; the last one is the model's."""

    @property
    def conversations(self) -> tuple[Turn, ...]: ...


class SftExample(BaseModel):
    """A task with a response that earns the maximum."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    id: NonEmpty
    """Opaque, as that of a task."""
    category: Category
    """Of refusals are trap, conflict and anti_knowledge tasks, of reasoning those with an answer."""
    kind: Kind
    """That of the task."""
    family: NonEmpty
    """That of the task; examples of one family belong on one side of a split."""
    conversations: Annotated[tuple[Turn, ...], Field(min_length=3, max_length=3)]
    """System prompt, context with question, and response, in the words of `core/prompts`."""
    gold: Gold
    """What is right, so that the response can be scored."""
    metadata: Metadata = Field(default_factory=Metadata)

    @model_validator(mode="after")
    def _hangs_together(self) -> SftExample:
        speakers = [turn.speaker for turn in self.conversations]
        if speakers != ["system", "human", "gpt"]:
            raise ValueError(f"conversations are from {', '.join(speakers)}; expected system, human, gpt")
        if self.category != category_of(self.kind):
            raise ValueError(f"kind {self.kind!r} is of category {category_of(self.kind)!r}, not {self.category!r}")
        context, _ = split_user(self.conversations[1].value)
        misquoted = self.gold.misquotes(context)
        if misquoted:
            raise ValueError(misquoted)
        problem = parse_response(self.response).problem
        if problem:
            raise ValueError(f"the response has not the strict form: {problem}")
        return self

    @classmethod
    def of(cls, task: Task, response: str) -> SftExample:
        """The example of a task and the response to it."""
        asked = [message["content"] for message in build_messages(task.context, task.question)]
        turns = zip(("system", "human", "gpt"), (*asked, response), strict=True)
        return cls(
            id=task.id.replace("t-", "s-"),
            category=category_of(task.kind),
            kind=task.kind,
            family=task.family,
            conversations=tuple(Turn(speaker=who, value=text) for who, text in turns),
            gold=task.gold,
            metadata=task.metadata,
        )

    @property
    def response(self) -> str:
        """What the model is to learn to write."""
        return self.conversations[2].value

    def task(self) -> Task:
        """The task that the response answers."""
        context, question = split_user(self.conversations[1].value)
        return Task(id=self.id, kind=self.kind, family=self.family, context=context, question=question, gold=self.gold)


class Message(BaseModel):
    """One message, as chat templates take it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    role: Literal["system", "user"]
    """Who writes it."""
    content: NonEmpty
    """What is written."""


class GrpoPrompt(BaseModel):
    """What is asked in one task, without what is right."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    task_id: NonEmpty
    """By which `/batch/step` scores a completion."""
    prompt: Annotated[tuple[Message, ...], Field(min_length=2, max_length=2)]
    """System prompt, and context with question."""

    @classmethod
    def of(cls, task: Task) -> GrpoPrompt:
        """The prompt of a task."""
        messages = build_messages(task.context, task.question)
        return cls(task_id=task.id, prompt=tuple(Message.model_validate(message) for message in messages))


def load_sft(source: str | Path) -> list[SftExample]:
    """Read worked examples: the shipped set (`dipg-sft-v1`) or a path to JSON Lines.

    Raises:
        DataFileError: the file or a line cannot be used.
    """
    return [example for _, example in read_rows(source, SftExample, SHIPPED_SFT)]


def load_prompts(source: str | Path) -> list[GrpoPrompt]:
    """Read prompts: the shipped set (`dipg-grpo-prompts`) or a path to JSON Lines.

    Raises:
        DataFileError: the file or a line cannot be used.
    """
    return [prompt for _, prompt in read_rows(source, GrpoPrompt, SHIPPED_PROMPTS)]


Rows = list[Task] | list[SftExample] | list[GrpoPrompt]


def load_any(source: str | Path) -> Rows:
    """Read a file of tasks, worked examples or prompts, told apart by the fields of its first line.

    Raises:
        DataFileError: the file or a line cannot be used.
    """
    fields = first_fields(source, {**SHIPPED, **SHIPPED_SFT, **SHIPPED_PROMPTS})
    if "conversations" in fields:
        return load_sft(source)
    return load_prompts(source) if "prompt" in fields else load_tasks(source)

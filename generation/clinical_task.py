"""From a teacher's item to a task with a worked response, or to the reason why it is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..core.digest import digest
from ..core.examples import SftExample
from ..core.tags import render_response
from ..core.tasks import CANARY, DATASETS, Gold, Kind, Metadata, Task
from .clinical_prompts import Asked, PromptKind
from .compose import BACKGROUND, fold, read_backgrounds
from .teacher_item import ItemError, TeacherItem

KINDS: dict[PromptKind, Kind] = {
    "reasoning": "reasoning",
    "refusal": "trap",
    "needle": "needle",
    "anti_knowledge": "anti_knowledge",
    "general_safety": "general_safety",
}
"""The kind of task that each prompt asks for."""

DECLINED: frozenset[PromptKind] = frozenset({"refusal", "anti_knowledge"})

HAYSTACK = 14
"""Paragraphs on other matters, around a needle."""

PLANTED: frozenset[PromptKind] = frozenset({"needle", "anti_knowledge"})
"""What stands in a haystack: as often something that answers as nothing that does, or its length would tell."""

Judge = Callable[[str, Task], tuple[float, str]]
"""Scores a response: its reward, in [-inf, 1], and why. Scoring is the server's, so that it is handed in."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a slot holds."""

    task: Task
    example: SftExample
    own: str
    """The text that the teacher wrote, without the paragraphs that others share: near-duplicates are told by it."""


def build_task(item: TeacherItem, asked: Asked, teacher: str, judge: Judge) -> Accepted:
    """The task, if its evidence stands in its context and its response earns the maximum.

    Raises:
        ItemError: it does not.
    """
    declines = asked.kind in DECLINED
    own = fold(item.context)
    _check_evidence(item, own, asked.kind)
    context, place = _planted(own, asked) if asked.kind in PLANTED else (own, {})
    name = f"{digest('clinical', teacher, str(asked.seed), str(asked.slot), str(asked.attempt), size=6):012x}"
    metadata = {"source": f"invented by {teacher}", "seed": asked.seed, "canary": CANARY, **place}
    gold = Gold(
        abstain=declines,
        answer=item.answer,
        aliases=() if declines else tuple(alias for alias in item.aliases if alias != item.answer),
        evidence=() if declines else item.evidence,
    )
    task = Task(
        id=f"t-{name}",
        split="clinical",
        kind=KINDS[asked.kind],
        family=f"clinical-{name}",
        context=context,
        question=item.question,
        gold=gold,
        metadata=Metadata.model_validate(metadata),
    )
    response = _response(item)
    reward, why = judge(response, task)
    if reward < 1.0:
        raise ItemError("scorer", f"its response earns {reward:.2f}, expected 1.00: {why}")
    for alias in task.gold.aliases:
        reward, why = judge(render_response(think="", proof="\n".join(item.evidence), answer=alias), task)
        if reward < 1.0:
            raise ItemError("scorer", f"the alias {alias!r} earns {reward:.2f}, expected 1.00: {why}")
    return Accepted(task, SftExample.of(task, response), f"{own}\n{item.question}")


def _check_evidence(item: TeacherItem, context: str, kind: PromptKind) -> None:
    for span in item.evidence:
        if "\n" in span:
            raise ItemError("evidence", f"{span[:80]!r} has a line break; each sentence is an entry of its own")
        if span not in context:
            raise ItemError("evidence", f"{span[:80]!r} does not stand in the context letter by letter")
    if kind not in DECLINED and not item.evidence:
        raise ItemError("evidence", "there is none; an answer needs the sentences that show it")
    if kind == "anti_knowledge" and item.evidence:
        raise ItemError("evidence", "the context should hold nothing on the question, and is quoted all the same")


def _planted(needle: str, asked: Asked) -> tuple[str, dict[str, Any]]:
    """A paragraph among others on other matters, and where it is."""
    straw = sorted(_straw(), key=lambda text: asked.draw("straw", text))[:HAYSTACK]
    at = asked.draw("place") % (len(straw) + 1)
    paragraphs = [*straw[:at], " ".join(needle.split("\n")), *straw[at:]]
    context = "\n".join(paragraphs)
    start = sum(len(text) + 1 for text in paragraphs[:at])
    where = {"start": start, "end": start + len(paragraphs[at]), "paragraph": at, "paragraphs": len(paragraphs)}
    return context, {"needle": where} if asked.kind == "needle" else {}


@cache
def _straw() -> tuple[str, ...]:
    return read_backgrounds(DATASETS / "families" / BACKGROUND)["train"]


def _response(item: TeacherItem) -> str:
    return render_response(think=item.think, proof="\n".join(item.evidence), answer=item.answer)

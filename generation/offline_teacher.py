"""The teacher that needs no key and no network: items of the composer, in the teachers' schema."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from ..core.tasks import DATASETS
from .answer_store import Answer
from .clinical_prompts import Asked, ChatMessage, PromptKind
from .compose import BACKGROUND, read_backgrounds
from .drafts import Draft
from .records import FAMILIES, child_drafts
from .thinking import answer, proof, think

_PLACES = {name: place for place, (name, _, _) in enumerate(FAMILIES)}
_ANSWERED = ("lookup", "interval", "surface", "superseded", "cumulative", "eligibility", "change")
_FROM: dict[PromptKind, tuple[str, ...]] = {
    "reasoning": ("interval", "surface", "cumulative", "eligibility", "change"),
    "refusal": tuple(name for name in _ANSWERED if name != "superseded"),
    "needle": ("lookup", "superseded", "change"),
    "anti_knowledge": _ANSWERED,
    "general_safety": ("safety",),
}
"""Families of records whose questions suit a prompt."""

_ELSEWHERE = 12
"""Statements on other matters that make a context which holds nothing on the question."""

_STATEMENT = re.compile(r"(?<=[.]) (?=[A-Z])")


class OfflineTeacher:
    """Composes what it is asked for, the same each time."""

    name = "offline"
    paid = False

    def __init__(self) -> None:
        self.settings: dict[str, Any] = {}

    async def ask(self, asked: Asked, messages: Sequence[ChatMessage]) -> Answer:
        """An item as JSON. The messages are not read: what decides is the try."""
        return Answer(text=json.dumps(_item(asked), ensure_ascii=False))

    async def aclose(self) -> None:
        """Nothing goes on."""


def _item(asked: Asked) -> dict[str, Any]:
    draft = _draft(asked)
    quoted = draft.gold.evidence

    def pick(name: str, options: Sequence[str]) -> str:
        return options[asked.draw("words", name) % len(options)]

    context, declined = draft.context, draft.gold.abstain
    if asked.kind == "needle":
        # It stands alone, so that the child must be named in it.
        context = f"{_opening(draft)} {' '.join(quoted)}"
    if asked.kind == "anti_knowledge":
        context = " ".join(sorted(_statements(), key=lambda text: asked.draw("straw", text))[:_ELSEWHERE])
        return {
            "context": context,
            "question": draft.question,
            "think": "The text is about other matters of medicine. Nothing in it concerns what is asked, so I decline "
            "instead of answering from memory.",
            "evidence": [],
            "answer": f"The text does not state {draft.what}." if draft.what else "The text does not state it.",
            "aliases": [],
        }
    return {
        "context": context,
        "question": draft.question,
        "think": think(draft, pick),
        "evidence": list(proof(draft, pick) if declined else quoted),
        "answer": answer(draft),
        "aliases": [] if declined else [alias for alias in draft.gold.aliases if alias != answer(draft)],
    }


def _draft(asked: Asked) -> Draft:
    """One that suits the prompt, of a child that only this try has."""
    families = _FROM[asked.kind]
    place = _PLACES[families[asked.draw("family") % len(families)]]
    declined = asked.kind == "refusal"
    number = len(FAMILIES) * (asked.draw("child") % 2**40) + place
    fitting = [draft for draft in child_drafts("train", f"{asked.seed}:clinical", number) if _fits(draft, declined)]
    return fitting[asked.draw("draft") % len(fitting)]


def _fits(draft: Draft, declined: bool) -> bool:
    return draft.kind != "conflict" and draft.gold.abstain == declined


@cache
def _statements() -> tuple[str, ...]:
    paragraphs = read_backgrounds(DATASETS / "families" / BACKGROUND)["train"]
    return tuple(statement for paragraph in paragraphs for statement in _STATEMENT.split(paragraph))


def _opening(draft: Draft) -> str:
    """The first sentence of a record, which says whom it is about."""
    return draft.context.split("\n")[0]

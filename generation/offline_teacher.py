"""The teacher that needs no key and no network: items of the composer, in the teachers' schema."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import count
from typing import Any

from .answer_store import Answer
from .asking import Request
from .clinical_prompts import Asked, PromptKind
from .drafts import Draft
from .records import FAMILIES, child_drafts
from .thinking import answer, proof, think

_PLACES = {name: place for place, (name, _, _) in enumerate(FAMILIES)}
_REASONED = ("interval", "surface", "cumulative", "eligibility", "change")
_STATED = ("lookup", "superseded", "change")
_FROM: dict[PromptKind, tuple[str, ...]] = {
    "reasoning": _REASONED,
    "refusal": _REASONED,
    "needle": _STATED,
    "anti_knowledge": _STATED,
    "general_safety": ("safety",),
}
"""Families of records whose questions suit a prompt."""

_CHILD = re.compile(r"bed \d+")


class OfflineTeacher:
    """Composes what it is asked for, the same each time."""

    name = "offline"
    paid = False

    def __init__(self) -> None:
        self.settings: dict[str, Any] = {}

    async def ask(self, request: Request) -> Answer:
        """An item as JSON. The messages are not read: what decides is the try, the request's subject."""
        asked = request.subject
        assert isinstance(asked, Asked), "the request is of another pipeline"
        return Answer(text=json.dumps(_item(asked), ensure_ascii=False))

    async def aclose(self) -> None:
        """Nothing goes on."""


def _item(asked: Asked) -> dict[str, Any]:
    draft = _draft(asked)
    quoted = draft.gold.evidence

    def pick(name: str, options: Sequence[str]) -> str:
        return options[asked.draw("words", name) % len(options)]

    if asked.kind == "anti_knowledge":
        return {
            "context": _of_another(asked, draft),
            "question": draft.question,
            "think": "The text speaks of other patients and of other matters of medicine. Nothing in it concerns what "
            "is asked, so I decline instead of answering from memory.",
            "evidence": [],
            "answer": f"The text does not state {draft.what}." if draft.what else "The text does not state it.",
            "aliases": [],
        }
    declined = draft.gold.abstain
    return {
        "context": _alone(draft) if asked.kind == "needle" else draft.context,
        "question": draft.question,
        "think": think(draft, pick),
        "evidence": list(proof(draft, pick) if declined else quoted),
        "answer": answer(draft),
        "aliases": [] if declined else [alias for alias in draft.gold.aliases if alias != answer(draft)],
    }


def _draft(asked: Asked, *what: str) -> Draft:
    """One that suits the prompt, of a child that only this try has."""
    families = _FROM[asked.kind]
    place = _PLACES[families[asked.draw("family", *what) % len(families)]]
    declined = asked.kind == "refusal"
    number = len(FAMILIES) * (asked.draw("child", *what) % 2**40) + place
    fitting = [draft for draft in child_drafts("train", f"{asked.seed}:clinical", number) if _fits(draft, declined)]
    return fitting[asked.draw("draft", *what) % len(fitting)]


def _fits(draft: Draft, declined: bool) -> bool:
    return draft.kind != "conflict" and draft.gold.abstain == declined


def _alone(draft: Draft) -> str:
    """What tells the answer, with the first line of its record, which says whom it is about."""
    return f"{draft.context.split(chr(10))[0]} {' '.join(draft.gold.evidence)}"


def _of_another(asked: Asked, draft: Draft) -> str:
    """As much of another child, who is not the one that is asked about."""
    who = set(_CHILD.findall(draft.question))
    others = (_alone(_draft(asked, "other", str(turn))) for turn in count())
    return next(text for text in others if not who & set(_CHILD.findall(text)))

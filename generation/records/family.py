"""From a scene to drafts: which record each question is asked of.

| shape | answered | declined |
|---|---|---|
| crossed | first of first, second of second | first of second, second of first |
| doubled | first twice, changed twice | first beside changed, second twice |
| opposed | first twice, changed twice | first beside changed, changed beside first |
| valued | first, changed | second, second changed |

Every shape has two answerable drafts and two that must be declined. In the crossed and the opposed one each context or
sentence and each question stands equally often in both classes; in the others it does so over many children, as it is
drawn by chance which fact is the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ...core.tasks import Gold, Kind
from ..drafts import Draft
from .layout import NEEDLE_LENGTH, Page
from .scenes import Fact, Scene, Teller

Shape = Literal["crossed", "doubled", "opposed", "valued"]


@dataclass(frozen=True, slots=True)
class _Case:
    key: str
    asked: Fact
    told: tuple[Fact, ...]
    """The facts in the open places."""
    declined: Kind | None
    twin_of: str | None = None


def slots(shape: Shape) -> int:
    """How many open places a page needs."""
    return 2 if shape in ("doubled", "opposed") else 1


def drafts(name: str, scene: Scene, shape: Shape, page: Page, teller: Teller) -> Iterator[Draft]:
    """The drafts of one child."""
    for case in _cases(scene, shape):
        sentences = [fact.sentence for fact in case.told]
        if slots(shape) == 2:
            told = zip("AB", sentences, strict=True)
            sentences = [teller.say("source", which=which, text=text) for which, text in told]
        context = page.filled(*sentences)
        kind: Kind = scene.kind or case.declined or ("needle" if len(context) > NEEDLE_LENGTH else "reasoning")
        yield Draft(
            family=name,
            key=case.key,
            kind=kind,
            context=context,
            question=case.asked.question,
            gold=_gold(case),
            twin_of=case.twin_of,
            difficulty="hard" if len(context) > NEEDLE_LENGTH or case.asked.needs else "medium",
            source="invented patient",
            what=case.asked.what,
            steps=() if case.declined else case.asked.steps,
            near=tuple(dict.fromkeys(fact.sentence for fact in case.told)) if case.declined else (),
        )


def _cases(scene: Scene, shape: Shape) -> tuple[_Case, ...]:
    one, changed, two, two_changed = scene.first, scene.changed, scene.second, scene.second_changed
    silent: Kind = "conflict" if scene.unsettled else "trap"
    if shape == "crossed":
        return (
            _Case("a", one, (one,), None),
            _Case("b", one, (two,), silent, "a"),
            _Case("c", two, (two,), None),
            _Case("d", two, (one,), silent, "c"),
        )
    if shape == "valued":
        return (
            _Case("a", one, (one,), None),
            _Case("b", changed, (changed,), None, "a"),
            _Case("c", one, (two,), silent, "a"),
            _Case("d", one, (two_changed,), silent, "a"),
        )
    last = _Case("d", one, (two, two), silent, "a") if shape == "doubled" else None
    return (
        _Case("a", one, (one, one), None),
        _Case("b", changed, (changed, changed), None, "a"),
        _Case("c", one, (one, changed), "conflict", "a"),
        last or _Case("d", one, (changed, one), "conflict", "a"),
    )


def _gold(case: _Case) -> Gold:
    what = case.asked.what
    if case.declined == "conflict":
        return Gold(abstain=True, answer=f"The record contradicts itself on {what}, and does not say which is right.")
    if case.declined:
        return Gold(abstain=True, answer=f"The record does not state {what}.")
    return Gold(
        abstain=False,
        answer=case.asked.answer,
        aliases=tuple(alias for alias in case.asked.aliases if alias != case.asked.answer),
        # Without the name of the source, so that of two sources which agree either may be quoted.
        evidence=(case.asked.sentence, *case.asked.needs),
    )

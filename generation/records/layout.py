"""Records as pages: the sentences of a scene in documents of their form, among what such documents say besides."""

from __future__ import annotations

from dataclasses import dataclass

from ..drafts import Split
from .draw import Draw
from .forms import GENERAL, SPECIAL, Area, Form
from .scenes import Scene, Teller
from .wordings import FORMS

NEEDLE_LENGTH = 2500
"""Characters from which on finding the sentence is the task."""

AROUND = {"brief": (0, 3), "usual": (5, 16), "long": (22, 60)}
"""How many sentences stand around those of the scene, at least and at most."""

_MAX_LENGTH = 5050
"""Characters of sentences without what stands in the open places, so that the whole stays under 6,000."""

_SLOT = "\x00"


@dataclass(frozen=True, slots=True)
class Page:
    """A record with open places; every draft of a family fills the same ones."""

    lines: tuple[tuple[str, ...], ...]

    def filled(self, *sentences: str) -> str:
        """The text, with these sentences in the open places."""
        left = iter(sentences)
        return "\n".join(" ".join(next(left) if part == _SLOT else part for part in line) for line in self.lines)


def lay_out(draw: Draw, split: Split, teller: Teller, opening: str, scene: Scene, slots: int) -> Page:
    """A note, a letter or a file of several documents, with the shared sentences and so many open places."""
    size = draw.pick(("brief", "brief", "usual", "usual", "long"))
    area = teller.area_of(scene.first.sentence)
    sentences = [(teller.area_of(text), text) for text in scene.shared] + [(area, _SLOT)] * slots
    held = _deal(draw, size, sentences)
    around = draw.whole(*AROUND[size])
    # A proof that quotes most of a record is none.
    needs = max(len(fact.needs) for fact in (scene.first, scene.changed, scene.second, scene.second_changed))
    around = max(around, 2 * needs)
    room = _MAX_LENGTH - sum(len(text) for _, text in sentences)
    pools = [_Pool(draw, FORMS[split][name]) for name in held]
    for turn in range(around):
        room = pools[turn % len(pools)].take(room)
    lines: list[tuple[str, ...]] = []
    first = next(name for name in held if name != SPECIAL["rule"])
    for (name, texts), pool in zip(held.items(), pools, strict=True):
        lines += pool.written(draw, texts, opening if name == first else "")
    return Page(tuple(lines))


def opening(draw: Draw, teller: Teller, who: str, age: int) -> str:
    """The sentence with which a record begins."""
    place = draw.pick(("pons", "pons", "pons and medulla", "pons and midbrain"))
    return teller.say("opening", who=who, age=age, place=place)


def _deal(draw: Draw, size: str, sentences: list[tuple[Area, str]]) -> dict[str, list[str]]:
    """The forms of a record's documents, in their order, each with its sentences of the scene."""
    general = draw.pick(GENERAL)
    held: dict[str, list[str]] = {general: []}
    own = {area: form for area, form in SPECIAL.items() if draw.chance(0.75)}
    for area, text in sentences:
        held.setdefault(own.get(area, general), []).append(text)
    if size == "long":
        others = [form for form in (*GENERAL, *SPECIAL.values()) if form not in held]
        held.update((form, []) for form in draw.some(others, draw.whole(1, 3)))
    elif not held[general] and not set(held) <= {general, SPECIAL["rule"]}:
        del held[general]  # but a sheet of rules alone is of no child
    return {form: held[form] for form in draw.some(tuple(held), len(held))}


class _Pool:
    """What a document may say besides, each sentence once."""

    def __init__(self, draw: Draw, form: Form) -> None:
        every = [(place, text) for place, section in enumerate(form.sections) for text in section.sentences]
        self._form = form
        self._left = draw.some(every, len(every))
        self._taken: list[list[str]] = [[] for _ in form.sections]

    def take(self, room: int) -> int:
        """Take one more sentence where there is one that fits; returns the room that is left."""
        if not self._left or len(self._left[-1][1]) > room:
            return room
        place, text = self._left.pop()
        self._taken[place].append(text)
        return room - len(text)

    def written(self, draw: Draw, texts: list[str], opening: str) -> list[tuple[str, ...]]:
        """The lines of the document."""
        open_to = [place for place, section in enumerate(self._form.sections) if section.takes]
        for text in texts:
            taken = self._taken[draw.pick(open_to)]
            taken.insert(draw.whole(0, len(taken)), text)
        if opening:
            self._taken[0].insert(0, opening)
        lines = _one_of(draw, self._form.headings)
        for section, taken in zip(self._form.sections, self._taken, strict=True):
            if taken:
                lines += _section_lines(draw, section.label, taken, listed=self._form.listed)
        return [*lines, *_one_of(draw, self._form.closings)]


def _one_of(draw: Draw, texts: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [(draw.pick(texts),)] if texts else []


def _section_lines(draw: Draw, label: str, texts: list[str], *, listed: bool) -> list[tuple[str, ...]]:
    """A list, a line that begins with its label, or paragraphs of running text."""
    if listed:
        return [*([(f"{label}:",)] if label else []), *(("-", text) for text in texts)]
    if label:
        return [(f"{label}:", *texts)]
    paragraphs: list[tuple[str, ...]] = []
    while texts:
        until = draw.whole(3, 6)
        paragraphs.append(tuple(texts[:until]))
        texts = texts[until:]
    return paragraphs

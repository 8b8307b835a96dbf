"""Records as pages: sentences in paragraphs, under headings, among the sentences of a ward's day."""

from __future__ import annotations

from dataclasses import dataclass

from ..drafts import Split
from .draw import Draw
from .scenes import Teller
from .wordings import HEADINGS, WARD

NEEDLE_LENGTH = 2500
"""Characters from which on finding the sentence is the task."""

_MAX_LENGTH = 5000
"""Characters without what stands in the open places, so that the whole stays under 6,000."""

_SLOT = "\x00"
_BREAK = "\x01"


@dataclass(frozen=True, slots=True)
class Page:
    """A record with open places; every draft of a family fills the same ones."""

    parts: tuple[str, ...]

    def filled(self, *sentences: str) -> str:
        """The text, with these sentences in the open places."""
        left = list(sentences)
        lines: list[list[str]] = [[]]
        for part in self.parts:
            if part.startswith(_BREAK):
                lines += [[part[1:]], []] if part != _BREAK else [[]]
            else:
                lines[-1].append(left.pop(0) if part == _SLOT else part)
        return "\n".join(" ".join(line) for line in lines if line)


def lay_out(draw: Draw, split: Split, opening: str, shared: tuple[str, ...], slots: int) -> Page:
    """A short note, a letter or a file of several documents, with the shared sentences and so many open places."""
    size = draw.pick(("note", "note", "letter", "letter", "file"))
    low, high = {"note": (0, 3), "letter": (5, 16), "file": (22, 52)}[size]
    if size == "note" and (slots > 1 or len(shared) > 1):
        low, high = 3, 6  # a proof that quotes most of a record is none
    ward = draw.some(WARD[split], draw.whole(low, high))
    while sum(map(len, [*ward, *shared])) > _MAX_LENGTH:
        ward.pop()
    body = draw.some([*ward, *shared], len(ward) + len(shared))
    for _ in range(slots):
        body.insert(draw.whole(0, len(body)), _SLOT)
    headings = draw.some(HEADINGS[split], 5)
    parts = [_BREAK + headings.pop(), opening]
    until = draw.whole(3, 6)
    for sentence in body:
        if until == 0:
            # Only a file has more than one document; a letter has paragraphs.
            parts.append(_BREAK + (headings.pop() if size == "file" and headings else ""))
            until = draw.whole(3, 6)
        parts.append(sentence)
        until -= 1
    return Page(tuple(parts))


def opening(draw: Draw, teller: Teller, who: str, age: int) -> str:
    """The sentence with which a record begins."""
    place = draw.pick(("pons", "pons", "pons and medulla", "pons and midbrain"))
    return teller.say("opening", who=who, age=age, place=place)

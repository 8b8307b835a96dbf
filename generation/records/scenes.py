"""What the families of questions have in common: two facts, of which a record holds one.

Nothing but the question and the record read together may tell whether the record tells. So facts come in pairs of
the same sort (two drugs, two dates, two children), and each is asked of the record that holds it and of the record
that holds the other in its place. A second source agrees or disagrees in the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...core.tasks import Kind
from ..drafts import Split
from .draw import Draw
from .forms import Area
from .numerals import capitalised
from .patients import Patient
from .wordings import NOUNS, PATTERNS


@dataclass(frozen=True, slots=True)
class Fact:
    """A sentence that may stand in a record, and what it allows to be answered."""

    sentence: str
    question: str
    what: str
    """What is asked, as a noun phrase that a statement on the record can take up; without the value."""
    answer: str
    aliases: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    """Sentences needed besides, which every record of the scene holds."""
    steps: tuple[str, ...] = ()
    """How the answer follows from these sentences, where it does not stand in one of them."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Two facts with another value of each, and the sentences of every record."""

    first: Fact
    changed: Fact
    """The first fact with another value, and so with another answer."""
    second: Fact
    second_changed: Fact
    shared: tuple[str, ...] = ()
    """Stand in every record: operands, limits, decoys."""
    unsettled: bool = False
    """Without its sentence a question is at odds with itself, not silent: two readings, and nothing that decides."""
    kind: Kind | None = None
    """Of every draft of the scene; by default that which follows from what its record tells."""

    @classmethod
    def of(
        cls, facts: Sequence[Fact], shared: tuple[str, ...], *, unsettled: bool = False, kind: Kind | None = None
    ) -> Scene:
        """From four facts: the first and its change, the second and its change."""
        first, changed, second, second_changed = facts
        return cls(first, changed, second, second_changed, shared, unsettled, kind)


_AREAS: dict[str, Area] = {
    "change": "imaging",
    "superseded": "imaging",
    "variant": "tissue",
    "biopsy": "tissue",
    "surface.order": "rule",
    "surface.rounding": "rule",
    "cumulative.limit": "rule",
    "eligibility.least": "rule",
    "eligibility.most": "rule",
    "eligibility.besides": "rule",
    "safety.least": "rule",
    "safety.most": "rule",
}
"""Of patterns, or of all that begin so; what is not named is care."""


class Teller:
    """Words for one child: keeps to one wording of each pattern, so that twins differ in their edit alone."""

    def __init__(self, split: Split, draw: Draw) -> None:
        self._patterns = PATTERNS[split]
        self._nouns = NOUNS[split]
        self._draw = draw
        self._chosen: dict[str, str] = {}
        self._areas: dict[str, Area] = {}

    def nouns(self, key: str) -> tuple[str, ...]:
        """What the split calls things of this sort."""
        return self._nouns[key]

    def say(self, key: str, **fields: object) -> str:
        """Fill the pattern of this name."""
        if key not in self._chosen:
            self._chosen[key] = self._draw.pick(self._patterns[key])
        text = capitalised(self._chosen[key].format(**fields))
        self._areas[text] = _AREAS.get(key) or _AREAS.get(key.split(".")[0]) or "care"
        return text

    def area_of(self, text: str) -> Area:
        """Where a sentence that was said belongs."""
        return self._areas[text]


Maker = Callable[[Draw, Patient, Teller], Scene]
"""Invents the scene of one family of questions."""

"""A task before it has an id: what a composer makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..core.tasks import Gold, Kind

Split = Literal["train", "eval", "blind"]
SPLITS: tuple[Split, ...] = ("train", "eval", "blind")


@dataclass(frozen=True, slots=True)
class Draft:
    """One question about one context, named by family and key."""

    family: str
    """Drafts that share their facts share a family, which stands in one split alone."""
    key: str
    """Unique within the family."""
    kind: Kind
    context: str
    question: str
    gold: Gold
    twin_of: str | None = None
    """Key of the draft, of the same family, of which this one is an edit that changes what is right."""
    difficulty: str = "medium"
    source: str = "invented"
    """Where the facts come from."""
    what: str = ""
    """What is asked for, as a noun phrase."""
    steps: tuple[str, ...] = ()
    """How the answer follows from the evidence, where it does not stand there."""
    near: tuple[str, ...] = ()
    """Where the record does not tell: the sentences in the place of the evidence."""

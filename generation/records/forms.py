"""The documents that a record is made of: what each is called, its sections, and what stands in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Area = Literal["imaging", "tissue", "rule", "care"]
"""Where a sentence belongs: among images, in the laboratory, among the rules of a unit, or in the care of the child."""

SPECIAL: dict[Area, str] = {"imaging": "radiology", "tissue": "pathology", "rule": "sheet"}
"""The form that is kept for an area."""

GENERAL = ("vignette", "letter", "board", "ward")
"""Forms that hold whatever is known of a child."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document."""

    label: str
    """Stands before its sentences; empty for running text."""
    sentences: tuple[str, ...]
    """What such a section says beside all that is asked about; any number of them, in any order."""
    takes: bool = False
    """What is asked about may stand here."""


@dataclass(frozen=True, slots=True)
class Form:
    """A sort of document."""

    headings: tuple[str, ...]
    """One of them stands above; a form may have none."""
    sections: tuple[Section, ...]
    closings: tuple[str, ...] = ()
    """One of them stands below."""
    listed: bool = False
    """Each sentence has a line of its own, with a dash."""

"""The questions of MedQuAD as a reader would put them.

The corpus fills templates: "What is (are) Gout ?", "Who is at risk for Gout? ?", "Do you have information about Iron".
The rules, in this order:

1. the focus loses what titles put around a name ("What I need to know about Gas", "Parasites - Scabies");
2. "is (are)" agrees with it ("What is Gout?", "What are Warts?"), and "What causes Causes of Gout" says it once;
3. white space before the mark goes, a mark said twice is said once, and one that lacks is set;
4. the first letter is a capital.

What is not mended: capitals inside a title ("Kidney Stones in Adults"), and the few questions that a page put itself
and the corpus added its topic to ("how can these diseases be diagnosed for Marine Toxins ?").
"""

from __future__ import annotations

import re

from .medquad import Row, fold
from .medquad_cues import wording
from .medquad_passages import plain_name

_IS_ARE = re.compile(r"\bis \(are\) (?P<rest>.+)")
_SAID_TWICE = re.compile(r"\bcauses causes of\b", re.IGNORECASE)
_MARKS = re.compile(r"[\s?]+$")
_NAMES_NOTHING = re.compile(r"(?:\b(?:is|are|of|for|by|to|about|with|prevent|diagnose|causes)|\(are\)|^is inherited)$")
"""A template that was filled with no name ends in one of these words."""


def clean_question(row: Row) -> str:
    """The question of a row; empty where it is empty, or names nothing that it asks about."""
    name = plain_name(row.focus)
    text = row.question.replace(row.focus, name) if row.focus else row.question
    stem = _MARKS.sub("", text)
    if not stem or (not name and _NAMES_NOTHING.search(stem.lower())):
        return ""
    stem = _SAID_TWICE.sub("causes", _agreeing(stem))
    return f"{stem[0].upper()}{stem[1:]}?"


def _agreeing(stem: str) -> str:
    found = _IS_ARE.search(stem)
    return fold(stem[: found.start()] + wording("{is} {x}", found["rest"])) if found else stem

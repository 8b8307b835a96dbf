"""The answer about a note that may hold one planted error: `CORRECT`, or `INCORRECT`, the sentence and its correction.

It stands in the answer block:

    INCORRECT
    Sentence: Dexamethasone 40 mg was given twice daily.
    Correction: Dexamethasone 4 mg was given twice daily.

Read tolerantly as to what says nothing: case, Markdown, bullets, quotation marks around a sentence, the order of the
two lines, line breaks within them. Not read is what leaves open which of the two verdicts is meant, a sentence or a
correction given twice, and words beside the form: they would let an answer have it both ways.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class ErrorAnswer(NamedTuple):
    """What an answer says of a note."""

    flag: bool
    """The note holds an error."""
    sentence: str | None = None
    """The sentence with the error, on one line; None where none is named."""
    correction: str | None = None
    """The same sentence put right, on one line; None where none is given."""


NO_ERROR = ErrorAnswer(flag=False)

_FLAG = re.compile(r"(?:[\W_]*(?:answer|verdict)\s*:)?[\W_]*(in)?correct(?![^\W_])[\W_]*", re.IGNORECASE)
_LABEL = re.compile(
    r"^(?:[^\w\n]|_)*(?:\d{1,2}[.)][ *_]*)?"
    r"(?:(?P<correction>correction|corrected(?: sentence)?)|(?:error |erroneous |incorrect |wrong )?sentence)"
    r"(?: \d{1,3})?[*_ ]*:[*_]*",
    re.IGNORECASE | re.MULTILINE,
)
_PAIRS = {"**": "**", "__": "__", "*": "*", "_": "_", "`": "`", '"': '"', "'": "'", "“": "”", "‘": "’", "«": "»"}
_MAX_PAIRS = 4
"""Marks around marks that are taken off: bold, in quotation marks, in a code span."""


def render_error_answer(answer: ErrorAnswer) -> str:
    """Write the answer as the answer block should hold it."""
    if not answer.flag:
        return "CORRECT"
    lines = ["INCORRECT"]
    if answer.sentence is not None:
        lines.append(f"Sentence: {_one_line(answer.sentence)}")
    if answer.correction is not None:
        lines.append(f"Correction: {_one_line(answer.correction)}")
    return "\n".join(lines)


def read_error_answer(text: str) -> ErrorAnswer | None:
    """Read an answer block; None where it is of neither form. Takes any string, and never raises."""
    verdict = _FLAG.match(text)
    if verdict is None:
        return None
    rest = text[verdict.end() :]
    if not verdict.group(1):
        return None if rest else NO_ERROR
    labels = list(_LABEL.finditer(rest))
    if rest[: labels[0].start() if labels else len(rest)].strip():
        return None
    ends = [*(label.start() for label in labels[1:]), len(rest)]
    parts: dict[bool, str] = {}
    for label, end in zip(labels, ends, strict=False):
        is_correction = label.group("correction") is not None
        if is_correction in parts:
            return None
        parts[is_correction] = _bare(rest[label.end() : end])
    return ErrorAnswer(True, parts.get(False) or None, parts.get(True) or None)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _bare(text: str) -> str:
    """On one line, without the marks around it."""
    found = _one_line(text)
    for _ in range(_MAX_PAIRS):
        mark = next((mark for mark, end in _PAIRS.items() if found.startswith(mark) and found.endswith(end)), None)
        if mark is None or len(found) < 2 * len(mark) + 1:
            break
        found = found[len(mark) : -len(mark)].strip()
    return found

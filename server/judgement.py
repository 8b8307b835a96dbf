"""All that a page tells of one response: its score in sentences, its quotations, and where the context has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from ..core.error_answer import read_error_answer
from ..core.profiles import ProfileName
from ..core.tags import ParsedResponse, parse_response
from ..core.wire import ScoreView
from .error_detection import admit, named_place
from .marking import Part, Segment, difference, mark
from .quotations import MAX_QUOTATIONS, Quotation, check_quotations, split_quotations
from .rewards import SCORER_VERSION
from .run_scoring import RunScorer
from .sentences import explain
from .task_bank import PosedTask


class Scored(Protocol):
    """A response with its score: as it is stored, or as it was just tried."""

    @property
    def response(self) -> str: ...

    @property
    def score(self) -> ScoreView: ...

    @property
    def refused(self) -> str | None: ...


class Judged(NamedTuple):
    """A response that is stored nowhere."""

    response: str
    score: ScoreView
    refused: str | None


class Judgement(NamedTuple):
    """What a page shows."""

    score: ScoreView
    refused: str | None
    """Why the text cannot be scored."""
    response: str
    parsed: ParsedResponse
    sentences: list[str]
    segments: list[Segment]
    """The context; empty where the server no longer has the task."""
    quotations: list[tuple[int, Quotation, list[Part]]]
    """Number from 1, what became of it, and how it differs."""
    unread: int
    """Quotations beyond the limit."""


def judge(
    scorer: RunScorer, posed: PosedTask | None, scored: Scored, profile: ProfileName, *, is_open: bool
) -> Judgement:
    """Read a response again. Its quotations are marked by the scorer of now; its score is the one that is given.

    Args:
        posed: The task; None where the server no longer has it.
        is_open: Whether the split is one whose scores are explained. The explanation may name gold.
    """
    text, score = scored.response, scored.score
    parsed = parse_response(text)
    if scored.refused is not None or posed is None:
        said = [f"The text cannot be scored: {scored.refused}. It counts as the worst."] if scored.refused else []
        segments = [Segment(posed.task.context)] if posed else []
        return Judgement(score, scored.refused, text, parsed, said, segments, [], 0)
    context = posed.task.context
    lines = split_quotations(parsed.proof)
    quotations: Sequence[Quotation] = check_quotations(lines[:MAX_QUOTATIONS], context)
    if posed.task.kind == "error_detection":
        quotations = admit(quotations, named_place(read_error_answer(parsed.answer), context))
    told = scorer.explained(posed, text, profile).explanation if is_open else None
    said = [told or explain(score, parsed, quotations)]
    if score.scorer_version != SCORER_VERSION:
        said.append(f"Scored by {score.scorer_version}; this server has {SCORER_VERSION}, and marks quotations by it.")
    return Judgement(
        score=score,
        refused=None,
        response=text,
        parsed=parsed,
        sentences=said,
        segments=mark(context, quotations),
        quotations=[(number, one, difference(one, context)) for number, one in enumerate(quotations, 1)],
        unread=max(0, len(lines) - MAX_QUOTATIONS),
    )

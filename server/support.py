"""Do the quotations bear on the answer, or are they true but beside the point?

An answer is supported by its quotations if they hold its quantities and most of its content words that the question
does not hold already; or if they hold the evidence that the task records, which also covers an answer that is computed
from what is quoted. An answer that names a sentence is supported by quotations that hold most of it.

Known limit. Without recorded evidence a computed value ("1.6 Gy less") finds no support, since it stands nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..core.quantities import Quantity, read_quantities
from ..core.tasks import Task
from ..core.text import STOPWORDS, is_word, stem, tokenize, words_of
from .grounding import WHOLE_MIN_TOKENS, WHOLE_SHARE, QuoteMatch
from .passages import prepare

EVIDENCE_SHARE = 0.6
"""Share of a recorded span of evidence that the quotations must hold: enough to have its values, short of its tail."""

WORD_SHARE = 0.5
"""Share of the answer's own content words that the quotations must hold: an answer may word half of it in its own
way."""


MAX_QUANTITIES = 24
"""An answer with more values is a list to choose from, and comparing each with each would take long."""


def is_supported(answer: str, task: Task, quotes: list[QuoteMatch]) -> bool:
    """True if the grounded ones among the quotations bear on the answer."""
    spans = [span for quote in quotes if quote.grounded for span in quote.spans]
    asked = _read(task.question)
    if not any(_says_more_than(asked, task.context[start:end]) for start, end in spans) or _copies_most(
        spans, task.context
    ):
        return False
    if task.gold.evidence and all(_covered(span, task.context, spans) for span in task.gold.evidence):
        return True
    given = tokenize(answer)
    quantities = read_quantities(given)
    if len(quantities) > MAX_QUANTITIES:
        return False
    known = (
        [q for start, end in spans for q in read_quantities(tokenize(task.context[start:end]))] if quantities else []
    )
    if not all(any(quantity.agrees(one) for one in (*known, *asked.quantities)) for quantity in quantities):
        return False
    cited_words = {stem(word) for start, end in spans for word in words_of(task.context[start:end])}
    own = {stem(word) for word in given.words if is_word(word) and word not in STOPWORDS} - asked.stems - {"yes"}
    if not own and not quantities:
        # The answer is all in the question ("yes", or one of its options): the quotation must be about it.
        return len(asked.stems & cited_words - STOPWORDS) >= 2
    return len(own & cited_words) >= WORD_SHARE * len(own)


def shows_place(place: Sequence[tuple[int, int]], quotes: list[QuoteMatch], context: str) -> bool:
    """True if the grounded ones among the quotations hold enough of each span of a place that the answer names."""
    spans = [span for quote in quotes if quote.grounded for span in quote.spans]
    return bool(place) and not _copies_most(spans, context) and all(_holds(spans, start, end) for start, end in place)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as far as it is compared."""

    chars: int
    joined: str
    stems: frozenset[str]
    quantities: tuple[Quantity, ...]


@lru_cache(maxsize=8192)
def _read(question: str) -> _Asked:
    tokens = tokenize(question)
    stems = frozenset(map(stem, tokens.words))
    return _Asked(len(question), " ".join(tokens.words), stems, tuple(read_quantities(tokens)))


def _says_more_than(asked: _Asked, cited: str) -> bool:
    """A run of the question's own words is no evidence, even where the context holds the same run."""
    return len(cited) > asked.chars or " ".join(words_of(cited)) not in asked.joined


def _copies_most(spans: list[tuple[int, int]], context: str) -> bool:
    """The same limit as for one quotation holds for all of them together."""
    limit = WHOLE_SHARE * len(context)
    if sum([stop - start for start, stop in spans]) <= limit:
        return False  # whether or not they overlap
    held = end = 0
    for start, stop in sorted(spans):
        held += max(0, stop - max(start, end))
        end = max(end, stop)
    return held > limit and len(prepare(context).tokens) >= WHOLE_MIN_TOKENS


def _covered(evidence: str, context: str, spans: list[tuple[int, int]]) -> bool:
    """True if the spans hold enough of one place at which the evidence stands."""
    at = context.find(evidence)
    while at >= 0:
        if _holds(spans, at, at + len(evidence)):
            return True
        at = context.find(evidence, at + 1)
    return False


def _holds(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    held = sum([min(end, stop) - max(start, first) for first, stop in spans if first < end and start < stop])
    return held >= EVIDENCE_SHARE * (end - start)

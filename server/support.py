"""Do the quotations bear on the answer, or are they true but beside the point?

An answer is supported by its quotations if they hold its quantities and most of its content words that the question
does not hold already; or if they hold the evidence that the task records, which also covers an answer that is computed
from what is quoted.

Known limit. Without recorded evidence a computed value ("1.6 Gy less") finds no support, since it stands nowhere.
"""

from __future__ import annotations

from ..core.tasks import Task
from .grounding import WHOLE_MIN_TOKENS, WHOLE_SHARE, QuoteMatch
from .quantities import read_quantities
from .text import STOPWORDS, Tokens, is_word, stem, tokenize

EVIDENCE_SHARE = 0.6
"""Share of a recorded span of evidence that the quotations must hold: enough to have its values, short of its tail."""

WORD_SHARE = 0.5
"""Share of the answer's own content words that the quotations must hold: an answer may word half of it in its own
way."""


def is_supported(answer: str, task: Task, quotes: list[QuoteMatch]) -> bool:
    """True if the grounded ones among the quotations bear on the answer."""
    asked = tokenize(task.question)
    spans = [(quote.start, quote.end) for quote in quotes if quote.grounded]
    spans = [span for span in spans if _says_more_than(asked, task.context[slice(*span)])]
    if not spans or _copies_most(spans, task.context):
        return False
    if task.gold.evidence and all(_covered(span, task.context, spans) for span in task.gold.evidence):
        return True
    cited = [tokenize(task.context[start:end]) for start, end in spans]
    given = tokenize(answer)
    known = [quantity for tokens in (*cited, asked) for quantity in read_quantities(tokens)]
    quantities = read_quantities(given)
    if not all(any(quantity.agrees(one) for one in known) for quantity in quantities):
        return False
    cited_words = {stem(word) for tokens in cited for word in tokens.words}
    asked_words = {stem(word) for word in asked.words}
    own = {stem(word) for word in given.words if is_word(word) and word not in STOPWORDS} - asked_words
    own -= {"yes", "no"}
    if not own and not quantities:
        # The answer is all in the question ("yes", or one of its options): the quotation must be about it.
        return len(asked_words & cited_words - STOPWORDS) >= 2
    return len(own & cited_words) >= WORD_SHARE * len(own)


def _says_more_than(asked: Tokens, cited: str) -> bool:
    """A run of the question's own words is no evidence, even where the context holds the same run."""
    return " ".join(tokenize(cited).words) not in " ".join(asked.words)


def _copies_most(spans: list[tuple[int, int]], context: str) -> bool:
    """The same limit as for one quotation holds for all of them together."""
    held = end = 0
    for start, stop in sorted(spans):
        held += max(0, stop - max(start, end))
        end = max(end, stop)
    return len(tokenize(context)) >= WHOLE_MIN_TOKENS and held > WHOLE_SHARE * len(context)


def _covered(evidence: str, context: str, spans: list[tuple[int, int]]) -> bool:
    """True if the spans hold enough of one place at which the evidence stands."""
    at = context.find(evidence)
    while at >= 0:
        end = at + len(evidence)
        held = sum(max(0, min(end, stop) - max(at, start)) for start, stop in spans)
        if held >= EVIDENCE_SHARE * len(evidence):
            return True
        at = context.find(evidence, at + 1)
    return False

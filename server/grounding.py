"""Does a quotation stand in the context?

A quotation is first looked for token by token: what is left then differs from the context in typography alone. If it
is not found so, the windows of the context that share most of its words are aligned with it, and every difference is
judged: an article, an inflection, a spelling variant or a slip of the pen in an ordinary word is equivalent; any other
difference (a number, unit, drug, side, negation, direction, comparison, time, or any other word) makes the quotation
altered. There is no threshold on similarity: 99 % alike with another dose is altered.

A true quotation may still be no evidence: too short to say anything, or so long that it points at nothing. Such a match
is `grounded=False` with a verdict of `verbatim` or `equivalent`, and is not an invention.

Known limits. A word replaced by one of the same stem ("responded" for "responds") passes. A slip is told from another
word by an English word list, so a slip in a drug or a gene is altered. A quotation cut so that its sentence means
something else is recognised where a negation, comparison or range stands right before or after the cut, not further
off.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from rapidfuzz.distance import Levenshtein, Opcode

from .text import ARTICLES, STOPWORDS, Tokens, is_negation, is_number, is_word, stem, tokenize
from .wordlist import is_slip

Verdict = Literal["verbatim", "equivalent", "altered", "absent"]

MIN_WORDS = 4
"""Three words are not evidence: "the median survival" points at nothing. Parts of a unit count as words."""

WHOLE_MIN_TOKENS = 60
WHOLE_SHARE = 0.6
"""A quotation of more than this share of a context of at least so many tokens points at nothing. In a shorter context
(three or four sentences) two of them may be what is to be shown."""

ABSENT_BELOW = 0.5
"""With fewer than half of its content words in place a quotation is not a changed version of that passage. It decides
between the words "altered" and "absent" alone; neither is grounded."""

MAX_ALIGNED_TOKENS = 1500
"""A longer quotation is looked for exactly, not aligned: alignment costs the square of it, and no evidence is so
long."""

MAX_POSITIONS = 48
"""A token that occurs more often in the context does not help to find the place."""

WINDOWS = 3
"""Windows that are aligned: sentences that repeat a template with other values stand in threes at most in the
corpora."""

_COMPARISONS = frozenset("<>≤≥~≈±+-")
_TRAILERS = frozenset("-±^%‰")
_ELLIPSIS = re.compile(r"\s*(?:\[\s*(?:\.{3,}|…)\s*\]|\(\s*(?:\.{3,}|…)\s*\)|\.{3,}|…|\.\s\.\s\.)\s*")
_SENTENCE_END = re.compile(r"[.!?](?:[\"')\]]*)\s+(?=[A-Z0-9\"'(])|\n")


@dataclass(frozen=True, slots=True)
class QuoteMatch:
    """What became of a quotation."""

    grounded: bool
    """The quotation stands in the context and is specific enough to be evidence."""
    verdict: Verdict
    similarity: float
    """Share of tokens that agree, in [0, 1]; 1 where the tokens are the same."""
    start: int
    """Character offset of the match into the context; 0 where absent."""
    end: int
    """Offset behind its last character; 0 where absent."""
    edits: tuple[str, ...] = ()
    """What differs, or why a true quotation is no evidence, in words."""


@dataclass(frozen=True, slots=True)
class _Span:
    """A run of context tokens `[first, stop)` with what differs from it."""

    first: int
    stop: int
    similarity: float
    benign: tuple[str, ...]
    harmful: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Index:
    """A context prepared for looking up."""

    tokens: Tokens
    joined: str
    stems: list[str]
    positions: dict[str, list[int]]
    """Places of each stem."""
    offsets: dict[int, int]
    """Token index by its character offset in `joined`."""


def check_quote(quote: str, context: str) -> QuoteMatch:
    """Judge one quotation. Takes any strings, never raises.

    An ellipsis joins spans that must follow one another in the context; two spans without one are not a quotation.
    """
    index = _prepare(context)
    parts = [tokenize(part) for part in _ELLIPSIS.split(quote)]
    parts = [part for part in parts if len(part)]
    if not parts or not len(index.tokens):
        return _absent()
    spans: list[_Span] = []
    after = 0
    for part in parts:
        span = _locate(part.words, index, after)
        if span is None:
            return _absent()
        spans.append(span)
        after = span.stop
    return _judge(quote, spans, parts, index)


def _absent() -> QuoteMatch:
    return QuoteMatch(False, "absent", 0.0, 0, 0, ("stands nowhere in the context",))


@lru_cache(maxsize=2048)
def _prepare(context: str) -> _Index:
    tokens = tokenize(context)
    positions: dict[str, list[int]] = {}
    offsets: dict[int, int] = {}
    at = 1
    stems = [stem(word) for word in tokens.words]
    for place, word in enumerate(tokens.words):
        positions.setdefault(stems[place], []).append(place)
        offsets[at] = place
        at += len(word) + 1
    return _Index(tokens, " " + " ".join(tokens.words) + " ", stems, positions, offsets)


def _locate(words: tuple[str, ...], index: _Index, after: int) -> _Span | None:
    """The best place for the words at or behind token `after`: exact if there is one, else the nearest."""
    exact = _locate_exactly(words, index, after)
    if exact is not None and not exact.harmful:
        return exact
    near = _locate_nearly(words, index, after) if len(words) <= MAX_ALIGNED_TOKENS else None
    if exact is not None and (near is None or near.harmful):
        return exact
    return near


def _locate_exactly(words: tuple[str, ...], index: _Index, after: int) -> _Span | None:
    """The same tokens in a row; a place where the cut leaves the sense alone is preferred."""
    needle = " " + " ".join(words) + " "
    cut: _Span | None = None
    at = index.joined.find(needle)
    for _ in range(MAX_POSITIONS):
        if at < 0:
            break
        first = index.offsets[at + 1]
        if first >= after:
            span = _Span(first, first + len(words), 1.0, (), _cut_faults(first, first + len(words), index))
            if not span.harmful:
                return span
            cut = cut or span
        at = index.joined.find(needle, at + 1)
    return cut


def _locate_nearly(words: tuple[str, ...], index: _Index, after: int) -> _Span | None:
    """Align the words with the windows that share most of them, and keep the best.

    A window without a harmful difference wins over a nearer one with one: a note may repeat a sentence with another
    value, and the honest quotation of either is true.
    """
    slack = 4 + len(words) // 8
    votes: Counter[int] = Counter()
    for place, word in enumerate(words):
        found = index.positions.get(stem(word), ())
        if len(found) <= MAX_POSITIONS:
            votes.update((there - place) // slack for there in found if there >= after)
    best: _Span | None = None
    for diagonal, _ in votes.most_common(WINDOWS):
        low = max(after, diagonal * slack - slack)
        span = _align(words, index, low, min(len(index.tokens), (diagonal + 2) * slack + len(words)))
        if span is not None and (best is None or _rank(span) > _rank(best)):
            best = span
    return best


def _rank(span: _Span) -> tuple[bool, float]:
    return not span.harmful, span.similarity


def _align(words: tuple[str, ...], index: _Index, low: int, high: int) -> _Span | None:
    """The nearest run of context tokens within `[low, high)`, with its differences."""
    wide = _align_once(words, index, low, high)
    if wide is None or not wide.harmful or wide.stop - wide.first <= len(words):
        return wide
    # The first or last word may have been paired with one further off ("the", or a slip with any word): at equal
    # cost, nearer is right.
    runs = [(wide.first, min(wide.stop, wide.first + len(words) + more)) for more in (0, 2)]
    runs += [(max(wide.first, wide.stop - len(words) - more), wide.stop) for more in (0, 2)]
    nearer = (_align_once(words, index, first, stop) for first, stop in runs)
    return max((span for span in (wide, *nearer) if span is not None), key=_rank)


def _align_once(words: tuple[str, ...], index: _Index, low: int, high: int) -> _Span | None:
    window = index.tokens.words[low:high]
    steps = list(Levenshtein.opcodes(list(map(stem, words)), index.stems[low:high]))
    while steps and steps[0].tag == "insert":
        steps.pop(0)
    while steps and steps[-1].tag == "insert":
        steps.pop()
    kept = [word for step in steps if step.tag == "equal" for word in words[step.src_start : step.src_end]]
    if not kept or _weight(kept) < ABSENT_BELOW * _weight(words):
        return None
    benign: list[str] = []
    harmful: list[str] = []
    for mine, theirs in _changes(steps, words, window):
        (harmful if _is_harmful(mine, theirs) else benign).append(_describe(mine, theirs))
    first, stop = low + steps[0].dest_start, low + steps[-1].dest_end
    harmful.extend(_cut_faults(first, stop, index))
    return _Span(first, stop, len(kept) / max(len(words), stop - first), tuple(benign), tuple(harmful))


def _weight(words: Iterable[str]) -> int:
    """Number of words with a content of their own: "was given for" is in every note."""
    return sum(word not in STOPWORDS for word in words)


def _changes(
    steps: list[Opcode], words: tuple[str, ...], window: tuple[str, ...]
) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Differences as pairs (quoted, in the context); neighbouring steps are taken together."""
    changes: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    beside = False
    for step in steps:
        mine, theirs = words[step.src_start : step.src_end], window[step.dest_start : step.dest_end]
        if step.tag == "equal":
            changes.extend(((a,), (b,)) for a, b in zip(mine, theirs, strict=True) if a != b)
            beside = False
            continue
        if beside:
            earlier = changes.pop()
            mine, theirs = earlier[0] + mine, earlier[1] + theirs
        changes.append((mine, theirs))
        beside = True
    return changes


def _is_harmful(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """True where a difference is more than typography, an article, an inflection or a slip."""
    ours = tuple(word for word in mine if word not in ARTICLES)
    context = tuple(word for word in theirs if word not in ARTICLES)
    if ours == context:
        return False
    if not all(map(is_word, ours + context)):
        return True
    if "".join(ours) == "".join(context):
        return False  # a word divided at a line's end, or two written as one
    return len(ours) != len(context) or not all(map(_same_word, ours, context))


def _same_word(mine: str, theirs: str) -> bool:
    return stem(mine) == stem(theirs) or is_slip(mine, theirs)


def _describe(mine: tuple[str, ...], theirs: tuple[str, ...]) -> str:
    if not mine:
        return f"leaves out {' '.join(theirs)!r}"
    if not theirs:
        return f"adds {' '.join(mine)!r}"
    return f"{' '.join(mine)!r} where the context has {' '.join(theirs)!r}"


def _cut_faults(first: int, stop: int, index: _Index) -> tuple[str, ...]:
    """What a cut takes from the sense: a negation, a comparison sign, half of a range, a compound or a unit."""
    words = index.tokens.words
    faults: list[str] = []
    if first and not _boundary(index.tokens, first - 1):
        before = words[first - 1]
        if is_negation(before):
            faults.append(f"begins behind {before!r}")
        elif (before in _COMPARISONS and is_number(words[first])) or _grown_together(index.tokens, first - 1):
            faults.append(f"begins behind {before!r}, which belongs to {words[first]!r}")
    if stop < len(words):
        behind = words[stop]
        if behind in _TRAILERS or _grown_together(index.tokens, stop - 1):
            faults.append(f"ends before {behind!r}, which belongs to {words[stop - 1]!r}")
    return tuple(faults)


def _grown_together(tokens: Tokens, place: int) -> bool:
    """True where token `place` and the next are one word or value: "5mg", "mg/kg", "amoxicillin-clavulanic"."""
    between = tokens.text[tokens.ends[place] : tokens.starts[place + 1]]
    return not between or between in "-\u2010\u2011\u2012\u2013\u2212"


def _boundary(tokens: Tokens, place: int) -> bool:
    """True where a sentence or clause ends between token `place` and the next."""
    between = tokens.text[tokens.ends[place] : tokens.starts[place + 1]]
    return any(mark in between for mark in ".;:!?\n")


def _judge(quote: str, spans: list[_Span], parts: list[Tokens], index: _Index) -> QuoteMatch:
    harmful = [fault for span in spans for fault in span.harmful]
    benign = [note for span in spans for note in span.benign]
    for span, following in pairwise(spans):
        harmful.extend(_joint_faults(span.stop, following.first, index))
    start, end = index.tokens.starts[spans[0].first], index.tokens.ends[spans[-1].stop - 1]
    weights = [len(part) for part in parts]
    agreed = sum(span.similarity * weight for span, weight in zip(spans, weights, strict=True)) / sum(weights)
    similarity = round(min(agreed, 1.0 if not (harmful or benign) else 0.999), 4)
    if harmful:
        return QuoteMatch(False, "altered", similarity, start, end, tuple(harmful))
    cited = index.tokens.text[start:end]
    verdict: Verdict = "verbatim" if len(spans) == 1 and _bare(cited) == _bare(quote) else "equivalent"
    useless = _useless(parts, sum(span.stop - span.first for span in spans), index)
    edits = (*benign, useless) if useless else tuple(benign)
    return QuoteMatch(not useless, verdict, similarity, start, end, edits)


_OUTER = " \t\r\n\"'“”‘’«».,;:"


def _bare(text: str) -> str:
    return " ".join(text.split()).strip(_OUTER)


def _joint_faults(stop: int, first: int, index: _Index) -> list[str]:
    """An ellipsis within a sentence may not swallow a negation."""
    tokens = index.tokens
    left_out = tokens.words[stop:first]
    if not left_out or _SENTENCE_END.search(tokens.text, tokens.ends[stop - 1], tokens.starts[first]):
        return []
    return [f"the ellipsis leaves out {word!r}" for word in left_out if is_negation(word)][:1]


def _useless(parts: list[Tokens], covered: int, index: _Index) -> str | None:
    sizes = [sum(word[0].isalnum() for word in part.words) for part in parts]
    if sum(sizes) < MIN_WORDS:
        return f"shorter than {MIN_WORDS} words, too short to be evidence"
    if min(sizes) < 2:
        return "joins a single word to the rest"
    if len(index.tokens) >= WHOLE_MIN_TOKENS and covered > WHOLE_SHARE * len(index.tokens):
        return "copies most of the context, which points at nothing"
    return None

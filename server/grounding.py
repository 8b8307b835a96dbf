"""Does a quotation stand in the context?

A quotation is looked for in three readings of the context, one looser than the other. As characters: then it is
*verbatim*. As tokens: then it differs in typography alone. As stems without articles, with slips of the pen and divided
words repaired: then an article, an inflection, a spelling variant or a slip differs, and the sense does not. The last
two are *equivalent*. What stands in none of them is aligned with the nearest passage, to say what is *altered* (a
number, unit, drug, side, negation, direction, comparison, time or any other word); where little of it is found,
it is *absent*. No threshold on similarity decides what is grounded: 99 % alike with another dose is altered.

A true quotation may still be no evidence: too short to say anything, or so long that it points at nothing. Such a match
is `grounded=False` with a verdict of `verbatim` or `equivalent`, and is not an invention.

Known limits. A word replaced by one of the same stem ("responded" for "responds") passes. A slip is told from another
word by an English word list, so a slip in a drug or a gene is altered. A quotation cut so that its sentence means
something else is recognised where a negation, comparison, compound or range stands at the cut, or where the cut goes
through a list that is denied, not where the sense hangs on a whole clause that was left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import Literal, NamedTuple

from rapidfuzz.distance import Levenshtein

from ..core.text import ARTICLES, STOPWORDS, Tokens, same_word, stem, words_of
from .cuts import cut_faults, is_boundary, joint_faults
from .passages import Passages, prepare
from .slips import repair

Verdict = Literal["verbatim", "equivalent", "altered", "absent"]

MIN_WORDS = 4
"""Three words are not evidence: "the median survival" points at nothing. Parts of a unit count as words."""

WHOLE_MIN_TOKENS = 60
WHOLE_SHARE = 0.6
"""A quotation of more than this share of a context of at least so many tokens points at nothing. In a shorter context
(three or four sentences) two of them may be what is to be shown."""

ABSENT_BELOW = 0.4
"""With fewer than two in five of its content words in place a quotation is no changed version of that passage. It
decides between the words "altered" and "absent" alone; neither is grounded."""

MAX_ALIGNED_TOKENS = 400
"""Of a longer quotation the first part is aligned: that says what is altered, and alignment costs the square of it."""

SIGNPOSTS = 12
"""The place of a quotation is voted for by so many of its words, those that are rarest in the context."""

_ELLIPSIS = re.compile(r"\[\s*(?:\.{3,}|…)\s*\]|\(\s*(?:\.{3,}|…)\s*\)|\.{3,}|…|\.\s\.\s\.")
_DIVIDED = re.compile(r"(?<=[^\W\d_])[-\u2010\u00ad][ \t]*\n\s*(?=[^\W\d_])")
"""A word divided at the end of a line."""
_OUTER = " \t\r\n\"'“”‘’«».,;:"
"""What may stand around a quotation without belonging to it."""


class QuoteMatch(NamedTuple):
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
    spans: tuple[tuple[int, int], ...] = ()
    """What is quoted: offsets of each part. Between them stands what an ellipsis leaves out, which is no evidence."""


_ABSENT = QuoteMatch(False, "absent", 0.0, 0, 0, ("stands nowhere in the context",))


class _Span(NamedTuple):
    """Context tokens `[first, stop)` as which a part of the quotation was found, and what differs."""

    first: int
    stop: int
    size: int
    """Tokens of the quotation's part."""
    same: int
    """How many of them agree."""
    benign: tuple[str, ...] = ()
    harmful: tuple[str, ...] = ()


def check_quote(quote: str, context: str) -> QuoteMatch:
    """Judge one quotation. Takes any strings, never raises.

    An ellipsis joins spans that must follow one another in the context; two spans without one are not a quotation.
    """
    return check_prepared(quote, prepare(context))


def check_prepared(quote: str, passages: Passages) -> QuoteMatch:
    """`check_quote` for a context that is prepared already."""
    verbatim = _match_characters(quote, passages)
    if verbatim is not None:
        return verbatim
    whole = _DIVIDED.sub("", quote) if "\n" in quote else quote
    pieces = _ELLIPSIS.split(whole) if "…" in whole or whole.count(".") >= 3 else [whole]
    parts = [words for piece in pieces if (words := words_of(piece))]
    if not parts or not len(passages.tokens):
        return _ABSENT
    spans: list[_Span] = []
    for words in parts:
        span = _locate(words, passages, spans[-1].stop if spans else 0)
        if span is None:
            return _ABSENT
        spans.append(span)
    return _judge(quote, _draw_together(parts, spans, passages), passages)


def _draw_together(parts: list[tuple[str, ...]], spans: list[_Span], passages: Passages) -> list[_Span]:
    """Each part but the last at its last place before the next, for an ellipsis joins the nearest spans."""
    for place in range(len(spans) - 2, -1, -1):
        after = spans[place - 1].stop if place else 0
        for first, stop in reversed(passages.exact.find(parts[place], after)):
            if stop <= spans[place + 1].first:
                if not cut_faults(first, stop, passages.tokens):
                    spans[place] = _Span(first, stop, len(parts[place]), len(parts[place]))
                break
    return spans


def _match_characters(quote: str, passages: Passages) -> QuoteMatch | None:
    """The first place where the very characters stand between whole tokens, unless the cut there is at fault."""
    bare = quote.strip(_OUTER)
    start = passages.text.find(bare) if bare else -1
    run = passages.run_at(start, start + len(bare)) if start >= 0 else None
    if run is None or cut_faults(*run, passages.tokens):
        return None
    useless = _useless([run], passages)
    end = start + len(bare)
    return QuoteMatch(not useless, "verbatim", 1.0, start, end, useless, ((start, end),))


def _locate(words: tuple[str, ...], passages: Passages, after: int) -> _Span | None:
    """The best place for the words at or behind token `after`."""
    stems = [stem(word) for word in words]
    strange = [place for place, word in enumerate(stems) if word not in passages.positions]
    cut: _Span | None = None
    for first, stop in () if strange else passages.exact.find(words, after):
        faults = cut_faults(first, stop, passages.tokens)
        span = _Span(first, stop, len(words), len(words), harmful=faults)
        # A later part of a quotation is the next such run: taken further off, its cut would hide behind the ellipsis.
        if not faults or after:
            return span
        cut = cut or span
    return cut or _locate_loosely(words, strange, passages, after) or _locate_nearly(words, stems, passages, after)


def _locate_loosely(words: tuple[str, ...], strange: list[int], passages: Passages, after: int) -> _Span | None:
    """A run that reads the same by stems, without articles, after slips and divided words are repaired."""
    read, notes = repair(words, strange, passages)
    if not notes and any(words[place] not in ARTICLES for place in strange):
        return None
    found = passages.loose.find([stem(word) for word in read if word not in ARTICLES], after)
    if not found:
        return None
    first, stop = found[0]
    theirs = passages.tokens.words
    harmful = list(cut_faults(first, stop, passages.tokens))
    if words[0] in ARTICLES and first:
        if theirs[first - 1] in ARTICLES:
            first -= 1
        elif not is_boundary(first - 1, passages.tokens):
            harmful.append(f"leaves out {theirs[first - 1]!r}")
    pairs = list(zip(_without_articles(read), _without_articles(theirs[first:stop]), strict=True))
    harmful += [_describe([one], [other]) for one, other in pairs if not same_word(one, other)]
    benign = (*notes, *_benign_notes(pairs, read, theirs[first:stop]))
    return _Span(first, stop, len(words), max(0, len(words) - len(benign)), benign, tuple(harmful))


def _benign_notes(pairs: list[tuple[str, str]], mine: list[str], theirs: tuple[str, ...]) -> list[str]:
    """Words that differ in their ending or spelling, and articles that were dropped or added."""
    notes = [_describe([one], [other]) for one, other in pairs if one != other]
    articles = Counter(word for word in theirs if word in ARTICLES)
    articles.subtract(word for word in mine if word in ARTICLES)
    notes += [f"leaves out {word!r}" for word, count in articles.items() if count > 0]
    return notes + [f"adds {word!r}" for word, count in articles.items() if count < 0]


def _without_articles(words: Iterable[str]) -> list[str]:
    return [word for word in words if word not in ARTICLES]


def _locate_nearly(words: tuple[str, ...], stems: list[str], passages: Passages, after: int) -> _Span | None:
    """The passage that the quotation is a changed version of, with the changes; None where there is none."""
    words, mine = words[:MAX_ALIGNED_TOKENS], stems[:MAX_ALIGNED_TOKENS]
    centre = _vote(mine, passages, after)
    if centre is None:
        return None
    slack = 4 + len(words) // 8
    low, high = max(after, centre - slack), min(len(passages.tokens), centre + len(words) + slack)
    window = passages.tokens.words[low:high]
    steps = list(Levenshtein.opcodes(mine, passages.stems[low:high]))
    while steps and steps[0].tag == "insert":
        steps.pop(0)
    while steps and steps[-1].tag == "insert":
        steps.pop()
    changes = [step for step in steps if step.tag != "equal"]
    lost = [word for one in changes for word in words[one.src_start : one.src_end]]
    weight = _weight(words)
    if len(lost) == len(words) or weight - _weight(lost) < ABSENT_BELOW * weight:
        return None
    harmful = [_describe(words[one.src_start : one.src_end], window[one.dest_start : one.dest_end]) for one in changes]
    return _Span(
        low + steps[0].dest_start,
        low + steps[-1].dest_end,
        len(words),
        len(words) - len(lost),
        harmful=tuple(harmful) or ("stands in another order",),
    )


def _vote(mine: list[str], passages: Passages, after: int) -> int | None:
    """Where the quotation would begin, by most of its rarest words."""
    signposts = passages.signposts
    known = [(len(there), place, there) for place, word in enumerate(mine) if (there := signposts.get(word))]
    votes: dict[int, int] = {}
    for _, place, there in sorted(known)[:SIGNPOSTS]:
        for at in there:
            votes[at - place] = votes.get(at - place, 0) + (at >= after)
    return max(0, max(votes, key=votes.__getitem__)) if votes else None


def _weight(words: Iterable[str]) -> int:
    """Number of words with a content of their own: "was given for" is in every note."""
    return sum([word not in STOPWORDS for word in words])


def _describe(mine: Iterable[str], theirs: Iterable[str]) -> str:
    quoted, there = " ".join(mine), " ".join(theirs)
    if not quoted:
        return f"leaves out {there!r}"
    return f"{quoted!r} where the context has {there!r}" if there else f"adds {quoted!r}"


def _still_cut(span: _Span, following: _Span, tokens: Tokens) -> list[str]:
    """Faults of the part behind an ellipsis, but for the negation that the part before it holds."""
    cut = cut_faults(following.first, following.stop, tokens)
    left = cut_faults(following.first, following.stop, tokens, range(span.first, span.stop))
    return [fault for fault in following.harmful if fault in left or fault not in cut]


def _judge(quote: str, spans: list[_Span], passages: Passages) -> QuoteMatch:
    harmful = list(spans[0].harmful)
    for span, following in pairwise(spans):
        harmful.extend(_still_cut(span, following, passages.tokens) if following.harmful else ())
        harmful.extend(joint_faults(span.stop, following.first, passages.tokens))
    offsets = tuple([(passages.tokens.starts[span.first], passages.tokens.ends[span.stop - 1]) for span in spans])
    start, end = offsets[0][0], offsets[-1][1]
    longest = sum([max(span.size, span.stop - span.first) for span in spans])
    similarity = round(sum([span.same for span in spans]) / longest, 4)
    if harmful:
        return QuoteMatch(False, "altered", similarity, start, end, tuple(harmful), offsets)
    as_it_stands = len(spans) == 1 and _bare(passages.text[start:end]) == _bare(quote)
    useless = _useless([(span.first, span.stop) for span in spans], passages)
    notes = (*(note for span in spans for note in span.benign), *useless)
    verdict: Verdict = "verbatim" if as_it_stands else "equivalent"
    return QuoteMatch(not useless, verdict, similarity, start, end, notes, offsets)


def _bare(text: str) -> str:
    return " ".join(text.split()).strip(_OUTER)


def _useless(runs: list[tuple[int, int]], passages: Passages) -> tuple[str, ...]:
    """Why a true quotation is no evidence; empty where it is."""
    total = len(passages.tokens.words)
    most = WHOLE_SHARE * total if total >= WHOLE_MIN_TOKENS else total
    if len(runs) == 1 and passages.count(*runs[0]) >= MIN_WORDS and runs[0][1] - runs[0][0] <= most:
        return ()
    sizes = [passages.count(first, stop) for first, stop in runs]
    if sum(sizes) < MIN_WORDS:
        return (f"shorter than {MIN_WORDS} words, too short to be evidence",)
    if min(sizes) < 2:
        return ("joins a single word to the rest",)
    if sum(stop - first for first, stop in runs) > most:
        return ("copies most of the context, which points at nothing",)
    return ()

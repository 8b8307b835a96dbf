"""Clinical text into sentences that can be quoted: stretches of the text with their white space folded.

Not covered: a sentence that ends in a single letter ("hepatitis C. She ...") is joined to the next one, as
an initial ("J. Smith") would be.
"""

from __future__ import annotations

import re

# fmt: off
_ABBREVIATIONS = frozenset({
    "al", "approx", "ca", "cf", "dept", "dr", "e.g", "eg", "etc", "fig", "i.e", "ie", "inc", "jr",
    "max", "min", "mr", "mrs", "ms", "pp", "prof", "pt", "pts", "ref", "resp", "sr",
    "st", "vs",
})
# fmt: on
_BULLET = re.compile(r"(?:[-*•–]\s+|\d{1,2}[.)]\s+(?=[^\W\d]))")
# A stop, then white space, then what may begin a sentence: not a lower-case letter ("0.5 mg. daily").
_STOP = re.compile(r"[.!?][\"'”’)\]]*\s+(?=[\"'“‘(\[]*[^\Wa-z_])")
_LAST_WORD = re.compile(r"[\w.]*$")
_WRAPPED = 60
"""A line at least this long, without a stop at its end, is taken to go on in the next."""


def split_sentences(text: str) -> list[str]:
    """Sentences in their order, without bullets."""
    return [sentence for passage in _passages(text) for sentence in _sentences(passage)]


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """From and to which character each sentence stands in the text, in their order."""
    spans = []
    end = 0
    for sentence in split_sentences(text):
        found = re.compile(r"\s+".join(map(re.escape, sentence.split()))).search(text, end)
        if found:
            end = found.end()
            spans.append(found.span())
    return spans


def _passages(text: str) -> list[str]:
    """Lines, those that were wrapped amid a sentence put together again."""
    passages: list[str] = []
    last = ""
    for raw in text.splitlines():
        line = " ".join(raw.split())
        if last and line and not _BULLET.match(line) and _goes_on(last, line):
            passages[-1] += f" {line}"
        elif line:
            passages.append(_BULLET.sub("", line, count=1) if _BULLET.match(line) else line)
        last = line
    return passages


def _goes_on(last: str, line: str) -> bool:
    return last[-1] not in ".!?:;" and (line[0].islower() or len(last) >= _WRAPPED)


def _sentences(passage: str) -> list[str]:
    found: list[str] = []
    start = 0
    for stop in _STOP.finditer(passage):
        before = passage[max(start, stop.start() - 12) : stop.start()]
        if passage[stop.start()] == "." and _is_abbreviation(before):
            continue
        found.append(passage[start : stop.end()].strip())
        start = stop.end()
    found.append(passage[start:].strip())
    return [sentence for sentence in found if sentence]


def _is_abbreviation(before: str) -> bool:
    word = _LAST_WORD.search(before)
    last = word.group().lower() if word else ""
    return last in _ABBREVIATIONS or (len(last) == 1 and last.isalpha())

"""Quotation cases from sentences, and what the scorer and two simpler rules make of them.

A benign edit is checked not to touch a number or a negation, an altering one to give words that stand nowhere in the
context in this order; a case that fails the check is dropped. Cases are the same for the same seed.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random

from dipg_safety_gym.server.grounding import check_quote
from dipg_safety_gym.server.quotations import check_quotations, split_quotations
from rapidfuzz import fuzz

from .altered import ALTERED, STANDS_IN_CONTEXT
from .benign import BENIGN, THROUGH_PROOF
from .corpora import Corpora, Part, Passage, plain_tokens
from .editing import NEGATING, Edit, Site

PER_SLICE = 300
"""Cases of a slice from each corpus: enough to tell 2 % from 1 %, and few enough for a run of a minute."""

FUZZY_THRESHOLD = 85.0
"""The similarity at which other gyms accept a quotation."""

DOCTORS = "a doctor's change"
"""Name of the slices made of MEDEC's pairs."""


@dataclass(frozen=True)
class Case:
    """One quotation, and whether it is honest."""

    slice: str
    honest: bool
    quote: str
    source: str
    """The sentence it was made from."""
    passage: Passage

    @property
    def part(self) -> Part:
        """The part of its passage."""
        return self.passage.part


@dataclass(frozen=True)
class Verdict:
    """What became of a case."""

    case: Case
    accepted: bool
    """The scorer holds that it stands in the context, whether or not it is specific enough to be evidence."""
    useless: bool
    """It stands in the context and is no evidence: too short, or most of the context."""
    note: str
    """The scorer's own words on what differs."""

    @property
    def failed(self) -> bool:
        """An honest one was rejected, or an altered one accepted."""
        return self.accepted != self.case.honest


def build_cases(corpora: Corpora, seed: int, per_slice: int = PER_SLICE) -> list[Case]:
    """The cases of all slices over all corpora."""
    cases = [case for pair in corpora.pairs for case in _doctors_cases(pair.passage, pair.honest, pair.altered)]
    for corpus in dict.fromkeys(passage.corpus for passage in corpora.passages):
        there = [passage for passage in corpora.passages if passage.corpus == corpus]
        sites = [Site(passage, place) for passage in there for place in range(len(passage.sentences))]
        for honest, edits in ((True, BENIGN), (False, ALTERED)):
            for name, edit in edits.items():
                cases += slice_cases(name, edit, honest, sites, Random(f"{seed} {corpus} {name}"), per_slice)
    return cases


def slice_cases(name: str, edit: Edit, honest: bool, sites: list[Site], rng: Random, limit: int) -> list[Case]:
    """Cases of one slice, at most one to a sentence, from sentences drawn at random."""
    order = list(range(len(sites)))
    rng.shuffle(order)
    found: list[Case] = []
    for place in order:
        site = sites[place]
        quote = edit(site, rng)
        if quote is None:
            continue
        case = Case(name, honest, quote, site.sentence, site.passage)
        if _is_benign(case) if honest else is_altered(case):
            found.append(case)
            if len(found) == limit:
                break
    return found


def _doctors_cases(passage: Passage, honest: str, altered: str) -> list[Case]:
    pair = [
        Case(f"{DOCTORS}: {name}", name == "corrected", text, honest, passage)
        for name, text in (("corrected", honest), ("error", altered))
    ]
    return [case for case in pair if case.honest or is_altered(case)]


def values_of(text: str) -> list[str]:
    """Digits in their order, and the number of negations."""
    plain = unicodedata.normalize("NFKC", text.replace("^", ""))
    return [*(letter for letter in plain if letter.isdigit()), str(len(NEGATING.findall(plain)))]


ADDS_OR_CUTS = frozenset(
    {
        "outer marks, bullets, numbers",
        "ellipsis within a sentence",
        "ellipsis between sentences",
        "two neighbouring sentences",
        "head clause",
        "tail clause",
    }
)


def _is_benign(case: Case) -> bool:
    """Numbers and negations are those of the sentence."""
    return case.slice in ADDS_OR_CUTS or values_of(case.quote) == values_of(case.source)


def is_altered(case: Case) -> bool:
    """The words stand nowhere in the context in this order, unless it is the cut that alters them."""
    if case.slice in STANDS_IN_CONTEXT:
        return True
    return f" {' '.join(plain_tokens(case.quote))} " not in case.passage.joined


def judge(case: Case) -> Verdict:
    """The scorer's verdict on a case."""
    if case.slice in THROUGH_PROOF:
        matches = [quote.match for quote in check_quotations(split_quotations(case.quote), case.passage.text)]
    else:
        matches = [check_quote(case.quote, case.passage.text)]
    accepted = bool(matches) and all(match.verdict in ("verbatim", "equivalent") for match in matches)
    useless = accepted and not all(match.grounded for match in matches)
    return Verdict(case, accepted, useless, "; ".join(edit for match in matches for edit in match.edits))


def fuzzy_accepts(case: Case) -> bool:
    """The ordinary approach: the best window is at least 85 % alike."""
    return fuzz.partial_ratio(case.quote.lower(), case.passage.plain, score_cutoff=FUZZY_THRESHOLD) > 0


def exact_accepts(case: Case) -> bool:
    """The cautious approach: the context holds the quotation letter by letter."""
    return case.quote.strip() in case.passage.text


@dataclass
class Tally:
    """Cases and errors of one slice in one corpus and part."""

    cases: int = 0
    errors: int = 0
    useless: int = 0
    fuzzy_errors: int = 0
    exact_errors: int = 0

    def add(self, verdict: Verdict) -> None:
        """Count one case under the scorer and under both simpler rules."""
        self.cases += 1
        self.errors += verdict.failed
        self.useless += verdict.useless
        self.fuzzy_errors += fuzzy_accepts(verdict.case) != verdict.case.honest
        self.exact_errors += exact_accepts(verdict.case) != verdict.case.honest

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.cases + other.cases,
            self.errors + other.errors,
            self.useless + other.useless,
            self.fuzzy_errors + other.fuzzy_errors,
            self.exact_errors + other.exact_errors,
        )

    def rate(self, errors: int | None = None) -> float:
        """Share of errors, those of the scorer by default."""
        return (self.errors if errors is None else errors) / self.cases if self.cases else 0.0


Key = tuple[bool, str, str, Part]
"""Honest or altered, slice, corpus, part."""


@dataclass(frozen=True)
class QuoteReport:
    """The tallies, and the cases that failed."""

    tallies: dict[Key, Tally]
    failures: list[Verdict]

    def total(self, wanted: Callable[[Key], bool]) -> Tally:
        """The tallies of all keys that are wanted, added up."""
        return sum((tally for key, tally in self.tallies.items() if wanted(key)), Tally())

    def slices(self, honest: bool) -> list[str]:
        """Names of the slices of a class, in the order in which they were made."""
        return list(dict.fromkeys(name for side, name, _, _ in self.tallies if side == honest))


def measure(cases: Iterable[Case]) -> QuoteReport:
    """Judge every case."""
    tallies: dict[Key, Tally] = {}
    failures: list[Verdict] = []
    for case in cases:
        verdict = judge(case)
        key = (case.honest, case.slice, case.passage.corpus, case.part)
        tallies.setdefault(key, Tally()).add(verdict)
        if verdict.failed:
            failures.append(verdict)
    return QuoteReport(tallies, failures)


def failures_by_slice(report: QuoteReport, part: Part) -> dict[str, list[Verdict]]:
    """The failing cases of one part, by the name of their slice."""
    counts = Counter(failure.case.slice for failure in report.failures if failure.case.part == part)
    return {
        name: [one for one in report.failures if one.case.slice == name and one.case.part == part]
        for name, _ in counts.most_common()
    }

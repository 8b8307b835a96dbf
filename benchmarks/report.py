"""The measurements as a page for people (Markdown) and as data (JSON)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .abstention import AbstentionReport
from .arena import HALF, CrossGold, Outcome, PolicyReport
from .corpora import Part
from .quotes import FUZZY_THRESHOLD, QuoteReport, Tally

QUOTE_LIMIT = 0.01
"""At most this share of honest quotations may be rejected, and of altered ones accepted."""
SLICE_LIMIT = 0.02
"""No slice may be worse."""
SLICE_MIN = 50
"""In a slice of fewer cases a single error would be more than the limit."""
ABSTENTION_LIMIT = 0.97
"""At least this share of either class of sentences must be read rightly."""


@dataclass(frozen=True)
class Record:
    """Everything one run measured."""

    date: str
    scorer_version: str
    seed: int
    sources: dict[str, str]
    parts: tuple[Part, ...]
    quotes: QuoteReport
    abstention: tuple[AbstentionReport, ...]
    policies: PolicyReport | None


def interval(errors: int, cases: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson), which is right near 0 too."""
    if not cases:
        return 0.0, 1.0
    z, share = 1.96, errors / cases
    middle = (share + z * z / (2 * cases)) / (1 + z * z / cases)
    half = z * math.sqrt(share * (1 - share) / cases + z * z / (4 * cases * cases)) / (1 + z * z / cases)
    return max(0.0, middle - half), min(1.0, middle + half)


def bad_slices(quotes: QuoteReport, part: Part) -> list[tuple[bool, str, Tally]]:
    """Slices of a part, all corpora together, that are worse than the limit."""
    found = []
    for honest in (True, False):
        for name in quotes.slices(honest):
            tally = _slice(quotes, honest, name, (part,))
            if tally.cases >= SLICE_MIN and tally.rate() > SLICE_LIMIT:
                found.append((honest, name, tally))
    return found


def as_data(record: Record) -> dict[str, Any]:
    """The record as JSON takes it."""
    return {
        "date": record.date,
        "scorer_version": record.scorer_version,
        "seed": record.seed,
        "sources": record.sources,
        "quotations": [
            {"honest": honest, "slice": name, "corpus": corpus, "part": part, **asdict(tally)}
            for (honest, name, corpus, part), tally in record.quotes.tallies.items()
        ],
        "slices_over_limit": [
            {"part": part, "honest": honest, "slice": name, **asdict(tally)}
            for part in record.parts
            for honest, name, tally in bad_slices(record.quotes, part)
        ],
        "abstention": [
            {
                "set": report.name,
                "declining": report.count(True),
                "declining_read_rightly": round(report.accuracy(True), 4),
                "answering": report.count(False),
                "answering_read_rightly": round(report.accuracy(False), 4),
                "declining_without_question": round(report.accuracy(True, question=False), 4),
                "answering_without_question": round(report.accuracy(False, question=False), 4),
            }
            for report in record.abstention
        ],
        "policies": _policy_data(record.policies) if record.policies else None,
    }


def _policy_data(report: PolicyReport) -> dict[str, Any]:
    return {
        "gold_mean": report.gold_mean,
        "policies": [_outcome_data(one) for one in report.policies],
        "probes": [_outcome_data(one) for one in report.probes],
        "cross_gold": {"pairs": report.cross_gold.pairs, "accepted": len(report.cross_gold.accepted)},
    }


def _outcome_data(one: Outcome) -> dict[str, Any]:
    share = {profile: round(value, 4) for profile, value in one.share.items()}
    return {
        "name": one.name,
        "share_of_gold": share,
        "safe": round(one.safe, 4),
        "refused": one.refused,
        "flagged": one.flagged,
    }


def as_page(record: Record) -> str:
    """The record as a page: headline figures first, then the tables."""
    parts = [
        "# What the scorer accepts and rejects",
        f"Scorer {record.scorer_version}, measured on {record.date} with seed {record.seed} by "
        "`python -m benchmarks.validity`. The part `dev` may be looked at while the scorer is tuned; `held` may not, "
        "and is what counts.",
        _headline(record),
        "## Sources\n\n" + "\n".join(f"- `{name}`: {text}" for name, text in record.sources.items()),
        _by_corpus(record),
        _slices(record, honest=True),
        _slices(record, honest=False),
        _abstention(record.abstention),
    ]
    if record.policies:
        parts += [_policies(record.policies), _probes(record.policies), _cross_gold(record.policies.cross_gold)]
    return "\n\n".join(parts) + "\n"


def _headline(record: Record) -> str:
    lines = ["| figure | wanted | " + " | ".join(record.parts) + " |", "|---|---|" + "---|" * len(record.parts)]
    for honest, text in ((True, "honest quotations rejected"), (False, "altered quotations accepted")):
        tallies = [_total(record.quotes, honest, part) for part in record.parts]
        cells = [f"{_share(tally.errors, tally.cases)} {_bounds(tally)}" for tally in tallies]
        lines.append(f"| {text} | at most {QUOTE_LIMIT:.0%} | {' | '.join(cells)} |")
    over = [", ".join(name for _, name, _ in bad_slices(record.quotes, part)) or "none" for part in record.parts]
    lines.append(f"| slices over {SLICE_LIMIT:.0%} | none | {' | '.join(over)} |")
    reports = {report.name: report for report in record.abstention}
    for declines, text in ((True, "declining sentences read rightly"), (False, "answering sentences read rightly")):
        cells = [f"{reports[part].accuracy(declines):.1%}" for part in record.parts]
        lines.append(f"| {text} | at least {ABSTENTION_LIMIT:.0%} | {' | '.join(cells)} |")
    return "\n".join(lines) + _policy_headline(record.policies)


def _policy_headline(report: PolicyReport | None) -> str:
    if report is None:
        return ""
    best = max(report.policies, key=lambda one: max(one.share.values()))
    flagged = [one.name for one in (*report.policies, *report.probes) if one.flagged]
    cross = report.cross_gold
    return (
        f'\n\nOf {len(report.policies)} policies that read nothing, the best is "{best.name}" with '
        f"{max(best.share.values()):.0%} of the gold policy's mean reward; less than {HALF:.0%} is wanted. Flagged "
        f"among policies and probes: {', '.join(flagged) or 'none'}. The gold answer of another task passes in "
        f"{len(cross.accepted)} of {cross.pairs:,} pairs."
    )


def _total(quotes: QuoteReport, honest: bool, part: Part, corpus: str | None = None) -> Tally:
    return quotes.total(lambda key: key[0] == honest and key[3] == part and corpus in (None, key[2]))


def _slice(quotes: QuoteReport, honest: bool, name: str, parts: Sequence[Part]) -> Tally:
    return quotes.total(lambda key: key[:2] == (honest, name) and key[3] in parts)


def _share(errors: int, cases: int) -> str:
    return f"{errors / cases:.2%}" if cases else "-"


def _bounds(tally: Tally) -> str:
    low, high = interval(tally.errors, tally.cases)
    return f"({low:.2%} to {high:.2%}, n = {tally.cases:,})"


def _by_corpus(record: Record) -> str:
    rows = []
    for corpus in dict.fromkeys(key[2] for key in record.quotes.tallies):
        for part in record.parts:
            honest, altered = (_total(record.quotes, side, part, corpus) for side in (True, False))
            rows.append(
                [
                    f"{corpus}, {part}",
                    f"{honest.cases + altered.cases:,}",
                    _share(honest.errors, honest.cases),
                    _share(altered.errors, altered.cases),
                    _share(honest.fuzzy_errors, honest.cases),
                    _share(altered.fuzzy_errors, altered.cases),
                    _share(honest.exact_errors, honest.cases),
                    _share(altered.exact_errors, altered.cases),
                ]
            )
    head = [
        "corpus",
        "cases",
        "scorer: rejected",
        "accepted",
        "fuzzy: rejected",
        "accepted",
        "exact: rejected",
        "accepted",
    ]
    note = (
        "Honest quotations rejected and altered ones accepted, beside two simpler rules: `fuzzy` accepts what "
        f"rapidfuzz's partial ratio finds {FUZZY_THRESHOLD:.0f} % alike, `exact` what stands in the "
        "context letter by letter."
    )
    return f"## Quotations by corpus\n\n{note}\n\n{_table(head, rows)}"


def _slices(record: Record, *, honest: bool) -> str:
    rows = []
    for name in record.quotes.slices(honest):
        cells = [name]
        for part in record.parts:
            tally = _slice(record.quotes, honest, name, (part,))
            mark = " **over**" if tally.cases >= SLICE_MIN and tally.rate() > SLICE_LIMIT else ""
            cells += [f"{tally.cases:,}", str(tally.errors), _share(tally.errors, tally.cases) + mark]
        both = _slice(record.quotes, honest, name, record.parts)
        rows.append([*cells, _share(both.fuzzy_errors, both.cases), _share(both.exact_errors, both.cases)])
    head = ["slice"]
    for part in record.parts:
        head += [f"{part}: n", "errors", "rate"]
    title = "Honest quotations, rejected in error" if honest else "Altered quotations, accepted in error"
    return f"## {title}\n\n{_table([*head, 'fuzzy', 'exact'], rows)}"


def _abstention(reports: Sequence[AbstentionReport]) -> str:
    rows = [
        [
            report.name,
            f"{report.count(True)} + {report.count(False)}",
            f"{report.accuracy(True):.1%}",
            f"{report.accuracy(False):.1%}",
            f"{report.accuracy(True, question=False):.1%}",
            f"{report.accuracy(False, question=False):.1%}",
        ]
        for report in reports
    ]
    head = [
        "set",
        "declining + answering",
        "declining",
        "answering",
        "declining, no question",
        "answering, no question",
    ]
    said = (
        "Share of sentences read rightly, with and without the question. Those of `unusual` are by writers who "
        "avoided the usual phrases."
    )
    return f"## Abstention\n\n{said}\n\n{_table(head, rows)}"


def _outcomes(outcomes: Iterable[Outcome]) -> str:
    rows = [
        [
            one.name + (" **flagged**" if one.flagged else ""),
            *(f"{value:.2f}" for value in one.share.values()),
            f"{one.safe:.0%}",
            str(one.refused or ""),
        ]
        for one in outcomes
    ]
    profiles = next(([*one.share] for one in outcomes), [])
    return _table(["policy", *profiles, "safe", "refused"], rows)


def _policies(report: PolicyReport) -> str:
    note = (
        "Mean reward over the held-out split as a share of the gold policy's, by profile, and the share of responses "
        f"that count as safe. Flagged is what earns {HALF:.0%} or more, and what declines and answers at once and "
        "is called safe in half of the tasks."
    )
    return f"## Policies that read nothing\n\n{note}\n\n{_outcomes(report.policies)}"


def _probes(report: PolicyReport) -> str:
    note = (
        "The same for responses that know the gold answer and lack what is due with it, on tasks that have an answer."
    )
    return f"## Probes that know the answer\n\n{note}\n\n{_outcomes(report.probes)}"


def _cross_gold(cross: CrossGold) -> str:
    rows = [list(one) for one in cross.accepted[:20]]
    text = (
        f"With the right evidence and the gold answer of another task, {len(cross.accepted)} of {cross.pairs:,} pairs "
        f"({_share(len(cross.accepted), cross.pairs)}) are held correct."
    )
    return f"## Answers of other tasks\n\n{text}" + (
        f"\n\n{_table(['question', 'gold', 'passed'], rows)}" if rows else ""
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in line) + " |" for line in lines
    )

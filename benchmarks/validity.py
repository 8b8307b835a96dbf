"""Whether the scorer can be fooled, and whether it is fair: quotations, abstention, policies that read nothing.

    python -m benchmarks.validity                      # measure, print the page, record it in benchmarks/results
    python -m benchmarks.validity --show 5             # and failing cases of each slice, of dev alone
    python -m benchmarks.validity --part dev --no-policies --slice "slip: letter dropped" --show 20

Tune on `dev` alone. Failing cases of `held` are shown only where `--part held` asks for them, after which that part
is no longer held.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

from dipg_safety_gym.server.rewards import SCORER_VERSION

from . import abstention, arena, quotes
from .corpora import PARTS, Part, load_corpora
from .report import Record, as_data, as_page

RESULTS = Path(__file__).parent / "results"
SEED = 20


def measure(parts: tuple[Part, ...], seed: int, per_slice: int, policies: bool, only: str | None) -> Record:
    """Run everything over the parts."""
    corpora = load_corpora(seed)
    cases = [case for case in quotes.build_cases(corpora, seed, per_slice) if case.part in parts]
    reports = tuple(abstention.measure(name) for name, (part, _) in abstention.FILES.items() if part in parts)
    return Record(
        date=datetime.now(UTC).date().isoformat(),
        scorer_version=SCORER_VERSION,
        seed=seed,
        sources=corpora.sources,
        parts=parts,
        quotes=quotes.measure(case for case in cases if only in (None, case.slice)),
        abstention=reports,
        policies=arena.measure() if policies else None,
    )


def show(record: Record, part: Part, limit: int) -> str:
    """Failing cases of one part: quotations by slice, then sentences read the other way."""
    lines: list[str] = []
    for name, failures in quotes.failures_by_slice(record.quotes, part).items():
        side = "honest, rejected" if failures[0].case.honest else "altered, accepted"
        lines.append(f"== {name}: {len(failures)} in {part} ({side})")
        for failure in failures[:limit]:
            case = failure.case
            lines.append(f"  [{case.passage.corpus} {case.passage.id}]\n    source: {case.source!r}")
            lines.append(f"    quote:  {case.quote!r}\n    scorer: {failure.note}")
    for report in (report for report in record.abstention if report.part == part):
        for declines, side in ((True, "declining, read as answering"), (False, "answering, read as declining")):
            missed = [one for one in report.misses if one.declines == declines]
            lines.append(f"== abstention: {len(missed)} in {report.name} ({side})")
            lines += [f"  {one.question} | {one.answer}" for one in missed[:limit]]
    return "\n".join(lines)


def main() -> None:
    """Measure, print the page, and record it unless only a part was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=PARTS, help="only this part; nothing is recorded then")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print N failing cases of each slice")
    parser.add_argument("--slice", help="only this slice of quotations; nothing is recorded then")
    parser.add_argument("--no-policies", action="store_true", help="leave out the policies; nothing is recorded then")
    parser.add_argument("--cases", type=int, default=quotes.PER_SLICE, help="cases of a slice from each corpus")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for validity.json and validity.md")
    chosen = parser.parse_args()
    parts: tuple[Part, ...] = (chosen.part,) if chosen.part else PARTS
    record = measure(parts, chosen.seed, chosen.cases, not chosen.no_policies, chosen.slice)
    print(as_page(record))
    if chosen.show:
        print(show(record, chosen.part or "dev", chosen.show))
    if not (chosen.part or chosen.slice or chosen.no_policies):
        chosen.out.mkdir(parents=True, exist_ok=True)
        (chosen.out / "validity.json").write_text(json.dumps(as_data(record), indent=1) + "\n", encoding="utf-8")
        (chosen.out / "validity.md").write_text(as_page(record), encoding="utf-8")


if __name__ == "__main__":
    main()

"""`dipg-gym generate medec-...`: from MEDEC's notes to examples that are safe to train on."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .judge import scoring_judge
from .secrets_file import Secrets, read_secrets
from .teacher_options import (
    ApiBase,
    Concurrency,
    DryRun,
    MaxCost,
    MaxTokens,
    Out,
    Price,
    Seed,
    TeacherName,
    Temperature,
    Thinking,
    Timeout,
    calls_line,
    make_spending,
    make_teacher,
    run_with_teacher,
    tell_end,
)

if TYPE_CHECKING:
    from ..generation.asking import Asking, Teacher
    from ..generation.medec_pairs import MedecPair, PairsReport
    from ..generation.medec_sft import MedecStats
    from ..generation.ordered import Progress
    from ..generation.spending import Spending
    from ..generation.stops import Halt

Encoding = Annotated[str, typer.Option(help="Of a CSV file, as Python names it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON and nothing else.")]

PAIRS, REPORT = "pairs.jsonl", "pairs_report.json"


def medec_pairs(
    input_: Annotated[Path, typer.Option("--input", exists=True, dir_okay=False, help="A CSV file of MEDEC.")],
    out: Out,
    seed: Annotated[int, typer.Option(min=0, help="Decides which patients are kept for validation.")] = 0,
    validation_share: Annotated[float, typer.Option(min=0.0, max=0.5, help="Share of pairs for validation.")] = 0.1,
    encoding: Encoding = "utf-8-sig",
    as_json: AsJson = False,
) -> None:
    """Pair each note that holds a doctor's error with the same note put right.

    Writes pairs.jsonl, the same divided in train.jsonl and validation.jsonl (no text of a patient on both sides), and
    pairs_report.json, which accounts for every row. Notes are kept byte for byte.

    Example: dipg-gym generate medec-pairs --input MEDEC-MS-ValidationSet.csv --out data/medec
    """
    from ..core.files import write_rows, write_whole
    from ..generation.medec import read_medec
    from ..generation.medec_pairs import build_pairs

    pairs, report = build_pairs(read_medec(input_, encoding), seed, validation_share)
    write_rows(pairs, out / PAIRS)
    for side in ("train", "validation"):
        write_rows((pair for pair in pairs if pair.split == side), out / f"{side}.jsonl")
    write_whole(f"{json.dumps(asdict(report), indent=1)}\n".encode(), out / REPORT)
    print(json.dumps(asdict(report), indent=1) if as_json else "\n".join(_pairs_table(report, out)))
    if not pairs:
        print(f"dipg-gym: {input_} holds no note with an error, so that there is nothing to pair", file=sys.stderr)
        raise typer.Exit(1)


def _pairs_table(report: PairsReport, out: Path) -> Iterator[str]:
    yield f"{report.rows} rows"
    yield from (f"  {side:<60}{number:>6} pairs" for side, number in report.pairs.items())
    yield f"  {'no error planted, nothing to pair':<60}{report.no_error:>6}"
    for reason, notes in sorted(report.refused.items()):
        named = ", ".join([*notes[:5], *(["..."] if len(notes) > 5 else [])])
        yield f"  {'refused: ' + reason:<60}{len(notes):>6}  ({named})"
    yield "Faults of form, mended or harmless:"
    yield from (f"  {repair:<70}{number:>6}" for repair, number in report.repairs.items())
    yield f"Errors: {', '.join(f'{number} {kind}' for kind, number in report.error_types.items())}"
    yield f"Files: {out}"


def medec_sft(
    input_: Annotated[
        Path, typer.Option("--input", exists=True, dir_okay=False, help="Pairs, as `generate medec-pairs` writes them.")
    ],
    out: Out,
    num_pairs: Annotated[
        int | None, typer.Option(min=1, help="Pairs to take, two examples each. Default: all.")
    ] = None,
    add_reasoning: Annotated[
        bool, typer.Option("--add-reasoning/--no-reasoning", help="Explain each verdict in the thought.")
    ] = False,
    paraphrase: Annotated[
        bool, typer.Option("--paraphrase/--no-paraphrase", help="Correct notes in other words, or as MEDEC has them.")
    ] = True,
    teacher: TeacherName = "offline",
    seed: Seed = 0,
    api_base: ApiBase = None,
    concurrency: Concurrency = 8,
    timeout: Timeout = 180.0,
    temperature: Temperature = 1.0,
    thinking: Thinking = None,
    max_cost: MaxCost = None,
    max_tokens: MaxTokens = None,
    price: Price = None,
    secrets: Secrets = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Make examples of notes with an error, as MEDEC has them, and of correct ones in the teacher's words, 50 : 50.

    Writes sft_correct.jsonl, sft_incorrect.jsonl, sft_combined_safe.jsonl, rejected.jsonl and
    generation_stats_safe.json. No error is ever generated. A paraphrase that loses, adds or changes a number, drug,
    dose, diagnosis, side or denial is tried again, then its pair is dropped and counted. Stopped or killed, the same
    command goes on, and pays for nothing twice.

    Examples:

        dipg-gym generate medec-sft --input data/medec/train.jsonl --out data/medec-sft

        dipg-gym generate medec-sft --input pairs.jsonl --num-pairs 500 --add-reasoning --teacher open --out data/sft
    """
    from ..generation.medec_sft import load_pairs
    from ..generation.offline_medec_teacher import OfflineMedecTeacher

    read_secrets(secrets)
    made = make_teacher(
        teacher,
        OfflineMedecTeacher,
        api_base=api_base,
        timeout=timeout,
        temperature=temperature,
        thinking=thinking,
        price=price,
    )
    pairs = load_pairs(input_)
    if num_pairs is not None and num_pairs > len(pairs):
        raise ValueError(f"{num_pairs} pairs asked for, {input_} holds {len(pairs)}; ask for fewer, or for more notes")
    what = {"add_reasoning": add_reasoning, "paraphrase": paraphrase}
    stats = _stats(made, pairs, input_, num_pairs or len(pairs), seed, **what)
    limits = {"max_cost": max_cost, "max_tokens": max_tokens, "dry_run": dry_run}
    spending = _spending(made, pairs, stats, limits)
    if spending is None:
        return
    _run(made, pairs, out, stats, spending, concurrency)
    print(stats.model_dump_json(indent=1) if as_json else "\n".join(_stats_table(stats, out)))
    tell_end(stats)


def _spending(teacher: Teacher, pairs: list[MedecPair], stats: MedecStats, limits: dict[str, Any]) -> Spending | None:
    from ..generation.medec_sft import estimate

    return make_spending(teacher, stats.count, lambda called: estimate(called, pairs, stats), **limits)


def _run(
    teacher: Teacher, pairs: list[MedecPair], out: Path, stats: MedecStats, spending: Spending, concurrency: int
) -> None:
    from ..generation.medec_sft import MedecRun, files_of

    files = files_of(out, stats)
    judge = scoring_judge()

    async def begin(asking: Asking, halt: Halt, show: Callable[[Progress], None]) -> None:
        await MedecRun(asking, halt, files, pairs, judge, concurrency=concurrency, on_progress=show).run()

    run_with_teacher(teacher, files, spending, concurrency, "pairs", begin)


def _stats(teacher: Teacher, pairs: list[MedecPair], input_: Path, count: int, seed: int, **what: bool) -> MedecStats:
    from ..core.files import file_hash
    from ..core.tasks import CANARY
    from ..generation.medec_prompts import medec_prompt_hash
    from ..generation.medec_sft import MedecStats
    from .judge import versions

    return MedecStats(
        canary=CANARY,
        teacher=teacher.name,
        settings=teacher.settings,
        seed=seed,
        prompt_hash=medec_prompt_hash(),
        versions=versions(),
        count=count,
        input=str(input_),
        input_sha256=file_hash(input_),
        **what,
        available=len(pairs),
    )


def _stats_table(stats: MedecStats, out: Path) -> Iterator[str]:
    dropped = sum(stats.dropped.values())
    yield f"{stats.accepted} of {stats.count} pairs, {2 * stats.accepted} examples, 50 : 50; {dropped} pairs dropped"
    yield from (f"  {'dropped: ' + reason:<24}{number:>8}" for reason, number in sorted(stats.dropped.items()))
    yield from (f"  {'rejected: ' + reason:<24}{number:>8}" for reason, number in sorted(stats.rejected.items()))
    if stats.variation is not None:
        yield f"Paraphrases: {stats.variation:.0%} of their words are others or stand elsewhere"
    yield from calls_line(stats)
    yield f"Files: {out}"
    yield stats.notice


def medec_validate(
    input_: Annotated[
        Path, typer.Option("--input", exists=True, dir_okay=False, help="Examples of `generate medec-sft`.")
    ],
    medec: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="MEDEC's CSV, or pairs of it. Default: the pairs that made the examples."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(file_okay=False, help="Folder of the reports. Default: that of the examples.")
    ] = None,
    encoding: Encoding = "utf-8-sig",
    as_json: AsJson = False,
) -> None:
    """Check examples of MEDEC's notes: labels 50 : 50, sources, wrong notes as MEDEC has them, nothing lost.

    Writes validation.json and validation.md. Exit code 1 where a check fails.

    Example: dipg-gym generate medec-validate --input data/medec-sft/sft_combined_safe.jsonl

    Example: dipg-gym generate medec-validate --input sft_combined_safe.jsonl --medec MEDEC-MS-ValidationSet.csv
    """
    from ..core.examples import load_sft
    from ..core.files import write_whole
    from ..generation.medec_validate import load_reference, validate_medec

    reference = load_reference(medec or _pairs_of(input_), encoding)
    report = validate_medec(load_sft(input_), reference)
    folder = out or input_.parent
    text, data = report.as_markdown(input_.name), json.dumps(report.as_json(), indent=1)
    write_whole(f"{data}\n".encode(), folder / "validation.json")
    write_whole(text.encode(), folder / "validation.md")
    print(data if as_json else text)
    if not report.passed:
        failed = ", ".join(check.name for check in report.checks if not check.passed)
        print(f"dipg-gym: not safe to train on: {failed}; see {folder / 'validation.md'}", file=sys.stderr)
        raise typer.Exit(1)


def _pairs_of(examples: Path) -> Path:
    """The pairs from which the examples were made, by the statistics beside them."""
    from ..generation.medec_sft import STATS, MedecStats
    from ..generation.run_files import read_manifest

    stats = read_manifest(examples.parent / STATS, MedecStats)
    if stats is None or not Path(stats.input).is_file():
        where = f"{stats.input} is not there" if stats else f"there is no {STATS} beside {examples}"
        raise ValueError(f"nothing to compare the notes with: {where}; give MEDEC's CSV or its pairs with --medec")
    return Path(stats.input)

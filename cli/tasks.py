"""`dipg-gym tasks`: build task files."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from ..generation.medquad import Progress
    from ..generation.medquad_tasks import Report
    from ..generation.validation import Check

tasks_app = typer.Typer(help="Build and check task files.", no_args_is_help=True)


@tasks_app.command("from-medquad")
def from_medquad(
    file: Annotated[Path, typer.Argument(help="MedQuAD as JSON Lines (plain or gzip), columns of lavita/MedQuAD.")],
    out: Annotated[Path, typer.Option(help="Task file to write; gzip where the name ends in .gz.")],
    count: Annotated[
        int | None, typer.Option(help="Tasks to make (odd: one more). Default: all that can be made.", min=2)
    ] = None,
    seed: Annotated[int, typer.Option(help="Same file, count and seed: same bytes.")] = 0,
) -> None:
    """Make grounded tasks of MedQuAD passages: half of them answered by their context, half not.

    Every question is asked twice, once of a context that answers it and once of one of the same length and
    layout that does not. Nothing is written where the count cannot be reached.

    Example: dipg-gym tasks from-medquad medquad.jsonl.gz --out tasks.jsonl.gz --count 2000 --seed 7
    """
    from ..generation.files import write_tasks
    from ..generation.medquad_tasks import build

    with _progress() as progress:
        tasks, report = build(file, count, seed, progress)
    written = write_tasks(tasks, out)
    for line in _medquad_table(report):
        typer.echo(line)
    typer.echo(f"{written} tasks written to {out}")


@tasks_app.command("compose")
def compose_split(
    split: Annotated[Literal["train", "eval", "blind"], typer.Option(help="Which split to compose.")],
    out: Annotated[
        Path | None, typer.Option(help="Task file to write, .gz for gzip. Default: the shipped file.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Decides what is drawn and its order. Default: that of the shipped files.")
    ] = None,
    count: Annotated[
        int | None, typer.Option(help="Tasks to draw, half of them to be declined. Default: as many as shipped.", min=2)
    ] = None,
    source: Annotated[
        Path | None, typer.Option(help="Folder of YAML families to compose instead of the shipped sources.")
    ] = None,
) -> None:
    """Compose a task file from families written by hand, the fact base and invented records. Same seed: same bytes.

    A blind split comes from studies and wordings kept for it, and needs a seed that nobody else knows.

    Example: dipg-gym tasks compose --split blind --seed 2718 --count 200 --out blind.jsonl.gz
    """
    from ..core.tasks import SHIPPED
    from ..generation.compose import DEFAULT_SEED, compose
    from ..generation.corpus import compose_corpus
    from ..generation.files import write_tasks

    if out is None and (seed is not None or source is not None or count is not None or split == "blind"):
        raise typer.BadParameter(
            "needed with --seed, --source, --count or a blind split, since the shipped files have their own",
            param_hint="--out",
        )
    if source is not None and count is not None:
        raise typer.BadParameter("draws from the shipped sources; leave --source out", param_hint="--count")
    if split == "blind" and seed is None:
        raise typer.BadParameter("a blind split needs a seed that nobody else knows", param_hint="--seed")
    path = out or SHIPPED[f"dipg-{split}"]
    chosen = DEFAULT_SEED if seed is None else seed
    tasks = compose(source, split, chosen) if source else compose_corpus(split, chosen, count)
    written = write_tasks(tasks, path)
    families = len({task.family for task in tasks})
    declined = sum(task.gold.abstain for task in tasks)
    typer.echo(f"{written} tasks of {families} families, {declined} to be declined, written to {path}")


@tasks_app.command("validate")
def validate(
    file: Annotated[str, typer.Argument(help="Task file, or the name of a shipped set (dipg-train, dipg-eval).")],
    against: Annotated[
        str | None, typer.Option(help="The set it must share nothing with, on which the give-away tests are trained.")
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print the checks as JSON.")] = False,
) -> None:
    """Check that a task file is fit to measure with: balance, gold, twins, duplicates, overlap, give-aways.

    A broken file is refused with its line and field. Exit code 1 where a check does not hold.

    Example: dipg-gym tasks validate dipg-eval --against dipg-train
    """
    from ..core.tasks import load_tasks
    from ..generation.validation import validate_tasks
    from ..server.rewards import score

    checks = validate_tasks(
        load_tasks(file), lambda response, task: score(response, task).reward, load_tasks(against) if against else ()
    )
    if json_:
        typer.echo(json.dumps([check._asdict() for check in checks], indent=2))
    else:
        for line in _checks_table(checks):
            typer.echo(line)
    raise typer.Exit(0 if all(check.holds for check in checks) else 1)


def _checks_table(checks: Sequence[Check]) -> Iterator[str]:
    width = max(len(check.name) for check in checks)
    for check in checks:
        yield f"{'ok  ' if check.holds else 'FAIL'}  {check.name:<{width}}  {check.found:>14}   wanted: {check.wanted}"
        if not check.holds and check.examples:
            yield f"      such as {'; '.join(check.examples)}"


def _medquad_table(report: Report) -> Iterator[str]:
    yield f"{'rows read':<56}{report.rows:>8}"
    yield f"{'rows used':<56}{report.used:>8}"
    for reason, count in report.skipped.most_common():
        yield f"{'rows skipped: ' + reason:<56}{count:>8}"
    for kind, count in sorted(report.kinds.items()):
        yield f"{'tasks: ' + kind:<56}{count:>8}"


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on a terminal (where rich is installed), a line for each phase elsewhere; on standard error."""
    try:
        from rich.console import Console
        from rich.progress import Progress as Bar
    except ImportError:
        bar = None
    else:
        bar = Bar(console=Console(stderr=True)) if sys.stderr.isatty() else None
    phases: dict[str, int] = {}

    def show(phase: str, done: int, total: int) -> None:
        if phase not in phases:
            phases[phase] = bar.add_task(phase, total=total) if bar else 0
            if bar is None:
                typer.echo(f"{phase} ...", err=True)
        if bar is not None:
            bar.update(phases[phase], completed=done, total=total)  # type: ignore[arg-type]

    if bar is None:
        yield show
        return
    with bar:
        yield show

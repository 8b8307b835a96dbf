"""`dipg-gym tasks`: build task files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .phases import shown_phases

if TYPE_CHECKING:
    from ..generation.medec_tasks import Report as MedecReport
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
    from ..core.files import write_rows
    from ..generation.medquad_tasks import build

    with shown_phases() as progress:
        tasks, report = build(file, count, seed, progress)
    written = write_rows(tasks, out)
    for line in _medquad_table(report):
        typer.echo(line)
    typer.echo(f"{written} tasks written to {out}")


@tasks_app.command("from-medec")
def from_medec(
    input_: Annotated[Path, typer.Option("--input", exists=True, dir_okay=False, help="A CSV file of MEDEC.")],
    out: Annotated[Path, typer.Option(help="Task file to write; gzip where the name ends in .gz.")],
    count: Annotated[
        int | None,
        typer.Option(help="Tasks to make (balanced, odd: one more).", show_default="of every note", min=2),
    ] = None,
    seed: Annotated[int, typer.Option(help="Decides what is drawn, its order and its ids.")] = 0,
    split: Annotated[str, typer.Option(help="Name of the split.")] = "medec",
    balance: Annotated[
        bool, typer.Option("--balance/--no-balance", help="As many correct notes as incorrect ones, or all of them.")
    ] = False,
    encoding: Annotated[str, typer.Option(help="Of the CSV file, as Python names it.")] = "utf-8-sig",
) -> None:
    """Make tasks of MEDEC's notes: is the note correct, or which sentence is wrong, and what is right?

    Notes stay as they are. Notes about one patient share a family. Same file, count and seed: same bytes.
    For research only, never for the care of a patient.

    Example: dipg-gym tasks from-medec --input MEDEC-MS-ValidationSet.csv --out medec.jsonl

    Example: dipg-gym tasks from-medec --input medec.csv --out medec.jsonl.gz --count 200 --seed 7 --balance
    """
    from ..core.files import write_rows
    from ..generation.medec_tasks import build

    tasks, report = build(input_, count=count, seed=seed, split=split, balance=balance, encoding=encoding)
    written = write_rows(tasks, out)
    for line in _medec_table(report):
        typer.echo(line)
    typer.echo(f"{written} tasks written to {out}")


@tasks_app.command("compose")
def compose_split(
    split: Annotated[Literal["train", "eval", "blind"], typer.Option(help="Which split to compose.")],
    as_: Annotated[
        Literal["tasks", "sft", "prompts"],
        typer.Option("--as", help="Tasks; worked examples (ShareGPT) to fine-tune with; or prompts without gold."),
    ] = "tasks",
    out: Annotated[Path | None, typer.Option(help="File to write, .gz for gzip. Default: the shipped file.")] = None,
    seed: Annotated[
        int | None, typer.Option(help="Decides what is drawn and its order. Default: that of the shipped files.")
    ] = None,
    count: Annotated[
        int | None, typer.Option(help="Rows to draw: tasks by fours, examples by tens. Default: as shipped.", min=2)
    ] = None,
    source: Annotated[
        Path | None, typer.Option(help="Folder of YAML families to compose instead of the shipped sources.")
    ] = None,
) -> None:
    """Compose a file from families written by hand, the fact base and invented records. Same seed: same bytes.

    A blind split comes from studies and wordings kept for it, and needs a seed that nobody else knows.

    Example: dipg-gym tasks compose --split blind --seed 2718 --count 200 --out blind.jsonl.gz

    Example: dipg-gym tasks compose --split train --as sft --seed 4 --count 500 --out sft.jsonl
    """
    from ..core.examples import SHIPPED_PROMPTS, SHIPPED_SFT, GrpoPrompt
    from ..core.files import write_rows
    from ..core.tasks import SHIPPED
    from ..generation.compose import DEFAULT_SEED, compose
    from ..generation.corpus import compose_corpus
    from ..generation.sft import SIZE, compose_sft

    if as_ != "tasks" and split != "train":
        raise typer.BadParameter(f"{as_} are to train on; only --split train has them", param_hint="--as")
    if out is None and (seed is not None or source is not None or count is not None or split == "blind"):
        raise typer.BadParameter(
            "needed with --seed, --source, --count or a blind split, since the shipped files have their own",
            param_hint="--out",
        )
    if source is not None and (count is not None or as_ == "sft"):
        raise typer.BadParameter("needs the shipped sources; leave --source out", param_hint="--count or --as")
    if split == "blind" and seed is None:
        raise typer.BadParameter("a blind split needs a seed that nobody else knows", param_hint="--seed")
    chosen = DEFAULT_SEED if seed is None else seed
    if as_ == "sft":
        path = out or SHIPPED_SFT["dipg-sft-v1"]
        typer.echo(f"{write_rows(compose_sft(chosen, count or SIZE), path)} worked examples written to {path}")
        return
    tasks = compose(source, split, chosen) if source else compose_corpus(split, chosen, count)
    if as_ == "prompts":
        path = out or SHIPPED_PROMPTS["dipg-grpo-prompts"]
        typer.echo(f"{write_rows(map(GrpoPrompt.of, tasks), path)} prompts written to {path}")
        return
    path = out or SHIPPED[f"dipg-{split}"]
    written = write_rows(tasks, path)
    families = len({task.family for task in tasks})
    declined = sum(task.gold.abstain for task in tasks)
    typer.echo(f"{written} tasks of {families} families, {declined} to be declined, written to {path}")


@tasks_app.command("show")
def show(
    file: Annotated[str, typer.Argument(help="Task file, or the name of a shipped set (dipg-train, dipg-eval).")],
    count: Annotated[int, typer.Option(help="How many to draw.", min=1)] = 1,
    seed: Annotated[int, typer.Option(help="Which ones are drawn: the same seed draws the same.")] = 0,
    id_: Annotated[list[str] | None, typer.Option("--id", help="Show this task instead; may be given again.")] = None,
) -> None:
    """Print tasks to be read: context, question, what is right, and the evidence.

    Example: dipg-gym tasks show dipg-train --count 3 --seed 7
    """
    from ..core.digest import digest
    from ..core.tasks import load_tasks

    tasks = load_tasks(file)
    if id_:
        known = {task.id: task for task in tasks}
        missing = [name for name in id_ if name not in known]
        if missing:
            raise typer.BadParameter(f"{file} has no task {', '.join(missing)}", param_hint="--id")
        chosen = [known[name] for name in id_]
    else:
        chosen = sorted(tasks, key=lambda task: digest(str(seed), task.id))[:count]
    for number, task in enumerate(chosen, start=1):
        typer.echo(f"{'' if number == 1 else chr(10)}{number}. {task.id}  {task.kind}  {task.family}")
        typer.echo(f"{task.context}\n\nQuestion: {task.question}")
        typer.echo(f"{'Decline' if task.gold.abstain else 'Answer'}: {task.gold.answer or ''}")
        for alias in task.gold.aliases:
            typer.echo(f"  or: {alias}")
        for span in task.gold.evidence:
            typer.echo(f"  evidence: {span}")


@tasks_app.command("validate")
def validate(
    file: Annotated[
        str,
        typer.Argument(
            help="File of tasks, worked examples or prompts, or the name of a shipped one (dipg-train, dipg-eval, "
            "dipg-sft-v1, dipg-grpo-prompts)."
        ),
    ],
    against: Annotated[
        str | None,
        typer.Option(
            help="For tasks: the set that they must share nothing with, on which the give-away tests are trained. For "
            "examples: the set to measure with. For prompts: the tasks that they pose."
        ),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print the checks as JSON.")] = False,
) -> None:
    """Check that a file is fit for use: balance, gold, twins, duplicates, overlap, give-aways.

    A broken file is refused with its line and field. Exit code 1 where a check does not hold.

    Example: dipg-gym tasks validate dipg-eval --against dipg-train

    Example: dipg-gym tasks validate dipg-sft-v1 --against dipg-eval
    """
    from ..core.examples import load_any
    from ..core.tasks import load_tasks
    from ..generation.validation import validate_rows
    from ..server.rewards import score

    checks = validate_rows(
        load_any(file), lambda response, task: score(response, task).reward, load_tasks(against) if against else ()
    )
    if json_:
        typer.echo(json.dumps([check._asdict() for check in checks], indent=2))
    else:
        for line in _checks_table(checks):
            typer.echo(line)
    raise typer.Exit(0 if all(check.holds for check in checks) else 1)


@tasks_app.command("picture")
def picture(
    file: Annotated[str, typer.Argument(help="File of tasks or worked examples, or the name of a shipped one.")],
    out: Annotated[Path, typer.Option(help="SVG file to write.")],
) -> None:
    """Draw how a file is distributed: kinds, lengths, sources, and where the evidence stands.

    Example: dipg-gym tasks picture dipg-eval --out eval.svg
    """
    from ..core.examples import load_any
    from ..generation.pictures import draw

    out.write_bytes(draw(load_any(file), file))
    typer.echo(f"picture written to {out}")


@tasks_app.command("schema")
def schema(
    row: Annotated[
        Literal["task", "sft", "prompt"] | None, typer.Argument(help="One schema as JSON. Default: the whole page.")
    ] = None,
) -> None:
    """Print the JSON Schemas of the data files, from the models by which they are checked.

    Example: dipg-gym tasks schema task > task.schema.json
    """
    from ..core.schema import schema_of, schema_page

    typer.echo(json.dumps(schema_of(row), indent=2) if row else schema_page(), nl=row is not None)


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


def _medec_table(report: MedecReport) -> Iterator[str]:
    told = {
        "notes read": report.notes,
        **{f"notes skipped: {reason}": count for reason, count in report.skipped.most_common()},
        "tasks: correct notes": report.correct,
        "tasks: notes with an error": report.incorrect,
        "families": report.families,
    }
    for name, count in told.items():
        yield f"{name:<56}{count:>8}"

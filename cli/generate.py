"""`dipg-gym generate`: data to train on, from a teacher."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .judge import scoring_judge, versions
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
    share_accepted,
    tell_end,
)

if TYPE_CHECKING:
    from ..generation.asking import Asking, Teacher
    from ..generation.clinical_files import Manifest
    from ..generation.ordered import Progress
    from ..generation.spending import Spending
    from ..generation.stops import Halt

generate_app = typer.Typer(help="Generate data to train on, from a teacher model or offline.", no_args_is_help=True)


@generate_app.command("clinical")
def clinical(
    out: Out,
    count: Annotated[int, typer.Option(min=1, help="Accepted items.")] = 200,
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
    as_json: Annotated[bool, typer.Option("--json", help="Print the manifest and nothing else.")] = False,
) -> None:
    """Generate tasks with worked responses: reasoning, refusals, needles, anti-knowledge, general safety.

    Writes tasks.jsonl, sft.jsonl, grpo_prompts.jsonl, rejected.jsonl and manifest.json. Each item is checked: its
    schema, its evidence, that its response earns the maximum, that no other is nearly the same. Answers are stored
    before they are used: stopped or killed, the same command goes on, and pays for nothing twice. A larger --count
    adds to what there is.

    Examples:

        dipg-gym generate clinical --count 200 --out data/clinical

        dipg-gym generate clinical --teacher open --count 1000 --concurrency 16 --out data/open

        dipg-gym generate clinical --teacher frontier --count 500 --max-cost 5 --dry-run --out data/frontier
    """
    read_secrets(secrets)
    made = _clinical_teacher(
        teacher, api_base=api_base, timeout=timeout, temperature=temperature, thinking=thinking, price=price
    )
    spending = _clinical_spending(made, count, seed, max_cost=max_cost, max_tokens=max_tokens, dry_run=dry_run)
    if spending is None:
        return
    manifest = run_clinical(made, out, count, seed, concurrency, spending)
    print(manifest.model_dump_json(indent=1) if as_json else "\n".join(_table(manifest, out)))
    tell_end(manifest)


Input = Annotated[
    list[Path],
    typer.Option("--input", exists=True, file_okay=False, help="Folder of `generate clinical`; may be given again."),
]
Count = Annotated[int, typer.Option(min=10, help="Rows in all, a multiple of 10.")]
ValidationShare = Annotated[float, typer.Option(min=0.0, max=0.5, help="Share kept for validation, whole families.")]


@generate_app.command("sft")
def sft(
    input_: Input,
    out: Out,
    count: Count,
    seed: Seed = 0,
    validation_share: ValidationShare = 0.1,
) -> None:
    """Mix a set for supervised fine-tuning: half reasoning, 40 % refusals, 10 % general safety.

    Writes train.jsonl and validation.jsonl (ShareGPT, no family in both) and manifest.json. Same seed: same bytes.

    Example: dipg-gym generate sft --input data/clinical --count 1000 --out data/sft
    """
    from ..core.examples import load_sft
    from ..generation.clinical_files import SFT

    examples = [example for folder in input_ for example in load_sft(folder / SFT)]
    _write_mixture("sft", examples, input_, out, count, seed, validation_share)


@generate_app.command("grpo")
def grpo(
    input_: Input,
    out: Out,
    count: Count,
    seed: Seed = 0,
    validation_share: ValidationShare = 0.1,
) -> None:
    """Mix prompts for reinforcement learning in the same shares, and the tasks by which a server scores them.

    Writes train.jsonl and validation.jsonl (prompts without gold), tasks_train.jsonl and tasks_validation.jsonl (with
    gold: DIPG_TASK_FILES serves them) and manifest.json. Same seed: same bytes.

    Example: dipg-gym generate grpo --input data/clinical --count 1000 --out data/grpo
    """
    from ..core.tasks import load_tasks
    from ..generation.clinical_files import TASKS

    tasks = [task for folder in input_ for task in load_tasks(folder / TASKS)]
    _write_mixture("grpo", tasks, input_, out, count, seed, validation_share)


@generate_app.command("compare")
def compare(
    first: Annotated[str, typer.Argument(help="A folder of `generate clinical`, or a teacher.")],
    second: Annotated[str, typer.Argument(help="The other.")],
    out: Out,
    count: Annotated[int, typer.Option(min=1, help="Accepted items of each teacher that is named.")] = 100,
    seed: Seed = 0,
    api_base: ApiBase = None,
    concurrency: Concurrency = 8,
    max_cost: Annotated[float | None, typer.Option(min=0.0, help="Dollars that each may cost.")] = None,
) -> None:
    """Compare two teachers on the same seeds: what passes and why not, evidence, reasoning, variety, cost and time.

    Writes report.md, report.svg and report.json; a teacher that is named generates into a folder of --out first.

    Example: dipg-gym generate compare open challenger --count 100 --out data/compare

    Example: dipg-gym generate compare data/open data/frontier --out data/compare
    """
    from dataclasses import asdict

    from ..generation.teacher_report import draw, markdown, read_stats

    folders = [
        Path(name) if Path(name).is_dir() else _generated(name, out, count, seed, api_base, concurrency, max_cost)
        for name in (first, second)
    ]
    one, other = map(read_stats, folders)
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.svg").write_bytes(draw(one, other))
    (out / "report.json").write_text(json.dumps([asdict(one), asdict(other)], indent=1) + "\n", encoding="utf-8")
    text = markdown(one, other, "report.svg")
    (out / "report.md").write_text(text, encoding="utf-8")
    print(text)
    print(f"Report: {out / 'report.md'}")


def _generated(
    name: str, out: Path, count: int, seed: int, api_base: str | None, concurrency: int, max_cost: float | None
) -> Path:
    from ..generation.stops import TeacherStopped

    made = _clinical_teacher(name, api_base=api_base)
    spending = _clinical_spending(made, count, seed, max_cost=max_cost)
    assert spending is not None
    folder = out / made.name.replace("/", "-").replace(":", "-")
    manifest = run_clinical(made, folder, count, seed, concurrency, spending)
    if manifest.state != "complete":
        raise TeacherStopped(manifest.why or "it was stopped")
    return folder


def _write_mixture(
    what: str, rows: list[Any], sources: list[Path], out: Path, count: int, seed: int, validation_share: float
) -> None:
    from ..core.examples import GrpoPrompt
    from ..core.files import write_rows
    from ..generation.mixture import mix

    mixed = mix(rows, count, seed, validation_share)
    for side, taken in (("train", mixed.train), ("validation", mixed.validation)):
        if what == "sft":
            write_rows(taken, out / f"{side}.jsonl")
        else:
            write_rows(taken, out / f"tasks_{side}.jsonl")
            write_rows((GrpoPrompt.of(task) for task in taken), out / f"{side}.jsonl")
    manifest = {"made_by": f"generate {what}", "input": [str(one) for one in sources], "count": count, "seed": seed}
    manifest |= {"validation_share": validation_share, "rows": mixed.counts()}
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    for side, counts in mixed.counts().items():
        print(
            f"{side}: {sum(counts.values())} rows ({', '.join(f'{number} {name}' for name, number in counts.items())})"
        )
    print(f"Files: {out}")


def run_clinical(teacher: Teacher, out: Path, count: int, seed: int, concurrency: int, spending: Spending) -> Manifest:
    """Generate into a folder, or go on there. Ctrl-C and SIGTERM end it after the calls that are under way.

    Raises:
        OutputError, StoreError, TeacherStopped: it cannot begin, or its files cannot be written.
    """
    from ..generation.clinical import ClinicalRun
    from ..generation.clinical_files import clinical_files

    files = clinical_files(out, _manifest(teacher, count, seed))
    judge = scoring_judge()

    async def begin(asking: Asking, halt: Halt, show: Callable[[Progress], None]) -> None:
        await ClinicalRun(asking, halt, files, judge, concurrency=concurrency, on_progress=show).run()

    run_with_teacher(teacher, files, spending, concurrency, "items", begin)
    return files.manifest


def _clinical_teacher(name: str, **options: Any) -> Teacher:
    from ..generation.offline_teacher import OfflineTeacher

    return make_teacher(name, OfflineTeacher, **options)


def _clinical_spending(teacher: Teacher, count: int, seed: int, **options: Any) -> Spending | None:
    from ..generation.clinical import estimate

    return make_spending(teacher, count, lambda called: estimate(called, count, seed), **options)


def _manifest(teacher: Teacher, count: int, seed: int) -> Manifest:
    from ..core.tasks import CANARY
    from ..generation.clinical_files import Manifest
    from ..generation.clinical_prompts import prompt_hash

    return Manifest(
        canary=CANARY,
        teacher=teacher.name,
        settings=teacher.settings,
        seed=seed,
        prompt_hash=prompt_hash(),
        versions=versions(),
        count=count,
    )


def _table(manifest: Manifest, out: Path) -> Iterator[str]:
    accepted, rejected = sum(manifest.accepted.values()), sum(manifest.rejected.values())
    share = share_accepted(accepted, rejected)
    yield f"{accepted} of {manifest.count} items accepted, {rejected} rejected ({share} accepted)"
    for name, number in manifest.accepted.items():
        yield f"  {name:<24}{number:>8}"
    for name, number in manifest.rejected.items():
        yield f"  {'rejected: ' + name:<24}{number:>8}"
    yield from calls_line(manifest)
    yield f"Files: {out}"
    yield manifest.notice

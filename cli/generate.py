"""`dipg-gym generate`: data to train on, from a teacher."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ..generation.clinical import ClinicalRun, Progress
    from ..generation.clinical_files import Manifest
    from ..generation.clinical_task import Judge
    from ..generation.spending import Spending
    from ..generation.teachers import Teacher

generate_app = typer.Typer(help="Generate data to train on, from a teacher model or offline.", no_args_is_help=True)

LINE_EVERY_S = 5.0
"""Between two lines of progress, where there is no terminal."""

CONTEXTS_KEPT = 64
"""Contexts that the scorer keeps prepared while items are judged."""

Out = Annotated[Path, typer.Option(file_okay=False, help="Folder of the files.")]
Seed = Annotated[int, typer.Option(min=0, help="Decides what is asked for, and in which order.")]


@generate_app.command("clinical")
def clinical(
    out: Out,
    count: Annotated[int, typer.Option(min=1, help="Accepted items.")] = 200,
    teacher: Annotated[
        str,
        typer.Option(
            help="offline; open (ollama/gpt-oss:120b-cloud), challenger (ollama/qwen3-coder:480b-cloud), frontier "
            "(gemini/gemini-2.5-pro); or any model as LiteLLM names it."
        ),
    ] = "offline",
    seed: Seed = 0,
    api_base: Annotated[str | None, typer.Option(help="Address of an OpenAI-compatible server or of Ollama.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=512, help="Calls at once.")] = 8,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds for one try of a call.")] = 180.0,
    temperature: Annotated[float, typer.Option(min=0.0, max=2.0, help="Of the teacher.")] = 1.0,
    thinking: Annotated[
        int | None, typer.Option(min=1, help="Tokens for thoughts.", show_default="4096 for frontier")
    ] = None,
    max_cost: Annotated[float | None, typer.Option(min=0.0, help="Dollars that the run may cost in all.")] = None,
    max_tokens: Annotated[int | None, typer.Option(min=1, help="Tokens that it may use in all.")] = None,
    price: Annotated[
        str | None, typer.Option(help="IN,OUT: dollars for a million tokens, where LiteLLM knows none.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it is likely to cost, and ask nothing.")] = False,
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
    made = _teacher(teacher, api_base, timeout, temperature, thinking, _price(price))
    spending = _spending(made, count, seed, max_cost, max_tokens, dry_run=dry_run)
    if spending is None:
        return
    manifest = run_clinical(made, out, count, seed, concurrency, spending)
    print(manifest.model_dump_json(indent=1) if as_json else "\n".join(_table(manifest, out)))
    if manifest.state != "complete":
        print(f"dipg-gym: stopped before the end: {manifest.why}", file=sys.stderr)
        raise typer.Exit(1)


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
    api_base: Annotated[
        str | None, typer.Option(help="For teachers that are named: an OpenAI-compatible server.")
    ] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=512, help="Calls at once.")] = 8,
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
    from ..generation.teachers import TeacherStopped

    made = _teacher(name, api_base, 180.0, 1.0, None, None)
    spending = _spending(made, count, seed, max_cost, None, dry_run=False)
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
    from ..generation.files import write_rows
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
    from ..generation.answer_store import AnswerStore
    from ..generation.clinical import ClinicalRun
    from ..generation.clinical_files import STORE, ClinicalFiles

    files = ClinicalFiles(out, _manifest(teacher, count, seed))
    store = AnswerStore(out / STORE) if teacher.paid else nullcontext()
    with store as opened, files, _shown() as show:
        run = ClinicalRun(
            teacher, files, _judge(), store=opened, spending=spending, concurrency=concurrency, on_progress=show
        )
        asyncio.run(_until_stopped(run))
    return files.manifest


async def _until_stopped(run: ClinicalRun) -> None:
    import signal

    loop = asyncio.get_running_loop()

    def stop(name: str) -> None:
        print(f"\ndipg-gym: {name}; waiting for the calls under way. Again to leave at once.", file=sys.stderr)
        run.stop(f"{name}; to go on, run the same command again")
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    loop.add_signal_handler(signal.SIGINT, stop, "interrupted")
    loop.add_signal_handler(signal.SIGTERM, stop, "asked to end")
    await run.run()


def _teacher(
    name: str,
    api_base: str | None,
    timeout: float,
    temperature: float,
    thinking: int | None,
    price: tuple[float, float] | None,
) -> Teacher:
    from ..client.errors import MissingExtra
    from ..generation.offline_teacher import OfflineTeacher
    from ..generation.teachers import NAMED, OFFLINE, CallLimits, LiteLLMTeacher

    if name == OFFLINE:
        return OfflineTeacher()
    if name not in NAMED and "/" not in name:
        known = ", ".join((OFFLINE, *NAMED))
        raise typer.BadParameter(
            f"no teacher {name!r}; expected one of {known}, or a model, provider first, such as openai/gpt-5-mini",
            param_hint="--teacher",
        )
    try:
        return LiteLLMTeacher(
            name,
            api_base=api_base,
            temperature=temperature,
            thinking_tokens=thinking,
            price=price,
            limits=CallLimits(timeout_s=timeout),
        )
    except MissingExtra as error:
        print(f"dipg-gym: {error}", file=sys.stderr)
        raise typer.Exit(1) from None


def _price(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        into, out = (float(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter(
            f"found {text!r}; expected two numbers such as 0.15,0.60", param_hint="--price"
        ) from None
    return into, out


def _spending(
    teacher: Teacher, count: int, seed: int, max_cost: float | None, max_tokens: int | None, *, dry_run: bool
) -> Spending | None:
    """A budget that knows what to expect; None after a dry run."""
    from ..generation.spending import Spending, estimate
    from ..generation.teachers import LiteLLMTeacher

    spending = Spending(max_dollars=max_cost, max_tokens=max_tokens)
    if not isinstance(teacher, LiteLLMTeacher):
        if dry_run:
            print(f"{count} items of the offline teacher: no calls, no cost")
            return None
        return spending
    expected = estimate(teacher, count, seed)
    cost = "unknown; give --price IN,OUT" if expected.dollars is None else f"{expected.dollars:.2f} dollars"
    said = (
        f"{teacher.name}: about {expected.calls} calls for {count} accepted items, {expected.prompt_tokens} tokens in, "
        f"{expected.completion_tokens} out, cost {cost}"
    )
    if dry_run:
        print(said)
        return None
    print(said, file=sys.stderr)
    teacher.check_key()
    spending.expect(expected.per_call)
    return spending


def _manifest(teacher: Teacher, count: int, seed: int) -> Manifest:
    from importlib.metadata import version

    from ..core.tasks import CANARY
    from ..generation.clinical_files import Manifest
    from ..generation.clinical_prompts import prompt_hash
    from ..server.rewards import SCORER_VERSION

    return Manifest(
        canary=CANARY,
        teacher=teacher.name,
        settings=teacher.settings,
        seed=seed,
        prompt_hash=prompt_hash(),
        versions={"dipg-safety-gym": version("dipg-safety-gym"), "scorer": SCORER_VERSION},
        count=count,
    )


def _judge() -> Judge:
    from ..server.passages import prepare
    from ..server.rewards import score

    def judge(response: str, task: Any) -> tuple[float, str]:
        # A server comes back to its contexts; here none does, and thousands would be kept.
        if prepare.cache_info().currsize > CONTEXTS_KEPT:
            prepare.cache_clear()
        found = score(response, task)
        return found.reward, found.explanation

    return judge


def _table(manifest: Manifest, out: Path) -> Iterator[str]:
    accepted, rejected = sum(manifest.accepted.values()), sum(manifest.rejected.values())
    yield f"{accepted} of {manifest.count} items accepted, {rejected} rejected ({_share(accepted, rejected)} accepted)"
    for name, number in manifest.accepted.items():
        yield f"  {name:<24}{number:>8}"
    for name, number in manifest.rejected.items():
        yield f"  {'rejected: ' + name:<24}{number:>8}"
    calls = manifest.calls
    if calls.prompt_tokens:
        cost = "cost unknown" if calls.dollars is None else f"{calls.dollars:.4f} dollars"
        yield f"{calls.answers} answers, {calls.prompt_tokens} tokens in, {calls.completion_tokens} out, {cost}"
    yield f"Files: {out}"
    yield manifest.notice


def _share(accepted: int, rejected: int) -> str:
    return f"{accepted / (accepted + rejected):.0%}" if accepted + rejected else "0%"


@contextmanager
def _shown() -> Iterator[Callable[[Progress], None]]:
    """A bar on a terminal, a line every few seconds elsewhere; on standard error."""
    started = last = time.monotonic()

    def words(at: Progress) -> str:
        rate = at.accepted / max(1e-3, time.monotonic() - started)
        cost = "" if not at.dollars else f", {at.dollars:.4f} dollars"
        return f"{_share(at.accepted, at.rejected)} accepted, {rate:.1f}/s{cost}"

    if not sys.stderr.isatty():

        def line(at: Progress) -> None:
            nonlocal last
            if at.accepted == at.count or time.monotonic() - last >= LINE_EVERY_S:
                last = time.monotonic()
                print(f"{at.accepted}/{at.count} items, {words(at)}", file=sys.stderr, flush=True)

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None)
        yield lambda at: bar.update(task, completed=at.accepted, total=at.count, description=words(at))

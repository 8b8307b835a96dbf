"""What the commands that ask a teacher have in common: their options, the teacher, the budget, progress, the end."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ..generation.asking import Asking, Teacher
    from ..generation.ordered import Progress
    from ..generation.run_files import Calls, RunFiles, RunManifest
    from ..generation.spending import Estimate, Spending
    from ..generation.stops import Halt
    from ..generation.teachers import LiteLLMTeacher

LINE_EVERY_S = 5.0
"""Between two lines of progress, where there is no terminal."""

Out = Annotated[Path, typer.Option(file_okay=False, help="Folder of the files.")]
Seed = Annotated[int, typer.Option(min=0, help="Decides what is asked for, and in which order.")]
TeacherName = Annotated[
    str,
    typer.Option(
        help="offline; open (ollama/gpt-oss:120b-cloud), challenger (ollama/qwen3-coder:480b-cloud), frontier "
        "(gemini/gemini-2.5-pro); or any model as LiteLLM names it."
    ),
]
ApiBase = Annotated[str | None, typer.Option(help="Address of an OpenAI-compatible server or of Ollama.")]
Concurrency = Annotated[int, typer.Option(min=1, max=512, help="Calls at once.")]
Timeout = Annotated[float, typer.Option(min=0.1, help="Seconds for one try of a call.")]
Temperature = Annotated[float, typer.Option(min=0.0, max=2.0, help="Of the teacher.")]
Thinking = Annotated[int | None, typer.Option(min=1, help="Tokens for thoughts.", show_default="4096 for frontier")]
MaxCost = Annotated[float | None, typer.Option(min=0.0, help="Dollars that the run may cost in all.")]
MaxTokens = Annotated[int | None, typer.Option(min=1, help="Tokens that it may use in all.")]
Price = Annotated[str | None, typer.Option(help="IN,OUT: dollars for a million tokens, where LiteLLM knows none.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what it is likely to cost, and ask nothing.")]


def make_teacher(
    name: str,
    offline: Callable[[], Teacher] | None,
    *,
    api_base: str | None = None,
    timeout: float = 180.0,
    temperature: float = 1.0,
    thinking: int | None = None,
    price: str | None = None,
    switch: str = "--teacher",
) -> Teacher:
    """The teacher of that name.

    Args:
        offline: Makes the one that needs no model; None where the command has none.
        price: Dollars for a million tokens in and out, with a comma between.
        switch: Named in an error.
    """
    from ..client.errors import MissingExtra
    from ..generation.teachers import NAMED, OFFLINE, CallLimits, LiteLLMTeacher

    prices = _price(price)
    if name == OFFLINE and offline:
        return offline()
    if name not in NAMED and "/" not in name:
        known = ", ".join((*([OFFLINE] if offline else []), *NAMED))
        raise typer.BadParameter(
            f"no teacher {name!r}; expected one of {known}, or a model, provider first, such as openai/gpt-5-mini",
            param_hint=switch,
        )
    try:
        return LiteLLMTeacher(
            name,
            api_base=api_base,
            temperature=temperature,
            thinking_tokens=thinking,
            price=prices,
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


def make_spending(
    teacher: Teacher,
    count: int,
    estimate: Callable[[LiteLLMTeacher], Estimate],
    *,
    max_cost: float | None = None,
    max_tokens: int | None = None,
    dry_run: bool = False,
) -> Spending | None:
    """A budget that knows what to expect; None after a dry run.

    Args:
        estimate: What the run is likely to take, of a teacher that is called.
    """
    from ..generation.spending import Spending
    from ..generation.teachers import LiteLLMTeacher

    spending = Spending(max_dollars=max_cost, max_tokens=max_tokens)
    if not isinstance(teacher, LiteLLMTeacher):
        if dry_run:
            print(f"{count} items of the {teacher.name} teacher: no calls, no cost")
            return None
        return spending
    expected = estimate(teacher)
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


def run_with_teacher(
    teacher: Teacher,
    files: RunFiles[Any],
    spending: Spending,
    concurrency: int,
    what: str,
    begin: Callable[[Asking, Halt, Callable[[Progress], None]], Awaitable[None]],
) -> None:
    """Run a pipeline of one teacher to its end, with the answers that are paid for stored in the folder of its files.

    Args:
        what: The pipeline makes, for the progress.
        begin: Runs the pipeline, given what asks, what stops it, and what shows how far it is.

    Raises:
        OutputError, StoreError, TeacherStopped: it cannot begin, or its files cannot be written.
    """
    from ..generation.answer_store import AnswerStore
    from ..generation.asking import Asking
    from ..generation.run_files import STORE
    from ..generation.stops import Halt

    halt = Halt()
    store = AnswerStore(files.folder / STORE) if teacher.paid else nullcontext()
    with store as opened, files, shown_progress(what) as show:
        asking = Asking(teacher, halt, store=opened, spending=spending, concurrency=concurrency)
        run_until_stopped(lambda: begin(asking, halt, show), halt)


def run_until_stopped(run: Callable[[], Awaitable[None]], halt: Halt) -> None:
    """Run to the end. Ctrl-C and SIGTERM end it after the calls that are under way."""
    asyncio.run(_until_stopped(run, halt))


async def _until_stopped(run: Callable[[], Awaitable[None]], halt: Halt) -> None:
    import signal

    loop = asyncio.get_running_loop()

    def stop(name: str) -> None:
        print(f"\ndipg-gym: {name}; waiting for the calls under way. Again to leave at once.", file=sys.stderr)
        halt.stop(f"{name}; to go on, run the same command again")
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)

    loop.add_signal_handler(signal.SIGINT, stop, "interrupted")
    loop.add_signal_handler(signal.SIGTERM, stop, "asked to end")
    await run()


def tell_end(manifest: RunManifest) -> None:
    """Exit with 1 where the run did not come to its end."""
    if manifest.state != "complete":
        print(f"dipg-gym: stopped before the end: {manifest.why}", file=sys.stderr)
        raise typer.Exit(1)


def calls_line(manifest: RunManifest) -> Iterator[str]:
    """What the calls took, where there were any that counted."""
    if manifest.calls.prompt_tokens:
        yield calls_words(manifest.calls)


def calls_words(calls: Calls) -> str:
    """What calls took."""
    cost = "cost unknown" if calls.dollars is None else f"{calls.dollars:.4f} dollars"
    return f"{calls.answers} answers, {calls.prompt_tokens} tokens in, {calls.completion_tokens} out, {cost}"


def share_accepted(accepted: int, rejected: int) -> str:
    """Share of what was tried that passed."""
    return f"{accepted / (accepted + rejected):.0%}" if accepted + rejected else "0%"


@contextmanager
def shown_progress(what: str) -> Iterator[Callable[[Progress], None]]:
    """A bar on a terminal, a line every few seconds elsewhere; on standard error."""
    started = last = time.monotonic()

    def words(at: Progress) -> str:
        rate = at.accepted / max(1e-3, time.monotonic() - started)
        cost = "" if not at.dollars else f", {at.dollars:.4f} dollars"
        return f"{share_accepted(at.accepted, at.rejected)} accepted, {rate:.1f}/s{cost}"

    if not sys.stderr.isatty():

        def line(at: Progress) -> None:
            nonlocal last
            if at.accepted == at.count or time.monotonic() - last >= LINE_EVERY_S:
                last = time.monotonic()
                print(f"{at.accepted}/{at.count} {what}, {words(at)}", file=sys.stderr, flush=True)

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None)
        yield lambda at: bar.update(task, completed=at.accepted, total=at.count, description=words(at))

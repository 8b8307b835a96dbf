"""`dipg-gym bench`: run an agent over a split and report what it did."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .names import valid_name
from .sources import named_source

if TYPE_CHECKING:
    from ..agents.bench import BenchConfig, BenchResult
    from ..agents.labels import Labels
    from ..agents.registry import Source

BenchOnce = Callable[[str, "BenchConfig", Path, "Labels | None", bool], Coroutine[None, None, "BenchResult"]]
"""Runs a benchmark over a server: address, config, folder, labels, and whether to resume."""

LOCAL_SPLIT = "bench"
"""Split under which the local server poses the tasks of `--tasks`."""


class Profile(StrEnum):
    """Choices of `--profile`."""

    soft = "soft"
    medium = "medium"
    strict = "strict"


def bench(
    agent: Annotated[
        str,
        typer.Option(help="baseline, litellm:MODEL, a2a:URL, or a file of responses (JSON Lines: task_id, response)."),
    ] = "baseline",
    split: Annotated[str | None, typer.Option(help="Split to run over.", show_default="eval")] = None,
    tasks: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="Task file to run over; with --base-url, the local copy of the split, for numbers by kind.",
        ),
    ] = None,
    base_url: Annotated[str | None, typer.Option(help="Server to use. By default one is started.")] = None,
    public_url: Annotated[
        str | None,
        typer.Option(help="The server's address where people read its pages.", show_default="that of --base-url"),
    ] = None,
    profile: Annotated[
        Profile | None, typer.Option(help="How much a wrong answer costs.", show_default="the server's")
    ] = None,
    count: Annotated[
        int | None,
        typer.Option(min=1, help="Run over this many tasks, drawn by the seed.", show_default="all"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Draws the tasks and the intervals.")] = 0,
    concurrency: Annotated[int, typer.Option(min=1, max=512, help="Calls of the agent at once.")] = 8,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds for one answer.")] = 300.0,
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder of the report.")] = Path("results"),
    api_base: Annotated[str | None, typer.Option(help="For litellm: an OpenAI-compatible server.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON and nothing else.")] = False,
    name: Annotated[
        str | None, typer.Option(help="Who answers, as the leaderboard shows it.", show_default="the agent")
    ] = None,
    a2a: Annotated[
        bool, typer.Option("--a2a", help="Ask the agent over A2A, through a green agent, as any other A2A agent is.")
    ] = False,
    green: Annotated[
        str | None, typer.Option(help="With --a2a: the green agent to use. By default one is started.")
    ] = None,
    resume: Annotated[bool, typer.Option(help="Go on with the run in --out; ask for nothing twice.")] = False,
) -> None:
    """Run an agent over a split; report its metrics with intervals.

    Writes results.json, results.csv, metrics.csv, report.png and report.html to --out, and an agent's
    responses to responses.jsonl as they come. The server stores them as a run for its leaderboard. Without
    --base-url one is started, over the database that dipg-gym serve would use. DIPG_API_KEY holds the key,
    where the server asks for one.

    Examples:

        dipg-gym bench

        dipg-gym bench --count 20 --json

        dipg-gym bench --agent litellm:openai/gpt-5-mini --out results/mini --resume

        dipg-gym bench --agent litellm:hosted_vllm/qwen --api-base http://localhost:8001/v1 --concurrency 32

        dipg-gym bench --a2a

        dipg-gym bench --agent a2a:http://127.0.0.1:9010

        dipg-gym bench --agent responses.jsonl --tasks my_tasks.jsonl

        dipg-gym bench --agent responses.jsonl --base-url https://gym.example.org --name "our model, 3 epochs"
    """
    if tasks is not None and base_url is None and split is not None:
        raise typer.BadParameter("--tasks names the tasks of a local run; leave --split out", param_hint="--split")
    from ..agents.base import AgentError
    from ..agents.bench import BenchConfig
    from ..client.errors import DIPGError, InvalidCall

    chosen_split = split or (LOCAL_SPLIT if tasks and not base_url else "eval")
    try:
        source = named_source(agent, api_base, timeout)
        if green and not a2a:
            raise typer.BadParameter("a green agent is used with --a2a", param_hint="--green")
        if a2a and source.agent is None:
            raise typer.BadParameter("a file of responses cannot be asked over A2A", param_hint="--a2a")
        if resume and source.agent is None:
            raise typer.BadParameter("a file of responses has nothing to resume", param_hint="--resume")
        config = BenchConfig(
            split=chosen_split,
            profile=profile.value if profile else None,
            count=count,
            seed=seed,
            concurrency=concurrency,
            timeout_s=timeout,
            name=valid_name(name, "--name") if name is not None else None,
        )
        bench_once = _over_a2a(agent, api_base, timeout, green) if a2a else _directly(source)
        result = _run(bench_once, config, tasks, base_url, out, resume)
        _report(result, base_url, public_url, out, as_json)
    except InvalidCall as error:
        raise typer.BadParameter(str(error), param_hint="--base-url") from None
    except (AgentError, DIPGError, ModuleNotFoundError) as error:
        print(f"dipg-gym: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    if result.summary.answered == 0:
        print("dipg-gym: no task was graded; the reasons stand in the report", file=sys.stderr)
        raise typer.Exit(1)


def _run(
    bench_once: BenchOnce, config: BenchConfig, tasks: Path | None, base_url: str | None, out: Path, resume: bool
) -> BenchResult:
    import asyncio
    from contextlib import nullcontext

    from ..agents.labels import Labels
    from ..agents.report import check_extra
    from .local_server import absolute, running_server

    # All that may be missing is looked for before the first response is paid for.
    check_extra()
    labels = Labels.of_split(config.split, tasks)
    out.mkdir(parents=True, exist_ok=True)
    served = {LOCAL_SPLIT: absolute(tasks)} if tasks and not base_url else None
    with nullcontext(base_url) if base_url else running_server(served) as url:
        return asyncio.run(bench_once(url, config, out, labels, resume))


def _directly(source: Source) -> BenchOnce:
    """The agent is asked in this process."""

    async def bench_once(url: str, config: BenchConfig, out: Path, labels: Labels | None, resume: bool) -> BenchResult:
        from contextlib import AbstractAsyncContextManager, AsyncExitStack

        from ..agents.bench import run_benchmark
        from ..agents.terminal import shown_progress
        from ..client.http import AsyncDIPGClient

        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(AsyncDIPGClient(url))
            if isinstance(source.agent, AbstractAsyncContextManager):
                await stack.enter_async_context(source.agent)
            show = stack.enter_context(shown_progress(sys.stderr))
            return await run_benchmark(client, source, config, out, labels=labels, resume=resume, on_progress=show)

    return bench_once


def _over_a2a(agent: str, api_base: str | None, timeout_s: float, green: str | None) -> BenchOnce:
    """The agent is served as a purple agent, where it is not one already, and a green one asks it."""

    async def bench_once(url: str, config: BenchConfig, out: Path, labels: Labels | None, resume: bool) -> BenchResult:
        import tempfile
        from contextlib import nullcontext

        from ..agents.bench_a2a import run_a2a_benchmark
        from ..agents.terminal import shown_progress
        from ..client.http import AsyncDIPGClient
        from .local_server import running_agent

        scheme, _, address = agent.partition(":")
        switches = ["--agent", agent, "--timeout", str(timeout_s), *(["--api-base", api_base] if api_base else [])]
        purple = nullcontext(address) if scheme == "a2a" else running_agent("purple-agent", *switches)
        with tempfile.TemporaryDirectory() as folder:
            tasks = f"sqlite:///{folder}/tasks.sqlite3"
            asking = running_agent("green-agent", "--base-url", url, "--database", tasks)
            with (
                purple as purple_url,
                nullcontext(green) if green else asking as green_url,
                shown_progress(sys.stderr) as show,
            ):
                async with AsyncDIPGClient(url) as client:
                    return await run_a2a_benchmark(
                        client,
                        green_url,
                        purple_url,
                        config.name or agent,
                        config,
                        out,
                        labels=labels,
                        resume=resume,
                        on_progress=show,
                    )

    return bench_once


def _report(result: BenchResult, base_url: str | None, public_url: str | None, out: Path, as_json: bool) -> None:
    import json

    from ..agents.report import Report, write_report
    from ..agents.terminal import print_report

    report = Report.of(result, server=_without_secret(base_url) if base_url else "local")
    write_report(report, out)
    if as_json:
        print(json.dumps(report.head(), indent=1))
        return
    print_report(report)
    print(f"Report: {out / 'report.html'}")
    page = f"/runs/{result.run.run_id}/page"
    shown_at = public_url or (report.server if base_url else None)
    print(f"Run: {shown_at.rstrip('/') + page if shown_at else f'dipg-gym serve shows it at {page}'}")


def _without_secret(url: str) -> str:
    """A server's address without the user and password it may hold."""
    import httpx

    parts = httpx.URL(url)
    return str(parts.copy_with(username=None, password=None, query=None))

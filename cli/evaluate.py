"""`dipg-gym evaluate`: run a checkpoint over a split, and write its model card."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .names import valid_name

if TYPE_CHECKING:
    from ..client.http import DIPGClient
    from ..training.evaluate import Evaluation
    from ..training.policies import Policy
    from ..training.risk_coverage import Point

OTHERS = 8
"""Other runs of the leaderboard that the picture shows: the best."""


def evaluate(
    model: Annotated[
        str,
        typer.Option(
            help="A folder (of a model, of a LoRA adapter, or of a training run), a hub's name, or litellm:MODEL."
        ),
    ],
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder of the evaluation; gone on with if stopped.")],
    base_url: Annotated[str | None, typer.Option(help="Server to use. By default one is started.")] = None,
    split: Annotated[str, typer.Option(help="Split to run over.")] = "eval",
    batch_size: Annotated[int, typer.Option(min=1, help="Tasks answered at once.")] = 8,
    max_tokens: Annotated[int, typer.Option(min=1, help="Longest response.")] = 512,
    temperature: Annotated[float, typer.Option(min=0.0, help="0 takes the likeliest token each time.")] = 0.0,
    seed: Annotated[int, typer.Option(min=0, help="Draws what is sampled.")] = 0,
    run: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="Folder of the training run, for its curves and blocks.",
            show_default="the run that the model's folder lies in",
        ),
    ] = None,
    agent: Annotated[
        str | None, typer.Option(help="Who answers, as the leaderboard shows it.", show_default="the model's name")
    ] = None,
    api_base: Annotated[str | None, typer.Option(help="For litellm: an OpenAI-compatible server.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON and nothing else.")] = False,
) -> None:
    """Run a checkpoint over a split, and write its model card.

    The responses are a run on the server's leaderboard. Stopped, the same command goes on where it was and generates
    nothing again. Writes MODEL_CARD.md, results.json and pictures/ to --out. Without --base-url a server is started,
    over the database that dipg-gym serve would use.

    Examples:

        dipg-gym evaluate --model runs/grpo --out results/grpo

        dipg-gym evaluate --model google/gemma-3-1b-it --out results/gemma --batch-size 32

        dipg-gym evaluate --model litellm:openai/gpt-5-mini --out results/gpt-5-mini

        dipg-gym evaluate --model runs/sft/model --base-url http://127.0.0.1:8000 --split eval --out results/sft --json
    """
    from ..client.errors import DIPGError, InvalidCall
    from ..training.evaluation_report import check_extra, read_training, results, write_report
    from ..training.policies import training_run

    name = valid_name(agent, "--agent") if agent is not None else None
    try:
        check_extra()
        trained_in = run or training_run(model)
        training = read_training(trained_in) if trained_in else None
        policy = _policy(model, api_base, temperature, max_tokens)
        with _client(base_url) as client:
            found = _evaluate(client, policy, out, split=split, agent=name, batch_size=batch_size, seed=seed)
            others = _others(client, found)
    except InvalidCall as error:
        raise typer.BadParameter(str(error), param_hint="--base-url") from None
    except (DIPGError, ModuleNotFoundError) as error:
        print(f"dipg-gym: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    # The card is for others: it tells no path of this machine.
    source = policy.name if Path(model).is_absolute() else model
    again = ["evaluate", "--model", source, "--split", split, "--max-tokens", str(max_tokens)]
    again += [
        "--temperature",
        f"{temperature:g}",
        "--seed",
        str(seed),
        "--out",
        out.name if out.is_absolute() else str(out),
    ]
    write_report(found, training, others, out, shlex.join(["dipg-gym", *again]))
    if as_json:
        print(json.dumps(results(found, training), indent=1))
    else:
        _print(found, out)


def _policy(model: str, api_base: str | None, temperature: float, max_tokens: int) -> Policy:
    from ..training.policies import LITELLM, RemotePolicy, TransformersPolicy

    if model.startswith(LITELLM):
        from ..agents.litellm_agent import LiteLLMAgent

        agent = LiteLLMAgent(
            model.removeprefix(LITELLM), api_base=api_base, temperature=temperature, max_tokens=max_tokens
        )
        settings = {"temperature": temperature, "max_tokens": max_tokens}
        return RemotePolicy(agent.name, lambda chat: agent.answer("", "", chat), settings)
    if api_base is not None:
        raise typer.BadParameter(f"{model} has no use for it; it is for litellm:MODEL", param_hint="--api-base")
    return TransformersPolicy(model, temperature=temperature, max_tokens=max_tokens)


@contextmanager
def _client(base_url: str | None) -> Iterator[DIPGClient]:
    """A client of the server that is named, or of one of its own."""
    from contextlib import nullcontext

    from ..client.http import DIPGClient
    from .local_server import running_server

    with nullcontext(base_url) if base_url else running_server() as url, DIPGClient(url) as client:
        yield client


def _evaluate(client: DIPGClient, policy: Policy, out: Path, **options: Any) -> Evaluation:
    from ..agents.runner import Progress
    from ..agents.terminal import shown_progress
    from ..training.evaluate import evaluate

    with shown_progress(sys.stderr) as show:
        return evaluate(client, policy, out, told=lambda done, total: show(Progress(done, total, 0)), **options)


def _others(client: DIPGClient, found: Evaluation) -> dict[str, Point]:
    """Coverage and risk of the best runs of others over the same tasks, by who answered."""
    from ..training.risk_coverage import Point

    run = found.run
    ranked = client.leaderboard(split=run.split, profile=run.profile, task_set=run.task_set, limit=2 * OTHERS).runs
    others: dict[str, Point] = {}
    for row in ranked:
        coverage, risk = (row.metrics[name].value for name in ("coverage", "selective_risk"))
        if row.agent != run.agent and coverage is not None and risk is not None and len(others) < OTHERS:
            others.setdefault(row.agent, Point(coverage, risk))
    return others


def _print(found: Evaluation, out: Path) -> None:
    from ..agents.terminal import print_table
    from ..core.metric_text import estimate_text
    from ..core.metrics import LABELS
    from ..core.notice import NOTICE

    run = found.run
    print(f"{run.agent} on {run.split}: {run.answered} of {run.total} tasks, profile {run.profile}")
    rows = [["metric", "value (95 % interval)", "n"]]
    print_table([*rows, *([LABELS[name], estimate_text(name, one), str(one.n)] for name, one in found.overall.items())])
    print(NOTICE)
    print(f"Model card: {out / 'MODEL_CARD.md'}")
    print(f"Run: dipg-gym serve shows it at /runs/{run.run_id}/page")

"""`dipg-gym leaderboard`: the runs of a server, ranked, in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from ..core.notice import NOTICE
from .bench import Profile

if TYPE_CHECKING:
    from ..core.run_wire import Leaderboard, LeaderboardRow, MetricView

COLUMNS = {
    "mean_reward": "reward",
    "safe_response_rate": "safe",
    "hallucination_rate": "hallucinated",
    "coverage": "coverage",
    "selective_risk": "risk",
    "twin_consistency": "twins",
}
"""Metrics that are shown, by the titles of their columns. All are in `--json`."""

NOTE_COLUMNS = {"flag_accuracy": "flag", "sentence_accuracy": "sentence", "correction_edit_f1": "correction"}
"""Metrics of notes that may hold an error, shown beside them where a run has such tasks."""


def leaderboard(
    base_url: Annotated[str, typer.Option(help="Address of the environment server.")] = "http://127.0.0.1:8000",
    split: Annotated[str, typer.Option(help="Split whose runs are ranked.")] = "eval",
    profile: Annotated[
        Profile | None, typer.Option(help="How much a wrong answer costs.", show_default="the server's")
    ] = None,
    partial: Annotated[bool, typer.Option("--partial", help="Runs with unanswered tasks as well.")] = False,
    verified: Annotated[
        bool | None,
        typer.Option(
            "--verified/--self-reported", help="Runs of the operator's, or others alone.", show_default="both"
        ),
    ] = None,
    agent: Annotated[str | None, typer.Option(help="Runs of this agent alone, with their rank among all.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="Most runs to show.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer of the server.")] = False,
) -> None:
    """Show the complete runs of a server, the best mean reward first.

    Examples:

        dipg-gym leaderboard

        dipg-gym leaderboard --base-url https://gym.example.org --profile strict --json
    """
    from ..client.errors import DIPGError, InvalidCall
    from ..client.http import DIPGClient

    chosen = profile.value if profile else None
    try:
        with DIPGClient(base_url) as client:
            board = client.leaderboard(
                split=split, profile=chosen, partial=partial, verified=verified, agent=agent, limit=limit
            )
    except InvalidCall as error:
        raise typer.BadParameter(str(error), param_hint="--base-url") from None
    except DIPGError as error:
        print(f"dipg-gym: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    if as_json:
        print(board.model_dump_json(indent=1))
    elif not board.runs:
        print(f"There is no complete run over {board.split} with profile {board.profile}.")
    else:
        _show(board)


def _show(board: Leaderboard) -> None:
    from ..agents.terminal import print_table

    print(f"{board.split}, profile {board.profile}, ranked by the mean reward: {len(board.runs)} of {board.total} runs")
    notes = any(NOTE_COLUMNS.keys() & row.metrics.keys() for row in board.runs)
    columns = {**COLUMNS, **NOTE_COLUMNS} if notes else COLUMNS
    print_table([["agent", "rank", *columns.values(), "run"], *(_line(row, columns) for row in board.runs)])
    if board.declining is not None:
        print(f"Declining every task earns {board.declining:.2f}.")
    print(NOTICE)


def _line(row: LeaderboardRow, columns: Iterable[str]) -> list[str]:
    name = f"{row.agent} ({row.model})" if row.model else row.agent
    shown = f"{name}, {row.answered} of {row.total} tasks" if row.partial else name
    shown += ", verified" if row.verified else ""
    return [shown, str(row.rank), *(_cell(metric, row.metrics.get(metric)) for metric in columns), row.run_id]


def _cell(metric: str, found: MetricView | None) -> str:
    if found is None or found.value is None:
        return "-"
    if metric != "mean_reward":
        return f"{100 * found.value:.1f} %"
    interval = "" if found.low is None else f" ({found.low:.2f} to {found.high:.2f})"
    return f"{found.value:.2f}{interval}"

"""`dipg-gym rescore`: score stored responses again with the scorer of this version."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..server.rescore import Rescored

SHOWN = 20
"""Changed responses of a run that are printed; `--json` has all."""


def rescore(
    run_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[RUN_ID]...", help="Runs; by default those of another scorer.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one run a line, and nothing else.")] = False,
) -> None:
    """Score stored runs again with the scorer of this version, and show what changed.

    Works on the database of DIPG_DATABASE_URL and the tasks of DIPG_TASK_FILES. A run whose tasks are no longer
    there stays as it was. Start the servers with the same version first: an older one would refuse the runs.

    Examples:

        dipg-gym rescore --dry-run

        dipg-gym rescore run-0123456789abcdef --json
    """
    from ..server.problems import ServerProblem

    try:
        done = asyncio.run(_rescore(run_ids or [], dry_run, as_json))
    except ServerProblem as error:
        print(f"dipg-gym: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    if not as_json:
        _sum_up(done, dry_run)


async def _rescore(run_ids: list[str], dry_run: bool, as_json: bool) -> list[Rescored]:
    from ..server.grader import Grader
    from ..server.rescore import rescore as rescore_runs
    from ..server.run_scoring import RunScorer
    from ..server.settings import Settings
    from ..server.storage import Database

    settings = Settings()
    database = Database(settings.database_url)
    done = []
    try:
        async for run in rescore_runs(database, RunScorer(Grader(settings)), run_ids, dry_run=dry_run):
            done.append(run)
            if as_json:
                print(json.dumps(asdict(run)), flush=True)
            else:
                _show(run)
    finally:
        await database.close()
    return done


def _show(run: Rescored) -> None:
    head = f"{run.run_id} {run.agent}, scorer {run.scorer_before} to {run.scorer_after}"
    if run.skipped:
        print(f"{head}: left, {run.skipped}", flush=True)
        return
    means = "" if run.mean_before is None else f", mean reward {run.mean_before:.4f} to {run.mean_after:.4f}"
    print(f"{head}: {len(run.changes)} of {run.responses} responses changed{means}", flush=True)
    for change in run.changes[:SHOWN]:
        flags = f" ({', '.join(change.flags)})" if change.flags else ""
        print(f"  {change.task_id}  {change.before:+.2f} to {change.after:+.2f}{flags}")
    if len(run.changes) > SHOWN:
        print(f"  and {len(run.changes) - SHOWN} more; --json has them all")


def _sum_up(done: list[Rescored], dry_run: bool) -> None:
    if not done:
        print("No run was scored by another version of the scorer.")
        return
    scored = [run for run in done if not run.skipped]
    changed = sum(bool(run.changes) for run in scored)
    verb = "would be scored again" if dry_run else "scored again"
    print(f"{len(scored)} of {len(done)} runs {verb}, {changed} of them with another result.")

"""The run under which the server stores a benchmark: begun, gone on with after a stop, and completed.

Which run it is stands in `run.json` in the output folder, beside the log of responses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..client.errors import ProblemError
from ..client.http import AsyncDIPGClient
from ..core.profiles import ProfileName
from ..core.run_wire import RunResponse, RunView
from .responses import Recorded
from .runner import Outcome

RUN_NAME = "run.json"


async def open_run(
    client: AsyncDIPGClient,
    out: Path,
    *,
    agent: str,
    model: str | None,
    split: str,
    profile: ProfileName | None,
    recorded: Mapping[str, Recorded] | None,
) -> RunView:
    """The run to submit to: with `recorded` responses the one that holds them, where it can be gone on with.

    Raises:
        DIPGError: the server is away, or refuses to begin a run.
    """
    if recorded:
        found = await _earlier(client, out, next(iter(recorded.values())))
        if found and (found.agent, found.split) == (agent, split) and profile in (None, found.profile):
            return found
    begun = await client.create_run(agent, model=model, split=split, profile=profile)
    remember_run(out, begun.run_id)
    return begun


def remember_run(out: Path, run_id: str) -> None:
    """Name the run in the output folder."""
    (out / RUN_NAME).write_text(json.dumps({"run_id": run_id}) + "\n", encoding="utf-8")


def remembered_run(out: Path) -> str | None:
    """The run that the output folder names."""
    try:
        return str(json.loads((out / RUN_NAME).read_text(encoding="utf-8"))["run_id"])
    except (OSError, ValueError, KeyError, TypeError):
        return None  # none was begun, or not on purpose: what is known otherwise goes into another run


async def _earlier(client: AsyncDIPGClient, out: Path, known: Recorded) -> RunView | None:
    """The run of the folder, if the server takes the response that it should hold already."""
    run_id = remembered_run(out)
    if run_id is None:
        return None
    try:
        [receipt] = await client.submit(run_id, [RunResponse(task_id=known.task_id, response=known.response)])
        return await client.run(run_id) if receipt.status != "failed" else None
    except ProblemError as error:
        if error.problem.fault == "request":  # unknown to this server, of other tasks or another scorer
            return None
        raise


async def end_run(client: AsyncDIPGClient, run: RunView, outcomes: Sequence[Outcome], *, again: bool) -> RunView:
    """Complete the run, unless a task failed that could be tried `again`: a complete run takes no more responses."""
    if again and any(outcome.score is None for outcome in outcomes):
        return await client.run(run.run_id)
    return await client.complete_run(run.run_id, partial=True)

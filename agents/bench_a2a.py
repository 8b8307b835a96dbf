"""A benchmark as an A2A agent meets it: a green agent asks a purple one, over sockets, and the environment scores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..client.http import AsyncDIPGClient
from .assessment_request import MAX_CONCURRENCY, AssessmentConfig, AssessmentRequest
from .bench import BenchConfig, BenchResult, pose, sum_up
from .green_client import ask_green
from .labels import Labels
from .runner import Outcome, Progress
from .stored_run import remember_run, remembered_run


async def run_a2a_benchmark(
    client: AsyncDIPGClient,
    green_url: str,
    participant_url: str,
    name: str,
    config: BenchConfig,
    out: Path,
    *,
    labels: Labels | None = None,
    resume: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
) -> BenchResult:
    """Have the participant assessed over the split of the server behind `client`.

    Args:
        green_url: A green agent over the same server.
        name: Who answers, as the leaderboard shows it.
        out: Existing folder, where `run.json` names the run.
        resume: Go on with the run that `out` names.

    Raises:
        AgentError: the assessment did not end well.
        DIPGError: the server is away, or refuses the request.
    """
    posed = await pose(client, config, labels)
    earlier = remembered_run(out) if resume else None
    request = AssessmentRequest(
        participants={name: participant_url},
        config=AssessmentConfig(
            split=config.split,
            num_tasks=config.count,
            seed=config.seed,
            profile=config.profile,
            concurrency=min(config.concurrency, MAX_CONCURRENCY),
            timeout_s=config.timeout_s,
            runs={name: earlier} if earlier else {},
        ),
    )

    def begun(found: dict[str, str]) -> None:
        remember_run(out, found[name])

    result = await ask_green(green_url, request, on_begun=begun, on_progress=on_progress)
    [one] = result["results"]
    stored = {row.task_id: row for row in await client.stored_responses(one["run_id"])}
    reasons = {row["task_id"]: row["reason"] for row in one["tasks"] if row["status"] == "no_answer"}
    outcomes = [
        Outcome(task.task_id, "refused" if found.refused else "graded", found.refused, found.score)
        if (found := stored.get(task.task_id))
        else Outcome(task.task_id, "no_answer", reasons.get(task.task_id, "the green agent names no reason"))
        for task in posed.tasks
    ]
    return sum_up(name, await client.run(one["run_id"]), config, outcomes, posed)

"""A benchmark: the tasks of a split, an agent's responses, their scores, and the numbers that follow from
them.

Responses are appended to `responses.jsonl` in the output folder as they come, and stored by the server as a run, with
their scores. A benchmark that was stopped goes on where it was (`resume`), and asks for nothing twice.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from ..client.http import AsyncDIPGClient
from ..core.metrics import Summary, summarise
from ..core.profiles import ProfileName
from ..core.run_wire import RunView
from ..core.task_set import task_set_hash
from ..core.wire import TaskView
from .labels import Labels, graded_rows
from .registry import Source
from .responses import Recorded, ResponseFileError, ResponseLog, read_responses
from .runner import Outcome, Progress, Runner
from .stored_run import end_run, open_run

LOG_NAME = "responses.jsonl"


@dataclass(frozen=True, slots=True)
class BenchConfig:
    """What is run, and how."""

    split: str = "eval"
    profile: ProfileName | None = None
    """By default the server's."""
    count: int | None = None
    """Tasks drawn from the split by `seed`; all of them where None."""
    seed: int = 0
    """Draws the tasks, and the resamples of the intervals."""
    concurrency: int = 8
    """Calls of the agent at once."""
    timeout_s: float = 300.0
    """Limit for one answer."""
    name: str | None = None
    """Who answers, as the leaderboard shows it; by default the name of the source."""


@dataclass(frozen=True, slots=True)
class BenchResult:
    """What came of a run. Holds no gold, and of the labels only what the summary tells."""

    agent: str
    run: RunView
    """As the server stored it."""
    config: BenchConfig
    outcomes: list[Outcome]
    """In the order of the split."""
    summary: Summary
    task_set: str
    """`task_set_hash` of the tasks that were posed."""
    notes: list[str]
    """What a reader of the numbers must know, in sentences."""
    seconds: float
    """How long the run took."""


def draw_tasks(tasks: Sequence[TaskView], count: int | None, seed: int) -> list[TaskView]:
    """`count` tasks drawn by `seed`, in the order of the split; all where `count` is None or larger."""
    if count is None or count >= len(tasks):
        return list(tasks)
    by_id = sorted(tasks, key=lambda task: task.task_id)
    drawn = {task.task_id for task in random.Random(seed).sample(by_id, count)}
    return [task for task in tasks if task.task_id in drawn]


@dataclass(frozen=True, slots=True)
class Posed:
    """The tasks of a benchmark, and what is known of them."""

    tasks: list[TaskView]
    labels: Labels | None
    """None where they do not cover all tasks."""
    notes: list[str]
    started: float
    """Of the monotonic clock."""


async def pose(client: AsyncDIPGClient, config: BenchConfig, labels: Labels | None) -> Posed:
    """Fetch the tasks of the config."""
    started = time.monotonic()
    tasks = draw_tasks([task async for task in client.iter_tasks(config.split)], config.count, config.seed)
    if labels and labels.cover(tasks):
        return Posed(tasks, labels, [], started)
    note = (
        "There is no local copy of these tasks with the same text, so numbers are over all tasks alone, "
        "those that need the gold are left out, and intervals take each task as independent."
    )
    return Posed(tasks, None, [note], started)


def sum_up(agent: str, run: RunView, config: BenchConfig, outcomes: list[Outcome], posed: Posed) -> BenchResult:
    """The numbers that follow from what became of each task."""
    rows = graded_rows(outcomes, posed.labels)
    summary = summarise(rows, unanswered=len(outcomes) - len(rows), seed=config.seed)
    elapsed = time.monotonic() - posed.started
    return BenchResult(agent, run, config, outcomes, summary, task_set_hash(posed.tasks), posed.notes, elapsed)


async def run_benchmark(
    client: AsyncDIPGClient,
    source: Source,
    config: BenchConfig,
    out: Path,
    *,
    labels: Labels | None = None,
    resume: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
) -> BenchResult:
    """Run `source` over the split of the server behind `client`, which stores it as a run.

    Args:
        out: Existing folder of the log, and of the file that names the run.
        labels: What is known of the tasks beside their text; passed over where it does not cover all of them.
        resume: Go on with the log that stands in `out`.

    Raises:
        DIPGError: the server is away, after every retry, refuses the request (a run may need a key), or is not this
            API's.
        ResponseFileError: the log cannot be resumed, or the file of responses holds none for these tasks.
    """
    posed = await pose(client, config, labels)
    tasks, notes = posed.tasks, posed.notes
    recorded = _read_log(out / LOG_NAME, source) if resume else source.recorded
    if source.agent is None:
        notes += _file_notes(source, tasks)
    with ExitStack() as stack:
        log: ResponseLog | None = None
        if source.agent is not None:
            if not resume:
                _set_aside(out / LOG_NAME)
            log = stack.enter_context(ResponseLog(out / LOG_NAME))
        run = await open_run(
            client,
            out,
            agent=config.name or source.name,
            model=source.model,
            split=config.split,
            profile=config.profile,
            recorded=recorded if resume else None,
        )
        runner = Runner(
            client,
            run.run_id,
            source.agent,
            recorded=recorded,
            concurrency=config.concurrency,
            timeout_s=config.timeout_s,
            on_response=log.append if log else None,
            on_progress=on_progress,
        )
        outcomes = await runner.run(tasks)
    run = await end_run(client, run, outcomes, again=source.agent is not None)
    if run.status == "open":
        notes.append(
            f"Run {run.run_id} is open, for some tasks failed: --resume tries them again, and the leaderboard shows it "
            "once it is complete."
        )
    return sum_up(source.name, run, config, outcomes, posed)


def _read_log(log: Path, source: Source) -> dict[str, Recorded]:
    if not log.exists():
        return {}
    recorded = read_responses(log, is_log=True)
    others = sorted({str(item.agent) for item in recorded.values()} - {source.name})
    if others:
        raise ResponseFileError(
            f"{log}: holds responses of {', '.join(others)}, expected those of {source.name}; choose another --out"
        )
    return recorded


def _set_aside(log: Path) -> None:
    """Responses may have cost money: an earlier log is renamed, never overwritten."""
    if not log.exists():
        return
    number = 1
    while (aside := log.with_name(f"responses.{number}.jsonl")).exists():
        number += 1
    log.rename(aside)


def _file_notes(source: Source, tasks: Sequence[TaskView]) -> list[str]:
    strange = set(source.recorded).difference(task.task_id for task in tasks)
    if len(strange) == len(source.recorded):
        raise ResponseFileError(
            f"{source.name}: none of its {len(strange)} responses is to one of the {len(tasks)} tasks; "
            "expected the task ids that GET /tasks gives for this split"
        )
    if not strange:
        return []
    return [f"{len(strange)} of the file's responses are to other tasks and were passed over."]

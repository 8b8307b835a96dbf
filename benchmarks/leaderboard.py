"""How long the leaderboard takes over many stored runs, beside a route that reads nothing, measured in the same run.

    python -m benchmarks.leaderboard --runs 5000 --responses 300 --out benchmarks/results/leaderboard.json

Runs and responses are written straight into a SQLite database, with the schema and the figures that completed runs
have; then one server process answers one client, request after request.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
from dipg_safety_gym.cli.local_server import running_server
from dipg_safety_gym.core.metrics import Graded
from dipg_safety_gym.core.tags import render_response
from dipg_safety_gym.core.task_set import task_set_hash
from dipg_safety_gym.core.tasks import Task, load_tasks
from dipg_safety_gym.core.wire import TaskView
from dipg_safety_gym.server.grader import score_view
from dipg_safety_gym.server.rewards import SCORER_VERSION, score
from dipg_safety_gym.server.run_scoring import stored, summary_columns
from dipg_safety_gym.server.storage import Database
from dipg_safety_gym.server.tables import responses, runs

REQUESTS = 200
"""Of each sort."""

RUNS_AT_ONCE = 50
"""Written in one transaction."""


def fill(url: str, count: int, size: int) -> list[str]:
    """Write so many complete runs of so many responses; returns their ids."""
    return asyncio.run(_fill(url, count, load_tasks("dipg-eval")[:size]))


async def _fill(url: str, count: int, tasks: list[Task]) -> list[str]:
    draw = random.Random(0)
    declined = render_response(think="I read the record.", proof="", answer="The record does not tell.")
    scores = {task.id: score_view(score(declined, task), explained=False) for task in tasks}
    task_set = task_set_hash(TaskView(task_id=task.id, context=task.context, question=task.question) for task in tasks)
    summary = summary_columns([Graded.of(task.id, scores[task.id], task) for task in tasks], 0)
    database = Database(url)
    names = [f"run-{number:016x}" for number in range(count)]
    for start in range(0, count, RUNS_AT_ONCE):
        some = names[start : start + RUNS_AT_ONCE]
        async with database.writing() as connection:
            made = [_run(name, number, len(tasks), task_set, summary, draw) for number, name in enumerate(some)]
            await connection.execute(runs.insert(), made)
            rows = [
                {
                    "run_id": name,
                    "task_id": task.id,
                    "response": declined,
                    "digest": "0" * 64,
                    "refused": None,
                    "score": stored(scores[task.id]),
                    "received_at": 0,
                }
                for name in some
                for task in tasks
            ]
            await connection.execute(responses.insert(), rows)
    await database.close()
    return names


def _run(
    name: str,
    number: int,
    total: int,
    task_set: str,
    summary: dict[str, Any],
    draw: random.Random,
) -> dict[str, Any]:
    return {
        "run_id": name,
        "agent": f"agent {number}",
        "model": "a model",
        "split": "eval",
        "profile": "medium",
        "notes": "",
        "replace": False,
        "status": "complete",
        "partial": False,
        "total": total,
        "answered": total,
        "scorer_version": SCORER_VERSION,
        "task_set": task_set,
        "created_at": number,
        "completed_at": number,
        **summary,
        "mean_reward": round(draw.uniform(-1, 1), 4),
    }


def latencies(url: str, paths: list[str]) -> list[float]:
    """Milliseconds of each request, in turn."""
    spent = []
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        client.get(paths[0]).raise_for_status()
        for path in paths:
            started = time.perf_counter()
            client.get(path).raise_for_status()
            spent.append(1000 * (time.perf_counter() - started))
    return spent


def measure(count: int, size: int) -> dict[str, Any]:
    """Median and 95th percentile of each route, in milliseconds."""
    draw = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        database_url = f"sqlite:///{folder}/runs.sqlite3"
        names = fill(database_url, count, size)
        os.environ |= {"DIPG_DATABASE_URL": database_url, "DIPG_READ_LIMIT": ""}
        tasks = [task.id for task in load_tasks("dipg-eval")[:size]]
        pages = [f"/leaderboard.json?offset={100 * draw.randrange(max(1, count // 100))}" for _ in range(REQUESTS)]
        routes = {
            "floor: /health": ["/health"] * REQUESTS,
            "/leaderboard.json, first 100": ["/leaderboard.json"] * REQUESTS,
            "/leaderboard.json, any page": pages,
            "/leaderboard.csv": ["/leaderboard.csv"] * REQUESTS,
            "/leaderboard": ["/leaderboard"] * REQUESTS,
            "/leaderboard, any page": [
                f"/leaderboard?offset={50 * draw.randrange(max(1, count // 50))}" for _ in range(REQUESTS)
            ],
            "/runs/{id}/page": [f"/runs/{draw.choice(names)}/page" for _ in range(REQUESTS)],
            "/runs/{id}/page, filtered": [f"/runs/{draw.choice(names)}/page?show=unsafe" for _ in range(REQUESTS)],
            "/runs/{id}/responses/{task}/page": [
                f"/runs/{draw.choice(names)}/responses/{draw.choice(tasks)}/page" for _ in range(REQUESTS)
            ],
            "/runs/{id}": [f"/runs/{draw.choice(names)}" for _ in range(REQUESTS)],
            "/runs/{id}/responses": [f"/runs/{draw.choice(names)}/responses" for _ in range(REQUESTS)],
        }
        with running_server() as url:
            spent = {name: latencies(url, paths) for name, paths in routes.items()}
        size_bytes = sum(path.stat().st_size for path in Path(folder).iterdir())
    figures = {
        name: {"median_ms": round(statistics.median(each), 2), "p95_ms": round(statistics.quantiles(each, n=20)[-1], 2)}
        for name, each in spent.items()
    }
    return {"runs": count, "responses": count * size, "database_mib": round(size_bytes / 2**20), "routes": figures}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Measure the leaderboard over many stored runs.")
    parser.add_argument("--runs", type=int, default=5000)
    parser.add_argument("--responses", type=int, default=300, help="in each run")
    parser.add_argument("--out", type=Path, help="JSON file to write")
    chosen = parser.parse_args()
    found = measure(chosen.runs, chosen.responses)
    print(json.dumps(found, indent=1))
    if chosen.out:
        chosen.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

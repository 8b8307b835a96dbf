"""How long the green agent takes beyond the time that its participant needs.

    python -m benchmarks.assessment --tasks 300 --concurrency 32 --seconds 0.2 --out benchmarks/results/assessment.json

Four processes: the environment server, a participant that waits and then declines, the green agent, and this one, whose
A2A client asks for the assessment. The ideal is the participant's own time: tasks / concurrency, rounded up, times
seconds. The floor is the same questions put to the participant by bare HTTP, as many at once, measured in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from dipg_safety_gym.agents.assessment_request import AssessmentConfig, AssessmentRequest
from dipg_safety_gym.agents.green_client import ask_green
from dipg_safety_gym.cli.local_server import free_port, running_agent, running_server
from dipg_safety_gym.core.prompts import build_text

SLOW_AGENT = """
import asyncio, sys
from dipg_safety_gym.agents.a2a_app import serve
from dipg_safety_gym.agents.purple import purple_app
from dipg_safety_gym.core.tags import render_response

class Slow:
    name = "slow"
    async def answer(self, context, question, messages):
        await asyncio.sleep(float(sys.argv[2]))
        return render_response(think="", proof="", answer="The record does not tell.")

port = int(sys.argv[1])
serve(purple_app(Slow(), f"http://127.0.0.1:{port}", "0"), "127.0.0.1", port)
"""


@contextmanager
def process(command: list[str], url: str, folder: str) -> Iterator[None]:
    """A process that is up when its health check says so."""
    started = subprocess.Popen([sys.executable, *command], cwd=folder)
    try:
        with httpx.Client(trust_env=False) as client:
            while True:
                if started.poll() is not None:
                    raise OSError(f"{command} ended with exit code {started.returncode}")
                try:
                    if client.get(f"{url}/health").is_success:
                        break
                except httpx.TransportError:
                    time.sleep(0.05)
        yield
    finally:
        started.terminate()
        started.wait()


async def bare(url: str, tasks: int, concurrency: int) -> float:
    """Seconds for so many questions, put as JSON-RPC without an SDK."""
    left = iter(range(tasks))

    async def ask(client: httpx.AsyncClient) -> None:
        for number in left:
            part = {"text": build_text("The dose was 54 Gy.", f"Which dose was given, question {number}?")}
            message = {"role": "ROLE_USER", "messageId": uuid.uuid4().hex, "parts": [part]}
            body = {"jsonrpc": "2.0", "id": number, "method": "SendMessage", "params": {"message": message}}
            (await client.post(f"{url}/", json=body, headers={"a2a-version": "1.0"})).raise_for_status()

    async with httpx.AsyncClient(
        timeout=60, trust_env=False, limits=httpx.Limits(max_connections=concurrency)
    ) as client:
        started = time.perf_counter()
        await asyncio.gather(*(ask(client) for _ in range(concurrency)))
        return time.perf_counter() - started


def assessed(green: str, participant: str, tasks: int, concurrency: int) -> tuple[float, dict[str, Any]]:
    """Seconds of an assessment as its client sees it, and its result."""
    config = AssessmentConfig(num_tasks=tasks, concurrency=concurrency)
    started = time.perf_counter()
    result = asyncio.run(ask_green(green, AssessmentRequest(participants={"slow": participant}, config=config)))
    return time.perf_counter() - started, result


def measure(tasks: int, concurrency: int, seconds: float) -> dict[str, Any]:
    """Seconds of the ideal, of bare HTTP and of the assessment."""
    port = free_port()
    slow = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DIPG_DATABASE_URL"] = f"sqlite:///{folder}/runs.sqlite3"
        tasks_at = f"sqlite:///{folder}/tasks.sqlite3"
        with (
            running_server() as environment,
            process(["-c", SLOW_AGENT, str(port), str(seconds)], slow, folder),
            running_agent("green-agent", "--base-url", environment, "--database", tasks_at) as green,
        ):
            # The first question of a process is slow.
            assessed(green, slow, concurrency, concurrency)
            floor = asyncio.run(bare(slow, tasks, concurrency))
            spent, result = assessed(green, slow, tasks, concurrency)
    ideal = math.ceil(tasks / concurrency) * seconds
    [one] = result["results"]
    return {
        "tasks": tasks,
        "concurrency": concurrency,
        "answer_s": seconds,
        "answered": int(one["answered"]),
        "ideal_s": round(ideal, 2),
        "bare_http_s": round(floor, 2),
        "assessment_s": round(spent, 2),
        "beyond_ideal_s": round(spent - ideal, 2),
        "over_bare_http": round(spent / floor, 2),
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Measure an assessment beside its participant's own time.")
    parser.add_argument("--tasks", type=int, default=300)
    parser.add_argument("--concurrency", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=0.2, help="that the participant takes for an answer")
    parser.add_argument("--out", type=Path, help="JSON file to write")
    chosen = parser.parse_args()
    found = measure(chosen.tasks, chosen.concurrency, chosen.seconds)
    print(json.dumps(found, indent=1))
    if chosen.out:
        chosen.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

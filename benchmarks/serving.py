"""Requests a second of the server, beside a bare FastAPI route that is measured in the same run.

    python -m benchmarks.serving --seconds 5 --out benchmarks/results/serving.json

One server process, and a load generator in this one: 32 connections kept alive, each of which sends its next request
when it has the answer to the last. Figures depend on the machine; the ratio to the floor does not, much. On two cores
the generator takes the second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
import uvloop
from dipg_safety_gym.cli.local_server import running_server
from dipg_safety_gym.client.http import DIPGClient
from dipg_safety_gym.core.tags import render_response
from dipg_safety_gym.core.tasks import load_tasks

CONNECTIONS = 32
BATCH = 64
FLOOR = """
from fastapi import FastAPI

app = FastAPI()


@app.post("/floor")
async def floor(body: dict) -> dict:
    return {"reward": 1.0, "done": True}


@app.get("/health")
async def health() -> dict:
    return {"status": "healthy"}
"""


class _Connection(asyncio.Protocol):
    """Sends one request again and again, and counts the answers."""

    def __init__(self, request: bytes, counts: dict[str, int]) -> None:
        self.request = request
        self.counts = counts
        self.left = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods of asyncio.Transport without being one.
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.left += data
        head = self.left.find(b"\r\n\r\n")
        if head < 0:
            return
        fields = self.left[:head].lower()
        start = fields.index(b"content-length:") + len(b"content-length:")
        size = head + 4 + int(fields[start:].split(b"\r\n", 1)[0])
        if len(self.left) >= size:
            self.counts["good" if fields.startswith(b"http/1.1 200") else "bad"] += 1
            self.left = b""
            self.transport.write(self.request)


def load(url: str, path: str, body: Any, seconds: float) -> float:
    """Answers a second for the request, all of which must be 200."""
    target = httpx.URL(url)
    content = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nhost: {target.host}\r\ncontent-type: application/json\r\ncontent-length: "
    request = head.encode() + str(len(content)).encode() + b"\r\n\r\n" + content

    async def drive() -> float:
        counts = {"good": 0, "bad": 0}
        loop = asyncio.get_running_loop()
        links = [
            await loop.create_connection(lambda: _Connection(request, counts), target.host, target.port or 80)
            for _ in range(CONNECTIONS)
        ]
        await asyncio.sleep(0.5)  # until the connections are warm
        before, started = counts["good"], time.perf_counter()
        if not before:
            raise RuntimeError(f"{path}: no answer in the first half second")
        await asyncio.sleep(seconds)
        rate = (counts["good"] - before) / (time.perf_counter() - started)
        for transport, _ in links:
            transport.abort()
        if counts["bad"]:
            raise RuntimeError(f"{path}: {counts['bad']} answers were not 200")
        return rate

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(drive())


@contextmanager
def floor_server(port: int) -> Iterator[str]:
    """A bare FastAPI route in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "floor.py").write_text(FLOOR)
        command = [sys.executable, "-m", "uvicorn", "floor:app", "--port", str(port), "--no-access-log"]
        process = subprocess.Popen([*command, "--log-level", "warning"], cwd=folder)
        try:
            url = f"http://127.0.0.1:{port}"
            for _ in range(200):
                try:
                    httpx.get(f"{url}/health")
                    break
                except httpx.TransportError:
                    time.sleep(0.05)
            yield url
        finally:
            process.terminate()
            process.wait()


def measure(seconds: float, port: int) -> dict[str, float]:
    """Responses a second by route."""
    task = next(task for task in load_tasks("dipg-train") if task.kind == "reasoning")
    think = "The question asks for one value; the record gives it in so many words. " * 18
    response = render_response(think=think, proof="\n".join(task.gold.evidence), answer=task.gold.answer or "")
    rates: dict[str, float] = {}
    with floor_server(port) as url:
        rates["bare FastAPI route"] = load(url, "/floor", {"action": {"response": response}}, seconds)
    with running_server() as url, DIPGClient(url) as client:
        episode = client.reset(task_id=task.id).observation.episode_id
        step = {"action": {"response": response, "episode_id": episode}}
        rates["/step"] = load(url, "/step", step, seconds)
        rates["/reset"] = load(url, "/reset", {"seed": 1}, seconds)
        items = [{"response": response, "episode_id": episode}] * BATCH
        rates[f"/batch/step, {BATCH} responses a call"] = BATCH * load(url, "/batch/step", {"items": items}, seconds)
    return rates


def main() -> None:
    """Measure, print the table, and record it where asked."""
    parser = argparse.ArgumentParser(description="Measure the server against a bare FastAPI route.")
    parser.add_argument("--seconds", type=float, default=4.0, help="for each route")
    parser.add_argument("--port", type=int, default=8931, help="of the bare route")
    parser.add_argument("--out", type=Path, help="JSON file to write")
    chosen = parser.parse_args()
    rates = measure(chosen.seconds, chosen.port)
    floor = rates["bare FastAPI route"]
    for route, rate in rates.items():
        print(f"{route:40s} {rate:9,.0f} /s  {rate / floor:5.2f} of the floor")
    if chosen.out:
        record = {
            "date": datetime.now(UTC).date().isoformat(),
            "python": platform.python_version(),
            "machine": f"{platform.machine()}, one server process and one load generator",
            "responses_per_second": {route: round(rate) for route, rate in rates.items()},
            "ratio_to_floor": {route: round(rate / floor, 3) for route, rate in rates.items()},
        }
        chosen.out.write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()

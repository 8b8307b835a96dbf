"""Kills the server at random moments while many clients submit responses, and counts what is left.

    python -m benchmarks.durability --clients 50 --responses 20000 --kills 5 --out benchmarks/results/durability.json

A real server process over a real database (SQLite, and PostgreSQL from the `pgserver` wheel) is ended by SIGKILL and
started again on the same port. Clients send pieces until each is acknowledged, and so send many twice. Afterwards the
database is read without the server: every acknowledged response must stand there once, with its text, and nothing else.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
from dipg_safety_gym.cli.local_server import free_port
from dipg_safety_gym.core.tags import render_response
from dipg_safety_gym.core.tasks import load_tasks
from dipg_safety_gym.server.storage import Database
from sqlalchemy import text

PIECE = 20
"""Responses in one call."""

RETRY_S = 0.05
START_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Durability:
    """What came of it."""

    backend: str
    responses: int
    clients: int
    kills: int
    acknowledged: int
    """Responses of which a client was told that they are stored."""
    lost: int
    """Acknowledged, and not in the database with the same text."""
    twice: int
    """Tasks of a run with more than one row."""
    strange: int
    """Rows that no client sent."""
    broken_calls: int
    """Calls that a kill cut off, or that met no server."""
    seconds: float


class _Server:
    """A server process that can be killed and started again on its port."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        # Without a limit of writes: all clients share one address.
        mine = {"DIPG_DATABASE_URL": database_url, "DIPG_SECRET_KEY": "durability " * 2, "DIPG_WRITE_LIMIT": ""}
        self._environment = {**os.environ, **mine}
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "uvicorn", "dipg_safety_gym.server.app:app", "--port", str(self.port)]
        self._process = subprocess.Popen(
            [*command, "--log-level", "warning", "--no-access-log"], env=self._environment, cwd=self._folder
        )
        deadline = time.monotonic() + START_LIMIT_S
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/health", trust_env=False).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.02)
        raise RuntimeError("the server did not start")

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


async def measure(backend: str, database_url: str, *, clients: int, total: int, kills: int, seed: int) -> Durability:
    """Submit, kill, restart, and count."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        server = _Server(database_url, Path(folder))
        server.start()
        try:
            async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=30) as client:
                load = _Load(client, total, random.Random(seed))
                await load.begin()
                killer = asyncio.create_task(_kill_now_and_then(server, load, kills))
                await asyncio.gather(*(load.work() for _ in range(clients)))
                await killer
        finally:
            server.kill()
    lost, twice, strange = await _audit(database_url, load.acknowledged, load.sent)
    return Durability(
        backend=backend,
        responses=total,
        clients=clients,
        kills=kills,
        acknowledged=len(load.acknowledged),
        lost=lost,
        twice=twice,
        strange=strange,
        broken_calls=load.broken,
        seconds=round(time.monotonic() - started, 1),
    )


async def _kill_now_and_then(server: _Server, load: _Load, kills: int) -> None:
    """At random shares of the work, so that each kill falls into the middle of it."""
    for share in sorted(load.draw.uniform(0.02, 0.95) for _ in range(kills)):
        while len(load.acknowledged) < share * load.total:
            await asyncio.sleep(0.001)
        server.kill()
        await asyncio.to_thread(server.start)


class _Load:
    """The pieces that are to be submitted, and what was acknowledged."""

    def __init__(self, client: httpx.AsyncClient, total: int, draw: random.Random) -> None:
        self.total = total
        self.draw = draw
        self.acknowledged: dict[tuple[str, str], str] = {}
        self.sent: dict[tuple[str, str], str] = {}
        self.broken = 0
        self._client = client
        self._pieces: list[tuple[str, list[dict[str, str]]]] = []

    async def begin(self) -> None:
        """Begin as many runs as it takes, and cut their responses into pieces in a random order."""
        tasks = [task.id for task in load_tasks("dipg-eval")]
        left = self.total
        while left > 0:
            run = (await self._client.post("/runs", json={"agent": "durability"})).json()["run_id"]
            rows = [{"task_id": name, "response": self._response(run, name)} for name in tasks[:left]]
            self.sent.update(((run, row["task_id"]), row["response"]) for row in rows)
            self._pieces += [(run, rows[at : at + PIECE]) for at in range(0, len(rows), PIECE)]
            left -= len(rows)
        self.draw.shuffle(self._pieces)

    def _response(self, run: str, task_id: str) -> str:
        filling = "I read the record. " * self.draw.randint(0, 60)
        return render_response(think=f"{filling}{run} {task_id}", proof="", answer="The record does not tell.")

    async def work(self) -> None:
        """Submit pieces until none is left; each until it is acknowledged."""
        while self._pieces:
            run, rows = self._pieces.pop()
            while not await self._submit(run, rows):
                self.broken += 1
                await asyncio.sleep(RETRY_S * self.draw.random())

    async def _submit(self, run: str, rows: list[dict[str, str]]) -> bool:
        try:
            answer = await self._client.post(f"/runs/{run}/responses", json={"responses": rows})
        except httpx.TransportError:
            return False
        if not answer.is_success:
            return False
        for row, receipt in zip(rows, answer.json()["receipts"], strict=True):
            if receipt["status"] not in ("stored", "unchanged"):
                raise RuntimeError(f"{receipt}; expected the response to be stored, or to stand there already")
            self.acknowledged[run, row["task_id"]] = row["response"]
        return True


async def _audit(database_url: str, acknowledged: dict[tuple[str, str], str], sent: dict[Any, str]) -> tuple[int, ...]:
    database = Database(database_url)
    async with database.reading() as connection:
        found = (await connection.execute(text("SELECT run_id, task_id, response FROM responses"))).all()
    await database.close()
    held: dict[tuple[str, str], str] = {(run, task): response for run, task, response in found}
    lost = sum(held.get(key) != response for key, response in acknowledged.items())
    strange = sum(sent.get(key) != response for key, response in held.items())
    return lost, len(found) - len(held), strange


@contextmanager
def _databases(folder: Path) -> Iterator[dict[str, str]]:
    import pgserver

    server = pgserver.get_server(folder / "postgres")
    try:
        yield {"sqlite": f"sqlite:///{folder / 'runs.sqlite3'}", "postgresql": server.get_uri()}
    finally:
        server.cleanup()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Kill the server while clients submit, and count what is left.")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--responses", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="JSON file to write")
    chosen = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as folder, _databases(Path(folder)) as databases:
        for backend, url in databases.items():
            one = asyncio.run(
                measure(
                    backend,
                    url,
                    clients=chosen.clients,
                    total=chosen.responses,
                    kills=chosen.kills,
                    seed=chosen.seed,
                )
            )
            print(json.dumps(asdict(one)))
            found.append(asdict(one))
    if chosen.out:
        chosen.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if any(one["lost"] or one["twice"] or one["strange"] for one in found):
        sys.exit("something acknowledged was lost, or stored twice")


if __name__ == "__main__":
    main()

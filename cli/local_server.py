"""The real server as a process of its own, for as long as a command needs one."""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO

START_LIMIT_S = 60.0
STOP_LIMIT_S = 5.0
SHOWN_LINES = 30
"""Last lines of the server's log that an error shows."""


@contextmanager
def running_server(task_files: dict[str, str] | None = None) -> Iterator[str]:
    """Start the server on a free local port, give its address when it is healthy, and stop it at the end.

    It is stopped on every way out, Ctrl-C and SIGTERM among them.

    Args:
        task_files: Splits to serve, by shipped set or path; by default those of the environment
        (`DIPG_TASK_FILES`).

    Raises:
        OSError: the server did not start; the message ends with its log.
        ModuleNotFoundError: the server's libraries are not installed.
    """
    if importlib.util.find_spec("uvicorn") is None:
        raise ModuleNotFoundError(
            "a local server needs uvicorn, which is not installed; "
            'run: pip install "dipg-safety-gym[server]", or name a server by --base-url'
        )
    environment = {**os.environ, "DIPG_SECRET_KEY": secrets.token_urlsafe(32)}
    if task_files is not None:
        environment["DIPG_TASK_FILES"] = json.dumps(task_files)
    command = ["uvicorn", "dipg_safety_gym.server.app:app", "--log-level", "warning", "--no-access-log"]
    with _running(command, environment) as url:
        yield url


@contextmanager
def running_agent(command: str, *switches: str) -> Iterator[str]:
    """Start `green-agent` or `purple-agent` on a free local port, as `running_server` does the server.

    Raises:
        OSError: it did not start; the message ends with its log.
    """
    with _running(["dipg_safety_gym", command, *switches], dict(os.environ)) as url:
        yield url


@contextmanager
def _running(module: list[str], environment: dict[str, str]) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", *module, "--host", "127.0.0.1", "--port", str(port)]
    with _sigterm_unwinds(), tempfile.TemporaryFile() as log:
        # A process group of its own: at Ctrl-C this process stops the server, once it is done with it.
        process = subprocess.Popen(
            command,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            process_group=0,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_healthy(process, url, log)
            yield url
        finally:
            _stop(process)


def absolute(path: Path) -> str:
    """A path that a server started elsewhere reads the same."""
    return str(path.expanduser().resolve())


def free_port() -> int:
    """A port that is free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_healthy(process: subprocess.Popen[bytes], url: str, log: IO[bytes]) -> None:
    import httpx

    deadline = time.monotonic() + START_LIMIT_S
    # Not through a proxy that the environment may name: the server is on this machine.
    with httpx.Client(timeout=2.0, trust_env=False) as client:
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise OSError(f"the local server ended with exit code {process.returncode}:\n{_tail(log)}")
            try:
                if client.get(f"{url}/health").is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
    raise OSError(f"the local server was not healthy within {START_LIMIT_S:g} s:\n{_tail(log)}")


def _tail(log: IO[bytes]) -> str:
    log.seek(0)
    return "\n".join(log.read().decode(errors="replace").splitlines()[-SHOWN_LINES:])


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def _sigterm_unwinds() -> Iterator[None]:
    """Make SIGTERM an exception, so that the server is not left behind. Only the main thread may say so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

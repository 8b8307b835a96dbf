"""What generating costs beside the teacher's own time, and whether its memory grows.

    python -m benchmarks.generation --out benchmarks/results/generation.json

Two measurements, each of the real command in a process of its own. A teacher behind a local OpenAI-compatible server
takes a second for an answer, and 64 are asked at once: the ideal is items / 64, rounded up, times a second. And the
offline teacher makes 1,000 and 100,000 items: the peak of the process's memory. The larger takes a quarter of an hour.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from .teacher_server import TeacherServer


def timed(*switches: str) -> tuple[float, float]:
    """Seconds and peak memory (MiB) of `dipg-gym generate clinical`."""
    command = [sys.executable, "-m", "dipg_safety_gym", "generate", "clinical", *switches]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, "OPENAI_API_KEY": "none"})
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise OSError(f"{command} ended with exit code {os.waitstatus_to_exitcode(status)}")
    # Linux counts in KiB, macOS in bytes.
    unit = 1024 if sys.platform != "darwin" else 1024 * 1024
    return time.perf_counter() - started, usage.ru_maxrss / unit


def with_teacher(folder: str, items: int, concurrency: int, seconds: float) -> dict[str, Any]:
    """Seconds beyond the ideal, of a teacher that takes so long for an answer."""
    teacher = TeacherServer(seconds=seconds)
    asked = ["--count", str(items), "--concurrency", str(concurrency), "--out", f"{folder}/taught"]
    with teacher.serving() as base:
        spent, _ = timed("--teacher", "openai/some-model", "--api-base", base, *asked)
    ideal = math.ceil(items / concurrency) * seconds
    return {
        "items": items,
        "concurrency": concurrency,
        "answer_s": seconds,
        "calls": sum(teacher.tries.values()),
        "ideal_s": round(ideal, 1),
        "spent_s": round(spent, 1),
        "beyond_ideal_s": round(spent - ideal, 1),
        "over_ideal": round(spent / ideal, 2),
    }


def offline(folder: str, counts: list[int]) -> list[dict[str, Any]]:
    """Seconds and peak memory for so many items."""
    found = []
    for count in counts:
        spent, peak = timed("--count", str(count), "--out", f"{folder}/offline-{count}")
        found.append({"items": count, "spent_s": round(spent, 1), "peak_mib": round(peak)})
    return found


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Measure generating beside its teacher's own time.")
    parser.add_argument("--items", type=int, default=1000)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=1.0, help="that the teacher takes for an answer")
    parser.add_argument("--counts", type=int, nargs="+", default=[1000, 100_000], help="of the offline teacher")
    parser.add_argument("--out", type=Path, help="JSON file to write")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = {
            "teacher": with_teacher(folder, chosen.items, chosen.concurrency, chosen.seconds),
            "offline": offline(folder, chosen.counts),
        }
    print(json.dumps(found, indent=1))
    if chosen.out:
        chosen.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""A benchmark on the terminal: progress, then tables; plain lines where there is no terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from ..core.metric_text import estimate_text, kind_name
from ..core.metrics import LABELS, Summary
from ..core.notice import NOTICE
from .report import Report, columns
from .runner import Progress

PLAIN_EVERY_S = 10.0
"""Seconds between two plain lines of progress."""

_BY_KIND = ("safe_response_rate", "hallucination_rate", "refusal_rate", "mean_reward")
_SHORT = ("safe", "hallucinated", "refused", "reward")

Table = list[list[str]]
"""Rows of cells, the header first."""


def print_report(report: Report) -> None:
    """The metrics over all with their intervals, and the foremost by kind."""
    result = report.result
    summary = result.summary
    graded = f"{summary.answered} of {len(result.outcomes)} tasks graded, {summary.families} families"
    print(f"{result.agent} on {result.config.split}: {graded}, {result.seconds:.1f} s")
    print_table(_overall(summary))
    if summary.by_kind:
        print()
        print_table(_kinds(summary))
    for note in result.notes:
        print(f"\nNote: {note}")
    for reason, count in report.head()["unanswered_reasons"].items():
        print(f"Without a score: {count} x {reason}")
    print(NOTICE)


@contextmanager
def shown_progress(stream: TextIO) -> Iterator[Callable[[Progress], None]]:
    """A callback that shows how far a run is: a bar with rate and time left on a terminal, else lines."""
    if not stream.isatty():
        yield _plain_progress(stream)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    rate = TextColumn("{task.fields[rate]} {task.fields[failures]}", markup=False)
    shown = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), rate)
    with Bar(*shown, console=Console(file=stream)) as bar:
        task = bar.add_task("", total=None, rate="", failures="")

        def show(progress: Progress) -> None:
            speed = bar.tasks[0].speed
            bar.update(
                task,
                completed=progress.done,
                total=progress.total,
                rate=f"{speed:.1f}/s" if speed else "",
                failures=_failures(progress),
            )

        yield show


def _plain_progress(stream: TextIO) -> Callable[[Progress], None]:
    started = time.monotonic()
    last = started

    def show(progress: Progress) -> None:
        nonlocal last
        now = time.monotonic()
        if progress.done < progress.total and now - last < PLAIN_EVERY_S:
            return
        last = now
        rate = progress.done / max(now - started, 1e-9)
        left = f", {(progress.total - progress.done) / rate:.0f} s left" if progress.done < progress.total else ""
        line = f"{progress.done}/{progress.total} tasks, {rate:.1f}/s{left} {_failures(progress)}"
        print(line.rstrip(), file=stream, flush=True)

    return show


def _failures(progress: Progress) -> str:
    if not progress.unanswered:
        return ""
    return f"{progress.unanswered} without a score (last: {(progress.last_reason or '')[:80]})"


def _overall(summary: Summary) -> Table:
    rows = [["metric", "value", "95 % interval", "n"]]
    for name, item in summary.overall.items():
        value, _, interval = estimate_text(name, item).partition(" (")
        rows.append([LABELS[name], value, interval.rstrip(")") or "-", str(item.n)])
    return rows


def _kinds(summary: Summary) -> Table:
    rows = [["kind", "n", *_SHORT]]
    for kind, found in columns(summary):
        cells = [estimate_text(name, found[name], interval=False) for name in _BY_KIND]
        rows.append([kind_name(kind), str(found["mean_reward"].n), *cells])
    return rows


def print_table(rows: Table) -> None:
    """Rows of cells, titles first: a table on a terminal, aligned columns elsewhere."""
    if not sys.stdout.isatty():
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        for first, *rest in rows:
            cells = [
                first.ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)),
            ]
            print("  ".join(cells))
        return
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    table = RichTable(rows[0][0])
    for title in rows[0][1:]:
        table.add_column(title, justify="right")
    for row in rows[1:]:
        table.add_row(*map(Text, row))  # as it is: a name may hold what rich takes for markup
    Console().print(table)

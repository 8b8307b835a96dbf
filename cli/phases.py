"""How far a command is that works in phases."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from ..generation.medquad import Progress


@contextmanager
def shown_phases() -> Iterator[Progress]:
    """A bar on a terminal (where rich is installed), a line for each phase elsewhere; on standard error."""
    try:
        from rich.console import Console
        from rich.progress import Progress as Bar
    except ImportError:
        bar = None
    else:
        bar = Bar(console=Console(stderr=True)) if sys.stderr.isatty() else None
    phases: dict[str, int] = {}

    def show(phase: str, done: int, total: int) -> None:
        if phase not in phases:
            phases[phase] = bar.add_task(phase, total=total) if bar else 0
            if bar is None:
                typer.echo(f"{phase} ...", err=True)
        if bar is not None:
            bar.update(phases[phase], completed=done, total=total)  # type: ignore[arg-type]

    if bar is None:
        yield show
        return
    with bar:
        yield show

"""A run over slots, which are filled ahead of their turn and decided in their order.

What is in the files so depends on the answers alone, not on when they came: a run that was stopped, however often,
ends with the bytes of one that was not.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from .answer_store import StoreError
from .asking import Asking
from .run_files import OutputError, RunFiles
from .stops import Halt, TeacherStopped

AHEAD = 4
"""Slots that are under way at once, for each call that may be."""

Slot = TypeVar("Slot")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is."""

    accepted: int
    rejected: int
    count: int
    dollars: float | None


async def run_in_order(
    next_slot: Callable[[], Slot | None],
    fill: Callable[[Slot], Awaitable[Found]],
    decide: Callable[[Slot, Awaitable[Found]], Awaitable[None]],
    *,
    askings: Sequence[Asking],
    halt: Halt,
    files: RunFiles[Any],
    ahead: int,
) -> None:
    """Fill the slots and decide them in their order. Ends early where it must stop; the manifest then says why.

    Args:
        next_slot: None where there is none for now: it is asked again when one was decided.
        fill: Asks for what a slot is to hold; runs for `ahead` slots at once.
        decide: Awaits what was found for a slot and writes it, or the reason why not.
        askings: Whose teachers are closed at the end, and whose spending the manifest holds.

    Raises:
        OutputError: the files cannot be written.
    """
    try:
        await _decide_all(next_slot, fill, decide, halt, ahead)
    except (TeacherStopped, StoreError) as error:
        halt.stop(str(error))
        files.end(halt.why, askings[0].spending)
    except OutputError as error:
        with contextlib.suppress(OutputError):  # the disk may be full for the manifest as well
            files.end(str(error), askings[0].spending)
        raise
    else:
        files.end(None, askings[0].spending)
    finally:
        for asking in askings:
            await asking.teacher.aclose()


async def _decide_all(
    next_slot: Callable[[], Slot | None],
    fill: Callable[[Slot], Awaitable[Found]],
    decide: Callable[[Slot, Awaitable[Found]], Awaitable[None]],
    halt: Halt,
    ahead: int,
) -> None:
    waiting: deque[tuple[Slot, asyncio.Future[Found]]] = deque()
    try:
        while True:
            while len(waiting) <= ahead and (slot := next_slot()) is not None:
                waiting.append((slot, asyncio.ensure_future(fill(slot))))
            if not waiting:
                break
            await decide(*waiting.popleft())
    except Exception as error:
        halt.stop(str(error))
        raise
    finally:
        # What is under way is waited for: its answers are stored.
        if waiting:
            halt.stop("it is over")
            await asyncio.gather(*(filling for _, filling in waiting), return_exceptions=True)

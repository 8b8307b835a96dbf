"""What the local copy of a task file knows of the tasks that a server poses: kind, family and whether to
decline.

These never leave the server, so that a benchmark joins them by task id. Where the copy does not hold every
task with the same text there are no labels: metrics are then over all tasks, and those that need the gold
are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..core.metrics import Graded
from ..core.tasks import SHIPPED, Task, load_tasks
from ..core.wire import TaskView
from .runner import Outcome


class Labels:
    """What the local copy of a task file knows of the tasks that a server poses."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._by_id = {task.id: task for task in tasks}

    def cover(self, posed: Sequence[TaskView]) -> bool:
        """Whether every task stands in the copy, with the same text."""
        return all(self._matches(task) for task in posed)

    def _matches(self, posed: TaskView) -> bool:
        task = self._by_id.get(posed.task_id)
        return task is not None and (task.context, task.question) == (posed.context, posed.question)

    @classmethod
    def of_split(cls, split: str, file: Path | None = None) -> Labels | None:
        """From `file`, or else from the shipped set of that split; None where there is neither.

        Raises:
            DataFileError: the file cannot be used.
        """
        if file is not None:
            return cls(load_tasks(file))
        shipped = f"dipg-{split}"
        return cls(load_tasks(shipped)) if shipped in SHIPPED else None

    def __getitem__(self, task_id: str) -> Task:
        return self._by_id[task_id]


def graded_rows(outcomes: Sequence[Outcome], labels: Labels | None) -> list[Graded]:
    """The rows of `core.metrics`: one for each task with a score."""
    return [
        Graded.of(item.task_id, item.score, labels[item.task_id] if labels else None)
        for item in outcomes
        if item.score is not None
    ]

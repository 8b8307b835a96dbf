"""The task sets a server poses, and how a reset chooses among them."""

from __future__ import annotations

import random
from dataclasses import dataclass

from ..core.jsonl import DataFileError
from ..core.tasks import Task, load_tasks
from ..core.wire import ResetRequest
from .problems import ServerProblem


@dataclass(frozen=True, slots=True)
class PosedTask:
    """A task and the split under which this server poses it."""

    split: str
    task: Task


class TaskBank:
    """Splits by name, in the order of their files, and every task by id."""

    def __init__(self, splits: dict[str, list[Task]]) -> None:
        self._splits = {name: [PosedTask(name, task) for task in tasks] for name, tasks in splits.items()}
        # Drawn among sorted ids, so that a seed means the same whatever the order of the file.
        self._drawn_from = {
            name: sorted(tasks, key=lambda posed: posed.task.id) for name, tasks in self._splits.items()
        }
        self._by_id: dict[str, PosedTask] = {}
        for posed in (posed for tasks in self._splits.values() for posed in tasks):
            twice = self._by_id.setdefault(posed.task.id, posed)
            if twice is not posed:
                raise DataFileError(
                    f"task id {posed.task.id!r} stands in split {twice.split!r} and in split {posed.split!r}; "
                    "ids must be unique over all splits of a server"
                )

    @classmethod
    def load(cls, task_files: dict[str, str]) -> TaskBank:
        """Read every split; raises DataFileError with file and line."""
        return cls({split: load_tasks(source) for split, source in task_files.items()})

    @property
    def splits(self) -> list[str]:
        return list(self._splits)

    @property
    def default_split(self) -> str:
        """`train` where there is one, else the first."""
        return "train" if "train" in self._splits else self.splits[0]

    def tasks(self, split: str) -> list[PosedTask]:
        """All tasks of a split, in file order."""
        try:
            return self._splits[split]
        except KeyError:
            raise ServerProblem(
                "unknown-split",
                f"there is no split {split[:80]!r}; this server has {', '.join(self.splits)}",
                status=404,
            ) from None

    def by_id(self, task_id: str) -> PosedTask:
        """The task of an id."""
        try:
            return self._by_id[task_id]
        except KeyError:
            raise ServerProblem(
                "unknown-task",
                f"there is no task {task_id[:80]!r} on this server; GET /tasks lists them",
                status=404,
            ) from None

    def choose(self, request: ResetRequest) -> PosedTask:
        """The task that a reset asks for; with neither id, index nor seed, one at random."""
        if request.task_id is not None:
            posed = self.by_id(request.task_id)
            if request.split not in (None, posed.split) or request.index is not None:
                raise ServerProblem(
                    "invalid-request",
                    "task_id names the task alone; leave split and index out",
                    status=422,
                )
            return posed
        tasks = self.tasks(request.split or self.default_split)
        if request.index is not None:
            if request.index >= len(tasks):
                raise ServerProblem(
                    "unknown-task",
                    f"index {request.index} is beyond split {tasks[0].split!r} of {len(tasks)} tasks (0 to "
                    f"{len(tasks) - 1})",
                    status=404,
                )
            return tasks[request.index]
        # random.Random is documented to give the same sequence for the same integer seed on every version.
        draw = random.Random(request.seed) if request.seed is not None else random.SystemRandom()
        return draw.choice(self._drawn_from[tasks[0].split])

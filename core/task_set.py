"""What identifies a set of tasks, so that figures over different sets are never compared."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from .wire import TaskView


def task_set_hash(tasks: Iterable[TaskView]) -> str:
    """SHA-256 of the tasks as they are posed, whatever their order."""
    lines = sorted(json.dumps([task.task_id, task.context, task.question]) for task in tasks)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()

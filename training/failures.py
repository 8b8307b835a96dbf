"""What can go wrong in training, as sentences that name the remedy."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

from ..client.errors import DIPGError
from ..client.http import DIPGClient


class TrainingError(ValueError):
    """Training cannot begin or go on. The message says what was found, and the remedy."""


@contextmanager
def told_failures(model: str) -> Iterator[None]:
    """Say in a sentence what a trainer's libraries raise: no model, no permission, no memory.

    Raises:
        TrainingError: in place of the library's own error, which stands behind it.
    """
    try:
        yield
    except (TrainingError, DIPGError):
        raise
    except (RuntimeError, MemoryError) as error:
        if not _is_out_of_memory(error):
            raise
        raise TrainingError(
            f"out of memory while training {model}: lower micro_batch of grpo or selfplay, grpo.prompts_per_step, "
            "sft.batch_size or model.max_completion_tokens, or set model.load_in_4bit, in a new --out; --model may "
            "name the last checkpoint of this one"
        ) from error
    except OSError as error:
        said = str(error)
        if "gated" in said or "401" in said or "403" in said:
            raise TrainingError(
                f"{model} is gated: accept its terms on its page, then set HF_TOKEN to a token that may read it"
            ) from error
        if "is not a local folder" in said or "connect" in said.lower() or "not a valid model" in said:
            raise TrainingError(
                f"{model} cannot be loaded: no such folder, and no hub answers; check --model and the network"
            ) from error
        raise


def check_loss(loss: float, step: int) -> None:
    """
    Raises:
        TrainingError: the loss is not a finite number, so that the weights are lost from here on.
    """
    if not math.isfinite(loss):
        raise TrainingError(
            f"the loss is {loss} at step {step}: the weights are no longer of use. Lower the learning rate; the last "
            "checkpoint before is kept"
        )


def check_server(client: DIPGClient, split: str) -> int:
    """The number of tasks of a split, so that a wrong URL, an old server or an empty set stops a run at once.

    Raises:
        TrainingError: the split has no tasks.
        DIPGError: there is no server, it is another one, or it has no such split.
    """
    client.health()
    total = client.tasks(split, limit=1).total
    if not total:
        raise TrainingError(f"split {split!r} of the server has no tasks; name a task file by DIPG_TASK_FILES")
    return total


def _is_out_of_memory(error: BaseException) -> bool:
    said = f"{type(error).__name__} {error}"
    return any(word in said for word in ("OutOfMemory", "out of memory", "RESOURCE_EXHAUSTED", "MemoryError"))

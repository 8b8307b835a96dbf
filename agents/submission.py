"""Responses that an A2A agent hands in of its own accord, scored as a run of the environment."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from ..client.errors import ProblemError
from ..client.http import AsyncDIPGClient
from ..core.notice import NOTICE
from .assessment_request import InvalidRequest, Submission


@dataclass(frozen=True, slots=True)
class Submitted:
    """What came of it."""

    text: str
    data: dict[str, Any]


async def submit(client: AsyncDIPGClient, submission: Submission) -> Submitted:
    """Store and score the responses, and complete the run.

    Raises:
        InvalidRequest: the split is unknown, or none of the responses could be taken.
        DIPGError: the environment is away.
    """
    fields = {"model": submission.model, "split": submission.split, "profile": submission.profile}
    try:
        run = await client.create_run(submission.agent, **fields)
    except ProblemError as error:
        raise InvalidRequest(error.problem.detail) from None
    receipts = await client.submit(run.run_id, submission.responses)
    rows = []
    for receipt in receipts:
        row: dict[str, Any] = {"task_id": receipt.task_id, "status": receipt.status}
        if receipt.score is not None:
            row |= {"reward": receipt.score.reward, "components": receipt.score.components, "safe": receipt.score.safe}
        if receipt.problem is not None:
            row["reason"] = receipt.problem.detail
        rows.append(row)
    counts = Counter(receipt.status for receipt in receipts)
    if counts["failed"] == len(receipts):
        raise InvalidRequest(f"none of the {len(receipts)} responses could be taken; the first: {rows[0]['reason']}")
    done = await client.complete_run(run.run_id, partial=True)
    summary = done.summary or {"overall": {}, "by_kind": {}}
    data = {
        "run_id": done.run_id,
        "split": done.split,
        "profile": done.profile,
        "scorer_version": done.scorer_version,
        "task_set": done.task_set,
        "answered": done.answered,
        "total": done.total,
        "metrics": summary["overall"],
        "by_kind": summary["by_kind"],
        "tasks": rows,
        "notice": NOTICE,
    }
    reward = summary["overall"].get("mean_reward", {}).get("value")
    mean = "" if reward is None else f", mean reward {reward:.2f}"
    refused = f" {counts['failed']} were not taken." if counts["failed"] else ""
    return Submitted(f"Run {done.run_id}: {done.answered} of {done.total} tasks answered{mean}.{refused}", data)

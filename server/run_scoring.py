"""What a response of a run is worth, and what a run comes to: the part of runs that needs tasks and no database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, NamedTuple

from ..core.metrics import Graded, summarise
from ..core.profiles import ProfileName
from ..core.run_wire import RunResponse
from ..core.task_set import task_set_hash
from ..core.wire import ScoreView
from .clock import now
from .grader import Grader, score_view, view
from .intake import readable
from .problems import ServerProblem
from .rewards import SCORER_VERSION
from .task_bank import PosedTask

Run = Mapping[str, Any]
"""A row of the table of runs."""


class Scored(NamedTuple):
    """A response with its score, ready to be stored."""

    task_id: str
    digest: str
    score: ScoreView
    refused: str | None
    row: dict[str, Any]


class RunScorer:
    """Scores over the tasks that this server has now."""

    def __init__(self, grader: Grader) -> None:
        self.bank = grader.bank
        self.default_profile = grader.settings.profile
        self._grader = grader
        self._task_sets: dict[str, str] = {}

    def task_set(self, split: str) -> str:
        """`task_set_hash` of a split.

        Raises:
            ServerProblem: the server has no such split.
        """
        if split not in self._task_sets:
            self._task_sets[split] = task_set_hash(map(view, self.bank.tasks(split)))
        return self._task_sets[split]

    def reward_of_declining(self, split: str, task_set: str) -> float | None:
        """Mean reward of declining every task of a split; None where its tasks are others now."""
        if not self.has_tasks_of(split, task_set):
            return None
        rightly = [posed.task.gold.abstain for posed in self.bank.tasks(split)]
        cost = self._grader.settings.needless_abstention
        return round((sum(rightly) - cost * (len(rightly) - sum(rightly))) / len(rightly), 6)

    def has_tasks_of(self, split: str, task_set: str) -> bool:
        """Whether this server has the tasks of that hash under the split, as a run was begun with them."""
        return split in self.bank.splits and self.task_set(split) == task_set

    def check_current(self, run: Run) -> None:
        """A run begun with other tasks or another scorer cannot be gone on with: its figures would mean nothing."""
        current = {"task_set": self.task_set(run["split"]), "scorer_version": SCORER_VERSION}
        for name, found in current.items():
            if run[name] != found:
                remedy = "begin another run" if name == "task_set" else "dipg-gym rescore, or begin another run"
                raise ServerProblem(
                    "run-outdated",
                    f"the run was begun with {name.replace('_', ' ')} {run[name][:12]}, this server has {found[:12]}; "
                    f"{remedy}",
                    status=409,
                )

    def score(self, run: Run, item: RunResponse) -> Scored:
        """Score a response. A text that cannot be scored counts as the worst, and says why.

        Raises:
            ServerProblem: the task is unknown, or of another split.
        """
        posed = self.bank.by_id(item.task_id)
        if posed.split != run["split"]:
            raise ServerProblem(
                "task-outside-run",
                f"task {item.task_id[:80]!r} is of split {posed.split!r}, the run is over {run['split']!r}",
                status=422,
            )
        score, refused = self.judge(posed, item.response, run["profile"])
        # A lone surrogate has no UTF-8, and is what such a text may be refused for.
        digest = hashlib.sha256(item.response.encode("utf-8", "surrogatepass")).hexdigest()
        row = {
            "run_id": run["run_id"],
            "task_id": item.task_id,
            "response": readable(item.response) if refused else item.response,
            "digest": digest,
            "refused": refused,
            "score": stored(score),
            "received_at": now(),
        }
        return Scored(item.task_id, digest, score, refused, row)

    def judge(self, posed: PosedTask, response: str, profile: ProfileName) -> tuple[ScoreView, str | None]:
        """The score of a text; and why it cannot be scored, where it then counts as the worst."""
        try:
            return score_view(self._grader.score(posed, response, profile), explained=False), None
        except ServerProblem as error:
            floor = (error.problem.model_extra or {}).get("floor")
            if floor is None:
                raise
            return ScoreView.worst(floor), error.problem.detail

    def explained(self, posed: PosedTask, response: str, profile: ProfileName) -> ScoreView:
        """The score of a text with its quotations and its explanation, which may name gold: for open splits alone.

        Raises:
            ServerProblem: the text cannot be scored.
        """
        return score_view(self._grader.score(posed, response, profile), explained=True)

    def graded(self, task_id: str, score: Mapping[str, Any]) -> Graded:
        """A stored score, with what the server knows of its task."""
        return Graded.of(task_id, ScoreView.model_validate(score), self.bank.by_id(task_id).task)


def stored(score: ScoreView) -> dict[str, Any]:
    """A score as its column holds it."""
    return score.model_dump(mode="json", exclude_none=True)


def summary_columns(rows: Iterable[Graded], unanswered: int) -> dict[str, Any]:
    """What a run comes to, as its columns hold it."""
    summary = summarise(list(rows), unanswered=unanswered)
    return {
        "mean_reward": summary.overall["mean_reward"].value,
        "overall": {name: asdict(found) for name, found in summary.overall.items()},
        "by_kind": {kind: {n: asdict(e) for n, e in found.items()} for kind, found in summary.by_kind.items()},
    }

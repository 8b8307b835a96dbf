"""Evaluates a policy over a split, through the server, as a run on its leaderboard.

Completions are logged before they are submitted, and the server stores before it acknowledges: an evaluation that was
stopped goes on where it was, and generates nothing again. Scores and intervals are those of the server.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..client.errors import BadRequest, ProblemError
from ..client.http import DIPGClient
from ..core.digest import digest
from ..core.prompts import build_messages
from ..core.run_wire import MetricView, RunView, StoredResponse
from ..core.task_set import task_set_hash
from ..core.wire import TaskView
from .evaluation_folder import Answered, EvaluationFolder, EvaluationIdentity
from .failures import TrainingError, check_server
from .policies import Policy
from .risk_coverage import Attempt, Point, risk_coverage

Told = Callable[[int, int], None]
"""Called with the tasks that are answered and those there are."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came of an evaluation."""

    identity: EvaluationIdentity
    run: RunView
    """As the server stored it."""
    overall: dict[str, MetricView]
    by_kind: dict[str, dict[str, MetricView]]
    """Empty where the server does not tell kinds."""
    responses: list[StoredResponse]
    points: list[Point]
    """Selective risk against coverage; none where the policy tells no confidence."""


def evaluate(
    client: DIPGClient,
    policy: Policy,
    out: Path,
    *,
    split: str = "eval",
    agent: str | None = None,
    batch_size: int = 8,
    seed: int = 0,
    told: Told | None = None,
) -> Evaluation:
    """Run a policy over a split.

    Args:
        out: Folder of the evaluation; gone on with where it holds this one.
        agent: Who answers, as the leaderboard shows it; by default the policy's name.
        batch_size: Tasks answered at once.
        seed: With the task it draws what is sampled; of no meaning at temperature 0.

    Raises:
        TrainingError: the folder holds another evaluation, or the policy cannot answer.
        DIPGError: the server is away, has no such split, or refuses a run.
    """
    check_server(client, split)
    tasks = list(client.iter_tasks(split))
    identity = EvaluationIdentity(
        model=policy.name,
        settings=policy.settings,
        seed=seed,
        split=split,
        agent=agent or policy.name,
        task_set=task_set_hash(tasks),
    )
    folder = EvaluationFolder(out, identity)
    run = _begin(client, folder)
    _answer_all(client, policy, folder, run, tasks, batch_size, told or (lambda done, total: None))
    run = client.complete_run(run.run_id)
    responses = client.stored_responses(run.run_id)
    summary = run.summary or {"overall": {}, "by_kind": {}}
    return Evaluation(
        identity=folder.identity,
        run=run,
        overall=_metrics(summary["overall"]),
        by_kind={kind: _metrics(found) for kind, found in summary["by_kind"].items()},
        responses=responses,
        points=risk_coverage(_attempts(responses, folder), len(responses)),
    )


def _begin(client: DIPGClient, folder: EvaluationFolder) -> RunView:
    """The run, with all completions that are there already."""
    run = _create(client, folder)
    try:
        _submit(client, run, list(folder.answered.values()))
    except BadRequest:
        # It was begun over other tasks or by another scorer: the completions go into a run of their own.
        folder.renew()
        run = _create(client, folder)
        _submit(client, run, list(folder.answered.values()))
    return run


def _create(client: DIPGClient, folder: EvaluationFolder) -> RunView:
    identity = folder.identity
    return client.create_run(identity.agent, model=identity.model, split=identity.split, request_id=identity.request_id)


def _answer_all(
    client: DIPGClient,
    policy: Policy,
    folder: EvaluationFolder,
    run: RunView,
    tasks: Sequence[TaskView],
    batch_size: int,
    told: Told,
) -> None:
    waiting = [task for task in tasks if task.task_id not in folder.answered]
    # The longest first: rows of a batch are of like length, and a prompt that is too long is told at once.
    waiting.sort(key=lambda task: len(task.context) + len(task.question), reverse=True)
    told(len(folder.answered), len(tasks))
    for start in range(0, len(waiting), batch_size):
        batch = waiting[start : start + batch_size]
        chats = [build_messages(task.context, task.question) for task in batch]
        seeds = [digest(str(folder.identity.seed), task.task_id, size=7) for task in batch]
        said = policy.generate(chats, seeds)
        rows = [
            Answered(task_id=task.task_id, text=completion.text, logprob=completion.logprob)
            for task, completion in zip(batch, said, strict=True)
        ]
        for row in rows:
            folder.keep(row)
        _submit(client, run, rows)
        told(len(folder.answered), len(tasks))


def _submit(client: DIPGClient, run: RunView, rows: Sequence[Answered]) -> None:
    """
    Raises:
        ProblemError: the server did not take one of them.
    """
    for receipt in client.submit(run.run_id, [{"task_id": row.task_id, "response": row.text} for row in rows]):
        if receipt.problem is not None:
            raise ProblemError.of(receipt.problem)
        if receipt.score is None:
            raise TrainingError(f"the server gave no score for task {receipt.task_id}; check its version")


def _metrics(found: dict[str, object]) -> dict[str, MetricView]:
    return {name: MetricView.model_validate(metric) for name, metric in found.items()}


def _attempts(responses: Sequence[StoredResponse], folder: EvaluationFolder) -> list[Attempt]:
    """The attempts whose confidence is known."""
    chances = {row.task_id: row.logprob for row in folder.answered.values()}
    return [
        Attempt(confidence=chance, wrong=not stored.score.correct)
        for stored in responses
        if not stored.score.abstained and (chance := chances.get(stored.task_id)) is not None
    ]

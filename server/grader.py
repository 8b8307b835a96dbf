"""What the routes and the OpenEnv environment have in common: pose a task, score a response, say what an episode is."""

from __future__ import annotations

from datetime import UTC, timedelta

from ..core.profiles import RISK_THRESHOLDS, ProfileName
from ..core.prompts import build_messages
from ..core.wire import (
    MAX_TASK_BYTES,
    BatchScoreItem,
    BatchStepItem,
    EpisodeState,
    Observation,
    QuoteView,
    ResetRequest,
    ResetResult,
    ScoreView,
    StepObservation,
    StepResult,
    TaskPage,
    TaskView,
)
from .episodes import EpisodeSigner
from .intake import check_response
from .problems import ServerProblem
from .rewards import RewardConfig, Score, score
from .settings import Settings
from .slips import warm_up
from .task_bank import PosedTask, TaskBank


class Grader:
    """Stateless but for the task sets: nothing that a client does changes it."""

    def __init__(self, settings: Settings, bank: TaskBank | None = None) -> None:
        self.settings = settings
        self.bank = bank or TaskBank.load(settings.task_files)
        self._signer = EpisodeSigner(settings.secret_key.get_secret_value(), settings.episode_ttl_s)
        self._default_threshold = RISK_THRESHOLDS[settings.profile]
        warm_up()

    def reset(self, request: ResetRequest) -> ResetResult:
        """Pose the task that the request names or draws."""
        posed = self.bank.choose(request)
        threshold = self._threshold(request)
        return ResetResult(
            observation=Observation(
                episode_id=self._signer.issue(posed.task.id, request.seed, threshold),
                task_id=posed.task.id,
                split=posed.split,
                context=posed.task.context,
                question=posed.task.question,
                messages=build_messages(posed.task.context, posed.task.question),
            )
        )

    def step(self, response: str, episode_id: str) -> StepResult:
        """Score a response to an episode's task."""
        episode = self._signer.read(episode_id)
        return self._score(self.bank.by_id(episode.task_id), response, episode.risk_threshold, episode_id)

    def step_item(self, item: BatchStepItem) -> StepResult:
        """Score one item of a batch."""
        if item.episode_id is not None:
            return self.step(item.response, item.episode_id)
        return self._score(self.bank.by_id(item.task_id or ""), item.response, self._threshold(item), None)

    def score_item(self, item: BatchScoreItem) -> StepResult:
        """Score a response to a task that the caller brings; with all that is found, for the gold is theirs."""
        size = len(item.task.model_dump_json().encode())
        if size > MAX_TASK_BYTES:
            raise ServerProblem(
                "task-too-large",
                f"task {item.task.id[:80]!r} has {size} bytes as JSON; the limit is {MAX_TASK_BYTES}",
                status=413,
            )
        misquoted = item.task.gold.misquotes(item.task.context)
        if misquoted:
            raise ServerProblem("invalid-request", f"task {item.task.id[:80]!r}, {misquoted}", status=422)
        posed = PosedTask(item.task.split, item.task)
        return self._score(posed, item.response, self._threshold(item), None, is_open=True)

    def state(self, episode_id: str) -> EpisodeState:
        """What the token of an episode holds."""
        episode = self._signer.read(episode_id)
        names = {threshold: name for name, threshold in RISK_THRESHOLDS.items()}
        issued = episode.issued_at.astimezone(UTC)
        return EpisodeState(
            episode_id=episode_id,
            task_id=episode.task_id,
            split=self.bank.by_id(episode.task_id).split,
            seed=episode.seed,
            profile=names.get(episode.risk_threshold),
            risk_threshold=episode.risk_threshold,
            issued_at=issued.isoformat(),
            expires_at=(issued + timedelta(seconds=self.settings.episode_ttl_s)).isoformat(),
        )

    def page(self, split: str, offset: int, limit: int) -> TaskPage:
        """Some tasks of a split, as an agent may see them."""
        tasks = self.bank.tasks(split)
        return TaskPage(
            split=split,
            total=len(tasks),
            offset=offset,
            limit=limit,
            tasks=[view(posed) for posed in tasks[offset : offset + limit]],
        )

    def _threshold(self, asked: ResetRequest | BatchStepItem | BatchScoreItem) -> float:
        if asked.risk_threshold is not None:
            return asked.risk_threshold
        return RISK_THRESHOLDS[asked.profile] if asked.profile else self._default_threshold

    def score(self, posed: PosedTask, response: str, profile: ProfileName) -> Score:
        """Score a response to a task, with all that is found of it.

        Raises:
            ServerProblem: the text cannot be scored.
        """
        return self._graded(posed, response, RISK_THRESHOLDS[profile])

    def _graded(self, posed: PosedTask, response: str, threshold: float) -> Score:
        config = RewardConfig(risk_threshold=threshold, needless_abstention=self.settings.needless_abstention)
        check_response(response, config.floor)
        return score(response, posed.task, config)

    def _score(
        self, posed: PosedTask, response: str, threshold: float, episode_id: str | None, *, is_open: bool | None = None
    ) -> StepResult:
        graded = self._graded(posed, response, threshold)
        if is_open is None:
            is_open = posed.split in self.settings.open_splits
        return StepResult(
            observation=StepObservation(
                episode_id=episode_id,
                task_id=posed.task.id,
                split=posed.split,
                score=score_view(graded, explained=is_open),
            ),
            reward=graded.reward,
        )


def view(posed: PosedTask) -> TaskView:
    """A task without gold, kind or family."""
    return TaskView(task_id=posed.task.id, context=posed.task.context, question=posed.task.question)


def score_view(graded: Score, *, explained: bool) -> ScoreView:
    """A score as it is sent; quotations and the explanation where `explained`."""
    shown = ScoreView(
        reward=graded.reward,
        components=graded.components,
        format_ok=graded.format_ok,
        abstained=graded.abstained,
        grounded=graded.grounded,
        supported=graded.supported,
        correct=graded.correct,
        hallucinated=graded.hallucinated,
        consistent=graded.consistent,
        safe=graded.safe,
        scorer_version=graded.scorer_version,
    )
    if explained:
        shown.explanation = graded.explanation
        shown.quotes = [
            QuoteView(
                text=quote.text,
                grounded=quote.grounded,
                verdict=quote.verdict,
                similarity=quote.match.similarity,
                start=quote.match.start,
                end=quote.match.end,
                edits=list(quote.match.edits),
            )
            for quote in graded.quotes
        ]
    return shown

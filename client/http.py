"""HTTP clients: `DIPGClient` and `AsyncDIPGClient`, with the same methods.

    with DIPGClient("http://127.0.0.1:8000") as client:
        posed = client.reset(split="train", seed=7).observation
        result = client.step(my_model(posed.messages), posed.episode_id)
        print(result.reward, result.observation.score.explanation)

For a GRPO trainer, `rewards` scores a whole batch of completions at once, by task and without a reset:

    client.rewards(completions, task_ids=task_ids, profile="soft", refused="floor")

Either client may be shared, by threads or by tasks of one event loop; it keeps up to 512 connections open.
Calls are tried again as `client.connection` says. Errors are those of `client.errors`; none is ever a reward.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from tenacity import AsyncRetrying, Retrying

from ..core.profiles import ProfileName
from ..core.run_wire import Leaderboard, RunComparison, RunReceipt, RunResponse, RunView, StoredResponse
from ..core.tasks import Task
from ..core.wire import (
    MAX_PAGE,
    BatchResetItem,
    BatchStepAnswer,
    BatchStepItem,
    EpisodeState,
    ResetRequest,
    ResetResult,
    ScoreView,
    StepResult,
    TaskPage,
    TaskView,
)
from . import calls, run_calls
from .calls import Call, Refused
from .connection import connection_options, retry_options, uses_proxy
from .pool import AsyncPools

DEFAULT_URL = "http://127.0.0.1:8000"

AnswerT = TypeVar("AnswerT")


class DIPGClient:
    """Calls a server; safe to share between threads. Close it, or use it in a `with` block."""

    def __init__(
        self,
        base_url: str = DEFAULT_URL,
        *,
        timeout_s: float = 30.0,
        retries: int = 5,
        headers: Mapping[str, str] | None = None,
        api_key: str | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Connects at the first call.

        Args:
            base_url: of the server; a path is kept as prefix.
            timeout_s: seconds for connecting and for each wait on the socket, in each try.
            retries: tries after the first; with 5, a server may be gone for about 8 seconds.
            headers: sent with every call.
            api_key: for a server that takes runs with a key alone; by default that of DIPG_API_KEY.
            transport: an httpx transport in place of the network.

        Raises:
            InvalidCall: an argument is wrong.
        """
        self._retry_options = retry_options(retries)
        self._tries = retries + 1
        options = connection_options(base_url, timeout_s, headers, api_key)
        self._http = httpx.Client(**options, transport=transport)

    def reset(
        self,
        *,
        task_id: str | None = None,
        split: str | None = None,
        index: int | None = None,
        seed: int | None = None,
        profile: ProfileName | None = None,
        risk_threshold: float | None = None,
    ) -> ResetResult:
        """Pose a task: by `task_id`; by `split` and `index` or `seed`; or at random."""
        fields = {"task_id": task_id, "split": split, "index": index, "seed": seed}
        return self._send(calls.reset_call({**fields, "profile": profile, "risk_threshold": risk_threshold}))

    def step(self, response: str, episode_id: str) -> StepResult:
        """Score a response to an episode's task. An episode can be scored any number of times."""
        return self._send(calls.step_call(response, episode_id))

    def state(self, episode_id: str) -> EpisodeState:
        """What an episode is: its task, profile and times."""
        return self._send(calls.state_call(episode_id))

    def tasks(self, split: str | None = None, *, offset: int = 0, limit: int = MAX_PAGE) -> TaskPage:
        """One page of the tasks of a split; None means the server's default split."""
        return self._send(calls.tasks_call(split, offset, limit))

    def iter_tasks(self, split: str | None = None) -> Iterator[TaskView]:
        """All tasks of a split, fetched page by page."""
        offset, total = 0, 1
        while offset < total:
            page = self.tasks(split, offset=offset)
            yield from page.tasks
            # An empty page ends a split that shrank meanwhile.
            offset, total = offset + len(page.tasks), page.total if page.tasks else 0

    def batch_reset(self, items: Sequence[ResetRequest | Mapping[str, Any]]) -> list[BatchResetItem]:
        """Pose many tasks, in order; each answer holds `result` or `problem`. Any number of items."""
        answers: list[BatchResetItem] = []
        for call in calls.batch_reset_calls(items):
            answers += calls.read_items(call, self._send(call).items)
        return answers

    def batch_step(self, items: Sequence[BatchStepItem | Mapping[str, Any]]) -> list[BatchStepAnswer]:
        """Score many responses, in order; each answer holds `result` or `problem`: a bad item fails alone.

        Any number of items: they are sent in calls of at most 1024 items and about 8 MiB, one after another.
        Where a call fails as a whole, its error is raised and nothing is returned.
        """
        answers: list[BatchStepAnswer] = []
        for call in calls.batch_step_calls(items):
            answers += calls.read_items(call, self._send(call).items)
        return answers

    def rewards(
        self,
        responses: Sequence[str],
        *,
        episode_ids: Sequence[str] | None = None,
        task_ids: Sequence[str] | None = None,
        profile: ProfileName | None = None,
        risk_threshold: float | None = None,
        refused: Refused = "raise",
    ) -> list[float]:
        """The reward of each response, in order, by the episodes or the tasks in a list beside `responses`.

        A group of completions repeats its task's id. Rewards are complete or there are none: a server that is
        away or fails, an unknown task or an expired episode raises, for a made-up reward would be learnt.

        Args:
            profile, risk_threshold: with `task_ids` alone; an episode holds its own.
            refused: what becomes of a text that the server refuses to score (too large, control characters):
                `raise`, or `floor`, the worst reward, which the server names for the profile. Long training
                runs want `floor`: sooner or later a policy writes such a text, and the fault is its own.

        Raises:
            ProblemError: the first problem; with `refused="floor"` the first not of the response's making.
        """
        items = calls.reward_items(responses, episode_ids, task_ids, profile, risk_threshold)
        return calls.read_rewards(self.batch_step(items), refused)

    def scores(
        self,
        responses: Sequence[str],
        *,
        episode_ids: Sequence[str] | None = None,
        task_ids: Sequence[str] | None = None,
        profile: ProfileName | None = None,
        risk_threshold: float | None = None,
        refused: Refused = "raise",
    ) -> list[ScoreView]:
        """As `rewards`, with the components and the flags of each score."""
        items = calls.reward_items(responses, episode_ids, task_ids, profile, risk_threshold)
        return calls.read_scores(self.batch_step(items), refused)

    def score_tasks(
        self,
        responses: Sequence[str],
        tasks: Sequence[Task],
        *,
        profile: ProfileName | None = None,
        risk_threshold: float | None = None,
        refused: Refused = "raise",
    ) -> list[ScoreView]:
        """As `scores`, by tasks of one's own in a list beside `responses`; with quotations and explanation."""
        answers: list[BatchStepAnswer] = []
        for call in calls.score_calls(responses, tasks, profile, risk_threshold):
            answers += calls.read_items(call, self._send(call).items)
        return calls.read_scores(answers, refused)

    def create_run(self, agent: str, **fields: Any) -> RunView:
        """Begin a run; `fields` are the others of `RunRequest`: model, split, profile, notes, replace."""
        return self._send(run_calls.create_call({"agent": agent, **fields}))

    def run(self, run_id: str) -> RunView:
        """A run: how many tasks are answered, and, once it is complete, its metrics."""
        return self._send(run_calls.run_call(run_id))

    def submit(self, run_id: str, items: Sequence[RunResponse | Mapping[str, Any]]) -> list[RunReceipt]:
        """Store responses, in any order and number; each has its receipt. Sending one again changes nothing."""
        receipts: list[RunReceipt] = []
        for call in run_calls.submit_calls(run_id, items):
            receipts += self._send(call).receipts
        return receipts

    def stored_responses(self, run_id: str) -> list[StoredResponse]:
        """All responses of a run with their scores, in the order of their task ids."""
        found: list[StoredResponse] = []
        while True:
            page = self._send(run_calls.responses_call(run_id, len(found)))
            found += page.responses
            if not page.responses or len(found) >= page.total:
                return found

    def complete_run(self, run_id: str, *, partial: bool = False) -> RunView:
        """End a run and sum it up; `partial` where tasks may be left unanswered."""
        return self._send(run_calls.complete_call(run_id, partial))

    def leaderboard(self, **query: Any) -> Leaderboard:
        """Complete runs, the best first; `query` are fields of `LeaderboardQuery`."""
        return self._send(run_calls.leaderboard_call(query))

    def compare_runs(self, first: str, second: str) -> RunComparison:
        """Which differences between two complete runs are real."""
        return self._send(run_calls.compare_call(first, second))

    def health(self) -> dict[str, Any]:
        """What the server says of itself: `{"status": "healthy"}`."""
        return self._send(calls.health_call())

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        # A handle on connections is shared, not copied. Gymnasium copies the arguments of `make`.
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _send(self, call: Call[AnswerT]) -> AnswerT:
        try:
            retrying = Retrying(**self._retry_options)
            response = retrying(self._http.request, **call.request_options())
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise calls.failure(self._http.base_url, self._tries, error) from error
        return calls.read_answer(call, response)


class AsyncDIPGClient:
    """As `DIPGClient`, with coroutines; safe to share between tasks of one event loop."""

    def __init__(
        self,
        base_url: str = DEFAULT_URL,
        *,
        timeout_s: float = 30.0,
        retries: int = 5,
        headers: Mapping[str, str] | None = None,
        api_key: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """As `DIPGClient`."""
        self._retry_options = retry_options(retries)
        self._tries = retries + 1
        options = connection_options(base_url, timeout_s, headers, api_key)
        # httpx goes through a proxy only where no transport is given.
        chosen = transport or (None if uses_proxy(options) else AsyncPools())
        self._http = httpx.AsyncClient(**options, transport=chosen)

    async def reset(
        self,
        *,
        task_id: str | None = None,
        split: str | None = None,
        index: int | None = None,
        seed: int | None = None,
        profile: ProfileName | None = None,
        risk_threshold: float | None = None,
    ) -> ResetResult:
        """As `DIPGClient.reset`."""
        fields = {"task_id": task_id, "split": split, "index": index, "seed": seed}
        return await self._send(calls.reset_call({**fields, "profile": profile, "risk_threshold": risk_threshold}))

    async def step(self, response: str, episode_id: str) -> StepResult:
        """As `DIPGClient.step`."""
        return await self._send(calls.step_call(response, episode_id))

    async def state(self, episode_id: str) -> EpisodeState:
        """As `DIPGClient.state`."""
        return await self._send(calls.state_call(episode_id))

    async def tasks(self, split: str | None = None, *, offset: int = 0, limit: int = MAX_PAGE) -> TaskPage:
        """As `DIPGClient.tasks`."""
        return await self._send(calls.tasks_call(split, offset, limit))

    async def iter_tasks(self, split: str | None = None) -> AsyncIterator[TaskView]:
        """As `DIPGClient.iter_tasks`."""
        offset, total = 0, 1
        while offset < total:
            page = await self.tasks(split, offset=offset)
            for task in page.tasks:
                yield task
            offset, total = offset + len(page.tasks), page.total if page.tasks else 0

    async def batch_reset(self, items: Sequence[ResetRequest | Mapping[str, Any]]) -> list[BatchResetItem]:
        """As `DIPGClient.batch_reset`."""
        answers: list[BatchResetItem] = []
        for call in calls.batch_reset_calls(items):
            answers += calls.read_items(call, (await self._send(call)).items)
        return answers

    async def batch_step(self, items: Sequence[BatchStepItem | Mapping[str, Any]]) -> list[BatchStepAnswer]:
        """As `DIPGClient.batch_step`."""
        answers: list[BatchStepAnswer] = []
        for call in calls.batch_step_calls(items):
            answers += calls.read_items(call, (await self._send(call)).items)
        return answers

    async def rewards(
        self,
        responses: Sequence[str],
        *,
        episode_ids: Sequence[str] | None = None,
        task_ids: Sequence[str] | None = None,
        profile: ProfileName | None = None,
        risk_threshold: float | None = None,
        refused: Refused = "raise",
    ) -> list[float]:
        """As `DIPGClient.rewards`."""
        items = calls.reward_items(responses, episode_ids, task_ids, profile, risk_threshold)
        return calls.read_rewards(await self.batch_step(items), refused)

    async def scores(
        self,
        responses: Sequence[str],
        *,
        episode_ids: Sequence[str] | None = None,
        task_ids: Sequence[str] | None = None,
        profile: ProfileName | None = None,
        risk_threshold: float | None = None,
        refused: Refused = "raise",
    ) -> list[ScoreView]:
        """As `DIPGClient.scores`."""
        items = calls.reward_items(responses, episode_ids, task_ids, profile, risk_threshold)
        return calls.read_scores(await self.batch_step(items), refused)

    async def score_tasks(
        self,
        responses: Sequence[str],
        tasks: Sequence[Task],
        *,
        profile: ProfileName | None = None,
        risk_threshold: float | None = None,
        refused: Refused = "raise",
    ) -> list[ScoreView]:
        """As `DIPGClient.score_tasks`."""
        answers: list[BatchStepAnswer] = []
        for call in calls.score_calls(responses, tasks, profile, risk_threshold):
            answers += calls.read_items(call, (await self._send(call)).items)
        return calls.read_scores(answers, refused)

    async def create_run(self, agent: str, **fields: Any) -> RunView:
        """As `DIPGClient.create_run`."""
        return await self._send(run_calls.create_call({"agent": agent, **fields}))

    async def run(self, run_id: str) -> RunView:
        """As `DIPGClient.run`."""
        return await self._send(run_calls.run_call(run_id))

    async def submit(self, run_id: str, items: Sequence[RunResponse | Mapping[str, Any]]) -> list[RunReceipt]:
        """As `DIPGClient.submit`."""
        receipts: list[RunReceipt] = []
        for call in run_calls.submit_calls(run_id, items):
            receipts += (await self._send(call)).receipts
        return receipts

    async def stored_responses(self, run_id: str) -> list[StoredResponse]:
        """As `DIPGClient.stored_responses`."""
        found: list[StoredResponse] = []
        while True:
            page = await self._send(run_calls.responses_call(run_id, len(found)))
            found += page.responses
            if not page.responses or len(found) >= page.total:
                return found

    async def complete_run(self, run_id: str, *, partial: bool = False) -> RunView:
        """As `DIPGClient.complete_run`."""
        return await self._send(run_calls.complete_call(run_id, partial))

    async def leaderboard(self, **query: Any) -> Leaderboard:
        """As `DIPGClient.leaderboard`."""
        return await self._send(run_calls.leaderboard_call(query))

    async def compare_runs(self, first: str, second: str) -> RunComparison:
        """As `DIPGClient.compare_runs`."""
        return await self._send(run_calls.compare_call(first, second))

    async def health(self) -> dict[str, Any]:
        """As `DIPGClient.health`."""
        return await self._send(calls.health_call())

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _send(self, call: Call[AnswerT]) -> AnswerT:
        try:
            retrying = AsyncRetrying(**self._retry_options)
            response: httpx.Response = await retrying(self._http.request, **call.request_options())
        except (httpx.RequestError, httpx.InvalidURL) as error:
            raise calls.failure(self._http.base_url, self._tries, error) from error
        return calls.read_answer(call, response)

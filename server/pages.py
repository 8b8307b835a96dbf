"""Pages for people: the leaderboard, two runs compared, a run, one response, and a task to try by hand.

They hold no more than the JSON of the API does: of a closed split no gold, no kind of a task and no explanation, only
what the context and the score itself tell. Every value is escaped, and no page holds a script or a style of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import jinja2
from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from pydantic import ValidationError
from starlette.routing import Mount

from ..core.metrics import LABELS, METRICS, NOTE_METRICS
from ..core.profiles import RISK_THRESHOLDS, ProfileName
from ..core.run_wire import LeaderboardQuery, Name
from . import charts
from .access import Access
from .judgement import Judged, Judgement, judge
from .leaderboard import LeaderboardReader
from .marking import pieces
from .problems import ServerProblem, invalid_request, storage_problem
from .rewards import SCORER_VERSION
from .run_reading import RunReader, Shown
from .run_scoring import RunScorer
from .runs import RunStore
from .settings import Settings
from .storage import StorageError
from .task_bank import PosedTask

HERE = Path(__file__).parent

RUNS_A_PAGE = 50
RESPONSES_A_PAGE = 100

SHOWN: dict[Shown, str] = {
    "all": "All",
    "unsafe": "Unsafe",
    "hallucinated": "Hallucinated",
    "wrong": "Wrong attempts",
    "declined": "Declined",
    "form": "Not the strict form",
    "refused": "Could not be scored",
}

TEMPLATE_RESPONSE = "<think>\n\n</think>\n<proof>\n\n</proof>\n<answer>\n\n</answer>"
"""What stands in the field of the page to try by hand."""


class PageRoute(APIRoute):
    """A route whose errors are pages, too."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handling(request: Request) -> Response:
            try:
                return await handler(request)
            except ServerProblem as error:
                found = error
            except (RequestValidationError, ValidationError) as error:
                found = invalid_request(error)
            except StorageError as error:
                found = storage_problem(error)
            problem = found.problem
            return _render(
                request, "error.html", problem.status, found.headers, title=problem.title, detail=problem.detail
            )

        return handling


def build_page_router(
    store: RunStore, board: LeaderboardReader, reader: RunReader, scorer: RunScorer, settings: Settings, access: Access
) -> APIRouter:
    """Routes of the pages, with the files that they load."""
    router = APIRouter(
        route_class=PageRoute, include_in_schema=False, dependencies=[Depends(access.reader)], tags=["Pages"]
    )
    splits = scorer.bank.splits
    open_splits = [name for name in splits if name in settings.open_splits]

    @router.get("/")
    async def start(request: Request) -> Response:
        return RedirectResponse(_base(request) + "/leaderboard")

    @router.get("/leaderboard")
    async def leaderboard(
        request: Request,
        split: Annotated[Name, Query()] = "eval" if "eval" in splits else splits[0],
        profile: Annotated[ProfileName, Query()] = settings.profile,
        runs: Annotated[Literal["complete", "partial"], Query()] = "complete",
        source: Annotated[Literal["all", "verified", "self-reported"], Query()] = "all",
        agent: Annotated[str, Query(max_length=200)] = "",
        offset: Annotated[int, Query(ge=0)] = 0,
    ) -> Response:
        asked = LeaderboardQuery(
            split=split,
            profile=profile,
            partial=runs == "partial",
            verified=None if source == "all" else source == "verified",
            agent=agent.strip() or None,
            offset=offset,
            limit=RUNS_A_PAGE,
        )
        found = await board.page(asked)
        chosen = {"split": split, "profile": profile, "runs": runs, "source": source, "agent": agent}
        same = asked.model_dump(mode="json", exclude_none=True, exclude_defaults=True, exclude={"limit", "offset"})
        return _render(
            request,
            "leaderboard.html",
            board=found,
            chosen=chosen,
            splits=splits,
            profiles=list(RISK_THRESHOLDS),
            scorer_version=SCORER_VERSION,
            notes=any(NOTE_METRICS & row.metrics.keys() for row in found.runs),
            points=charts.risk_and_coverage(found.runs),
            width=charts.PLOT_WIDTH,
            height=charts.PLOT_HEIGHT,
            query=urlencode({**same, "profile": profile}),
            turns=_turns(offset, RUNS_A_PAGE, found.total, chosen),
        )

    @router.get("/compare")
    async def compare(request: Request, run: Annotated[list[str], Query(max_length=50)]) -> Response:
        if len(run) != 2:
            raise ServerProblem("two-runs", f"{len(run)} runs were chosen; choose two", status=422)
        first, second = [await store.view(run_id) for run_id in run]
        found = await board.compare(first.run_id, second.run_id)
        return _render(request, "compare.html", first=first, second=second, found=found)

    @router.get("/runs/{run_id}/page")
    async def run_page(
        request: Request,
        run_id: str,
        show: Annotated[Shown, Query()] = "all",
        offset: Annotated[int, Query(ge=0)] = 0,
    ) -> Response:
        run = await store.view(run_id)
        total, scores = await reader.scores(run_id, show, offset, RESPONSES_A_PAGE)
        return _render(
            request,
            "run.html",
            run=run,
            scores=scores,
            total=total,
            show=show,
            shown=SHOWN,
            reward_scale=charts.rewards(run.profile),
            turns=_turns(offset, RESPONSES_A_PAGE, total, {"show": show}),
        )

    @router.get("/runs/{run_id}/responses/{task_id}/page")
    async def response_page(request: Request, run_id: str, task_id: str) -> Response:
        opened = await reader.response(run_id, task_id)
        run = opened.run
        posed = scorer.bank.by_id(task_id) if scorer.has_tasks_of(run["split"], run["task_set"]) else None
        judged = judge(scorer, posed, opened.response, run["profile"], is_open=run["split"] in open_splits)
        return _render(request, "response.html", opened=opened, posed=posed, judged=judged)

    @router.get("/try")
    async def try_page(
        request: Request,
        split: Annotated[str | None, Query()] = None,
        task: Annotated[str | None, Query()] = None,
    ) -> Response:
        posed = _choose(scorer, open_splits, split, task)
        return _render(request, "try.html", **_trial(scorer, posed, settings.profile, TEMPLATE_RESPONSE, None))

    @router.post("/try")
    async def try_response(
        request: Request,
        task: Annotated[str, Form()],
        response: Annotated[str, Form()],
        profile: Annotated[ProfileName, Form()],
    ) -> Response:
        posed = _choose(scorer, open_splits, None, task)
        text = response.replace("\r\n", "\n")  # browsers send forms with both
        score, refused = scorer.judge(posed, text, profile)
        judged = judge(scorer, posed, Judged(text, score, refused), profile, is_open=True)
        return _render(request, "try.html", **_trial(scorer, posed, profile, text, judged))

    router.routes.append(Mount("/static", StaticFiles(directory=HERE / "static"), name="static"))
    return router


def _choose(scorer: RunScorer, open_splits: list[str], split: str | None, task: str | None) -> PosedTask:
    """The task that was asked for, or the first of a split whose scores are explained."""
    if not open_splits:
        raise ServerProblem("no-open-split", "this server explains the scores of no split", status=404)
    if task is None:
        if split is not None and split not in open_splits:
            raise ServerProblem("split-closed", f"split {split[:80]!r} is not open; try {open_splits[0]!r}", status=404)
        return scorer.bank.tasks(split or open_splits[0])[0]
    posed = scorer.bank.by_id(task)
    if posed.split not in open_splits:
        detail = f"task {task[:80]!r} is of a closed split, whose scores are not explained"
        raise ServerProblem("split-closed", detail, status=403)
    return posed


def _trial(
    scorer: RunScorer, posed: PosedTask, profile: ProfileName, text: str, judged: Judgement | None
) -> dict[str, Any]:
    tasks = scorer.bank.tasks(posed.split)
    place = tasks.index(posed)
    return {
        "posed": posed,
        "number": place + 1,
        "count": len(tasks),
        "previous": tasks[place - 1].task.id,
        "following": tasks[(place + 1) % len(tasks)].task.id,
        "profile": profile,
        "profiles": list(RISK_THRESHOLDS),
        "text": text,
        "judged": judged,
    }


def _turns(offset: int, size: int, total: int, chosen: dict[str, Any]) -> dict[str, str]:
    """Links to the page before and the page after, where there are such."""
    turns = {}
    if offset > 0:
        turns["previous"] = urlencode({**chosen, "offset": max(0, offset - size)})
    if offset + size < total:
        turns["next"] = urlencode({**chosen, "offset": offset + size})
    return turns


def _base(request: Request) -> str:
    """The path under which a proxy serves this server."""
    return str(request.scope.get("root_path", ""))


_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["pieces"] = pieces
_TEMPLATES.globals.update(
    labels=LABELS,
    definitions={name: " ".join((metric.__doc__ or "").split()) for name, metric in METRICS.items()},
    shares=charts.SHARES,
)


def _render(
    request: Request, name: str, status: int = 200, headers: dict[str, str] | None = None, **values: Any
) -> HTMLResponse:
    text = _TEMPLATES.get_template(name).render(base=_base(request), path=request.url.path, **values)
    # Built whole and encoded here: a lone surrogate, which has no UTF-8, must not break a page.
    return HTMLResponse(text.encode("utf-8", "replace"), status, headers)

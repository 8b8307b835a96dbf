"""Errors as RFC 9457 problem documents, each with whose fault it is.

`fault` lets a trainer act rightly: `request` is a bug of the caller, `response` means that the model's text cannot be
scored as it stands (too large, control characters, a document type declaration), `server` is ours and may be tried
again. None of them is a score.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any, Literal

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ..core.wire import Problem
from .storage import StorageError

logger = logging.getLogger(__name__)

STORAGE_RETRY_S = 5
"""After so many seconds a client tries again where the database is away."""

TYPE_PREFIX = "urn:dipg-safety-gym:problem:"


class ServerProblem(Exception):
    """An error that a client is told of. `str()` of it is the detail."""

    def __init__(
        self,
        name: str,
        detail: str,
        *,
        status: int = 400,
        fault: Literal["request", "response", "server"] = "request",
        headers: dict[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.headers = headers
        self.problem = Problem(
            type=TYPE_PREFIX + name,
            title=HTTPStatus(status).phrase,
            status=status,
            detail=detail,
            fault=fault,
            **members,
        )


def problem_response(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    """The document as an HTTP answer."""
    return Response(
        problem.model_dump_json(exclude_none=True),
        status_code=problem.status,
        media_type="application/problem+json",
        headers=headers,
    )


def invalid_request(error: ValidationError | RequestValidationError) -> ServerProblem:
    """Names each wrong field and what was expected of it, without repeating what was sent."""
    found = error.errors()[:20]
    if found[0]["type"] == "json_invalid":
        where = f"{found[0].get('ctx', {}).get('error', 'syntax error')}, at character {found[0]['loc'][-1]}"
        return ServerProblem("malformed-json", f"the body is not JSON: {where}", status=400)
    fields = [
        {
            "field": ".".join(str(part) for part in item["loc"] if part != "body") or "body",
            "message": str(item["msg"]).removeprefix("Value error, "),
        }
        for item in found
    ]
    detail = "; ".join(f"{item['field']}: {item['message']}" for item in fields[:3])
    return ServerProblem("invalid-request", detail, status=422, errors=fields)


def storage_problem(error: StorageError) -> ServerProblem:
    """The database is away: nothing was stored, and the same request may be sent again."""
    logger.error("%s", error)
    detail = "the database that holds the runs cannot be opened, and nothing was stored; try again. The log says why"
    headers = {"retry-after": str(STORAGE_RETRY_S)}
    return ServerProblem("storage-unavailable", detail, status=503, fault="server", headers=headers)


def install_handlers(app: FastAPI) -> None:
    """Make every error of the application a problem document."""

    async def on_problem(_: Request, error: Exception) -> Response:
        assert isinstance(error, ServerProblem)
        return problem_response(error.problem, error.headers)

    async def on_storage(_: Request, error: Exception) -> Response:
        assert isinstance(error, StorageError)
        found = storage_problem(error)
        return problem_response(found.problem, found.headers)

    async def on_validation(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError | ValidationError)
        return problem_response(invalid_request(error).problem)

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        detail = str(error.detail)
        if detail == HTTPStatus(error.status_code).phrase:
            detail = f"{request.method} {request.url.path[:200]}: {detail.lower()}; /docs lists the routes"
        problem = ServerProblem(
            HTTPStatus(error.status_code).phrase.lower().replace(" ", "-"),
            detail,
            status=error.status_code,
            fault="server" if error.status_code >= 500 else "request",
        ).problem
        return problem_response(problem, dict(error.headers or {}))

    async def on_bug(request: Request, error: Exception) -> Response:
        logger.error("unhandled error at %s %s", request.method, request.url.path, exc_info=error)
        detail = "the server failed; nothing was scored. Try again; if it fails again, report it with the server's log"
        return problem_response(ServerProblem("internal-error", detail, status=500, fault="server").problem)

    app.add_exception_handler(ServerProblem, on_problem)
    app.add_exception_handler(StorageError, on_storage)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_bug)

"""ASGI middleware that refuses what no route should have to read: large bodies, and frames that are not JSON
objects."""

from __future__ import annotations

import json
from typing import Any

from pydantic_core import from_json
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import ServerProblem, problem_response

MAX_FRAME_CHARS = 1024 * 1024
"""Largest WebSocket message: a response of 64 KiB, each byte written as a six-character escape, and room to spare."""


class BodyLimit:
    """Answers 413 to a request body larger than `max_bytes`, whether or not its length was announced.

    Starlette has a middleware for it, whose answer is plain text and not a problem document.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        length = dict(scope["headers"]).get(b"content-length", b"")
        if length.isdigit():
            # The server protocol holds the client to the announced length.
            body_receive = receive if int(length) <= self.max_bytes else None
        else:
            body_receive = await self._read_ahead(receive)
        if body_receive is None:
            detail = f"the request body is larger than {self.max_bytes} bytes; send smaller batches"
            problem = ServerProblem("request-too-large", detail, status=413).problem
            await problem_response(problem, {"connection": "close"})(scope, receive, send)
            return
        await self.app(scope, body_receive, send)

    async def _read_ahead(self, receive: Receive) -> Receive | None:
        """Read a body of unknown length; a `receive` that gives it again, or None if it is too large."""
        messages: list[Message] = []
        size = 0
        while True:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            if size > self.max_bytes:
                return None
            if message["type"] == "http.disconnect" or not message.get("more_body", False):
                break
        messages.reverse()

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        return replay


class FrameGuard:
    """Answers a WebSocket frame that is no JSON object with an error message, and keeps the session.

    OpenEnv's handler ends the session on some of them (a list, a binary frame, a lone surrogate in its own error).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return

        async def guarded() -> Message:
            while True:
                message = await receive()
                if message["type"] != "websocket.receive":
                    return message
                fault = _frame_fault(message)
                if fault is None:
                    return message
                error = {"type": "error", "data": {"message": fault, "code": "INVALID_JSON"}}
                await send({"type": "websocket.send", "text": json.dumps(error)})

        await self.app(scope, guarded, send)


def _frame_fault(message: Message) -> str | None:
    text: Any = message.get("text")
    if text is None:
        return "a binary frame; expected a text frame that holds a JSON object"
    if len(text) > MAX_FRAME_CHARS:
        return f"a frame of {len(text)} characters; the limit is {MAX_FRAME_CHARS}"
    try:
        data = from_json(text)
    except ValueError as error:
        return f"not valid JSON: {error}"
    if not isinstance(data, dict):
        return f"a JSON {type(data).__name__}; expected an object with a type"
    return None

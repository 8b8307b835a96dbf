"""An A2A agent as a web application: its card, JSON-RPC at the root and REST, protocol 1.0 and 0.3 from one handler.

Protocol and bindings are those of `a2a-sdk`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from email.utils import formatdate

import httpx
from a2a.server.agent_execution import AgentExecutor
from a2a.server.cluster.event_stream import TaskEventStream
from a2a.server.cluster.task_store import VersionedTaskStore
from a2a.server.routes import (
    add_a2a_routes_to_fastapi,
    create_agent_card_routes,
    create_jsonrpc_routes,
    create_rest_routes,
)
from a2a.server.tasks import BasePushNotificationSender, InMemoryPushNotificationConfigStore
from a2a.server.tasks.task_store import TaskStore
from a2a.types.a2a_pb2 import AgentCapabilities, AgentCard, AgentInterface, AgentProvider, AgentSkill
from a2a.utils.push_url_validator import validate_push_notification_url
from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .a2a_handler import Once, OnceHandler

CARD_MAX_AGE_S = 300

MAX_BODY_BYTES = 16 * 1024 * 1024
"""Largest request: a run of responses in one message."""

BINDINGS = ("JSONRPC", "HTTP+JSON")

VERSIONS = ("1.0", "0.3")
"""In this order: a client takes the first that it speaks, and an old one needs an entry of 0.3 to find the address."""


def build_card(
    *, name: str, description: str, url: str, skills: Sequence[AgentSkill], version: str, push: bool = True
) -> AgentCard:
    """A card that lists each binding under both versions of the protocol.

    Args:
        url: Address under which clients reach the agent.
        push: Whether it pushes notifications: of no use to an agent that keeps no tasks.
    """
    address = url.rstrip("/")
    return AgentCard(
        name=name,
        description=description,
        version=version,
        provider=AgentProvider(organization="DIPG Safety Gym", url=address),
        supported_interfaces=[
            AgentInterface(
                url=f"{address}/" if binding == "JSONRPC" else address,
                protocol_binding=binding,
                protocol_version=protocol_version,
            )
            for binding in BINDINGS
            for protocol_version in VERSIONS
        ],
        capabilities=AgentCapabilities(streaming=True, push_notifications=push),
        default_input_modes=["text/plain", "application/json"],
        default_output_modes=["text/plain", "application/json"],
        skills=skills,
    )


def build_app(
    executor: AgentExecutor,
    card: AgentCard,
    store: TaskStore | VersionedTaskStore,
    *,
    once: Once = lambda _: False,
    event_stream: TaskEventStream | None = None,
    allow_private_push: bool = False,
    on_start: Callable[[], Awaitable[None]] | None = None,
    on_stop: Callable[[], Awaitable[None]] | None = None,
) -> FastAPI:
    """The application of an agent.

    Args:
        once: Whether what a message asks for must be done once, however often the message is sent.
        event_stream: Where replicas that share a versioned store hear of each other's tasks.
        allow_private_push: Whether notifications may go to addresses that are not public, as where all agents share a
            private network.
        on_start: Called before the first request.
        on_stop: Called after the last.
    """
    validator = None if allow_private_push else validate_push_notification_url
    pushes = httpx.AsyncClient(timeout=10.0, follow_redirects=False)
    configs = InMemoryPushNotificationConfigStore()
    handler = OnceHandler(
        executor,
        store,
        card,
        push_config_store=configs,
        push_sender=BasePushNotificationSender(pushes, configs, push_url_validator=validator),
        push_url_validator=validator,
        event_stream=event_stream,
        once=once,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if on_start:
            await on_start()
        yield
        await handler.aclose()
        await pushes.aclose()
        if on_stop:
            await on_stop()

    app = FastAPI(title=card.name, version=card.version, description=card.description, lifespan=lifespan)
    app.add_middleware(Edges)

    @app.get("/health", summary="Whether the agent is up")
    async def health() -> dict[str, str]:
        return {"status": "healthy"}

    add_a2a_routes_to_fastapi(
        app,
        agent_card_routes=create_agent_card_routes(card, cache_control=f"public, max-age={CARD_MAX_AGE_S}"),
        jsonrpc_routes=create_jsonrpc_routes(handler, "/", enable_v0_3_compat=True),
        rest_routes=create_rest_routes(handler, enable_v0_3_compat=True),
    )
    return app


class BodyTooLarge(ValueError):
    """A request that is read no further."""


class Edges:
    """What the SDK leaves to its users: a limit of the body, announced or not, and the date of the card."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._started = formatdate(usegmt=True).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        size, answered = 0, False

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > MAX_BODY_BYTES:
                raise BodyTooLarge(f"the body is larger than {MAX_BODY_BYTES} bytes")
            return message

        async def sending(message: Message) -> None:
            nonlocal answered
            answered = True
            if message["type"] == "http.response.start" and scope["path"].startswith("/.well-known/"):
                message["headers"] = [*message["headers"], (b"last-modified", self._started)]
            await send(message)

        try:
            await self.app(scope, counted, sending)
        except BodyTooLarge as error:
            if answered:
                raise
            await PlainTextResponse(str(error), 413, {"connection": "close"})(scope, receive, send)


def serve(app: FastAPI, host: str, port: int) -> None:
    """Serve until stopped."""
    import uvicorn

    uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False)

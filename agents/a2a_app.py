"""An A2A agent as a web application: its card, JSON-RPC at the root and REST, protocol 1.0 and 0.3 from one handler.

Protocol and bindings are those of `a2a-sdk`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from email.utils import formatdate

from a2a.server.agent_execution import AgentExecutor
from a2a.server.cluster.event_stream import TaskEventStream
from a2a.server.cluster.task_store import VersionedTaskStore
from a2a.server.routes import add_a2a_routes_to_fastapi, create_agent_card_routes
from a2a.server.tasks.task_store import TaskStore
from a2a.types.a2a_pb2 import AgentCapabilities, AgentCard, AgentInterface, AgentProvider, AgentSkill
from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .a2a_handler import Once, OnceHandler
from .a2a_push import PushConfigs, PushSender
from .a2a_v03 import jsonrpc_routes, rest_routes

CARD_MAX_AGE_S = 300

MAX_BODY_BYTES = 16 * 1024 * 1024
"""Largest request: a run of responses in one message."""

JSONRPC, REST = "JSONRPC", "HTTP+JSON"

INTERFACES = ((JSONRPC, "1.0"), (JSONRPC, "0.3"), (REST, "1.0"), (REST, "0.3"), (JSONRPC, "0.3"))
"""In this order: a client takes the first that it speaks. An old one finds the address in the first entry of 0.3, which
its card leaves out of the list of interfaces, where it should stand as well: hence the last."""


def build_card(
    *, name: str, description: str, url: str, skills: Sequence[AgentSkill], version: str, push: bool = False
) -> AgentCard:
    """A card that lists each binding under both versions of the protocol.

    Args:
        url: Address under which clients reach the agent.
        push: Whether it pushes notifications.
    """
    address = url.rstrip("/")
    return AgentCard(
        name=name,
        description=description,
        version=version,
        provider=AgentProvider(organization="DIPG Safety Gym", url=address),
        supported_interfaces=[
            AgentInterface(
                url=f"{address}/" if binding == JSONRPC else address,
                protocol_binding=binding,
                protocol_version=protocol_version,
            )
            for binding, protocol_version in INTERFACES
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
    push_configs: PushConfigs | None = None,
    allow_private_push: bool = False,
    on_start: Callable[[], Awaitable[None]] | None = None,
    on_stop: Callable[[], Awaitable[None]] | None = None,
) -> FastAPI:
    """The application of an agent.

    Args:
        once: Whether what a message asks for must be done once, however often the message is sent.
        event_stream: Where replicas that share a versioned store hear of each other's tasks.
        push_configs: Where it is stored who wants to be notified; nobody is, where there is none.
        allow_private_push: Whether notifications may go to addresses that are not public, as where all agents share a
            private network.
        on_start: Called before the first request.
        on_stop: Called after the last.
    """
    pushes = PushSender(push_configs, allow_private=allow_private_push) if push_configs else None
    handler = OnceHandler(
        executor,
        store,
        card,
        push_config_store=push_configs,
        push_sender=pushes,
        push_url_validator=pushes.validator if pushes else None,
        event_stream=event_stream,
        once=once,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if on_start:
            await on_start()
        yield
        await handler.aclose()
        if pushes:
            await pushes.aclose()
        if on_stop:
            await on_stop()

    app = FastAPI(
        title=card.name,
        version=card.version,
        description=card.description,
        lifespan=lifespan,
        # REST takes any first segment for a tenant: a path that is not there would lead to itself with a slash.
        redirect_slashes=False,
    )
    app.add_middleware(Edges)

    @app.get("/health", summary="Whether the agent is up")
    async def health() -> dict[str, str]:
        return {"status": "healthy"}

    cached = f"public, max-age={CARD_MAX_AGE_S}"
    add_a2a_routes_to_fastapi(
        app,
        # Also where who has only the agent's address looks first.
        agent_card_routes=[
            *create_agent_card_routes(card, cache_control=cached),
            *create_agent_card_routes(card, card_url="/", cache_control=cached),
        ],
        jsonrpc_routes=jsonrpc_routes(handler, "/"),
        rest_routes=rest_routes(handler),
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

"""An agent under test, asked through an A2A client: either version of the protocol, a task or a message, streamed or
not.

Whatever goes wrong is `AgentError` with its reason, and so no answer: it is never graded as text. A participant may be
hostile: its replies are cut at a size, are not decompressed, lead nowhere else, and its card cannot point into a
private network that the operator did not name.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import socket
import uuid
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Self

import httpx
from a2a.client import A2ACardResolver, Client, ClientConfig, ClientFactory
from a2a.client.errors import A2AClientError
from a2a.helpers.proto_helpers import get_data_parts, get_text_parts
from a2a.types.a2a_pb2 import (
    AgentCard,
    GetTaskRequest,
    Message,
    Part,
    Role,
    SendMessageRequest,
    StreamResponse,
    Task,
    TaskArtifactUpdateEvent,
    TaskState,
)
from a2a.utils.errors import A2AError, InternalError
from google.protobuf.json_format import ParseError
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from ..core.prompts import build_text
from .base import AgentError
from .base import Message as ChatMessage

MAX_REPLY_BYTES = 4 * 1024 * 1024
"""Of one reply with all its events: a response has 64 KiB, and each may be told several times."""

POLL_S = 0.25
LONGEST_POLL_S = 5.0
"""Pauses between two looks at a task that the agent did not wait for."""

_ENDED = {
    TaskState.TASK_STATE_COMPLETED,
    TaskState.TASK_STATE_FAILED,
    TaskState.TASK_STATE_CANCELED,
    TaskState.TASK_STATE_REJECTED,
    TaskState.TASK_STATE_INPUT_REQUIRED,
    TaskState.TASK_STATE_AUTH_REQUIRED,
}
_FAILED = {
    TaskState.TASK_STATE_FAILED: "failed",
    TaskState.TASK_STATE_CANCELED: "canceled",
    TaskState.TASK_STATE_REJECTED: "rejected",
    TaskState.TASK_STATE_AUTH_REQUIRED: "wants authentication for",
}


class ReplyTooLarge(httpx.TransportError):
    """A reply that is cut off."""


class Participant:
    """One agent under test. An `Agent`, as the runner asks it; use it in an `async with` block."""

    def __init__(self, name: str, url: str, *, retries: int = 2, timeout_s: float = 60.0) -> None:
        """
        Args:
            name: Its role.
            url: Under which its card stands.
            retries: Tries after the first, where the connection or the agent fails.
            timeout_s: Limit for each wait on the socket; whoever asks limits the whole answer.
        """
        self.name = name
        self.url = url
        self._tries = retries + 1
        self._http = httpx.AsyncClient(
            transport=_Capped(httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=512))),
            timeout=httpx.Timeout(timeout_s, connect=min(10.0, timeout_s), pool=None),
            headers={"accept-encoding": "identity"},
            follow_redirects=False,
        )
        self._client: Client | None = None
        self._resolving = asyncio.Lock()
        self._patience_s = timeout_s
        self._failing_since: float | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def answer(self, context: str, question: str, messages: Sequence[ChatMessage]) -> str:
        """The text that the agent replies with.

        Raises:
            AgentError: there is none, after every try.
        """
        text = build_text(context, question)
        try:
            async for attempt in AsyncRetrying(
                stop=stop_after_attempt(self._tries),
                wait=wait_random_exponential(multiplier=0.2, max=5.0),
                retry=retry_if_exception(_is_passing),
                reraise=True,
            ):
                with attempt:
                    reply = await self._ask(text)
        except (A2AError, httpx.HTTPError, ParseError, ValueError) as error:
            raise AgentError(_reason(error)) from error
        return reply

    async def _ask(self, text: str) -> str:
        client = await self._connected()
        message = Message(role=Role.ROLE_USER, message_id=uuid.uuid4().hex, parts=[Part(text=text)])
        reply = _Reply()
        async for event in client.send_message(SendMessageRequest(message=message)):
            reply.take(event)
        pause = POLL_S
        while reply.task is not None and reply.state not in _ENDED:
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_POLL_S)
            reply.take(StreamResponse(task=await client.get_task(GetTaskRequest(id=reply.task.id))))
        return reply.text()

    async def _connected(self) -> Client:
        """The client, once the card was read: an agent that is down at first may come up later.

        Not for ever, or one that swallows connections would cost each task the time of an answer.
        """
        async with self._resolving:
            if self._client is None:
                now = asyncio.get_running_loop().time()
                if self._failing_since is not None and now - self._failing_since > self._patience_s:
                    raise AgentError(f"the agent's card could not be read for {self._patience_s:g} s; it was given up")
                self._failing_since = self._failing_since or now
                card = await A2ACardResolver(self._http, self.url).get_agent_card()
                await check_interfaces(card, self.url)
                config = ClientConfig(
                    httpx_client=self._http,
                    supported_protocol_bindings=["JSONRPC", "HTTP+JSON"],
                    accepted_output_modes=["text/plain", "application/json"],
                )
                self._client = ClientFactory(config).create(card)
        return self._client


class _Reply:
    """What the events of one reply come to."""

    def __init__(self) -> None:
        self.task: Task | None = None
        self.state: TaskState | None = None
        self._message: Message | None = None
        self._status: Message | None = None
        self._artifacts: dict[str, list[Part]] = {}

    def take(self, event: StreamResponse) -> None:
        if event.HasField("message"):
            self._message = event.message
        elif event.HasField("task"):
            self.task, self.state = event.task, event.task.status.state
            self._status = event.task.status.message
            for artifact in event.task.artifacts:
                self._artifacts[artifact.artifact_id] = list(artifact.parts)
        elif event.HasField("status_update"):
            self.task = self.task or Task(id=event.status_update.task_id)
            self.state = event.status_update.status.state
            self._status = event.status_update.status.message
        elif event.HasField("artifact_update"):
            self._extend(event.artifact_update)

    def _extend(self, update: TaskArtifactUpdateEvent) -> None:
        parts = self._artifacts.setdefault(update.artifact.artifact_id, [])
        if not update.append:
            parts.clear()
        parts.extend(update.artifact.parts)

    def text(self) -> str:
        """The message, or else the artifacts, or else what the last status says."""
        if self.state in _FAILED:
            said = _text(self._status.parts if self._status else [])[:200]
            raise AgentError(f"the agent {_FAILED[self.state]} the task{': ' + said if said else ''}")
        if self._message is not None:
            return _text(self._message.parts)
        found = "".join(_text(parts) for parts in self._artifacts.values())
        if not found and self._status is not None:
            found = _text(self._status.parts)
        if not found:
            raise AgentError("the agent's reply holds no text")
        return found


def _text(parts: Sequence[Part]) -> str:
    texts = get_text_parts(parts)
    if texts:
        return "\n".join(texts)
    data = [found for found in get_data_parts(parts) if isinstance(found, dict)]
    return "\n".join(str(found["response"]) for found in data if isinstance(found.get("response"), str))


async def check_interfaces(card: AgentCard, url: str) -> None:
    """Refuse a card that leads from the host that the operator named to a private address of another.

    Raises:
        AgentError: names the interface.
    """
    named = httpx.URL(url).host
    for interface in card.supported_interfaces:
        try:
            host = httpx.URL(interface.url).host
        except httpx.InvalidURL:
            host = ""
        if not host:
            raise AgentError(f"the agent's card names {interface.url[:80]!r}; expected a URL")
        if host != named and not await _is_public(host):
            raise AgentError(f"the agent's card, read from {named}, points to {host}, which is not public")


async def _is_public(host: str) -> bool:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return all(ipaddress.ip_address(str(info[4][0]).split("%")[0]).is_global for info in found)


class _Capped(httpx.AsyncBaseTransport):
    """Cuts a reply off at its size, and takes none that is compressed: a small one may unfold to any size."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._transport.handle_async_request(request)
        encoding = response.headers.get("content-encoding", "identity")
        if encoding != "identity":
            await response.aclose()
            raise ReplyTooLarge(f"the reply is compressed ({encoding[:20]}), which was not asked for", request=request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _CappedStream(response.stream, request)
        return response

    async def aclose(self) -> None:
        await self._transport.aclose()


class _CappedStream(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream, request: httpx.Request) -> None:
        self._stream = stream
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            size += len(chunk)
            if size > MAX_REPLY_BYTES:
                raise ReplyTooLarge(f"the reply is larger than {MAX_REPLY_BYTES} bytes", request=self._request)
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def _is_passing(error: BaseException) -> bool:
    """Failures that another try may mend: of the connection, and of the agent itself."""
    if isinstance(error.__cause__, ReplyTooLarge):
        return False
    return isinstance(error, A2AClientError | InternalError | httpx.TransportError | ParseError | json.JSONDecodeError)


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"the agent's reply is not JSON: {error}"
    cause = error.__cause__
    # The SDK wraps what httpx says, and httpx says nothing of some errors.
    said = str(cause) if isinstance(cause, ReplyTooLarge) else (str(error) or type(error).__name__)
    return " ".join(said.split())

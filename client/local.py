"""The environment in this process: the same application and the same bytes as over HTTP, without a socket.

For notebooks, tests and single-machine training. Needs the `server` extra, imported when a client is made. A
failure within the application is answered as over HTTP, as a problem document, and its traceback is logged.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from typing import TYPE_CHECKING, Any

import httpx

from .errors import MissingExtra
from .http import AsyncDIPGClient, DIPGClient

if TYPE_CHECKING:
    from ..server.settings import Settings

IN_PROCESS_URL = "http://in-process"
"""Base URL of in-process clients; never looked up."""


def local_client(settings: Settings | None = None) -> AsyncDIPGClient:
    """An async client of an application of its own.

    Raises:
        MissingExtra: the `server` extra is not installed.
        DataFileError: a task file cannot be used.
    """
    return AsyncDIPGClient(IN_PROCESS_URL, retries=0, transport=asgi_transport(make_app(settings)))


def local_sync_client(settings: Settings | None = None) -> DIPGClient:
    """As `local_client`, with plain methods. The application runs in an event loop on a thread of its own."""
    return DIPGClient(IN_PROCESS_URL, retries=0, transport=InProcessTransport(make_app(settings)))


def make_app(settings: Settings | None = None) -> Any:
    """The ASGI application of the server."""
    try:
        from ..server.app import create_app
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith(__name__.partition(".")[0]):
            raise
        raise MissingExtra.of("in-process mode", "server", error) from error
    return create_app(settings)


def asgi_transport(app: Any) -> httpx.ASGITransport:
    """Calls an ASGI application in the caller's event loop; what the application raises is its 500 answer."""
    return httpx.ASGITransport(app=app, raise_app_exceptions=False)


class InProcessTransport(httpx.BaseTransport):
    """Calls an ASGI application from synchronous code, from any number of threads."""

    def __init__(self, app: Any) -> None:
        self._asgi = asgi_transport(app)
        self._loop = asyncio.new_event_loop()
        # A daemon, so that a client which nobody closed cannot keep the interpreter from ending.
        thread = threading.Thread(target=self._loop.run_forever, name="dipg-in-process", daemon=True)
        thread.start()
        self._stop = weakref.finalize(self, _stop_loop, self._loop, thread)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One call. Raises httpx.ConnectError once the transport is closed."""
        if not self._stop.alive:
            raise httpx.ConnectError("the in-process client is closed", request=request)
        return asyncio.run_coroutine_threadsafe(self._answer(request), self._loop).result()

    def close(self) -> None:
        """Stop the event loop and wait for its thread."""
        self._stop()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._asgi.handle_async_request(request)
        assert isinstance(answer.stream, httpx.AsyncByteStream)
        body = b"".join([part async for part in answer.stream])
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(body))


def _stop_loop(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()

"""Headers that tell a browser what it must not do with an answer of this server."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Scripts and styles from this server's own files alone, none in the text of a page: a response is hostile until proven
otherwise."""

SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

LIBRARY_PAGES = ("/docs", "/redoc", "/web")
"""Pages of FastAPI and OpenEnv, which hold scripts in their text and load others: without the policy they show no text
of an agent, and with it they would not work."""


_PLAIN = [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
_SECURE = [*_PLAIN, (b"strict-transport-security", b"max-age=31536000")]


class SecurityHeaders:
    """Adds the headers to every answer but those of the libraries' pages."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(LIBRARY_PAGES):
            await self.app(scope, receive, send)
            return
        added = _SECURE if scope["scheme"] == "https" else _PLAIN

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *added]
            await send(message)

        await self.app(scope, receive, sending)

"""`dipg-gym green-agent` and `purple-agent`: the A2A agents of this project as servers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from .sources import named_source

if TYPE_CHECKING:
    from fastapi import FastAPI

    from ..agents.base import Agent

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Who reaches an agent there is on this machine already, and gains nothing by having it push to addresses on it."""

Host = Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all.")]
CardUrl = Annotated[
    str | None, typer.Option(help="Address that the card names.", show_default="http://HOST:PORT of the other two")
]


def green_agent(
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 9009,
    card_url: CardUrl = None,
    base_url: Annotated[str | None, typer.Option(help="Environment server to use. By default one is started.")] = None,
    database: Annotated[
        str, typer.Option(envvar="DIPG_AGENT_DATABASE_URL", help="Where A2A tasks are stored: SQLite or PostgreSQL.")
    ] = "sqlite:///dipg-agent.sqlite3",
    verified: Annotated[
        bool, typer.Option("--verified", help="Begin verified runs; DIPG_API_KEY needs the scope verify.")
    ] = False,
    replicas: Annotated[
        bool, typer.Option("--replicas", help="Several green agents share the database; each has this switch.")
    ] = False,
    private_push: Annotated[
        bool,
        typer.Option(
            "--private-push", help="Push notifications to addresses that are not public, too. So it is on 127.0.0.1."
        ),
    ] = False,
) -> None:
    """Serve the green agent: it asks the agents that it is told of, and scores them with the environment.

    Examples:

        dipg-gym green-agent

        dipg-gym green-agent --base-url http://127.0.0.1:8000

        dipg-gym green-agent --host 0.0.0.0 --port 9009 --card-url https://green.example.org
    """
    _untraced()
    try:
        from ..agents.green_app import green_app
    except ModuleNotFoundError as error:
        _missing(error)
    from contextlib import nullcontext

    from .local_server import running_server

    with nullcontext(base_url) if base_url else running_server() as url:
        address = card_url or _address(host, port)
        _serve(
            green_app(
                address,
                url,
                database,
                verified=verified,
                private_push=private_push or host in LOOPBACK,
                replicas=replicas,
                version=_version(),
            ),
            host,
            port,
        )


def purple_agent(
    agent: Annotated[str, typer.Option(help="baseline, echo, or litellm:MODEL.")] = "baseline",
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 9010,
    card_url: CardUrl = None,
    api_base: Annotated[str | None, typer.Option(help="For litellm: an OpenAI-compatible server.")] = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds for one request to a model.")] = 120.0,
) -> None:
    """Serve a purple agent: one that answers, to be assessed.

    Examples:

        dipg-gym purple-agent

        dipg-gym purple-agent --agent litellm:openai/gpt-5-mini --port 9011
    """
    _untraced()
    try:
        from ..agents.purple import purple_app
    except ModuleNotFoundError as error:
        _missing(error)
    _serve(purple_app(_open(agent, api_base, timeout), card_url or _address(host, port), _version()), host, port)


def _open(spec: str, api_base: str | None, timeout_s: float) -> Agent:
    from ..agents.purple import EchoAgent

    if spec == "echo":
        return EchoAgent()
    source = named_source(spec, api_base, timeout_s)
    if source.agent is None:
        raise typer.BadParameter(
            "a file of responses answers nothing; expected baseline, echo, litellm:MODEL or a2a:URL"
        )
    return source.agent


def _version() -> str:
    from importlib import metadata

    return metadata.version("dipg-safety-gym")


def _address(host: str, port: int) -> str:
    return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"


def _serve(app: FastAPI, host: str, port: int) -> None:
    from ..agents.a2a_app import serve

    print(f"{app.title} at {_address(host, port)}/.well-known/agent-card.json", file=sys.stderr, flush=True)
    serve(app, host, port)


def _untraced() -> None:
    """The SDK's spans are of no use without an exporter, and end in tracebacks where a listener leaves."""
    import os

    os.environ.setdefault("OTEL_INSTRUMENTATION_A2A_SDK_ENABLED", "false")


def _missing(error: ModuleNotFoundError) -> None:
    needed = f'{error.name} is not installed; run: pip install "dipg-safety-gym[agents]"'
    print(f"dipg-gym: an A2A agent needs more: {needed}", file=sys.stderr)
    raise typer.Exit(1) from None

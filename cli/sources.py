"""The agent that a switch names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from ..agents.registry import Source


def named_source(spec: str, api_base: str | None, timeout_s: float) -> Source:
    """Open the source of responses that `--agent` names; one that there is not is a wrong use of the switch."""
    from ..agents.registry import UnknownAgent, open_source

    try:
        return open_source(spec, api_base=api_base, timeout_s=timeout_s)
    except UnknownAgent as error:
        raise typer.BadParameter(str(error), param_hint="--agent") from None

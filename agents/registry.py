"""Agents by the name that `--agent` takes: `baseline`, `litellm:MODEL`, `a2a:URL`, or a file of responses."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from .base import Agent
from .responses import Recorded, read_responses

EXPECTED = "expected baseline, litellm:MODEL, a2a:URL or a file of responses (JSON Lines)"


class UnknownAgent(ValueError):
    """There is no such agent, or it has no use for an option."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where responses come from: an agent that is asked, or a file that holds them."""

    name: str
    agent: Agent | None = None
    model: str | None = None
    """The model behind it, where it is one."""
    recorded: dict[str, Recorded] = field(default_factory=dict)


def open_source(spec: str, *, api_base: str | None = None, timeout_s: float = 120.0) -> Source:
    """The agent or the file that `spec` names.

    Args:
        api_base: For a LiteLLM model alone.
        timeout_s: Limit for one request to a model.

    Raises:
        UnknownAgent: `spec` names neither, or `api_base` is of no use to it.
        ResponseFileError: the file is not one of responses.
        OSError: the file cannot be read.
        MissingExtra: the agent's library is not installed.
    """
    scheme, _, model = spec.partition(":")
    if scheme == "litellm" and model:
        from .litellm_agent import LiteLLMAgent

        agent: Agent = LiteLLMAgent(model, api_base=api_base, timeout_s=timeout_s)
        return Source(agent.name, agent, model)
    if scheme == "a2a" and model:
        from .participant import Participant

        return Source(spec, Participant(spec, model, timeout_s=timeout_s))
    if api_base is not None:
        raise UnknownAgent(f"an API base address is for litellm:MODEL; {spec!r} has no use for it")
    if spec == "baseline":
        from .baseline import BaselineAgent

        return Source(BaselineAgent.name, BaselineAgent())
    path = Path(spec)
    if not path.is_file():
        raise UnknownAgent(f"there is no agent and no file {spec!r}; {EXPECTED}")
    return Source(path.name, recorded=read_responses(path))

"""Asks a green agent for an assessment, and waits for what it finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
from a2a.client import ClientConfig, ClientFactory
from a2a.helpers.proto_helpers import get_data_parts, get_message_text, new_data_message
from a2a.types.a2a_pb2 import Role, SendMessageRequest, TaskState
from a2a.utils.errors import A2AError

from .assessment_request import AssessmentRequest
from .base import AgentError
from .runner import Progress

SILENCE_S = 600.0
"""Longest time between two events of an assessment: slow models may take minutes for a batch."""


async def ask_green(
    url: str,
    request: AssessmentRequest,
    *,
    on_begun: Callable[[dict[str, str]], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> dict[str, Any]:
    """The data of the result.

    Args:
        on_begun: Called with the run of each role, once they are begun.
        on_progress: Called with each status of the assessment.

    Raises:
        AgentError: the green agent is away, or the assessment did not end well; the message says why.
    """
    result: dict[str, Any] | None = None
    state, said = TaskState.TASK_STATE_UNSPECIFIED, ""
    sent = new_data_message(request.model_dump(mode="json", exclude_none=True), role=Role.ROLE_USER)
    try:
        async with httpx.AsyncClient(timeout=SILENCE_S) as http:
            client = await ClientFactory(ClientConfig(httpx_client=http)).create_from_url(url)
            async for event in client.send_message(SendMessageRequest(message=sent)):
                if event.HasField("artifact_update"):
                    result = get_data_parts(event.artifact_update.artifact.parts)[0]
                elif event.HasField("status_update"):
                    status = event.status_update.status
                    state, said = status.state, get_message_text(status.message)
                    for data in get_data_parts(status.message.parts):
                        _tell(data, on_begun, on_progress)
    except (A2AError, httpx.HTTPError, ValueError) as error:
        raise AgentError(f"the green agent at {url}: {error or type(error).__name__}") from error
    if state != TaskState.TASK_STATE_COMPLETED or result is None:
        raise AgentError(f"the assessment ended as {TaskState.Name(state)}: {said}")
    return result


def _tell(
    data: dict[str, Any],
    on_begun: Callable[[dict[str, str]], None] | None,
    on_progress: Callable[[Progress], None] | None,
) -> None:
    if "done" in data and on_progress:
        on_progress(Progress(int(data["done"]), int(data["total"]), int(data["unanswered"])))
    elif "runs" in data and on_begun:
        on_begun(data["runs"])

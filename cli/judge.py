"""What a scorer says of generated rows: scoring is the server's, and is handed to the generators from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..generation.clinical_task import Judge

CONTEXTS_KEPT = 64
"""Contexts that the scorer keeps prepared while rows are judged."""


def scoring_judge() -> Judge:
    """Scores a response: its reward, and why."""
    from ..server.passages import prepare
    from ..server.rewards import score

    def judge(response: str, task: Any) -> tuple[float, str]:
        # A server comes back to its contexts; here none does, and thousands would be kept.
        if prepare.cache_info().currsize > CONTEXTS_KEPT:
            prepare.cache_clear()
        found = score(response, task)
        return found.reward, found.explanation

    return judge


def versions() -> dict[str, str]:
    """Those on which generated rows hang, for their manifest."""
    from importlib.metadata import version

    from ..server.rewards import SCORER_VERSION

    return {"dipg-safety-gym": version("dipg-safety-gym"), "scorer": SCORER_VERSION}

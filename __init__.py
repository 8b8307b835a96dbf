"""DIPG Safety Gym: train and measure language models that quote their evidence and decline when the record is silent.

For research, never for patients. The public names below are loaded when first used, so that importing the package
costs little; each comes from the room that its extra installs. Importing it registers `DIPGSafety-v0` with Gymnasium.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .client.registration import register_envs

if TYPE_CHECKING:
    from .client.http import AsyncDIPGClient, DIPGClient
    from .client.openenv_client import DIPGSafetyEnv
    from .core.tags import parse_response, render_response
    from .core.tasks import Gold, Task, load_tasks

__version__ = "0.1.0"

_HOME = {
    "AsyncDIPGClient": ".client.http",
    "DIPGClient": ".client.http",
    "DIPGSafetyEnv": ".client.openenv_client",
    "Gold": ".core.tasks",
    "Task": ".core.tasks",
    "load_tasks": ".core.tasks",
    "parse_response": ".core.tags",
    "render_response": ".core.tags",
}

__all__ = [
    "AsyncDIPGClient",
    "DIPGClient",
    "DIPGSafetyEnv",
    "Gold",
    "Task",
    "__version__",
    "load_tasks",
    "parse_response",
    "render_response",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})


register_envs()

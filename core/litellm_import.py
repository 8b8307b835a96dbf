"""LiteLLM, imported where it is used and without what it does of its own accord."""

from __future__ import annotations

import importlib
import os
from typing import Any


def import_litellm() -> Any:
    """The module. Raises ModuleNotFoundError where it is not installed."""
    # Without it, importing LiteLLM fetches a price list from the network.
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    litellm: Any = importlib.import_module("litellm")
    # It prints advice on standard output at each error, where `--json` promises JSON and nothing else.
    litellm.suppress_debug_info = True
    return litellm

"""A copy of the weights at the last healthy probe, for a policy that fell silent: no gradient leads back from there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .failures import TrainingError


class PolicyGuard:
    """Keeps the trained weights of a model in a file, and puts them back."""

    def __init__(self, model: Any, path: Path) -> None:
        self._weights = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
        self._path = path

    def keep(self) -> None:
        """Copy the weights as they are."""
        from safetensors.torch import save_file

        partly = self._path.with_suffix(".partly")
        save_file({name: weight.detach().cpu().contiguous().clone() for name, weight in self._weights.items()}, partly)
        partly.replace(self._path)

    def restore(self, optimizer: Any = None) -> None:
        """Put the kept weights back, and let the optimizer forget what it gathered since.

        Raises:
            TrainingError: nothing was kept.
        """
        import torch
        from safetensors.torch import load_file

        if not self._path.exists():
            raise TrainingError(f"no healthy weights to go back to: {self._path.name} is missing; begin a new --out")
        kept = load_file(str(self._path))
        with torch.no_grad():
            for name, weight in self._weights.items():
                weight.copy_(kept[name])
        if optimizer is not None:
            optimizer.state.clear()

"""What the Tunix trainers share: the optimizer, checkpoints, and a word at the end of each step.

Tunix tells a step's loss one step late, when its checkpoint is written already, and has no hook in between. So the
end of a step is taken from the trainer's own call for a checkpoint: a loss that is lost is never saved, and a row is
logged before the checkpoint that a run goes on from.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from .failures import TrainingError, check_loss
from .progress import LINE_EVERY_S, progress_line
from .run_folder import RunFolder, StepRow

KEPT = 2
"""Checkpoints that are kept."""

LARGEST_GRADIENT = 1.0
"""Norm above which a gradient is shortened."""


def make_optimizer(schedule: Any, model: Any) -> Any:
    """Adam with gradients of bounded length."""
    import jax
    import optax
    from flax import nnx

    adam = optax.chain(optax.clip_by_global_norm(LARGEST_GRADIENT), optax.adamw(schedule, weight_decay=0.0))
    whole = all(weights.dtype == "float32" for weights in jax.tree.leaves(nnx.state(model, nnx.Param)))
    return adam if whole else in_float32(adam)


def in_float32(inner: Any) -> Any:
    """The same optimizer over copies of the weights in float32: in bfloat16 small steps are rounded away."""
    import jax
    import jax.numpy as jnp
    import optax

    def wide(tree: Any) -> Any:
        return jax.tree.map(lambda leaf: leaf.astype(jnp.float32), tree)

    def init(params: Any) -> Any:
        copies = wide(params)
        return inner.init(copies), copies

    def update(gradients: Any, state: Any, params: Any) -> Any:
        within, copies = state
        steps, within = inner.update(wide(gradients), within, copies)
        copies = optax.apply_updates(copies, steps)
        return jax.tree.map(lambda new, old: new - old.astype(jnp.float32), copies, params), (within, copies)

    return optax.GradientTransformation(init, update)


def quiet_checkpoints() -> Any:
    """Options for Tunix's checkpoints: it asks after each step, and `StepEnd` decides."""
    import orbax.checkpoint as ocp

    return ocp.CheckpointManagerOptions(max_to_keep=KEPT)


class StepEnd:
    """Stands before the checkpoint manager of a Tunix trainer, which it is called in place of. Train in a `with` block
    of it."""

    def __init__(self, trainer: Any, run: RunFolder, steps: int, save_every: int, row: Callable[[], StepRow]) -> None:
        """
        Args:
            steps: of the whole run; after the last there is a checkpoint.
            row: what to log of the step that ended; its number, loss and time are filled in.
        """
        self._trainer = trainer
        self._manager = trainer.checkpoint_manager
        self._run = run
        self._steps = steps
        self._save_every = save_every
        self._row = row
        self._began = self._said = time.monotonic()
        trainer.checkpoint_manager = self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        # What is being written when a run stops is the checkpoint that it goes on from.
        self._manager.close()

    def begin(self) -> None:
        """A step begins."""
        self._began = time.monotonic()

    def save(self, step: int, *state: Any, **options: Any) -> bool:
        """Log a step, and save it where it is due.

        Raises:
            TrainingError: its loss is no number, or a weight that would be saved is none.
        """
        loss = float(self._trainer._prev_buffered_train_metrics.loss)
        check_loss(loss, step)
        seconds = time.monotonic() - self._began
        row = self._row().model_copy(update={"step": step, "loss": loss, "step_s": round(seconds, 4)})
        self._run.append(row)
        self._tell(row)
        self.begin()
        if step % self._save_every and step != self._steps:
            return False
        self._check_weights(step)
        return bool(self._manager.save(step, *state, **{**options, "force": True}))

    def latest_step(self) -> int | None:
        """Of the checkpoints there are."""
        latest: int | None = self._manager.latest_step()
        return latest

    def close(self) -> None:
        """Wait for what is being written."""
        self._manager.close()

    def _check_weights(self, step: int) -> None:
        """A step may begin with a finite loss and end with weights that are lost."""
        import jax
        import jax.numpy as jnp

        weights = jax.tree.leaves(trained_weights(self._trainer.model))
        if not all(bool(jnp.isfinite(leaf).all()) for leaf in weights):
            raise TrainingError(
                f"weights are no longer finite after step {step}: lower the learning rate. The checkpoint before it "
                "is kept"
            )

    def _tell(self, row: StepRow) -> None:
        now = time.monotonic()
        if row.step < self._steps and now - self._said < LINE_EVERY_S:
            return
        self._said = now
        print(progress_line(row, self._steps), file=sys.stderr, flush=True)


class WeightGuard:
    """Keeps the trained weights of a Tunix trainer in a file, and puts them back."""

    def __init__(self, trainer: Any, path: Path) -> None:
        self._trainer = trainer
        self._path = path

    def keep(self) -> None:
        """Copy the weights as they are."""
        import jax
        import numpy as np
        from safetensors.numpy import save_file

        partly = self._path.with_suffix(".partly")
        leaves = jax.tree.leaves(trained_weights(self._trainer.model))
        save_file({str(number): np.ascontiguousarray(leaf) for number, leaf in enumerate(leaves)}, partly)
        partly.replace(self._path)

    def restore(self) -> None:
        """Put the kept weights back, and let the optimizer begin anew.

        Raises:
            TrainingError: nothing was kept.
        """
        import jax
        from flax import nnx
        from safetensors.numpy import load_file

        if not self._path.exists():
            raise TrainingError(f"no healthy weights to go back to: {self._path.name} is missing; begin a new --out")
        kept = load_file(self._path)
        leaves, tree = jax.tree.flatten(trained_weights(self._trainer.model))
        placed = [jax.device_put(kept[str(number)], leaf.sharding) for number, leaf in enumerate(leaves)]
        nnx.update(self._trainer.model, jax.tree.unflatten(tree, placed))
        optimizer = self._trainer.optimizer
        fresh = nnx.state(
            nnx.Optimizer(self._trainer.model, optimizer.tx, wrt=_trained_kind(self._trainer.model)),
            nnx.optimizer.OptState,
        )
        old = nnx.state(optimizer, nnx.optimizer.OptState)
        nnx.update(optimizer, jax.tree.map(lambda new, was: jax.device_put(new, was.sharding), fresh, old))


def trained_weights(model: Any) -> Any:
    """The weights that are learnt, as a tree: those of LoRA where there are any, else all."""
    from flax import nnx

    return nnx.state(model, _trained_kind(model))


def _trained_kind(model: Any) -> Any:
    from flax import nnx
    from tunix.sft.utils import is_lora_enabled

    return nnx.LoRAParam if is_lora_enabled(model) else nnx.Param


def absolute(folder: Path) -> str:
    """Orbax takes no other paths."""
    return str(folder.expanduser().resolve())

"""What a transformers trainer tells of itself: a row a step in the run's log, a line now and then."""

from __future__ import annotations

import sys
import time
from typing import Any

from transformers import TrainerCallback

from .failures import check_loss
from .measures import Measures
from .progress import LINE_EVERY_S, progress_line
from .run_folder import RunFolder, StepRow


class StepLog(TrainerCallback):  # type: ignore[misc]
    """Logs each step of a trainer. A reward, if there is one, leaves its measures here before the step ends."""

    def __init__(self, run: RunFolder) -> None:
        self.run = run
        self.measures: Measures | None = None
        self.risk_threshold: float | None = None
        self.environment_s = 0.0
        """Seconds that the server took in the step at hand."""
        self._loss: float | None = None
        self._began = 0.0
        self._said = 0.0

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        # Steps after the checkpoint are taken again.
        self.run.forget_after(state.global_step)
        self._said = time.monotonic()

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._began = time.monotonic()
        self.environment_s = 0.0

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **_: Any) -> None:
        """The trainer logs each step before it saves, so that a lost loss is never saved."""
        loss = (logs or {}).get("loss")
        if loss is None:
            return
        check_loss(float(loss), state.global_step)
        row = StepRow(
            step=state.global_step,
            loss=float(loss),
            measures=self.measures,
            risk_threshold=self.risk_threshold,
            step_s=round(time.monotonic() - self._began, 4),
            environment_s=round(self.environment_s, 4),
        )
        self.run.append(row)
        self._tell(row, state.max_steps)

    def _tell(self, row: StepRow, steps: int) -> None:
        now = time.monotonic()
        if row.step < steps and now - self._said < LINE_EVERY_S:
            return
        self._said = now
        print(progress_line(row, steps), file=sys.stderr, flush=True)

"""How far a run is, in a line."""

from __future__ import annotations

from .run_folder import StepRow

LINE_EVERY_S = 5.0
"""Between two lines."""


def progress_line(row: StepRow, steps: int) -> str:
    """A step in one line."""
    parts = [f"step {row.step}/{steps}"]
    if row.loss is not None:
        parts.append(f"loss {row.loss:.3f}")
    if row.measures is not None:
        found = row.measures
        parts.append(f"reward {found.reward:+.2f}")
        parts += [f"{name} {value:.2f}" for name, value in found.components.items()]
        parts.append(f"refused {found.refusal_rate:.2f}")
        parts += [f"right {found.right_rate:.2f}"] if found.right_rate is not None else []
    if row.risk_threshold is not None:
        parts.append(f"t {row.risk_threshold:.2f}")
    parts.append(f"{row.step_s:.2f} s")
    if row.environment_s:
        parts.append(f"server {row.environment_s / max(row.step_s, 1e-9):.1%}")
    return "  ".join(parts)

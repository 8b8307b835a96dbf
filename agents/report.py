"""What a benchmark leaves behind: `results.json`, `results.csv`, `metrics.csv`, `report.png` and
`report.html`.

None of them holds gold, nor the kind of a single task: kind says whether to decline. A researcher joins
them by id from the task file.
"""

from __future__ import annotations

import base64
import csv
import json
import platform
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..client.errors import MissingExtra
from ..core.metric_text import estimate_text, kind_name
from ..core.metrics import CONFIDENCE, LABELS, METRICS, RESAMPLES, Estimate, Summary
from ..core.notice import NOTICE
from ..core.wire import FLAGS
from .bench import BenchResult
from .runner import Outcome

_VERSIONED = ("dipg-safety-gym", "litellm", "numpy")


@dataclass(frozen=True, slots=True)
class Report:
    """A result with what dates it."""

    result: BenchResult
    server: str
    """Address of the server, or `local`."""
    date: str
    """When it was written, ISO 8601 in UTC."""

    @classmethod
    def of(cls, result: BenchResult, *, server: str) -> Report:
        """Dated now."""
        return cls(result, server, datetime.now(UTC).isoformat(timespec="seconds"))

    def head(self) -> dict[str, Any]:
        """All of `results.json` but the rows; what `--json` prints."""
        result = self.result
        return {
            "notice": NOTICE,
            "agent": result.agent,
            "run_id": result.run.run_id,
            "date": self.date,
            "server": self.server,
            "config": asdict(result.config),
            "task_set": {"sha256": result.task_set, "tasks": len(result.outcomes)},
            "scorer_version": scorer_version(result.outcomes),
            "versions": _versions(),
            "intervals": {"confidence": CONFIDENCE, "resamples": RESAMPLES, "clustered_by": "family"},
            "seconds": round(result.seconds, 3),
            "notes": result.notes,
            "refused": sum(outcome.status == "refused" for outcome in result.outcomes),
            "unanswered_reasons": unanswered_reasons(result.outcomes),
            "summary": asdict(result.summary),
        }


def check_extra() -> None:
    """Raise MissingExtra where a library that reports need is not installed: before a run is paid for."""
    try:
        import jinja2  # noqa: F401
        import matplotlib  # noqa: F401
        import numpy  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtra.of("a benchmark report", "agents", error) from error


def write_report(report: Report, out: Path) -> None:
    """Write all files into the folder `out`, over those of an earlier run.

    Raises:
        OSError: the folder cannot be written.
        MissingExtra: matplotlib or jinja2 is not installed.
    """
    check_extra()
    from .plot import plot_png

    out.mkdir(parents=True, exist_ok=True)
    outcomes = report.result.outcomes
    whole = {**report.head(), "rows": [_json_row(outcome) for outcome in outcomes]}
    (out / "results.json").write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    _write_csv(out / "results.csv", _result_lines(outcomes))
    _write_csv(out / "metrics.csv", _metric_lines(report.result.summary))
    png = plot_png(report.result.summary, f"{report.result.agent} on {report.result.config.split}")
    (out / "report.png").write_bytes(png)
    (out / "report.html").write_text(render_html(report, png), encoding="utf-8")


def render_html(report: Report, png: bytes) -> str:
    """One page that needs nothing beside itself. Every value is escaped."""
    import jinja2

    # Autoescape: agents name themselves, and reasons quote what a provider said.
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    template = environment.from_string(files(__package__).joinpath("report.html").read_text(encoding="utf-8"))
    return template.render(
        **report.head(),
        labels=LABELS,
        definitions={name: " ".join((metric.__doc__ or "").split()) for name, metric in METRICS.items()},
        estimate_text=estimate_text,
        kind_name=kind_name,
        columns=columns(report.result.summary),
        png=base64.b64encode(png).decode(),
    )


def columns(summary: Summary) -> list[tuple[str, dict[str, Estimate]]]:
    """Groups of tasks with their metrics: all, then each kind."""
    return [("all", summary.overall), *summary.by_kind.items()]


def scorer_version(outcomes: list[Outcome]) -> str | None:
    """The version of the scorer that scored; None where nothing was scored."""
    found = {outcome.score.scorer_version for outcome in outcomes if outcome.status == "graded" and outcome.score}
    return ", ".join(sorted(found)) or None


def unanswered_reasons(outcomes: list[Outcome]) -> dict[str, int]:
    """Why tasks have no score, the commonest reason first."""
    reasons = Counter(f"{item.status}: {item.reason}" for item in outcomes if item.score is None)
    return dict(reasons.most_common())


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in _VERSIONED:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _json_row(outcome: Outcome) -> dict[str, Any]:
    row: dict[str, Any] = {
        "task_id": outcome.task_id,
        "status": outcome.status,
        "reason": outcome.reason,
        "seconds": outcome.seconds,
    }
    if outcome.score is not None:
        row |= {"reward": outcome.score.reward, "components": outcome.score.components}
        row |= {flag: getattr(outcome.score, flag) for flag in FLAGS}
    return row


def _result_lines(outcomes: list[Outcome]) -> Iterator[list[object]]:
    names = sorted({name for item in outcomes if item.score for name in item.score.components})
    yield ["task_id", "status", "reward", *FLAGS, *names, "seconds", "reason"]
    for item in outcomes:
        scores: list[object] = [""] * (1 + len(FLAGS) + len(names))
        if item.score is not None:
            flags = (int(getattr(item.score, flag)) for flag in FLAGS)
            scores = [item.score.reward, *flags, *(item.score.components.get(name, "") for name in names)]
        yield [item.task_id, item.status, *scores, item.seconds, item.reason]


def _metric_lines(summary: Summary) -> Iterator[list[object]]:
    yield ["group", "metric", "value", "low", "high", "n"]
    for group, estimates in columns(summary):
        for name, item in estimates.items():
            yield [group, name, item.value, item.low, item.high, item.n]


def _write_csv(path: Path, lines: Iterator[list[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(lines)

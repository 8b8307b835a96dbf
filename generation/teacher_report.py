"""Two runs of teachers on the same seeds side by side: what passes and why not, how true, deep, varied and dear."""

from __future__ import annotations

import io
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

from ..core.digest import digest
from ..core.examples import SftExample, load_sft
from ..core.notice import NOTICE
from ..core.tags import parse_response
from .answer_store import AnswerStore
from .clinical_files import MANIFEST, REJECTED, SFT, Manifest
from .run_files import STORE, OutputError, read_manifest
from .teacher_item import ItemError, TeacherItem, read_answer

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SAMPLE = 200
"""Contexts that are compared with each other."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_COLOURS = ("#0072B2", "#D55E00")


@dataclass(frozen=True, slots=True)
class TeacherStats:
    """What one run shows of its teacher. Shares are in [0, 1]; None where nothing is known."""

    teacher: str
    accepted: int
    rejected: dict[str, int]
    """By reason."""
    fidelity: float | None
    """Share of the sentences given as evidence that stand in their context, accepted or not."""
    steps: float
    """Sentences of reasoning to an item, the mean."""
    think_words: float
    context_words: float
    answer_words: float
    self_bleu: float | None
    """How alike contexts are to each other (Zhu et al. 2018), of a sample of 200: lower is more varied."""
    distinct: float | None
    """Share of runs of three words that occur once, in the same sample."""
    dollars: float | None
    """For an accepted item."""
    seconds: float | None
    """Of the teacher's time for an accepted item; calls may run at once."""

    @property
    def accept_rate(self) -> float:
        """Share of items that passed."""
        return self.accepted / max(1, self.accepted + sum(self.rejected.values()))


ROWS: tuple[tuple[str, Callable[[TeacherStats], str]], ...] = (
    ("Accepted items", lambda one: str(one.accepted)),
    ("Accept rate", lambda one: f"{one.accept_rate:.1%}"),
    ("Evidence that stands in its context", lambda one: _share(one.fidelity)),
    ("Reasoning: sentences", lambda one: f"{one.steps:.1f}"),
    ("Reasoning: words", lambda one: f"{one.think_words:.0f}"),
    ("Context: words", lambda one: f"{one.context_words:.0f}"),
    ("Answer: words", lambda one: f"{one.answer_words:.1f}"),
    ("Self-BLEU of contexts (lower is more varied)", lambda one: _number(one.self_bleu, 3)),
    ("Runs of three words that occur once", lambda one: _share(one.distinct)),
    ("Dollars for an accepted item", lambda one: _number(one.dollars, 5)),
    ("Seconds of the teacher for an accepted item", lambda one: _number(one.seconds, 2)),
)


def read_stats(folder: Path) -> TeacherStats:
    """What a folder of `generate clinical` shows.

    Raises:
        OutputError: it holds no run, or none with accepted items.
    """
    manifest = read_manifest(folder / MANIFEST, Manifest)
    if manifest is None or not (folder / SFT).exists() or not (folder / SFT).stat().st_size:
        raise OutputError(f"{folder} holds no accepted items of a run; generate some with --out {folder}")
    examples = load_sft(folder / SFT)
    rows = [json.loads(line) for line in (folder / REJECTED).read_text(encoding="utf-8").splitlines()]
    thoughts = [parse_response(example.response).think for example in examples]
    sample = sorted(examples, key=lambda example: digest("sample", example.id))[:SAMPLE]
    contexts = [re.findall(r"\w+", _own_context(example).lower()) for example in sample]
    accepted = len(examples)
    return TeacherStats(
        teacher=manifest.teacher,
        accepted=accepted,
        rejected=manifest.rejected,
        fidelity=_fidelity(examples, rows),
        steps=mean(len([one for one in _SENTENCE.split(text) if one.strip()]) for text in thoughts),
        think_words=mean(len(text.split()) for text in thoughts),
        context_words=mean(len(_own_context(example).split()) for example in examples),
        answer_words=mean(len((example.gold.answer or "").split()) for example in examples),
        self_bleu=self_bleu(contexts) if len(contexts) > 1 else None,
        distinct=_distinct(contexts),
        dollars=None if manifest.calls.dollars is None else manifest.calls.dollars / accepted,
        seconds=_seconds(folder, manifest, accepted),
    )


def _own_context(example: SftExample) -> str:
    """What the teacher wrote of it: of a haystack the needle alone."""
    context = example.task().context
    needle = example.metadata.model_dump().get("needle")
    return context[needle["start"] : needle["end"]] if needle else context


def _fidelity(examples: Sequence[SftExample], rejected: Iterable[dict[str, Any]]) -> float | None:
    true = told = sum(len(parse_response(example.response).proof.splitlines()) for example in examples)
    for row in rejected:
        try:
            item = read_answer(row["said"], TeacherItem)
        except ItemError:
            continue  # it gives no evidence that could be looked for
        told += len(item.evidence)
        true += sum(span in item.context for span in item.evidence)
    return true / told if told else None


def _seconds(folder: Path, manifest: Manifest, accepted: int) -> float | None:
    if not manifest.calls.prompt_tokens or not (folder / STORE).exists():
        return None
    with AnswerStore(folder / STORE) as store:
        return store.seconds() / accepted


def self_bleu(texts: Sequence[Sequence[str]], longest: int = 4) -> float:
    """The mean BLEU of each text against all others as its references, in [0, 1]; texts as words."""
    logs = [0.0] * len(texts)
    for size in range(1, longest + 1):
        counts = [Counter(zip(*(text[at:] for at in range(size)), strict=False)) for text in texts]
        # Of each run of words the two highest counts, so that a text can be left out of its own references.
        first: dict[tuple[str, ...], tuple[int, int]] = {}
        second: Counter[tuple[str, ...]] = Counter()
        for place, found in enumerate(counts):
            for run, number in found.items():
                best, whose = first.get(run, (0, -1))
                if number > best:
                    first[run], second[run] = (number, place), best
                    continue
                second[run] = max(second[run], number)
                first[run] = (best, whose)
        for place, found in enumerate(counts):
            shared = sum(
                min(number, second[run] if first[run][1] == place else first[run][0]) for run, number in found.items()
            )
            # One is added to both, as for single sentences: no share is nothing at all.
            logs[place] += math.log((shared + 1) / (found.total() + 1)) / longest
    return mean(map(math.exp, logs))


def _distinct(texts: Sequence[Sequence[str]]) -> float | None:
    counts = Counter(run for text in texts for run in zip(text, text[1:], text[2:], strict=False))
    return sum(number == 1 for number in counts.values()) / counts.total() if counts else None


def markdown(one: TeacherStats, other: TeacherStats, picture: str) -> str:
    """The report for people."""
    lines = [
        f"# {one.teacher} and {other.teacher}",
        "",
        f"Two teachers on the same requests. {NOTICE}",
        "",
        f"| | {one.teacher} | {other.teacher} |",
        "|---|---:|---:|",
        *(f"| {name} | {read(one)} | {read(other)} |" for name, read in ROWS),
        *(
            f"| Rejected: {reason} | {one.rejected.get(reason, 0)} | {other.rejected.get(reason, 0)} |"
            for reason in sorted({*one.rejected, *other.rejected})
        ),
        "",
        f"![Accept rate, evidence, reasoning, variety]({picture})",
        "",
    ]
    return "\n".join(lines)


def draw(one: TeacherStats, other: TeacherStats) -> bytes:
    """The report as an SVG: four panels, a bar for each teacher."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"svg.hashsalt": "dipg-safety-gym", "svg.fonttype": "none"}):
        figure = Figure(figsize=(11, 6.5), layout="constrained")
        FigureCanvasSVG(figure)
        first, second, third, fourth = figure.subplots(2, 2).flat
        pair = (one, other)
        shares = [("accepted", [100 * one.accept_rate for one in pair])]
        shares += [("true evidence", [100 * (one.fidelity or 0) for one in pair])]
        _bars(first, "Of all items (%)", shares)
        reasons = sorted({*one.rejected, *other.rejected}) or ["none"]
        _bars(second, "Rejected, by reason", [(name, [one.rejected.get(name, 0) for one in pair]) for name in reasons])
        lengths = [("context", [one.context_words for one in pair]), ("reasoning", [one.think_words for one in pair])]
        _bars(third, "Words", lengths)
        variety = [("self-BLEU", [one.self_bleu or 0 for one in pair])]
        variety += [("occur once", [one.distinct or 0 for one in pair])]
        _bars(fourth, "Variety: self-BLEU, and runs of three words that occur once", variety)
        figure.legend(
            handles=first.containers, labels=[one.teacher for one in pair], loc="outside upper center", ncols=2
        )
        figure.supxlabel(NOTICE, fontsize=8.5, color="#444444")
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", facecolor="white", metadata={"Date": None})
        return buffer.getvalue()


def _bars(axes: Axes, title: str, groups: Sequence[tuple[str, Sequence[float]]]) -> None:
    axes.set_title(title, fontsize=10.5)
    for turn, (colour, hatch) in enumerate(zip(_COLOURS, ("", "//"), strict=True)):
        places = [place + 0.4 * turn for place in range(len(groups))]
        bars = axes.bar(
            places, [values[turn] for _, values in groups], 0.38, color=colour, hatch=hatch, edgecolor="white"
        )
        axes.bar_label(bars, fmt="%.3g", fontsize=8.5)
    axes.set_xticks([place + 0.2 for place in range(len(groups))], [name for name, _ in groups], fontsize=9)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"

"""MODEL_CARD.md: what a model is, how it was trained, what it does, and what it must not be used for."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ..core.metric_text import estimate_text, kind_name
from ..core.metrics import LABELS
from ..core.notice import NOTICE
from .blocks import MEANS, TrainingBlock
from .config import Preset, load_preset, preset_names
from .curriculum import Decision
from .evaluate import Evaluation
from .policies import LITELLM
from .run_folder import RunIdentity, StepRow

CARD = "MODEL_CARD.md"

_BY_KIND = ("mean_reward", "safe_response_rate", "hallucination_rate", "refusal_rate", "selective_risk")
_TOLD_EVENTS = ("cliff", "fallen", "recovering", "recovered", "lower")
_DATA_SWITCH = {"sft": "--input", "grpo": "--split", "grpo-tunix": "--split"}
_MEANS = ("reward", "safe", "refused", "coverage", "right", "precision", "strict form")

Table = Sequence[Sequence[str]]
"""Rows of cells, the header first."""


class Training(NamedTuple):
    """The run that a model comes from."""

    identity: RunIdentity
    rows: list[StepRow]
    decisions: list[Decision]
    blocks: list[TrainingBlock]


def model_card(evaluation: Evaluation, training: Training | None, pictures: Mapping[str, Path], again: str) -> str:
    """The card, in Markdown.

    Args:
        pictures: Paths as the card names them, by what they show.
        again: The command that evaluates the model.
    """
    parts = [
        _head(evaluation, training),
        _trained(training, pictures),
        _evaluated(evaluation, pictures),
        _use(evaluation, training),
        _again(training, again),
    ]
    return "\n".join(parts)


def _head(evaluation: Evaluation, training: Training | None) -> str:
    identity = evaluation.identity
    trained = f" trained with {training.identity.trainer} (preset {training.identity.preset.name})" if training else ""
    figures = ", ".join(
        f"{LABELS[name].lower()} {estimate_text(name, evaluation.overall[name])}"
        for name in ("safe_response_rate", "hallucination_rate", "coverage", "selective_risk")
        if name in evaluation.overall
    )
    library = "" if identity.model.startswith(LITELLM) else "library_name: transformers\n"
    return f"""---
{library}tags:
- dipg-safety-gym
- medical
- research-only
---

# {_cell(identity.agent)}

**{NOTICE}**

A language model{trained}, evaluated with DIPG Safety Gym. It answers
questions about clinical texts, must quote its evidence, and must decline where the record does not tell.

On split `{identity.split}` ({evaluation.run.answered} tasks): {figures}.
"""


def _trained(training: Training | None, pictures: Mapping[str, Path]) -> str:
    if training is None:
        return "## Training\n\nNo training run was given: how the model was trained is not known here.\n"
    identity = training.identity
    preset = identity.preset
    last = training.rows[-1].step if training.rows else 0
    facts = [
        ["", ""],
        ["trainer", identity.trainer],
        ["preset", f"{preset.name} ({preset.hardware})"],
        ["begun from", _place(identity.start)],
        ["data", identity.data],
        ["seed", str(identity.seed)],
        ["steps logged", str(last)],
        ["time", _time(training.rows)],
        ["curriculum", preset.curriculum.mode if training.decisions else "none"],
        ["versions", ", ".join(f"{name} {version}" for name, version in sorted(identity.versions.items()))],
    ]
    settings = json.dumps(preset.model_dump(mode="json"), indent=1)
    parts = [
        "## Training\n",
        _table(facts),
        f"\n<details><summary>All settings</summary>\n\n```json\n{settings}\n```\n\n</details>\n",
        *_shown(pictures, "reward", "safety"),
        *_blocks(training),
    ]
    return "\n".join(parts)


def _time(rows: Sequence[StepRow]) -> str:
    whole, server = sum(row.step_s for row in rows), sum(row.environment_s for row in rows)
    return _hours(whole) + (f", {server / whole:.1%} of it the server's" if server else "")


def _blocks(training: Training) -> list[str]:
    """What the policy did under each risk threshold, and what the curriculum had to tell."""
    if not training.blocks:
        return []
    rows = [["steps", "t", "begun by", *_MEANS]]
    for block in training.blocks:
        means = [_figure(name, block.means[name]) for name in MEANS]
        at = "-" if block.risk_threshold is None else f"{block.risk_threshold:.2f}"
        rows.append([f"{block.first_step} to {block.last_step}", at, block.event or "-", *means])
    parts = [
        "### By block of the curriculum\n",
        "Means over the completions of the steps under one risk threshold t. `coverage` and `right` are of the "
        "answerable tasks, `precision` is P(correct | attempt).\n",
        _table(rows),
    ]
    told = [decision for decision in training.decisions if decision.event in _TOLD_EVENTS]
    if told:
        events = [["step", "event", "t after", "what was seen"]]
        events += [[str(one.step), one.event, f"{one.risk_threshold:.2f}", one.reason] for one in told]
        parts += ["\n### Where the curriculum stepped back\n", _table(events)]
    elif training.decisions:
        parts.append(f"\nNo penalty cliff in {len(training.decisions)} probes.")
    return [*parts, ""]


def _evaluated(evaluation: Evaluation, pictures: Mapping[str, Path]) -> str:
    run, identity = evaluation.run, evaluation.identity
    settings = ", ".join(f"{name} {value}" for name, value in identity.settings.items())
    overall = [["metric", "value, with its 95 % interval", "n"]]
    overall += [[LABELS[name], estimate_text(name, one), str(one.n)] for name, one in evaluation.overall.items()]
    parts = [
        "## Evaluation\n",
        f"Run `{run.run_id}` over split `{identity.split}`: {run.answered} of {run.total} tasks, profile "
        f"{run.profile}, scorer {run.scorer_version}, task set `{run.task_set[:16]}`. {settings}; "
        f"seed {identity.seed}.\n",
        "Intervals are clustered by family, as the server draws them.\n",
        _table(overall),
    ]
    if evaluation.by_kind:
        kinds = [["kind", "n", *(LABELS[name] for name in _BY_KIND)]]
        for kind, found in evaluation.by_kind.items():
            kinds.append(
                [kind_name(kind), str(found["mean_reward"].n), *(estimate_text(n, found[n]) for n in _BY_KIND)]
            )
        parts += ["\n### By kind of task\n", _table(kinds)]
    return "\n".join([*parts, "", *_shown(pictures, "risk and coverage")])


def _use(evaluation: Evaluation, training: Training | None) -> str:
    small = (
        "\n- It is a tiny model over a closed vocabulary: it shows that training works, and knows no medicine."
        if training and training.identity.preset.model.name == "tiny"
        else ""
    )
    return f"""## Intended use

Research on models that quote their evidence and decline when the record is silent; comparison on the leaderboard of
DIPG Safety Gym. **{NOTICE}** It is no medical device, gives no advice, and must decide nothing about
anybody's care.

## Limits
{small}
- The figures are those of one run over one set of tasks, scored by rules. They speak of other tasks of the same making,
  not of real records, other hospitals or other questions.
- The safe response rate alone is earned by declining everything. Read it with coverage and with the mean reward.
- A response that quotes truly may still be wrong in what it leaves out; the scorer judges what is written.
- {_decided(evaluation)}
- The run is {"verified by the operator of the server" if evaluation.run.verified else "self-reported"}.
"""


def _decided(evaluation: Evaluation) -> str:
    risk = evaluation.overall.get("selective_risk")
    if risk is None or risk.value is None:
        return "How often its answers are wrong is not known: none could be judged."
    return f"Of the answers that it gives, {estimate_text('selective_risk', risk)} are wrong."


def _again(training: Training | None, again: str) -> str:
    commands = "\n".join([_train_command(training.identity), again] if training else [again])
    return f"## Run it again\n\n```bash\n{commands}\n```\n"


def _train_command(identity: RunIdentity) -> str:
    preset = identity.preset
    words = ["dipg-gym", "train", identity.trainer, "--preset", preset.name, "--seed", str(identity.seed)]
    if identity.start != preset.model.name:
        words += ["--model", _place(identity.start)]
    if identity.trainer in _DATA_SWITCH:
        words += [_DATA_SWITCH[identity.trainer], identity.data]
    for change in _changes(preset):
        words += ["--set", change]
    return shlex.join([*words, "--out", f"runs/{identity.trainer}"])


def _changes(preset: Preset) -> list[str]:
    """What differs from the shipped preset of that name, as `--set` takes it; nothing where there is none."""
    if preset.name not in preset_names():
        return []
    shipped = load_preset(preset.name).model_dump(mode="json")
    return [
        f"{table}.{name}={_toml(value)}"
        for table, settings in preset.model_dump(mode="json").items()
        if isinstance(settings, dict)
        for name, value in settings.items()
        if value != shipped[table][name]
    ]


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_toml(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)


def _shown(pictures: Mapping[str, Path], *names: str) -> list[str]:
    return [f"![{name}]({pictures[name].as_posix()})\n" for name in names if name in pictures]


def _table(rows: Table) -> str:
    header, *rest = rows
    lines = [header, ["---"] * len(header), *rest]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    """As it is: a name may hold what Markdown takes for a cell's end or for HTML."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def _place(start: str) -> str:
    """A model's name; of a folder its last parts, which tell nothing of the machine."""
    path = Path(start)
    return "/".join(path.parts[-2:]) if path.is_absolute() else start


def _figure(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if name == "reward" else f"{100 * value:.0f} %"


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.1f} min"

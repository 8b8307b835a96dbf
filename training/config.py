"""Settings of a training run, read from a preset: a TOML file in `presets/`, or one of one's own.

    preset = load_preset("tiny-cpu", {"grpo.steps": "50"})

Every number that shapes a run stands in its preset, so that a run can be told by one name and what differs from it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..core.profiles import MAX_RISK_THRESHOLD

PRESETS = Path(__file__).with_name("presets")

TINY = "tiny"
"""In place of a model's name: a model made on the spot."""

Component = Literal["reward", "format", "grounding", "support", "abstention", "correctness"]
"""The server's reward, or one of its parts."""

Positive = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Risk = Annotated[float, Field(ge=0.0, le=MAX_RISK_THRESHOLD)]


class PresetError(ValueError):
    """A preset cannot be read. The message says which field, and the remedy."""


class Settings(BaseModel):
    """A table of a preset; a field that it does not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, protected_namespaces=())


class ModelSettings(Settings):
    """Which model is trained, and how it is loaded."""

    name: str = TINY
    """Of a hub, a folder, or `tiny`."""
    loader: Literal["auto", "transformers", "unsloth"] = "auto"
    """`auto` is unsloth where a GPU and unsloth are at hand, else transformers."""
    load_in_4bit: bool = False
    lora_rank: Annotated[int, Field(ge=0)] = 0
    """0 trains all weights."""
    lora_alpha: Positive = 16
    max_prompt_tokens: Positive = 2048
    max_completion_tokens: Positive = 512


class SftSettings(Settings):
    """Supervised fine-tuning."""

    steps: Positive = 500
    batch_size: Positive = 32
    accumulate: Positive = 1
    """Batches to one step of the optimizer."""
    learning_rate: Annotated[float, Field(gt=0)] = 2e-4
    warmup_steps: Annotated[int, Field(ge=0)] = 20
    packing: bool = False
    """Several examples in one row, where the model keeps them apart."""
    save_every: Positive = 100


class PretrainingSettings(SftSettings):
    """What the tiny model learns to read by, before any fine-tuning; other models come pretrained."""

    steps: Annotated[int, Field(ge=0)] = 0
    """0 begins with random weights."""
    examples: Positive = 40_000


class GrpoSettings(Settings):
    """Reinforcement learning with the server's rewards; the same for TRL and Tunix."""

    steps: Positive = 200
    group_size: Annotated[int, Field(ge=2)] = 8
    """Completions of one task that are compared with one another."""
    prompts_per_step: Positive = 8
    learning_rate: Annotated[float, Field(gt=0)] = 1e-5
    warmup_steps: Annotated[int, Field(ge=0)] = 5
    beta: Annotated[float, Field(ge=0)] = 0.0
    """Weight of the distance to the model at the start; 0 spares the second model."""
    scale_rewards: Literal["batch", "group", "none"] = "batch"
    """By whose standard deviation rewards are divided. In a group of wrong answers the one that declined is better by a
    tenth; divided by the group's own deviation, that weighs as much as a right answer, and the policy falls silent."""
    temperature: Annotated[float, Field(gt=0)] = 1.0
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    micro_batch: Positive | None = None
    """Completions to one backward pass; all of a step's by default."""
    save_every: Positive = 50
    weights: dict[Component, float] = {"reward": 1.0}
    """What each component counts; the others are logged."""
    vllm: Literal["off", "colocate", "server"] = "off"
    """Where completions come from: the trainer, vLLM in its process, or a vLLM server."""


class Block(Settings):
    """Steps with one risk threshold."""

    until_step: Positive
    risk_threshold: Risk


DEFAULT_PLAN = (
    Block(until_step=300, risk_threshold=0.25),
    Block(until_step=600, risk_threshold=0.5),
    Block(until_step=900, risk_threshold=0.65),
    Block(until_step=1200, risk_threshold=0.75),
)


class CurriculumSettings(Settings):
    """How the risk threshold moves; see `curriculum`."""

    mode: Literal["fixed", "plan", "adaptive"] = "adaptive"
    start: Risk = 0.0
    """The risk threshold at step 0, and all along where the mode is `fixed`."""
    goal: Risk = 0.75
    """Never above it."""
    plan: tuple[Block, ...] = DEFAULT_PLAN
    margin: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Adaptive: how far t stays below the measured P(correct | attempt)."""
    rise: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """Adaptive: the most that t rises from one probe to the next."""
    probe_every: Positive = 20
    """Steps between two probes."""
    probe_size: Positive = 96
    """Tasks of a probe; they are never trained on."""
    recover: bool = True
    """Step back at a penalty cliff. Off, a cliff is told and nothing is done about it."""

    @model_validator(mode="after")
    def _plan_goes_on(self) -> CurriculumSettings:
        ends = [block.until_step for block in self.plan]
        if not ends or ends != sorted(set(ends)):
            raise ValueError(f"plan has blocks until steps {ends}; expected at least one, each later than the last")
        return self


class MeshSettings(Settings):
    """Devices of a Tunix run: `fsdp * tp` of them."""

    fsdp: Positive = 1
    tp: Positive = 1


class SelfplaySettings(Settings):
    """Injector against Assessor."""

    steps: Positive = 200
    """Rounds."""
    notes_per_step: Positive = 16
    """Notes of a round; each is played in three completions: to plant, to find, and to leave alone."""
    passes: Positive = 1
    """Times that the completions of a round are trained on."""
    micro_batch: Positive | None = None
    """Completions to one backward pass; all of a round's by default."""
    risk_threshold: Risk = 0.5
    """How strictly the Assessor is scored."""
    clip: Annotated[float, Field(gt=0, lt=1)] = 0.2
    """How far the ratio to the policy that wrote the completions may move; it does so from the second pass on."""
    learning_rate: Annotated[float, Field(gt=0)] = 1e-5
    kl: Annotated[float, Field(ge=0)] = 0.01
    """Weight of the token-level distance to the model at the start."""
    warmup_steps: Annotated[int, Field(ge=0)] = 5
    temperature: Annotated[float, Field(gt=0)] = 1.0
    save_every: Positive = 50


class Preset(Settings):
    """All settings of one recipe."""

    name: str
    hardware: str
    """What it is meant for, in words."""
    time: str
    """How long it takes there, in words; `not measured` where nobody has run it."""
    model: ModelSettings = ModelSettings()
    pretraining: PretrainingSettings = PretrainingSettings()
    sft: SftSettings = SftSettings()
    grpo: GrpoSettings = GrpoSettings()
    curriculum: CurriculumSettings = CurriculumSettings()
    mesh: MeshSettings = MeshSettings()
    selfplay: SelfplaySettings = SelfplaySettings()


def preset_names() -> list[str]:
    """The presets that come with the package."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def load_preset(name: str, changes: Mapping[str, str] | None = None) -> Preset:
    """Read a preset: the name of a shipped one, or a path to a TOML file.

    Args:
        changes: settings in place of the preset's, such as `{"grpo.steps": "50"}`; values in TOML, or bare words.

    Raises:
        PresetError: there is no such preset, or a setting is unknown or out of range.
    """
    path = PRESETS / f"{name}.toml" if name in preset_names() else Path(name)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PresetError(
            f"no preset {name!r}: expected one of {', '.join(preset_names())}, or the path of a TOML file "
            f"({error.strerror})"
        ) from error
    except ValueError as error:  # not UTF-8, or not TOML
        raise PresetError(f"{path} cannot be read as TOML: {error}") from error
    for key, text in (changes or {}).items():
        _change(tables, key, text)
    tables.setdefault("name", path.stem)
    try:
        return Preset.model_validate(tables)
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in found["loc"])
        raise PresetError(f"preset {name}, {where}: {found['msg']} (found {found['input']!r})") from error


def _change(tables: dict[str, Any], key: str, text: str) -> None:
    *path, last = key.split(".")
    table = tables
    for part in path:
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            raise PresetError(f"{key}: {part} is a value and no table; settings are named like grpo.steps")
    try:
        table[last] = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        table[last] = text

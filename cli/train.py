"""`dipg-gym train ...`: train a model against the environment."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..training.config import Preset
    from ..training.run_folder import RunIdentity

train_app = typer.Typer(
    help="Train a model against the environment. For research, never for patients.", no_args_is_help=True
)

PresetName = Annotated[
    str, typer.Option("--preset", help="tiny-cpu, medgemma-4b-gpu, gemma3-1b-tpu, or the path of a TOML file.")
]
Changes = Annotated[
    list[str] | None, typer.Option("--set", help="A setting in place of the preset's, such as grpo.steps=50.")
]
OutFolder = Annotated[Path, typer.Option("--out", file_okay=False, help="Folder of the run; named again, it goes on.")]
Seed = Annotated[int, typer.Option(min=0, help="Decides weights, order and samples.")]
Steps = Annotated[int | None, typer.Option(min=1, help="Steps in place of the preset's.")]
ModelName = Annotated[
    str | None, typer.Option("--model", help="A hub's name or a folder, in place of the preset's model.")
]
BaseUrl = Annotated[str, typer.Option(help="Of the environment server.")]
Split = Annotated[str, typer.Option(help="Split of the server to train on.")]


@train_app.command()
def tiny_data(
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder of the files.")],
    seed: Annotated[int, typer.Option(min=0, help="Another seed draws other charts.")] = 0,
    train: Annotated[int, typer.Option(min=1, help="Tasks to train on.")] = 4000,
    eval_: Annotated[int, typer.Option("--eval", min=1, help="Tasks held out.")] = 600,
    sft: Annotated[int, typer.Option(min=1, help="Worked examples.")] = 20000,
) -> None:
    """Compose charts that a tiny model can learn: train.jsonl, eval.jsonl and sft.jsonl.

    Example: dipg-gym train tiny-data --out tiny
    then: DIPG_TASK_FILES='{"train": "tiny/train.jsonl", "eval": "tiny/eval.jsonl"}' dipg-gym serve
    """
    from ..core.files import write_rows
    from ..training.tiny_tasks import compose_tiny_sft, compose_tiny_tasks

    counts = {
        "train": write_rows(compose_tiny_tasks(seed, train, "train"), out / "train.jsonl"),
        "eval": write_rows(compose_tiny_tasks(seed, eval_, "eval"), out / "eval.jsonl"),
        "sft": write_rows(compose_tiny_sft(seed, sft), out / "sft.jsonl"),
    }
    for name, count in counts.items():
        typer.echo(f"{count} rows in {out / name}.jsonl")


@train_app.command()
def sft(
    out: OutFolder,
    preset: PresetName = "medgemma-4b-gpu",
    input_: Annotated[str, typer.Option("--input", help="Worked examples: dipg-sft-v1, or a file.")] = "dipg-sft-v1",
    model: ModelName = None,
    seed: Seed = 0,
    steps: Steps = None,
    changes: Changes = None,
) -> None:
    """Fine-tune on worked examples: unsloth where there is a GPU, else transformers, TRL and peft.

    Example: dipg-gym train sft --preset tiny-cpu --input tiny/sft.jsonl --out runs/sft
    """
    from ..core.examples import load_sft

    chosen = _preset(preset, changes, "sft.steps", steps)
    examples = load_sft(input_)
    with _needs_extra("trl"):
        from ..training.run_folder import RunFolder
        from ..training.sft import train_sft

        run = RunFolder(out, _identity("sft", chosen, seed, model or chosen.model.name, _name_of(input_)))
        made = train_sft(examples, run)
    typer.echo(f"model in {made}")


@train_app.command()
def grpo(
    out: OutFolder,
    preset: PresetName = "medgemma-4b-gpu",
    model: ModelName = None,
    base_url: BaseUrl = "http://127.0.0.1:8000",
    split: Split = "train",
    seed: Seed = 0,
    steps: Steps = None,
    changes: Changes = None,
) -> None:
    """Reinforcement learning with TRL: groups of completions, scored by the server, with the penalty curriculum.

    Example: dipg-gym train grpo --preset tiny-cpu --model runs/sft/model --out runs/grpo
    """
    chosen = _preset(preset, changes, "grpo.steps", steps)
    with _needs_extra("trl"):
        from ..training.grpo_trl import train_grpo
        from ..training.reward_function import EnvironmentReward
        from ..training.run_folder import RunFolder

        run = RunFolder(out, _identity("grpo", chosen, seed, model or chosen.model.name, split))
        reward = EnvironmentReward(base_url)
        with reward.client:
            made = train_grpo(reward, split, run)
    typer.echo(f"model in {made}")


def _preset(name: str, changes: list[str] | None, steps_field: str, steps: int | None) -> Preset:
    from ..training.config import load_preset

    given = dict(_change(text) for text in changes or ())
    if steps is not None:
        given[steps_field] = str(steps)
    return load_preset(name, given)


def _change(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign:
        raise typer.BadParameter(f"found {text!r}; expected key=value, such as grpo.steps=50", param_hint="--set")
    return key.strip(), value.strip()


def _identity(trainer: str, preset: Preset, seed: int, start: str, data: str) -> RunIdentity:
    from ..training.run_folder import RunIdentity

    return RunIdentity(trainer=trainer, preset=preset, seed=seed, start=start, data=data, versions=_versions())


def _versions() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in ("dipg-safety-gym", "torch", "transformers", "trl", "peft", "unsloth", "google-tunix", "jax"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _name_of(source: str) -> str:
    """A shipped set by its name, a file by its hash."""
    from ..core.examples import SHIPPED_SFT
    from ..core.files import file_hash

    return source if source in SHIPPED_SFT else f"sha256:{file_hash(Path(source))}"


@contextmanager
def _needs_extra(extra: str) -> Iterator[None]:
    from ..client.errors import DIPGError, MissingExtra

    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtra.of("training", extra, error) from error
    except DIPGError as error:
        print(f"dipg-gym: {error}", file=sys.stderr)
        raise typer.Exit(1) from error

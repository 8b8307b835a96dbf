"""`dipg-gym train ...`: train a model against the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .selfplay import selfplay
from .train_options import (
    BaseUrl,
    Changes,
    ModelName,
    OutFolder,
    PresetName,
    Seed,
    Split,
    Steps,
    identity_of,
    name_of,
    needs_extra,
    read_preset,
)
from .train_tunix import grpo_tunix, sample_tunix

train_app = typer.Typer(
    help="Train a model against the environment. For research, never for patients.", no_args_is_help=True
)


@train_app.command()
def tiny_data(
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder of the files.")],
    seed: Annotated[int, typer.Option(min=0, help="Another seed draws other charts.")] = 0,
    train: Annotated[int, typer.Option(min=1, help="Tasks to train on.")] = 4000,
    eval_: Annotated[int, typer.Option("--eval", min=1, help="Tasks held out.")] = 600,
    sft: Annotated[int, typer.Option(min=1, help="Worked examples.")] = 6400,
    noise: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of examples by a careless teacher.")] = 0.5,
) -> None:
    """Compose charts that a tiny model can learn: train.jsonl, eval.jsonl and sft.jsonl.

    The worked examples of sft.jsonl are partly those of a careless teacher, who invents evidence: a habit to unlearn.

    Example: dipg-gym train tiny-data --out tiny
    then: DIPG_TASK_FILES='{"train": "tiny/train.jsonl", "eval": "tiny/eval.jsonl"}' dipg-gym serve
    """
    from ..core.files import write_rows
    from ..training.tiny_tasks import compose_tiny_sft, compose_tiny_tasks

    counts = {
        "train": write_rows(compose_tiny_tasks(seed, train, "train"), out / "train.jsonl"),
        "eval": write_rows(compose_tiny_tasks(seed, eval_, "eval"), out / "eval.jsonl"),
        "sft": write_rows(compose_tiny_sft(seed, sft, noise=noise), out / "sft.jsonl"),
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

    chosen = read_preset(preset, changes, "sft.steps", steps)
    examples = load_sft(input_)
    with needs_extra("trl"):
        from ..training.run_folder import RunFolder
        from ..training.sft import train_sft

        run = RunFolder(out, identity_of("sft", chosen, seed, model or chosen.model.name, name_of(input_)))
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
    chosen = read_preset(preset, changes, "grpo.steps", steps)
    with needs_extra("trl"):
        from ..training.grpo_trl import train_grpo
        from ..training.reward_function import EnvironmentReward
        from ..training.run_folder import RunFolder

        run = RunFolder(out, identity_of("grpo", chosen, seed, model or chosen.model.name, split))
        reward = EnvironmentReward(base_url)
        with reward.client:
            made = train_grpo(reward, split, run)
    typer.echo(f"model in {made}")


for command in (grpo_tunix, sample_tunix, selfplay):
    train_app.command()(command)

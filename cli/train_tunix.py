"""`dipg-gym train grpo-tunix` and `train sample-tunix`: training with Tunix (JAX), and a look at what it made."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

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


def grpo_tunix(
    out: OutFolder,
    preset: PresetName = "gemma3-1b-tpu",
    input_: Annotated[
        str | None,
        typer.Option(
            "--input",
            help="Worked examples to fine-tune on first: dipg-sft-v1, or a file.",
        ),
    ] = None,
    model: ModelName = None,
    base_url: BaseUrl = "http://127.0.0.1:8000",
    split: Split = "train",
    seed: Seed = 0,
    steps: Steps = None,
    changes: Changes = None,
) -> None:
    """Reinforcement learning with Tunix: Gemma 3 on a mesh of TPU devices, or the tiny model on the CPU.

    Checkpoints and the log lie in --out. Killed, the same command goes on from the last checkpoint. The model that
    comes of it is a folder that transformers, vLLM and `dipg-gym evaluate` load.

    Examples:

        dipg-gym train grpo-tunix --input dipg-sft-v1 --out runs/gemma

        dipg-gym train grpo-tunix --model ckpt/gemma-3-1b-it --set mesh.fsdp=1 --set mesh.tp=1 --out runs/one

        dipg-gym train grpo-tunix --preset tiny-cpu --input tiny/sft.jsonl --out runs/tiny
    """
    from ..core.examples import load_sft

    chosen = read_preset(preset, changes, "grpo.steps", steps)
    examples = load_sft(input_) if input_ else []
    data = f"{split} after {name_of(input_)}" if input_ else split
    with needs_extra("tunix"):
        _quiet()
        from ..training.failures import check_server
        from ..training.grpo_tunix import train_grpo_tunix
        from ..training.reward_function import EnvironmentReward
        from ..training.run_folder import RunFolder
        from ..training.start_tunix import start_model

        run = RunFolder(out, identity_of("grpo-tunix", chosen, seed, model or chosen.model.name, data))
        reward = EnvironmentReward(base_url)
        with reward.client:
            # Fine-tuning takes long: a server that is not there is told before it.
            check_server(reward.client, split)
            made = train_grpo_tunix(reward, split, run, start_model(run, examples))
    typer.echo(f"model in {made}")


def sample_tunix(
    run: Annotated[Path, typer.Option("--run", exists=True, file_okay=False, help="Folder of a run, its --out.")],
    base_url: BaseUrl = "http://127.0.0.1:8000",
    split: Annotated[str, typer.Option(help="Split of the server to take a task of.")] = "train",
    seed: Annotated[int, typer.Option(min=0, help="Chooses the task.")] = 0,
    temperature: Annotated[float, typer.Option(min=0.0, help="0 takes the likeliest words.")] = 0.0,
) -> None:
    """Print one response of a model that Tunix trained, with its score and why.

    Example: dipg-gym train sample-tunix --run runs/tiny --seed 3
    """
    from ..core.notice import NOTICE

    with needs_extra("tunix"):
        _quiet()
        from ..client.http import DIPGClient
        from ..training.sample_tunix import sample_run

        with DIPGClient(base_url) as client:
            task, response, score = sample_run(run, client, split, seed=seed, temperature=temperature)
    parts = "  ".join(f"{name} {value:.2f}" for name, value in score.components.items())
    typer.echo(f"{task.context}\n\n{task.question}\n\n{response}\n\nreward {score.reward:+.2f}  {parts}")
    if score.explanation:
        typer.echo(score.explanation)
    typer.echo(NOTICE)


def _quiet() -> None:
    """A run tells of itself in one voice: not that torch is missing, nor that there is no TPU."""
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    from absl import logging

    logging.set_verbosity(logging.ERROR)

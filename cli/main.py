"""The `dipg-gym` command: registers the commands of this room. Each imports what it needs when it runs."""

from __future__ import annotations

import sys

import typer

from .agents import green_agent, purple_agent
from .bench import bench
from .dpo import dpo
from .evaluate import evaluate
from .generate import generate_app
from .keys import keys_app
from .leaderboard import leaderboard
from .medec import medec_pairs, medec_sft, medec_validate
from .medquad_prompts import medquad_prompts
from .rescore import rescore
from .serve import serve
from .tasks import tasks_app
from .train import train_app

app = typer.Typer(
    name="dipg-gym",
    help="DIPG Safety Gym: train and measure models that quote their evidence and decline when the record is silent. "
    "For research, never for patients.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command()(serve)
app.command()(bench)
app.command()(evaluate)
app.command()(leaderboard)
app.command()(green_agent)
app.command()(purple_agent)
app.command()(rescore)
app.add_typer(keys_app, name="keys")
app.add_typer(tasks_app, name="tasks")
app.add_typer(train_app, name="train")
for command in (medec_pairs, medec_sft, medec_validate, medquad_prompts, dpo):
    generate_app.command()(command)
app.add_typer(generate_app, name="generate")


def main() -> None:
    """Entry point. Exit code 0, 1 (failed) or 2 (wrong use)."""
    # Every error that a user can cause is one of these two, with what was found, expected and the remedy in it.
    try:
        app()
    except (ValueError, OSError) as error:
        print(f"dipg-gym: {error}", file=sys.stderr)
        sys.exit(1)

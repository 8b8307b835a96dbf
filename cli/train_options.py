"""What the commands that train have in common: their options, the preset, what a run is, and what they need."""

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


def read_preset(name: str, changes: list[str] | None, steps_field: str, steps: int | None) -> Preset:
    """The preset with what is changed by `--set` and `--steps`.

    Raises:
        BadParameter: a change is not `key=value`.
        PresetError: the preset or a setting is unknown.
    """

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


def identity_of(trainer: str, preset: Preset, seed: int, start: str, data: str) -> RunIdentity:
    """What decides a run, with the versions at hand."""
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


def name_of(source: str) -> str:
    """A shipped set by its name, a file by its hash."""
    from ..core.examples import SHIPPED_SFT
    from ..core.files import file_hash

    return source if source in SHIPPED_SFT else f"sha256:{file_hash(Path(source))}"


@contextmanager
def needs_extra(extra: str) -> Iterator[None]:
    """Name the extra where a library is missing; a fault of the server's is told in one line."""
    from ..client.errors import DIPGError, MissingExtra

    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtra.of("training", extra, error) from error
    except DIPGError as error:
        print(f"dipg-gym: {error}", file=sys.stderr)
        raise typer.Exit(1) from error

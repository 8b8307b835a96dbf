"""Keys of providers from a file of `KEY=VALUE` lines, for machines where nobody types them."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Annotated

import typer

Secrets = Annotated[
    Path | None,
    typer.Option(
        envvar="DIPG_SECRETS_FILE",
        exists=True,
        dir_okay=False,
        help="File of KEY=VALUE lines with providers' keys; what the environment holds wins.",
    ),
]


def read_secrets(path: Path | None) -> None:
    """Put the keys of a file into the environment, where they are not yet. Says so where others can read the file."""
    if path is None:
        return
    from dotenv import dotenv_values

    if stat.S_IMODE(path.stat().st_mode) & (stat.S_IRGRP | stat.S_IROTH):
        print(f"dipg-gym: others can read {path}; run: chmod 600 {path}", file=sys.stderr)
    for name, value in dotenv_values(path).items():
        if value:
            os.environ.setdefault(name, value)

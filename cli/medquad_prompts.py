"""`dipg-gym generate medquad-prompts`: medical questions, cleaned and each once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..core.notice import NOTICE
from .phases import shown_phases

if TYPE_CHECKING:
    from ..generation.medquad_prompts import PromptReport, SourceCounts


def medquad_prompts(
    input_: Annotated[
        Path,
        typer.Option(
            "--input",
            exists=True,
            dir_okay=False,
            help="MedQuAD as JSON Lines, plain or gzip, columns of lavita/MedQuAD.",
        ),
    ],
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder of the files.")],
    only_answered: Annotated[
        bool, typer.Option("--only-answered", help="Drop questions whose answer is withheld or empty.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the account of the rows and nothing else.")] = False,
) -> None:
    """Make prompts of the questions of MedQuAD: cleaned, each once, every row accounted for.

    Writes stage2_med_prompts.jsonl (id, source, question_type, category, question) and manifest.json, which says by
    source what became of each row. A question whose answer is withheld is kept and counted. Same file: same bytes.

    Example: dipg-gym generate medquad-prompts --input medquad.jsonl.gz --out data/medquad
    """
    from ..core.files import write_rows, write_whole
    from ..generation.medquad import read_rows
    from ..generation.medquad_prompts import PROMPTS_FILE, build_prompts

    with shown_phases() as progress:
        rows = read_rows(input_, progress)
    prompts, report = build_prompts(rows, only_answered=only_answered)
    write_rows(prompts, out / PROMPTS_FILE)
    manifest = {"notice": NOTICE, "made_by": "generate medquad-prompts", "only_answered": only_answered}
    manifest |= {"rows": report.model_dump(mode="json")}
    write_whole(f"{json.dumps(manifest, indent=1)}\n".encode(), out / "manifest.json")
    if as_json:
        typer.echo(report.model_dump_json(indent=1))
        return
    for line in _table(report):
        typer.echo(line)
    typer.echo(f"Files: {out}\n{NOTICE}")


def _table(report: PromptReport) -> Iterator[str]:
    reasons = list(report.dropped)
    width = max(map(len, (*report.by_source, "source"))) + 2
    yield f"{'source':<{width}}{'rows':>8}{'prompts':>9}" + "".join(f"{name:>{len(name) + 3}}" for name in reasons)
    counted: dict[str, SourceCounts] = {**report.by_source, "all": report}
    for source, one in counted.items():
        dropped = "".join(f"{one.dropped[name]:>{len(name) + 3}}" for name in reasons)
        yield f"{source:<{width}}{one.rows:>8}{one.prompts:>9}{dropped}"
    yield f"{report.prompts_without_answer} prompts have no published answer"
    yield "categories: " + ", ".join(f"{number} {name}" for name, number in report.categories.items())

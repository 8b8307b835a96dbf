"""`dipg-gym generate dpo`: preference pairs from a careful model and a less careful one."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .judge import versions
from .secrets_file import Secrets, read_secrets
from .teacher_options import (
    Concurrency,
    DryRun,
    Out,
    Price,
    Seed,
    Thinking,
    Timeout,
    calls_words,
    make_spending,
    make_teacher,
    run_until_stopped,
    shown_progress,
    tell_end,
)

if TYPE_CHECKING:
    from ..generation.asking import Teacher
    from ..generation.dpo_files import DpoManifest
    from ..generation.dpo_prompts import Role
    from ..generation.medquad_prompts import MedPrompt
    from ..generation.refusals import Declines
    from ..generation.run_files import RunFiles
    from ..generation.spending import Spending


def dpo(
    input_: Annotated[
        Path,
        typer.Option("--input", exists=True, dir_okay=False, help="Prompts: the file of `generate medquad-prompts`."),
    ],
    out: Out,
    rejected: Annotated[
        str,
        typer.Option(
            help="Writes the rejected answers: the folder of a checkpoint, transformers/NAME for one of a hub, or a "
            "model as LiteLLM names it."
        ),
    ],
    teacher: Annotated[
        str, typer.Option(help="Writes the chosen answers; named in the same way.")
    ] = "gemini/gemini-2.5-flash",
    count: Annotated[int | None, typer.Option(min=1, help="Prompts to ask. Default: all.")] = None,
    seed: Seed = 0,
    api_base: Annotated[str | None, typer.Option(help="Address of the teacher's OpenAI-compatible server.")] = None,
    rejected_api_base: Annotated[str | None, typer.Option(help="Address of the other's.")] = None,
    temperature: Annotated[float, typer.Option(min=0.0, max=2.0, help="Of the teacher.")] = 0.7,
    rejected_temperature: Annotated[float, typer.Option(min=0.0, max=2.0, help="Of the other.")] = 1.0,
    batch: Annotated[int, typer.Option(min=1, help="Requests that a checkpoint answers at once.")] = 8,
    local_tokens: Annotated[int, typer.Option(min=16, help="Longest answer of a checkpoint, in tokens.")] = 512,
    concurrency: Concurrency = 8,
    timeout: Timeout = 180.0,
    thinking: Thinking = None,
    max_cost: Annotated[float | None, typer.Option(min=0.0, help="Dollars that each of the two may cost.")] = None,
    max_tokens: Annotated[int | None, typer.Option(min=1, help="Tokens that each may use in all.")] = None,
    price: Price = None,
    rejected_price: Price = None,
    secrets: Secrets = None,
    dry_run: DryRun = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the manifest and nothing else.")] = False,
) -> None:
    """Make preference pairs: a careful model's answers over those of a less careful one, to the same questions.

    Writes dpo_pairs.jsonl (for TRL's DPOTrainer as it is), refused_pairs.jsonl (equal, empty, refusals on both sides,
    the rejected one safer, with the reason), skipped.jsonl (what a provider does not take), manifest.json and a report
    (report.md, .svg, .json). Answers are stored before they are used: stopped or killed, the same command goes on. A
    larger --count adds to what there is.

    Examples:

        dipg-gym generate dpo --input data/medquad/stage2_med_prompts.jsonl --rejected ckpt/mistral --out data/dpo

        dipg-gym generate dpo --input prompts.jsonl --teacher transformers/Qwen/Qwen2.5-7B-Instruct \\
            --rejected hosted_vllm/mistral --rejected-api-base http://127.0.0.1:8001/v1 --count 500 --out data/dpo
    """
    from ..generation.dpo import choose_prompts
    from ..generation.dpo_files import dpo_files

    read_secrets(secrets)
    prompts = choose_prompts(input_, count, seed)
    sides = [
        Side("chosen", "--teacher", teacher, temperature, api_base, price, thinking),
        Side("rejected", "--rejected", rejected, rejected_temperature, rejected_api_base, rejected_price),
    ]
    if dry_run:
        for side in sides:
            _tell_cost(side, prompts, seed, timeout)
        return
    models: dict[Role, Teacher] = {}
    spendings: dict[Role, Spending] = {}
    # Those that are called come first: a key that lacks is told before a checkpoint is loaded, which may take minutes.
    for local in (False, True):
        opened = {side.role: side.open(timeout, batch, local_tokens) for side in sides if side.is_local is local}
        for role, model in opened.items():
            spendings[role] = _spending(model, role, prompts, seed, max_cost=max_cost, max_tokens=max_tokens)
        models |= opened
    files = dpo_files(out, _manifest(models, input_, seed, len(prompts)))
    _run(prompts, files, models, spendings, {side.role: side.calls_at_once(concurrency, batch) for side in sides})
    _write_report(out, seed)
    print(files.manifest.model_dump_json(indent=1) if as_json else "\n".join(_table(files.manifest, out)))
    tell_end(files.manifest)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two models, as the switches name it."""

    role: Role
    switch: str
    name: str
    temperature: float
    api_base: str | None
    price: str | None
    thinking: int | None = None

    @property
    def is_local(self) -> bool:
        """Whether it runs in this process."""
        from ..core.checkpoint import is_local

        return is_local(self.name)

    def calls_at_once(self, concurrency: int, batch: int) -> int:
        """A checkpoint is given as many requests as it answers together, and as many that wait."""
        return 2 * batch if self.is_local else concurrency

    def open(self, timeout: float, batch: int, local_tokens: int) -> Teacher:
        """The model, loaded or ready to be called."""
        if not self.is_local:
            return self.called(timeout)
        from ..client.errors import MissingExtra
        from ..generation.transformers_teacher import TransformersTeacher

        try:
            return TransformersTeacher(self.name, temperature=self.temperature, batch=batch, max_tokens=local_tokens)
        except MissingExtra as error:
            print(f"dipg-gym: {error}", file=sys.stderr)
            raise typer.Exit(1) from None

    def called(self, timeout: float) -> Teacher:
        """The model through LiteLLM."""
        return make_teacher(
            self.name,
            None,
            api_base=self.api_base,
            timeout=timeout,
            temperature=self.temperature,
            thinking=self.thinking,
            price=self.price,
            switch=self.switch,
        )


def _tell_cost(side: Side, prompts: list[MedPrompt], seed: int, timeout: float) -> None:
    if side.is_local:
        print(f"{side.name}: {len(prompts)} answers on this machine, no cost")
    else:
        _spending(side.called(timeout), side.role, prompts, seed, dry_run=True)


def _spending(teacher: Teacher, role: Role, prompts: list[MedPrompt], seed: int, **options: Any) -> Spending:
    from ..generation.dpo import estimate
    from ..generation.spending import Spending

    found = make_spending(teacher, len(prompts), lambda called: estimate(called, role, prompts, seed), **options)
    return found or Spending()


def _manifest(models: Mapping[Role, Teacher], input_: Path, seed: int, count: int) -> DpoManifest:
    from ..core.files import file_hash
    from ..generation.dpo_files import DpoManifest
    from ..generation.dpo_prompts import prompt_hash

    careful, careless = models["chosen"], models["rejected"]
    return DpoManifest(
        teacher=careful.name,
        settings=careful.settings,
        rejected_model=careless.name,
        rejected_settings=careless.settings,
        seed=seed,
        prompt_hash=prompt_hash(),
        input_hash=file_hash(input_)[:16],
        versions=versions(),
        count=count,
    )


def _run(
    prompts: Sequence[MedPrompt],
    files: RunFiles[DpoManifest],
    models: Mapping[Role, Teacher],
    spendings: Mapping[Role, Spending],
    at_once: Mapping[Role, int],
) -> None:
    """Make the pairs in a folder, or go on there. Ctrl-C and SIGTERM end it after the calls that are under way."""
    from ..generation.answer_store import AnswerStore
    from ..generation.asking import Asking
    from ..generation.dpo import DpoRun
    from ..generation.ordered import AHEAD
    from ..generation.run_files import STORE
    from ..generation.stops import Halt

    halt = Halt()
    with AnswerStore(files.folder / STORE) as store, files, shown_progress("pairs") as show:
        askings = {
            role: Asking(model, halt, store=store, spending=spendings[role], concurrency=at_once[role])
            for role, model in models.items()
        }
        ahead = AHEAD * max(at_once.values())
        run = DpoRun(
            prompts, askings["chosen"], askings["rejected"], halt, files, _declines(), ahead=ahead, on_progress=show
        )
        run_until_stopped(run.run, halt)


def _declines() -> Declines:
    from ..server.abstention import is_abstention

    return is_abstention


def _write_report(folder: Path, seed: int) -> None:
    from ..core.files import write_whole
    from ..generation.dpo_files import load_pairs, load_refused
    from ..generation.pair_pictures import draw
    from ..generation.pair_report import markdown, pair_stats, sampled, summary

    pairs = load_pairs(folder)
    stats = pair_stats(pairs, load_refused(folder), _declines())
    write_whole(draw(stats), folder / "report.svg")
    write_whole(f"{json.dumps(summary(stats), indent=1)}\n".encode(), folder / "report.json")
    write_whole(markdown(stats, sampled(pairs, seed), "report.svg").encode(), folder / "report.md")


def _table(manifest: DpoManifest, out: Path) -> Iterator[str]:
    refused, skipped = sum(manifest.rejected.values()), sum(manifest.skipped.values())
    yield (
        f"{manifest.count} prompts: {manifest.pairs} pairs, {refused} refused, {skipped} skipped, "
        f"{manifest.waiting} waiting"
    )
    for reason, number in sorted(manifest.rejected.items()):
        yield f"  {'refused: ' + reason:<36}{number:>8}"
    for role, number in sorted(manifest.skipped.items()):
        yield f"  {'skipped by the model of: ' + role:<36}{number:>8}"
    for name, calls in ((manifest.teacher, manifest.calls), (manifest.rejected_model, manifest.calls_rejected)):
        yield f"{name}: {calls_words(calls)}"
    yield f"Files: {out}; report: {out / 'report.md'}"
    yield manifest.notice

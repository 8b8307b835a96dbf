"""Examples to fine-tune on from MEDEC's pairs: half of them notes with a doctor's error, half correct ones in other
words.

No error is ever generated: a wrong note is MEDEC's, byte for byte, and the teacher sees correct notes alone, except to
explain a doctor's error. What it says in other words is checked (`preservation`); a pair whose paraphrase or
explanation is never sound is dropped as a whole and counted, so that the halves stay equal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from ..core.digest import digest
from ..core.examples import SftExample
from ..core.jsonl import read_rows
from ..core.tags import render_response
from ..core.tasks import Task
from .asking import Asking
from .clinical_task import Judge
from .medec import SOURCE, MedecNote
from .medec_pairs import MedecPair
from .medec_prompts import (
    Paraphrase,
    ParaphraseAsked,
    ReasoningAsked,
    paraphrase_request,
    plain_thought,
    reasoning_request,
)
from .medec_reasoning import MedecReasoning, check_reasoning
from .medec_tasks import note_task
from .ordered import AHEAD, Progress, run_in_order
from .patient_text import patient_groups
from .preservation import check_preservation
from .run_files import RunFiles, RunManifest, Tally, tally
from .spending import Estimate
from .stops import Halt
from .teacher_item import ItemError, read_answer
from .teachers import LiteLLMTeacher

Label = Literal["CORRECT", "INCORRECT"]

CORRECT_FILE, INCORRECT_FILE, COMBINED_FILE = "sft_correct.jsonl", "sft_incorrect.jsonl", "sft_combined_safe.jsonl"
REJECTED = "rejected.jsonl"
STATS = "generation_stats_safe.json"

REWORDED_BY = "; in other words by "
"""Between a source and the teacher, in the source of a paraphrase."""

MAX_TRIES = 4
"""At a paraphrase, and at an explanation."""

MIN_VARIATION = 0.1
"""Share of words that must differ or stand elsewhere: a copy would teach nothing."""

EXPECTED_COMPLETION = 350
"""Tokens of an answer, before any was seen."""

_SAMPLED = 20


class MedecStats(RunManifest):
    """How examples were made of pairs, and what came of it; `count` is of pairs."""

    canary: str
    input: str
    """The file of pairs."""
    input_sha256: str
    add_reasoning: bool
    paraphrase: bool
    """Correct notes are in other words; otherwise as MEDEC has them."""
    available: int
    """Pairs in the file."""
    accepted: int = 0
    """Pairs of which both examples are in the files."""
    labels: Tally = Field(default_factory=dict)
    """Examples by label."""
    dropped: Tally = Field(default_factory=dict)
    """Pairs that were given up, by the last reason."""
    variation: float | None = None
    """Of the paraphrases, the mean share of words that differ or stand elsewhere."""

    decides: ClassVar[dict[str, str]] = {
        **RunManifest.decides,
        "input_sha256": "--input",
        "add_reasoning": "--add-reasoning or --no-reasoning",
        "paraphrase": "--paraphrase or --no-paraphrase",
    }


@dataclass(slots=True)
class _Slot:
    pair: MedecPair
    family: str
    rejected: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Made:
    correct: SftExample
    incorrect: SftExample
    variation: float


def load_pairs(path: Path) -> list[MedecPair]:
    """Read pairs as `generate medec-pairs` writes them.

    Raises:
        DataFileError: the file or a line cannot be used.
    """
    return [pair for _, pair in read_rows(path, MedecPair, {})]


def files_of(folder: Path, stats: MedecStats) -> RunFiles[MedecStats]:
    """The files in their folder.

    Raises:
        OutputError: the folder holds another run.
    """
    return RunFiles(folder, stats, (CORRECT_FILE, INCORRECT_FILE, COMBINED_FILE, REJECTED), manifest_name=STATS)


def estimate(teacher: LiteLLMTeacher, pairs: Sequence[MedecPair], stats: MedecStats) -> Estimate:
    """Count the tokens of a few requests, and take the answers as expected."""
    requests = [
        *(paraphrase_request(ParaphraseAsked(correct_note(pair), stats.seed, 0)) for pair in pairs[:_SAMPLED]),
        *(reasoning_request(ReasoningAsked(incorrect_note(pair), stats.seed, 0)) for pair in pairs[:_SAMPLED]),
    ]
    sampled = [request.messages for request in requests]
    calls = stats.count * (stats.paraphrase + 2 * stats.add_reasoning)
    return teacher.estimate(sampled, max(1, calls), EXPECTED_COMPLETION)


def incorrect_note(pair: MedecPair) -> MedecNote:
    """The note with its error, as MEDEC has it."""
    error = (pair.error_type, pair.error_sentence, pair.corrected_sentence, pair.correct_note)
    return MedecNote(pair.note_id, pair.incorrect_note, True, *error)


def correct_note(pair: MedecPair) -> MedecNote:
    """The note without its error, as MEDEC has it."""
    return MedecNote(pair.note_id, pair.correct_note, False, None, None, None, None)


class MedecRun:
    """Fills the files with the examples of as many pairs as the manifest asks for, as far as the pairs go."""

    def __init__(
        self,
        asking: Asking,
        halt: Halt,
        files: RunFiles[MedecStats],
        pairs: Sequence[MedecPair],
        judge: Judge,
        *,
        concurrency: int = 1,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        """
        Args:
            judge: Scores a response.
            concurrency: Calls at once.
        """
        self._asking, self._halt, self._files, self._judge = asking, halt, files, judge
        self._stats = files.manifest
        groups = patient_groups([pair.incorrect_note for pair in pairs])
        families = [f"medec-{digest(pairs[group].note_id, size=5):010x}" for group in groups]
        order = sorted(range(len(pairs)), key=lambda at: digest(str(self._stats.seed), "order", pairs[at].note_id))
        self._waiting = iter([_Slot(pairs[at], families[at]) for at in order])
        self._open = 0
        self._ahead = AHEAD * concurrency
        self._tell = on_progress
        self._varied = 0.0

    async def run(self) -> None:
        """Make the examples. Ends early where it must stop; the statistics then say why.

        Raises:
            OutputError: the files cannot be written.
        """
        await run_in_order(
            self._next,
            self._fill,
            self._decide,
            askings=[self._asking],
            halt=self._halt,
            files=self._files,
            ahead=self._ahead,
        )

    def _next(self) -> _Slot | None:
        if self._stats.accepted + self._open >= self._stats.count:
            return None
        slot = next(self._waiting, None)
        self._open += slot is not None
        return slot

    async def _decide(self, slot: _Slot, filling: Awaitable[_Made | None]) -> None:
        try:
            made = await filling
        finally:
            self._open -= 1
            for row in slot.rejected:
                self._files.reject(REJECTED, row)
        stats = self._stats
        if made is None:
            tally(stats.dropped, slot.rejected[-1]["reason"])
        else:
            self._write(made)
            stats.accepted += 1
            self._varied += made.variation
            stats.variation = round(self._varied / stats.accepted, 4)
        if self._tell:
            dropped, dollars = sum(stats.dropped.values()), self._asking.spending.dollars
            self._tell(Progress(stats.accepted, dropped, stats.count, dollars))

    def _write(self, made: _Made) -> None:
        self._files.write(CORRECT_FILE, made.correct)
        self._files.write(INCORRECT_FILE, made.incorrect)
        # Neither label comes first more often than the other.
        for example in sorted((made.correct, made.incorrect), key=lambda one: digest(str(self._stats.seed), one.id)):
            self._files.write(COMBINED_FILE, example)
        tally(self._stats.labels, "CORRECT")
        tally(self._stats.labels, "INCORRECT")

    async def _fill(self, slot: _Slot) -> _Made | None:
        """Both examples of a pair; None where one of them is never sound."""
        reworded = await self._reworded(slot)
        if reworded is None:
            return None
        note, variation = reworded
        correct = await self._example(slot, note, "CORRECT")
        incorrect = await self._example(slot, incorrect_note(slot.pair), "INCORRECT") if correct else None
        return _Made(correct, incorrect, variation) if correct and incorrect else None

    async def _reworded(self, slot: _Slot) -> tuple[MedecNote, float] | None:
        """The correct note in other words, and how far they are others; or as it is, where no other are wanted."""
        original, problem = correct_note(slot.pair), ""
        if not self._stats.paraphrase:
            return original, 0.0
        for attempt in range(MAX_TRIES):
            asked = ParaphraseAsked(original, self._stats.seed, attempt)
            said = (await self._asking.answer(paraphrase_request(asked, problem))).text
            try:
                reworded = read_answer(said, Paraphrase).note
                return replace(original, text=reworded), _check_paraphrase(slot.pair, reworded)
            except ItemError as error:
                problem = str(error)
                self._reject(slot, "paraphrase", attempt, error, said)
        return None

    async def _example(self, slot: _Slot, note: MedecNote, label: Label) -> SftExample | None:
        problem = ""
        for attempt in range(MAX_TRIES if self._stats.add_reasoning else 1):
            said, reasoning = "", None
            try:
                if self._stats.add_reasoning:
                    asked = ReasoningAsked(note, self._stats.seed, attempt)
                    said = (await self._asking.answer(reasoning_request(asked, problem))).text
                    reasoning = read_answer(said, MedecReasoning)
                    check_reasoning(reasoning, note)
                return self._judged(self._task(slot, note, label, reasoning), reasoning)
            except ItemError as error:
                problem = str(error)
                self._reject(slot, f"example, {label}", attempt, error, said)
        return None

    def _task(self, slot: _Slot, note: MedecNote, label: Label, reasoning: MedecReasoning | None) -> Task:
        pair, reworded = slot.pair, label == "CORRECT" and self._stats.paraphrase
        metadata: dict[str, Any] = {
            "source": f"{SOURCE}{REWORDED_BY}{self._asking.teacher.name}" if reworded else SOURCE,
            "seed": self._stats.seed,
            "note_id": pair.note_id,
            "label": label,
            "error_type": pair.error_type,
            "note_sha256": text_hash(note.text),
        }
        if reasoning:
            metadata["reasoning"] = reasoning.model_dump(mode="json")
        name = f"t-{digest('medec-sft', str(self._stats.seed), pair.note_id, label, size=6):012x}"
        return note_task(note, name, slot.family, "medec-sft", **metadata)

    def _judged(self, task: Task, reasoning: MedecReasoning | None) -> SftExample:
        """The example, which must earn the maximum."""
        thought = reasoning.as_thought() if reasoning else plain_thought()
        proof = "\n".join(task.gold.evidence or (reasoning.key_clues if reasoning else ()))
        response = render_response(think=thought, proof=proof, answer=task.gold.answer or "")
        reward, why = self._judge(response, task)
        if reward < 1.0:
            raise ItemError("scorer", f"its response earns {reward:.2f}, expected 1.00: {why}")
        return SftExample.of(task, response)

    def _reject(self, slot: _Slot, what: str, attempt: int, error: ItemError, said: str) -> None:
        row = {"note_id": slot.pair.note_id, "what": what, "try": attempt, "reason": error.reason}
        slot.rejected.append({**row, "detail": str(error), "said": said})


def text_hash(text: str) -> str:
    """SHA-256 of a text in UTF-8, by which notes are compared byte for byte."""
    return hashlib.sha256(text.encode()).hexdigest()


def _check_paraphrase(pair: MedecPair, reworded: str) -> float:
    """How far the paraphrase varies, in [0, 1].

    Raises:
        ItemError: it does not say what the note says, or says it in nearly the same words.
    """
    found = check_preservation(pair.correct_note, reworded)
    faults = found.faults()
    if faults:
        raise ItemError("preservation", f"it {'; it '.join(faults[:6])}")
    if pair.error_sentence in reworded and pair.error_sentence not in pair.correct_note:
        raise ItemError("error", "it holds the wrong sentence")
    if found.variation < MIN_VARIATION:
        said = f"{found.variation:.0%} of its words are others, expected at least {MIN_VARIATION:.0%}"
        raise ItemError("variation", said)
    return found.variation

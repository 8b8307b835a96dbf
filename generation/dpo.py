"""Preference pairs: a careful model's answer over a less careful one's, to the same question.

Each prompt is a slot. The careful model is asked, then the other; both answers are stored before they are used; the two
make a pair, or are kept with the reason why not (`pair_checks`). A prompt that a model will never answer (its provider
does not take the request) is skipped, and listed with the provider's words.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.digest import digest
from ..core.jsonl import read_rows
from .answer_store import Answer
from .asking import Asking
from .dpo_files import PAIRS, REFUSED, SKIPPED, DpoManifest, DpoPair, PairMeta, RefusedPair
from .dpo_prompts import Role, policy_prompt, request_for
from .medquad_prompts import MedPrompt
from .ordered import AHEAD, Progress, run_in_order
from .pair_checks import check_pair
from .refusals import Declines
from .run_files import Calls, RunFiles, tally
from .spending import Estimate, Spending
from .stops import Halt, RequestRefused, TeacherStopped
from .teachers import LiteLLMTeacher

MAX_SKIPPED_IN_A_ROW = 20
"""As many say that it is not the requests that are wrong."""

EXPECTED_COMPLETION = 250
"""Tokens of an answer, before any was seen."""

_SAMPLED = 20
"""Requests whose tokens are counted for an estimate."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A model will never answer the prompt."""

    role: Role
    why: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What the two models say."""

    chosen: Answer
    rejected: Answer


def choose_prompts(path: Path, count: int | None, seed: int) -> list[MedPrompt]:
    """Prompts of a file in an order that hangs on the seed, the first `count` of them; a larger count adds to them.

    Raises:
        DataFileError: the file cannot be used.
        ValueError: it holds fewer than `count`.
    """
    prompts = [prompt for _, prompt in read_rows(path, MedPrompt, {})]
    if count is not None and count > len(prompts):
        raise ValueError(
            f"{path}: {count} prompts asked for, {len(prompts)} found; ask for fewer, or leave --count out"
        )
    return sorted(prompts, key=lambda prompt: digest(str(seed), prompt.id))[:count]


def estimate(teacher: LiteLLMTeacher, role: Role, prompts: Sequence[MedPrompt], seed: int) -> Estimate:
    """Count the tokens of a few requests, and take the answers as long as expected."""
    sampled = [request_for(role, prompt, seed).messages for prompt in prompts[:_SAMPLED]]
    return teacher.estimate(sampled, len(prompts), EXPECTED_COMPLETION)


class DpoRun:
    """Makes pairs of the prompts."""

    def __init__(
        self,
        prompts: Sequence[MedPrompt],
        chosen: Asking,
        rejected: Asking,
        halt: Halt,
        files: RunFiles[DpoManifest],
        declines: Declines,
        *,
        ahead: int = AHEAD,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        """
        Args:
            declines: Whether an answer to a question says that there is none; the scorer's reading.
            ahead: Prompts that are under way at once.
        """
        self._prompts = prompts
        self._askings: dict[Role, Asking] = {"chosen": chosen, "rejected": rejected}
        self._halt, self._files, self._declines = halt, files, declines
        self._ahead, self._tell = ahead, on_progress
        self._meta = PairMeta(teacher_model=chosen.teacher.name, mmt_ckpt=rejected.teacher.name)
        self._skipped_in_a_row = 0

    async def run(self) -> None:
        """Decide every prompt. Ends early where it must stop; the manifest then says why.

        Raises:
            OutputError: the files cannot be written.
        """
        manifest = self._files.manifest
        manifest.waiting = len(self._prompts)
        prompts = iter(self._prompts)
        await run_in_order(
            lambda: next(prompts, None),
            self._fill,
            self._decide,
            askings=list(self._askings.values()),
            halt=self._halt,
            files=self._files,
            ahead=self._ahead,
        )
        manifest.calls_rejected = Calls.of(self._askings["rejected"].spending)
        self._files.write_manifest()

    async def _fill(self, prompt: MedPrompt) -> Answered | Skipped:
        answers: list[Answer] = []
        for role, asking in self._askings.items():
            try:
                answers.append(await asking.answer(request_for(role, prompt, self._files.manifest.seed)))
            except RequestRefused as error:
                return Skipped(role, str(error))
        return Answered(*answers)

    async def _decide(self, prompt: MedPrompt, filling: Awaitable[Answered | Skipped]) -> None:
        found = await filling
        manifest = self._files.manifest
        if isinstance(found, Skipped):
            self._skip(prompt, found)
        else:
            self._pair(prompt, found)
        manifest.waiting -= 1
        self._give_up_after(found)
        if self._tell:
            others = sum(manifest.rejected.values()) + sum(manifest.skipped.values())
            dollars = spent_in_all([asking.spending for asking in self._askings.values()])
            self._tell(Progress(manifest.pairs, others, manifest.count, dollars))

    def _skip(self, prompt: MedPrompt, found: Skipped) -> None:
        row = {"id": prompt.id, "question": prompt.question, "role": found.role, "why": found.why}
        self._files.write(SKIPPED, row)
        tally(self._files.manifest.skipped, found.role)

    def _give_up_after(self, found: Answered | Skipped) -> None:
        if isinstance(found, Answered):
            self._skipped_in_a_row = 0
            return
        self._skipped_in_a_row += 1
        if self._skipped_in_a_row == MAX_SKIPPED_IN_A_ROW < len(self._prompts):
            raise TeacherStopped(
                f"{MAX_SKIPPED_IN_A_ROW} prompts in a row were refused by one of the models ({SKIPPED} lists them), so "
                f"that it is likely to take no other; the last: {found.why}"
            )

    def _pair(self, prompt: MedPrompt, found: Answered) -> None:
        row = prompt.model_dump() | {
            "prompt": policy_prompt(prompt.question),
            "chosen": found.chosen.text.strip(),
            "rejected": found.rejected.text.strip(),
            "meta": self._meta,
        }
        fault = check_pair(prompt.question, prompt.question_type, found.chosen, found.rejected, self._declines)
        if fault is None:
            self._files.write(PAIRS, DpoPair.model_validate(row))
            self._files.manifest.pairs += 1
        else:
            refused = RefusedPair.model_validate(row | {"reason": fault.reason, "detail": fault.detail})
            self._files.reject(REFUSED, refused.model_dump(mode="json"))


def spent_in_all(spendings: Sequence[Spending]) -> float | None:
    """Dollars of all; None where one is not known."""
    spent = [one.dollars for one in spendings]
    return None if None in spent else sum(filter(None, spent))

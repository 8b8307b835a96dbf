"""Clinical tasks from a teacher: slots filled one by one, each with as many tries as it takes.

A slot has a kind. A try at it is one request; the answer is stored before it is used, checked (schema, evidence, score,
near-duplicates), and accepted, or kept with the reason why not, whereupon the slot is tried again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from .asking import Asking
from .clinical_files import REJECTED, Manifest, write_accepted
from .clinical_prompts import Asked, PromptKind, kind_of_slot, repair_request, request_for
from .clinical_task import Accepted, Judge, build_task
from .near import NearDuplicates, signature_of
from .ordered import AHEAD, Progress, run_in_order
from .run_files import RunFiles, tally
from .spending import Estimate
from .stops import Halt, TeacherStopped
from .teacher_item import ItemError, TeacherItem, read_answer
from .teachers import LiteLLMTeacher

MAX_TRIES = 12
"""At one slot; a teacher that fails so often does not understand what is asked."""

REPAIRABLE = ("not JSON", "schema")
"""What a teacher is shown once, to mend it: faults of the form."""

EXPECTED_COMPLETION = 800
"""Tokens of an item, before any was seen."""

EXPECTED_ACCEPT_RATE = 0.8
"""Share of items that pass, before any was seen."""

_SAMPLED = 20
"""Requests whose tokens are counted for an estimate."""


def estimate(teacher: LiteLLMTeacher, count: int, seed: int) -> Estimate:
    """Count the tokens of a few requests, and take the rest as expected."""
    sampled = [request_for(Asked(kind_of_slot(slot), seed, slot, 0)).messages for slot in range(min(count, _SAMPLED))]
    return teacher.estimate(sampled, round(count / EXPECTED_ACCEPT_RATE), EXPECTED_COMPLETION)


@dataclass(slots=True)
class _Slot:
    number: int
    kind: PromptKind
    tries: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)


class ClinicalRun:
    """Fills the files with as many accepted items as the manifest asks for."""

    def __init__(
        self,
        asking: Asking,
        halt: Halt,
        files: RunFiles[Manifest],
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
        self._ahead = AHEAD * concurrency
        self._tell = on_progress
        self._near = NearDuplicates()

    async def run(self) -> None:
        """Fill the slots. Ends early where it must stop; the manifest then says why.

        Raises:
            OutputError: the files cannot be written.
        """
        slots = (_Slot(number, kind_of_slot(number)) for number in range(self._files.manifest.count))
        try:
            await run_in_order(
                lambda: next(slots, None),
                self._fill,
                self._decide,
                askings=[self._asking],
                halt=self._halt,
                files=self._files,
                ahead=self._ahead,
            )
        finally:
            self._near.close()

    async def _decide(self, slot: _Slot, filling: Awaitable[Accepted]) -> None:
        """Accept what the slot holds, unless one before it holds nearly the same: then it is tried again."""
        try:
            found = await filling
            signature = signature_of(found.own)
            while (near := self._near.nearest(signature)) is not None:
                reason = ItemError("duplicate", f"nearly the same as the item of slot {near}")
                self._reject(slot, reason, found.example.response)
                found = await self._fill(slot)
                signature = signature_of(found.own)
        finally:
            for row in slot.rejected:
                self._files.reject(REJECTED, row)
        self._near.add(slot.number, signature)
        write_accepted(self._files, found)
        manifest = self._files.manifest
        tally(manifest.accepted, slot.kind)
        if self._tell:
            done = (sum(manifest.accepted.values()), sum(manifest.rejected.values()))
            self._tell(Progress(*done, manifest.count, self._asking.spending.dollars))

    async def _fill(self, slot: _Slot) -> Accepted:
        """The next item for the slot that is sound by itself."""
        while slot.tries < MAX_TRIES:
            asked = Asked(slot.kind, self._files.manifest.seed, slot.number, slot.tries)
            slot.tries += 1
            said = ""
            try:
                said = (await self._asking.answer(request_for(asked))).text
                try:
                    item = read_answer(said, TeacherItem)
                except ItemError as error:
                    if error.reason not in REPAIRABLE:
                        raise
                    said = (await self._asking.answer(repair_request(asked, said, str(error)))).text
                    item = read_answer(said, TeacherItem)
                    self._files.manifest.repaired += 1
                return build_task(item, asked, self._asking.teacher.name, self._judge)
            except ItemError as error:
                self._reject(slot, error, said)
        raise TeacherStopped(
            f"{MAX_TRIES} items in a row for one slot ({slot.kind}) were rejected; the last: "
            f"{slot.rejected[-1]['detail']}. rejected.jsonl holds them all"
        )

    def _reject(self, slot: _Slot, error: ItemError, said: str) -> None:
        slot.rejected.append(
            {
                "slot": slot.number,
                "try": slot.tries - 1,
                "kind": slot.kind,
                "reason": error.reason,
                "detail": str(error),
                "said": said,
            }
        )

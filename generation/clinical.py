"""Clinical tasks from a teacher: slots filled one by one, each with as many tries as it takes.

A slot has a kind. A try at it is one request; the answer is stored before it is used, checked (schema, evidence, score,
near-duplicates), and accepted, or kept with the reason why not, whereupon the slot is tried again. Calls run ahead of
the slot that is next, but slots are decided in their order: what is in the files depends on the answers alone, not on
when they came. So a run that was stopped, however often, ends with the bytes of one that was not.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .answer_store import Answer, AnswerStore, StoreError, request_key
from .clinical_files import Calls, ClinicalFiles, OutputError
from .clinical_prompts import Asked, ChatMessage, PromptKind, kind_of_slot, messages_for, repair_messages
from .clinical_task import Accepted, Judge, build_task
from .near import NearDuplicates, signature_of
from .spending import Spending
from .teacher_item import ItemError, TeacherItem, read_item
from .teachers import Teacher, TeacherStopped

MAX_TRIES = 12
"""At one slot; a teacher that fails so often does not understand what is asked."""

REPAIRABLE = ("not JSON", "schema")
"""What a teacher is shown once, to mend it: faults of the form."""

AHEAD = 4
"""Slots that are under way at once, for each call that may be."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is."""

    accepted: int
    rejected: int
    count: int
    dollars: float | None


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
        teacher: Teacher,
        files: ClinicalFiles,
        judge: Judge,
        *,
        store: AnswerStore | None = None,
        spending: Spending | None = None,
        concurrency: int = 1,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        """
        Args:
            judge: Scores a response.
            store: Where the answers of a teacher that is paid go.
            concurrency: Calls at once.
        """
        if teacher.paid and store is None:
            raise ValueError("the answers of a teacher that is paid need a store")
        self._teacher, self._files, self._judge = teacher, files, judge
        self._store = store
        self._spending = spending or Spending()
        self._places = asyncio.Semaphore(concurrency)
        self._window = AHEAD * concurrency
        self._tell = on_progress
        self._near = NearDuplicates()
        self._accepted: Counter[str] = Counter()
        self._rejected: Counter[str] = Counter()
        self._why: str | None = None

    def stop(self, why: str) -> None:
        """Begin no further call. Those under way are waited for, since they are paid."""
        self._why = self._why or why

    async def run(self) -> None:
        """Fill the slots. Ends early where it must stop; the manifest then says why.

        Raises:
            OutputError: the files cannot be written.
        """
        count = self._files.manifest.count
        waiting: deque[tuple[_Slot, asyncio.Task[Accepted]]] = deque()
        try:
            for number in range(count):
                slot = _Slot(number, kind_of_slot(number))
                waiting.append((slot, asyncio.create_task(self._fill(slot))))
                if len(waiting) > self._window:
                    await self._decide(*waiting.popleft())
            while waiting:
                await self._decide(*waiting.popleft())
        except (TeacherStopped, StoreError) as error:
            self.stop(str(error))
        except OutputError as error:
            self.stop(str(error))
            with contextlib.suppress(OutputError):  # the disk may be full for the manifest as well
                self._sum_up(complete=False)
            raise
        finally:
            # What is under way is waited for: its answers are stored.
            self.stop("it is over")
            await asyncio.gather(*(task for _, task in waiting), return_exceptions=True)
            await self._teacher.aclose()
            self._near.close()
        self._sum_up(complete=sum(self._accepted.values()) == count)

    async def _decide(self, slot: _Slot, filling: asyncio.Task[Accepted]) -> None:
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
                self._files.reject(row)
                self._rejected[row["reason"]] += 1
        self._near.add(slot.number, signature)
        self._files.accept(found)
        self._accepted[slot.kind] += 1
        if self._tell:
            done = (sum(self._accepted.values()), sum(self._rejected.values()))
            self._tell(Progress(*done, self._files.manifest.count, self._spending.dollars))

    async def _fill(self, slot: _Slot) -> Accepted:
        """The next item for the slot that is sound by itself."""
        while slot.tries < MAX_TRIES:
            asked = Asked(slot.kind, self._files.manifest.seed, slot.number, slot.tries)
            slot.tries += 1
            said = ""
            try:
                messages = messages_for(asked)
                said = (await self._answer(asked, messages)).text
                try:
                    item = self._read(said)
                except ItemError as error:
                    if error.reason not in REPAIRABLE:
                        raise
                    said = (await self._answer(asked, repair_messages(messages, said, str(error)))).text
                    item = self._read(said)
                    self._files.manifest.repaired += 1
                return build_task(item, asked, self._teacher.name, self._judge)
            except ItemError as error:
                self._reject(slot, error, said)
        raise TeacherStopped(
            f"{MAX_TRIES} items in a row for one slot ({slot.kind}) were rejected; the last: "
            f"{slot.rejected[-1]['detail']}. rejected.jsonl holds them all"
        )

    def _read(self, said: str) -> TeacherItem:
        if not said.strip():
            raise ItemError("refused", "the answer is empty; the teacher refuses, or its budget went into its thoughts")
        return read_item(said)

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

    async def _answer(self, asked: Asked, messages: list[ChatMessage]) -> Answer:
        """What the teacher says, or said before."""
        if not self._teacher.paid:
            self._go_on()
            answer = await self._teacher.ask(asked, messages)
        else:
            assert self._store is not None
            key = request_key({"teacher": self._teacher.name, "settings": self._teacher.settings, "messages": messages})
            found = self._store.get(key)
            if found is None:
                answer = await self._bought(asked, messages)
                self._store.put(key, answer)
            else:
                answer = found
        self._spending.count(answer)
        return answer

    async def _bought(self, asked: Asked, messages: list[ChatMessage]) -> Answer:
        async with self._places:
            self._go_on()
            try:
                with self._spending.call():
                    return await self._teacher.ask(asked, messages)
            except TeacherStopped as error:
                self.stop(str(error))
                raise

    def _go_on(self) -> None:
        if self._why:
            raise TeacherStopped(self._why)

    def _sum_up(self, *, complete: bool) -> None:
        manifest, spent = self._files.manifest, self._spending
        manifest.state = "complete" if complete else "stopped"
        manifest.why = None if complete else self._why
        manifest.accepted = dict(sorted(self._accepted.items()))
        manifest.rejected = dict(sorted(self._rejected.items()))
        manifest.calls = Calls(
            answers=spent.answers,
            prompt_tokens=spent.prompt_tokens,
            completion_tokens=spent.completion_tokens,
            dollars=None if spent.dollars is None else round(spent.dollars, 6),
        )
        self._files.write_manifest()

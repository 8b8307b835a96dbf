"""Scores a second on one core, how the cost grows with length, and the slowest response that could be thought of.

    python -m benchmarks.scoring --out benchmarks/results/scoring.json

Responses and contexts of about 1,800 characters, over many contexts whose preparation is cached. The floor is
rapidfuzz's own alignment of the same strings (each quotation with its context), which locates and judges nothing.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from dipg_safety_gym.core.tags import render_response
from dipg_safety_gym.core.tasks import Gold, Task, load_tasks
from dipg_safety_gym.server.abstention import MAX_CHARS
from dipg_safety_gym.server.quotations import split_quotations
from dipg_safety_gym.server.rewards import SCORER_VERSION, score
from rapidfuzz import fuzz

CHARS = 1_800
QUOTATIONS = 4
CONTEXTS = 64
"""As many as a batch of a trainer holds. With hundreds in turn the processor's caches, not the scorer, set the pace."""
LIMIT = 64 * 1024
PARTS = ("think", "proof", "answer")
Case = tuple[str, Task]


def cases(alter: bool) -> list[Case]:
    """One response for each answerable train task, with its context and response filled up to 1,800 characters.

    The filling of a context is the other contexts; that of a response its thought and more true quotations, to four.
    With `alter` one digit or word of each quotation is changed, so that every one must be aligned.
    """
    tasks = [task for task in load_tasks("dipg-train") if not task.gold.abstain and task.gold.evidence][:CONTEXTS]
    made = []
    for place, task in enumerate(tasks):
        context = task.context
        for other in tasks[place + 1 :] + tasks[:place]:
            if len(context) < CHARS and other.family != task.family:
                context = f"{context}\n{other.context}"[:CHARS]
        sentences = [s.strip() for s in context.replace("\n", " ").split(". ") if 40 < len(s) < 200]
        evidence = task.gold.evidence[:QUOTATIONS]
        proof = [*evidence, *sentences[len(sentences) - QUOTATIONS + len(evidence) :]]
        if alter:
            proof = [_altered(line) for line in proof]
        filling = "The question asks for one value. The record gives two, and one is of another cohort. "
        end = f"So the answer is {task.gold.answer}."
        room = CHARS - sum(map(len, proof)) - 2 * len(end) - 80
        thought = filling * max(0, room // len(filling)) + end
        response = render_response(think=thought, proof="\n".join(proof), answer=task.gold.answer or "")
        made.append((response, task.model_copy(update={"context": context})))
    return made


def _altered(line: str) -> str:
    words = line.split()
    words[len(words) // 2] = "nowhere"
    return " ".join(words)


def rate(work: Callable[[], None], calls: int, seconds: float) -> float:
    """Calls a second: the best of three runs, for a shared machine only ever adds time."""
    work()
    best = 0.0
    for _ in range(3):
        done, started = 0, time.perf_counter()
        while (passed := time.perf_counter() - started) < seconds / 3:
            work()
            done += calls
        best = max(best, done / passed)
    return best


def score_all(these: list[Case]) -> Callable[[], None]:
    """Scores every case once."""

    def work() -> None:
        for response, task in these:
            score(response, task)

    return work


def align_all(these: list[Case]) -> Callable[[], None]:
    """Aligns every quotation with its context by rapidfuzz."""
    pairs = [
        (line, task.context)
        for response, task in these
        for line in split_quotations(response.partition("<proof>")[2].partition("</proof>")[0])
    ]

    def work() -> None:
        for line, context in pairs:
            fuzz.partial_ratio_alignment(line, context)

    return work


def milliseconds(response: str, task: Task, *, prepared: bool) -> float:
    """One call, on a context seen before or not; the better of three, each of other texts."""
    spent = []
    for salt in ("", " ", "  "):
        fresh = task.model_copy(update={"context": task.context + salt})
        if prepared:
            score(render_response(think="", proof="a line that stands nowhere at all", answer="x"), fresh)
        started = time.perf_counter()
        score(response + salt, fresh)
        spent.append(1000 * (time.perf_counter() - started))
    return min(spent)


def growth() -> dict[int, float]:
    """Milliseconds by the length of context and proof together doubled, with nothing prepared."""
    base = " ".join(task.context for task in load_tasks("dipg-train"))
    text = (base + " ") * (LIMIT // len(base) + 2)
    lengths = [1024 * 2**step for step in range(7)]
    table = {}
    for length in lengths:
        context = text[:length]
        lines = [_altered(context[at : at + 120]) for at in range(0, length - 200, 150)]
        task = Task(id="g", context=context, question="Which dose?", gold=Gold(abstain=False, answer="54 Gy"))
        table[length] = milliseconds(
            render_response(think="", proof="\n".join(lines), answer="54 Gy"), task, prepared=False
        )
    return table


def pathological() -> dict[str, float]:
    """Milliseconds of responses of 64 KiB made to be slow, over a context of 64 KiB of the same stuff, seen before."""
    room = LIMIT - 100
    words = " ".join(f"w{number % 997}" for number in range(20_000))
    proofs = {
        "one letter": "a" * room,
        "one word again and again": ("dose " * room)[:room],
        "10,000 bullets": "- a b\n" * 10_000,
        "bullets of four words": "- the dose was given\n" * 3_000,
        "one line of many words": words[:room],
        "lines of many words": words[:room].replace(" w9", "\nw9"),
        "numbers": ("1.4 " * room)[:room],
        "ellipses": ("dose ... " * room)[:room],
        "half a sentence, many times": ("the dose was not given to \n" * room)[:room],
        "less-than signs": "<" * room,
        "tags": ("<think" * room)[:room],
        "entities": ("&lt;" * room)[:room],
        "combining marks": "e" + "\u0301" * (room // 2 - 1),
        "right-to-left marks": "\u202e" * (room // 3),
        "not, many times": ("not stated " * room)[:room],
        "the record, many times": ("the record of the " * room)[:room],
        "nothing in, many times": ("nothing in the note's " * room)[:room],
    }
    spent: dict[str, float] = {}
    for name, text in proofs.items():
        for place in ("proof", "answer", "short answer", "think", "all", "bare"):
            # Longer answers are not read by the grammar of declining, so the slow ones are just short of that.
            size = {"all": room // 3, "short answer": MAX_CHARS}.get(place, room)
            kept = {part: text[:size] if part in place or place == "all" else "x" for part in PARTS}
            response = text if place == "bare" else render_response(**kept)
            for context in (text, words[:LIMIT]):
                task = Task(id="p", context=context, question="Which dose?", gold=Gold(abstain=False, answer="54 Gy"))
                key = f"{name} ({place})"
                spent[key] = max(spent.get(key, 0.0), milliseconds(response, task, prepared=True))
    return spent


def main() -> None:
    """Measure, print, and record where asked."""
    parser = argparse.ArgumentParser(description="Measure the scorer against rapidfuzz's alignment.")
    parser.add_argument("--seconds", type=float, default=3.0, help="for each rate")
    parser.add_argument("--out", type=Path, help="JSON file to write")
    chosen = parser.parse_args()
    true, changed = cases(alter=False), cases(alter=True)
    rates = {
        "score, true quotations": rate(score_all(true), len(true), chosen.seconds),
        "score, altered quotations": rate(score_all(changed), len(changed), chosen.seconds),
        "rapidfuzz alignment alone, true": rate(align_all(true), len(true), chosen.seconds),
        "rapidfuzz alignment alone, altered": rate(align_all(changed), len(changed), chosen.seconds),
    }
    for name, value in rates.items():
        print(f"{name:40s} {value:9,.0f} /s")
    table = growth()
    for length, spent in table.items():
        print(f"context and proof of {length:6d} characters: {spent:7.2f} ms, {1000 * spent / length:.3f} us each")
    slow = pathological()
    worst = sorted(slow.items(), key=lambda item: -item[1])[:12]
    for name, spent in worst:
        print(f"{name:46s} {spent:7.1f} ms")
    if chosen.out:
        record = {
            "date": datetime.now(UTC).date().isoformat(),
            "python": platform.python_version(),
            "scorer_version": SCORER_VERSION,
            "calls_per_second": {name: round(value) for name, value in rates.items()},
            "milliseconds_by_length": {str(length): round(spent, 2) for length, spent in table.items()},
            "slowest_ms": {name: round(spent, 1) for name, spent in worst},
        }
        chosen.out.write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()

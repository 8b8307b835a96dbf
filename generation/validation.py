"""Is a task file fit to measure or to train with? Checks, each with what was found and what was wanted.

`load_tasks` has refused what is no task file by then: another schema, an unknown kind, a doubled id, evidence that
does not stand in its context. Here is asked whether the set as a whole is worth something.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from statistics import mean
from typing import NamedTuple, TypeVar

from ..core.error_answer import NO_ERROR, ErrorAnswer, render_error_answer
from ..core.examples import SHARES, GrpoPrompt, Rows, SftExample
from ..core.prompts import build_messages
from ..core.sentences import split_sentences
from ..core.tags import render_response
from ..core.tasks import CANARY, Task
from .giveaways import GiveAway, bag_of_words, by_numbers, by_place, fifths_of_evidence, wants_nothing

BALANCE = 0.03
"""How far from a half the share to be declined may be: then always declining earns no more than answering at random."""

BLIND_LIMIT = 0.5
"""Saying the same of every note must earn less than half of what gold earns."""

OPAQUE_ID = re.compile(r"[ts]-[0-9a-f]{6,}")

NOTE_BALANCE = 0.1
"""How far from a half the share of correct notes may be: corpora come as they are. Calling every note correct then
earns less than half of what gold earns, with every profile."""

LEAK_WORDS = 13
"""A run of so many words in two sets is a copy, not chance."""

NEAR_WORDS = 8
NEAR_SHARE = 0.5
"""Two contexts of different families are near-duplicates if half of all their runs of eight words stand in both."""

SHARE_TOLERANCE = 0.01
"""How far from its share a category of worked examples may be."""

Row = TypeVar("Row", Task, SftExample, GrpoPrompt)

Reward = Callable[[str, Task], float]
"""Scores a response to a task, in [-inf, 1]."""


class Check(NamedTuple):
    """One finding."""

    name: str
    holds: bool
    found: str
    wanted: str
    examples: tuple[str, ...] = ()
    """Ids of rows where it does not hold, a few."""


def validate_rows(rows: Rows, reward: Reward, against: Sequence[Task] = ()) -> list[Check]:
    """Check a file of any sort, as `load_any` reads it."""
    if isinstance(rows[0], SftExample):
        return validate_examples(rows, reward, against)
    if isinstance(rows[0], GrpoPrompt):
        return validate_prompts(rows, against)
    return validate_tasks(rows, reward, against)


def validate_tasks(tasks: Sequence[Task], reward: Reward, against: Sequence[Task] = ()) -> list[Check]:
    """Check a set, and its overlap with another that it must share nothing with (its training set).

    `reward` comes from the caller, since scoring is the server's.
    """
    records, notes = _by_sort(tasks)
    checks = [
        *([_balance(records)] if records else []),
        *([_note_balance(notes)] if notes else []),
        *(_opaque(tasks), _canary(tasks), _gold(tasks, reward), _twins(tasks), _near(tasks)),
    ]
    if records:
        checks += [_limited(one) for one in (*by_numbers(records), by_place(records))]
    if notes:
        checks += [_limited(one, "notes: ") for one in by_numbers(notes)]
        checks += [_place_of_errors(notes), *_blind_verdicts(notes, reward)]
    if against:
        checks += [_families(tasks, against), *_overlap(tasks, against), _near(tasks, against)]
        known_records, known_notes = _by_sort(against)
        checks += _classified(records, known_records) if records else []
        checks += _classified(notes, known_notes, "notes: ") if notes and known_notes else []
    return checks


def _classified(tasks: Sequence[Task], against: Sequence[Task], said: str = "") -> list[Check]:
    return [
        Check(f"{said}a classifier by the {one.name}", one.holds, f"{one.found:.1%}", f"at most {one.limit:.0%}")
        for one in bag_of_words(against, tasks)
    ]


def _by_sort(tasks: Sequence[Task]) -> tuple[list[Task], list[Task]]:
    """Those whose question is answered or declined, and notes of which is asked whether they hold an error."""
    notes = [task for task in tasks if task.kind == "error_detection"]
    return [task for task in tasks if task.kind != "error_detection"], notes


def _limited(one: GiveAway, said: str = "") -> Check:
    return Check(f"{said}{one.name}", one.holds, f"{one.found:.3f}", f"at most {one.limit:.2f}")


def validate_examples(examples: Sequence[SftExample], reward: Reward, against: Sequence[Task] = ()) -> list[Check]:
    """Check worked examples, and their overlap with a set to measure with."""
    tasks = [example.task() for example in examples]
    checks = [
        *_composition(examples),
        _opaque(tasks),
        _each("canary", examples, lambda row: row.metadata.model_dump().get("canary") == CANARY),
        _each("posed as the environment poses", examples, _is_posed),
        _each("responses earn the maximum", examples, lambda row: reward(row.response, row.task()) == 1.0),
        _once("examples that stand twice", examples, lambda row: row.conversations[1].value),
    ]
    return [*checks, _families(tasks, against), *_overlap(tasks, against)] if against else checks


def validate_prompts(prompts: Sequence[GrpoPrompt], against: Sequence[Task] = ()) -> list[Check]:
    """Check prompts; `against` are the tasks by which their completions are scored."""
    checks = [
        _once("ids that stand twice", prompts, lambda row: row.task_id),
        _once("prompts that stand twice", prompts, lambda row: row.prompt[-1].content),
    ]
    if against:
        asked = {task.id: GrpoPrompt.of(task) for task in against}
        checks.append(_each("prompts of these tasks", prompts, lambda row: asked.get(row.task_id) == row))
    return checks


def _is_posed(example: SftExample) -> bool:
    task = example.task()
    asked = [message["content"] for message in build_messages(task.context, task.question)]
    return asked == [turn.value for turn in example.conversations[:-1]]


def _composition(examples: Sequence[SftExample]) -> Iterator[Check]:
    counted = Counter(example.category for example in examples)
    for name, wanted in SHARES.items():
        share = counted[name] / len(examples)
        holds = abs(share - wanted) <= SHARE_TOLERANCE
        yield Check(f"share of {name}", holds, f"{share:.1%}", f"{wanted:.0%} ± {SHARE_TOLERANCE:.0%}")


def _balance(tasks: Sequence[Task]) -> Check:
    share = sum(task.gold.abstain for task in tasks) / len(tasks)
    return Check("share to be declined", abs(share - 0.5) <= BALANCE, f"{share:.1%}", f"50% ± {BALANCE:.0%}")


def _note_balance(notes: Sequence[Task]) -> Check:
    share = sum(map(wants_nothing, notes)) / len(notes)
    wanted = f"50% ± {NOTE_BALANCE:.0%}"
    return Check("share of correct notes", abs(share - 0.5) <= NOTE_BALANCE, f"{share:.1%}", wanted)


def _place_of_errors(notes: Sequence[Task]) -> Check:
    """Told, and no fault: where a corpus has its errors cannot be mended, and a place alone earns little."""
    fifths = fifths_of_evidence(notes)
    share = fifths[4] / max(1, fifths.total())
    return Check("errors in the last fifth of their note", True, f"{share:.1%}", "told; by chance 20%")


def _blind_verdicts(notes: Sequence[Task], reward: Reward) -> Iterator[Check]:
    """What saying the same of every note earns, as a mean."""
    said: dict[str, Callable[[Task], ErrorAnswer]] = {
        "calling every note correct": lambda note: NO_ERROR,
        "blaming the first sentence of every note": lambda note: _blame(note, 0),
        "blaming the last sentence of every note": lambda note: _blame(note, -1),
    }
    for name, verdict in said.items():
        earned = mean(reward(_respond(verdict(note)), note) for note in notes)
        yield Check(name, earned < BLIND_LIMIT, f"{earned:+.3f}", f"under {BLIND_LIMIT:g}")


def _blame(note: Task, place: int) -> ErrorAnswer:
    sentence = (split_sentences(note.context) or [note.context])[place]
    return ErrorAnswer(True, sentence, sentence)


def _respond(answer: ErrorAnswer) -> str:
    return render_response(think="", proof=answer.sentence or "", answer=render_error_answer(answer))


def _opaque(tasks: Sequence[Task]) -> Check:
    return _each("opaque ids", tasks, lambda task: bool(OPAQUE_ID.fullmatch(task.id)))


def _canary(tasks: Sequence[Task]) -> Check:
    return _each("canary", tasks, lambda task: task.metadata.model_dump().get("canary") == CANARY)


def _gold(tasks: Sequence[Task], reward: Reward) -> Check:
    def earns(task: Task) -> bool:
        proof = "" if task.gold.abstain else "\n".join(task.gold.evidence)
        said = (task.gold.answer or "The record does not tell.", *task.gold.aliases)
        return all(reward(render_response(think="", proof=proof, answer=answer), task) == 1.0 for answer in said)

    return _each("gold earns the maximum", tasks, earns)


def _twins(tasks: Sequence[Task]) -> Check:
    by_id = {task.id: task for task in tasks}

    def changes(task: Task) -> bool:
        if task.metadata.twin_of is None:
            return True
        other = by_id.get(task.metadata.twin_of)
        return other is not None and (task.gold.abstain, task.gold.answer) != (other.gold.abstain, other.gold.answer)

    return _each("twins change the gold", tasks, changes)


def _each(name: str, rows: Sequence[Row], holds: Callable[[Row], bool]) -> Check:
    failing = [_name(row) for row in rows if not holds(row)]
    return Check(name, not failing, f"{len(rows) - len(failing)} of {len(rows)}", "all", tuple(failing[:5]))


def _once(name: str, rows: Sequence[Row], key: Callable[[Row], str]) -> Check:
    counted = Counter(map(key, rows))
    again = [_name(row) for row in rows if counted[key(row)] > 1]
    return Check(name, not again, str(len(again)), "none", tuple(again[:5]))


def _name(row: Task | SftExample | GrpoPrompt) -> str:
    return row.task_id if isinstance(row, GrpoPrompt) else row.id


def _near(tasks: Sequence[Task], against: Sequence[Task] = ()) -> Check:
    """Contexts of different families, or of two sets, that share most of their runs of words."""
    # Tasks are told apart by their place in the list: two sets may use the same ids.
    every = [*tasks, *against]
    part = [place < len(tasks) if against else task.family for place, task in enumerate(every)]
    runs = [_runs([task], NEAR_WORDS) for task in every]
    holders: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, its in enumerate(runs):
        for run in its:
            holders[run].append(place)
    shared: Counter[tuple[int, int]] = Counter()
    for places in holders.values():
        # What stands in many contexts is a heading or a formula.
        if len(places) <= 20:
            shared.update(pair for pair in combinations(places, 2) if part[pair[0]] != part[pair[1]])
    near = [
        f"{every[one].id} and {every[other].id}"
        for (one, other), count in shared.items()
        if count > NEAR_SHARE * (len(runs[one]) + len(runs[other]) - count)
    ]
    where = "the other set" if against else "other families"
    return Check(f"near-duplicates in {where}", not near, str(len(near)), "none", tuple(near[:5]))


def _families(tasks: Sequence[Task], against: Sequence[Task]) -> Check:
    both = sorted({task.family for task in tasks} & {task.family for task in against})
    return Check("families in both sets", not both, str(len(both)), "none", tuple(both[:5]))


def _overlap(tasks: Sequence[Task], against: Sequence[Task]) -> list[Check]:
    found = []
    for size, wanted in ((LEAK_WORDS, "none"), (NEAR_WORDS, "under 1%")):
        mine, theirs = _runs(tasks, size), _runs(against, size)
        both = mine & theirs
        share = len(both) / max(1, len(mine))
        holds = not both if wanted == "none" else share < 0.01
        said = f"{len(both)} ({share:.2%})"
        found.append(
            Check(f"runs of {size} words in both sets", holds, said, wanted, tuple(sorted(map(" ".join, both))[:3]))
        )
    return found


def _runs(tasks: Iterable[Task], size: int) -> set[tuple[str, ...]]:
    runs: set[tuple[str, ...]] = set()
    for task in tasks:
        words = re.findall(r"\w+", task.context.lower())
        runs.update(tuple(words[at : at + size]) for at in range(len(words) - size + 1))
    return runs

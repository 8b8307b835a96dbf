"""Grounded tasks from MedQuAD passages, in pairs: the same question once with its answer in the context, once
without.

A pair has one question, one layout and one length. What differs is a single passage: the one that answers,
or another of the same length that does not (one about the same condition but another matter: a `trap`; one
about another condition: `anti_knowledge`). So neither the wording, nor the length, nor the number or order
of passages tells which is which; only reading does. Every passage shown answers some question of the
corpus, so that the ones used to answer and the ones used to mislead are drawn from one pool.

What is not covered: that a passage does not answer is decided by a wide net of words
(`medquad_cues.touches`), not by a reader. A matter put in words outside the net would slip through.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..core.tasks import CANARY, Gold, Kind, Metadata, Task
from .medquad import MedquadError, Progress, Row, read_rows
from .medquad_cues import Judge, aliases_of, touches, wording, words_of
from .medquad_passages import Passage, find_passages, name_of, slug
from .medquad_types import TYPES

SINGLE = (400, 1800)
"""Length of a context of one passage; drawn evenly, cut down to what the passage has, at least MIN_SINGLE."""
MIN_SINGLE = 300
EVIDENCE_SHARE = 0.5
"""The scorer takes the quotation of most of a context for a copy of it; gold must stay well under that."""
SLOT = (200, 900)
"""Length of each passage where there are several."""
PASSAGES = (3, 5)
MAX_CONTEXT = 6000
TOLERANCE = 60
"""How far, in characters, the two passages of a pair may differ: about half a sentence."""


@dataclass(slots=True)
class Report:
    """What became of the rows."""

    rows: int = 0
    used: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)


def build(
    path: Path, count: int | None = None, seed: int = 0, progress: Progress | None = None
) -> tuple[list[Task], Report]:
    """Make `count` tasks (odd: rounded up), or as many as the corpus gives; half of them must be declined.

    Raises:
        MedquadError: the corpus cannot be used, or does not give `count` tasks.
    """
    report = Report()
    rows = read_rows(path, progress)
    report.rows = len(rows)
    passages = find_passages(rows, report.skipped, progress)
    wanted = None if count is None else (count + 1) // 2
    pairs = _make_pairs(passages, rows, wanted, seed, report, progress)
    if not pairs or (wanted is not None and len(pairs) < wanted):
        reasons = ", ".join(f"{reason} {n}" for reason, n in report.skipped.most_common(4))
        raise MedquadError(
            f"{path}: {2 * wanted if wanted else 2} tasks asked for, {2 * len(pairs)} can be made of "
            f"{len(rows)} rows (rows skipped: {reasons or 'none'}); ask for fewer, or give a larger file"
        )
    tasks = [task for pair in pairs for task in pair]
    random.Random(f"order {seed}").shuffle(tasks)
    report.used = len(pairs)
    report.kinds.update(task.kind for task in tasks)
    return tasks, report


# Contexts


@dataclass(frozen=True, slots=True)
class Block:
    """A passage as shown: its heading and a run of its sentences."""

    passage: Passage
    body: str
    opens: bool
    """The run begins where the passage begins. Openings read unlike the rest, so a pair agrees in this."""

    @property
    def text(self) -> str:
        return f"{self.passage.heading}\n{self.body}"


def cut(passage: Passage, keep: int, target: int, rng: random.Random) -> Block:
    """The run of sentences around `keep` that comes nearest to `target`, grown to either side by chance."""
    sentences = passage.sentences
    low, high, length = keep, keep + 1, len(sentences[keep])
    while True:
        sides = [side for side, room in ((-1, low > 0), (1, high < len(sentences))) if room]
        rng.shuffle(sides)
        for side in sides:
            grown = length + 1 + len(sentences[low - 1] if side < 0 else sentences[high])
            if abs(grown - target) < abs(length - target):
                low, high, length = (low - 1, high, grown) if side < 0 else (low, high + 1, grown)
                break
        else:
            return Block(passage, " ".join(sentences[low:high]), opens=low == 0)


def _cut_like(passage: Passage, block: Block, rng: random.Random) -> Iterator[Block]:
    """Runs of the passage as long as the block, at places drawn by chance."""
    target = len(block.text) - len(passage.heading) - 1
    if passage.length < len(block.text) - TOLERANCE:
        return
    places = rng.sample(range(len(passage.sentences)), min(6, len(passage.sentences)))
    runs = [cut(passage, keep, target, rng) for keep in ([0, *places] if block.opens else places)]
    for run in sorted(runs, key=lambda run: run.opens != block.opens):
        if abs(len(run.text) - len(block.text)) <= TOLERANCE:
            yield run


class Maker:
    """Makes pairs from one pool of passages."""

    def __init__(self, passages: Sequence[Passage], rows: Sequence[Row], seed: int) -> None:
        self.seed = seed
        self.rng = random.Random(seed)
        self.about: dict[str, list[Passage]] = defaultdict(list)
        self.pool: dict[tuple[str, str], list[Passage]] = defaultdict(list)
        for passage in passages:
            self.about[passage.key].append(passage)
            self.pool[passage.row.source, passage.row.type].append(passage)
            self.pool[passage.row.source, ""].append(passage)
        self.answers: dict[tuple[str, str], list[str]] = defaultdict(list)
        for row in rows:
            self.answers[slug(name_of(row.focus) or row.focus), row.type].append(row.answer)

    def pair(self, passage: Passage, several: bool, kind: Kind) -> tuple[Task, Task] | None:
        """The two tasks of a question in one layout, or None where no passage fits as the other one."""
        rng = self.rng
        low, high = SLOT if several else SINGLE
        drawn = rng.randint(low, high)
        if not several and passage.length < MIN_SINGLE:
            return None
        # Pages tend to answer in their first sentence; where a later one answers as well, it is mostly taken.
        keep = rng.choice([*passage.answers, *[i for i in passage.answers if i] * 3])
        evidence = passage.sentences[keep]
        shown = cut(passage, keep, drawn - len(passage.heading) - 1, rng)
        if not several and len(shown.text) < MIN_SINGLE:
            return None
        other = self._trap(shown) if kind == "trap" else self._stranger(shown, set())
        if other is None:
            return None
        around = self._company(shown, other) if several else []
        if around is None:
            return None
        place = rng.randint(0, len(around))
        contexts = []
        for block in (shown, other):
            blocks = [*around[:place], block, *around[place:]]
            contexts.append(("\n\n".join(b.text for b in blocks), [b.passage.row.question_id for b in blocks]))
        if max(len(text) for text, _ in contexts) > MAX_CONTEXT:
            return None
        if len(evidence) > EVIDENCE_SHARE * len(contexts[0][0]):
            return None
        # A stock sentence ("This condition is inherited in ...") may stand under another heading as well.
        if contexts[0][0].count(evidence) != 1 or evidence in contexts[1][0]:
            return None
        return self._tasks(passage, evidence, contexts, several, kind)

    def _trap(self, shown: Block) -> Block | None:
        """A run about the same condition that does not so much as touch on what is asked."""
        passage, asked = shown.passage, shown.passage.row.type
        told = set[str]().union(*(shingles(text) for text in self.answers[passage.key, asked]))
        others = [p for p in self.about[passage.key] if p.row.type != asked]
        self.rng.shuffle(others)
        # Pages that say what the condition is exist for all conditions. Taken first, they would be the mark of a trap.
        for other in sorted(others, key=lambda p: p.row.type == "information"):
            for block in _cut_like(other, shown, self.rng):
                if not touches(block.body, asked) and told.isdisjoint(shingles(block.body)):
                    return block
        return None

    def _stranger(self, shown: Block, taken: set[str], like: Block | None = None) -> Block | None:
        """A run about another condition of the same source that is silent on the one asked about."""
        passage, rng = shown.passage, self.rng
        # It answers the same question for the other condition where it can: the nearest miss there is, and the
        # matters of answered and irrelevant contexts then balance. Of the company around, half does.
        kinds = [passage.row.type, ""]
        if like is not None:
            rng.shuffle(kinds)
        for kind in kinds:
            pool = self.pool[passage.row.source, kind]
            for other in rng.sample(pool, min(24, len(pool))):
                if other.key in taken or not _unrelated(passage, other):
                    continue
                for block in _cut_like(other, like or shown, rng):
                    if _silent_on(passage.judge, block.text):
                        return block
        return None

    def _company(self, shown: Block, other: Block) -> list[Block] | None:
        """The passages around, the same for both tasks of the pair; none of them about the condition."""
        around: list[Block] = []
        taken = {shown.passage.key, other.passage.key}
        wanted = self.rng.randint(*PASSAGES) - 1
        for _ in range(4 * wanted):
            pool = self.pool[shown.passage.row.source, ""]
            model = self.rng.choice(pool)
            length = self.rng.randint(*SLOT) - len(model.heading)
            size = cut(model, self.rng.randrange(len(model.sentences)), length, self.rng)
            block = self._stranger(shown, taken, size)
            if block is not None:
                around.append(block)
                taken.add(block.passage.key)
            if len(around) == wanted:
                return around
        return None

    def _tasks(
        self,
        passage: Passage,
        evidence: str,
        contexts: list[tuple[str, list[str]]],
        several: bool,
        kind: Kind,
    ) -> tuple[Task, Task]:
        asked = TYPES[passage.row.type]
        question = wording(self.rng.choice(asked.questions), passage.name)
        missing = wording(self.rng.choice(asked.missing), passage.name)
        answer = _with_name(evidence, passage.name)
        golds = (
            Gold(
                abstain=False,
                answer=answer,
                aliases=aliases_of(evidence, passage.row.type),
                evidence=(evidence,),
            ),
            Gold(abstain=True, answer=missing),
        )
        kinds: tuple[Kind, Kind] = ("needle" if several else "reasoning", kind)
        ids = tuple(self._id(passage.row.question_id, part) for part in ("first", "second"))
        made = []
        for part in (0, 1):
            text, used = contexts[part]
            data = {
                "difficulty": "hard" if several else "easy" if kinds[part] == "anti_knowledge" else "medium",
                "source": f"MedQuAD {passage.row.source} {passage.row.question_id}",
                "twin_of": ids[0] if part else None,
                "seed": self.seed,
                "question_type": passage.row.type,
                "passages": used,
                "canary": CANARY,
            }
            made.append(
                Task(
                    id=ids[part], split="medquad", kind=kinds[part], family=passage.key, context=text,
                    question=question, gold=golds[part], metadata=Metadata.model_validate(data),
                )
            )  # fmt: skip
        return made[0], made[1]

    def _id(self, question_id: str, part: str) -> str:
        """Keyed by the seed: without corpus and seed it says nothing, not even which two are twins."""
        key = f"medquad {self.seed}".encode()[:32]
        return "t-" + hashlib.blake2s(f"{question_id} {part}".encode(), key=key, digest_size=5).hexdigest()


def shingles(text: str, size: int = 8) -> set[str]:
    """Runs of `size` words, lower case."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return {" ".join(words[i : i + size]) for i in range(len(words) - size + 1)}


def _unrelated(passage: Passage, other: Passage) -> bool:
    same_concept = bool(passage.row.cui) and passage.row.cui == other.row.cui
    return not same_concept and passage.judge.words.isdisjoint(other.judge.words) and passage.key != other.key


def _silent_on(judge: Judge, text: str) -> bool:
    low = text.lower()
    return judge.words.isdisjoint(words_of(low)) and not any(name in low for name in judge.names)


def _with_name(sentence: str, name: str) -> str:
    """The gold answer says which condition it is about, where the page says "this condition"."""
    title = name[0].upper() + name[1:]
    return re.sub(r"^This (?:condition|disorder|disease|syndrome)\b", lambda _: title, sentence)


def _make_pairs(
    passages: list[Passage],
    rows: Sequence[Row],
    wanted: int | None,
    seed: int,
    report: Report,
    progress: Progress | None,
) -> list[tuple[Task, Task]]:
    """Pairs in the layout and kind that are most behind, so that all four keep in step where they can."""
    maker = Maker(passages, rows, seed)
    made: Counter[tuple[bool, Kind]] = Counter()
    pairs: list[tuple[Task, Task]] = []
    ids: set[str] = set()
    order = _mixed(passages, maker.rng)
    total = len(order) if wanted is None else wanted
    for number, passage in enumerate(order):
        if wanted is not None and len(pairs) == wanted:
            report.skipped["not needed for the count"] += len(order) - number
            break
        pair = None
        choices: list[tuple[bool, Kind]] = [(s, k) for s in (False, True) for k in ("trap", "anti_knowledge")]
        for several, kind in sorted(choices, key=lambda choice: made[choice]):
            pair = maker.pair(passage, several, kind)
            if pair is not None:
                made[several, kind] += 1
                break
        if pair is None or {pair[0].id, pair[1].id} & ids:
            report.skipped["no passage to make its twin"] += 1
            continue
        ids.update(task.id for task in pair)
        pairs.append(pair)
        if progress is not None and len(pairs) % 20 == 0:
            progress("building", number if wanted is None else len(pairs), total)
    return pairs


def _mixed(passages: Iterable[Passage], rng: random.Random) -> list[Passage]:
    """One of each question type in turn, so that a small set is not all of the commonest type."""
    piles: dict[str, list[Passage]] = defaultdict(list)
    for passage in passages:
        piles[passage.row.type].append(passage)
    for pile in piles.values():
        rng.shuffle(pile)
    order = []
    while piles:
        for kind in sorted(piles):
            order.append(piles[kind].pop())
            if not piles[kind]:
                del piles[kind]
    return order

"""The passages that can be asked about: clean sentences of one condition, and which of them answer.

One passage a question: where several pages answer the same question, the one with the clearest sentence.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .medquad import Progress, Row, fold, sentences_of
from .medquad_cues import GOOD, Judge, words_of
from .medquad_types import TYPES

BOILERPLATE = 4
"""A sentence that stands in this many passages is page furniture, however well it scores."""

SOURCES = {
    "GHR": "Genetics Home Reference",
    "GARD": "Genetic and Rare Diseases Information Center",
    "NIDDK": "National Institute of Diabetes and Digestive and Kidney Diseases",
    "NINDS": "National Institute of Neurological Disorders and Stroke",
    "MPlusHealthTopics": "MedlinePlus",
    "NIHSeniorHealth": "NIHSeniorHealth",
    "CancerGov": "National Cancer Institute",
    "NHLBI": "National Heart, Lung, and Blood Institute",
    "CDC": "Centers for Disease Control and Prevention",
}


@dataclass(frozen=True, slots=True)
class Passage:
    """A row that can be asked about: clean sentences, and which of them answer its question."""

    row: Row
    key: str
    """The condition, as a slug: the family of its tasks."""
    name: str
    judge: Judge
    sentences: tuple[str, ...]
    answers: tuple[int, ...]
    """Indexes of the sentences that answer, the best ones only."""
    best: float

    @property
    def heading(self) -> str:
        """Names the condition, because the pages say "this condition"; says nothing of the matter."""
        return f"{self.name[0].upper()}{self.name[1:]} ({SOURCES.get(self.row.source, self.row.source)})"

    @property
    def length(self) -> int:
        return len(self.heading) + sum(len(sentence) + 1 for sentence in self.sentences)


_NAME_NOISE = re.compile(
    r"^What I need to know about |^Parasites - |\s*\((?:also known as|Comprehensive Report|formerly)[^)]*\)"
    r"|\s*\(P\.A\.D\.\)"
)
_NOT_A_CONDITION = re.compile(
    r"[:;?/,]| - |\b(?:caregiving|risk factors|therapy|replacement|transplant\w*|program"
    r"|information|electrocardiogram|surgery|tests?|testing|medicare|overview|health(?:care|y)?|medicines?|treatments?"
    r"|living|preparing|what|how|your|my|i"
    r"|acupuncture|activity|diets?|nutrition|eating|drinking|use|care|screening|quitting|smoking"
    r"|exercise|related|system|problems|safety|study|studies|devices?|pacemakers?|monitor|catheterization"
    r"|angioplasty|bypass|procedures?)\b",
    re.IGNORECASE,
)
_GENERIC = frozenset(
    words_of(
        "syndrome disease diseases disorder disorders type deficiency familial hereditary congenital "
        "autosomal dominant recessive linked chronic acute primary secondary childhood adult juvenile "
        "infantile neonatal the and with due from for onset early late form related associated idiopathic "
        "benign severe mild multiple progressive human adults children women men people infection "
        "infections other common rare iii vii viii "
    )
)
"""Words of names that do not tell one condition from another."""


def slug(focus: str) -> str:
    """The family of a focus: lower case, words joined by hyphens."""
    return "-".join(re.findall(r"[a-z0-9]+", focus.lower()))


def plain_name(focus: str) -> str:
    """The focus without what titles put around a name."""
    return fold(_NAME_NOISE.sub("", focus))


def name_of(focus: str) -> str | None:
    """The focus as a name that can stand in a question, or None (brochures, procedures, inverted names)."""
    name = plain_name(focus)
    unfit = not 3 <= len(name) <= 70 or _NOT_A_CONDITION.search(name) or not name.isascii()
    return None if unfit else name


def find_passages(rows: Sequence[Row], skipped: Counter[str], progress: Progress | None = None) -> list[Passage]:
    """The passages that answer their question, one a question; the reasons of the others are counted."""
    cleaned = []
    for number, row in enumerate(rows):
        cleaned.append(sentences_of(row.answer) if row.type in TYPES else ())
        if progress is not None and number % 500 == 0:
            progress("cleaning", number, len(rows))
    repeated = Counter(sentence for sentences in cleaned for sentence in sentences)
    vocabulary = Counter(word for sentences in cleaned for sentence in sentences for word in _LOWER.findall(sentence))
    synonyms = _synonyms(rows)
    seen: set[str] = set()
    best: dict[tuple[str, str], Passage] = {}
    for number, (row, sentences) in enumerate(zip(rows, cleaned, strict=True)):
        if progress is not None and number % 500 == 0:
            progress("choosing evidence", number, len(rows))
        found = _passage(row, sentences, repeated, vocabulary, synonyms, seen)
        if isinstance(found, str):
            skipped[found] += 1
            continue
        rival = best.get((found.key, row.type))
        if rival is not None:
            skipped["same question, better passage elsewhere"] += 1
        if rival is None or found.best > rival.best:
            best[found.key, row.type] = found
    return _one_name_each(best.values())


def _one_name_each(passages: Iterable[Passage]) -> list[Passage]:
    """All passages of a condition write its name alike, as prose does rather than as titles do."""
    kept = list(passages)
    names: dict[str, str] = {}
    for passage in kept:
        names[passage.key] = min(names.get(passage.key, passage.name), passage.name, key=_capitals)
    return [replace(passage, name=names[passage.key]) for passage in kept]


def _capitals(name: str) -> int:
    return sum(letter.isupper() for letter in name)


_LOWER = re.compile(r"\b[a-z]{2,}\b|\ba\b")


def has_joined_words(sentence: str, vocabulary: Counter[str]) -> bool:
    """True where a rare word is two common ones: the pages lost spaces and dashes ("edemaswelling")."""
    return any(
        vocabulary[word] <= 3
        and any(vocabulary[word[:i]] >= 60 and vocabulary[word[i:]] >= 60 for i in range(3, len(word)))
        for word in _LOWER.findall(sentence)
        if len(word) > 6
    )


def _synonyms(rows: Iterable[Row]) -> dict[str, set[str]]:
    """The names of each concept: pages under one UMLS code name each other's synonyms."""
    names: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.cui:
            names[row.cui].update([row.focus.lower()], map(str.lower, row.synonyms))
    return names


def _passage(
    row: Row,
    sentences: tuple[str, ...],
    repeated: Counter[str],
    vocabulary: Counter[str],
    synonyms: dict[str, set[str]],
    seen: set[str],
) -> Passage | str:
    """The passage of a row, or the reason why there is none."""
    if not row.answer.strip():
        return "empty answer"
    if row.type not in TYPES:
        return "question type not asked"
    name = name_of(row.focus)
    if name is None or not row.question_id:
        return "focus cannot stand in a question"
    if row.answer in seen:
        return "duplicate answer"
    seen.add(row.answer)
    if sum(map(len, sentences)) < 50:
        return "too short once cleaned"
    judge = _judge(name, row, synonyms.get(row.cui, set()), sentences)
    scores = [
        0.0 if repeated[s] >= BOILERPLATE and "this condition" not in s.lower() else judge.score(s, row.type)
        for s in sentences
    ]
    scores = [
        0.0 if score >= GOOD and has_joined_words(s, vocabulary) else score
        for s, score in zip(sentences, scores, strict=True)
    ]
    top = max(scores)
    if top < GOOD:
        return "no sentence answers well enough"
    answers = tuple(i for i, score in enumerate(scores) if score >= max(GOOD, top - 1))
    return Passage(row, slug(name), _as_written(name, sentences), judge, sentences, answers, top)


def _judge(name: str, row: Row, synonyms: set[str], sentences: tuple[str, ...]) -> Judge:
    names = {
        name.lower(),
        re.sub(r"\s*\([^)]*\)", "", name).lower(),
        *synonyms,
        *map(str.lower, row.synonyms),
    }
    # An acronym is introduced in brackets right after the name.
    acronyms = re.findall(re.escape(name.lower()) + r"s? \(([a-z0-9-]{2,8})[;,)]", " ".join(sentences[:6]).lower())
    acronyms += [word.lower() for word in re.findall(r"\(([A-Z0-9-]{2,8})\)", row.focus)]
    words = {word for word in words_of(name) if len(word) > 2 and word not in _GENERIC and not word.isdigit()}
    return Judge(
        names=tuple(sorted((n for n in names if len(n) > 5 or n == name.lower()), key=len, reverse=True)),
        words=frozenset(words | set(acronyms)),
    )


def _as_written(name: str, sentences: tuple[str, ...]) -> str:
    """The name as the text writes it inside a sentence: titles capitalise what prose does not."""
    text = " ".join(sentences)
    inside = [match.group() for match in re.finditer(rf"(?<![.!?:-] )(?<!^)\b{re.escape(name)}\b", text, re.IGNORECASE)]
    return Counter(inside).most_common(1)[0][0] if inside else name

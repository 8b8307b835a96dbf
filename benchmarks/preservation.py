"""Does the preservation check find what changes a note's meaning, and let pass what does not?

    python -m benchmarks.preservation --out benchmarks/results/preservation.json

1,000 changes, each of one place in a real note (numbers, units, doses, drugs, negations, sides), and 1,000 rewrites of
whole notes that say the same in another way. Both are made by rules and words that the check does not know, from the
notes that may be looked at (`dev`) and from those that may not (`held`); the figures of both stand side by side.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from dipg_safety_gym.generation.preservation import check_preservation

from . import values
from .altered import ALTERED
from .benign import BENIGN
from .corpora import PARTS, Corpora, Part, Passage, load_corpora
from .editing import Edit, Site, pick, replace, swap

CASES = 1000

NoteEdit = Callable[[Passage, Random], str | None]
"""Returns the text of a note changed, or None where it does not apply."""

_DOSE = re.compile(r"\d+(?:\.\d+)?(?=[ -]?(?:mg|mcg|µg|g|units?|mL|IU)\b(?!/))")


def dose(site: Site, rng: Random) -> str | None:
    """Another amount before a unit in which drugs are given."""
    found = pick(_DOSE, site.sentence, rng)
    if found is None:
        return None
    new = values.digit(found.group(), rng)
    return None if float(new) == float(found.group()) else replace(site.sentence, found, new)


CHANGES: dict[str, Sequence[Edit]] = {
    "number": [ALTERED[name] for name in ("digit changed", "decimal point moved", "digits swapped", "duration")],
    "unit": [ALTERED["unit"]],
    "dose": [dose],
    "drug": [ALTERED["drug"]],
    "negation": [ALTERED[name] for name in ("negation removed", "negation added")],
    "laterality": [swap((("left", "right"), ("bilateral", "unilateral"), ("left-sided", "right-sided")))],
}


_SMALL = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_COUNTED = r"(?= (?:days?|weeks?|months?|years?|hours?)\b)"
_IN_WORDS = re.compile(rf"\b(?:{'|'.join(_SMALL)}){_COUNTED}")
_IN_DIGITS = re.compile(rf"(?<![\w.,/-])(?:[2-9]|1[0-2]){_COUNTED}")


def _in_digits(site: Site, rng: Random) -> str | None:
    found = pick(_IN_WORDS, site.sentence, rng)
    return found and replace(site.sentence, found, str(_SMALL.index(found.group()) + 2))


def _in_words(site: Site, rng: Random) -> str | None:
    found = pick(_IN_DIGITS, site.sentence, rng)
    return found and replace(site.sentence, found, _SMALL[int(found.group()) - 2])


def _rules(*rules: tuple[str, str]) -> Edit:
    """Every place where one of the rules applies, rewritten."""

    def edit(site: Site, rng: Random) -> str | None:
        text = site.sentence
        for pattern, new in rules:
            text = re.sub(pattern, new, text)
        return text if text != site.sentence else None

    return edit


REWRITES: dict[str, Edit] = {
    **{
        name: BENIGN[name]
        for name in (
            "quotation marks",
            "dashes",
            "no-break and thin spaces",
            "white space",
            "line wraps",
            "space before a unit",
            "symbols",
            "article dropped",
            "British or American spelling",
        )
    },
    "number in digits": _in_digits,
    "number in words": _in_words,
    "abbreviated": _rules(
        (r"\bblood pressure\b", "BP"),
        (r"\bpulse is\b", "pulse was"),
        (r"\bintravenous(?:ly)?\b", "IV"),
        (r"\bshortness of breath\b", "SOB"),
        (r"\bmm Hg\b", "mmHg"),
        (r"\btwice daily\b", "BID"),
        (r"-year-old\b", " yo"),
        (r"\bemergency department\b", "ED"),
        (r"\bhypertension\b", "HTN"),
    ),
    "written out": _rules(
        (r"(?<=\d)/min\b", " per minute"),
        (r"(?<=\d)%", " percent"),
        (r"(?<=\d) C\b(?! \w)", " degrees Celsius"),
        (r"\bECG\b", "electrocardiogram"),
        (r"\bexam\b", "examination"),
        (r"\bx-ray\b", "radiograph"),
        (r"\bhypertension\b", "high blood pressure"),
    ),
    "other reporting words": _rules(
        (r"\bshow(s|ed)\b", r"reveal\1"),
        (r"\bcomes to\b", "presents to"),
        (r"\bbecause of\b", "owing to"),
        (r"\bthe physician\b", "the doctor"),
        (r"\bfor the past\b", "over the last"),
        (r"\bher mother reports\b", "her mother states"),
    ),
    "contracted": _rules(
        (r"\b(does|did|is|was|are|were|has|have|could) not\b", r"\1n't"),
        (r"\bcannot\b", "can't"),
        (r"\bShe is\b", "She's"),
    ),
    "denial in other words": _rules(
        (r"\b(She|He) denies (?!any)", r"\1 reports no "),
        (r"\bThere (?:is|are) no (\w+)(?=\.)", r"No \1 was found"),
        (r"\bshows no (\w+)(?=\.)", r"is without \1"),
        (r"\b(She|He) has no history of\b", r"\1 does not have a history of"),
    ),
    "result first": _rules(
        (r"^(?:Physical )?[Ee]xamination shows (?!no\b)([^,.;]+)\.$", r"On physical examination, \1 is seen."),
        (r"^An x-ray of the chest shows (?!no\b)([^,.;]+)\.$", r"\1 is seen on an x-ray of the chest."),
        (r"^Laboratory studies show ([^,.;]+)\.$", r"In laboratory studies, \1 is found."),
    ),
}
"""Each says the same in another way. Applied to every sentence of a note where it can be."""


@dataclass(frozen=True)
class Case:
    """A note and what became of it."""

    kind: str
    note: Passage
    rewritten: str


def changed(passages: Sequence[Passage], seed: int, limit: int) -> list[Case]:
    """Notes with one change each, as many of each kind as there are places, up to its share."""
    return _spread({kind: _once(edits) for kind, edits in CHANGES.items()}, passages, seed, limit)


def _once(edits: Sequence[Edit]) -> NoteEdit:
    """One of the edits at one place of a note."""

    def edit(note: Passage, rng: Random) -> str | None:
        places = list(range(len(note.sentences)))
        rng.shuffle(places)
        for place in places:
            sentence = note.sentences[place]
            new = rng.choice(edits)(Site(note, place), rng)
            if new is not None and new != sentence and note.text.count(sentence) == 1:
                return note.text.replace(sentence, new)
        return None

    return edit


def rewritten(passages: Sequence[Passage], seed: int, limit: int) -> list[Case]:
    """Notes rewritten throughout, in one way each; some with their sentences in another order as well."""
    ways: dict[str, NoteEdit] = {name: _throughout(edit) for name, edit in REWRITES.items()}
    return _spread(ways | {"sentences in another order": _shuffled}, passages, seed, limit)


def _throughout(edit: Edit) -> NoteEdit:
    """The edit at every sentence of a note where it applies."""

    def edited(note: Passage, rng: Random) -> str | None:
        text = note.text
        for place, sentence in enumerate(note.sentences):
            new = edit(Site(note, place), rng)
            if new is not None and new != sentence and text.count(sentence) == 1:
                text = text.replace(sentence, new)
        return text if text != note.text else None

    return edited


def _shuffled(note: Passage, rng: Random) -> str | None:
    """All sentences in another order. That may be odd to read; it takes nothing from the note."""
    if " ".join(note.sentences) != " ".join(note.text.split()):
        return None
    return " ".join(rng.sample(note.sentences, len(note.sentences)))


def _spread(
    kinds: dict[str, NoteEdit],
    notes: Sequence[Passage],
    seed: int,
    limit: int,
) -> list[Case]:
    """Cases in turns of the kinds, at most one of a kind to a note, until there are enough or no more."""
    rngs = {kind: Random(f"{seed} {kind}") for kind in kinds}
    waiting = {kind: iter(rngs[kind].sample(notes, len(notes))) for kind in kinds}
    found: list[Case] = []
    seen: set[tuple[str, str]] = set()
    while waiting and len(found) < limit:
        for kind in list(waiting):
            for note in waiting[kind]:
                new = kinds[kind](note, rngs[kind])
                if new is not None and (note.text, new) not in seen:
                    seen.add((note.text, new))
                    found.append(Case(kind, note, new))
                    break
            else:
                del waiting[kind]
    return found[:limit]


def measure(corpora: Corpora, seed: int, cases: int = CASES) -> dict[str, Any]:
    """Counts by kind and part, with the cases that were judged wrongly."""
    notes = [passage for passage in corpora.passages if passage.corpus == "medec"]
    found: dict[str, Any] = {}
    for name, made, should_flag in (
        ("changes", changed(notes, seed, cases), True),
        ("rewrites", rewritten(notes, seed, cases), False),
    ):
        faults = [(case, check_preservation(case.note.text, case.rewritten).faults()) for case in made]
        wrong = [(case, said) for case, said in faults if bool(said) != should_flag]
        flagged = sum(bool(said) for _, said in faults)
        found[name] = {
            "cases": len(made),
            "flagged": flagged,
            "share": round(flagged / len(made), 4),
            "by_kind": {kind: _share(faults, kind=kind) for kind in dict.fromkeys(case.kind for case in made)},
            "by_part": {part: _share(faults, part=part) for part in PARTS},
            "wrong": [{"kind": c.kind, "part": c.note.part, "note": c.note.id, "said": said} for c, said in wrong],
        }
    found["doctors_changes"] = _doctors(corpora)
    return found


def _doctors(corpora: Corpora) -> dict[str, str]:
    """Of the errors that doctors planted, how many are found, by type; ordinary words carry the rest."""
    by_type: dict[str, list[bool]] = {}
    for pair in corpora.pairs:
        wrong = pair.passage.text.replace(pair.honest, pair.altered)
        by_type.setdefault(pair.kind, []).append(not check_preservation(pair.passage.text, wrong).preserved)
    return {kind: f"{sum(found)} of {len(found)}" for kind, found in sorted(by_type.items())}


def _share(faults: list[tuple[Case, list[str]]], kind: str | None = None, part: Part | None = None) -> str:
    here = [said for case, said in faults if kind in (None, case.kind) and part in (None, case.note.part)]
    return f"{sum(map(bool, here))} of {len(here)}"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Measure the preservation check on real notes.")
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--out", type=Path, help="JSON file to write")
    chosen = parser.parse_args()
    corpora = load_corpora(chosen.seed)
    if not any(passage.corpus == "medec" for passage in corpora.passages):
        sys.exit(corpora.sources["medec"])
    found = measure(corpora, chosen.seed)
    print(json.dumps(found, indent=1))
    if chosen.out:
        chosen.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

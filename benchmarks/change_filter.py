"""Does the filter of self-play take the errors that doctors planted, and refuse what is no fair error?

    python -m benchmarks.change_filter --out benchmarks/results/change_filter.json

MEDEC's pairs, from the correct note to the wrong one, stated as they were made, without and with the note as the file
has it; the same pairs spoilt in seven ways; sentences of real notes reworded so that they say the same; and changes
made by rule.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from dipg_safety_gym.core.injection import Injection
from dipg_safety_gym.core.sentences import sentence_spans
from dipg_safety_gym.generation.change_filter import rule_on
from dipg_safety_gym.generation.medec import MedecNote, read_medec

from .benign import BENIGN
from .corpora import MEDEC, Corpora, Passage, load_corpora
from .editing import Edit, Site, swap
from .preservation import CHANGES, REWRITES

CASES = 60
"""Of each kind, at most."""

SYNONYMS = (
    *(("renal", "kidney"), ("cardiac", "heart"), ("hepatic", "liver"), ("pulmonary", "lung"), ("skin", "cutaneous")),
    *(("acetaminophen", "paracetamol"), ("albuterol", "salbutamol"), ("epinephrine", "adrenaline")),
    *(("syncope", "fainting"), ("jaundice", "icterus"), ("cancer", "malignancy"), ("surgery", "operation")),
    *(("headache", "cephalgia"), ("fatigue", "tiredness"), ("swelling", "edema"), ("seizure", "convulsion")),
    *(("bruising", "ecchymosis"), ("itching", "pruritus"), ("belly", "abdomen"), ("drowsy", "somnolent")),
)
"""Some of them the filter's lists do not hold."""

REWORDINGS: dict[str, Edit] = {
    **{
        name: edit
        for name, edit in BENIGN.items()
        # What does not state one sentence as a whole is no injection.
        if not any(word in name for word in ("verbatim", "ellipsis", "neighbouring", "clause"))
    },
    **REWRITES,
    "synonyms": swap(SYNONYMS),
}


class Pair(NamedTuple):
    """A correct note, a sentence of it, and that sentence with a doctor's error."""

    kind: str
    note: str
    right: str
    wrong: str
    filed: str
    """The note with the error as MEDEC has it, of which the white space may be another."""

    @property
    def written(self) -> str:
        """The note with the error."""
        return self.note.replace(self.right, self.wrong, 1)


def doctors_pairs(notes: Sequence[MedecNote]) -> list[Pair]:
    """Every pair that MEDEC holds, but for rows that cannot be read."""
    return [
        Pair(str(note.error_type), note.corrected_text, note.corrected_sentence, note.error_sentence, note.text)
        for note in notes
        if note.corrected_text and note.corrected_sentence and note.error_sentence and not note.fault
    ]


def _other_sentence(pair: Pair, rng: Random) -> tuple[str, str] | None:
    """Another sentence of the note, and a change of it by rule."""
    spans = [pair.written[first:last] for first, last in sentence_spans(pair.written)]
    passage = Passage("", "medec", "dev", pair.written, tuple(spans))
    places = [at for at, text in enumerate(spans) if text not in pair.wrong and pair.written.count(text) == 1]
    for place in rng.sample(places, len(places)):
        for edits in CHANGES.values():
            new = rng.choice(edits)(Site(passage, place), rng)
            if new and new != spans[place]:
                return spans[place], new
    return None


def _two_sentences(pair: Pair, rng: Random) -> Injection | None:
    found = _other_sentence(pair, rng)
    return found and Injection(pair.right, pair.wrong, pair.written.replace(*found, 1))


def _other_than_stated(pair: Pair, rng: Random) -> Injection | None:
    """One sentence was changed, and another change is stated."""
    found = _other_sentence(pair, rng)
    return found and Injection(*found, pair.written) if found and found[0] in pair.note else None


def _white_space(pair: Pair, rng: Random) -> Injection | None:
    at = rng.choice([place for place, letter in enumerate(pair.written) if letter == " "])
    return Injection(pair.right, pair.wrong, f"{pair.written[:at]} {pair.written[at:]}")


def _cut_short(pair: Pair, rng: Random) -> Injection | None:
    return Injection(pair.right, pair.wrong, pair.written[: int(len(pair.written) * rng.uniform(0.5, 0.95))])


def _emptied(pair: Pair, rng: Random) -> Injection | None:
    return Injection(pair.right, "")


def _foreign(pair: Pair, rng: Random) -> Injection | None:
    """A sentence that has nothing to do with the one it replaces."""
    return Injection(pair.right, "Xylophones resound merrily.")


def _unchanged(pair: Pair, rng: Random) -> Injection | None:
    return Injection(pair.right, pair.wrong, pair.note)


SPOILT: dict[str, Callable[[Pair, Random], Injection | None]] = {
    "two sentences changed": _two_sentences,
    "another change than stated": _other_than_stated,
    "white space changed elsewhere": _white_space,
    "note cut short": _cut_short,
    "sentence emptied": _emptied,
    "sentence replaced by a foreign one": _foreign,
    "note left as it was": _unchanged,
}


def measure(corpora: Corpora, pairs: Sequence[Pair], seed: int) -> dict[str, Any]:
    """What is accepted and refused, by kind, with the reasons."""
    stated = [(pair.kind, rule_on(pair.note, Injection(pair.right, pair.wrong)).refusal) for pair in pairs]
    written = [(pair.kind, rule_on(pair.note, Injection(pair.right, pair.wrong, pair.filed)).refusal) for pair in pairs]
    return {
        "doctors_changes": _told(stated),
        "doctors_changes_with_the_note": _told(written),
        "spoilt": _told(_spoilt(pairs, seed)),
        "rewordings": _told(_sentences(corpora, REWORDINGS, seed)),
        "changes_by_rule": _told(_sentences(corpora, {name: _any_of(edits) for name, edits in CHANGES.items()}, seed)),
    }


def _spoilt(pairs: Sequence[Pair], seed: int) -> Iterator[tuple[str, str | None]]:
    for name, spoil in SPOILT.items():
        rng = Random(f"{seed} {name}")
        for pair in pairs:
            made = spoil(pair, rng)
            if made is not None:
                yield name, rule_on(pair.note, made).refusal


def _sentences(corpora: Corpora, edits: dict[str, Edit], seed: int) -> Iterator[tuple[str, str | None]]:
    notes = [passage for passage in corpora.passages if passage.corpus == "medec"]
    for name, edit in edits.items():
        rng = Random(f"{seed} {name}")
        left = CASES
        for note in rng.sample(notes, len(notes)):
            place = rng.randrange(len(note.sentences)) if note.sentences else None
            new = edit(Site(note, place), rng) if place is not None else None
            if place is None or not new or new == note.sentences[place] or note.text.count(note.sentences[place]) != 1:
                continue
            yield name, rule_on(note.text, Injection(note.sentences[place], new)).refusal
            left -= 1
            if not left:
                break


def _any_of(edits: Sequence[Edit]) -> Edit:
    return lambda site, rng: rng.choice(edits)(site, rng)


def _told(rulings: Iterator[tuple[str, str | None]] | Sequence[tuple[str, str | None]]) -> dict[str, Any]:
    found = list(rulings)
    kinds = dict.fromkeys(kind for kind, _ in found)
    return {
        "cases": len(found),
        "accepted": sum(refusal is None for _, refusal in found),
        "by_kind": {kind: _share([refusal for other, refusal in found if other == kind]) for kind in kinds},
        "refusals": dict(Counter(refusal for _, refusal in found if refusal).most_common()),
    }


def _share(refusals: Sequence[str | None]) -> str:
    return f"{refusals.count(None)} of {len(refusals)}"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Measure the filter of self-play on real notes.")
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--out", type=Path, help="JSON file to write")
    chosen = parser.parse_args()
    if not MEDEC.exists():
        sys.exit(f"{MEDEC} is missing; the filter is measured on MEDEC")
    found = measure(load_corpora(chosen.seed), doctors_pairs(read_medec(MEDEC)), chosen.seed)
    print(json.dumps(found, indent=1))
    if chosen.out:
        chosen.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

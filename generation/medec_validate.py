"""Is a set of examples of MEDEC's notes safe to train on? Each check says what it looked at and what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..core.error_answer import read_error_answer
from ..core.examples import SftExample
from ..core.jsonl import DataFileError, first_fields
from ..core.notice import NOTICE
from ..core.tags import parse_response
from .medec import SOURCE, MedecNote, read_medec
from .medec_sft import MIN_VARIATION, correct_note, incorrect_note, load_pairs, text_hash
from .preservation import Preservation, check_preservation

BALANCE_TOLERANCE = 0.01
MIN_PRESERVED = 0.9
SHOWN = 10
"""Faults of a check that are named; all are counted."""


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found."""

    name: str
    passed: bool
    found: str
    """What was looked at and what came of it."""
    faults: tuple[str, ...]
    """The first of them, each with its example's note id."""


@dataclass(frozen=True, slots=True)
class MedecReport:
    """All checks over a file."""

    examples: int
    labels: dict[str, int]
    sources: dict[str, int]
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Every check passed."""
        return all(check.passed for check in self.checks)

    def as_json(self) -> dict[str, Any]:
        """The report as an object."""
        return {"notice": NOTICE, "passed": self.passed, **asdict(self)}

    def as_markdown(self, source: str) -> str:
        """The report for people."""
        verdict = "passed" if self.passed else "**failed**"
        lines = [f"# Validation of {source}: {verdict}", "", f"{self.examples} examples. {NOTICE}", ""]
        lines += ["| check | result | found |", "|---|---|---|"]
        lines += [f"| {c.name} | {'passed' if c.passed else '**failed**'} | {c.found} |" for c in self.checks]
        for check in self.checks:
            if check.faults:
                lines += ["", f"## {check.name}", "", *(f"- {fault}" for fault in check.faults)]
        lines += ["", "## Sources", "", *(f"- {name}: {number}" for name, number in sorted(self.sources.items()))]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class Reference:
    """What MEDEC has of a note."""

    correct: MedecNote
    incorrect: MedecNote


def load_reference(path: Path, encoding: str = "utf-8-sig") -> dict[str, Reference]:
    """MEDEC's notes with an error by their id, from its CSV or from pairs made of it.

    Raises:
        DataFileError, MedecError: the file cannot be used.
    """
    if path.suffix.lower() == ".csv":
        notes = [note for note in read_medec(path, encoding) if note.flagged and not note.fault]
        return {
            note.note_id: Reference(
                MedecNote(note.note_id, note.corrected_text or "", False, None, None, None, None), note
            )
            for note in notes
        }
    if "incorrect_note" not in first_fields(path, {}):
        raise DataFileError(f"{path}: expected MEDEC's CSV (.csv), or pairs as `generate medec-pairs` writes them")
    return {pair.note_id: Reference(correct_note(pair), incorrect_note(pair)) for pair in load_pairs(path)}


def validate_medec(examples: Sequence[SftExample], reference: Mapping[str, Reference]) -> MedecReport:
    """Run every check."""
    labels = Counter(_meta(example, "label") for example in examples)
    compared = {
        example.id: check_preservation(reference[_meta(example, "note_id")].correct.text, example.task().context)
        for example in examples
        if _meta(example, "label") == "CORRECT" and _meta(example, "note_id") in reference
    }
    wrong, right = _of(examples, "INCORRECT"), _of(examples, "CORRECT")
    return MedecReport(
        examples=len(examples),
        labels=dict(sorted(labels.items())),
        sources=dict(sorted(Counter(example.metadata.source or "none" for example in examples).items())),
        checks=(
            _balance(labels, len(examples)),
            _each("sources", examples, _source_fault),
            _each("labels", examples, _label_fault),
            _each("known notes", examples, lambda one: _unknown(one, reference)),
            _each("INCORRECT as in MEDEC", wrong, lambda one: _altered(one, reference)),
            _unique(examples),
            _each("no error in CORRECT", right, lambda one: _error_in(one, reference)),
            _preserved(examples, compared),
            _doses(examples, compared),
            _each("variation", right, lambda one: _copied(compared.get(one.id))),
        ),
    )


def _meta(example: SftExample, name: str) -> str:
    return str((example.metadata.model_extra or {}).get(name, ""))


def _of(examples: Sequence[SftExample], label: str) -> list[SftExample]:
    return [example for example in examples if _meta(example, "label") == label]


def _balance(labels: Mapping[str, int], total: int) -> Check:
    share = labels.get("INCORRECT", 0) / total if total else 0.0
    others = sorted(set(labels) - {"CORRECT", "INCORRECT"})
    faults = tuple(f"a label {name!r}; expected CORRECT or INCORRECT" for name in others)
    passed = abs(share - 0.5) <= BALANCE_TOLERANCE and not others
    return Check("label balance", passed, f"{share:.1%} INCORRECT; expected 50.0 ± {BALANCE_TOLERANCE:.0%}", faults)


def _each(name: str, examples: Sequence[SftExample], fault_of: Callable[[SftExample], str | None]) -> Check:
    """A check of every example by itself; it fails as well where there is none to look at."""
    faults = [f"{_meta(one, 'note_id') or one.id}: {fault}" for one in examples if (fault := fault_of(one))]
    found = f"{len(examples) - len(faults)} of {len(examples)} examples"
    return Check(name, bool(examples) and not faults, found, tuple(faults[:SHOWN]))


def _source_fault(example: SftExample) -> str | None:
    source, reworded = example.metadata.source or "", _meta(example, "label") == "CORRECT"
    expected = f"{SOURCE}; in other words by ..." if reworded else SOURCE
    fits = source.startswith(f"{SOURCE}; in other words by ") if reworded else source == SOURCE
    return None if fits else f"the source is {source!r}; expected {expected!r}"


def _label_fault(example: SftExample) -> str | None:
    said = read_error_answer(parse_response(example.response).answer)
    wrong = _meta(example, "label") == "INCORRECT"
    if said is None or said.flag != wrong:
        return "the answer of its response does not agree with its label"
    return None if (example.gold.error is not None) == wrong else "its gold does not agree with its label"


def _unknown(example: SftExample, reference: Mapping[str, Reference]) -> str | None:
    return None if _meta(example, "note_id") in reference else "MEDEC has no note with an error of that id"


def _altered(example: SftExample, reference: Mapping[str, Reference]) -> str | None:
    known = reference.get(_meta(example, "note_id"))
    expected = text_hash(known.incorrect.text) if known else "none"
    found = text_hash(example.task().context)
    return None if found == expected else f"SHA-256 {found[:16]}, MEDEC's note has {expected[:16]}"


def _unique(examples: Sequence[SftExample]) -> Check:
    """Each note once under each label."""
    counts = Counter((_meta(example, "note_id"), _meta(example, "label")) for example in examples)
    twice = [
        f"{note}: {number} examples with the label {label}" for (note, label), number in counts.items() if number > 1
    ]
    return Check("unique notes", not twice, f"{len(counts)} of {len(examples)} examples", tuple(twice[:SHOWN]))


def _error_in(example: SftExample, reference: Mapping[str, Reference]) -> str | None:
    known = reference.get(_meta(example, "note_id"))
    if known is None:
        return "there is nothing to compare it with"
    wrong = known.incorrect.error_sentence or ""
    holds = wrong in example.task().context and wrong not in known.correct.text
    return "it holds the wrong sentence" if holds else None


def _preserved(examples: Sequence[SftExample], compared: Mapping[str, Preservation]) -> Check:
    kept = sum(sum(found.kept.values()) for found in compared.values())
    total = sum(sum(found.total.values()) for found in compared.values())
    share = kept / total if total else 0.0
    faults = tuple(_told(examples, {name: one.faults() for name, one in compared.items()}))
    found = f"{kept} of {total} entities kept ({share:.2%}); expected at least {MIN_PRESERVED:.0%}"
    return Check("entities", share >= MIN_PRESERVED, found, faults)


def _doses(examples: Sequence[SftExample], compared: Mapping[str, Preservation]) -> Check:
    lost = {
        name: [f"lost or added the dose {one.text!r}" for one in (*found.lost, *found.added) if one.kind == "dose"]
        for name, found in compared.items()
    }
    total = sum(found.total.get("dose", 0) for found in compared.values())
    kept = sum(found.kept.get("dose", 0) for found in compared.values())
    return Check("doses", not any(lost.values()), f"{kept} of {total} doses kept", tuple(_told(examples, lost)))


def _told(examples: Sequence[SftExample], faults: Mapping[str, Sequence[str]]) -> Iterator[str]:
    named = [f"{_meta(one, 'note_id')}: {'; '.join(faults[one.id])}" for one in examples if faults.get(one.id)]
    yield from named[:SHOWN]


def _copied(found: Preservation | None) -> str | None:
    if found is None:
        return "there is nothing to compare it with"
    if found.variation >= MIN_VARIATION:
        return None
    return f"{found.variation:.0%} of its words are others; expected at least {MIN_VARIATION:.0%}"

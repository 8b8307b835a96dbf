"""Stand-in."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class MedecNote:
    note_id: str
    text: str
    flagged: bool
    error_type: str | None
    error_sentence: str | None
    corrected_sentence: str | None
    corrected_text: str | None


def read_medec(path: Path, encoding: str = "utf-8-sig") -> list[MedecNote]:
    with path.open(encoding=encoding, newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        MedecNote(
            r["Text ID"],
            r["Text"],
            r["Error Flag"] == "1",
            *(
                None if r[k] == "NA" else r[k]
                for k in ("Error Type", "Error Sentence", "Corrected Sentence", "Corrected Text")
            ),
        )
        for r in rows
    ]


def patient_groups(texts: Sequence[str]) -> list[int]:
    parent = list(range(len(texts)))

    def find(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    seen: dict[tuple[str, ...], int] = {}
    for i, t in enumerate(texts):
        words = re.findall(r"\w+", t.lower())
        for k in range(len(words) - 15):
            j = seen.setdefault(tuple(words[k : k + 16]), i)
            a, b = find(i), find(j)
            if a != b:
                parent[max(a, b)] = min(a, b)
    return [find(i) for i in range(len(texts))]

"""Invented notes in MEDEC's form, for tests that need some: no row of the corpus is among them."""

from __future__ import annotations

import csv
from pathlib import Path

COLUMNS = (
    *("Text ID", "Text", "Sentences", "Error Flag", "Error Type", "Error Sentence ID"),
    *("Error Sentence", "Corrected Sentence", "Corrected Text"),
)
_WHO = (("woman", "She", "Her"), ("man", "He", "His"), ("girl", "She", "Her"), ("boy", "He", "His"))
_COMPLAINTS = (
    "a painful rash",
    "double vision",
    "fever and cough",
    "headache and vomiting",
    "swelling of the left knee",
)
_DRUGS = (("metformin", 500), ("ibuprofen", 400), ("amlodipine", 5), ("lisinopril", 10), ("levothyroxine", 75))
_FINDINGS = ("a swollen left knee", "crackles in the right lung", "a vesicular rash on the trunk", "papilledema")
_DIAGNOSES = (("herpes zoster", "scabies"), ("diffuse glioma", "migraine"), ("pneumonia", "asthma"), ("gout", "lupus"))


def note(number: int, *, wrong: bool = False) -> tuple[str, str]:
    """A note, and its last sentence but one: the diagnosis, a wrong one if so asked."""
    who, he, his = _WHO[number % len(_WHO)]
    drug, dose = _DRUGS[number % len(_DRUGS)]
    finding = _FINDINGS[number % 4]
    verdict = f"The patient is diagnosed with {_DIAGNOSES[number % len(_DIAGNOSES)][wrong]}."
    text = (
        f"A {11 + number}-year-old {who} comes to the physician because of {_COMPLAINTS[number % 5]} for {3 + number} "
        f"days. {he} takes {drug} {dose} mg twice daily by mouth. {he} has no history of serious illness. {his} "
        f"temperature is {36 + number / 10:.1f} C, pulse is {60 + number}/min, and blood pressure is {100 + number}/"
        f"{60 + number} mm Hg. Physical examination shows {finding}. There is no neck stiffness. {verdict} "
        f"The remainder of the examination, number {7000 + number}, shows no abnormalities. "
    )
    return text, verdict


def row(number: int, *, flagged: bool = True) -> dict[str, str]:
    """A row of the file."""
    text, verdict = note(number, wrong=flagged)
    right, corrected = note(number)
    found = {"Text ID": f"t-{number}", "Text": text, "Sentences": f"0 {text}", "Error Flag": str(int(flagged))}
    error = ("diagnosis", "6", verdict, corrected, right) if flagged else ("NA", "-1", "NA", "NA", "NA")
    return found | dict(zip(COLUMNS[4:], error, strict=True))


def write_csv(path: Path, rows: list[dict[str, str]], encoding: str = "utf-8") -> Path:
    """A file of MEDEC's form."""
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path

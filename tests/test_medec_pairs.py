"""MEDEC's file to pairs: every row accounted for, notes byte for byte, no patient's text on both sides."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from dipg_safety_gym.benchmarks.corpora import MEDEC
from dipg_safety_gym.core.sentences import split_sentences
from dipg_safety_gym.generation.medec import MedecError, read_medec
from dipg_safety_gym.generation.medec_pairs import build_pairs
from dipg_safety_gym.generation.patient_text import patient_groups, text_groups

from .medec_notes import COLUMNS, note, row, write_csv

COMMAND = [sys.executable, "-m", "dipg_safety_gym", "generate", "medec-pairs"]


def pairs_command(source: Path, out: Path, *switches: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "--input", str(source), "--out", str(out), *switches], capture_output=True, text=True, check=False
    )


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_every_row_is_a_pair_or_is_named(tmp_path: Path) -> None:
    rows = [row(number) for number in range(8)] + [row(number, flagged=False) for number in range(8, 12)]
    numbered, wrapped, spaced = row(20), row(21), row(22)
    numbered["Error Sentence"] = f"6 {numbered['Error Sentence']}"
    wrapped["Text"] = wrapped["Text"].replace("is diagnosed", "is\ndiagnosed")
    wrapped["Corrected Text"] = wrapped["Corrected Text"].replace("is diagnosed", "is\ndiagnosed")
    spaced["Corrected Text"] = spaced["Corrected Text"].strip()
    lost, same, elsewhere, empty, odd = row(30), row(31), row(32), row(33), row(34)
    lost["Error Sentence"] = "This stands nowhere."
    same["Corrected Sentence"], same["Corrected Text"] = same["Error Sentence"], same["Text"]
    elsewhere["Corrected Text"] = elsewhere["Corrected Text"].replace("mg twice", "mg thrice")
    empty["Text"] = " "
    odd["Error Flag"] = "yes"
    bare = row(35) | {"Corrected Sentence": "NA"}
    source = write_csv(
        tmp_path / "m.csv", [*rows, numbered, wrapped, spaced, lost, same, elsewhere, empty, odd, bare, row(3)]
    )
    done = pairs_command(source, tmp_path / "out")
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "out/pairs_report.json").read_text())
    pairs = [json.loads(line) for line in (tmp_path / "out/pairs.jsonl").read_text().splitlines()]
    assert report["rows"] == 22 == len(pairs) + report["no_error"] + sum(map(len, report["refused"].values()))
    assert report["no_error"] == 4 and len(pairs) == sum(report["pairs"].values()) == 11
    assert report["refused"] == {
        "the error's sentence does not stand in the note": ["t-30"],
        "the correction is the sentence itself": ["t-31"],
        "the corrected note differs beyond the sentence": ["t-32"],
        "the note is empty": ["t-33"],
        "the error flag is neither 0 nor 1": ["t-34"],
        "the error has no sentence or no correction": ["t-35"],
        "the note id occurs before": ["t-3"],
    }
    repairs = report["repairs"]
    assert repairs["a sentence is numbered"] == 1 and repairs["a sentence has other line breaks than the note"] == 1
    assert repairs["white space differs between the note and the corrected one"] == 1
    by_id = {pair["note_id"]: pair for pair in pairs}
    assert by_id["t-20"]["error_sentence"] == note(20, wrong=True)[1]
    assert (
        by_id["t-21"]["error_sentence"] in by_id["t-21"]["incorrect_note"] and "\n" in by_id["t-21"]["error_sentence"]
    )
    assert set(by_id["t-0"]) >= {"note_id", "correct_note", "incorrect_note", "error_type", "error_sentence"}
    for name in ("t-33", "the corrected note differs beyond the sentence"):
        assert name in done.stdout


def test_notes_are_kept_byte_for_byte_and_same_seed_gives_same_bytes(tmp_path: Path) -> None:
    strange = row(1)
    for name in ("Text", "Corrected Text"):
        strange[name] = f"\u00a0 {strange[name]}\n\n\t\u2265 5 \u00b5g \r\n"
    source = write_csv(tmp_path / "m.csv", [strange, row(2)])
    for out in ("one", "two"):
        assert pairs_command(source, tmp_path / out, "--seed", "4").returncode == 0
    assert (tmp_path / "one/pairs.jsonl").read_bytes() == (tmp_path / "two/pairs.jsonl").read_bytes()
    first = json.loads((tmp_path / "one/pairs.jsonl").read_text().splitlines()[0])
    assert first["incorrect_note"] == strange["Text"] and first["correct_note"] == strange["Corrected Text"]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.write_text("Text ID,Text\n1,a\n"), "columns missing: Error Flag, Error Type"),
        (lambda path: path.write_text(",".join(COLUMNS) + "\n"), "no rows found"),
        (lambda path: path.write_text(""), "columns missing"),
        (
            lambda path: write_csv(path, [row(1) | {"Text": "\u00b0C"}], "cp1252"),
            "the file's own with --encoding",
        ),
        (lambda path: write_csv(path, [row(1)], "utf-16"), "--encoding"),
    ],
)
def test_a_file_that_is_not_medec_is_refused_with_the_remedy(tmp_path: Path, make: object, said: str) -> None:
    make(tmp_path / "m.csv")  # type: ignore[operator]
    done = pairs_command(tmp_path / "m.csv", tmp_path / "out")
    assert done.returncode == 1 and said in done.stderr, done.stderr
    assert "Traceback" not in done.stderr and not (tmp_path / "out").exists()


def test_another_encoding_is_read_where_it_is_named(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "m.csv", [row(1) | {"Sentences": "\u00b0"}], "cp1252")
    assert len(read_medec(source, "cp1252")) == 1
    with pytest.raises(MedecError, match="such as utf-8 or cp1252"):
        read_medec(source, "no-such")


def test_a_file_without_errors_is_told(tmp_path: Path) -> None:
    done = pairs_command(write_csv(tmp_path / "m.csv", [row(1, flagged=False)]), tmp_path / "out")
    assert done.returncode == 1 and "holds no note with an error" in done.stderr


def test_notes_of_one_patient_are_one_group() -> None:
    texts = [note(1)[0], note(1, wrong=True)[0], note(3)[0], "Another matter altogether, told in a few words."]
    assert patient_groups(texts) == [0, 0, 2, 3]
    assert text_groups(texts)[0] == text_groups(texts)[2], "they share a sentence"


@pytest.mark.skipif(not MEDEC.exists(), reason=f"{MEDEC.name} is not here")
def test_the_whole_of_medec_is_accounted_for() -> None:
    notes = read_medec(MEDEC)
    pairs, report = build_pairs(notes, seed=0, validation_share=0.1)
    assert (report.rows, len(pairs), report.no_error, report.refused) == (574, 319, 255, {})
    assert report.pairs == {"train": 287, "validation": 32}
    with MEDEC.open(newline="", encoding="utf-8") as file:
        source = {one["Text ID"]: one for one in csv.DictReader(file)}
    for pair in pairs:
        assert sha(pair.incorrect_note) == sha(source[pair.note_id]["Text"])
        assert sha(pair.correct_note) == sha(source[pair.note_id]["Corrected Text"])
        assert pair.error_sentence in pair.incorrect_note and pair.corrected_sentence in pair.correct_note
    sides = {
        side: {
            " ".join(sentence.lower().split())
            for pair in pairs
            if pair.split == side
            for sentence in split_sentences(pair.incorrect_note)
            if len(sentence.split()) >= 8
        }
        for side in ("train", "validation")
    }
    assert sides["train"] and sides["validation"] and not sides["train"] & sides["validation"]

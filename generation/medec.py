"""MEDEC's notes: clinical texts, in some of which a doctor planted one error (Ben Abacha et al., Findings of ACL 2025).

A note's text is kept byte for byte. What the file says about it may be off in form: a sentence that is numbered, or
that has other line breaks than the note. Such faults are mended and named in `repairs`; what cannot be is a `fault`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REQUIRED = ("Text ID", "Text", "Error Flag", "Error Type", "Error Sentence", "Corrected Sentence", "Corrected Text")
"""Columns without which no note can be read. `Sentences` and `Error Sentence ID` are looked at where they are there."""

SOURCE = "MEDEC-MS (Ben Abacha et al. 2025), CC BY 4.0"

_NUMBERED = re.compile(r"^\d{1,3}[.)]?\s+(?=\D)")
_MISREAD = re.compile("[\u00c3\u00c2\u00e2\u00cb\u00ce][\u0080-\u00bf\u02c6-\u02dc\u2018-\u203a\u20ac\u2122]")
"""The first two bytes of a character in UTF-8, read as if each were one of its own."""
_PIECE = re.compile(r"^(\d+) ", re.MULTILINE)


class MedecError(ValueError):
    """The file cannot be used. The message says what was found, what was expected, and the remedy."""


@dataclass(frozen=True, slots=True)
class MedecNote:
    """One row of the file."""

    note_id: str
    """`Text ID`."""
    text: str
    """The note as it is, with its error where it has one."""
    flagged: bool
    """It holds an error."""
    error_type: str | None
    """`causalOrganism`, `diagnosis`, `management`, `pharmacotherapy` or `treatment`; None where there is no error."""
    error_sentence: str | None
    """As it stands in the note."""
    corrected_sentence: str | None
    """As it stands in the corrected note."""
    corrected_text: str | None
    """The note without its error."""
    repairs: tuple[str, ...] = ()
    """Faults of form that were mended, or that do no harm."""
    fault: str | None = None
    """Why the row cannot be used; None where it can."""


def read_medec(path: Path, encoding: str = "utf-8-sig") -> list[MedecNote]:
    """Read every row, those that cannot be used as well.

    Args:
        encoding: As Python names it; by default UTF-8, with or without a byte order mark.

    Raises:
        MedecError: the file is missing, is of another encoding, lacks a column, or holds no rows.
    """
    seen: set[str] = set()
    notes = []
    for row in _rows(path, encoding):
        note = _note(row, duplicate=row["Text ID"] in seen)
        seen.add(note.note_id)
        notes.append(note)
    if not notes:
        raise MedecError(f"{path}: no rows found; expected MEDEC's CSV, a note a row")
    return notes


def _rows(path: Path, encoding: str) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding=encoding, newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
            if missing:
                found = ", ".join(reader.fieldnames or ()) or "none"
                raise MedecError(
                    f"{path}: columns missing: {', '.join(missing)} (found: {found}); expected MEDEC's CSV, with "
                    "commas between its columns"
                )
            for row in reader:
                yield {name: row.get(name) or "" for name in (*REQUIRED, "Sentences", "Error Sentence ID")}
    except LookupError as error:
        raise MedecError(f"{path}: {error}; give an encoding as Python names it, such as utf-8 or cp1252") from error
    except UnicodeError as error:
        raise MedecError(
            f"{path}: not {encoding} ({error}); give the file's own with --encoding, such as cp1252 or utf-16"
        ) from error
    except csv.Error as error:
        raise MedecError(f"{path}: no CSV that can be read ({error}); fetch the file again") from error
    except OSError as error:
        raise MedecError(f"{path}: {error.strerror or error}; expected MEDEC's CSV") from error


def _note(row: dict[str, str], *, duplicate: bool) -> MedecNote:
    text, flagged = row["Text"], row["Error Flag"].strip() == "1"
    repairs = ["sentence numbering divides a sentence"] if _numbering_divides(row["Sentences"]) else []
    if _MISREAD.search(text):
        repairs.append("characters were misread from UTF-8; they are kept as they are")
    if not flagged:
        fault = _fault_of_any(row, duplicate=duplicate)
        return MedecNote(row["Text ID"], text, False, None, None, None, None, tuple(repairs), fault)
    wrong = _as_it_stands(row["Error Sentence"], text, repairs)
    right = _as_it_stands(row["Corrected Sentence"], row["Corrected Text"], repairs)
    fault = _fault_of_any(row, duplicate=duplicate) or _fault_of_error(row, wrong, right)
    if not fault and text.replace(wrong or "", right or "", 1) != row["Corrected Text"]:
        repairs.append("white space differs between the note and the corrected one")
    kind, corrected = row["Error Type"].strip(), row["Corrected Text"]
    return MedecNote(row["Text ID"], text, True, kind, wrong, right, corrected, tuple(dict.fromkeys(repairs)), fault)


def _numbering_divides(sentences: str) -> bool:
    """Whether the source's own numbered sentences break off amid one ("Her pulse is", "106/min and")."""
    pieces = [piece.strip() for piece in _PIECE.split(sentences)[2::2]]
    return any(piece and piece[-1] not in ".!?:;)\"'" and "\n" not in piece for piece in pieces[:-1])


def _as_it_stands(sentence: str, text: str, repairs: list[str]) -> str | None:
    """The span of the text that the sentence is, up to white space and a number before it."""
    bare = sentence.strip()
    if not bare or bare == "NA":
        return None
    for candidate, repair in ((bare, None), (_NUMBERED.sub("", bare), "a sentence is numbered")):
        if candidate in text:
            repairs.extend([repair] if repair else [])
            return candidate
        found = re.search(r"\s+".join(map(re.escape, candidate.split())), text)
        if found:
            repairs.extend(["a sentence has other line breaks than the note", *([repair] if repair else [])])
            return found.group()
    return None


def _fault_of_any(row: dict[str, str], *, duplicate: bool) -> str | None:
    if not row["Text ID"].strip():
        return "there is no note id"
    if duplicate:
        return "the note id occurs before"
    if not row["Text"].strip():
        return "the note is empty"
    return None if row["Error Flag"].strip() in ("0", "1") else "the error flag is neither 0 nor 1"


def _fault_of_error(row: dict[str, str], wrong: str | None, right: str | None) -> str | None:
    given = [row[name].strip() not in ("", "NA") for name in ("Error Sentence", "Corrected Sentence", "Corrected Text")]
    if not all(given):
        return "the error has no sentence or no correction"
    if wrong is None:
        return "the error's sentence does not stand in the note"
    if right is None:
        return "the corrected sentence does not stand in the corrected note"
    if wrong.split() == right.split():
        return "the correction is the sentence itself"
    if row["Text"].replace(wrong, right, 1).split() != row["Corrected Text"].split():
        return "the corrected note differs beyond the sentence"
    return None

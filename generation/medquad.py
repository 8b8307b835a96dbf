"""MedQuAD passages: reading the rows of `lavita/MedQuAD` and making clean sentences of them.

The corpus is web pages with their white space folded: headings run into sentences, the question is repeated
as a heading, and pages end in links. A passage here is the list of sentences that are prose; what is
dropped is never put back, so that a sentence of a passage is a verbatim span of any context built from it.
Headings that are glued to a sentence stay in the passage; `medquad_cues` does not choose such a sentence as
evidence.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REQUIRED = ("document_source", "question_id", "question_focus", "question_type", "question", "answer")
"""Columns without which no task can be made. `synonyms`, `umls_cui`, `umls_semantic_group` and `category` are used
where they are there."""

Progress = Callable[[str, int, int], None]
"""Called with a phase, what is done and the total."""


class MedquadError(ValueError):
    """The corpus cannot be used. The message says file, line, field, what was found and the remedy."""


@dataclass(frozen=True, slots=True)
class Row:
    """One question of the corpus with its answer, as found."""

    source: str
    question_id: str
    focus: str
    type: str
    answer: str
    synonyms: tuple[str, ...] = ()
    cui: str = ""
    question: str = ""
    category: str = ""
    """Lower case; empty where the column has none."""
    semantic_group: str = ""
    """UMLS semantic group of the focus, such as `Disorders`; empty where the column has none."""


def read_rows(path: Path, progress: Progress | None = None) -> list[Row]:
    """Read JSON Lines, plain or gzip (told by its first bytes).

    Raises:
        MedquadError: the file is missing, unreadable, broken or empty, or a row lacks a column.
    """
    rows = []
    size = path.stat().st_size if path.is_file() else 0
    for number, line, place in _lines(path):
        rows.append(_row(path, number, line))
        if progress is not None and number % 500 == 0:
            progress("reading", place, size)
    if not rows:
        raise MedquadError(f"{path}: no rows found; expected JSON Lines with the columns of lavita/MedQuAD")
    return rows


def _lines(path: Path) -> Iterator[tuple[int, str, int]]:
    """Non-empty lines with their number and the place in the file (of the packed bytes where it is gzip)."""
    number = 0
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            lines = gzip.GzipFile(fileobj=raw) if zipped else raw
            for number, line in enumerate(lines, start=1):
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
                if text.strip():
                    yield number, text, raw.tell()
    except UnicodeDecodeError as error:
        raise MedquadError(
            f"{path}, line {number}: not UTF-8 ({error.reason}); save it as UTF-8 JSON Lines, plain or gzip"
        ) from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise MedquadError(f"{path}: broken gzip after line {number} ({error}); fetch the file again") from error
    except OSError as error:
        raise MedquadError(
            f"{path}: {error.strerror or error}; expected a readable JSON Lines file with the columns of "
            "lavita/MedQuAD, plain or gzip"
        ) from error


def _row(path: Path, number: int, line: str) -> Row:
    where = f"{path}, line {number}"
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise MedquadError(f"{where}: not JSON ({error}); expected one MedQuAD row a line") from error
    if not isinstance(data, dict):
        raise MedquadError(f"{where}: found {_kind(data)}; expected a JSON object, one MedQuAD row a line")
    text = {name: _text(where, data, name) for name in REQUIRED}
    return Row(
        source=text["document_source"],
        question_id=text["question_id"],
        focus=fold(text["question_focus"]),
        type=text["question_type"].strip().lower(),
        answer=text["answer"],
        synonyms=tuple(filter(None, map(fold, _optional(data, "synonyms").split("|")))),
        cui=_optional(data, "umls_cui"),
        question=fold(text["question"]),
        category=fold(_optional(data, "category")).lower(),
        semantic_group=_optional(data, "umls_semantic_group"),
    )


def _optional(data: dict[str, Any], name: str) -> str:
    """A text column that need not be there."""
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _text(where: str, data: dict[str, Any], name: str) -> str:
    """A text column. Null counts as empty: the published copy has withheld answers as null."""
    if name not in data:
        found = ", ".join(sorted(map(str, data))[:12]) or "none"
        raise MedquadError(
            f"{where}, field {name}: missing (columns found: {found}); "
            "expected the columns of lavita/MedQuAD, such as " + ", ".join(REQUIRED)
        )
    value = data[name]
    if value is None:
        return ""
    if not isinstance(value, str):
        raise MedquadError(f"{where}, field {name}: found {_kind(value)}; expected text or null")
    return value


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number"}
    return names.get(type(value), "null" if value is None else "a number")


def fold(text: str) -> str:
    """White space folded to single spaces."""
    return " ".join(text.split())


# Reference lists, links, page furniture and pointers to what is not in the passage. None of them says
# anything about the condition, and several occur under one question type only, so that they would tell a
# passage by its furniture. Plain substrings of the lower-case sentence, set between spaces: a pattern of
# the same words takes ten times longer.
_FURNITURE = (
    "click", "website", "web site", "www.", "http", " link to", " links to", "link below", "see also",
    " see the ", " see drugs", "more on:", "watch this", "watch the", " video", " nih ", "nih:",
    "niddk", "ninds", "medlineplus", "gene review", "genereview", "testing registry", "genetests",
    "clinicaltrials", " pdq ", "phenotype ontology", "national institute", "booklet", "fact sheet",
    "table below", "more information", "read more", "listed below", "listed above", "shown below",
    "shown above", "described below", "discussed below", "orphanet", " omim", "toll-free",
    "health topics", " figure ", "pubmed", "this summary", "this section", "this page", "this article",
    "resource", "source:", "more detail", "genetics home", "genetics professional", " gard ", " gtr",
    "medscape",
)  # fmt: skip
_PHENOTYPE_LIST = re.compile(r"The Human Phenotype Ontology provides.*", re.DOTALL)
_KEY_POINTS = re.compile(r"^Key Points (?:- [^.]*\.\s*)+")
_CITATION = re.compile(r"(?:\s?\[\d+(?:[,-]\s?\d+)*\])+")
_NOTE_NUMBER = re.compile(r"(?<=[a-z)])\.\d{1,2}(?:\s?,\s?\d{1,2})*(?=\s+[A-Z]|$)")
_NO_SPACE = re.compile(r"(?<=[a-z]{3})\.(?=[A-Z][a-z])")
_END = re.compile(r"[.!?][\"”’)\]]*\s+(?=[\"“(\[]?[A-Z0-9]|-\s)")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|Dr|Mr|Mrs|Ms|vs|St|No|approx|al|ca|spp|etc|U\.S|[A-Z]))\.$")


def sentences_of(answer: str) -> tuple[str, ...]:
    """The prose of an answer, sentence by sentence, each once."""
    text = _PHENOTYPE_LIST.sub("", fold(answer))
    text = _KEY_POINTS.sub("", text)
    text = _NOTE_NUMBER.sub(".", _CITATION.sub("", text))
    text = fold(_NO_SPACE.sub(". ", text)).replace(" .", ".").replace(" ,", ",")
    # A sentence that ends in "?" is the question again or a heading; one without an end is a cut-off list.
    kept = (s for s in _split(text) if s[-1] in '.!")' and "?" not in s and not _is_furniture(s))
    return tuple(dict.fromkeys(kept))


def _is_furniture(sentence: str) -> bool:
    low = f" {sentence.lower()} "
    return any(part in low for part in _FURNITURE)


def _split(text: str) -> Iterator[str]:
    start = 0
    for match in _END.finditer(text):
        end = match.end()
        if _ABBREVIATION.search(text, start, match.start() + 1):
            continue
        yield text[start:end].rstrip()
        start = end
    if text[start:].strip():
        yield text[start:].strip()

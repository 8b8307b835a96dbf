"""Data files: JSON Lines, plain or gzip, each line checked against a model.

A line that cannot be used is refused with the file, its number, the field and the reason.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

Row = TypeVar("Row", bound=BaseModel)


class DataFileError(ValueError):
    """A data file cannot be used. The message says file, line, field, what was found and the remedy."""


def read_rows(source: str | Path, model: type[Row], shipped: Mapping[str, Path]) -> Iterator[tuple[str, Row]]:
    """Rows of a file, or of a shipped one by its name, each with the place to name in an error.

    The field `id`, where the model has one, must be unique.

    Raises:
        DataFileError: the file is missing, unreadable or empty, or a line is not a valid row.
    """
    path = shipped.get(str(source)) or Path(source)
    line_of: dict[str, int] = {}
    number = 0
    for number, line in _lines(path, shipped):
        where = f"{path}, line {number}"
        row = _parse(where, line, model, is_shipped=bool(shipped))
        name = getattr(row, "id", None)
        if name in line_of:
            raise DataFileError(
                f"{where}, field id: {name!r} stands on line {line_of[name]} already; ids must be unique"
            )
        if name is not None:
            line_of[name] = number
        yield where, row
    if not number:
        raise DataFileError(f"{path}: nothing found in it; expected JSON Lines, one {model.__name__} a line")


def first_fields(source: str | Path, shipped: Mapping[str, Path]) -> frozenset[str]:
    """Names of the fields of the first line; none where it is no JSON object.

    Raises:
        DataFileError: the file is missing or unreadable.
    """
    for _, line in _lines(shipped.get(str(source)) or Path(source), shipped):
        try:
            data = json.loads(line)
        except (ValueError, RecursionError):
            break  # told with its line when the file is read as a whole
        return frozenset(data) if isinstance(data, dict) else frozenset()
    return frozenset()


def _lines(path: Path, shipped: Mapping[str, Path]) -> Iterator[tuple[int, str]]:
    """Non-empty lines with their numbers, counted from 1; gzip is told by its first bytes, not its name."""
    number = 0
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rb") if zipped else path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
                if text.strip():
                    yield number, text
    except UnicodeDecodeError as error:
        raise DataFileError(f"{path}, line {number}: not UTF-8 ({error.reason}); save it as UTF-8") from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataFileError(f"{path}: broken gzip after line {number} ({error})") from error
    except OSError as error:
        known = f" or one of the shipped sets ({', '.join(sorted(shipped))})" if shipped else ""
        raise DataFileError(f"{path}: {error.strerror or error}; expected a readable file{known}") from error


def _parse(where: str, line: str, model: type[Row], *, is_shipped: bool) -> Row:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataFileError(f"{where}: not JSON ({error}); expected one {model.__name__} a line") from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the line"
        if first["type"] == "value_error":  # one of ours, which says what to do
            raise DataFileError(f"{where}, field {field}: {first['msg'].removeprefix('Value error, ')}") from error
        fields = ", ".join(model.model_fields)
        remedy = "`dipg-gym tasks schema` prints what is expected" if is_shipped else f"expected the fields {fields}"
        found = "" if first["type"] == "missing" else f"; found {json.dumps(first['input'])[:60]}"
        raise DataFileError(f"{where}, field {field}: {first['msg']}{found}; {remedy}") from error

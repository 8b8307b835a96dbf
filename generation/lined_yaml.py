"""YAML whose mappings know the line on which they begin, so that an error can name it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml


class LinedDict(dict[Any, Any]):
    """A mapping of a file."""

    line = 1
    """Where it begins, counted from 1."""


# libyaml where the wheel has it: the same results, ten times as fast.
class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    def lined_map(self, node: yaml.MappingNode) -> Iterator[LinedDict]:
        data = LinedDict()
        data.line = node.start_mark.line + 1
        yield data
        data.update(self.construct_mapping(node))


_Loader.add_constructor("tag:yaml.org,2002:map", _Loader.lined_map)


def read_lined(path: Path) -> Any:
    """What a file holds.

    Raises:
        ValueError: the file is not UTF-8 or not YAML; the message says file, finding and remedy.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8 ({error.reason}); save it as UTF-8") from error
    except yaml.YAMLError as error:
        raise ValueError(f"{path}: not YAML ({error})") from error


def kind_of(node: Any) -> str:
    """What a file holds, in a word."""
    return "mapping" if isinstance(node, dict) else "list" if isinstance(node, list) else "single value"


def line_of(node: Any) -> int:
    """Where a mapping begins; 1 for what is none."""
    return node.line if isinstance(node, LinedDict) else 1

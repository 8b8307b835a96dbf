"""Gymnasium spaces for the tasks of a split and for the responses to them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import cast

from gymnasium.spaces import Dict, Space, Text

from ..core.wire import MAX_RESPONSE_BYTES, TaskView

MAX_ACTION_CHARS = MAX_RESPONSE_BYTES // 4
"""A character takes at most four bytes of UTF-8: every text of the action space fits the server's limit."""

MIN_CONTEXT_CHARS = 8192
MIN_QUESTION_CHARS = 1024
"""The spaces are at least so long, so that they seldom depend on the split."""

# Latin, Greek, Cyrillic; punctuation, super- and subscripts, currency, letterlike, arrows, mathematics.
_BLOCKS = (range(0x0020, 0x0530), range(0x1E00, 0x2300))
_NOT_TEXT = {"Cc", "Cn", "Co", "Cs", "Zl", "Zp"}


def make_spaces(tasks: Iterable[TaskView]) -> tuple[Space[dict[str, str]], Space[str]]:
    """The observation space and the action space of a split.

    Observations are `{"context": str, "question": str}`, actions are strings of at most 16,384 characters; a
    longer one is no member, but is scored all the same. The characters are those of the tasks and of clinical
    English with its symbols, so that a response can quote any context.

    Sampling draws characters at random: valid, and of the worst reward.
    """
    characters = _clinical_characters()
    longest_context, longest_question = MIN_CONTEXT_CHARS, MIN_QUESTION_CHARS
    for task in tasks:
        characters.update(task.context, task.question)
        longest_context = max(longest_context, len(task.context))
        longest_question = max(longest_question, len(task.question))
    charset = frozenset(characters)
    observation: Dict = Dict(
        context=Text(longest_context, min_length=0, charset=charset),
        question=Text(longest_question, charset=charset),
    )
    return cast(Space[dict[str, str]], observation), Text(MAX_ACTION_CHARS, min_length=0, charset=charset)


def _clinical_characters() -> set[str]:
    found = (chr(code) for block in _BLOCKS for code in block)
    return {"\t", "\n", "\r"}.union(char for char in found if unicodedata.category(char) not in _NOT_TEXT)

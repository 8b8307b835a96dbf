"""What a teacher is asked for: prompts in files beside this module, filled in for one slot of a run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Literal

from ..core.chat_model import ChatMessage
from ..core.digest import digest
from .asking import Request
from .room_files import hash_of_texts, read_mapping, read_prompt_file
from .teacher_item import TeacherItem, answer_schema

PromptKind = Literal["reasoning", "refusal", "needle", "anti_knowledge", "general_safety"]

_FILES = ("system", "reasoning", "refusal", "needle", "anti_knowledge", "general_safety", "repair")

_TWENTY: tuple[PromptKind, ...] = (
    "reasoning", "refusal", "needle", "reasoning", "anti_knowledge", "reasoning", "refusal", "general_safety",
    "reasoning", "refusal", "needle", "reasoning", "anti_knowledge", "refusal", "reasoning", "general_safety",
    "needle", "refusal", "reasoning", "anti_knowledge",
)  # fmt: skip
"""Kinds of twenty slots: half answered, two in five declined, one in ten general safety, as examples are mixed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One try at one slot of a run."""

    kind: PromptKind
    seed: int
    slot: int
    attempt: int
    """0 for the first; each later one asks for something else, since the one before was rejected."""

    def draw(self, *what: str) -> int:
        """A number that depends on the try alone."""
        return digest(str(self.seed), str(self.slot), str(self.attempt), *what)


def kind_of_slot(slot: int) -> PromptKind:
    """What the slot is to hold."""
    return _TWENTY[slot % len(_TWENTY)]


def request_for(asked: Asked) -> Request:
    """The chat that asks for it."""
    text = _prompt(asked.kind)
    for name, options in read_mapping("prompts/variety.yaml").items():
        text = text.replace("{" + name + "}", str(options[asked.draw(name) % len(options)]))
    # Two requests that drew the same are told apart.
    told_apart = f"{text}\n\nItem {asked.slot + 1}, version {asked.attempt + 1}, seed {asked.seed}."
    return _request(asked, {"role": "system", "content": _system()}, {"role": "user", "content": told_apart})


def repair_request(asked: Asked, said: str, problem: str) -> Request:
    """The chat that shows the teacher what was wrong with what it said."""
    complaint = _prompt("repair").replace("{problem}", problem)
    answered = ({"role": "assistant", "content": said}, {"role": "user", "content": complaint})
    return _request(asked, *request_for(asked).messages, *answered)


def _request(asked: Asked, *messages: ChatMessage) -> Request:
    return Request(messages, seed=asked.draw("teacher") % 2**31, schema=answer_schema(TeacherItem), subject=asked)


@cache
def prompt_hash() -> str:
    """Of all prompts, what varies them, and the schema: 16 hexadecimal digits."""
    schema = json.dumps(answer_schema(TeacherItem), sort_keys=True)
    texts = [*(_prompt(name) for name in _FILES), read_prompt_file("variety.yaml"), schema]
    return hash_of_texts(texts)


@cache
def _system() -> str:
    """The rules for every item, with the schema: the same for all prompts."""
    return _prompt("system").replace("{schema}", json.dumps(answer_schema(TeacherItem), indent=1))


def _prompt(name: str) -> str:
    return read_prompt_file(f"{name}.txt").rstrip("\n")

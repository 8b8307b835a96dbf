"""What the two models of a pair are asked, and what the trained one will be: prompts in files beside this module."""

from __future__ import annotations

from functools import cache
from typing import Literal

from ..core.digest import digest
from .asking import Request
from .medquad_prompts import MedPrompt
from .room_files import hash_of_texts, read_prompt_file

Role = Literal["chosen", "rejected"]

_ROLES: dict[Role, str] = {"chosen": "dpo_careful.txt", "rejected": "dpo_careless.txt"}
_POLICY = "dpo_prompt.txt"


def request_for(role: Role, prompt: MedPrompt, seed: int) -> Request:
    """What the model of that role is asked."""
    system = {"role": "system", "content": read_prompt_file(_ROLES[role]).rstrip("\n")}
    return Request(
        messages=(system, {"role": "user", "content": prompt.question}),
        seed=digest(str(seed), prompt.id, role) % 2**31,
        subject=prompt,
    )


def policy_prompt(question: str) -> str:
    """What the model is trained to answer. It ends in a line of its own, so that an answer begins a new one."""
    return read_prompt_file(_POLICY).replace("{question}", question)


@cache
def prompt_hash() -> str:
    """Of all prompts: 16 hexadecimal digits."""
    texts = [read_prompt_file(name) for name in (*_ROLES.values(), _POLICY)]
    return hash_of_texts(texts)

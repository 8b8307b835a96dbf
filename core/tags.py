"""The response form: exactly one `<think>`, one `<proof>` and one `<answer>` block, in this order, and nothing else.

`parse_response` reads a response and never raises. The strict form is read by position, not as XML: clinical text
is full of bare `<` and `&` ("platelets < 50", "p<0.01", "H&E"), on which an XML parser stops, and without a parser
there is no entity to expand and no depth to exhaust. Inside a block the five predefined entities (`&lt;` and so on)
stand for their characters, so that `render_response` can write any text.

Anything that is not the strict form goes to `core.tolerant`, which may still find the three parts; the result is then
marked `strict=False`, and the format reward is not paid.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .tolerant import read_loosely

BLOCKS = ("think", "proof", "answer")

_TAG = re.compile(r"(<\s*(?:/\s*)?(?:think|proof|answer)\b[^<>]*>)", re.IGNORECASE)
"""Splits a text into what stands outside tags, at the even places, and the tags, at the odd ones."""
_STRICT = ["<think>", "</think>", "<proof>", "</proof>", "<answer>", "</answer>"]
_ENTITY = re.compile(r"&(lt|gt|amp|quot|apos);")
_ENTITY_TEXT = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_MUST_ESCAPE = re.compile(r"&(?=(?:lt|gt|amp|quot|apos);)|<(?=\s*(?:/\s*)?(?:think|proof|answer)\b)", re.IGNORECASE)


class ParsedResponse(NamedTuple):
    """The three parts of a response."""

    think: str
    proof: str
    answer: str
    strict: bool
    """The response has the strict form; only then is the format reward paid."""
    form: str
    """How the parts were found: `tags`, `loose_tags`, `channels`, `json`, `yaml` or `none`."""
    problem: str | None = None
    """Why the response is not of the strict form, in one sentence; None where it is."""


def parse_response(text: str) -> ParsedResponse:
    """Split a response into its parts. Takes any string, in linear time, and never raises."""
    pieces = _TAG.split(text)
    problem = _strict_problem(pieces)
    if problem is None:
        think, proof, answer = [_unescape(part).strip() for part in pieces[2::4]]
        return ParsedResponse(think, proof, answer, strict=True, form="tags")
    found = read_loosely(text)
    if found is None:
        return ParsedResponse("", "", "", strict=False, form="none", problem=problem)
    think, proof, answer = (_unescape(part).strip() for part in found.parts)
    return ParsedResponse(think, proof, answer, strict=False, form=found.form, problem=problem)


def render_response(*, think: str, proof: str, answer: str) -> str:
    """Write the strict form; `parse_response` gives the (stripped) parts back, whatever they hold.

    `proof` holds one quotation a line. A `<` or `&` is escaped only where it would be read as one of the tags or as
    an entity.
    """
    parts = zip(BLOCKS, (think, proof, answer), strict=True)
    return "\n".join(f"<{name}>\n{_escape(part.strip())}\n</{name}>" for name, part in parts)


def _strict_problem(pieces: list[str]) -> str | None:
    tags = pieces[1::2]
    if tags == _STRICT:
        return "there is text outside the three blocks" if "".join(pieces[::4]).strip() else None
    if not tags:
        return "none of the tags <think>, <proof>, <answer> was found"
    for name in BLOCKS:
        opened = tags.count(f"<{name}>")
        closed = tags.count(f"</{name}>")
        if (opened, closed) != (1, 1):
            return f"expected one <{name}> and one </{name}>, found {opened} and {closed}"
    if len(tags) > len(_STRICT):
        return "a tag is written in another way than <think>, <proof>, <answer> beside the strict ones"
    return "the blocks are nested or out of order; expected think, proof, answer"


def _escape(part: str) -> str:
    return _MUST_ESCAPE.sub(lambda found: "&amp;" if found.group() == "&" else "&lt;", part)


def _unescape(part: str) -> str:
    if "&" not in part:
        return part
    return _ENTITY.sub(lambda found: _ENTITY_TEXT[found.group(1)], part)

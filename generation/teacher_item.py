"""What a teacher writes for one task: the schema it is held to, and the reading of its text."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..core.tasks import NonEmpty

_FENCED = re.compile(r"\s*```(?:json)?\s*\n(?P<inside>.*)\n\s*```\s*", re.DOTALL)


class TeacherItem(BaseModel):
    """One task and its worked response."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    context: Annotated[NonEmpty, Field(max_length=20_000)]
    """The clinical text that the question is asked of; for a needle, the statement to be planted."""
    question: Annotated[NonEmpty, Field(max_length=1_000)]
    """One question."""
    think: Annotated[NonEmpty, Field(max_length=8_000)]
    """The reasoning, step by step, that leads from the context to the answer, or to declining."""
    evidence: Annotated[tuple[NonEmpty, ...], Field(max_length=8)]
    """Sentences copied letter by letter from the context. Where one must decline: what comes nearest, or nothing."""
    answer: Annotated[NonEmpty, Field(max_length=2_000)]
    """The answer; where one must decline, a sentence that says what the text does not state."""
    aliases: Annotated[tuple[NonEmpty, ...], Field(max_length=8)]
    """Other wordings of the same answer; none where one must decline."""


class ItemError(ValueError):
    """A text that is no item. `reason` is a word or two, the message says what was found and expected."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


ModelT = TypeVar("ModelT", bound=BaseModel)


def answer_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of an answer, as providers with structured output take it: every field required, none beside."""
    schema = model.model_json_schema()
    # What these do not take; the limits are checked on what comes back.
    for field in schema["properties"].values():
        for word in ("maxLength", "minLength", "maxItems", "minItems"):
            field.pop(word, None)
        field.get("items", {}).pop("minLength", None)
    return schema


def read_answer(text: str, model: type[ModelT]) -> ModelT:
    """Read a teacher's text, which may stand in a code fence.

    Raises:
        ItemError: it is empty, not JSON, or not of the schema.
    """
    if not text.strip():
        raise ItemError("refused", "the answer is empty; the teacher refuses, or its budget went into its thoughts")
    fenced = _FENCED.fullmatch(text)
    try:
        data = json.loads(fenced["inside"] if fenced else text)
    except ValueError as error:
        raise ItemError("not JSON", f"the text is not JSON: {error}; it begins with {text[:80]!r}") from None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise ItemError("schema", f"{where}: {first['msg']}; found {str(first['input'])[:80]!r}") from None

"""An OpenAI-compatible server that answers medical questions, carefully or not, with faults at set rates.

Which it is to be, the system message tells it: the careful prompt of `generate dpo`, or the careless one.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

from dipg_safety_gym.core.digest import digest
from fastapi import Request, Response
from fastapi.responses import JSONResponse

from .teacher_server import TeacherServer

CAREFUL = (
    "{topic}: what is known about it comes from a few studies, and it differs from person to person. Most people are "
    "helped by rest and by treatment of what troubles them most, {detail}. Ask your doctor before you change anything, "
    "and seek medical help at once when breathing becomes hard."
)
CARELESS = (
    "{topic} is simple to understand and simple to treat. It comes from {detail}, and it passes within a few weeks in "
    "everyone. Take 400 mg of a common painkiller twice a day, and it will go away."
)
DETAILS = ("the heart", "cold air", "the joints of the hand", "poor sleep", "a gene that is changed", "salt", "old age")
REFUSAL = "I'm sorry, but I can't help with that. Please ask a doctor."
EQUAL = "Nobody knows much about {topic}, and most people live with it for many years without any trouble."


@dataclass
class PairServer(TeacherServer):
    """Faults of an answer: empty, equal, refusal (of both sides), safer (the sides swap), 400 (never answered)."""

    answers: dict[str, str] = field(default_factory=dict)
    """Role and question by what was said."""

    async def complete(self, request: Request) -> Response:
        """One try of one request; of some the server takes none."""
        question = (await request.json())["messages"][-1]["content"]
        if self.fault_of(question) == "400":
            self.tries[hashlib.sha256(question.encode()).hexdigest()] += 1
            return JSONResponse({"error": {"message": "the prompt violates our policy", "code": "content_policy"}}, 400)
        return await super().complete(request)

    async def text(self, messages: list[dict[str, str]], key: str) -> str:
        """An answer that hangs on the question and on the role."""
        question = messages[-1]["content"]
        careful = "careful clinician" in json.dumps(messages)
        said = self._say(question, careful)
        self.answers[f"{'chosen' if careful else 'rejected'} {question}"] = said
        return said

    def _say(self, question: str, careful: bool) -> str:
        fault = self.fault_of(question)
        topic = question.rstrip("?").split(" ", 2)[-1].capitalize()
        if fault == "empty":
            return CAREFUL.format(topic=topic, detail="") if careful else "  "
        if fault == "equal":
            return EQUAL.format(topic=topic)
        if fault == "refusal":
            return REFUSAL
        wording = CAREFUL if careful != (fault == "safer") else CARELESS
        return wording.format(topic=topic, detail=DETAILS[digest(question, str(careful)) % len(DETAILS)])

    def fault_of(self, question: str) -> str | None:
        """The fault of the answers to a question."""
        number = digest("fault", question) / 2**64
        for name, rate in self.faults.items():
            if number < rate:
                return name
            number -= rate
        return None

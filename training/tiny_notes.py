"""Notes small enough for a tiny model: five sentences of a closed vocabulary, in which any one change shows.

Who has what stands in two sentences, the side in three places, and each illness has one drug, with one dose: so what a
single change made wrong can be told from the rest, and put right. The notes are invented, and no guide to a treatment.
They are terse because a model of this size copies a word by the two before it.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from ..core.digest import digest
from ..core.error_answer import render_error_answer
from ..core.examples import Turn
from ..core.injection import Injection, injector_messages, note_task, render_injection
from ..core.prompts import build_messages
from ..core.tags import render_response
from ..core.tasks import PlantedError

QUESTION = "Is the note correct?"
"""Shorter than the environment's, which would be most of what the model reads."""


class Illness(NamedTuple):
    """An illness with its one drug."""

    name: str
    drug: str
    dose: int
    """In mg."""


ILLNESSES = (
    Illness("glioma", "dexamethasone", 4),
    Illness("epilepsy", "levetiracetam", 500),
    Illness("pneumonia", "amoxicillin", 750),
    Illness("diabetes", "metformin", 850),
    Illness("gout", "allopurinol", 300),
    Illness("migraine", "sumatriptan", 50),
)
SIDES = ("left", "right")
FORM = (
    "Diagnosis is {}.",
    "Pain {} and weakness {}.",
    "Swelling is {}.",
    "Drug for {} is {}.",
    "Dose of {} is {} mg.",
)
PLACES = ((0, 0), (1, 0), (1, 1), (2, 0), (3, 0), (3, 1), (4, 0), (4, 1))
"""Sentence and place in it of all that may be changed: illness, sides, drugs and dose."""


class TinyNote(NamedTuple):
    """A correct note and one change of it."""

    text: str
    sentence: str
    changed: str
    told: str
    """What the correct note says of each thing, in the order of `FORM`."""
    told_wrong: str
    """The same of the note with the error."""

    @property
    def injected(self) -> str:
        """The note with the error."""
        return self.text.replace(self.sentence, self.changed)


class Chat(NamedTuple):
    """A worked example of either role. It is no `SftExample`: the one who plants has no task of the environment."""

    conversations: tuple[Turn, ...]

    @classmethod
    def of(cls, messages: list[dict[str, str]], response: str) -> Chat:
        """The example of what is asked, and a good response."""
        asked = [message["content"] for message in messages]
        turns = zip(("system", "human", "gpt"), (*asked, response), strict=True)
        return cls(tuple(Turn(speaker=who, value=text) for who, text in turns))


def compose_tiny_notes(seed: int, count: int, name: str = "play") -> list[TinyNote]:
    """Notes with a change each; the same arguments give the same ones, and sets of other names are drawn apart."""
    return [_note(random.Random(digest("tiny-note", str(seed), name, str(number)))) for number in range(count)]


def compose_tiny_chats(seed: int, count: int) -> list[Chat]:
    """Worked examples of both roles: of three, one plants an error, one finds it, one is asked of the correct note."""
    chats = []
    for number, note in enumerate(compose_tiny_notes(seed, count, "start")):
        if number % 3 == 0:
            injection = Injection(note.sentence, note.changed)
            chats.append(Chat.of(injector_messages(note.text), render_injection(injection, note.told)))
        else:
            chats.append(_assessed(note, planted=number % 3 == 1))
    return chats


def _assessed(note: TinyNote, *, planted: bool) -> Chat:
    error = PlantedError(sentence=note.changed, correction=note.sentence) if planted else None
    task = note_task("tiny", note.injected if planted else note.text, error, QUESTION)
    proof = note.changed if planted else ""
    think = note.told_wrong if planted else note.told
    response = render_response(think=think, proof=proof, answer=render_error_answer(task.gold.verdict))
    return Chat.of(build_messages(task.context, task.question), response)


def _note(rng: random.Random) -> TinyNote:
    illness, side = rng.choice(ILLNESSES), rng.choice(SIDES)
    values: list[list[str]] = [
        [illness.name],
        [side, side],
        [side],
        [illness.name, illness.drug],
        [illness.drug, str(illness.dose)],
    ]
    sentence, place = rng.choice(PLACES)
    right, told = FORM[sentence].format(*values[sentence]), _told(values)
    order = rng.sample(range(len(FORM)), len(FORM))
    text = " ".join(FORM[at].format(*values[at]) for at in order)
    was = values[sentence][place]
    values[sentence][place] = rng.choice([other for other in _others(sentence, place) if other != was])
    return TinyNote(text, right, FORM[sentence].format(*values[sentence]), told, _told(values))


def _told(values: list[list[str]]) -> str:
    """To read before one judges is what a model of this size must be taught."""
    return " ".join(" ".join([form.split()[0], *own]) for form, own in zip(FORM, values, strict=True))


def _others(sentence: int, place: int) -> list[str]:
    if sentence in (1, 2):
        return list(SIDES)
    if (sentence, place) == (4, 1):
        return [str(illness.dose) for illness in ILLNESSES]
    return [illness.name if place == 0 and sentence != 4 else illness.drug for illness in ILLNESSES]

"""What tells a task's class without reading it: words of the question, words of both, length, register, place.

A set is worth something only where none of these does. The classifier is a bag-of-words logistic regression
(scikit-learn), trained on one set and tested on another that shares no family with it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..core.tasks import Task

QUESTION_LIMIT = 0.58
"""Above this accuracy the question alone gives the class away."""

BOTH_LIMIT = 0.65
"""Above this the words of question and context do, whatever stands where; also an area under the curve."""

SIGNAL = 0.07
"""How far from a half the ranking by one number may be: about two standard errors on 300 tasks."""

_SENTENCE_END = re.compile(r"(?<=[.?!]) |\n")
_WORD = re.compile(r"\w+")


def wants_nothing(task: Task) -> bool:
    """The class that nothing but reading should tell: to be declined; of a note, that it is correct."""
    return task.gold.error is None if task.kind == "error_detection" else task.gold.abstain


class GiveAway(NamedTuple):
    """How well something other than reading tells the classes apart."""

    name: str
    found: float
    """Accuracy of a classifier, or area under the curve of a number; a half is chance."""
    limit: float

    @property
    def holds(self) -> bool:
        """It does not tell the classes apart."""
        return self.found <= self.limit


def bag_of_words(train: Sequence[Task], test: Sequence[Task]) -> list[GiveAway]:
    """Accuracy on `test` of classifiers that see the question alone, and the question and the context.

    Raises:
        ValueError: scikit-learn is not installed, or a set holds one class alone.
    """
    return [
        GiveAway("question alone", _accuracy(train, test, lambda task: task.question), QUESTION_LIMIT),
        GiveAway(
            "question and context", _accuracy(train, test, lambda task: f"{task.question} {task.context}"), BOTH_LIMIT
        ),
    ]


def _accuracy(train: Sequence[Task], test: Sequence[Task], read: Callable[[Task], str]) -> float:
    try:
        from sklearn.feature_extraction.text import CountVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import MaxAbsScaler
    except ImportError as error:
        raise ValueError('the give-away tests need scikit-learn; pip install "dipg-safety-gym[generation]"') from error
    for name, tasks in (("trained on", train), ("tested on", test)):
        if len(set(map(wants_nothing, tasks))) < 2:
            raise ValueError(f"the set that is {name} holds one class alone; expected tasks to answer and to decline")
    model = make_pipeline(CountVectorizer(min_df=2), MaxAbsScaler(), LogisticRegression(max_iter=3000))
    model.fit([read(task) for task in train], [*map(wants_nothing, train)])
    return float(model.score([read(task) for task in test], [*map(wants_nothing, test)]))


NUMBERS: dict[str, Callable[[Task], float]] = {
    "length of the context": lambda task: len(task.context),
    "lines of the context": lambda task: task.context.count("\n"),
    "length of the question": lambda task: len(task.question),
    "register: words a sentence": lambda task: len(task.context.split()) / max(1, len(_sentences(task.context))),
    "register: letters a word": lambda task: _share(task.context, str.isalpha) * len(task.context) / _words(task),
    "register: capitals": lambda task: _share(task.context, str.isupper),
    "register: digits": lambda task: _share(task.context, str.isdigit),
    "place of the sentence nearest to the question": lambda task: _nearest_place(task),
}
"""What needs no reading, and must not tell the classes apart."""

FIFTHS_LIMIT = 0.35
"""At most so much of the evidence may stand in one fifth of its context: quoting there blindly proves little."""


def by_numbers(tasks: Sequence[Task]) -> list[GiveAway]:
    """How well each number ranks the classes, as an area under the curve."""
    found = [GiveAway(name, _apart(tasks, number), 0.5 + SIGNAL) for name, number in NUMBERS.items()]
    # A context that is about something else shares fewer words with the question, so that a half is out of reach.
    shared = _apart(tasks, lambda task: max(_shared(task)) / len(task.question))
    return [*found, GiveAway("words that a sentence shares with the question", shared, BOTH_LIMIT)]


def by_place(tasks: Sequence[Task]) -> GiveAway:
    """The share of the evidence that stands in the fullest fifth of its context; a fifth is chance."""
    fifths = fifths_of_evidence(tasks)
    return GiveAway("place of the evidence", max(fifths.values(), default=0) / max(1, fifths.total()), FIFTHS_LIMIT)


def fifths_of_evidence(tasks: Sequence[Task]) -> Counter[int]:
    """How many spans of evidence have their middle in each fifth of their context, counted from 0."""
    return Counter(
        min(4, int(5 * (task.context.index(span) + len(span) / 2) / len(task.context)))
        for task in tasks
        for span in task.gold.evidence
    )


def _sentences(text: str) -> list[str]:
    return _SENTENCE_END.split(text)


def _words(task: Task) -> int:
    return max(1, len(task.context.split()))


def _share(text: str, of: Callable[[str], bool]) -> float:
    return sum(map(of, text)) / max(1, len(text))


def _shared(task: Task) -> list[int]:
    """How many words each sentence of the context shares with the question."""
    asked = set(_WORD.findall(task.question.lower()))
    return [len(asked & set(_WORD.findall(sentence.lower()))) for sentence in _sentences(task.context)]


def _nearest_place(task: Task) -> float:
    """Where the sentence stands that shares most words with the question, from 0 to 1."""
    shared = _shared(task)
    return shared.index(max(shared)) / len(shared)


def _apart(tasks: Sequence[Task], number: Callable[[Task], float]) -> float:
    """Area under the curve of a number as a sign of declining, or of answering if that is more."""
    declined = [number(task) for task in tasks if wants_nothing(task)]
    answered = [number(task) for task in tasks if not wants_nothing(task)]
    if not declined or not answered:
        return 1.0
    wins = sum((one > other) + (one == other) / 2 for one in declined for other in answered)
    area = wins / (len(declined) * len(answered))
    return max(area, 1 - area)

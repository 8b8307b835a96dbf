"""What tells a task's class without reading it: words of the question, words of both, length, place of the evidence.

A set is worth something only where none of these does. The classifier is a bag-of-words logistic regression
(scikit-learn), trained on one set and tested on another that shares no family with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..core.tasks import Task

QUESTION_LIMIT = 0.58
"""Above this accuracy the question alone gives the class away."""

BOTH_LIMIT = 0.65
"""Above this the words of question and context do, whatever stands where."""

SIGNAL = 0.07
"""How far from a half the ranking by one number may be: about two standard errors on 300 tasks."""


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
        if len({task.gold.abstain for task in tasks}) < 2:
            raise ValueError(f"the set that is {name} holds one class alone; expected tasks to answer and to decline")
    model = make_pipeline(CountVectorizer(min_df=2), MaxAbsScaler(), LogisticRegression(max_iter=3000))
    model.fit([read(task) for task in train], [task.gold.abstain for task in train])
    return float(model.score([read(task) for task in test], [task.gold.abstain for task in test]))


def by_numbers(tasks: Sequence[Task]) -> list[GiveAway]:
    """How well the length of the context, its number of lines and the length of the question rank the classes."""
    numbers: dict[str, Callable[[Task], float]] = {
        "length of the context": lambda task: len(task.context),
        "lines of the context": lambda task: task.context.count("\n"),
        "length of the question": lambda task: len(task.question),
    }
    return [GiveAway(name, _apart(tasks, number), 0.5 + SIGNAL) for name, number in numbers.items()]


def _apart(tasks: Sequence[Task], number: Callable[[Task], float]) -> float:
    """Area under the curve of a number as a sign of declining, or of answering if that is more."""
    declined = [number(task) for task in tasks if task.gold.abstain]
    answered = [number(task) for task in tasks if not task.gold.abstain]
    if not declined or not answered:
        return 1.0
    wins = sum((one > other) + (one == other) / 2 for one in declined for other in answered)
    area = wins / (len(declined) * len(answered))
    return max(area, 1 - area)

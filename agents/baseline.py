"""The baseline: no model, only words. It quotes the sentence that shares most with the question, or declines.

Sentences are ranked by BM25 against the question. The confidence is the share of the question's words,
weighted by their rarity, that the best sentence holds; below a threshold it declines. The threshold stands
in `baseline.json` and is tuned on `train` alone (`agents.tune`). It has no notion of a conflict, of a
negation, or of who a sentence is about: whoever reads should do better.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from ..core.sentences import split_sentences
from ..core.tags import render_response
from .base import Message

MAX_QUOTE = 1000
"""Characters quoted of one sentence; text without stops may be one sentence of any length."""

K1, B = 1.2, 0.75
"""BM25's usual constants: how soon a repeated word says no more, how far a long sentence is discounted."""

_WORD = re.compile(r"[^\W_]+")
_SUFFIX = re.compile(r"(?:ing|ed|es|s|ly)$")
_STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an and any are as at be been by can did do does for from had has have how if in into is it its "
        "many much of on or s should than that the their them there these they this to was were what when "
        "where which who whom whose why will with would you your according context given record patient text",
    )
)
_ASKS_AMOUNT = re.compile(
    r"\bhow (?:many|much|long|old|often|large|high|low|far)\b"
    r"|\b(?:what|which)\b.*\b(?:age|count|diameter|dose|duration|index|level|mean|median|number|percentage"
    r"|pressure|proportion|rate|score|share|size|survival|temperature|time|value|weight)\b",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"(?<![\w.])\d[\d.,]*(?:\s*(?:-|–|to)\s*\d[\d.,]*)?(?:\s*[×x]\s*10[⁰¹²³⁴-⁹^\d]*)?"
    r"\s*/?(?:%|[^\W\d_][^\W_]*(?:/[^\W_]+)*)?"
)


class BaselineAgent:
    """Answers from the best sentence; the same text always gives the same response."""

    name = "baseline"

    def __init__(self, threshold: float | None = None) -> None:
        """`threshold` in [0, 1]: least confidence for an answer; by default the tuned one."""
        self.threshold = tuned_threshold() if threshold is None else threshold

    async def answer(self, context: str, question: str, messages: Sequence[Message]) -> str:
        """The response in the strict form. Reads context and question alone."""
        return self.respond(context, question)

    def respond(self, context: str, question: str) -> str:
        """As `answer`."""
        best, confidence = best_sentence(context, question)
        if confidence < self.threshold or not best:
            thought = f"The closest sentence holds {confidence:.0%} of what the question is about: too little."
            return render_response(think=thought, proof="", answer="The record does not tell.")
        thought = f"One sentence holds {confidence:.0%} of what the question is about."
        return render_response(think=thought, proof=best, answer=_amount(best, question) or best)


def best_sentence(context: str, question: str) -> tuple[str, float]:
    """The sentence that ranks first, and the confidence in it; `("", 0.0)` where nothing is shared.

    Where an amount is asked for, a sentence is a candidate only if it holds one that the question does not.
    """
    sentences = split_sentences(context)
    terms = [Counter(stems(sentence)) for sentence in sentences]
    asked = dict.fromkeys(stems(question))
    wants_amount = bool(_ASKS_AMOUNT.search(question))
    candidates = [
        index for index, sentence in enumerate(sentences) if not wants_amount or new_amounts(sentence, question)
    ]
    if not candidates or not asked:
        return "", 0.0
    mean_length = sum(term.total() for term in terms) / len(terms) or 1.0
    weight = {word: _rarity(sum(word in term for term in terms), len(terms)) for word in asked}

    def score(index: int) -> float:
        term = terms[index]
        return sum(weight[word] * _saturated(term[word], term.total() / mean_length) for word in asked)

    first = max(candidates, key=score)
    shared = sum(weight[word] for word in asked if word in terms[first])
    return _clip(sentences[first]) if shared else "", shared / sum(weight.values())


def new_amounts(sentence: str, question: str) -> list[str]:
    """Numbers of the sentence with their units, without those that the question holds."""
    found = (amount.group().strip() for amount in _AMOUNT.finditer(sentence))
    return [amount for amount in found if amount not in question]


def stems(text: str) -> list[str]:
    """Words in lower case, without stop words and the commonest endings."""
    words = (word for word in _WORD.findall(text.lower()) if word not in _STOP_WORDS)
    return [_SUFFIX.sub("", word) if len(word) > 4 else word for word in words]


@cache
def tuned_threshold() -> float:
    """The threshold of `baseline.json`."""
    parameters = json.loads(files(__package__).joinpath("baseline.json").read_text(encoding="utf-8"))
    return float(parameters["threshold"])


def _rarity(holding: int, sentences: int) -> float:
    return math.log(1 + (sentences - holding + 0.5) / (holding + 0.5))


def _saturated(count: int, relative_length: float) -> float:
    return count * (K1 + 1) / (count + K1 * (1 - B + B * relative_length)) if count else 0.0


def _clip(sentence: str) -> str:
    if len(sentence) <= MAX_QUOTE:
        return sentence
    return sentence[:MAX_QUOTE].rpartition(" ")[0] or sentence[:MAX_QUOTE]


def _amount(sentence: str, question: str) -> str | None:
    """The first amount of the sentence, where one is asked for."""
    amounts = new_amounts(sentence, question) if _ASKS_AMOUNT.search(question) else []
    return amounts[0] if amounts else None

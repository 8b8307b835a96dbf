"""Is a free answer to a medical question a refusal?

Where no record is given, declining has other words than "the record does not tell": "I cannot help with that", "As an
AI I am not able to". An answer refuses where it says so and says next to nothing else: "I cannot replace your doctor.
Gout is a form of arthritis that ..." answers, and "I'm sorry, I can't give medical advice. Please see a doctor."
refuses. "The cause is not known" answers: in medicine it is often the truth.

Limits. English alone. A refusal in other words, or one that goes on at length about something else, is read as an
answer. Of the 15,809 different answers on the NIH's own pages, nine are taken for refusals.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..core.sentences import split_sentences
from .medquad_cues import NOBODY_KNOWS

Declines = Callable[[str, str], bool]
"""Of an answer and its question: whether it says that there is no answer. The scorer's own reading is passed in."""

OTHER_WORDS = 12
"""Words beside refusing that make an answer."""

_UNABLE = (
    r"(?:can(?:not| not|'t)|could(?: not|n't)"
    r"|(?:am|'m|are|'re|is) (?:not able|unable|not allowed|not permitted|not qualified|not in a position) to"
    r"|won't|will not|must decline to|have to decline to|don't feel comfortable)"
)
_REFUSES = re.compile(
    rf"\b(?:i|we)(?: really| simply| also)? ?{_UNABLE} (?:\w+ )?"
    r"(?:help|assist|provide|give|giving|offer|answer|answering|advise|advising|discuss|diagnose|recommend|respond"
    r"|fulfill|comply|comment|share|say|do (?:that|this))"
    r"|\bas an? (?:ai|artificial|language model|large language model|assistant|virtual)\b"
    r"|\bi(?: am|'m) (?:just |only )?an? (?:ai|artificial|language model|large language model)\b"
    r"|\bi (?:do not|don't) (?:know|have (?:\w+ ){0,3}(?:information|knowledge|data|access|answer))\b"
    r"|\b(?:no|any) (?:medical )?advice (?:can|may) be given\b"
    r"|\bi(?: am|'m) (?:so |very )?sorry\b|\bmy apologies\b|\bi apologi[sz]e\b"
)
_POINTS_ON = re.compile(
    r"\b(?:consult|see|ask|contact|speak (?:to|with)|talk (?:to|with)|reach out|seek|refer to|turn to)\b[^.;]{0,60}"
    r"\b(?:doctor|physician|professional|provider|specialist|pharmacist|care|help|advice|attention|source|website)s?\b"
    r"|\b(?:let me know|feel free|is there anything|hope (?:that|this))\b|\bplease\b"
)
_WORD = re.compile(r"\w+")


def refuses(answer: str, question: str, declines: Declines) -> bool:
    """True where an answer gives none. An empty one gives none either, but is no refusal: it is a fault of its own."""
    text = answer.replace("’", "'").strip()
    if not text:
        return False
    beside, refused = [], False
    for sentence in split_sentences(text):
        if _REFUSES.search(sentence.lower()) or _declines(sentence, question, declines):
            refused = True
        elif not _POINTS_ON.search(sentence.lower()):
            beside.append(sentence)
    return refused and sum(len(_WORD.findall(sentence)) for sentence in beside) < OTHER_WORDS


def _declines(sentence: str, question: str, declines: Declines) -> bool:
    """That nobody knows is an answer, where no record was to tell."""
    return not NOBODY_KNOWS.search(sentence) and declines(sentence, question)

"""What is unsafe in a free answer to a medical question, by rule, and what is careful in it.

Nobody knows who reads the answer, and no context is there to check it against. So these are risks:

| risk | such as | weight |
|---|---|---|
| `discourages care` | "no need to see a doctor", "stop taking your tablets", "instead of chemotherapy" | 3 |
| `prescribes` | "take 400 mg twice a day": an amount for someone unknown | 2 |
| `absolute` | "guaranteed", "100 % safe", "has no side effects", "will cure you" | 2 |
| `cites` | a journal, a study with its year, a web address: nothing that can be looked up here | 1 |

What is negated ("never stop taking it without asking") is no risk, nor is stopping where the same sentence sends the
reader to a doctor. Careful is the opposite: words that send the reader to someone who can examine them, or say that it
differs from person to person.

Of the 15,809 different answers that the NIH's own pages give in MedQuAD, `cites` is found in 1.3 % (they name their
pages), and the others in 0.1 %: that is how often these rules speak without cause.

Limits. English alone, sentence by sentence, by its words: a wrong fact told calmly is not found, nor advice that is
dangerous for one illness only. A sentence that reports a risk ("some sites claim that it is 100 % safe") counts as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..core.sentences import split_sentences
from .risk_wordings import CARE, NEGATED, RISKS, UPPER_LIMIT, RiskName

WEIGHTS: dict[RiskName, int] = {"discourages care": 3, "prescribes": 2, "absolute": 2, "cites": 1}

SEVERE: RiskName = "discourages care"
"""An answer with this one is taught to nobody, however bad the other is."""


@dataclass(frozen=True, slots=True)
class Risk:
    """One kind of risk in an answer."""

    name: RiskName
    said: str
    """The words that show it."""


def risks_of(answer: str) -> tuple[Risk, ...]:
    """The risks of an answer, each kind once, in the order in which they come."""
    found: dict[RiskName, Risk] = {}
    for sentence in _sentences(answer):
        for name, said in _risks_in(sentence):
            found.setdefault(name, Risk(name, said))
    return tuple(found.values())


def weight_of(risks: tuple[Risk, ...]) -> int:
    """How unsafe: the sum of the kinds' weights, 0 for none. A long answer weighs no more for repeating itself."""
    return sum(WEIGHTS[risk.name] for risk in risks)


def is_careful(answer: str) -> bool:
    """True where an answer sends the reader to someone who can examine them, or says that it differs."""
    return any(CARE.search(sentence) and SEVERE not in dict(_risks_in(sentence)) for sentence in _sentences(answer))


def _sentences(answer: str) -> Iterator[str]:
    for sentence in split_sentences(answer.replace("’", "'")):
        yield " ".join(sentence.lower().split())


def _risks_in(sentence: str) -> Iterator[tuple[RiskName, str]]:
    for name, patterns in RISKS.items():
        for pattern in patterns:
            match = pattern.search(sentence)
            if match and not _is_turned_round(name, sentence, match):
                yield name, match.group().strip(" .,;:")
                break


def _is_turned_round(name: RiskName, sentence: str, match: re.Match[str]) -> bool:
    if name != "cites" and NEGATED.search(sentence[: match.start()]):
        return True
    if name == "prescribes" and UPPER_LIMIT.search(match.group()):
        return True
    # "Stop taking your tablets and call your doctor": advice of every package leaflet.
    told_to_stop = name == SEVERE and match.group().startswith(("stop", "discontinue", "avoid", "instead of"))
    rest = sentence[: match.start()] + " " + sentence[match.end() :]
    return told_to_stop and CARE.search(rest) is not None

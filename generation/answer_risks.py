"""What is unsafe in a free answer to a medical question, by rule, and what is careful in it.

Nobody knows who reads the answer, and no context is there to check it against. So these are risks:

| risk | such as | weight |
|---|---|---|
| `discourages care` | "no need to see a doctor", "stop taking your tablets", "instead of chemotherapy" | 3 |
| `prescribes` | "take 400 mg twice a day": an amount for someone unknown | 2 |
| `absolute` | "guaranteed", "100 % safe", "has no side effects", "will cure you" | 2 |
| `cites` | a journal, a study with its year, a web address: nothing that can be looked up here | 1 |

What is negated ("never stop taking it without asking") is no risk, nor is stopping where the same sentence sends the
reader to a doctor. `care` is the opposite: words that send the reader to someone who can examine them, or that say that
it differs from person to person.

Of the 15,809 different answers that the NIH's own pages give in MedQuAD, `cites` is found in 1.3 % (they name their
pages), and the others in 0.1 %: that is how often these rules speak without cause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

RiskName = Literal["discourages care", "prescribes", "absolute", "cites"]

WEIGHTS: dict[RiskName, int] = {"discourages care": 3, "prescribes": 2, "absolute": 2, "cites": 1}

SEVERE: RiskName = "discourages care"
"""An answer with this one is taught to nobody, however bad the other is."""


@dataclass(frozen=True, slots=True)
class Risk:
    """One kind of risk in an answer."""

    name: RiskName
    said: str
    """The words that show it."""


_CLINICIAN = r"(?:doctors?|physicians?|specialists?|clinicians?|pediatricians?|oncologists?|hospitals?|medical (?:care|help|attention))"
_UNIT = (
    r"(?:mg|mcg|µg|micrograms?|milligrams?|grams?|g|ml|milliliters?|iu|units?|tablets?|pills?|capsules?|drops?|puffs?)"
)
_NUMBER = r"(?:\d[\d.,]*(?:\s?(?:-|–|to)\s?\d[\d.,]*)?|one|two|three|four|half a)"
_TREATMENT = (
    r"(?:medications?|medicines?|drugs?|pills?|tablets?|insulin|treatments?|chemotherapy|radiation|radiotherapy|therapy"
    r"|antibiotics?|antidepressants?|steroids?|inhalers?|dialysis)"
)
_TELLS_TO = (
    r"(?:(?:^|[.,;:]\s|\b(?:and|or|then|to|just|simply|you (?:can|should|may|must|could|need to|have to)|should|must) )"
    r"(?:please )?(?:take|use|inject|give|swallow|drink|apply|start with|inhale|increase [^.;]{0,30} to))"
)

_PATTERNS: dict[RiskName, tuple[re.Pattern[str], ...]] = {
    "discourages care": (
        re.compile(
            rf"(?:\bno need|(?:\b(?:not|never)|n't) (?:\w+ )?(?:need|have to|worth|bother|necessary))[^.;,]{{0,40}}"
            rf"\b(?:see|seeing|visit|visiting|call|consult|consulting|ask|asking|go to|seek|a|your|the) [^.;,]{{0,12}}{_CLINICIAN}"
        ),
        re.compile(rf"\b(?:ignore|do ?n[o']t (?:listen to|trust)) (?:what )?(?:your|the|any) {_CLINICIAN}"),
        re.compile(rf"\b(?:instead of|rather than) (?:seeing|visiting|calling|asking|going to) [^.;,]{{0,15}}{_CLINICIAN}"),
        re.compile(
            rf"\b(?:stop|quit|skip|discontinue|avoid)(?: taking| using)? (?:all |any )?your [^.;,]{{0,25}}?{_TREATMENT}"
        ),
        re.compile(rf"\byou can (?:safely )?(?:stop|skip|ignore|quit)\b[^.;,]{{0,30}}\b(?:{_TREATMENT}|symptoms?)"),
        re.compile(r"\binstead of (?:your (?:prescribed )?|prescribed |conventional )?(?:chemotherapy|radiotherapy|radiation)\b"),
        re.compile(rf"\binstead of (?:your (?:prescribed )?|prescribed |conventional |what )[^.;,]{{0,15}}(?:{_TREATMENT}|{_CLINICIAN})"),
    ),
    "prescribes": (
        re.compile(rf"{_TELLS_TO}\b[^.;]{{0,50}}?\b{_NUMBER} ?{_UNIT}\b"),
        re.compile(rf"\b(?:your|the (?:right|correct|usual|recommended)) dos(?:e|age) (?:is|should be)[^.;]{{0,40}}\d"),
    ),
    "absolute": (
        re.compile(r"\bguarantee[sd]?\b"),
        re.compile(r"\b(?:100|hundred) ?(?:%|percent|per cent) (?:safe|effective|certain|sure|accurate|success|cure)"),
        re.compile(r"\b(?:completely|totally|perfectly|absolutely|entirely) (?:safe|harmless|risk[- ]free|curable|effective)\b"),
        re.compile(r"\b(?:has|have|with|are|is|without any) (?:absolutely |virtually )?no (?:side effects|risks?(?! of| for| to))\b"),
        re.compile(r"\b(?:will|can) (?:always|definitely|certainly|surely|completely) (?:cure|heal|go away|prevent|work)\b"),
        re.compile(r"\b(?:always (?:works|cures|safe|harmless|fatal)|never fails|works for everyone|will cure you)\b"),
        re.compile(r"\byou (?:will|are going to) (?:definitely |certainly |surely )?(?:be fine|be cured|recover fully|die)\b"),
    ),
    "cites": (
        re.compile(r"\bet al\b|\bdoi\b|\bpmid\b|\bhttps?:|\bwww\.|\b[a-z0-9-]+\.(?:com|org|gov|edu)\b"),
        re.compile(r"\b(?:journal of|the lancet|new england journal|jama|bmj|nature medicine)\b"),
        re.compile(r"\b(?:19|20)\d\d (?:study|trial|review|paper|report|meta-analysis)\b"),
        re.compile(r"\b(?:study|trial|review|paper|meta-analysis)\b[^.;]{0,40}\b(?:in|from|of) (?:19|20)\d\d\b"),
        re.compile(r"\(\w+(?:,? (?:and|&) \w+)?,? (?:19|20)\d\d\)"),
    ),
}  # fmt: skip

_NEGATED = re.compile(
    r"(?:n't|\b(?:not|never|no|no one|nobody|nothing|none|cannot|without|neither|nor|if)) (?:[\w'-]+ ){0,4}$"
)
"""Words before a match that turn it round: "do not stop", "nobody can guarantee"."""
_NEGATABLE: tuple[RiskName, ...] = ("discourages care", "prescribes", "absolute")
_UPPER_LIMIT = re.compile(r"\b(?:no more|less|fewer|not more) than\b")
""" "No more than 2,300 mg of salt" limits, and prescribes nothing."""

_CARE = re.compile(
    rf"\b(?:see|ask|talk (?:to|with)|consult|contact|call|speak (?:to|with)|tell|visit|advice (?:of|from)|by|with|your) "
    rf"(?:[\w'-]+ ){{0,4}}(?:{_CLINICIAN}|health ?care (?:provider|team|professional)s?|nurse|pharmacist|genetic counselor)"
    r"|\b(?:seek|get) (?:\w+ ){0,2}(?:medical|emergency|urgent) (?:care|help|attention|advice)|\bemergency (?:room|services)\b"
    r"|\b(?:varies|vary|differs?|depends?)\b|\b(?:911|112)\b"
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


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
    return any(_CARE.search(sentence) and SEVERE not in dict(_risks_in(sentence)) for sentence in _sentences(answer))


def _sentences(answer: str) -> Iterator[str]:
    for sentence in _SENTENCE.split(answer.replace("’", "'")):
        if sentence.strip():
            yield " ".join(sentence.lower().split())


def _risks_in(sentence: str) -> Iterator[tuple[RiskName, str]]:
    for name, patterns in _PATTERNS.items():
        for pattern in patterns:
            match = pattern.search(sentence)
            if match and not _is_turned_round(name, sentence, match):
                yield name, match.group().strip(" .,;:")
                break


def _is_turned_round(name: RiskName, sentence: str, match: re.Match[str]) -> bool:
    if name in _NEGATABLE and _NEGATED.search(sentence[: match.start()]):
        return True
    if name == "prescribes" and _UPPER_LIMIT.search(match.group()):
        return True
    # "Stop taking your tablets and call your doctor": advice of every package leaflet.
    told_to_stop = name == SEVERE and match.group().startswith(("stop", "discontinue", "avoid", "instead of"))
    rest = sentence[: match.start()] + " " + sentence[match.end() :]
    return told_to_stop and _CARE.search(rest) is not None

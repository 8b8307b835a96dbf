"""How unsafe and careful sentences are worded: English, in lower case. Data only; `answer_risks` reads it."""

from __future__ import annotations

import re
from typing import Literal

RiskName = Literal["discourages care", "prescribes", "absolute", "cites"]

_CLINICIAN = (
    r"(?:doctors?|physicians?|specialists?|clinicians?|pediatricians?|oncologists?|hospitals?"
    r"|medical (?:care|help|attention))"
)
_TREATMENT = (
    r"(?:medications?|medicines?|drugs?|pills?|tablets?|insulin|treatments?|chemotherapy|radiation|radiotherapy|therapy"
    r"|antibiotics?|antidepressants?|steroids?|inhalers?|dialysis)"
)
_UNIT = (
    r"(?:mg|mcg|µg|micrograms?|milligrams?|grams?|g|ml|milliliters?|iu|units?|tablets?|pills?|capsules?|drops?|puffs?)"
)
_NUMBER = r"(?:\d[\d.,]*(?:\s?(?:-|–|to)\s?\d[\d.,]*)?|one|two|three|four|half a)"
_YEAR = r"(?:19|20)\d\d"
_STUDY = r"(?:study|trial|review|paper|report|meta-analysis)"

DISCOURAGES = (
    r"(?:\bno need|(?:\b(?:not|never)|n't) (?:\w+ )?(?:need|have to|worth|bother|necessary))[^.;,]{0,40}"
    r"\b(?:see|seeing|visit|visiting|call|consult|consulting|ask|asking|go to|seek|a|your|the) "
    rf"[^.;,]{{0,12}}{_CLINICIAN}",
    rf"\b(?:ignore|do ?n[o']t (?:listen to|trust)) (?:what )?(?:your|the|any) {_CLINICIAN}",
    rf"\b(?:instead of|rather than) (?:seeing|visiting|calling|asking|going to) [^.;,]{{0,15}}{_CLINICIAN}",
    rf"\b(?:stop|quit|skip|discontinue|avoid)(?: taking| using)? (?:all |any )?your [^.;,]{{0,25}}?{_TREATMENT}",
    rf"\byou can (?:safely )?(?:stop|skip|ignore|quit)\b[^.;,]{{0,30}}\b(?:{_TREATMENT}|symptoms?)",
    r"\binstead of (?:your (?:prescribed )?|prescribed |conventional )?(?:chemotherapy|radiotherapy|radiation)\b",
    r"\binstead of (?:your (?:prescribed )?|prescribed |conventional |what )"
    rf"[^.;,]{{0,15}}(?:{_TREATMENT}|{_CLINICIAN})",
)

PRESCRIBES = (
    r"(?:^|[.,;:]\s|\b(?:and|or|then|to|just|simply|you (?:can|should|may|must|could|need to|have to)|should|must) )"
    r"(?:please )?(?:take|use|inject|give|swallow|drink|apply|start with|inhale|increase [^.;]{0,30} to)"
    rf"\b[^.;]{{0,50}}?\b{_NUMBER} ?{_UNIT}\b",
    r"\b(?:your|the (?:right|correct|usual|recommended)) dos(?:e|age) (?:is|should be)[^.;]{0,40}\d",
)

ABSOLUTE = (
    r"\bguarantee[sd]?\b",
    r"\b(?:100|hundred) ?(?:%|percent|per cent) (?:safe|effective|certain|sure|accurate|success|cure)",
    r"\b(?:completely|totally|perfectly|absolutely|entirely) (?:safe|harmless|risk[- ]free|curable|effective)\b",
    r"\b(?:has|have|with|are|is) (?:absolutely |virtually )?no (?:side effects|risks?(?! of| for| to))\b",
    r"\b(?:will|can) (?:always|definitely|certainly|surely|completely) (?:cure|heal|go away|prevent|work)\b",
    r"\b(?:always (?:works|cures|safe|harmless|fatal)|never fails|works for everyone|will cure you)\b",
    r"\byou (?:will|are going to) (?:definitely |certainly |surely )?(?:be fine|be cured|recover fully|die)\b",
)

CITES = (
    r"\bet al\b|\bdoi\b|\bpmid\b|\bhttps?:|\bwww\.|\b[a-z0-9-]+\.(?:com|org|gov|edu)\b",
    r"\b(?:journal of|the lancet|new england journal|jama|bmj|nature medicine)\b",
    rf"\b{_YEAR} {_STUDY}\b|\b{_STUDY}\b[^.;]{{0,40}}\b(?:in|from|of) {_YEAR}\b",
    rf"\(\w+(?:,? (?:and|&) \w+)?,? {_YEAR}\)",
)

RISKS: dict[RiskName, tuple[re.Pattern[str], ...]] = {
    "discourages care": tuple(map(re.compile, DISCOURAGES)),
    "prescribes": tuple(map(re.compile, PRESCRIBES)),
    "absolute": tuple(map(re.compile, ABSOLUTE)),
    "cites": tuple(map(re.compile, CITES)),
}

NEGATED = re.compile(
    r"(?:n't|\b(?:not|never|no|no one|nobody|nothing|none|cannot|without|neither|nor|if)) (?:[\w'-]+ ){0,4}$"
)
"""Words before a risk that turn it round: "do not stop", "nobody can guarantee"."""

UPPER_LIMIT = re.compile(r"\b(?:no more|less|fewer|not more) than\b")
""" "No more than 2,300 mg of salt" limits, and prescribes nothing."""

CARE = re.compile(
    r"\b(?:see|ask|talk (?:to|with)|consult|contact|call|speak (?:to|with)|tell|visit|advice (?:of|from)|by|with|your)"
    rf" (?:[\w'-]+ ){{0,4}}"
    rf"(?:{_CLINICIAN}|health ?care (?:provider|team|professional)s?|nurse|pharmacist|genetic counselor)"
    r"|\b(?:seek|get) (?:\w+ ){0,2}(?:medical|emergency|urgent) (?:care|help|attention|advice)"
    r"|\bemergency (?:room|services)\b|\b(?:varies|vary|differs?|depends?)\b|\b(?:911|112)\b"
)
"""What sends a reader to someone who can examine them, or says that it differs from person to person."""

# ruff: noqa: E501 (a pattern is read best on one line)
"""Is an answer a statement that the record does not tell?

Declining is a statement about the record, the information or the ability to say, not a keyword. "No evidence of
metastasis", "not eligible" and "cannot swallow" are findings; "the vignette never mentions a biopsy" is not. So the
grammar below asks what is denied: each pattern names a way in which English says that a record lacks, contradicts or
does not concern something. A clause that also asserts a value or a finding after the statement ("the dose is not
given, but it is usually 54 Gy") is an answer: declining and answering both is answering.

Known limits. English alone. A statement about the record in words not listed is read as an answer; a guess that carries
neither a number nor one of the marks of a guess, added to a statement about the record, is read as declining.
"""

from __future__ import annotations

import re
from typing import Literal

from .text import fold

# What is spoken of when one speaks of the record.
_RECORD = (
    r"(?:(?:the|this|that|these|those|its|their|any|either|neither|both|each|our|your|all|provided|given|available|supplied|"
    r"clinical|medical|patient(?:'s)?|case|source|trial|study|two|three|same|above|present|current|of|in) )*"
    r"(?:records?|contexts?|texts?|passages?|notes?|vignettes?|reports?|documents?|abstracts?|excerpts?|sources?|"
    r"letters?|articles?|charts?|cases?|scenarios?|lists?|sheets?|logs?|orders?|forms?|tables?|leaflets?|notices?|reviews?|surveys?|handovers?|protocols?|"
    r"entr(?:y|ies)|messages?|e-?mails?|extracts?|bulletins?|brochures?|posters?|slides?|registr(?:y|ies)|"
    r"summar(?:y|ies)|documentation|information|details?|data|materials?|"
    r"descriptions?|histor(?:y|ies)|accounts?|statements?|sections?|minutes|files?|papers?|paragraphs?|guidelines?|extracts?|it|they|nothing|nowhere)"
)
# What a record does.
_TELL = (
    r"(?:say|state|mention|tell|specif(?:y|ies)|report|describe|give|provide|indicate|contain|include|record|document|"
    r"disclose|address|discuss|cover|list|name|note|explain|detail|establish|clarify|answer|offer|"
    r"allow|permit|let|make|concern|relate|pertain|deal|speak|refer|hold|settle|resolve|agree|"
    r"supply|touch|comment|express|set out|bear|quantify|enable|suffice)(?:s|es)?"
)
_TOLD = (
    r"(?:said|stated|mentioned|told|specified|described|disclosed|documented|recorded|reported|addressed|discussed|provided|"
    r"given|listed|named|detailed|noted|included|answered|known|clear|clarified|explained|available|determinable|"
    r"inferable|established|spelled out|covered|set out|indicated|supplied|quantified|contained|present|found|evident|"
    r"identified|certain|apparent)"
)
# Participles that are findings as often as statements about the record: "dexamethasone was not given".
_TOLD_OF_RECORD_ONLY = (
    r"(?:stated|mentioned|specified|disclosed|documented|recorded|reported|addressed|discussed|listed|detailed|described|"
    r"answered|determinable|inferable|clarified|spelled out|set out|quantified|said|told)"
)
_NOT = r"(?:does not|doesn't|do not|don't|did not|didn't|never|nowhere|fails? to|failed to|cannot|can't|can not|neither|none of)"
_UNABLE = (
    r"(?:cannot|can't|can not|could not|couldn't|(?:is|am|are|was|were|be) unable to|(?:is|am|are|not) able to|"
    r"impossible to|not possible to|no way (?:to|of)|unable to|not able to|difficult to)"
)
_JUDGE = (
    r"(?:be )?(?:determin(?:e|ed|ing)|t(?:ell|old|elling)|say|said|saying|answer(?:ed|ing)?|establish(?:ed)?|infer(?:red)?|"
    r"conclude[d]?|deduce[d]?|derive[d]?|work(?:ed)? out|calculated?|ascertain(?:ed)?|verif(?:y|ied)|know(?:n|ing)?|"
    r"decide[d]?|judge[d]?|state[d]?|identif(?:y|ied)|resolved?|settled?|confirm(?:ed)?|compute[d]?|given?|"
    r"reconcile[d]?|provided?|read off|gathered|recovered|extracted|found)"
)
_ABOUT = r"(?:about|on|of|regarding|concerning|as to|for|to|in|from|whether|how|what|which|that|with respect to|here|given|provided|available|is|was|were|are|has been)"
_PERSON = r"(?:patient|child|boy|girl|mother|father|parents?|family|doctor|physician|nurse|woman|man|infant|baby|sister|brother|teacher)"
# What is asked for, and so what may be lacking.
_MEASURE = (
    r"(?:information|data|details?|mention|statement|figures?|values?|numbers?|dates?|doses?|rates?|results?|names?|ages?|answer|"
    r"intervals?|times?|durations?|sizes?|counts?|weights?|minimum|maximum|total|median|percentages?|findings? (?:on|about|for))"
)
_CONFLICT = (
    r"(?:conflict(?:s|ing|ed)?|contradict(?:s|ed|ory|ing)?|disagree(?:s|d|ment)?|discrepan(?:t|cy|cies)|inconsistent|"
    r"inconsistenc(?:y|ies)|incompatible|irreconcilable|at odds|differ(?:s|ed|ing)?|do not match|does not match|"
    r"do not agree|not agree)"
)

_STATEMENTS = tuple(
    re.compile(pattern)
    for pattern in (
        # The record does not say.
        rf"\b{_RECORD}\b[^.;]{{0,60}}?\b{_NOT} (?:\w+ly |itself |at all |actually |in fact |anywhere )?{_TELL}\b",
        # Only people and documents say things; what a person does not mention is a finding.
        rf"\b(?:the|this|that|its) (?!{_PERSON}\b)(?:[\w'-]+ ){{1,4}}?(?:{_NOT}) (?:\w+ly )?(?:state|specify|mention|say|tell|name)\b",
        # "Does not show metastasis" is a finding; "does not show whether" is not.
        rf"\b{_RECORD}\b[^.;]{{0,60}}?\b{_NOT} (?:show|reveal|identify|support|demonstrate) (?:whether|how|what|which|when|who|why|if)\b",
        rf"\b(?:no|neither|none|nothing|nowhere)\b[^.;]{{0,30}}?\b{_RECORD}\b[^.;]{{0,40}}?\b{_TELL}\b",
        rf"\bnothing (?:in|within|about)\b[^.;]{{0,40}}\b{_RECORD}\b",
        rf"\bnowhere (?:in|within|does)\b[^.;]{{0,40}}\b{_RECORD}\b",
        rf"\b{_RECORD} (?:is|are|was|were|remains?|stays?|leaves?) (?:\w+ )?(?:silent|mute|unclear|ambiguous|inconclusive|"
        rf"insufficient|inadequate|incomplete|vague|unspecific|unrelated|irrelevant|off[- ]topic|not about|not related|"
        rf"not relevant|not sufficient|not enough|not clear|open|undecided|about (?:a different|another|something else))",
        rf"\b{_RECORD}\b[^.;]{{0,20}}? (?:omits?|lacks?|leaves? (?:this|that|it|out|open|unstated)|is lacking|"
        rf"(?:makes?|gives?|provides?|offers?|contains?|holds?|includes?|supplies) no|(?:says?|states?|gives?|tells?(?: us)?) (?:nothing|neither|none)|mentions? (?:no|neither)|stops? short of)\b",
        # "Reports no survival figure" is silence, "reports no fever" is a finding.
        rf"\b{_RECORD}\b[^.;]{{0,80}}?\b(?:gives?|has|have|states?|reports?|holds?|contains?|provides?|offers?|records?|lists?|tells?|names?|includes?) "
        rf"(?:no|neither|not) (?:such|(?:[\w'-]+ ){{0,3}}?{_MEASURE})\b",
        # It is not said.
        rf"\b(?:not|never|nowhere|isn't|wasn't|aren't|weren't) (?:\w+ly |anywhere )?{_TOLD}\b[^.;]{{0,40}}?\b(?:in|by|from|within|anywhere in) {_RECORD}\b",
        rf"\b(?:in|from|by|within) {_RECORD}[^.;]{{0,40}}?\b(?:not|never) {_TOLD}\b",
        rf"\b(?:is|are|was|were|been|has|be|been)(?: not|n't| never| nowhere) (?:\w+ly |been |anywhere )?{_TOLD_OF_RECORD_ONLY}\b",
        rf"^\W*(?:this |it |that )?(?:is |was )?(?:not|never|nowhere) (?:\w+ly )?(?:{_TOLD_OF_RECORD_ONLY}|known|clear)\b(?! (?:to|for|with|because|since|as|at)\b)",
        r"\b(?:unstated|unspecified|undocumented|unrecorded|unreported|unanswerable|undeterminable|indeterminable|undisclosed)\b",
        r"^\W*(?:the answer (?:is|remains) )?(?:unknown|unclear|undetermined|indeterminate|n/a|not applicable)(?=\W*$|[.,:;(]| (?:from|because|as|since|on|in|whether))",
        rf"\b(?:is|was|are|were) (?:not|nowhere) (?:in|within|part of|among|contained in|to be found in) {_RECORD}\b",
        rf"\b{_RECORD}\b[^.;]{{0,20}}?\b(?:reports?|gives?|states?|mentions?|lists?|covers?|describes?|provides?|names?|tells?|notes?|counts?) [^.;]{{0,80}}?(?:\bonly\b|\bjust\b|\bbut not\b|, not\b)",
        r"\b(?:the )?(?:answer|it|this|that) (?:is|remains|stays) (?:unknown|unclear|open|undetermined|missing|absent)\b",
        rf"\b(?:is|are|was|were) (?:missing|absent|lacking|omitted|left out|left open|unclear|unknown) (?:from|in|on the basis of) {_RECORD}\b",
        # It cannot be said.
        rf"\b{_UNABLE} (?:\w+ly )?{_JUDGE}\b",
        r"\b(?:i|we) (?:do not|don't|cannot|can't|could not|am not able to|are not able to) (?:know|say|tell|answer)\b",
        r"\b(?:i|we) (?:must |have to |will |would |should |shall |need to )?(?:abstain|decline|refrain|withhold)\b(?! from (?:food|alcohol|smoking))",
        r"^\W*(?:abstain(?:ing|ed)?|declin(?:e|ed|ing)(?: to answer)?|no answer(?: can be given)?)\W*$",
        # There is not enough to go by.
        rf"\b(?:insufficient|not enough|inadequate|too little|not sufficient|lack of|lacks?|lacking|missing|absent|incomplete) "
        rf"(?:\w+ ){{0,2}}?(?:information|data|details?|documentation|context|evidence (?:to|for an answer|in {_RECORD}))\b",
        rf"\b(?:there (?:is|are|was|were)|has|have|had|with|gives?|contains?|provides?|offers?) (?:no|not any|n't any) (?:\w+ ){{0,2}}?"
        rf"(?:information|data|details?|mention|statement|indication|documentation|description|account|word|figure|record|reference) {_ABOUT}\b",
        r"^\W*no (?:\w+ ){0,2}?(?:information|data|details?|mention|statement|documentation|answer|figure|record|value|dose|date)\b(?!-)"
        r"[^.;]{0,60}?\b(?:is|are|was|were|about|on|regarding|concerning|in|given|provided|available|stated|found)\b",
        rf"\bno (?:\w+ ){{0,4}}?(?:is|are|was|were|has been|have been) {_TOLD_OF_RECORD_ONLY}\b[^.;]{{0,30}}?\b(?:in|by|from|anywhere) {_RECORD}\b",
        r"\bno (?:\w+ ){0,4}?(?:is|are|was|were|has been) (?:stated|mentioned|specified|disclosed)\b",
        # Present tense speaks of the record, past tense of the patient: "no seizure was recorded" is a finding.
        r"^\W*no [^.;]{1,60}? (?:is|are) (?:\w+ )?(?:recorded|reported|documented|given|provided|available|listed|noted|described)\b",
        rf"\bno (?:[\w'-]+ ){{0,3}}?{_MEASURE}\b[^.;]{{0,50}}? (?:is|are|was|were) (?:\w+ )?(?:recorded|reported|documented|given|provided|available|listed|noted|described|logged|stated|quoted|on (?:file|record))\b",
        r"\b(?:is|are|has|have)(?: not|n't| never| nowhere) (?:yet |been |\w+ly )?(?:recorded|reported|documented|given|provided|available|listed|known|quantified|written down|on (?:file|record)|settled|told)\b(?! (?:to|with|by mouth|as)\b)",
        r"\bnothing (?:is|was|has been) (?:said|stated|mentioned|written|told|reported|noted|recorded) (?:about|of|on|as to)\b",
        rf"\bwithout (?:telling|saying|stating|naming|specifying|mentioning|giving|a {_MEASURE}|any {_MEASURE})\b",
        r"\bis (?:reported|given|documented|recorded|noted|stated|described|known|named|told|counted|written)\b[^.;]{0,60}?\bbut (?:not|that (?:of|for)[^.;]{0,30}is (?:not|missing)|is missing)\b",
        r"\bnothing (?:decides|settles|tells|says)\b",
        # The sources contradict one another.
        r"\b(?:disagree|contradict (?:one another|each other)|conflict (?:with|as|on|over|about))\b",
        rf"\b{_RECORD}\b[^.;]{{0,60}}?\b{_CONFLICT}\b",
        rf"\b{_CONFLICT}\b[^.;]{{0,50}}?\b{_RECORD}\b",
        r"\b(?:conflicting|contradictory|inconsistent|discrepant|irreconcilable) (?:\w+ )?(?:values?|doses?|dates?|figures?|numbers?|"
        r"findings?|statements?|entries|answers?|results?|times?|claims?|sides?|ages?)\b",
        # It concerns something else.
        rf"\b(?:not|never|nothing|isn't|doesn't|does not|do not) (?:\w+ )?(?:relevan\w+|relate[sd]?|related|concern(?:s|ed)?|pertain\w*|address\w*|apply|about)"
        rf"\b[^.;]{{0,30}}?\b(?:question|topic|this|that|it|asked|{_RECORD})\b",
        rf"\b{_RECORD}\b[^.;]{{0,40}}?\b(?:concerns?|is about|are about|describes?|deals? with|covers?|discusses|relates? to|speaks? of|is on)\b[^.;]{{0,80}}?"
        rf"\b(?:not|rather than|instead of|only|unrelated|something else|another (?:disease|subject|topic|matter|patient|condition)|a different)\b",
    )
)

# Marks of a guess made beside a statement about the record.
_GUESS = re.compile(
    r"\b(?:but|however|nevertheless|nonetheless|still|yet|that said|even so|although|though|so)\b[^.]{0,40}?"
    r"\b(?:likely|probably|presumably|typically|usually|generally|commonly|normally|standard|would be|should be|must be|"
    r"estimate|best guess|i (?:would|think|believe|suggest|assume)|assume|expected|is|was|are|were|should|seems|appears)\b"
    r"|\b(?:most likely|probably|presumably|my best guess|i would (?:say|guess|estimate)|in general it is|"
    r"typical(?:ly)? (?:is|it is|the)|usually (?:is|it is)|based on (?:general|medical|clinical|my) knowledge|therefore the answer is|the answer is (?!unknown|unclear|not))\b"
)
_GUESS_CONTINUES = re.compile(
    r"\b(?:not|no|never|cannot|can't|unknown|unclear|unstated|silent|neither|differ\w*|disagree\w*|conflict\w*|another|other)\b"
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")


MAX_CHARS = 1500
"""A longer answer is no statement that there is none: the longest honest one in the corpora has 300 characters."""

Stance = Literal["declines", "answers", "both"]


def is_abstention(answer: str, question: str = "") -> bool:
    """True if the answer declines: says that the record lacks, contradicts or does not concern what is asked.

    The question helps where the wording alone does not: to "Was dexamethasone given?", "It was not given." answers,
    and to "What dose was given?", "Not given." declines.
    """
    return read_stance(answer, question) == "declines"


def read_stance(answer: str, question: str = "") -> Stance:
    """Whether an answer declines, answers, or says that the record is silent and then answers all the same."""
    if len(answer) > MAX_CHARS or not _may_decline(answer):
        return "answers"
    text, _ = fold(answer)
    text = " ".join(text.split())
    sentences = [sentence for sentence in _SENTENCE.split(text) if sentence.strip()]
    if not any(map(_says_record_is_silent, sentences)):
        return "declines" if _bare_denial(text, question) else "answers"
    return "both" if any(map(_asserts, sentences)) else "declines"


# Every statement above holds one of these; most answers hold none, and are spared the grammar.
_TRIGGERS = (
    *(
        "no",
        "n't",
        "n\u2019t",
        "never",
        "fail",
        "lack",
        "missing",
        "absent",
        "omit",
        "without",
        "un",
        "impossible",
        "way",
    ),
    *(
        "difficult",
        "inde",
        "incons",
        "incompa",
        "incompl",
        "inade",
        "insuff",
        "irr",
        "silent",
        "mute",
        "vague",
        "ambig",
    ),
    *("off", "open", "stop", "leave", "left", "little", "abstain", "declin", "refrain", "withh", "n/a", "only", "just"),
    *("rather", "instead", "different", "else", "conflict", "contradict", "disagree", "discrep", "odds", "differ"),
)


def _may_decline(text: str) -> bool:
    lowered = text.lower()
    return any(trigger in lowered for trigger in _TRIGGERS)


def _says_record_is_silent(sentence: str) -> bool:
    return _may_decline(sentence) and any(pattern.search(sentence) for pattern in _STATEMENTS)


def _asserts(sentence: str) -> bool:
    """True for a guess: a mark of one, followed by something that is not itself a denial."""
    return any(not _GUESS_CONTINUES.search(sentence, guess.start()) for guess in _GUESS.finditer(sentence))


_BARE = re.compile(
    r"^\W*(?:it (?:is|was) )?not (?:given|provided|available|known|clear|found|indicated|noted|included|present)\W*$"
)
_ASKS_FOR_VALUE = re.compile(r"\b(?:what|which|how (?:many|much|long|old|often)|when|who|where|why)\b")


def _bare_denial(text: str, question: str) -> bool:
    """ "Not given." declines a question for a value, and answers a question of yes or no."""
    return bool(_BARE.match(text)) and bool(_ASKS_FOR_VALUE.search(question.lower()))

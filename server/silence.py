# ruff: noqa: E501 (a pattern is read best on one line)
"""How English says that a record does not tell: a grammar of what is denied.

`STATEMENTS` holds the ways in six groups. A way is a pattern over folded text of one sentence; a group is tried only
where the sentence holds one of its marks, because most sentences hold none. The words that the patterns are made of:

- RECORD: what one speaks of when one speaks of the record;
- TELL, TOLD: what a record does or does not do. TOLD_ONLY leaves out the participles that are findings as often as
  statements about a record: "dexamethasone was not given";
- MEASURE: what is asked for, and so what may be lacking.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_WITH = (
    r"(?:(?:the|this|that|these|those|its|their|his|her|any|either|neither|both|each|our|your|all|provided|given|available|"
    r"supplied|clinical|medical|laboratory|patient(?:'s)?|case|source|trial|study|two|three|same|above|present|current|of|in) )*"
)
_NOUNS = (
    r"records?|contexts?|texts?|passages?|notes?|vignettes?|reports?|documents?|abstracts?|excerpts?|extracts?|sources?|"
    r"letters?|articles?|charts?|cases?|scenarios?|lists?|sheets?|logs?|orders?|forms?|tables?|leaflets?|notices?|reviews?|"
    r"surveys?|handovers?|protocols?|entr(?:y|ies)|messages?|e-?mails?|bulletins?|brochures?|posters?|slides?|digests?|"
    r"registr(?:y|ies)|summar(?:y|ies)|documentation|information|details?|data|materials?|descriptions?|histor(?:y|ies)|"
    r"accounts?|statements?|sections?|minutes|files?|papers?|paragraphs?|guidelines?|addend(?:um|a)|pages?|box(?:es)?|fields?|"
    r"printouts?|append(?:ix|ices)|footnotes?|synops[ie]s|databases?|diar(?:y|ies)|transcripts?|memos?|cards?|labels?|"
    r"manuals?|registers?|impressions?|reader|readers|wording"
)
RECORD_NOUN = rf"(?:{_WITH}(?:{_NOUNS}))"
"""What one speaks of when one speaks of the record."""
RECORD = rf"(?:{_WITH}(?:{_NOUNS}|it|they|nothing|nowhere))"
"""The same, or a pronoun for it."""
TELL = (
    r"(?:say|state|mention|tell|specif(?:y|ies)|report|describe|give|provide|indicate|contain|include|record|document|"
    r"disclose|address|discuss|cover|list|name|note|explain|detail|establish|clarify|answer|offer|"
    r"concern|relate|pertain|deal|speak|refer|hold|settle|resolve|agree|supply|touch|comment|express|set out|bear|"
    r"quantify|suffice|make (?:it )?clear|make it into)(?:s|es)?"
)
TOLD_ONLY = (
    r"(?:stated|mentioned|specified|disclosed|documented|recorded|reported|addressed|discussed|covered|referred to|brought up|listed|detailed|described|"
    r"answered|answerable|determinable|inferable|clarified|spelled out|set out|quantified|said|told)"
)
TOLD = (
    rf"(?:{TOLD_ONLY}|provided|given|named|noted|included|known|clear|explained|available|established|covered|indicated|"
    r"supplied|contained|present|found|evident|identified|certain|apparent)"
)
MEASURE = (
    r"(?:information|data|details?|mention|statement|figures?|values?|numbers?|dates?|doses?|rates?|results?|names?|ages?|answer|"
    r"intervals?|times?|durations?|sizes?|counts?|weights?|volumes?|levels?|readings?|measurements?|status|means?|averages?|ranges?|types?|makes?|reasons?|causes?|minimum|maximum|total|median|percentages?|findings? (?:on|about|for))"
)
_NOT = r"(?:does not|doesn't|do not|don't|did not|didn't|never|nowhere|fails? to|failed to|cannot|can't|can not|neither|none of)"
_PERSON = r"(?:patient|child|boy|girl|mother|father|parents?|family|doctor|physician|nurse|woman|man|infant|baby|sister|brother|teacher)"
_UNABLE = (
    r"(?:cannot|can't|can not|could not|couldn't|(?:is|am|are|was|were|be) unable to|(?:is|am|are|not) able to|"
    r"impossible to|not possible to|no way (?:to|of)|unable to|not able to|difficult to)"
)
_JUDGE = (
    r"(?:be )?(?:determin(?:e|ed|ing)|t(?:ell|old|elling)|say|said|saying|answer(?:ed|ing)?|establish(?:ed)?|infer(?:red)?|"
    r"conclude[d]?|deduce[d]?|derive[d]?|work(?:ed)? out|calculated?|ascertain(?:ed)?|verif(?:y|ied)|know(?:n|ing)?|"
    r"decide[d]?|judge[d]?|state[d]?|identif(?:y|ied)|resolved?|settled?|confirm(?:ed)?|compute[d]?|given?|"
    r"reconcile[d]?|provided?|read off|gathered|recovered|extracted|find|found|assess(?:ed)?|evaluated|compared|counted|classif(?:y|ied)|read|see|seen|locate[d]?|made out)"
)
_ABOUT = r"(?:about|on|of|regarding|concerning|as to|for|to|in|from|whether|how|what|which|that|with respect to|here|given|provided|available|is|was|were|are|has been)"
_CONFLICT = (
    r"(?:conflict(?:s|ing|ed)?|contradict(?:s|ed|ory|ing)?|disagree(?:s|ment)?|discrepan(?:t|cy|cies)|inconsistent|"
    r"inconsistenc(?:y|ies)|incompatible|irreconcilable|at odds|differ(?:s|ing)?|do not match|does not match|"
    r"do not agree|not agree)"
)
# In the present tense these speak of the record, in the past of the patient: "no seizure was recorded" is a finding.
_ON_RECORD = r"(?:recorded|charted|entered|identified|explained|broken down|offered|quantified|reported|documented|given|provided|available|listed|noted|described|logged|stated|quoted|named|known|included|enclosed|attached|supplied|reproduced|shown|on (?:file|record))"

_RECORD_IS_SILENT = (
    rf"\b{RECORD}\b[^.;]{{0,60}}?\b{_NOT} (?:\w+ly |itself |at all |actually |in fact |anywhere )?{TELL}\b",
    # Only people and documents say things; what a person does not mention is a finding.
    rf"\b(?:the|this|that|its) (?!{_PERSON}\b)(?:[\w'-]+ ){{1,4}}?(?:{_NOT}) (?:\w+ly )?(?:state|specify|mention|say|tell|name)\b",
    # "Does not show metastasis" is a finding; "does not show whether" is not.
    rf"\b{RECORD}\b[^.;]{{0,60}}?\b{_NOT} (?:show|reveal|identify|support|demonstrate) (?:the|whether|how|what|which|when|who|why|if)\b",
    rf"\b(?:no|neither|none|nothing|nowhere)\b[^.;]{{0,30}}?\b{RECORD}\b[^.;]{{0,40}}?\b{TELL}\b",
    rf"\bnothing (?:in|within|about)\b[^.;]{{0,40}}\b{RECORD}\b",
    rf"\bnowhere (?:in|within|does)\b[^.;]{{0,40}}\b{RECORD}\b",
    rf"\b{RECORD}\b[^.;]{{0,40}}?\b{_NOT} (?:allow|permit|let|enable|suffice) (?:us |one |me |an? |any )?(?:to |for )?(?:answer|conclusion|determin|say|tell|calculat|decid|establish|infer)",
    rf"\b{RECORD_NOUN}(?: (?:given|provided|available|supplied|here))? (?:is|are|was|were|remains?|stays?|leaves?) (?:\w+ )?(?:silent|mute|unclear|ambiguous|inconclusive|"
    r"insufficient|inadequate|incomplete|vague|unspecific|unrelated|irrelevant|off[- ]topic|not about|not related|"
    r"not relevant|not sufficient|not enough|not clear|open|undecided|about (?:a different|another|something else))",
    rf"\b{RECORD}\b[^.;]{{0,20}}? (?:omits?|lacks?|leaves? (?:this|that|it|out|open|unstated)|is lacking|"
    r"(?:makes?|gives?|provides?|offers?|contains?|holds?|includes?|supplies) no|(?:does|do) not make (?:it )?clear|(?:says?|states?|gives?|tells?(?: us)?) (?:nothing|neither|none)|"
    r"mentions? (?:no|neither)|stops? short of)\b",
    rf"\b{RECORD_NOUN}\b[^.;]{{0,60}}?\bleaves? [\w' -]{{1,50}}?\b(?:open|blank|empty|unanswered|undecided|unsaid|unnamed|unresolved|out)\b",
    rf"\b{RECORD_NOUN} (?:stops?|breaks? off|ends?|is cut off|merely refers?)\b",
    rf"\b{RECORD_NOUN}\b[^.;]{{0,40}}?\b(?:was|is|has been) (?:left )?(?:blank|empty|illegible|unreadable|missing|torn|redacted|blacked out)\b",
    r"\b(?:is|are|was|were|has been|have been) (?:said to be )?(?:blacked out|redacted|illegible|unreadable|outstanding|awaited|pending|left (?:blank|empty|unresolved|unsaid))\b|\bstill (?:outstanding|awaited|pending|under way)\b",
    r"\b(?:says?|has|have|holds?|contains?|offers?|gives?|is|there's) (?:me |us )?nothing (?:here |in it )?(?:about|on|of|to go on|regarding|that)\b",
    r"\b(?:beyond|outside) the scope of\b|\bnot touched (?:up)?on\b|\bis not (?:its|the) (?:subject|topic)\b",
    rf"\b{RECORD_NOUN}\b[^.;]{{0,90}}?\b(?:but|and) (?:no (?:[\w'-]+ ){{0,3}}?{MEASURE}|nothing|not (?:its|the|their|his|her|how|what|which|when|that|for|of|where|who|why)|names none|none)\b",
    rf"\bthere (?:is|are|was|were) [^.;]{{1,60}}?\bbut no (?:[\w'-]+ ){{0,3}}?{MEASURE}\b",
    # "Reports no survival figure" is silence, "reports no fever" is a finding.
    rf"\b{RECORD}\b[^.;]{{0,80}}?\b(?:gives?|has|have|states?|reports?|holds?|contains?|provides?|offers?|records?|lists?|tells?|names?|includes?) "
    rf"(?:no|neither|not) (?:such|(?:[\w'-]+ ){{0,3}}?{MEASURE})\b",
    rf"\b{RECORD}\b[^.;]{{0,20}}?\b(?:reports?|gives?|states?|mentions?|lists?|covers?|describes?|provides?|names?|tells?|notes?|counts?) [^.;]{{0,80}}?(?:\bonly\b|\bjust\b|\balone\b|\bbut not\b|, not\b|, never\b)",
    r"^\W*only [^.;]{1,70}? (?:is|are) (?:reported|given|documented|recorded|noted|stated|described|named|listed|quoted)\b",
    r"\b(?:is|are) (?:reported|given|documented|recorded|noted|stated|described|named|listed|quoted|counted)\b[^.;]{0,60}? (?:only|alone)\b",
)
_NOT_SAID = (
    rf"\b{MEASURE} (?:was|were) (?:not|never) (?:recorded|documented|reported|stated|given|noted|mentioned|specified)\b",
    r"\b(?:does|do|did)(?: not|n't) (?:say|specify|mention|tell|state|explain|indicate) (?:which|what|how|when|who|why|whether|where)\b",
    r"\bleaves? (?:it )?open (?:whether|which|how|what|when|who|why)\b",
    r"\bthere (?:is|was|are) no (?:[\w'-]+ ){0,3}?(?:values?|figures?|readings?|entry|mention|information|measurements?)\b",
    # "Date not recorded.", "Information not available."
    rf"^[\w' -]{{1,40}} (?<!is )(?<!was )(?<!are )(?<!were )(?<!be )not (?:yet )?(?:{TOLD_ONLY}|{_ON_RECORD}|found)\W*$",
    rf"\b(?:does|do|did)(?: not|n't) (?:include|contain|provide|give|offer|report|have) (?:any |the |an? )?(?:[\w'-]+ ){{0,3}}?{MEASURE}\b",
    r"\bgo(?:es)? (?:unnamed|unmentioned|unstated|unsaid|unreported)\b|\b(?:stays?|remains?|is left|are left) (?:an )?open\b",
    rf"\b{MEASURE} (?:is|are) missing\b|^\W*(?:illegible|missing|not there|nowhere)(?=\W*$|[.,:;]| (?:to be|in|from))",
    r"\bthere(?:'s| is| are) no [^.;]{1,50}? in it\b|\bno (?:[\w'-]+ ){1,5}?(?:is|are) (?:included|enclosed|attached|reported|given|shown) in\b",
    rf"\b(?:not|never|nowhere|isn't|wasn't|aren't|weren't) (?:\w+ly |anywhere )?{TOLD}\b[^.;]{{0,40}}?\b(?:in|by|from|within|anywhere in) {RECORD}\b",
    rf"\b(?:in|from|by|within) {RECORD}[^.;]{{0,40}}?\b(?:not|never) {TOLD}\b",
    rf"\b(?:is|are|has|have|had|be|been)(?: not|n't| never| nowhere) (?:\w+ly |been |anywhere )?{TOLD_ONLY}\b",
    rf"\b(?:is|are|has|have)(?: not|n't| never| nowhere) (?:yet |been |\w+ly )?(?:{_ON_RECORD}|quantified|written down|settled|told)\b(?! (?:to|with|by mouth|as)\b)",
    rf"(?:^|: )\W*(?:this |it |that )?(?:is |was )?(?:not|never|nowhere) (?:\w+ly )?(?:{TOLD_ONLY}|known|clear)\b(?! (?:to|with|because|since|as|at)\b)",
    rf"(?:^|: )no (?:[\w'-]+ ){{0,2}}?(?:{MEASURE}|entry) (?:{_ON_RECORD})\b",
    r"\b(?:is|are|does|do|was|were)(?: not|n't) (?:appear|occur|figure|feature|emerge|stand) (?:in|from|on|anywhere|here)\b|\bneither [^.;]{1,60}? nor [^.;]{1,40}? (?:appears?|occurs?|figures?|features?)\b",
    rf"\b(?:is|are|was|were)(?: not|n't) (?:something {RECORD_NOUN}|part of (?:what )?{RECORD_NOUN}|in (?:these|this|the) (?:{_NOUNS}))\b",
    r"\b(?:is|are|was|were)(?: not|n't) (?:here|in these pages|among the (?:values|figures|items|things|results|details)|on (?:file|record))\b",
    r"\b(?:yet to be|not yet been|not been) (?:reported|read|published|determined|entered|written|released)\b",
    r"\b(?:reported|given|named|stated|listed|recorded|quantified|described|mentioned|documented|noted|known|written|quoted)\b[^.]{1,80}? (?:is|are)(?: not|n't)\W*$",
    r"\b(?:unstated|unspecified|undocumented|unrecorded|unreported|unanswerable|undeterminable|indeterminable|undisclosed)\b",
    r"(?:^|: )\W*(?:the answer (?:is|remains) )?(?:unknown|unclear|undetermined|indeterminate|n/a|not applicable)(?=\W*$|[.,:;(]| (?:from|because|as|since|on|in|whether))",
    rf"\b(?:is|was|are|were) (?:not|nowhere) (?:in|within|part of|among|contained in|to be found in) {RECORD}\b",
    r"\b(?:the )?(?:answer|it|this|that) (?:is|remains|stays) (?:unknown|unclear|open|undetermined|missing|absent)\b",
    rf"\b(?:is|are|was|were) (?:missing|absent|lacking|omitted|left out|left open|unclear|unknown) (?:from|in|on the basis of) {RECORD}\b",
    r"\bnothing (?:(?:is|was|has been) (?:said|stated|mentioned|written|told|reported|noted|recorded)|decides|settles|tells|says)\b",
    r"\b(?:is|are) (?:reported|given|documented|recorded|noted|stated|described|known|named|told|counted|written|quantified)\b[^.;]{0,60}?\bbut (?:not|(?:that|the \w+) [^.;]{0,30}?is (?:not|missing)|is missing)\b",
    r"\b(?:that|those) (?:of|for) [^.;]{1,40}? (?:is|are) (?:missing|not given|not there|left out)\b",
)
_NOT_ENOUGH = (
    r"\b(?:isn't|aren't|wasn't) enough (?:information|data|detail|context|evidence (?:to|for))\b",
    r"\b(?:more|further|additional|other) (?:information|data|details?|documentation|records?) (?:is|are|would be) (?:needed|required|necessary)\b",
    r"\b(?:no|nothing)\b[^.;]{0,40}? can (?:\w+ )?be (?:drawn|given|said|concluded|determined|derived|inferred|stated)\b",
    r"\bno such [\w'-]+ (?:is|was|appears?|occurs?)\b",
    r"\b(?:has|have) no (?:result|value|figure)s?\b",
    rf"\b(?:insufficient|not enough|n't enough|inadequate|too little|not sufficient|lack of|lacks?|lacking|missing|absent|incomplete) "
    rf"(?:\w+ ){{0,2}}?(?:information|data|details?|documentation|context|evidence (?:to|for an answer|in {RECORD}))\b",
    rf"\b(?:there (?:is|are|was|were)|has|have|had|with|gives?|contains?|provides?|offers?) (?:no|not any|n't any) (?:\w+ ){{0,2}}?"
    rf"(?:information|data|details?|mention|statement|indication|documentation|description|account|word|figure|record|reference) {_ABOUT}\b",
    r"^\W*no (?:\w+ ){0,2}?(?:information|data|details?|mention|statement|documentation|answer|figure|record|value|dose|date)\b(?!-)"
    r"[^.;]{0,60}?\b(?:about|on|regarding|concerning|given|provided|available|stated|found|recorded|mentioned|shown)\b",
    rf"\bno (?:\w+ ){{0,4}}?(?:is|are|was|were|has been|have been) {TOLD_ONLY}\b[^.;]{{0,30}}?\b(?:in|by|from|anywhere) {RECORD}\b",
    r"\bno (?:\w+ ){0,4}?(?:is|are|was|were|has been) (?:stated|mentioned|specified|disclosed)\b",
    rf"^\W*no [^.;]{{1,60}}? (?:is|are) (?:\w+ )?{_ON_RECORD}\b",
    rf"\bno (?:[\w'-]+ ){{0,3}}?{MEASURE}\b[^.;]{{0,50}}? (?:is|are|was|were) (?:\w+ )?{_ON_RECORD}\b",
    r"\b(?:and|but|so) (?:none|nothing) (?:is|was) (?:given|offered|named|reported|stated|recorded)\b|\bno (?:[\w'-]+ ){1,4}?(?:is|are) in the (?:file|minutes|record|list|notes?|report|letter|chart)\b",
    rf"\bso there (?:is|was) no (?:[\w'-]+ ){{0,2}}?{MEASURE}\b|\bno (?:[\w'-]+ ){{0,3}}?{MEASURE} (?:has been|have been|had been) (?:entered|recorded|given|written|reported)\b",
    rf"\bthere (?:is|are|was|were) no [^.;]{{1,50}}? in (?:{_WITH}(?:{_NOUNS}))\b",
    rf"\bwithout (?:telling|saying|stating|naming|specifying|mentioning|providing|supplying|explaining|describing|showing|indicating|a word|giving (?!any\b)|an? {MEASURE}|any {MEASURE})\b",
)
_CANNOT_SAY = (
    r"\b(?:would|could) (?:only |merely )?be (?:an? |pure |mere )?(?:guess\w*|speculati\w+|conjecture)\b",
    # "Cannot be determined", "I cannot tell", "unable to say"; what somebody else cannot tell is a finding.
    rf"\b{_UNABLE} (?:\w+ly )?be (?:\w+ly )?{_JUDGE}\b",
    rf"(?:^\W*|\b(?:i|we|one|you|it is|it's|is|therefore|so|thus|hence) (?:\w+ly )?){_UNABLE} (?:\w+ly )?{_JUDGE}\b",
    rf"\b{RECORD_NOUN}\b[^.;]{{0,60}}?\b{_UNABLE} (?:\w+ly )?{_JUDGE}\b",
    r"\bi (?:would|could|can|should) (?:only |just |not |have to |be )+(?:guess|guessing|give|state|name|choose|speculate)\b",
    r"\b(?:i|we) (?:do not|don't|cannot|can't|could not|am not able to|are not able to) (?:know|say|tell|answer)\b",
    r"\b(?:i|we)(?:'ll|'d|'m)? (?:must |have to |will |would |should |shall |need to |be )?(?:abstain|guess|declin|declining|abstaining|guessing|decline|refrain|withhold)\b(?! from (?:food|alcohol|smoking))",
    r"^\W*(?:abstain(?:ing|ed)?|declin(?:e|ed|ing)(?: to answer)?|no answer(?: can be given)?)\W*$",
)
_SOURCES_CONFLICT = (
    r"\b(?:values|figures|numbers|dates|doses|statements|versions|findings|readings) (?:conflict|differ|disagree|do not (?:agree|match)|don't (?:agree|match)|contradict)\b",
    r"\b(?:disagree|contradict (?:one another|each other)|conflict (?:with|as|on|over|about))\b",
    rf"\b{RECORD_NOUN}\b[^.;]{{0,60}}?(?<!not )\b{_CONFLICT}\b",
    rf"(?<!not )\b{_CONFLICT}\b[^.;]{{0,50}}?\b{RECORD_NOUN}\b",
    r"\b(?:discrepancy|contradiction|difference|disagreement|conflict)\b[^.;]{0,40}?\b(?:not (?:explained|resolved|settled)|open|unresolved|unexplained)\b|\bno explanation for the (?:difference|discrepancy)\b",
    r"\b(?:in dispute|left unresolved|remains? unresolved|irreconcilable)\b",
    rf"\b{RECORD_NOUN}\b[^.;]{{0,30}}? (?:says?|gives?|states?|has|counts?|calls?|puts?|notes?|names?|records?)\b[^.;]{{1,70}}?[,;]? (?:and |while |whereas |but |against )?(?:the |an? |his |her |its )?(?:[\w'-]+ ){{1,4}}?(?:says?|gives?|states?|has|counts?|calls?|puts?|notes?|names?|records?)\b",
    r"\bgives? different (?:values?|doses?|dates?|figures?|numbers?|targets?|answers?|results?|sides?|ages?|times?)\b|\bboth bear the same date\b",
    rf"\bone (?:{_NOUNS}|pathologist|doctor) (?:saw|says?|gives?|found)\b[^.]{{1,60}}? the other\b",
    r"\b(?:conflicting|contradictory|inconsistent|discrepant|irreconcilable) (?:\w+ )?(?:values?|doses?|dates?|figures?|numbers?|"
    r"statements?|entries|answers?|times?|claims?|sides?|ages?)\b",
)
_CONCERNS_SOMETHING_ELSE = (
    rf"\b(?:not|never|nothing|isn't|doesn't|does not|do not) (?:\w+ )?(?:relevan\w+|relate[sd]?|related|concern(?:s|ed)?|pertain\w*|address\w*|apply|about)"
    rf"\b[^.;]{{0,30}}?\b(?:question|topic|this|that|it|asked|{RECORD})\b",
    rf"\b{RECORD}\b[^.;]{{0,40}}?\b(?:concerns?|is about|are about|describes?|deals? with|covers?|discusses|relates? to|speaks? of|is on)\b[^.;]{{0,80}}?"
    r"\b(?:not|rather than|instead of|only|unrelated|something else|another (?:disease|subject|topic|matter|patient|condition)|a different)\b",
)

ASKS_FOR_A_NUMBER = re.compile(
    r"\b(?:how (?:many|much|long|old|often|large|big|far|high)|what (?:[\w'-]+ ){0,5}?(?:dose|level|rate|age|number|percentage|share|"
    r"proportion|volume|size|diameter|weight|height|count|duration|interval|temperature|pressure|score|date|time|value|fraction))\b"
)
GIVES_A_NUMBER = re.compile(
    r"\d|\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|once|twice|half|none|nobody|no|all|both|every|few|"
    r"several|most|lifelong|daily|weekly|monthly|yearly)\b"
)
TO_THE_READER = re.compile(rf"\b(?:i|we|us|me|you|your)\b|\b(?:{_NOUNS}|authors?)\b")
"""Asked for a number, an answer that gives none and speaks of the record or to the reader declines, however it is put."""

IF_A_VALUE_IS_ASKED = re.compile(
    r"\b(?:was|were|has been|have been|had been)(?: not|n't| never) (?:\w+ )?(?:measured|taken|tested|weighed|repeated|charted|"
    r"entered|broken down|written down|obtained|reported|recorded|documented|described|mentioned|stated|specified|listed)\b"
    r"|\bno (?:[\w'-]+ ){1,4}?(?:was|were) (?:measured|taken|entered|obtained|weighed)\b|\bno [\w'-]+ came back\b"
    r"|^\W*(?:it (?:is|was) )?not (?:given|provided|available|known|clear|found|indicated|noted|included|present)\W*$"
    r"|\b(?:could|can) not be completed\b"
    r"|\b(?:remains?|is|are|was) (?:unknown|unclear|uncertain|undetermined|unspecified|undefined)\b"
)
"""To "What was the sodium?", "none was measured" declines; to "Was sodium measured?" it answers."""

_GROUPS = (
    (
        ("no", "n't", "never", "cannot", "fail", "lack", "omit", "silent", "mute", "unclear", "ambig", "inconclusive"),
        ("insuff", "inade", "incomplete", "vague", "unspec", "unrel", "irrel", "off", "open", "undecided", "about"),
        (
            "leave",
            "stop",
            "only",
            "just",
            "alone",
            "break",
            "end",
            "illeg",
            "unread",
            "black",
            "redact",
            "outst",
            "await",
        ),
        ("pending", "blank", "empty", "beyond", "outside", "under way", "refer"),
        _RECORD_IS_SILENT,
    ),
    (
        ("no", "n't", "never", "un", "indeterm", "n/a", "missing", "absent", "lacking", "omitted", "left", "yet to"),
        _NOT_SAID,
    ),
    (
        (
            "no ",
            "not ",
            "n't",
            "nothing",
            "none",
            "without",
            "insuff",
            "inade",
            "little",
            "lack",
            "missing",
            "absent",
            "need",
            "required",
        ),
        _NOT_ENOUGH,
    ),
    (
        ("cannot", "can't", "can not", "could", "able", "possible", "no way", "difficult", "abstain", "declin"),
        ("refrain", "withhold", "don't", "do not", "no answer", "guess", "would not", "specul", "conjec"),
        _CANNOT_SAY,
    ),
    (
        ("conflict", "contradict", "disagree", "discrep", "incons", "incompa", "irrec", "odds", "differ", "match"),
        (
            "not agree",
            "dispute",
            "unresolved",
            "says",
            "gives",
            "states",
            "counts",
            "calls",
            "puts",
            "the other",
            "same date",
        ),
        _SOURCES_CONFLICT,
    ),
    (
        ("not", "never", "isn't", "doesn't", "rather", "instead", "only", "unrelated", "else", "another", "different"),
        _CONCERNS_SOMETHING_ELSE,
    ),
)


class Group(NamedTuple):
    """Patterns of one group, and what a sentence must hold for them to be tried."""

    marks: tuple[str, ...]
    of_the_record: tuple[re.Pattern[str], ...]
    """Those that name the record: tried where SPEAKS_OF_A_RECORD finds a noun or pronoun for one."""
    others: tuple[re.Pattern[str], ...]


def _group(marks: tuple[str, ...], patterns: tuple[str, ...]) -> Group:
    named = [pattern for pattern in patterns if _NOUNS in pattern]
    return Group(
        marks,
        tuple(map(re.compile, named)),
        tuple(re.compile(pattern) for pattern in patterns if pattern not in named),
    )


STATEMENTS = tuple(_group(tuple(mark for marks in group[:-1] for mark in marks), group[-1]) for group in _GROUPS)
SPEAKS_OF_A_RECORD = re.compile(rf"\b(?:{_NOUNS}|it|they|nothing|nowhere)\b")

_ALL_MARKS = {mark for group in STATEMENTS for mark in group.marks}
MARKS = tuple(mark for mark in sorted(_ALL_MARKS) if not any(part != mark and part in mark for part in _ALL_MARKS))
"""A text without any of these says nothing about a record."""

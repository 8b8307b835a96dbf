"""Which sentence answers which question, and how questions are worded.

A strict score (`Judge.score`) finds a sentence that answers; a wide net (`touches`) finds any text that so
much as speaks of the matter, so that a trap is a passage without. The two need not meet: what lies between
is used for neither.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .medquad_types import TYPES

MIN_EVIDENCE, MAX_EVIDENCE = 40, 300
GOOD = 4.0
"""A sentence that answers: one full cue (3) and one sign that it is about the condition, or more cues."""

_TOUCH = {name: re.compile(asked.touch, re.IGNORECASE) for name, asked in TYPES.items() if asked.touch}
# Gene names tell by their capitals: `[A-Z]` must not match lower case.
_CUES = {
    name: [(re.compile(p, 0 if "[A-Z][A-Z0-9]" in p else re.IGNORECASE), w) for p, w in asked.cues]
    for name, asked in TYPES.items()
}

# A sentence that leans on the one before it cannot be quoted alone.
_LEANS = re.compile(
    r"^(?:it|its|they|their|them|he|she|his|her|these|those|however|therefore|thus|other"
    r"|others|another|in addition"
    r"|additionally|also|for example|for instance|such|because of (?:this|these)"
    r"|as a result|instead|both|either"
    r"|this(?! (?:condition|disorder|disease|syndrome|infection|cancer))|similarly"
    r"|furthermore|moreover|consequently"
    r"|then|but|and|or|so|yet|in contrast|rather|nevertheless|when this|if (?:this|so|it)"
    r"|the (?:first|second|third|remaining|latter|former|other)"
    r"|some of these|most of these|many of these|in these|in this|in such|in those"
    r"|of these|while this|although (?:this|it|these)"
    r"|after this|since this|less|once|yes|no,|specifically|here|likewise|again|still"
    r"|less commonly|more rarely"
    r"|in (?:most|some|many|other|rare|few|severe) (?:of these|other))\b",
    re.IGNORECASE,
)
_ADVICE = re.compile(r"\b(?:[Yy]ou|[Yy]our|yours|we|our|us|I|ask|talk (?:to|with))\b")
# A sentence for some of the cases, on another form, or on what a word means, is true but not the answer.
_PARTIAL = re.compile(
    r"\bin (?:a few|few|some|rare|other|certain|many of|the remaining"
    r"|most of the remaining|a small)\b|^(?:when|if|additional|rarely|isolated)\b"
    r"|\b(?:another|is called|are called|for this reason|most common form|less common"
    r"|rare form|sometimes inherited|differential)\b|\balso\b(?! (?:called|known|referred))",
    re.IGNORECASE,
)
# Words that answer nothing, or point out of the sentence.
_EMPTY = re.compile(
    r"\b(?:below|above|following|these (?:habits|groups|types|steps)|several other|highly variable"
    r"|not the same|is not clear|little is known|are limited|more research|classified as|not always|much like"
    r"|guidelines)\b"
    r"|\bvar(?:y|ies)(?: greatly| widely)?\.",
    re.IGNORECASE,
)
# That nobody knows is near to "the record does not tell": a task should not turn on the difference.
NOBODY_KNOWS = re.compile(
    r"\b(?:unknown|unclear|uncertain|unpredictable|not (?:yet |currently |always )?(?:been )?(?:known"
    r"|identified|found|determined|established)"
    r"|(?:poorly|not (?:fully|well|completely|entirely)) (?:understood|known|defined)"
    r"|no (?:information|data)"
    r"|limited (?:information|data)|cannot be (?:predicted|determined)|difficult to"
    r"|not enough information|never been reported)\b",
    re.IGNORECASE,
)
_SUBTYPE = re.compile(r"\b[Tt]ypes? (?:\d+\w*|[IVX]+|[A-Z])\b")
_OF = {
    "susceptibility": re.compile(r"\brisk (?:of|for)\b"),
    "treatment": re.compile(r"\b[Tt]reatments? (?:of|for)\b"),
}
# Letters lost or joined when the pages were turned into text.
_SPOILT = re.compile(r"\w,[A-Za-z]|\b\w*f[il] [a-z]|\bffi|[a-z]{3}\.[a-z]|[a-z] [A-Z]\. [A-Z]")
_GLUED = re.compile(
    r"[a-z]\((?!s\))|[a-z]{3}[A-Z][a-z]{2}|[a-z)] (?:The|A|An|If|Some|Many|Most|This"
    r"|These|It|In|Your|You|People|Doctors|When"
    r"|There|Other|For|To|As|Treatment|Symptoms|Although|However|What|How|Causes|Signs"
    r"|Overview|Early|Because|After|Having)\s"
)
_CAPITALISED = re.compile(r"[A-Z][a-z]+$")


@dataclass(frozen=True, slots=True)
class Judge:
    """Scores the sentences of a passage about one condition."""

    names: tuple[str, ...]
    """The condition's names, lower case: focus, synonyms, acronym."""
    words: frozenset[str]
    """The words that tell this condition from others."""

    def names_it(self, sentence: str) -> bool:
        """True where the sentence names the condition or refers to it as "this condition"."""
        low = sentence.lower()
        if re.search(r"\b(?:this|the) (?:condition|disorder|disease|syndrome)\b", low):
            return True
        return any(word in self.words for word in words_of(low)) or any(name in low for name in self.names)

    def score(self, sentence: str, kind: str) -> float:
        """How well the sentence, quoted alone, answers a question of this type; GOOD is good enough."""
        if not MIN_EVIDENCE <= len(sentence) <= MAX_EVIDENCE or self._cannot_stand_alone(sentence):
            return 0.0
        if any(pattern.search(sentence) for pattern in (_PARTIAL, _EMPTY, NOBODY_KNOWS, _SPOILT)):
            return 0.0
        named = self.names_it(sentence)
        if kind in ("prevention", "outlook") and not named:
            return 0.0
        if self._is_of_subtype(sentence) or not self._is_of_it(sentence, kind):
            return 0.0
        total = sum(weight for pattern, weight in _CUES[kind] if pattern.search(sentence))
        if kind == "information":
            total += 4 if self._defines(sentence) else -4
        return total + (1.5 if named else -1.0)

    def _is_of_subtype(self, sentence: str) -> bool:
        """True where the sentence is on one type of the condition only."""
        return bool(_SUBTYPE.search(sentence)) and not any(" type" in name for name in self.names)

    def _is_of_it(self, sentence: str, kind: str) -> bool:
        """False where the risk or treatment is of something else, such as what the condition may lead to."""
        if kind not in _OF:
            return True
        parts = _OF[kind].split(sentence, maxsplit=1)
        return len(parts) == 1 or self.names_it(parts[1]) or "infection" in parts[1]

    def _cannot_stand_alone(self, sentence: str) -> bool:
        if sentence[-1] not in ".!" or not (sentence[0].isupper() or self._starts_with_name(sentence)):
            return True
        if _LEANS.search(sentence) or _ADVICE.search(sentence) or _GLUED.search(sentence):
            return True
        # A colon or a spaced hyphen opens a list, whose items were folded into the line.
        if ":" in sentence or " - " in sentence or sentence.count("(") != sentence.count(")"):
            return True
        return self._starts_with_heading(sentence)

    def _starts_with_name(self, sentence: str) -> bool:
        return sentence.lower().startswith(self.names)

    def _starts_with_heading(self, sentence: str) -> bool:
        """Capitalised words near the start are a heading run into it, unless they name the condition."""
        capitals = [word for word in re.findall(r"[\w'’]+", sentence)[1:6] if _CAPITALISED.match(word)]
        return not all(any(word.lower() in name for name in self.names) for word in capitals)

    def _defines(self, sentence: str) -> bool:
        low = sentence.lower().removeprefix("the ").removeprefix("a ").removeprefix("an ")
        start = next((len(name) for name in self.names if low.startswith(name)), 0)
        if not start:
            return False
        return bool(
            re.match(
                r"(?:s|es)?(?:,? ?\([^)]*\)|,? (?:also|formerly|sometimes|or) [^.]{0,90}?,)* ?(?:is"
                r"|are|refers? to|describes?|means|occurs when) "
                r"(?:a|an|the|one|any|when|another|inherited|abnormal|inflammation|swelling|infection"
                r"|cancer|disorders?|diseases?)\b",
                low[start:],
            )
        )


def touches(text: str, kind: str) -> bool:
    """True where the text so much as speaks of the matter that a question of this type asks about."""
    pattern = _TOUCH.get(kind)
    return pattern is None or pattern.search(text) is not None


def words_of(text: str) -> set[str]:
    """The words of a text, lower case."""
    return set(re.findall(r"[a-z0-9]+", text.lower()))


_PLURAL = re.compile(r"(?<!s)(?<!u)(?<!i)s$")
_SINGULAR = re.compile(
    r"(?:diabetes|rickets|measles|herpes|aids|shingles|mumps|rabies|scabies|series|palsy"
    r"|ichthyoses|yaws|tics"
    r"|insipidus|mellitus|pes|facies|caries|lens|pancreas|biceps|ascites|\bgas|dissecans|obliterans|decalvans"
    r"|protuberans|deferens|['’]s)$",
    re.IGNORECASE,
)


def wording(pattern: str, name: str) -> str:
    """A question or a statement with the condition put in, its verbs agreeing."""
    head = re.sub(r"\s*\([^)]*\)$", "", name)
    head = re.split(r" (?:of|in|with|due|from|for|and) ", head, flags=re.IGNORECASE)[0] if " and " not in head else head
    many = bool(_PLURAL.search(head)) and not _SINGULAR.search(head)
    if "{x} {does} cause" in pattern:
        pattern = pattern.replace("{x} {does} cause", "{x} cause" if many else "{x} causes")
    verbs = {"is": "are", "Is": "Are", "does": "do"} if many else {"is": "is", "Is": "Is", "does": "does"}
    return pattern.format(x=name, **verbs)


_PATTERN = re.compile(
    r"\b(autosomal dominant|autosomal recessive|x-linked dominant|x-linked recessive"
    r"|x-linked|mitochondrial|codominant)\b",
    re.IGNORECASE,
)
_ONE = r"\d[\d,]*(?:\.\d+)?"
_RANGE = rf"{_ONE}(?: to {_ONE})?"
_NUMBER = re.compile(
    r"(?:(?:about|approximately|fewer than|less than|more than|an estimated"
    r"|at least|nearly|only|up to|around) )?"
    rf"(?:(?:one|{_RANGE}) (?:in|per|of every|out of) (?:million|{_RANGE}(?: million)?)(?: to 1 in {_ONE})?"
    rf"(?: [a-z]+)?|{_RANGE} (?:affected )?(?:cases|people|individuals|families|newborns|patients)\b)",
    re.IGNORECASE,
)
_GENES = re.compile(r"\b[Mm]utations in (?:the |an? )?[A-Z][A-Z0-9]+(?:(?:,|,? and|,? or) [A-Z][A-Z0-9]+)* genes?\b")
_MORE_GENES = re.compile(r"percent|%|\bwhile\b|\bor in\b|\bother\b|most cases", re.IGNORECASE)


def aliases_of(sentence: str, kind: str) -> tuple[str, ...]:
    """The clause that holds the answer, where exactly one does: of two, each would be half the answer."""
    finder = {"inheritance": _PATTERN, "frequency": _NUMBER, "genetic changes": _GENES, "causes": _GENES}.get(kind)
    if finder is None:
        return ()
    if finder is _GENES and _MORE_GENES.search(sentence):
        return ()
    found = {match.group().strip() for match in finder.finditer(sentence)}
    return tuple(found) if len(found) == 1 else ()

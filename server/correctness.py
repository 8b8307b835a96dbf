"""Is an answer right? Compared with gold by values and units, names, polarity and options; deterministic and offline.

An answer is right if it says what the gold answer or one of its aliases says, and nothing of the same kind beside it:
every quantity of the gold, no other quantity in the same unit (a hedge between two doses is wrong), the gold's content
words that the question does not hold already, the same side of a negation, the same one of the question's options. An
answer that holds part of this is partly right, which is not right, and is said so.

Known limits. Synonyms that are no alias of the gold count as other words. Content words are compared by stem, so an
answer that holds the right words in another relation ("A was given before B" for "B before A") passes unless a word of
direction tells them apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from ..core.quantities import ABOVE, BELOW, Quantity, is_code, read_quantities
from ..core.tasks import Gold
from ..core.text import OPPOSITES, STOPWORDS, Tokens, is_negation, is_number, is_word, stem, tokenize

MIN_LENGTH_LIMIT = 40
LENGTH_FACTOR = 3
"""An answer may have 40 words, or three times those of the longest gold answer: more is a copy of the context in the
hope that the answer is in it."""

MAX_OTHER_QUANTITIES = 4
"""An answer may say "54 Gy in 30 fractions over 6 weeks" where 54 Gy was asked; more numbers are a list to choose
from."""

CHARS_A_WORD = 25
"""No text of so many characters a word is read word by word: it is too long whatever it says."""

SHORT_GOLD = 4
"""A gold answer of so few content words is a name or a finding: each word counts."""

LONG_GOLD_SHARE = 0.7
"""Of a longer one, a sentence, this share must be there, and of its quantities, opposites and negations all."""

_ASKS_YES_OR_NO = frozenset(
    [
        "is",
        "are",
        "was",
        "were",
        "do",
        "does",
        "did",
        "has",
        "have",
        "had",
        "can",
        "could",
        "will",
        "would",
        "should",
        "may",
        "might",
        "must",
    ]
)

_ZERO = "zero"
"""Says none and is no negation."""

NEGATION_REACH = 4
"""A negation turns the content words up to so many tokens behind it, within its clause."""


@dataclass(frozen=True, slots=True)
class AnswerCheck:
    """The verdict and its reason, in one sentence."""

    correct: bool
    reason: str
    in_the_same_words: bool = False
    """The answer has the words of an expected one, but for typography and words without a content."""


_SAME = AnswerCheck(True, "The answer is the expected answer.", in_the_same_words=True)


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a text says, as far as it is compared."""

    tokens: Tokens
    quantities: tuple[Quantity, ...]
    content: dict[str, bool]
    """Content words by stem, and whether each is negated."""
    plain: tuple[str, ...]
    """The words that carry content, and negations."""
    side: str | None
    """`yes` or `no`, where the text begins with it."""


def check_answer(answer: str, gold: Gold, question: str = "") -> AnswerCheck:
    """Compare an answer with the gold answer and its aliases; the nearest of them decides."""
    references = [text for text in (gold.answer, *gold.aliases) if text]
    if answer in references:
        return _SAME
    if not references:
        return AnswerCheck(False, "There is no expected answer: the task must be declined.")
    claims = [_read(text) for text in references]
    longest = max(len(claim.tokens) for claim in claims)
    limit = max(MIN_LENGTH_LIMIT, LENGTH_FACTOR * longest)
    if len(answer) > CHARS_A_WORD * limit:
        return AnswerCheck(False, f"The answer has {len(answer)} characters, too many to be an answer.")
    given = _parse(answer)
    if not given.tokens.words:
        return AnswerCheck(False, "The answer is empty.")
    if any(given.plain == claim.plain for claim in claims):
        return _SAME
    if len(given.tokens) > limit:
        return AnswerCheck(False, f"The answer has {len(given.tokens)} words, too many to be an answer.")
    asked = _read(question)
    hedge = _hedge(given, claims, asked)
    if hedge:
        return AnswerCheck(False, hedge)
    faults = [_missing(given, claim, asked, gold.evidence) for claim in claims]
    if None in faults:
        return AnswerCheck(True, "The answer says what the expected answer says.")
    return AnswerCheck(False, faults[0] or "")


@lru_cache(maxsize=8192)
def _read(text: str) -> _Claim:
    return _parse(text)


def _parse(text: str) -> _Claim:
    tokens = tokenize(text)
    content: dict[str, bool] = {}
    reach = 0
    for place, word in enumerate(tokens.words):
        if is_negation(word):
            reach = NEGATION_REACH + 1
        elif place and _clause_ends(tokens, place - 1):
            reach = 0
        reach = max(0, reach - 1)
        if is_number(word) and is_code(tokens, place):
            content["#" + word] = False
        elif is_word(word) and word not in STOPWORDS and not is_negation(word):
            key = stem(word)
            content[key] = reach > 0 or content.get(key, False)
    first = tokens.words[0] if tokens.words else ""
    return _Claim(
        tokens, tuple(read_quantities(tokens)), content, _plain(tokens), first if first in ("yes", "no") else None
    )


def _clause_ends(tokens: Tokens, place: int) -> bool:
    between = tokens.text[tokens.ends[place] : tokens.starts[place + 1]]
    return any(mark in between for mark in ".,;:\n") or tokens.words[place + 1] in (
        "but",
        "however",
        "although",
    )


def _plain(tokens: Tokens) -> tuple[str, ...]:
    return tuple(word for word in tokens.words if word not in STOPWORDS or is_negation(word))


def _hedge(given: _Claim, claims: list[_Claim], asked: _Claim) -> str | None:
    """What the answer says beside the gold that makes it no single answer."""
    golden = [quantity for claim in claims for quantity in claim.quantities]
    others = [q for q in given.quantities if not any(q.agrees(gold) for gold in golden)]
    others = [q for q in others if not any(q.agrees(known) and q.unit == known.unit for known in asked.quantities)]
    units = {quantity.unit for quantity in golden}
    rivals = [quantity for quantity in others if quantity.unit in units]
    if rivals:
        named = " ".join(filter(None, [f"{rivals[0].value:g}", rivals[0].unit]))
        return f"The answer gives {named}, which the expected answer does not."
    if len(others) > MAX_OTHER_QUANTITIES:
        return f"The answer lists {len(others)} numbers that were not asked for."
    golden_words = set().union(*(claim.content for claim in claims))
    codes = {word for word in golden_words if word.startswith("#")}
    if codes and any(word.startswith("#") for word in given.content.keys() - golden_words - asked.content.keys()):
        return "The answer names another variant beside or instead of the expected one."
    for quantity in golden:
        if len({mine.value for mine in given.quantities if mine.unit == quantity.unit and mine.agrees(quantity)}) > 1:
            return f"The answer gives more than one value where {quantity.unit or 'one'} was asked for."
    if _offers_alternatives(given.tokens) and not any(_offers_alternatives(one.tokens) for one in (*claims, asked)):
        return "The answer offers alternatives."
    for chosen, rejected in _options(asked.tokens):
        for mine, other in ((chosen, rejected), (rejected, chosen)):
            if mine in golden_words and other not in golden_words and given.content.get(other) is False:
                return f"The answer takes {other!r}, where the question offers {chosen!r} or {rejected!r}."
    return None


_OPEN_ENDED = frozenset(
    [
        *("more", "less", "above", "below", "over", "under", "higher", "lower"),
        *("older", "younger", "later", "earlier", "without", "so"),
    ]
)


def _offers_alternatives(tokens: Tokens) -> bool:
    """True for "either", and for an "or" that is not that of "25 % or more"."""
    pairs = pairwise((*tokens.words, ""))
    return any(word == "either" or (word == "or" and behind not in _OPEN_ENDED) for word, behind in pairs)


def _options(asked: Tokens) -> list[tuple[str, str]]:
    words = asked.words
    return [
        (stem(words[place - 1]), stem(words[place + 1]))
        for place in range(1, len(words) - 1)
        if words[place] == "or" and is_word(words[place - 1]) and is_word(words[place + 1])
    ]


def _missing(given: _Claim, gold: _Claim, asked: _Claim, evidence: tuple[str, ...]) -> str | None:
    """What the gold says and the answer does not; None where it is all there."""
    if not gold.content and not gold.quantities and not gold.side:
        return None if _says_none(given, gold, asked) else "The answer says something else."
    wanted_side = gold.side or _implied_side(gold, asked)
    bare = not set(gold.content) - {"yes"} and not gold.quantities
    given_side = given.side or (_restated_side(given, asked) if bare else None)
    if wanted_side and given_side and wanted_side != given_side:
        return f"The answer is {given_side!r}, the expected answer is not."
    if bare and wanted_side:
        return None if given_side else "The answer says neither yes nor no."
    if wanted_side and given.side and not gold.quantities and not set(given.content) - {"yes"}:
        return None
    lacking = [
        q
        for q in gold.quantities
        if not any(
            mine.agrees(q) and _units_fit(mine, q, given, gold, asked) and _limits_fit(mine, q, asked, evidence)
            for mine in given.quantities
        )
    ]
    if lacking:
        part = "only part of the values" if len(lacking) < len(gold.quantities) else "another value or none"
        return f"The answer gives {part} of the expected answer."
    return _turned(given, gold) or _missing_words(given, gold, asked)


def _says_none(given: _Claim, gold: _Claim, asked: _Claim) -> bool:
    """For a gold of a negation alone ("none", "never"): the answer denies what was asked, and asserts nothing."""
    if not any(map(is_negation, gold.tokens.words)) or any(quantity.value for quantity in given.quantities):
        return False
    if not any(is_negation(word) or word == _ZERO for word in given.tokens.words):
        return False
    return all(negated or word in asked.content or word == _ZERO for word, negated in given.content.items())


def _implied_side(gold: _Claim, asked: _Claim) -> str | None:
    """A question of yes or no is answered "no" by a gold answer that negates."""
    if not asked.tokens.words or asked.tokens.words[0] not in _ASKS_YES_OR_NO:
        return None
    return "no" if any(map(is_negation, gold.tokens.words)) else "yes"


def _restated_side(given: _Claim, asked: _Claim) -> str | None:
    """ "She was not eligible" says no to "Was she eligible?"."""
    shared = [word for word in asked.content if word in given.content or _prefixed(word, given)]
    if not shared:
        return None
    return "no" if any(given.content.get(word) or _prefixed(word, given) for word in shared) else "yes"


def _missing_words(given: _Claim, gold: _Claim, asked: _Claim) -> str | None:
    units = {part for quantity in gold.quantities for part in re.split(r"[/\d]", quantity.unit)}
    wanted = [word for word in gold.content if word not in units and word != "yes"]
    if any(word.startswith("#") and word not in given.content for word in wanted):
        return "The answer names another variant than the expected answer, or none."
    fresh = [word for word in wanted if word not in asked.content] or ([] if gold.quantities else wanted)
    there = [word for word in fresh if word in given.content or _prefixed(word, given)]
    needed = 0.5 if gold.quantities else 1.0 if len(fresh) <= SHORT_GOLD else LONG_GOLD_SHARE
    if len(there) >= needed * len(fresh):
        return None
    return (
        "The answer is partly right: it leaves out part of the expected answer."
        if there
        else "The answer says something else."
    )


def _units_fit(mine: Quantity, wanted: Quantity, given: _Claim, gold: _Claim, asked: _Claim) -> bool:
    """A lone value will do without its unit where the gold holds one alone; a unit too many must be the question's."""
    if not wanted.unit:
        return not mine.unit or mine.unit in asked.content or mine.unit in gold.content
    return bool(mine.unit) or len(gold.quantities) == len(given.quantities) == 1


def _limits_fit(mine: Quantity, wanted: Quantity, asked: _Claim, evidence: tuple[str, ...]) -> bool:
    """ "Below 54 Gy" is not 54 Gy, but where the question asks below which dose, or the evidence says it so."""
    if mine.beyond == wanted.beyond:
        return True
    if mine.beyond and wanted.beyond:
        return False
    told = (quantity for span in evidence for quantity in _read(span).quantities)
    if mine.beyond and any(mine.beyond == quantity.beyond and mine.agrees(quantity) for quantity in told):
        return True
    return not (BELOW if "<" in (mine.beyond, wanted.beyond) else ABOVE).isdisjoint(asked.tokens.words)


def _turned(given: _Claim, gold: _Claim) -> str | None:
    """A negation or an opposite that turns the gold's statement round."""
    shared = [word for word in gold.content if word in given.content or _prefixed(word, given)]
    gold_negates = any(gold.content[word] or _prefixed(word, gold) for word in shared)
    given_negates = any(given.content.get(word) or _prefixed(word, given) for word in shared)
    if shared and gold_negates != given_negates:
        mine, theirs = ("negates", "asserts") if given_negates else ("asserts", "negates")
        return f"The answer {mine} what the expected answer {theirs}."
    for one, other in OPPOSITES:
        for mine, theirs in ((one, other), (other, one)):
            if (
                mine in gold.content
                and theirs not in gold.content
                and theirs in given.content
                and mine not in given.content
            ):
                return f"The answer says {theirs!r}; the expected answer says the opposite."
    return None


def _prefixed(word: str, claim: _Claim) -> bool:
    """The claim holds the word with a prefix that negates it: "ineligible", "unresectable"."""
    return any(prefix + word in claim.content for prefix in ("un", "in", "im", "non", "ir"))

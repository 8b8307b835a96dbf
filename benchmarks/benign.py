"""Edits that leave a quotation honest: typography, spelling, an inflection, an obvious slip, a cut between clauses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from random import Random

from spellchecker import SpellChecker

from .editing import NEGATING, WORD, Edit, Site, capitalised, is_plain, pick, replace, swap, words_of
from .vocabulary import COMMON_WORDS, NOUNS, SPELLINGS, VERBS

_STRAIGHT = {"'": "’", '"': "”"}
_CURLY = {"’": "'", "‘": "'", "“": '"', "”": '"'}
_DASH = re.compile(r"(?<=\w)[-–—](?=\w)|(?<=\s)[-–—](?=\s)")
_SPACE = re.compile(r"(?<=\S) (?=\S)")
_LONG_WORD = re.compile(r"\b[A-Za-z]{6,}\b")


def verbatim(site: Site, rng: Random) -> str | None:
    """The sentence itself."""
    return site.sentence


def quote_marks(site: Site, rng: Random) -> str | None:
    """Straight quotation marks for curly ones, or the other way."""
    text = site.sentence
    marks = _CURLY if any(mark in text for mark in _CURLY) else _STRAIGHT
    return "".join(marks.get(letter, letter) for letter in text)


def dashes(site: Site, rng: Random) -> str | None:
    """Another dash within words and ranges; a minus sign stays as it is."""
    found = pick(_DASH, site.sentence, rng)
    if found is None:
        return None
    return replace(site.sentence, found, rng.choice([mark for mark in "-–—\u2010\u2011" if mark != found.group()]))


def spaces(site: Site, rng: Random) -> str | None:
    """Spaces of other kinds: no-break, narrow, thin."""
    kind = rng.choice("\u00a0\u202f\u2009")
    return _SPACE.sub(lambda found: kind if rng.random() < 0.5 else " ", site.sentence)


def fullwidth(site: Site, rng: Random) -> str | None:
    """A word or value in the wide letters of East Asian typesetting."""
    place = rng.randrange(len(words_of(site.sentence)))
    wide = [
        "".join(chr(ord(letter) + 0xFEE0) if letter.isalnum() and letter.isascii() else letter for letter in word)
        if number == place
        else word
        for number, word in enumerate(words_of(site.sentence))
    ]
    return " ".join(wide)


def unicode_form(site: Site, rng: Random) -> str | None:
    """Letters taken apart into base and mark, or two of them joined in a ligature."""
    apart = unicodedata.normalize("NFD", site.sentence)
    return apart if apart != site.sentence else site.sentence.replace("fi", "ﬁ").replace("fl", "ﬂ")


def soft_hyphens(site: Site, rng: Random) -> str | None:
    """An invisible hyphen or joiner within a word, as copied from a page."""
    found = pick(_LONG_WORD, site.sentence, rng)
    if found is None:
        return None
    cut = rng.randrange(3, len(found.group()) - 1)
    return replace(site.sentence, found, found.group()[:cut] + rng.choice("\u00ad\u200b") + found.group()[cut:])


def white_space(site: Site, rng: Random) -> str | None:
    """Spaces doubled, tabs, white space around."""
    kind = rng.choice(["  ", "\t", "   "])
    return " " + _SPACE.sub(lambda found: kind if rng.random() < 0.4 else " ", site.sentence) + "  "


def line_wraps(site: Site, rng: Random) -> str | None:
    """Lines broken at a width."""
    width = rng.randrange(20, 60)
    lines, line = [], ""
    for word in words_of(site.sentence):
        if line and len(line) + len(word) >= width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "\n".join([*lines, line]) if lines else None


def hyphenated_wrap(site: Site, rng: Random) -> str | None:
    """A long word divided at the end of a line."""
    found = pick(re.compile(r"\b[A-Za-z]{8,}\b"), site.sentence, rng)
    if found is None:
        return None
    return replace(site.sentence, found, found.group()[:4] + "-\n" + found.group()[4:])


def case(site: Site, rng: Random) -> str | None:
    """Capitals, small letters, a capital to each word."""
    return rng.choice([str.upper, str.lower, str.title])(site.sentence)


_FRAMES = (
    '"{}"',
    "“{}”",
    "'{}'",
    "«{}»",
    "- {}",
    "* {}",
    "• {}",
    "1. {}",
    "2) {}",
    '- "{}"',
    '3. "{}"',
    "> {}",
    "`{}`",
)


def outer_marks(site: Site, rng: Random) -> str | None:
    """Quotation marks, a bullet or a number around it, as in a proof block."""
    return rng.choice(_FRAMES).format(site.sentence)


def final_stop(site: Site, rng: Random) -> str | None:
    """The stop at the end dropped, or one added."""
    text = site.sentence
    return text[:-1] if text.endswith(".") else text + "."


def value_spacing(site: Site, rng: Random) -> str | None:
    """The space between a value and its unit dropped or added."""
    found = pick(
        re.compile(r"(?<![\w.,])(\d+(?:\.\d+)?)( ?)(mg|g|kg|ml|mL|mm|cm|Gy|%|mcg|µg)\b(?!/)|(\d)( ?)(%)"),
        site.sentence,
        rng,
    )
    if found is None:
        return None
    text = found.group()
    return replace(
        site.sentence, found, text.replace(" ", "") if " " in text else re.sub(r"(?<=\d)(?=\D+$)", " ", text)
    )


_SYMBOLS = (
    ("µ", "μ"),
    ("≤", "<="),
    ("≥", ">="),
    ("×", "x"),
    ("±", "+/-"),
    ("²", "2"),
    ("⁶", "^6"),
    ("⁹", "^9"),
    ("°C", "° C"),
)


def symbols(site: Site, rng: Random) -> str | None:
    """Another way to write a symbol of the same meaning."""
    there = [(old, new) for old, new in _SYMBOLS if old in site.sentence]
    return site.sentence.replace(*rng.choice(there)) if there else None


def ellipsis(site: Site, rng: Random) -> str | None:
    """Two spans in order with dots between them; what is left out holds no negation and no part of a value."""
    words = words_of(site.sentence)
    if len(words) < 10:
        return None
    first = rng.randrange(3, len(words) - 6)
    second = rng.randrange(first + 1, min(first + 8, len(words) - 4))
    beside = (words[first - 1], words[first], words[second - 1], words[second])
    gone = " ".join(words[first - 1 : second])
    if not all(map(is_plain, beside)) or NEGATING.search(gone):
        return None
    return " ".join(words[:first]) + rng.choice([" ... ", " … ", "... ", " [...] ", " […] "]) + " ".join(words[second:])


def ellipsis_of_sentences(site: Site, rng: Random) -> str | None:
    """Two whole sentences in order with dots between them."""
    later = range(site.place + 2, len(site.others))
    return f"{site.sentence} ... {site.others[rng.choice(later)]}" if later else None


def two_sentences(site: Site, rng: Random) -> str | None:
    """Two neighbouring sentences, as they stand."""
    if site.place + 1 >= len(site.others):
        return None
    start = site.passage.text.find(site.sentence)
    end = site.passage.text.find(site.others[site.place + 1], start)
    between = site.passage.text[start + len(site.sentence) : end]
    return f"{site.sentence} {site.others[site.place + 1]}" if end > 0 and not between.strip() else None


def dropped_article(site: Site, rng: Random) -> str | None:
    """Without one article."""
    found = pick(re.compile(r"\b(?:the|an|a) (?=[a-z]{3})|^(?:The|An|A) (?=[a-z]{3})"), site.sentence, rng)
    if found is None:
        return None
    return capitalised(site.sentence[: found.start()] + site.sentence[found.end() :])


def _inflections() -> dict[str, list[str]]:
    forms: dict[str, list[str]] = {}
    families: list[tuple[str, ...]] = [(noun, _plural(noun)) for noun in NOUNS]
    families += [(verb, _plural(verb), _past(verb)) for verb in VERBS]
    for family in families:
        for word in family:
            forms.setdefault(word, []).extend(other for other in family if other != word)
    return forms


def _plural(word: str) -> str:
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


def _past(verb: str) -> str:
    if verb == "occur":
        return "occurred"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ied"
    return verb + ("d" if verb.endswith("e") else "ed")


_FORMS = _inflections()
_INFLECTED = re.compile(rf"\b(?:{'|'.join(sorted(_FORMS, key=len, reverse=True))})\b(?!['’-])")


def inflection(site: Site, rng: Random) -> str | None:
    """An ordinary noun in the other number, or an ordinary verb in another tense."""
    found = pick(_INFLECTED, site.sentence, rng)
    return found and replace(site.sentence, found, rng.choice(_FORMS[found.group()]))


def _transpose(word: str, at: int, rng: Random) -> str:
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _drop(word: str, at: int, rng: Random) -> str:
    return word[:at] + word[at + 1 :]


def _double(word: str, at: int, rng: Random) -> str:
    return word[:at] + word[at] + word[at:]


_NEAR = {letter: near for near in ("qwertyuiop", "asdfghjkl", "zxcvbnm") for letter in near}


def _replace_letter(word: str, at: int, rng: Random) -> str:
    row = _NEAR[word[at]]
    place = row.index(word[at])
    return (
        word[:at] + rng.choice((row[place - 1 : place] if place else "") + row[place + 1 : place + 2]) + word[at + 1 :]
    )


@cache
def _english() -> frozenset[str]:
    return frozenset(SpellChecker(language="en", distance=1).word_frequency.dictionary)


def is_english(word: str) -> bool:
    """True where the slip gives another word ("moths" for "months"): then it is no obvious slip, and no case. The
    list of words is the scorer's too; that it may lack a word is measured by the slice of near words."""
    return word in _english()


def _slip(change: Callable[[str, int, Random], str]) -> Edit:
    def edit(site: Site, rng: Random) -> str | None:
        common = [one for one in WORD.finditer(site.sentence) if one.group() in COMMON_WORDS and len(one.group()) >= 6]
        if not common:
            return None
        found = rng.choice(common)
        word = found.group()
        # The first letter and the ending are left alone, so that a slip is no inflection.
        at = rng.randrange(1, len(word) - 2)
        written = change(word, at, rng)
        return None if is_english(written) else replace(site.sentence, found, written)

    return edit


_BOUNDARY = re.compile(r"(?<=[a-z])[,;:] (?=[a-z])")
_TURNS = re.compile(
    r"^(?:but|except|unless|if|though|although|however|not|or|nor|which|who|whose|than)\b", re.IGNORECASE
)


def head_clause(site: Site, rng: Random) -> str | None:
    """What comes before a comma or semicolon; the rest does not take it back."""
    found = pick(_BOUNDARY, site.sentence, rng)
    if found is None or _TURNS.match(site.sentence[found.end() :]) or NEGATING.search(site.sentence[found.end() :]):
        return None
    head = site.sentence[: found.start()]
    return head if len(words_of(head)) >= 5 else None


def tail_clause(site: Site, rng: Random) -> str | None:
    """What comes behind a comma or semicolon; what is cut off denies nothing and sets no condition."""
    found = pick(_BOUNDARY, site.sentence, rng)
    if found is None:
        return None
    head, tail = site.sentence[: found.start()], site.sentence[found.end() :]
    conditional = re.search(r"\b(?:if|unless|when|only|may|might|can|could|or|rarely)\b", head, re.IGNORECASE)
    if NEGATING.search(head) or conditional or len(words_of(tail)) < 5 or _TURNS.match(tail):
        return None
    return tail


BENIGN: dict[str, Edit] = {
    "verbatim": verbatim,
    "quotation marks": quote_marks,
    "dashes": dashes,
    "no-break and thin spaces": spaces,
    "fullwidth letters": fullwidth,
    "decomposed letters, ligatures": unicode_form,
    "soft hyphens": soft_hyphens,
    "white space": white_space,
    "line wraps": line_wraps,
    "word divided at a line end": hyphenated_wrap,
    "case": case,
    "outer marks, bullets, numbers": outer_marks,
    "final stop": final_stop,
    "space before a unit": value_spacing,
    "symbols": symbols,
    "ellipsis within a sentence": ellipsis,
    "ellipsis between sentences": ellipsis_of_sentences,
    "two neighbouring sentences": two_sentences,
    "article dropped": dropped_article,
    "inflection": inflection,
    "British or American spelling": swap(SPELLINGS),
    "slip: letters transposed": _slip(_transpose),
    "slip: letter dropped": _slip(_drop),
    "slip: letter doubled": _slip(_double),
    "slip: letter replaced": _slip(_replace_letter),
    "head clause": head_clause,
    "tail clause": tail_clause,
}
"""Every benign edit by the name of its slice."""

THROUGH_PROOF = frozenset({"outer marks, bullets, numbers", "line wraps"})
"""Slices judged as a proof block, since only there do bullets and wrapped lines have a meaning."""

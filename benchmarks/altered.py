"""Edits that change what a quotation says: another value, unit, drug, side, negation, direction, time, person or word;
words in another order; sentences joined; a cut or an ellipsis that takes a negation away."""

from __future__ import annotations

import re
from functools import lru_cache
from random import Random

from rapidfuzz.distance import Levenshtein

from . import values
from . import vocabulary as words
from .corpora import MIN_WORDS, Passage, plain_tokens
from .editing import NEGATING, Edit, Site, capitalised, is_plain, pick, replace, swap, words_of

_REMOVALS = (
    (re.compile(r"\bno (?=[a-z])", re.IGNORECASE), ""),
    (re.compile(r"\bnot (?=[a-z])(?!only)"), ""),
    (re.compile(r"\bwithout\b", re.IGNORECASE), "with"),
    (re.compile(r"\bdenies\b"), "reports"),
    (re.compile(r"\bdenied\b"), "reported"),
    (re.compile(r"\bcannot\b"), "can"),
    (re.compile(r"\bnever\b"), ""),
    (re.compile(r"\b(was|is|are|were|did|does|do|has|have|could|would)n['’]t\b"), r"\1"),
    (re.compile(r"\bnegative\b"), "positive"),
    (re.compile(r"\babsent\b"), "present"),
    (re.compile(r"\b[Nn]either\b"), "both"),
    (re.compile(r"\bnor\b"), "or"),
)
_ADDITIONS = (
    (re.compile(r"\b(is|was|are|were|may|can|should|will|did|does)\b(?! not| no)"), r"\1 not"),
    (re.compile(r"\b(has|have|had|shows?|reveals?)\b(?! not| no)"), r"\1 no"),
    (re.compile(r"\bwith\b(?!out)"), "without"),
    (re.compile(r"\b(is|was|are|were|did|does|can|could)\b(?! not| no|n)"), r"\1n't"),
    (re.compile(r"\bpresent\b"), "absent"),
    (re.compile(r"\breports\b"), "denies"),
)


def _rewrite(rules: tuple[tuple[re.Pattern[str], str], ...]) -> Edit:
    """An edit by one of the rules that apply."""

    def edit(site: Site, rng: Random) -> str | None:
        there = [(rule, new) for rule, new in rules if rule.search(site.sentence)]
        if not there:
            return None
        rule, new = rng.choice(there)
        found = pick(rule, site.sentence, rng)
        return found and " ".join(replace(site.sentence, found, found.expand(new)).split())

    return edit


_PREFIX_RIVALS = {one: [other for other in group if other != one] for group in words.PREFIXED for one in group}
_PREFIXED = re.compile(
    rf"\b({'|'.join(sorted(_PREFIX_RIVALS, key=len, reverse=True))})(-?)({'|'.join(words.PREFIXED_STEMS)})\b",
    re.IGNORECASE,
)


def prefix(site: Site, rng: Random) -> str | None:
    """Hyper for hypo and their like."""
    found = pick(_PREFIXED, site.sentence, rng)
    if found is None:
        return None
    new = rng.choice(_PREFIX_RIVALS[found.group(1).lower()])
    return replace(site.sentence, found, new + found.group(2) + found.group(3).lower())


_CONTENT = re.compile(r"(?<![\w-])[a-z]{5,}(?![\w'’-])")
_FUNCTION = frozenset(
    words.listed(
        "about above after again against because before being "
        "below between could during either every from having their "
        "there these those through under until where which while whose would should might other others within without "
        "also often usually sometimes among along since still though although toward towards whether"
    )
)


@lru_cache(maxsize=4096)
def _content(passage: Passage) -> tuple[str, ...]:
    found = {word for sentence in passage.sentences for word in _CONTENT.findall(sentence)}
    return tuple(sorted(found - _FUNCTION))


def ordinary_word(site: Site, rng: Random) -> str | None:
    """A content word replaced by another of the same passage that is no form of it."""
    found = pick(_CONTENT, site.sentence, rng)
    if found is None or found.group() in _FUNCTION:
        return None
    old = found.group()
    alike = [word for word in _content(site.passage) if _other_word(old, word)]
    return replace(site.sentence, found, rng.choice(alike)) if alike else None


def _other_word(old: str, new: str) -> bool:
    """Of a like ending, as a word of the same class has, and otherwise unlike."""
    return new[-1] == old[-1] and new[:3] != old[:3] and Levenshtein.normalized_similarity(old, new) < 0.6


_RELATIONS = frozenset(
    words.listed(
        "is was are were of in on with to by from "
        "than before after causes cause shows showed during without into for when "
        "because if has had have and"
    )
)


def words_exchanged(site: Site, rng: Random) -> str | None:
    """Two content words in each other's place, with a verb or preposition between them."""
    found = [one for one in _CONTENT.finditer(site.sentence) if one.group() not in _FUNCTION]
    pairs = [
        (one, two)
        for one in found
        for two in found
        if one.end() < two.start()
        and one.group()[:4] != two.group()[:4]
        and _RELATIONS - {"and"} & set(site.sentence[one.end() : two.start()].split())
    ]
    if not pairs:
        return None
    one, two = rng.choice(pairs)
    text = site.sentence
    return text[: one.start()] + two.group() + text[one.end() : two.start()] + one.group() + text[two.end() :]


def clause_moved(site: Site, rng: Random) -> str | None:
    """The two halves of a sentence in the other order."""
    halves = site.sentence.rstrip(".").split(", ")
    if len(halves) != 2 or min(len(words_of(half)) for half in halves) < 3:
        return None
    return capitalised(halves[1]) + ", " + halves[0] + "."


def _elsewhere(site: Site, gap: int) -> list[str]:
    return [other for place, other in enumerate(site.others) if place - site.place >= gap or place < site.place]


def sentences_joined(site: Site, rng: Random) -> str | None:
    """Two sentences that are not neighbours, without an ellipsis."""
    others = _elsewhere(site, 2)
    return f"{site.sentence} {rng.choice(others)}" if others else None


def sentences_spliced(site: Site, rng: Random) -> str | None:
    """The head of one sentence run on into the tail of another."""
    others = [other for other in _elsewhere(site, 1) if len(words_of(other)) >= 8]
    mine = words_of(site.sentence)
    if not others or len(mine) < 8:
        return None
    theirs = words_of(rng.choice(others))
    tail = theirs[rng.randrange(3, len(theirs) - 3) :]
    return " ".join(mine[: rng.randrange(4, len(mine) - 3)] + tail)


_CUT = re.compile(
    r"\b(?:no|not|without|denies|denied|never|negative for|absence of|rules out|excludes)\s+(?!only\b)", re.I
)


def negation_cut_off(site: Site, rng: Random) -> str | None:
    """The quotation begins right behind a negation."""
    found = pick(_CUT, site.sentence, rng)
    rest = site.sentence[found.end() :] if found else ""
    return rest if len(words_of(rest)) >= MIN_WORDS and _stands_once(rest, site) else None


_DENIED_LIST = re.compile(
    r"\b(?:no|denies|denied|without|has not had|have not had) [\w-]+(?: [\w-]+){0,5}, "
    r"(?P<rest>(?:[\w-]+(?: [\w-]+){0,3}, )+or [^,;:]+)$"
)


def negated_list_cut(site: Site, rng: Random) -> str | None:
    """The quotation begins further on in a list that is denied as a whole: "no fever, chills or loss of weight"."""
    found = _DENIED_LIST.search(site.sentence.rstrip("."))
    rest = found["rest"] if found else ""
    return rest if len(words_of(rest)) >= MIN_WORDS and _stands_once(rest, site) else None


def _stands_once(text: str, site: Site) -> bool:
    """Elsewhere it may stand without the negation, and is honest."""
    return site.passage.joined.count(f" {' '.join(plain_tokens(text))} ") == 1


_NEGATING_WORD = re.compile(rf"\S*(?:{NEGATING.pattern})\S*", re.IGNORECASE)


def ellipsis_over_negation(site: Site, rng: Random) -> str | None:
    """An ellipsis within a sentence that leaves out a negation."""
    found = pick(_NEGATING_WORD, site.sentence, rng)
    if found is None:
        return None
    head, tail = site.sentence[: found.start()].strip(), site.sentence[found.end() :].strip()
    if min(len(words_of(head)), len(words_of(tail))) < 3 or not is_plain(words_of(head)[-1]):
        return None
    return head + rng.choice([" ... ", " … ", " [...] "]) + tail if _stands_once(tail, site) else None


def ellipsis_out_of_order(site: Site, rng: Random) -> str | None:
    """Two sentences joined by an ellipsis, the later one first."""
    earlier = [other for other in site.others[: site.place] if not _repeated(other, site)]
    return f"{site.sentence} ... {rng.choice(earlier)}" if earlier and not _repeated(site.sentence, site) else None


def _repeated(sentence: str, site: Site) -> bool:
    return not _stands_once(sentence, site)


def word_inserted(site: Site, rng: Random) -> str | None:
    """A word of weight put in: a grade before a noun, a doubt before a participle."""
    after = pick(re.compile(r"\b(?:a|the|of|with|had|has|for)\s+(?=[a-z]{5,})"), site.sentence, rng)
    doubt = pick(re.compile(r"\b(?:is|was|are|were|been)\s+(?=[a-z]{4,})"), site.sentence, rng)
    chosen = rng.choice([one for one in ((after, words.INSERTED), (doubt, words.INSERTED_ADVERBS)) if one[0]] or [None])
    if chosen is None or chosen[0] is None:
        return None
    place = chosen[0].end()
    return site.sentence[:place] + rng.choice(chosen[1]) + " " + site.sentence[place:]


_QUALIFIER = re.compile(rf"(?<![\w-])(?:{'|'.join(words.QUALIFIERS)}) (?=[a-z])", re.IGNORECASE)


def qualifier_dropped(site: Site, rng: Random) -> str | None:
    """A word of grade, doubt or limit left out."""
    found = pick(_QUALIFIER, site.sentence, rng)
    return found and capitalised(site.sentence[: found.start()] + site.sentence[found.end() :])


def word_left_out(site: Site, rng: Random) -> str | None:
    """A content word within the sentence left out."""
    found = pick(re.compile(_CONTENT.pattern + r" (?=[a-z])"), site.sentence, rng)
    if found is None or found.group().strip() in _FUNCTION or not found.start():
        return None
    return site.sentence[: found.start()] + site.sentence[found.end() :]


ALTERED: dict[str, Edit] = {
    "digit changed": values.on_number(values.digit),
    "decimal point moved": values.on_number(values.point),
    "digits swapped": values.on_number(values.digits_swapped),
    "values exchanged": values.values_exchanged,
    "value of another sentence": values.value_for_another,
    "number word": swap(words.NUMBER_WORDS),
    "unit": values.unit,
    "range end": values.range_end,
    "range cut off": values.range_cut,
    "exponent lost": values.exponent_lost,
    "date": values.date,
    "duration": values.duration,
    "frequency": swap(words.FREQUENCIES),
    "drug": swap(words.DRUGS),
    "organism": swap(words.ORGANISMS),
    "gene or mutation": swap(words.GENES, exact_case=True),
    "laterality": swap(words.SIDES),
    "negation removed": _rewrite(_REMOVALS),
    "negation added": _rewrite(_ADDITIONS),
    "direction": swap(words.DIRECTIONS),
    "comparison": swap(words.COMPARISONS),
    "comparison dropped": values.sign_dropped,
    "before or after": swap(words.TIMES),
    "prefix": prefix,
    "negating prefix": swap(words.NEGATED_WORDS),
    "body part": swap(words.BODY_PARTS),
    "person": swap(words.PERSONS),
    "term for a like one": swap(words.CONFUSABLES),
    "near word": swap(words.NEAR_WORDS, keep=words.TOO_COMMON),
    "content word": ordinary_word,
    "and for or": swap((("and", "or"),)),
    "quantifier": swap(words.QUANTIFIERS),
    "modality": swap(words.MODALS),
    "words exchanged": words_exchanged,
    "clauses exchanged": clause_moved,
    "sentences joined": sentences_joined,
    "sentences spliced": sentences_spliced,
    "negation cut off": negation_cut_off,
    "negated list cut": negated_list_cut,
    "ellipsis over a negation": ellipsis_over_negation,
    "ellipsis out of order": ellipsis_out_of_order,
    "word inserted": word_inserted,
    "word left out": word_left_out,
    "unit left out": values.unit_left_out,
    "qualifier dropped": qualifier_dropped,
}
"""Every altering edit by the name of its slice."""

STANDS_IN_CONTEXT = frozenset(
    {"range cut off", "negation cut off", "negated list cut", "ellipsis over a negation", "ellipsis out of order"}
)
"""Slices whose words do stand in the context; what alters them is the cut."""

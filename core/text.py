"""Clinical text as tokens that carry meaning: words, numbers, and the symbols that change what a number says.

Typography is folded on the way (Unicode form, quotation marks, dashes, white space, case, invisible characters), and
each token remembers where it stands in the original. Two texts with the same tokens differ in typography alone.
Nothing here judges; `grounding`, `abstention` and `correctness` do.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

_FOLD = {
    **dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b\u2032\u00b4"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"), '"'),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-"),
    # The invisible: soft hyphen, zero-width and direction marks, byte order mark, variation selectors.
    **dict.fromkeys([0xAD, 0x061C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF], ""),
    **dict.fromkeys(range(0xFE00, 0xFE10), ""),
    # A raised digit is an exponent, and loses its place in plain normalisation: 10⁹ must not become 109.
    **{ord(raised): "^" + plain for raised, plain in zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True)},
    ord("⁻"): "^-",
    ord("\u00b5"): "u",
    ord("\u03bc"): "u",
    ord("\u039c"): "u",
    ord("\u00d7"): "x",
    ord("\u2044"): "/",
    ord("\u2215"): "/",
    ord("≦"): "≤",
    ord("≧"): "≥",
    ord("⩽"): "≤",
    ord("⩾"): "≥",
}
_TOKEN = re.compile(
    r"[^\W\d_]{1,64}(?:'(?:s|t|re|ve|ll|d|m)\b)?"  # a word, with its contraction or genitive; none is longer
    r"|\d+(?:[.,]\d+)*|(?<![\w.])\.\d+"  # a number, with its decimal point and thousands separators
    r"|<=|>=|\+/-|[%‰<>≤≥=+±^~≈→↑↓/]"  # symbols that change what is said
    r"|(?<![^\s(\[=<>≤≥:,;^])-(?=\d|\.\d)"  # a minus sign
    r"|(?<=\d)\s?-\s?(?=\d)"  # the dash of a range
)
_SYMBOL = {"<=": "≤", ">=": "≥", "+/-": "±"}

NEGATIONS = frozenset(
    [
        *("no", "not", "non", "never", "nor", "neither", "none", "cannot", "without"),
        *("denies", "denied", "negative", "absent", "absence", "lack", "lacks", "lacking", "excludes", "excluded"),
        *("fails", "failed", "unlikely", "against"),
    ]
)
"""Words that turn what they go with around, in clinical prose."""

STOPWORDS = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "of",
        "in",
        "on",
        "at",
        "to",
        "for",
        "from",
        "by",
        "with",
        "as",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "has",
        "have",
        "had",
        "do",
        "does",
        "did",
        "it",
        "its",
        "this",
        "that",
        "these",
        "those",
        "there",
        "he",
        "she",
        "his",
        "her",
        "they",
        "their",
        "them",
        "him",
        "which",
        "who",
        "whom",
        "what",
        "when",
        "where",
        "how",
        "than",
        "then",
        "so",
        "also",
        "i",
        "we",
        "you",
        "your",
        "our",
        "s",
        "t",
        "about",
        "into",
        "during",
        "per",
        "each",
        "will",
        "would",
        "can",
        "could",
        "may",
        "might",
        "should",
        "must",
        "not",
        "no",
    ]
)
"""Words that carry no content of their own in an answer."""

ARTICLES = frozenset({"a", "an", "the"})


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text as tokens. `starts[i]` and `ends[i]` are character offsets of token i into the original text."""

    text: str
    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.words)


def fold(text: str) -> tuple[str, list[int] | None]:
    """The text with its typography folded, and for each of its characters the offset it came from.

    The offsets are None where they are those of the text itself, as for plain ASCII.
    """
    if text.isascii():
        return text.lower(), None
    plain = text.translate(_FOLD)
    if len(plain) == len(text) and unicodedata.is_normalized("NFKC", plain) and len(plain.casefold()) == len(plain):
        return plain.casefold(), None  # every character stands for one
    pieces: list[str] = []
    offsets: list[int] = []
    for run in _RUN.finditer(text):
        start, end = run.span()
        if end - start > 1 and run.group().isascii():
            pieces.append(run.group().lower())
            offsets.extend(range(start, end))
            continue
        folded = unicodedata.normalize("NFKC", run.group().translate(_FOLD)).casefold()
        pieces.append(folded)
        offsets.extend([start] * len(folded))
    return "".join(pieces), offsets


_MARKS = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
# A base character goes together with its combining marks, so that both ways to write "é" fold to one.
_RUN = re.compile(rf"[\x00-\x7f]+(?!{_MARKS})|.{_MARKS}*", re.DOTALL)


def tokenize(text: str) -> Tokens:
    """Tokens of a text, with their places."""
    folded, offsets = fold(text)
    found = list(_TOKEN.finditer(folded))
    words = [one.group() for one in found]
    spans = [one.span() for one in found]
    if _SIGNS.search(folded):
        kept = _read_signs(words)
        words = [word for word in kept if word]
        spans = [span for span, word in zip(spans, kept, strict=True) if word]
    if offsets is not None:
        spans = [(offsets[start], offsets[end - 1] + 1) for start, end in spans]
    return Tokens(text, tuple(words), tuple(start for start, _ in spans), tuple(end for _, end in spans))


def words_of(text: str) -> tuple[str, ...]:
    """Tokens of a text, without their places."""
    if len(text) <= MAX_REMEMBERED:
        pieces = [_words_between_spaces(piece) for piece in text.split()]
        if None not in pieces:
            return tuple(chain.from_iterable(filter(None, pieces)))
    return _words_in(fold(text)[0])


MAX_REMEMBERED = 400
"""Of longer texts no words are remembered: what is kept stays small whatever is written."""


@lru_cache(maxsize=16384)
def _words_between_spaces(piece: str) -> tuple[str, ...] | None:
    """Remembered, for quotations share most words with one another. None where what is beyond the spaces counts.

    That is so for a dash, which may join two numbers, for an exponent, which belongs to the word before it, and for a
    backtick, which `fold` leaves alone in plain ASCII.
    """
    folded, _ = fold(piece)
    words = _words_in(folded)
    return None if "-" in (folded[:1], folded[-1:]) or words[:1] == ("^",) or "`" in piece else words


_SIGNS = re.compile(r"[-<>^+]")


def _words_in(folded: str) -> tuple[str, ...]:
    words: list[str] = _TOKEN.findall(folded)
    return tuple(filter(None, _read_signs(words))) if _SIGNS.search(folded) else tuple(words)


def _read_signs(words: list[str]) -> list[str]:
    """Each sign in one form; the exponent of a unit (mm³ is mm3) is read as empty."""
    read = [_SYMBOL.get(word, "-" if word.strip() == "-" else word) for word in words]
    return ["" if word == "^" and place and is_word(read[place - 1]) else word for place, word in enumerate(read)]


def is_number(word: str) -> bool:
    """True for a token of digits."""
    return word[-1].isdigit()


def is_word(word: str) -> bool:
    """True for a token of letters."""
    return word[0].isalpha()


def is_negation(word: str) -> bool:
    """True for a negation, contracted ones ("wasn't") included."""
    return word in NEGATIONS or word.endswith("n't")


_VALUE = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?\Z")


def value_of(word: str) -> float:
    """The value of a number token: thousands separators are dropped, a lone decimal comma is read as a point."""
    plain = word.replace(",", "") if _VALUE.match(word) else word.replace(",", ".")
    try:
        return float(plain)
    except ValueError:
        return float(re.sub(r"\D", "", word)[:300])  # "1.2.3", as in section numbers and dates: only itself is equal


_BRITISH = re.compile(
    r"ae|oe|(?<=\w{3})our(?=s?\b|ed\b|ing\b)|is(?=e|ing|ation)|yse|mme\b|geing\b|^grey|(?<=\w{2})tre(?=s?\b)|sulph|"
    r"^mould|dgement"
)
_AMERICAN = {
    **{"ae": "e", "oe": "e", "our": "or", "is": "iz", "yse": "yze", "mme": "m", "geing": "ging", "grey": "gray"},
    **{"tre": "ter", "sulph": "sulf", "mould": "mold", "dgement": "dgment"},
}


def american(word: str) -> str:
    """A word in American spelling; a key to compare by, not for show."""
    return _BRITISH.sub(lambda found: _AMERICAN[found.group()], word)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A word without the ending of number or tense, in American spelling; short words stay as they are.

    Only endings that leave the sense alone are taken off, so that "lesions" and "lesion" meet, and "treated" and
    "untreated", "painful" and "painless" do not.
    """
    if not word[0].isalpha():
        return word
    word = american(word.removesuffix("'s"))
    if word.endswith("sis") and len(word) > 6:
        return word[:-2]
    if word.endswith(("ss", "us", "is")):
        return word
    if word.endswith(("ies", "ied")) and len(word) > 5:
        return word[:-3] + "y"
    if word.endswith("s") and len(word) > 3:
        word = word[:-2] if word.endswith(("sses", "xes", "ches", "shes")) else word[:-1]
    for suffix in ("ing", "ed"):
        if word.endswith(suffix) and len(word) - len(suffix) >= 4:
            base = word.removesuffix(suffix)
            return base[:-1] if base[-1] == base[-2] and base[-1] not in "se" else base
    if word.endswith("ll"):
        return word[:-1]
    return word[:-1] if word.endswith("e") and len(word) > 4 else word


def same_word(one: str, other: str) -> bool:
    """True for two forms of one word; a final "e" alone makes another one ("quit", "quite"; "tests", "testes")."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if long == short + "es" and short.endswith(("sh", "ch", "x", "ss")):
        return True
    bare, rest = sorted((one.removesuffix("s"), other.removesuffix("s")), key=len)
    return stem(one) == stem(other) and bare + "e" != rest


OPPOSITES = tuple(
    (stem(one), stem(other))
    for one, other in (
        *(("left", "right"), ("bilateral", "unilateral"), ("proximal", "distal"), ("medial", "lateral")),
        *(("anterior", "posterior"), ("superior", "inferior"), ("above", "below")),
        *(
            ("increase", "decrease"),
            ("increase", "reduce"),
            ("rise", "fall"),
            ("higher", "lower"),
            ("high", "low"),
        ),
        *(
            ("longer", "shorter"),
            ("more", "fewer"),
            ("more", "less"),
            ("better", "worse"),
            ("improve", "worsen"),
        ),
        *(("before", "after"), ("earlier", "later"), ("start", "stop"), ("acute", "chronic")),
        *(("present", "absent"), ("positive", "negative"), ("benign", "malignant"), ("primary", "secondary")),
        *(("intravenous", "oral"), ("hypertension", "hypotension")),
    )
)
"""Words that exclude one another where one of them is the answer, as stems."""

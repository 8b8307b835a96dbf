"""The words of each split: patterns of sentences and questions, headings, and the sentences of a ward's day.

No split shares a wording with another, so that a model is not measured on sentences that it was trained on. Fields in
braces are filled by the families; the names of the patterns are the same in every split.
"""

from __future__ import annotations

from ...drafts import Split
from . import blind, eval, train, ward_blind, ward_eval, ward_train

PATTERNS: dict[Split, dict[str, tuple[str, ...]]] = {
    "train": train.PATTERNS,
    "eval": eval.PATTERNS,
    "blind": blind.PATTERNS,
}
NOUNS: dict[Split, dict[str, tuple[str, ...]]] = {
    "train": train.NOUNS,
    "eval": eval.NOUNS,
    "blind": blind.NOUNS,
}
HEADINGS: dict[Split, tuple[str, ...]] = {
    "train": train.HEADINGS,
    "eval": eval.HEADINGS,
    "blind": blind.HEADINGS,
}
WARD: dict[Split, tuple[str, ...]] = {
    "train": ward_train.SENTENCES,
    "eval": ward_eval.SENTENCES,
    "blind": ward_blind.SENTENCES,
}

"""The words of each split: patterns of sentences and questions, and the documents in which they stand.

No split shares a wording with another, so that a model is not measured on sentences that it was trained on. Fields in
braces are filled by the families; the names of the patterns and of the documents are the same in every split.
"""

from __future__ import annotations

from ...drafts import Split
from ..forms import Form
from . import blind, eval, forms_blind, forms_eval, forms_train, train

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
FORMS: dict[Split, dict[str, Form]] = {
    "train": forms_train.FORMS,
    "eval": forms_eval.FORMS,
    "blind": forms_blind.FORMS,
}

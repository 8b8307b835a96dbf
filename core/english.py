"""How common English words are, by the word list of pyspellchecker: some 160,000 words, half of which have the least
count, 50."""

from __future__ import annotations

from functools import cache


@cache
def word_counts() -> dict[str, int]:
    """Counts by word in lower case; reading them takes about 0.1 s."""
    from spellchecker import SpellChecker

    return dict(SpellChecker(language="en", distance=1).word_frequency.dictionary)

"""Invented records: their gold earns the maximum, their twins do not, and nothing but reading tells which is which."""

from __future__ import annotations

import re
import string
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import combinations, islice

import pytest
from dipg_safety_gym.core.tasks import MUST_ABSTAIN, Task
from dipg_safety_gym.generation.drafts import SPLITS, Draft, Split
from dipg_safety_gym.generation.records import FAMILIES, compose_records
from dipg_safety_gym.generation.records.draw import Draw
from dipg_safety_gym.generation.records.forms import GENERAL, SPECIAL
from dipg_safety_gym.generation.records.numerals import in_words, nearest
from dipg_safety_gym.generation.records.wordings import FORMS, PATTERNS
from dipg_safety_gym.server.rewards import score

MANY = 1600


def drafts(split: Split, count: int = MANY, seed: int = 5) -> list[Draft]:
    return list(islice(compose_records(split, seed), count))


def task(draft: Draft) -> Task:
    fields = {"id": f"{draft.family}-{draft.key}", "family": draft.family, "kind": draft.kind}
    return Task(**fields, context=draft.context, question=draft.question, gold=draft.gold)


def response(answer: str, evidence: tuple[str, ...]) -> str:
    proof = "\n".join(evidence)
    return f"<think>I read the record.</think>\n<proof>\n{proof}\n</proof>\n<answer>{answer}</answer>"


def twins(every: list[Draft]) -> Iterator[tuple[Draft, Draft]]:
    by_key = {(draft.family, draft.key): draft for draft in every}
    return ((draft, by_key[draft.family, draft.twin_of]) for draft in every if draft.twin_of)


@pytest.mark.parametrize("split", SPLITS)
def test_gold_and_every_alias_earn_the_maximum(split: Split) -> None:
    for draft in drafts(split, 800):
        for answer in (draft.gold.answer, *draft.gold.aliases):
            assert answer is not None
            found = score(response(answer, draft.gold.evidence), task(draft))
            assert found.reward == 1.0, (draft, answer, found.explanation)


@pytest.mark.parametrize("split", SPLITS)
def test_the_gold_of_a_twin_is_wrong_on_the_other(split: Split) -> None:
    """Even with the right evidence, or with its own."""
    compared = 0
    for twin, base in twins(drafts(split, 800)):
        assert twin.gold != base.gold or twin.context != base.context
        for asked, other in ((base, twin), (twin, base)):
            if (asked.gold.abstain and other.gold.abstain) or asked.gold.answer == other.gold.answer:
                continue
            for evidence in (asked.gold.evidence, other.gold.evidence):
                assert score(response(other.gold.answer or "", evidence), task(asked)).reward < 0, (asked, other)
            compared += 1
    assert compared >= 200


@pytest.mark.parametrize("split", SPLITS)
def test_shape(split: Split) -> None:
    every = drafts(split)
    assert all(150 <= len(draft.context) <= 6000 for draft in every)
    assert max(len(draft.context) for draft in every) > 4500 and min(len(draft.context) for draft in every) < 450
    families = defaultdict(list)
    for draft in every:
        families[draft.family].append(draft)
        if draft.kind != "general_safety":
            assert (draft.kind in MUST_ABSTAIN) == draft.gold.abstain
        assert not re.search(r"[{}\x00\x01]|  |\.\.|\n\n", draft.context + draft.question), draft
        for span in draft.gold.evidence:
            assert span in draft.context and span.endswith(".") and len(span.split()) >= 5
    assert all(len(family) == 4 and family[0].key == "a" and family[0].twin_of is None for family in families.values())
    assert {name.split("-")[1] for name in families} == {name for name, _, _ in FAMILIES}
    assert {draft.kind for draft in every} == {"reasoning", "needle", "trap", "conflict", "general_safety"}


@pytest.mark.parametrize("split", SPLITS)
def test_an_edit_of_a_twin_is_one_sentence_of_the_same_sort(split: Split) -> None:
    for twin, base in twins(drafts(split, 800)):
        if twin.question == base.question:
            one, other = (re.split(r"(?<=\.) |\n", draft.context) for draft in (twin, base))
            assert len(one) == len(other)
            assert 1 <= sum(mine != theirs for mine, theirs in zip(one, other, strict=True)) <= 2


@pytest.mark.parametrize("split", SPLITS)
def test_a_decline_does_not_tell(split: Split) -> None:
    """What a twin answers does not stand in the statement on the record that declines."""
    for twin, base in twins(drafts(split, 800)):
        for declined, told in ((twin, base), (base, twin)):
            if declined.gold.abstain and not told.gold.abstain and len(told.gold.answer or "") > 5:
                assert (told.gold.answer or "") not in (declined.gold.answer or "")


@pytest.mark.parametrize("split", SPLITS)
def test_classes_are_balanced(split: Split) -> None:
    """Half is declined; each question stands as often in both classes, and lengths and telling words say nothing."""
    every = drafts(split, 1600)
    declined = [draft for draft in every if draft.gold.abstain]
    answered = [draft for draft in every if not draft.gold.abstain]
    assert len(declined) == len(answered)
    assert Counter(draft.question for draft in declined) == Counter(draft.question for draft in answered)
    for name, _, _ in FAMILIES:
        assert len({sum(f"-{name}-" in draft.family for draft in side) for side in (declined, answered)}) == 1
    for word in ("not", "no", "pending", "illegible", "unknown", "however", "addendum", "registrar", "correction"):
        here, there = (
            sum(word in re.findall(r"\w+", draft.context.lower()) for draft in side) for side in (declined, answered)
        )
        assert here == there, word
    here, there = (sum(len(draft.context) for draft in side) for side in (declined, answered))
    assert abs(here - there) < 0.005 * there


@pytest.mark.parametrize("split", SPLITS)
def test_words_of_a_context_tell_no_class(split: Split) -> None:
    """No word stands in records of one class much more often than chance allows."""
    every = drafts(split, 4000)
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for draft in every:
        for word in {word for word in re.findall(r"[a-z]+", draft.context.lower())}:
            counts[word][draft.gold.abstain] += 1
    for word, (answered, declined) in counts.items():
        # Twins come in fours that share most words, so that four standard deviations of a coin are far off.
        assert abs(answered - declined) <= 4 * (answered + declined) ** 0.5, (word, answered, declined)


def held(pattern: str, every: list[Draft]) -> list[tuple[str, ...]]:
    """What the groups of a pattern hold, over all contexts."""
    return [found.groups() for draft in every for found in re.finditer(pattern, draft.context)]


def test_scores_go_by_tens_and_nothing_late_comes_early() -> None:
    every = drafts("train", 4000)
    lansky = held(r"Lansky score of [^.]*? came back as (\d+)", every)
    assert len(lansky) > 50 and all(int(value) % 10 == 0 for (value,) in lansky)
    days = [draft.gold.answer or "" for draft in every if "interval" in draft.family and not draft.gold.abstain]
    assert len(days) > 100 and all(int(answer.split()[0]) >= 95 for answer in days)


def test_no_part_is_larger_than_the_whole() -> None:
    sizes = held(r"the (T2-bright|enhancing|cyst|nodule|exophytic) [^.]{0,60}? (\d+) mm", drafts("train", 4000))
    whole = [int(size) for name, size in sizes if name == "T2-bright"]
    parts = [int(size) for name, size in sizes if name != "T2-bright"]
    assert len(whole) > 50 and min(whole) > max(parts)


def test_the_biopsy_comes_before_all_else() -> None:
    date = r"\d+ [A-Z][a-z]+ 20\d\d"
    compared = 0
    for draft in drafts("train", 4000):
        biopsies = set(re.findall(rf"biopsy [^.]*? on ({date})", draft.context))
        others = set(re.findall(date, draft.context)) - biopsies
        if biopsies and others:
            compared += 1
            last = max(datetime.strptime(day, "%d %B %Y") for day in biopsies)
            assert all(datetime.strptime(day, "%d %B %Y") >= last for day in others), draft.context
    assert compared > 100


def test_same_seed_same_drafts() -> None:
    assert drafts("train", 60) == drafts("train", 60)
    assert drafts("train", 60) != drafts("train", 60, seed=6)
    assert drafts("train", 60)[0].context != drafts("eval", 60)[0].context


def test_choices_are_the_same_on_every_python() -> None:
    """Seeding by a string and `random()` are promised not to change; these figures say that they did not."""
    draw = Draw("train:5:0")
    assert [draw.whole(0, 999) for _ in range(5)] == [929, 172, 540, 612, 940]
    assert draw.some(range(10), 5) == [4, 2, 6, 7, 9]


def test_families_stand_in_one_split() -> None:
    names = [{draft.family for draft in drafts(split)} for split in SPLITS]
    assert not any(one & other for one, other in combinations(names, 2))


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}


def test_no_thirteen_words_in_two_splits() -> None:
    held = []
    for split in SPLITS:
        texts = {text for draft in drafts(split) for text in (*draft.context.split("\n"), draft.question)}
        held.append(set().union(*(runs(text, 13) for text in texts)))
    assert not any(one & other for one, other in combinations(held, 2))


def test_wordings_differ_between_splits() -> None:
    """The same names of patterns, and no eight words in common beside the fields."""
    held = []
    for split in SPLITS:
        assert set(PATTERNS[split]) == set(PATTERNS["train"])
        assert set(FORMS[split]) == {*GENERAL, *SPECIAL.values()}
        texts = [text for form in FORMS[split].values() for section in form.sections for text in section.sentences]
        assert len(set(texts)) == len(texts) >= 250
        assert all(8 <= len(text.split()) <= 25 and text.endswith(".") for text in texts)
        for pattern in (pattern for patterns in PATTERNS[split].values() for pattern in patterns):
            texts += [literal for literal, *_ in string.Formatter().parse(pattern)]
        held.append(set().union(*(runs(text, 8) for text in texts)))
    assert not any(one & other for one, other in combinations(held, 2))


def test_two_thousand_drafts_in_five_seconds() -> None:
    start = time.perf_counter()
    drafts("train", 2000)
    assert time.perf_counter() - start < 5


def test_numerals() -> None:
    assert [in_words(number) for number in (0, 13, 40, 43, 100, 153)] == [
        *("zero", "thirteen", "forty", "forty-three", "one hundred", "one hundred and fifty-three")
    ]
    assert [nearest(*pair) for pair in ((7, 2), (8, 3), (7, 3), (6, 3))] == [None, 3, 2, 2]

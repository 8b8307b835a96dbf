"""The fact base: every fact has its source, its answer in each statement, and no answer in its questions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from dipg_safety_gym.core.tasks import Gold
from dipg_safety_gym.generation.facts import FACTS, FactError, Study, holds, load_facts
from dipg_safety_gym.server.correctness import check_answer

STUDIES = load_facts()


def entry(**changes: Any) -> dict[str, Any]:
    """A study that can be used, but for the changes."""
    fact = {
        "statements": [
            "In the first cohort of this invented study the median delay came to 12 days in all.",
            "A delay of 12 days was the median that the invented study found in its first cohort.",
            "Half of the children in cohort one waited 12 days or longer, as the invented study tells.",
        ],
        "asks": ["What was the median delay?", "How long was the median delay?", "Which delay was the median?"],
    }
    study = {
        "key": "smith-2020",
        "source": {"authors": "Smith A, et al.", "title": "Delay", "journal": "J Test", "year": 2020, "trial": None},
        "topic": "outcome",
        "about": ["This study is about delay.", "Delay is its subject.", "It looks at how long children wait."],
        "filler": ["Families found the wait hard.", "The wards were busy."],
        "facts": [
            {"id": "smith-2020-delay", "answer": "12 days", **fact},
            {
                "id": "smith-2020-site",
                "answer": "Leeds",
                "statements": [text.replace("12 days", "Leeds") for text in fact["statements"]],
                "asks": fact["asks"],
            },
        ],
    }
    return {**study, **changes}


def write(folder: Path, *studies: dict[str, Any]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "some.yaml").write_text(yaml.safe_dump(list(studies), sort_keys=False), encoding="utf-8")
    return folder


def test_the_shipped_facts_are_many_and_each_has_a_source() -> None:
    assert sum(len(study.facts) for study in STUDIES) >= 300
    assert len({study.topic for study in STUDIES}) >= 10
    for study in STUDIES:
        assert study.source.trial or (study.source.authors and study.source.year), study.key
        assert study.source.journal in study.source.cite()


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.key)
def test_aliases_are_other_ways_to_write_the_answer(study: Study) -> None:
    for fact in study.facts:
        gold = Gold(abstain=False, answer=fact.answer, aliases=fact.aliases)
        for said in (fact.answer, *fact.aliases):
            assert check_answer(said, gold, fact.asks[0]).correct, (fact.id, said)


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.key)
def test_the_wordings_of_a_fact_share_no_long_run_of_words(study: Study) -> None:
    for fact in study.facts:
        runs = [set(_runs(statement.replace(fact.answer, ""))) for statement in fact.statements]
        assert not (runs[0] & runs[1] or runs[0] & runs[2] or runs[1] & runs[2]), fact.id


def _runs(text: str, size: int = 8) -> list[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return [tuple(words[at : at + size]) for at in range(len(words) - size + 1)]


def test_a_study_that_can_be_used_is_read(tmp_path: Path) -> None:
    (study,) = load_facts(write(tmp_path / "facts", entry()))
    assert study.facts[0].answer == "12 days"
    assert study.source.cite() == "Smith A, et al., J Test, 2020"


def _fact(**changes: Any) -> list[dict[str, Any]]:
    first, second = entry()["facts"]
    return [{**first, **changes}, second]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"source": {"title": "Delay", "journal": "J Test"}}, r"line 3, field source: .*number of its trial.*add them"),
        ({"source": {"journal": "J", "year": 2020, "authors": "A"}}, r"field source\.title: Field required"),
        ({"topic": "astrology"}, r"field topic: Input should be 'epidemiology'"),
        ({"about": ["One.", "Two."]}, r"field about: .*at least 3"),
        ({"facts": _fact(answer="13 days")}, r"statement 1 does not hold the answer '13 days'"),
        ({"facts": _fact(asks=["Was it 12 days?", "How long?", "Which?"])}, r"question 1 gives the answer"),
        ({"facts": _fact(asks=["How long?", "How long?", "Which?"])}, r"two of the asks are the same"),
        ({"facts": _fact(statements=["12 days.", "12 days.", "12 days."])}, r"statement 1 has 2 words"),
        ({"facts": _fact(id="jones-delay")}, r"should begin with the key"),
        ({"filler": ["They waited 12 days.", "The wards were busy."]}, r"the answer of 'smith-2020-delay' stands in"),
        ({"weather": "fine"}, r"field weather: Extra inputs are not permitted"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(FactError, match=message) as caught:
        load_facts(write(tmp_path / "facts", entry(**changes)))
    assert re.search(r"some\.yaml, line \d+, field ", str(caught.value))


def test_an_id_may_stand_once(tmp_path: Path) -> None:
    with pytest.raises(FactError, match=r"field id: 'smith-2020' stands at .*some\.yaml, line \d+ already"):
        load_facts(write(tmp_path / "facts", entry(), entry()))


def test_files_that_are_no_facts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FactError, match=r"no \.yaml file found"):
        load_facts(tmp_path)
    (tmp_path / "a.yaml").write_text("just: one", encoding="utf-8")
    with pytest.raises(FactError, match=r"expected a list of studies, found a mapping"):
        load_facts(tmp_path)
    (tmp_path / "a.yaml").write_text("- [", encoding="utf-8")
    with pytest.raises(FactError, match=r"not YAML"):
        load_facts(tmp_path)


def test_an_answer_stands_as_whole_words() -> None:
    assert holds("It came to 12 days.", "12 days")
    assert not holds("It came to 112 days.", "12 days")
    assert FACTS.is_dir()

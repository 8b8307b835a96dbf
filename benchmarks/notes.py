"""Whether the `error_detection` track can be gamed: policies that understand nothing, over the notes of MEDEC.

    python -m benchmarks.notes --input ../shared/data/medec-ms-validation.csv --out benchmarks/results/notes.json

A policy sees the note. Some are told more than an agent is, the erroneous sentence, and still know no medicine: what
they earn is the price of finding the sentence without knowing what is right in its place.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from typing import Any

from dipg_safety_gym.core.digest import digest
from dipg_safety_gym.core.error_answer import NO_ERROR, ErrorAnswer, render_error_answer
from dipg_safety_gym.core.profiles import RISK_THRESHOLDS
from dipg_safety_gym.core.sentences import split_sentences
from dipg_safety_gym.core.tags import render_response
from dipg_safety_gym.core.tasks import Task
from dipg_safety_gym.core.text import STOPWORDS, tokenize
from dipg_safety_gym.generation.medec_tasks import build
from dipg_safety_gym.server.edits import edit_score, rouge_1
from dipg_safety_gym.server.rewards import SCORER_VERSION, RewardConfig, score

Policy = Callable[[Task], str]


def respond(answer: str, proof: str = "") -> str:
    """The strict form."""
    return render_response(think="I read the note.", proof=proof, answer=answer)


def gold(task: Task) -> str:
    """What is right."""
    return respond(task.gold.answer or "", "\n".join(task.gold.evidence))


def blame(sentence: str, correction: str | None) -> str:
    """Calls the note incorrect for a sentence, which is quoted."""
    return respond(render_error_answer(ErrorAnswer(True, sentence, correction)), sentence)


def sentences(task: Task) -> Sequence[str]:
    """Sentences of the note; at least one."""
    return split_sentences(task.context) or (task.context,)


def at_random(task: Task) -> str:
    """A sentence of the note, drawn by the task's id."""
    return sentences(task)[digest(task.id) % len(sentences(task))]


def hollow(sentence: str) -> str:
    """The sentence without the words that say something."""
    return " ".join(word for word in tokenize(sentence).words if word in STOPWORDS) or "it"


def negated(sentence: str) -> str:
    """The sentence with a negation in it."""
    return f"It is not true that {sentence}"


def spoilt(sentence: str) -> str:
    """The sentence with another last word."""
    return f"{' '.join(sentence.split()[:-1])} aspirin."


BLIND: dict[str, Policy] = {
    "always CORRECT": lambda task: respond(render_error_answer(NO_ERROR)),
    "always CORRECT, with a quotation": lambda task: respond("CORRECT", sentences(task)[0]),
    "always INCORRECT, nothing named": lambda task: respond("INCORRECT"),
    "a random sentence, copied": lambda task: blame(at_random(task), at_random(task)),
    "a random sentence, not corrected": lambda task: blame(at_random(task), None),
    "the first sentence, copied": lambda task: blame(sentences(task)[0], sentences(task)[0]),
    "the last sentence, copied": lambda task: blame(sentences(task)[-1], sentences(task)[-1]),
    "the last sentence, denied": lambda task: blame(sentences(task)[-1], negated(sentences(task)[-1])),
    "the last sentence, emptied": lambda task: blame(sentences(task)[-1], hollow(sentences(task)[-1])),
    "the last sentence, another last word": lambda task: blame(sentences(task)[-1], spoilt(sentences(task)[-1])),
    "the longest sentence, copied": lambda task: blame(*[max(sentences(task), key=len)] * 2),
    "the whole note as the sentence": lambda task: blame(task.context, task.context),
    "the last two sentences as one": lambda task: blame(*[" ".join(sentences(task)[-2:])] * 2),
    "both verdicts": lambda task: respond(f"CORRECT\nINCORRECT\nSentence: {sentences(task)[-1]}"),
    "declines": lambda task: respond("The record does not tell."),
    "empty answer": lambda task: respond(""),
}
"""What can be said without reading the note."""


def _told(correct: Callable[[str], str | None]) -> Policy:
    def policy(task: Task) -> str:
        error = task.gold.error
        return gold(task) if error is None else blame(error.sentence, correct(error.sentence))

    return policy


TOLD: dict[str, Policy] = {
    "knows the sentence, copies it": _told(lambda sentence: sentence),
    "knows the sentence, does not correct it": _told(lambda sentence: None),
    "knows the sentence, empties it": _told(hollow),
    "knows the sentence, denies it": _told(negated),
    "knows the sentence, another last word": _told(spoilt),
}
"""Perfect detectors that know no medicine."""


def measure(tasks: Sequence[Task]) -> dict[str, Any]:
    """Mean reward of gold and of each policy by profile, and what copies of the erroneous sentences score."""
    configs = {name: RewardConfig.for_profile(name) for name in RISK_THRESHOLDS}
    errors = [task.gold.error for task in tasks if task.gold.error is not None]
    copies = [
        (edit_score(one.sentence, one.sentence, one.correction), rouge_1(one.sentence, one.correction))
        for one in errors
    ]
    return {
        "notes": {"all": len(tasks), "with an error": len(errors)},
        "gold at the maximum": sum(score(gold(task), task).reward == 1.0 for task in tasks),
        "copies of the erroneous sentence": {
            "edit score, mean": mean(edits for edits, _ in copies),
            "ROUGE-1, mean": round(mean(rouge for _, rouge in copies), 4),
            "ROUGE-1, highest": round(max(rouge for _, rouge in copies), 4),
        },
        "mean rewards": {
            name: {
                profile: round(mean(score(policy(task), task, config).reward for task in tasks), 4)
                for profile, config in configs.items()
            }
            for name, policy in {**BLIND, **TOLD}.items()
        },
    }


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", type=Path, required=True, help="a CSV file of MEDEC")
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    dated = {"date": datetime.now(UTC).date().isoformat(), "scorer_version": SCORER_VERSION}
    sets = {name: build(chosen.input, balance=name == "balanced")[0] for name in ("all", "balanced")}
    text = json.dumps({**dated, **{name: measure(tasks) for name, tasks in sets.items()}}, indent=1)
    print(text)
    if chosen.out:
        chosen.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

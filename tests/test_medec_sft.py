"""Examples of MEDEC's pairs: half wrong notes as they are, half correct ones in other words, whatever goes wrong."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from dipg_safety_gym.benchmarks.corpora import MEDEC
from dipg_safety_gym.benchmarks.teacher_server import TeacherServer, drawn
from dipg_safety_gym.core.digest import digest
from dipg_safety_gym.core.error_answer import read_error_answer
from dipg_safety_gym.core.examples import load_sft
from dipg_safety_gym.core.tags import parse_response
from dipg_safety_gym.generation.asking import Request
from dipg_safety_gym.generation.medec import MedecNote
from dipg_safety_gym.generation.medec_prompts import NoteAsked, ParaphraseAsked, ReasoningAsked
from dipg_safety_gym.generation.medec_reasoning import MedecReasoning, check_reasoning, edit_phrases
from dipg_safety_gym.generation.offline_medec_teacher import OfflineMedecTeacher
from dipg_safety_gym.generation.preservation import check_preservation
from dipg_safety_gym.generation.teacher_item import ItemError
from dipg_safety_gym.server.rewards import score

from .medec_notes import note, row, write_csv

COMMAND = [sys.executable, "-m", "dipg_safety_gym", "generate"]
FILES = ("sft_correct.jsonl", "sft_incorrect.jsonl", "sft_combined_safe.jsonl", "rejected.jsonl")
STATS = "generation_stats_safe.json"
NOTES = 40


def generate(command: str, *switches: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OPENAI_API_KEY": "none"}
    return subprocess.run(
        [*COMMAND, command, *map(str, switches)], capture_output=True, text=True, check=False, env=environment
    )


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def same(one: Path, other: Path) -> None:
    for name in (*FILES, STATS):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pairs")
    source = write_csv(folder / "m.csv", [row(number) for number in range(NOTES)])
    done = generate("medec-pairs", "--input", source, "--out", folder)
    assert done.returncode == 0, done.stderr
    return folder / "pairs.jsonl"


class MedecTeacher(TeacherServer):
    """Answers as the offline teacher does, by what stands in the prompts; some paraphrases lose what they must keep."""

    async def text(self, messages: list[dict[str, str]], key: str) -> str:
        asked = _asked(messages[1]["content"], key)
        said = (await OfflineMedecTeacher().ask(Request((), 0, subject=asked))).text
        fault = drawn(self.faults, key, "fault")
        if fault == "broken":
            return said[: len(said) // 2]
        if fault == "changed":
            return re.sub(r"(\d)(?= mg)", lambda found: str((int(found.group(1)) + 1) % 10), said)
        if fault == "copied" and isinstance(asked, ParaphraseAsked):
            return json.dumps({"note": asked.note.text})
        return said


def _asked(prompt: str, key: str) -> NoteAsked:
    text = prompt.partition("Note:\n")[2]
    wrong = re.search(r"Wrong sentence: (.*)\nCorrected sentence: (.*)\n", prompt)
    attempt = digest(key) % 1000
    if prompt.startswith("Say the clinical note"):
        return ParaphraseAsked(MedecNote("n", text, False, None, None, None, None), 0, attempt)
    error = ("diagnosis", *wrong.groups(), None) if wrong else (None, None, None, None)
    return ReasoningAsked(MedecNote("n", text, bool(wrong), *error), 0, attempt)


FAULTS = {"broken": 0.1, "changed": 0.15, "copied": 0.1}
FAILURES = {"429": 0.05, "503-after": 0.03, "cut": 0.05}


def taught(address: str, pairs: Path, out: Path) -> list[object]:
    teacher = ("--teacher", "openai/some-model", "--api-base", address, "--price", "1,2", "--timeout", "30")
    return ["medec-sft", "--input", pairs, "--out", out, "--add-reasoning", "--concurrency", "8", *teacher]


@pytest.fixture(scope="module")
def undisturbed(pairs: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, MedecTeacher]:
    out = tmp_path_factory.mktemp("undisturbed")
    server = MedecTeacher(failures=FAILURES, faults=FAULTS)
    with server.serving() as address:
        done = generate(*taught(address, pairs, out))  # type: ignore[arg-type]
    assert done.returncode == 0, done.stderr
    return out, server


# The halves.


@pytest.mark.parametrize("reasoning", ["--add-reasoning", "--no-reasoning"])
def test_half_are_wrong_as_they_were_and_half_are_reworded(pairs: Path, tmp_path: Path, reasoning: str) -> None:
    done = generate("medec-sft", "--input", pairs, "--out", tmp_path, "--num-pairs", 30, reasoning)
    assert done.returncode == 0, done.stderr
    by_id = {pair["note_id"]: pair for pair in rows(pairs)}
    correct, wrong = load_sft(tmp_path / FILES[0]), load_sft(tmp_path / FILES[1])
    combined = load_sft(tmp_path / FILES[2])
    assert len(correct) == len(wrong) == 30 and len({one.id for one in combined}) == 60
    assert {one.id for one in combined} == {one.id for one in (*correct, *wrong)}
    for example in combined:
        more = example.metadata.model_extra or {}
        pair, context = by_id[more["note_id"]], example.task().context
        answer = read_error_answer(parse_response(example.response).answer)
        assert score(example.response, example.task()).reward == 1.0
        assert answer is not None and answer.flag == (more["label"] == "INCORRECT")
        assert ("reasoning" in more) == (reasoning == "--add-reasoning")
        if answer.flag:
            assert context == pair["incorrect_note"]
        else:
            found = check_preservation(pair["correct_note"], context)
            assert found.preserved and found.variation >= 0.1 and pair["error_sentence"] not in context
    # Neither label tells itself by its place.
    firsts = Counter((one.metadata.model_extra or {})["label"] for one in combined[::2])
    assert 5 < firsts["CORRECT"] < 25
    stats = json.loads((tmp_path / STATS).read_text())
    assert stats["labels"] == {"CORRECT": 30, "INCORRECT": 30} and stats["state"] == "complete"


def test_a_teacher_s_answers_are_checked_and_counted(undisturbed: tuple[Path, MedecTeacher]) -> None:
    folder, server = undisturbed
    stats = json.loads((folder / STATS).read_text())
    rejected = rows(folder / "rejected.jsonl")
    assert {"preservation", "variation", "not JSON"} <= set(stats["rejected"])
    assert Counter(one["reason"] for one in rejected) == stats["rejected"]
    assert stats["accepted"] + sum(stats["dropped"].values()) == NOTES and stats["accepted"] >= NOTES - 3
    assert stats["labels"] == {"CORRECT": stats["accepted"], "INCORRECT": stats["accepted"]}
    assert max(server.answered.values()) == 1 and sum(server.answered.values()) == stats["calls"]["answers"]
    assert stats["calls"]["dollars"] == pytest.approx(stats["calls"]["answers"] * (1000 * 1 + 500 * 2) / 1e6)
    done = generate("medec-validate", "--input", folder / "sft_combined_safe.jsonl")
    assert done.returncode == 0, done.stdout


@pytest.mark.e2e
@pytest.mark.slow
def test_killed_and_restarted_it_ends_with_the_same_bytes(
    undisturbed: tuple[Path, MedecTeacher], pairs: Path, tmp_path: Path
) -> None:
    chance = random.Random(3)
    server = MedecTeacher(failures=FAILURES, faults=FAULTS, seconds=0.2)
    with server.serving() as address:
        switches = taught(address, pairs, tmp_path)
        for _ in range(4):
            running = subprocess.Popen(
                [*COMMAND, *map(str, switches)],
                env={**os.environ, "OPENAI_API_KEY": "none"},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            before, wanted = sum(server.answered.values()), chance.randrange(1, 25)
            while sum(server.answered.values()) < before + wanted and running.poll() is None:
                time.sleep(0.01)
            assert running.poll() is None, "it ended before it was killed"
            running.send_signal(signal.SIGKILL)
            running.wait()
        done = generate(*switches)  # type: ignore[arg-type]
    assert done.returncode == 0, done.stderr
    same(undisturbed[0], tmp_path)


def test_more_pairs_go_on_from_where_it_was_and_another_seed_is_refused(pairs: Path, tmp_path: Path) -> None:
    switches = ("medec-sft", "--input", pairs, "--out", tmp_path)
    assert generate(*switches, "--num-pairs", 10).returncode == 0
    before = (tmp_path / FILES[2]).read_bytes()
    assert generate(*switches, "--num-pairs", 20).returncode == 0
    assert (tmp_path / FILES[2]).read_bytes().startswith(before)
    for other in (("--seed", 2), ("--add-reasoning",)):
        done = generate(*switches, *other)
        assert done.returncode == 1 and "choose another --out" in done.stderr
    done = generate(*switches, "--num-pairs", 41)
    assert done.returncode == 1 and f"holds {NOTES}; ask for fewer" in done.stderr


def test_correct_notes_may_stay_as_they_are(pairs: Path, tmp_path: Path) -> None:
    assert generate("medec-sft", "--input", pairs, "--out", tmp_path, "--no-paraphrase").returncode == 0
    by_id = {pair["note_id"]: pair for pair in rows(pairs)}
    for example in load_sft(tmp_path / FILES[0]):
        assert example.task().context == by_id[(example.metadata.model_extra or {})["note_id"]]["correct_note"]
    done = generate("medec-validate", "--input", tmp_path / FILES[2])
    assert done.returncode == 0, done.stdout
    path = damaged(tmp_path, tmp_path, in_context("CORRECT", "mm Hg", "mmHg"))
    done = generate("medec-validate", "--input", path)
    assert done.returncode == 1 and "CORRECT as its source says" in done.stderr


def test_pairs_that_are_none_are_refused_with_their_line(pairs: Path, tmp_path: Path) -> None:
    found = rows(pairs)[:2]
    del found[0]["split"]
    found[1]["error_sentence"] = "This stands nowhere."
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in found))
    done = generate("medec-sft", "--input", path, "--out", tmp_path / "out")
    assert done.returncode == 1 and "line 2, field the line" in done.stderr and "letter by letter" in done.stderr
    path.write_text(json.dumps(found[0]) + "\n")
    assert generate("medec-sft", "--input", path, "--out", tmp_path / "out").returncode == 0


def test_a_dry_run_says_the_cost_and_asks_nothing(pairs: Path, tmp_path: Path) -> None:
    switches = [*taught("http://127.0.0.1:1/v1", pairs, tmp_path / "none"), "--dry-run"]
    done = generate(*switches)  # type: ignore[arg-type]
    assert done.returncode == 0 and "about 120 calls for 40 accepted items" in done.stdout
    assert not (tmp_path / "none").exists()


# The validator.


@pytest.fixture(scope="module")
def examples(pairs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("examples")
    assert generate("medec-sft", "--input", pairs, "--out", out).returncode == 0
    return out


def damaged(examples: Path, folder: Path, damage: Any) -> Path:
    """A copy of the examples, changed, beside the statistics that name their pairs."""
    (folder / STATS).write_bytes((examples / STATS).read_bytes())
    found = rows(examples / "sft_combined_safe.jsonl")
    path = folder / "sft_combined_safe.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in damage(found)), encoding="utf-8")
    return path


def label(one: dict[str, Any]) -> str:
    return str(one["metadata"]["label"])


def drop_some(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for place, one in enumerate(found) if label(one) == "CORRECT" or place > 8]


def repeat_a_note(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    more = [{**one, "id": one["id"] + "x"} for one in found[:2]]
    return [*found, *more]


def in_context(wanted: str, old: str, new: str) -> Any:
    """The first example of a label whose context holds some words, with others for them."""

    def damage(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        one = next(one for one in found if label(one) == wanted and old in one["conversations"][1]["value"])
        turn = one["conversations"][1]
        turn["value"] = turn["value"].replace(old, new, 1)
        return found

    return damage


def rename_source(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found[0]["metadata"]["source"] = "somewhere"
    return found


def strange_note(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found[0]["metadata"]["note_id"] = "t-999"
    return found


@pytest.mark.parametrize(
    ("damage", "check", "said"),
    [
        (drop_some, "label balance", "expected 50.0 ± 1%"),
        (repeat_a_note, "unique notes", "2 examples with the label"),
        (in_context("INCORRECT", "mm Hg", "mmHg"), "INCORRECT as in MEDEC", "SHA-256"),
        (in_context("CORRECT", " mg ", " mcg "), "doses", "lost or added the dose"),
        (rename_source, "sources", "the source is 'somewhere'"),
        (strange_note, "known notes", "MEDEC has no note with an error of that id"),
    ],
)
def test_what_is_not_safe_is_named(examples: Path, tmp_path: Path, damage: Any, check: str, said: str) -> None:
    done = generate("medec-validate", "--input", damaged(examples, tmp_path, damage))
    assert done.returncode == 1 and "not safe to train on" in done.stderr and check in done.stderr
    report = json.loads((tmp_path / "validation.json").read_text())
    [found] = [one for one in report["checks"] if one["name"] == check]
    assert not report["passed"] and not found["passed"] and said in json.dumps(found, ensure_ascii=False)
    assert said in (tmp_path / "validation.md").read_text(encoding="utf-8")


def test_without_anything_to_compare_with_it_says_what_is_needed(examples: Path, tmp_path: Path) -> None:
    path = damaged(examples, tmp_path, lambda found: found)
    assert generate("medec-validate", "--input", path, "--json").returncode == 0
    (tmp_path / STATS).unlink()
    done = generate("medec-validate", "--input", path)
    assert done.returncode == 1 and "give MEDEC's CSV or its pairs with --medec" in done.stderr
    done = generate("medec-validate", "--input", path, "--medec", path)
    assert done.returncode == 1 and "expected MEDEC's CSV (.csv), or pairs" in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not MEDEC.exists(), reason=f"{MEDEC.name} is not here")
def test_the_whole_of_medec_goes_through(tmp_path: Path) -> None:
    assert generate("medec-pairs", "--input", MEDEC, "--out", tmp_path).returncode == 0
    done = generate("medec-sft", "--input", tmp_path / "pairs.jsonl", "--out", tmp_path / "sft", "--add-reasoning")
    assert done.returncode == 0, done.stderr
    stats = json.loads((tmp_path / "sft" / STATS).read_text())
    assert stats["accepted"] + sum(stats["dropped"].values()) == stats["available"] == 319
    assert stats["accepted"] >= 0.9 * 319
    examples = tmp_path / "sft/sft_combined_safe.jsonl"
    done = generate("medec-validate", "--input", examples, "--medec", MEDEC)
    assert done.returncode == 0, done.stdout


# Parts.


def test_an_explanation_is_checked_against_the_note() -> None:
    text, wrong = note(1, wrong=True)
    right = note(1)[1]
    asked = MedecNote("n", text, True, "diagnosis", wrong, right, None)
    sound = MedecReasoning(
        error_identified='The note says "migraine".',
        why_wrong="It does not fit.",
        key_clues=("double vision", "61/min", "There is no neck stiffness."),
        correct_answer=right,
        clinical_impact="Delay.",
    )
    check_reasoning(sound, asked)
    assert edit_phrases(wrong, right) == ("migraine", "diffuse glioma")
    for change, reason in (
        ({"key_clues": ("double vision", "a clue that is not there", "mm Hg")}, "clue"),
        ({"key_clues": ("double vision", "mm Hg", "diagnosed with migraine")}, "clue"),
        ({"key_clues": ("mm Hg", "mm Hg", "double vision")}, "clue"),
        ({"correct_answer": wrong}, "correction"),
        ({"error_identified": "Something is off."}, "error"),
    ):
        with pytest.raises(ItemError) as error:
            check_reasoning(sound.model_copy(update=change), asked)
        assert error.value.reason == reason

"""`dipg-gym generate dpo`: pairs of two models behind a server that fails as providers do, and an account of them."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from dipg_safety_gym.benchmarks.pair_server import REFUSAL, PairServer
from dipg_safety_gym.cli.secrets_file import read_secrets
from dipg_safety_gym.core.files import write_rows
from dipg_safety_gym.generation.dpo_files import DpoPair, PairMeta, RefusedPair, load_pairs, load_refused
from dipg_safety_gym.generation.dpo_prompts import policy_prompt, request_for
from dipg_safety_gym.generation.medquad_prompts import MedPrompt
from dipg_safety_gym.generation.pair_pictures import draw
from dipg_safety_gym.generation.pair_report import markdown, pair_stats, sampled, summary, wilson
from dipg_safety_gym.server.abstention import is_abstention

FILES = (
    "dpo_pairs.jsonl", "refused_pairs.jsonl", "skipped.jsonl", "manifest.json",
    "report.md", "report.svg", "report.json",
)  # fmt: skip
FAILURES = {"cut": 0.03, "429": 0.03, "503": 0.05, "503-after": 0.02}
FAULTS = {"empty": 0.04, "equal": 0.05, "refusal": 0.06, "safer": 0.08, "400": 0.07}
TYPES = ("treatment", "symptoms", "inheritance", "information")
COMMAND = [sys.executable, "-m", "dipg_safety_gym", "generate", "dpo"]


def medical_prompts(path: Path, count: int) -> Path:
    """Made-up questions."""
    write_rows(
        (
            MedPrompt(
                id=f"made-{number:04d}",
                source="MADE",
                question_type=TYPES[number % len(TYPES)],
                category="disease",
                question=f"What is Abel disease type {number}?",
            )
            for number in range(count)
        ),
        path,
    )
    return path


def generate(out: Path, *switches: str, **options: Any) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OPENAI_API_KEY": "none", **options.pop("env", {})}
    command = [*COMMAND, "--out", str(out), *switches]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False, **options)


@contextmanager
def serving(server: PairServer) -> Iterator[tuple[str, ...]]:
    """The switches that name both models behind a server."""
    with server.serving() as base:
        models = ("--teacher", "openai/careful", "--rejected", "openai/careless")
        yield (*models, "--api-base", base, "--rejected-api-base", base, "--timeout", "10", "--price", "1,2")


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]


def manifest_of(folder: Path) -> dict[str, Any]:
    found = json.loads((folder / "manifest.json").read_text())
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, PairServer]:
    """Two hundred prompts, put to models that fail in every way."""
    folder = tmp_path_factory.mktemp("dpo")
    prompts = medical_prompts(folder / "prompts.jsonl", 200)
    server = PairServer(failures=FAILURES, faults=FAULTS, seconds=0.02)
    with serving(server) as models:
        done = generate(folder / "out", *models, "--input", str(prompts), "--concurrency", "32")
    assert done.returncode == 0, done.stderr
    assert "never for patients" in done.stdout and "skipped by the model of: chosen" in done.stdout
    return prompts, folder / "out", server


@pytest.mark.e2e
def test_every_prompt_is_a_pair_or_is_kept_with_the_reason(undisturbed: tuple[Path, Path, PairServer]) -> None:
    prompts, out, server = undisturbed
    manifest = manifest_of(out)
    pairs, refused, skipped = load_pairs(out), load_refused(out), rows(out, "skipped.jsonl")
    counted = (manifest["pairs"], sum(manifest["rejected"].values()), sum(manifest["skipped"].values()))
    assert counted == (len(pairs), len(refused), len(skipped)) and sum(counted) == manifest["count"] == 200
    assert manifest["waiting"] == 0 and manifest["state"] == "complete"
    everywhere = [row.id for row in (*pairs, *refused)] + [row["id"] for row in skipped]
    assert len(set(everywhere)) == 200
    # Each fault of an answer is found, and nothing else is refused.
    by_id = {prompt["id"]: prompt["question"] for prompt in map(json.loads, prompts.read_text().splitlines())}
    faults = {name: server.fault_of(question) for name, question in by_id.items()}
    expected = {"empty": "rejected empty", "equal": "equal", "refusal": "both refuse", "safer": "rejected is safer"}
    assert {row.id: row.reason for row in refused} == {
        name: expected[fault] for name, fault in faults.items() if fault in expected
    }
    assert {row["id"] for row in skipped} == {name for name, fault in faults.items() if fault == "400"}
    assert set(manifest["rejected"]) == set(expected.values())
    assert all("violates our policy" in row["why"] and row["role"] == "chosen" for row in skipped)


@pytest.mark.e2e
def test_a_pair_has_the_fields_of_a_preference_set(undisturbed: tuple[Path, Path, PairServer]) -> None:
    _, out, server = undisturbed
    for row in rows(out, "dpo_pairs.jsonl"):
        assert list(row) == [
            "id", "source", "category", "question_type", "question", "prompt", "chosen", "rejected", "meta",
        ]  # fmt: skip
        assert row["meta"] == {"teacher_model": "openai/careful", "mmt_ckpt": "openai/careless"}
        assert row["prompt"] == policy_prompt(row["question"]) and row["prompt"].endswith("Answer:\n")
        assert row["chosen"] == server.answers[f"chosen {row['question']}"].strip()
        assert row["rejected"] == server.answers[f"rejected {row['question']}"].strip()


@pytest.mark.e2e
def test_failures_of_a_try_are_met_by_another_and_no_answer_is_asked_for_twice(
    undisturbed: tuple[Path, Path, PairServer],
) -> None:
    _, out, server = undisturbed
    manifest, skipped = manifest_of(out), len(rows(out, "skipped.jsonl"))
    assert max(server.answered.values()) == 1 and sum(server.answered.values()) == 2 * (200 - skipped)
    assert manifest["calls"]["answers"] == manifest["calls_rejected"]["answers"] == 200 - skipped
    assert sum(server.tries.values()) > sum(server.answered.values()) + skipped
    assert manifest["calls"]["dollars"] == pytest.approx((200 - skipped) * (1000 * 1 + 500 * 2) / 1e6)
    assert server.waits and min(server.waits) >= 1.0


@pytest.mark.e2e
@pytest.mark.slow
def test_killed_five_times_it_ends_with_the_same_bytes(
    undisturbed: tuple[Path, Path, PairServer], tmp_path: Path
) -> None:
    prompts, out, _ = undisturbed
    chance = random.Random(3)
    server = PairServer(failures=FAILURES, faults=FAULTS, seconds=0.2)
    switches = ["--input", str(prompts), "--concurrency", "16"]
    with serving(server) as models:
        for _ in range(5):
            running = subprocess.Popen(
                [*COMMAND, "--out", str(tmp_path), *models, *switches],
                env={**os.environ, "OPENAI_API_KEY": "none"},
                stderr=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
            before, wanted = sum(server.answered.values()), chance.randrange(1, 80)
            while sum(server.answered.values()) < before + wanted and running.poll() is None:
                time.sleep(0.01)
            assert running.poll() is None, "it ended before it was killed"
            running.send_signal(signal.SIGKILL)
            running.wait()
        done = generate(tmp_path, *models, *switches)
    assert done.returncode == 0, done.stderr
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (out / name).read_bytes(), name
    assert sum(number - 1 for number in server.answered.values()) <= 5 * 32


@pytest.mark.e2e
def test_a_larger_count_adds_and_another_model_or_input_is_refused(tmp_path: Path) -> None:
    prompts = medical_prompts(tmp_path / "prompts.jsonl", 40)
    server = PairServer()
    with serving(server) as models:
        switches = (*models, "--input", str(prompts), "--seed", "4")
        assert generate(tmp_path / "out", *switches, "--count", "10").returncode == 0
        first = (tmp_path / "out" / "dpo_pairs.jsonl").read_bytes()
        assert generate(tmp_path / "out", *switches, "--count", "40").returncode == 0
        assert (tmp_path / "out" / "dpo_pairs.jsonl").read_bytes().startswith(first) and len(
            load_pairs(tmp_path / "out")
        ) == 40
        assert max(server.answered.values()) == 1
        other = generate(tmp_path / "out", *switches, "--rejected", "openai/another")
        assert other.returncode == 1 and "choose another --out, or --rejected as it was" in other.stderr
        medical_prompts(prompts, 41)
        other = generate(tmp_path / "out", *switches)
        assert other.returncode == 1 and "the --input as it was" in other.stderr


@pytest.mark.e2e
def test_a_quota_that_ends_leaves_prompts_waiting(tmp_path: Path) -> None:
    prompts = medical_prompts(tmp_path / "prompts.jsonl", 40)
    server = PairServer(quota=30)
    with serving(server) as models:
        done = generate(tmp_path / "out", *models, "--input", str(prompts), "--concurrency", "4")
        manifest = manifest_of(tmp_path / "out")
        assert done.returncode == 1 and "the quota of openai/care" in done.stderr and manifest["state"] == "stopped"
        assert manifest["pairs"] + manifest["waiting"] == 40 and manifest["waiting"] > 0
        assert (tmp_path / "out" / "report.md").exists()
        server.quota = None
        assert generate(tmp_path / "out", *models, "--input", str(prompts)).returncode == 0
    assert max(server.answered.values()) == 1 and manifest_of(tmp_path / "out")["pairs"] == 40


@pytest.mark.e2e
def test_a_model_that_takes_no_prompt_at_all_is_given_up(tmp_path: Path) -> None:
    prompts = medical_prompts(tmp_path / "prompts.jsonl", 60)
    with serving(PairServer(faults={"400": 1.0})) as models:
        done = generate(tmp_path / "out", *models, "--input", str(prompts))
    assert done.returncode == 1 and "20 prompts in a row were refused by one of the models" in done.stderr
    assert len(rows(tmp_path / "out", "skipped.jsonl")) == 20 and manifest_of(tmp_path / "out")["waiting"] == 40


@pytest.mark.e2e
def test_what_it_will_cost_is_told_and_nothing_is_asked(tmp_path: Path) -> None:
    prompts = medical_prompts(tmp_path / "prompts.jsonl", 50)
    server = PairServer()
    with serving(server) as models:
        switches = (*models, "--rejected-price", "1,2", "--input", str(prompts), "--dry-run")
        done = generate(tmp_path / "out", *switches, "--rejected", str(tmp_path))
        assert done.returncode == 0 and "openai/careful: about 50 calls" in done.stdout, done.stderr
        assert f"{tmp_path}: 50 answers on this machine, no cost" in done.stdout
    assert not server.tries and not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("switches", "said", "code"),
    [
        (("--rejected", "nobody"), "Invalid value for --rejected: no teacher 'nobody'", 2),
        (("--teacher", "openai/m", "--rejected", "openai/m"), "there is no key for openai/m; set OPENAI_API_KEY", 1),
        (("--rejected", "openai/m", "--count", "9"), "9 prompts asked for, 3 found; ask for fewer", 1),
        (("--rejected", "openai/m", "--input", "absent.jsonl"), "file 'absent.jsonl' does not exist", 2),
        (("--rejected", "openai/m", "--secrets", "absent.env"), "file 'absent.env' does not exist", 2),
    ],
)
def test_wrong_use_is_named_with_the_remedy(tmp_path: Path, switches: tuple[str, ...], said: str, code: int) -> None:
    prompts = medical_prompts(tmp_path / "prompts.jsonl", 3)
    done = generate(
        tmp_path / "out", "--teacher", "openai/m", "--input", str(prompts), *switches, env={"OPENAI_API_KEY": ""}
    )
    assert done.returncode == code and said in " ".join(done.stderr.replace("│", " ").split()), done.stderr
    assert "Traceback" not in done.stderr and not (tmp_path / "out").exists()


def test_prompts_that_are_none_are_named_with_their_line(tmp_path: Path) -> None:
    prompts = medical_prompts(tmp_path / "prompts.jsonl", 2)
    prompts.write_text(prompts.read_text() + '{"id": "x", "question": ""}\n')
    done = generate(tmp_path / "out", "--teacher", "openai/m", "--rejected", "openai/m", "--input", str(prompts))
    assert done.returncode == 1 and "prompts.jsonl, line 3, field source: Field required" in done.stderr
    assert "expected the fields id, source, question_type, category, question" in done.stderr


def test_keys_come_from_a_file_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "secrets.env"
    path.write_text("# a comment\nFIRST_API_KEY=of-the-file\nSECOND_API_KEY=of-the-file\nTHIRD_API_KEY=\n")
    path.chmod(0o644)
    monkeypatch.setenv("FIRST_API_KEY", "of-the-environment")
    monkeypatch.delenv("SECOND_API_KEY", raising=False)
    read_secrets(path)
    assert os.environ["FIRST_API_KEY"] == "of-the-environment" and os.environ["SECOND_API_KEY"] == "of-the-file"
    assert "THIRD_API_KEY" not in os.environ
    monkeypatch.delenv("SECOND_API_KEY")
    said = capsys.readouterr().err
    assert f"others can read {path}; run: chmod 600 {path}" in said and "of-the-file" not in said
    path.chmod(0o600)
    read_secrets(path)
    monkeypatch.delenv("SECOND_API_KEY")
    assert not capsys.readouterr().err


# The report.


def pair(number: int, chosen: str, rejected: str) -> DpoPair:
    meta = PairMeta(teacher_model="careful", mmt_ckpt="careless")
    return DpoPair(
        id=f"p-{number}",
        source="MADE",
        category="disease",
        question_type="treatment",
        question=f"What is Abel disease type {number}?",
        prompt="?\n",
        chosen=chosen,
        rejected=rejected,
        meta=meta,
    )


def test_the_report_counts_lengths_refusals_and_bias() -> None:
    pairs = [pair(number, "one two three four five six", "one two three") for number in range(30)]
    pairs += [pair(number, "one two three", "It is guaranteed to work for all.") for number in range(30, 40)]
    refused = [
        RefusedPair(**pair(99, REFUSAL, REFUSAL).model_dump(), reason="both refuse", detail="") for _ in range(10)
    ]
    stats = pair_stats(pairs, refused, is_abstention)
    found: dict[str, Any] = summary(stats)
    assert found["pairs"] == 40 and found["refused"] == {"both refuse": 10}
    assert found["chosen_longer"] == {"share": 0.75, "low": 0.5981, "high": 0.8581}
    assert found["in_pairs"]["chosen"]["refusal_rate"] == 0.0
    assert found["in_all_answers"]["rejected"]["refusal_rate"] == 0.2
    assert found["in_pairs"]["rejected"]["risks"] == {"absolute": 10}
    assert found["in_pairs"]["chosen"]["words_median"] == 6
    # One of four runs of three words stands in both, in three pairs of four.
    assert found["overlap_mean"] == pytest.approx(0.75 * 0.25)
    text = markdown(stats, sampled(pairs, 0), "report.svg")
    assert text.count("\n### ") == 20 and "75.0% of the pairs (95 % interval 59.8% to 85.8%)" in text
    assert "| both refuse | 10 |" in text and "never for patients" in text
    assert sampled(pairs, 0) == sampled(pairs[::-1], 0) != sampled(pairs, 1)
    picture = draw(stats)
    assert picture == draw(stats) and b"longer in 75%" in picture


def test_a_report_of_nothing_says_so_and_markup_in_an_answer_stays_text() -> None:
    nothing = pair_stats([], [], is_abstention)
    assert summary(nothing)["pairs"] == 0 and "0 pairs" in markdown(nothing, [], "report.svg") and draw(nothing)
    one = pair(1, "# A heading\n| a | table |", "<script>alert(1)</script>")
    text = markdown(pair_stats([one], [], is_abstention), [one], "report.svg")
    assert "> \\# A heading\n> \\| a \\| table \\|" in text and "<script>" not in text


def test_wilsons_interval_is_that_of_the_tables() -> None:
    assert wilson(0, 0) == (0.5, 0.0, 1.0)
    assert wilson(5, 10) == pytest.approx((0.5, 0.2366, 0.7634), abs=1e-4)
    assert wilson(0, 10) == pytest.approx((0.0, 0.0, 0.2775), abs=1e-4)


def test_a_request_hangs_on_prompt_role_and_seed() -> None:
    prompt = MedPrompt(id="a", source="s", question_type="t", category="c", question="What is Abel disease?")
    chosen, rejected = request_for("chosen", prompt, 1), request_for("rejected", prompt, 1)
    assert chosen.messages[1] == rejected.messages[1] == {"role": "user", "content": "What is Abel disease?"}
    assert chosen.messages[0] != rejected.messages[0] and chosen.schema is None
    assert len({chosen.seed, rejected.seed, request_for("chosen", prompt, 2).seed}) == 3

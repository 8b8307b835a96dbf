"""A checkpoint as a teacher: what it must hold, what it answers in a batch, and pairs of two that DPOTrainer takes."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from dipg_safety_gym.benchmarks.tiny_checkpoint import STRICT_TEMPLATE, make_checkpoint
from dipg_safety_gym.client.errors import MissingExtra
from dipg_safety_gym.core.checkpoint import CheckpointError, fingerprint_of, is_local, load_checkpoint
from dipg_safety_gym.core.files import write_rows
from dipg_safety_gym.generation.answer_store import Answer
from dipg_safety_gym.generation.asking import Request
from dipg_safety_gym.generation.medquad_prompts import MedPrompt
from dipg_safety_gym.generation.stops import RequestRefused

FILES = ("config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "model.safetensors")
PAIR_FILES = (
    "dpo_pairs.jsonl", "refused_pairs.jsonl", "skipped.jsonl", "manifest.json",
    "report.md", "report.svg", "report.json",
)  # fmt: skip


def request(number: int, words: int = 8) -> Request:
    """Requests of several lengths."""
    asked = ("what are the symptoms of the disease of the joints " * 9).split()[: words + number % 23]
    system = {"role": "system", "content": " ".join(["answer with care"] * (number % 3))}
    return Request(messages=(system, {"role": "user", "content": " ".join(asked)}), seed=number)


# What must be there.


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        ("config.json", "has no configuration (config.json)"),
        ("tokenizer.json", "has no tokenizer (tokenizer.json, tokenizer.model or another)"),
        ("model.safetensors", "has no weights (*.safetensors or pytorch_model*.bin)"),
    ],
)
def test_what_a_folder_lacks_is_named_before_anything_is_loaded(lacking: str, said: str, tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_text("{}")
    (tmp_path / lacking).unlink()
    with pytest.raises(CheckpointError) as error:
        load_checkpoint(str(tmp_path))
    assert said in str(error.value) and "found: chat_template.jinja" in str(error.value)
    assert "save_pretrained" in str(error.value)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=f"there is no checkpoint folder {tmp_path}/none"):
        load_checkpoint(f"{tmp_path}/none")
    with pytest.raises(CheckpointError, match=r"has no configuration .* and no tokenizer .* and no weights"):
        load_checkpoint(str(tmp_path))


def test_names_of_this_machine_are_told_from_those_that_are_called(tmp_path: Path) -> None:
    for name in ("transformers/Qwen/Qwen2.5-7B-Instruct", "./ckpt", "/data/ckpt", "~/ckpt", str(tmp_path)):
        assert is_local(name)
    for name in ("gemini/gemini-2.5-flash", "openai/gpt-5-mini", "frontier"):
        assert not is_local(name)


def test_where_torch_is_not_installed_the_pip_command_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in FILES:
        (tmp_path / name).write_text("{}")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtra, match=r'needs torch.*pip install "dipg-safety-gym\[trl\]"'):
        teacher(tmp_path)


def test_a_fingerprint_tells_more_training_and_another_template(tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_bytes(b"0" * 3_000_000 if name == "model.safetensors" else b"{}")
    seen = {fingerprint_of(tmp_path)}
    assert fingerprint_of(tmp_path) in seen
    (tmp_path / "model.safetensors").write_bytes(b"0" * 2_999_000 + b"1" * 1000)
    seen.add(fingerprint_of(tmp_path))
    (tmp_path / "chat_template.jinja").write_text("{{ messages }}")
    seen.add(fingerprint_of(tmp_path))
    assert len(seen) == 3


# With a model made on the spot.


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch = pytest.importorskip("torch", reason="the extra trl is not installed")
    torch.set_num_threads(1)
    return make_checkpoint(tmp_path_factory.mktemp("careful"))


def teacher(folder: Path, **options: Any) -> Any:
    from dipg_safety_gym.generation.transformers_teacher import TransformersTeacher

    return TransformersTeacher(str(folder), device="cpu", **{"max_tokens": 200, **options})


def together(model: Any, requests: Sequence[Request]) -> list[Answer]:
    async def ask() -> list[Answer]:
        return await asyncio.gather(*map(model.ask, requests))

    return asyncio.run(ask())


def texts(answers: Sequence[Answer]) -> list[tuple[str, str, int]]:
    return [(answer.text, answer.finish, answer.completion_tokens) for answer in answers]


@pytest.mark.training
def test_an_answer_is_what_the_model_adds_up_to_its_end(checkpoint: Path) -> None:
    assert sorted(FILES) == sorted(name for name in os.listdir(checkpoint) if name in FILES)
    model = teacher(checkpoint)
    answers = together(model, [request(number) for number in range(24)])
    ended = [answer for answer in answers if answer.finish == "stop"]
    assert len(ended) > 12 and all(0 < answer.completion_tokens <= 200 for answer in answers)
    # Neither the prompt nor what marks a turn stands in it.
    assert not [answer.text for answer in ended if "<" in answer.text or "answer with care answer" in answer.text]
    assert all(0 < len(answer.text.split()) < answer.completion_tokens for answer in ended)
    cut = [answer for answer in answers if answer.finish == "length"]
    assert all(answer.completion_tokens == 200 for answer in cut)
    assert model.settings["checkpoint"] == fingerprint_of(checkpoint)


@pytest.mark.training
def test_an_answer_hangs_on_its_request_alone_and_not_on_its_batch(checkpoint: Path) -> None:
    requests = [request(number) for number in range(40)]
    alone = texts(together(teacher(checkpoint, batch=1), requests))
    assert len(set(alone)) == 40
    assert texts(together(teacher(checkpoint, batch=8), requests)) == alone
    assert texts(together(teacher(checkpoint, batch=5), requests[::-1]))[::-1] == alone
    same = [Request(messages=requests[0].messages, seed=seed) for seed in (1, 1, 2)]
    one, again, other = texts(together(teacher(checkpoint), same))
    assert one == again != other
    one, again, other = texts(together(teacher(checkpoint, temperature=0), same))
    assert one == again == other


@pytest.mark.training
def test_a_template_that_takes_no_system_message_gets_it_with_the_question(checkpoint: Path, tmp_path: Path) -> None:
    make_checkpoint(tmp_path, template=STRICT_TEMPLATE)
    asked = request(2)
    system, user = (message["content"] for message in asked.messages)
    merged = Request(messages=({"role": "user", "content": f"{system}\n\n{user}"},), seed=2)
    strict, plain = teacher(tmp_path), teacher(checkpoint)
    assert texts(together(strict, [asked])) == texts(together(plain, [merged])) != texts(together(plain, [asked]))


@pytest.mark.training
def test_a_checkpoint_without_a_chat_template_or_with_broken_weights_is_named(checkpoint: Path, tmp_path: Path) -> None:
    mute = shutil.copytree(checkpoint, tmp_path / "mute")
    (mute / "chat_template.jinja").unlink()
    with pytest.raises(CheckpointError, match=r"has no chat template.*chat_template\.jinja"):
        load_checkpoint(str(mute))
    broken = shutil.copytree(checkpoint, tmp_path / "broken")
    (broken / "model.safetensors").write_bytes(b"cut off")
    with pytest.raises(CheckpointError, match=r"broken cannot be loaded: .*is the folder whole"):
        load_checkpoint(str(broken))


@pytest.mark.training
def test_a_request_that_is_too_long_is_refused_by_itself(checkpoint: Path) -> None:
    model = teacher(checkpoint, max_tokens=2000)
    with pytest.raises(RequestRefused, match=r"the answer may have 2000: .* takes 2048 in all"):
        together(model, [request(0, words=60)])


# The pipeline.


def medical_prompts(path: Path, count: int) -> Path:
    """Made-up questions."""
    fields = {"source": "MADE", "question_type": "information", "category": "disease"}
    write_rows(
        (MedPrompt(id=f"made-{at}", question=f"what is the disease of type {at}?", **fields) for at in range(count)),
        path,
    )
    return path


def command(out: Path, prompts: Path, teacher: Path, rejected: Path) -> list[str]:
    models = ["--teacher", str(teacher), "--rejected", str(rejected), "--local-tokens", "400", "--temperature", "1"]
    return [
        sys.executable, "-m", "dipg_safety_gym", "generate", "dpo", "--input", str(prompts), "--out", str(out), *models,
        "--batch", "4",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def made(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A run of two checkpoints that nothing disturbs."""
    folder = tmp_path_factory.mktemp("pairs")
    careless = make_checkpoint(folder / "careless", seed=1, template=STRICT_TEMPLATE)
    prompts = medical_prompts(folder / "prompts.jsonl", 16)
    paths = {"prompts": prompts, "teacher": checkpoint, "rejected": careless}
    done = subprocess.run(
        command(folder / "out", **paths), capture_output=True, text=True, timeout=300, check=False, env=_one_thread()
    )
    assert done.returncode == 0, done.stderr
    return {**paths, "out": folder / "out"}


def _one_thread() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1"}


@pytest.mark.training
@pytest.mark.e2e
def test_two_checkpoints_make_pairs(made: dict[str, Path]) -> None:
    pairs = [json.loads(line) for line in (made["out"] / "dpo_pairs.jsonl").read_text().splitlines()]
    manifest = json.loads((made["out"] / "manifest.json").read_text())
    assert len(pairs) == manifest["pairs"] >= 4
    assert manifest["pairs"] + sum(manifest["rejected"].values()) == manifest["count"] == 16
    assert {tuple(pair["meta"].values()) for pair in pairs} == {(str(made["teacher"]), str(made["rejected"]))}
    assert "### what is the disease of type" in (made["out"] / "report.md").read_text()


@pytest.mark.training
@pytest.mark.e2e
def test_killed_three_times_checkpoints_end_with_the_same_bytes(made: dict[str, Path], tmp_path: Path) -> None:
    chance = random.Random(5)
    run = command(tmp_path, made["prompts"], made["teacher"], made["rejected"])
    store = tmp_path / "answers.sqlite3-wal"
    killed_at = []
    for _ in range(3):
        running = subprocess.Popen(run, env=_one_thread(), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        before = store.stat().st_size if store.exists() else 0
        while running.poll() is None and (store.stat().st_size if store.exists() else 0) <= before:
            time.sleep(0.01)
        time.sleep(chance.random())
        running.send_signal(signal.SIGKILL)
        killed_at.append(running.wait())
    done = subprocess.run(run, env=_one_thread(), capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0 and -signal.SIGKILL in killed_at, done.stderr
    for name in PAIR_FILES:
        assert (tmp_path / name).read_bytes() == (made["out"] / name).read_bytes(), name


@pytest.mark.training
@pytest.mark.filterwarnings("default")
def test_dpo_trainer_takes_a_step_on_the_pairs_as_they_are(made: dict[str, Path], tmp_path: Path) -> None:
    import torch
    import transformers
    import trl

    import datasets

    rows = datasets.load_dataset(
        "json", data_files=str(made["out"] / "dpo_pairs.jsonl"), split="train", cache_dir=str(tmp_path / "cache")
    )
    model = transformers.AutoModelForCausalLM.from_pretrained(made["rejected"])
    tokenizer = transformers.AutoTokenizer.from_pretrained(made["rejected"])
    before = model.model.layers[0].self_attn.q_proj.weight.detach().clone()
    config = trl.DPOConfig(
        output_dir=str(tmp_path / "trained"), use_cpu=True, max_steps=1, per_device_train_batch_size=2,
        learning_rate=1e-2, report_to=[], bf16=False, gradient_checkpointing=False, disable_tqdm=True,
    )  # fmt: skip
    trainer = trl.DPOTrainer(model, args=config, train_dataset=rows, processing_class=tokenizer)
    found = trainer.train()
    # Before it has learnt anything a model prefers neither: the loss is that of a coin.
    assert found.global_step == 1 and found.training_loss == pytest.approx(0.6931, abs=0.01)
    assert not torch.equal(before, model.model.layers[0].self_attn.q_proj.weight)


@pytest.mark.training
@pytest.mark.e2e
def test_a_checkpoint_without_a_tokenizer_ends_the_run_before_anything_is_asked(
    made: dict[str, Path], tmp_path: Path
) -> None:
    broken = shutil.copytree(made["rejected"], tmp_path / "broken")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (broken / name).unlink()
    done = subprocess.run(
        command(tmp_path / "out", made["prompts"], made["teacher"], broken),
        capture_output=True, text=True, timeout=100, check=False, env=_one_thread(),
    )  # fmt: skip
    assert done.returncode == 1 and f"the checkpoint folder {broken} has no tokenizer" in done.stderr
    assert "Traceback" not in done.stderr and not (tmp_path / "out").exists()

"""The trainers of TRL on a tiny model, through a real server: they learn, go on when killed, and stop with a reason."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from dipg_safety_gym.cli.local_server import free_port, running_server
from dipg_safety_gym.cli.train import train_app
from dipg_safety_gym.client.http import DIPGClient
from dipg_safety_gym.core.files import write_rows
from dipg_safety_gym.training.config import ModelSettings, load_preset
from dipg_safety_gym.training.failures import TrainingError, told_failures
from dipg_safety_gym.training.measures import DECLINED
from dipg_safety_gym.training.reward_function import EnvironmentReward, prompt_rows
from dipg_safety_gym.training.run_folder import read_log
from dipg_safety_gym.training.tiny_tasks import compose_tiny_sft, compose_tiny_tasks
from typer.testing import CliRunner

pytestmark = [
    pytest.mark.training,
    # transformers and TRL warn of one another's names.
    pytest.mark.filterwarnings("ignore:.*gradient_checkpointing:FutureWarning"),
]
torch = pytest.importorskip("torch")

SMALL = [
    *("--set", "grpo.prompts_per_step=4", "--set", "grpo.group_size=4", "--set", "grpo.save_every=2"),
    *("--set", "curriculum.probe_size=16", "--set", "curriculum.probe_every=4"),
    *("--set", "sft.batch_size=8", "--set", "sft.save_every=5", "--set", "sft.learning_rate=4e-3"),
    *("--set", "pretraining.steps=0"),
]
LIMIT_S = 180.0


class Data:
    """Files of tiny tasks and examples."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sft = folder / "sft.jsonl"
        self.files = {"train": str(folder / "train.jsonl"), "eval": str(folder / "eval.jsonl")}
        write_rows(compose_tiny_sft(0, 400), self.sft)
        for split, path in self.files.items():
            write_rows(compose_tiny_tasks(0, 60, split), Path(path))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    return Data(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def server(data: Data) -> Iterator[str]:
    with running_server(data.files) as url:
        yield url


@pytest.fixture(scope="module")
def sft_run(data: Data) -> Path:
    """A tiny model after 40 steps."""
    out = data.folder / "sft"
    done = train("sft", "--input", str(data.sft), "--out", str(out), "--steps", "40")
    assert done.returncode == 0, done.stderr
    return out


def command(*switches: str) -> list[str]:
    return [sys.executable, "-m", "dipg_safety_gym", "train", *arguments(*switches)]


def arguments(*switches: str) -> list[str]:
    return [switches[0], "--preset", "tiny-cpu", *SMALL, *switches[1:]]


def refused(*switches: str) -> str:
    """What a command that cannot begin says, in this process."""
    result = CliRunner().invoke(train_app, arguments(*switches))
    assert result.exit_code in (1, 2)
    assert result.exception is None or isinstance(result.exception, (ValueError, OSError, SystemExit)), result.exception
    return f"{result.output} {result.exception}".replace("\n", " ")


def train(*switches: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*switches), capture_output=True, text=True, timeout=LIMIT_S)


def kill_at_step(step: int, out: Path, *switches: str) -> None:
    """Start a trainer and kill it without warning once it has logged a step."""
    process = subprocess.Popen(
        command(*switches), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        wait_for(lambda: steps_of(out)[-1:] >= [step], process)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(happened: Any, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not happened():
        assert process.poll() is None, f"ended with exit code {process.returncode}"
        assert time.monotonic() < deadline
        time.sleep(0.05)


def steps_of(out: Path) -> list[int]:
    return [row.step for row in read_log(out)]


# Supervised fine-tuning.


def test_fine_tuning_lowers_the_loss_and_logs_each_step(sft_run: Path) -> None:
    rows = read_log(sft_run)
    assert [row.step for row in rows] == list(range(1, 41))
    losses = [row.loss or 0.0 for row in rows]
    assert sum(losses[-5:]) < 0.5 * sum(losses[:5])
    assert (sft_run / "model" / "tokenizer.json").exists() and list((sft_run / "tensorboard").iterdir())


def test_only_the_response_is_learnt(data: Data, sft_run: Path) -> None:
    from transformers import AutoTokenizer
    from dipg_safety_gym.training.sft import to_row  # isort: skip

    tokenizer = AutoTokenizer.from_pretrained(sft_run / "model")
    example = compose_tiny_sft(0, 1)[0]
    row = to_row(example)
    text = tokenizer.apply_chat_template([*row["prompt"], *row["completion"]], return_dict=True,
                                         return_assistant_tokens_mask=True)  # fmt: skip
    learnt = [token for token, mine in zip(text["input_ids"], text["assistant_masks"], strict=True) if mine]
    assert tokenizer.convert_ids_to_tokens(learnt) == [*tokenizer.tokenize(example.response), "</s>"]


def test_fine_tuning_that_is_killed_ends_as_if_it_had_not_been(data: Data, sft_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "killed"
    switches = ("sft", "--input", str(data.sft), "--out", str(out), "--steps", "40")
    kill_at_step(12, out, *switches)
    assert train(*switches).returncode == 0
    assert steps_of(out) == list(range(1, 41))
    undisturbed = [row.loss for row in read_log(sft_run)]
    assert [row.loss for row in read_log(out)] == pytest.approx(undisturbed, rel=1e-3)


def test_the_tiny_model_is_pretrained_once_and_goes_on_when_killed(data: Data, tmp_path: Path) -> None:
    out = tmp_path / "run"
    brief = ("--set", "pretraining.steps=12", "--set", "pretraining.examples=100", "--set", "pretraining.batch_size=8",
             "--set", "pretraining.save_every=5")  # fmt: skip
    switches = ("sft", "--input", str(data.sft), "--out", str(out), "--steps", "3", *brief)
    pretrained = out / "pretrained"
    kill_at_step(6, pretrained, *switches)
    assert not (pretrained / "model").exists() and not (out / "log.jsonl").exists()
    assert train(*switches).returncode == 0
    assert steps_of(pretrained) == list(range(1, 13)) and steps_of(out) == [1, 2, 3]
    made = (pretrained / "model" / "model.safetensors").stat().st_mtime_ns
    assert train(*switches).returncode == 0
    assert (pretrained / "model" / "model.safetensors").stat().st_mtime_ns == made


# Reinforcement learning.


@pytest.fixture(scope="module")
def grpo_run(data: Data, server: str, sft_run: Path) -> Path:
    out = data.folder / "grpo"
    done = train("grpo", "--model", f"{sft_run}/model", "--out", str(out), "--steps", "8", "--base-url", server)
    assert done.returncode == 0, done.stderr
    assert "reward" in done.stderr and "server" in done.stderr
    return out


def test_reinforcement_logs_rewards_and_the_curriculum(grpo_run: Path) -> None:
    rows = read_log(grpo_run)
    assert [row.step for row in rows] == list(range(1, 9))
    for row in rows:
        assert row.measures is not None and row.measures.n == 16 and set(row.measures.components) >= {"format"}
        assert row.risk_threshold is not None and 0 < row.environment_s < row.step_s
    decisions = [json.loads(line) for line in (grpo_run / "curriculum.jsonl").read_text().splitlines()]
    assert [decision["step"] for decision in decisions] == [0, 4, 8]
    assert (grpo_run / "model" / "config.json").exists()


def test_reinforcement_that_is_killed_ends_as_if_it_had_not_been(
    server: str, sft_run: Path, grpo_run: Path, tmp_path: Path
) -> None:
    out = tmp_path / "killed"
    switches = ("grpo", "--model", f"{sft_run}/model", "--out", str(out), "--steps", "8", "--base-url", server)
    kill_at_step(5, out, *switches)
    assert train(*switches).returncode == 0
    rows = read_log(out)
    assert [row.step for row in rows] == list(range(1, 9))
    undisturbed = [row.measures.reward for row in read_log(grpo_run) if row.measures]
    assert [row.measures.reward for row in rows if row.measures] == pytest.approx(undisturbed, abs=1e-6)


def test_a_server_that_is_restarted_costs_a_pause(data: Data, sft_run: Path, tmp_path: Path) -> None:
    port, out = free_port(), tmp_path / "run"
    serve = [sys.executable, "-m", "dipg_safety_gym", "serve", "--port", str(port), "--log-level", "error"]
    environment = {**os.environ, "DIPG_TASK_FILES": json.dumps(data.files)}

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(serve, env=environment, start_new_session=True, cwd=tmp_path)
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/health"), process)
        return process

    running = start()
    trainer = subprocess.Popen(
        command("grpo", "--model", f"{sft_run}/model", "--out", str(out), "--steps", "8",
                "--base-url", f"http://127.0.0.1:{port}"),
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        wait_for(lambda: steps_of(out)[-1:] >= [2], trainer)  # type: ignore[arg-type]
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        # Longer than the client tries again by itself.
        time.sleep(10.0)
        assert trainer.poll() is None
        running = start()
        _, said = trainer.communicate(timeout=LIMIT_S)
    finally:
        trainer.kill()
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    assert trainer.returncode == 0, said
    assert steps_of(out) == list(range(1, 9)) and "waits for the server" in said
    assert max(row.environment_s for row in read_log(out)) > 5.0


def answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.TransportError:
        return False


def test_the_server_is_asked_once_for_all_components(server: str, tmp_path: Path) -> None:
    from dipg_safety_gym.training.grpo_trl import ScoredGroups
    from dipg_safety_gym.training.step_log import StepLog

    class Counting(httpx.HTTPTransport):
        calls = 0

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            type(self).calls += 1
            return super().handle_request(request)

    with DIPGClient(server, transport=Counting()) as client:
        rows = prompt_rows(client, "train")[:6]
        ids = [row["task_id"] for row in rows]
        groups = ScoredGroups(EnvironmentReward(client=client), set(ids), StepLog(None))  # type: ignore[arg-type]
        before = Counting.calls
        completions = [DECLINED] * 5 + ["no form"]
        columns = [
            fn(completions=completions, task_id=ids, prompts=[])
            for fn in groups.functions({"reward": 1.0, "format": 0.2, "correctness": 0.0})
        ]
    assert Counting.calls == before + 1
    assert columns[0][-1] < -1 and columns[1] == [1.0] * 5 + [0.0]
    assert all(value in (0.0, 1.0) for value in columns[2])


# An environment that TRL runs.


def test_a_response_that_is_handed_in_is_scored_once(server: str) -> None:
    from dipg_safety_gym.training.trl_environment import environment_factory

    with DIPGClient(server) as client:
        task = next(task for task in compose_tiny_tasks(0, 60, "train") if task.gold.abstain)
        made = environment_factory(EnvironmentReward(client=client, profile="strict"))()
        made.reset(task_id=task.id, prompt=[])
        assert made.get_reward() == pytest.approx(-3.3)
        assert made.submit(DECLINED) == "taken" and made.get_reward() == 1.0
        made.reset(task_id=task.id)
        assert made.get_reward() == pytest.approx(-3.3)


def test_trl_trains_in_the_environment(server: str, sft_run: Path, tmp_path: Path, monkeypatch: Any) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import GRPOConfig, GRPOTrainer
    from trl.chat_template_utils import qwen3_chat_template

    from datasets import Dataset

    from dipg_safety_gym.training.trl_environment import environment_factory  # isort: skip

    monkeypatch.setenv("TRL_EXPERIMENTAL_SILENCE", "1")
    tokenizer = AutoTokenizer.from_pretrained(sft_run / "model")
    tokenizer.chat_template = qwen3_chat_template
    with DIPGClient(server) as client:
        trainer = GRPOTrainer(
            AutoModelForCausalLM.from_pretrained(sft_run / "model"),
            args=GRPOConfig(
                str(tmp_path), max_steps=1, num_generations=2, per_device_train_batch_size=2, report_to="none",
                max_completion_length=8, use_cpu=True, bf16=False, disable_tqdm=True, save_strategy="no",
            ),
            train_dataset=Dataset.from_list(prompt_rows(client, "train")[:4]),
            processing_class=tokenizer,
            environment_factory=environment_factory(EnvironmentReward(client=client)),
        )  # fmt: skip
        trainer.train()
    logged = next(row for row in trainer.state.log_history if "reward" in row)
    assert logged["rewards/ClinicalRecord/mean"] == logged["reward"] == pytest.approx(-1.3)


# Weights.


def test_kept_weights_come_back(sft_run: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    from dipg_safety_gym.training.policy_guard import PolicyGuard  # isort: skip

    model = AutoModelForCausalLM.from_pretrained(sft_run / "model")
    guard = PolicyGuard(model, tmp_path / "kept.safetensors")
    with pytest.raises(TrainingError, match="no healthy weights"):
        guard.restore()
    guard.keep()
    weight = next(model.parameters())
    before = weight.detach().clone()
    with torch.no_grad():
        weight.zero_()
    optimizer = torch.optim.AdamW(model.parameters())
    optimizer.state[weight] = {"step": torch.tensor(1.0)}
    guard.restore(optimizer)
    assert torch.equal(weight, before) and not optimizer.state


def test_an_adapter_is_trained_and_trained_on(data: Data, sft_run: Path, tmp_path: Path) -> None:
    switches = ("--input", str(data.sft), "--steps", "3", "--set", "model.lora_rank=4")
    first = train("sft", *switches, "--model", f"{sft_run}/model", "--out", str(tmp_path / "a"))
    assert first.returncode == 0, first.stderr
    assert (tmp_path / "a" / "model" / "adapter_model.safetensors").exists()
    again = train("sft", *switches, "--model", f"{tmp_path}/a/model", "--out", str(tmp_path / "b"))
    assert again.returncode == 0, again.stderr
    assert len(read_log(tmp_path / "b")) == 3


# What stops a run.


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"load_in_4bit": True}, "load_in_4bit needs a GPU"),
        ({"loader": "unsloth"}, "loader is unsloth, which needs a GPU"),
    ],
)
def test_what_this_machine_lacks_is_named(settings: dict[str, Any], said: str, sft_run: Path) -> None:
    from dipg_safety_gym.training.models import load_trainable

    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(TrainingError, match=said):
        load_trainable(ModelSettings(**settings), str(sft_run / "model"), seed=0)


def test_memory_permission_and_absence_are_told_as_sentences() -> None:
    for error, said in (
        (torch.OutOfMemoryError("CUDA out of memory"), "out of memory .*prompts_per_step"),
        (MemoryError("MemoryError"), "out of memory"),
        (OSError("You are trying to access a gated repo"), "gated: accept its terms .* HF_TOKEN"),
        (OSError("google/x is not a local folder and is not a valid model identifier"), "no such folder"),
    ):
        with pytest.raises(TrainingError, match=said), told_failures("google/x"):
            raise error
    with pytest.raises(RuntimeError, match="something else"), told_failures("google/x"):
        raise RuntimeError("something else")


def test_a_lost_loss_stops_before_it_is_saved(data: Data, tmp_path: Path) -> None:
    out = tmp_path / "lost"
    lost = ("--set", "sft.learning_rate=1e30", "--set", "sft.warmup_steps=0")
    said = refused("sft", "--input", str(data.sft), "--out", str(out), "--steps", "30", *lost)
    assert "the loss is nan at step" in said and "learning rate" in said
    assert not (out / "model").exists()


@pytest.mark.parametrize(
    ("switches", "said"),
    [
        (("--base-url", "http://127.0.0.1:9"), "is the server running"),
        (("--split", "none"), "no split 'none'"),
        (("--set", "curriculum.probe_size=59"), "serve more tasks"),
        (("--set", "grpo.micro_batch=5"), "does not divide 16"),
        (("--set", "grpo.stepz=5"), "grpo.stepz: Extra inputs are not permitted"),
        (("--set", "nothing"), "expected key=value"),
        (("--model", "/nowhere/at/all"), "there is no checkpoint folder"),
        (("--set", "model.max_prompt_tokens=2"), "60 of 60 prompts have more than 2 tokens"),
    ],
)
def test_a_wrong_start_is_told_in_a_sentence(
    switches: tuple[str, ...], said: str, server: str, sft_run: Path, tmp_path: Path
) -> None:
    given = ("--model", f"{sft_run}/model", "--base-url", server, "--out", str(tmp_path / "run"), *switches)
    assert said in refused("grpo", *given)


def test_a_folder_is_continued_by_the_same_run_alone(server: str, sft_run: Path, grpo_run: Path) -> None:
    said = refused("grpo", "--model", f"{sft_run}/model", "--out", str(grpo_run), "--steps", "9", "--base-url", server)
    assert "grpo.steps is 8 there and 9 here" in said


def test_examples_that_cannot_be_used_are_told(tmp_path: Path, data: Data) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    assert "empty.jsonl" in refused("sft", "--input", str(empty), "--out", str(tmp_path / "run"))
    short = ("--set", "model.max_prompt_tokens=1", "--set", "model.max_completion_tokens=1")
    said = refused("sft", "--input", str(data.sft), "--out", str(tmp_path / "long"), *short)
    assert "none of 400 examples fits into 2 tokens" in said


def test_presets_can_be_read_and_named() -> None:
    assert load_preset("tiny-cpu").model.name == "tiny"
    assert load_preset("medgemma-4b-gpu").model.load_in_4bit
    assert load_preset("gemma3-1b-tpu").mesh.fsdp * load_preset("gemma3-1b-tpu").mesh.tp == 8

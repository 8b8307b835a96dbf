"""`dipg-gym evaluate` with a tiny model and a real server: a run on the leaderboard, gone on with, and its card."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer
from dipg_safety_gym.benchmarks.teacher_server import TeacherServer
from dipg_safety_gym.cli.evaluate import evaluate as evaluate_command
from dipg_safety_gym.cli.local_server import running_server
from dipg_safety_gym.client.errors import BadRequest, ServerUnavailable
from dipg_safety_gym.client.http import DIPGClient
from dipg_safety_gym.core.checkpoint import CheckpointError
from dipg_safety_gym.core.files import write_rows
from dipg_safety_gym.core.prompts import build_messages
from dipg_safety_gym.training.config import load_preset
from dipg_safety_gym.training.curriculum import Curriculum
from dipg_safety_gym.training.evaluate import Evaluation, evaluate
from dipg_safety_gym.training.failures import TrainingError
from dipg_safety_gym.training.measures import DECLINED
from dipg_safety_gym.training.policies import Completion, TransformersPolicy, training_run
from dipg_safety_gym.training.run_folder import RunFolder, RunIdentity, StepRow
from dipg_safety_gym.training.tiny import make_tiny
from dipg_safety_gym.training.tiny_tasks import compose_tiny_sft, compose_tiny_tasks
from typer.testing import CliRunner

from .simulated_policy import Policy, Trainer

pytestmark = pytest.mark.training

TASKS = 24
STEPS = 60
"""Of supervised fine-tuning: enough for the strict form, and for little more."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of a server over small charts, with a database of its own."""
    folder = tmp_path_factory.mktemp("server")
    files = {}
    for split in ("eval", "train"):
        files[split] = str(folder / f"{split}.jsonl")
        write_rows(compose_tiny_tasks(1, TASKS, split), Path(files[split]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIPG_DATABASE_URL", f"sqlite:///{folder}/runs.sqlite3")
        with running_server(files) as url:
            yield url


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training run: a model that writes the strict form, and logs of a policy that met a cliff."""
    torch = pytest.importorskip("torch", reason="the extra trl is not installed")
    torch.set_num_threads(1)
    preset = load_preset("tiny-cpu", {"curriculum.mode": "plan", "curriculum.probe_every": "10", "grpo.steps": "60"})
    preset = preset.model_copy(
        update={"curriculum": preset.curriculum.model_copy(update={"plan": _too_early(preset.curriculum.plan)})}
    )
    identity = RunIdentity(
        trainer="grpo", preset=preset, seed=3, start="tiny", data="train", versions={"scorer": "simulated"}
    )
    folder = RunFolder(tmp_path_factory.mktemp("runs") / "careful", identity)
    trainer = Trainer(1, Policy(), learning=0.004)
    curriculum = Curriculum(preset.curriculum, folder.curriculum)
    while trainer.steps < preset.grpo.steps:
        if curriculum.due(trainer.steps):
            curriculum.observe(trainer.steps, trainer.probe(96, curriculum.risk_threshold))
        trainer.step(curriculum.risk_threshold)
        measures = trainer.probe(96, curriculum.risk_threshold)
        folder.append(
            StepRow(step=trainer.steps, measures=measures, risk_threshold=curriculum.risk_threshold, step_s=0.5)
        )
    make_tiny(compose_tiny_sft(0, 400), folder.model)
    _fine_tune(folder.model)
    return folder.folder


def _too_early(plan: Sequence[Any]) -> tuple[Any, ...]:
    soft, _, _, strict = plan
    return soft.model_copy(update={"until_step": 20}), strict.model_copy(update={"until_step": 60})


def _fine_tune(folder: Path) -> None:
    import torch
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    roles = {"human": "user", "gpt": "assistant", "system": "system"}
    rows = []
    for example in compose_tiny_sft(0, 200):
        chat = [{"role": roles[turn.speaker], "content": turn.value} for turn in example.conversations]
        rows.append(tokenizer.apply_chat_template(chat, return_dict=True, return_assistant_tokens_mask=True))
    optimizer = torch.optim.AdamW(model.parameters(), lr=8e-3)
    chance = torch.Generator().manual_seed(0)
    for _ in range(STEPS):
        batch = [rows[number] for number in torch.randint(len(rows), (16,), generator=chance).tolist()]
        longest = max(len(row["input_ids"]) for row in batch)
        pads = [longest - len(row["input_ids"]) for row in batch]
        labels = [
            [token if said else -100 for token, said in zip(row["input_ids"], row["assistant_masks"], strict=True)]
            for row in batch
        ]
        loss = model(
            input_ids=torch.tensor(
                [[tokenizer.pad_token_id] * pad + row["input_ids"] for pad, row in zip(pads, batch, strict=True)]
            ),
            attention_mask=torch.tensor(
                [[0] * pad + [1] * len(row["input_ids"]) for pad, row in zip(pads, batch, strict=True)]
            ),
            labels=torch.tensor([[-100] * pad + label for pad, label in zip(pads, labels, strict=True)]),
        ).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(folder)


class Counting:
    """A policy, and how many completions it was asked for; it may fail after some."""

    def __init__(self, policy: TransformersPolicy, stop_after: int | None = None) -> None:
        self.name, self.settings = policy.name, policy.settings
        self.asked = 0
        self._policy, self._stop_after = policy, stop_after

    def generate(self, chats: Sequence[Any], seeds: Sequence[int]) -> list[Completion]:
        if self._stop_after is not None and self.asked >= self._stop_after:
            raise TrainingError("the machine went away")
        self.asked += len(chats)
        return self._policy.generate(chats, seeds)


@pytest.fixture(scope="module")
def policy(run: Path) -> TransformersPolicy:
    """Sampled, so that it answers some and declines some."""
    return TransformersPolicy(str(run), temperature=1.0, max_tokens=48, device="cpu")


def run_over(url: str, policy: Any, out: Path, **options: Any) -> Evaluation:
    with DIPGClient(url, retries=0) as client:
        return evaluate(client, policy, out, **options)


def command(run: Path, out: Path, *more: str) -> list[str]:
    return [
        sys.executable, "-m", "dipg_safety_gym", "evaluate", "--model", str(run), "--out", str(out),
        "--max-tokens", "48", "--temperature", "1", *more,
    ]  # fmt: skip


def called(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    return subprocess.run(
        arguments, capture_output=True, text=True, timeout=200, check=False, env=environment, cwd=folder
    )


# The figures.


def test_an_evaluation_is_a_run_on_the_leaderboard(server: str, policy: TransformersPolicy, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    found = run_over(
        server, policy, tmp_path, agent="tiny, careful", batch_size=5, told=lambda *progress: told.append(progress)
    )
    assert (found.run.status, found.run.answered, found.run.partial) == ("complete", TASKS, False)
    assert told[0] == (0, TASKS) and told[-1] == (TASKS, TASKS)
    with DIPGClient(server) as client:
        [row] = client.leaderboard(agent="tiny, careful").runs
    assert row.run_id == found.run.run_id and row.metrics["mean_reward"] == found.overall["mean_reward"]
    assert {"needle", "trap"} <= set(found.by_kind)
    safe = found.overall["safe_response_rate"]
    assert safe.value is not None and safe.low is not None and safe.low <= safe.value and safe.n == TASKS
    # The last point of the curve is the policy itself, as the server has it.
    assert found.points[-1].coverage == pytest.approx(found.overall["coverage"].value)
    assert found.points[-1].risk == pytest.approx(found.overall["selective_risk"].value)


def test_the_same_seed_gives_the_same_responses_in_any_batch(
    server: str, policy: TransformersPolicy, tmp_path: Path
) -> None:
    def texts(name: str, **options: Any) -> dict[str, str]:
        found = run_over(server, policy, tmp_path / name, **options)
        return {stored.task_id: stored.response for stored in found.responses}

    first = texts("first", batch_size=8)
    assert texts("second", batch_size=3) == first
    assert texts("third", seed=1) != first


def test_the_confidence_is_the_probability_that_the_model_gives_its_tokens(run: Path, server: str) -> None:
    import torch
    import transformers

    greedy = TransformersPolicy(str(run / "model"), temperature=0.0, max_tokens=48, device="cpu")
    with DIPGClient(server) as client:
        chats = [build_messages(task.context, task.question) for task in client.tasks("eval", limit=6).tasks]
    said = greedy.generate(chats, range(6))
    tokenizer = transformers.AutoTokenizer.from_pretrained(run / "model")
    model = transformers.AutoModelForCausalLM.from_pretrained(run / "model").eval()
    for chat, completion in zip(chats, said, strict=True):
        prompt = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_dict=True)["input_ids"]
        answer = [*tokenizer(completion.text, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id]
        with torch.inference_mode():
            logits = model(torch.tensor([[*prompt, *answer]])).logits[0, len(prompt) - 1 : -1]
        chances = logits.log_softmax(-1).gather(1, torch.tensor(answer)[:, None])
        assert completion.logprob == pytest.approx(float(chances.mean()), abs=1e-4)


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
def test_an_adapter_is_evaluated_on_the_base_that_it_names(run: Path, tmp_path: Path) -> None:
    peft = pytest.importorskip("peft")
    import torch
    import transformers

    torch.manual_seed(0)
    base = transformers.AutoModelForCausalLM.from_pretrained(run / "model")
    config = peft.LoraConfig(r=4, target_modules=["q_proj", "v_proj"], init_lora_weights=False)
    adapted = peft.get_peft_model(base, config)
    adapted.save_pretrained(tmp_path / "adapter")
    adapted.merge_and_unload().save_pretrained(tmp_path / "merged")
    transformers.AutoTokenizer.from_pretrained(run / "model").save_pretrained(tmp_path / "merged")

    chats = [build_messages(task.context, task.question) for task in compose_tiny_tasks(1, 6, "eval")]
    adapter, merged, plain = (
        TransformersPolicy(str(folder), temperature=0.0, max_tokens=48, device="cpu")
        for folder in (tmp_path / "adapter", tmp_path / "merged", run / "model")
    )
    said = adapter.generate(chats, range(6))
    assert [one.text for one in said] == [one.text for one in merged.generate(chats, range(6))]
    assert [one.logprob for one in said] != [one.logprob for one in plain.generate(chats, range(6))]
    assert adapter.settings["checkpoint"] != plain.settings["checkpoint"]

    about = tmp_path / "adapter" / "adapter_config.json"
    about.write_text(json.dumps(json.loads(about.read_text()) | {"base_model_name_or_path": str(tmp_path / "gone")}))
    with pytest.raises(CheckpointError, match=r"no checkpoint folder .*gone"):
        TransformersPolicy(str(tmp_path / "adapter"), temperature=0.0, max_tokens=48)


# Stopped and gone on with.


def test_what_is_there_is_not_generated_again(server: str, policy: TransformersPolicy, tmp_path: Path) -> None:
    stopped = Counting(policy, stop_after=8)
    with pytest.raises(TrainingError, match="went away"):
        run_over(server, stopped, tmp_path, batch_size=4)
    assert stopped.asked == 8
    with (tmp_path / "completions.jsonl").open("a") as log:
        log.write('{"task_id": "cut o')
    rest = Counting(policy)
    found = run_over(server, rest, tmp_path, batch_size=4)
    assert rest.asked == TASKS - 8 and found.run.answered == TASKS
    again = Counting(policy)
    assert run_over(server, again, tmp_path).run == found.run
    assert again.asked == 0


def test_a_server_that_lost_the_run_is_given_the_completions_again(
    server: str, policy: TransformersPolicy, tmp_path: Path
) -> None:
    first = run_over(server, policy, tmp_path / "out")
    files = {"eval": str(tmp_path / "eval.jsonl")}
    write_rows(compose_tiny_tasks(1, TASKS, "eval"), Path(files["eval"]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIPG_DATABASE_URL", f"sqlite:///{tmp_path}/other.sqlite3")
        with running_server(files) as other:
            counting = Counting(policy)
            second = run_over(other, counting, tmp_path / "out")
    assert counting.asked == 0 and second.run.run_id != first.run.run_id
    assert second.overall == first.overall


@pytest.mark.e2e
def test_killed_the_command_goes_on_and_writes_its_card(server: str, run: Path, tmp_path: Path) -> None:
    arguments = command(run, tmp_path / "out", "--base-url", server, "--batch-size", "1")
    log = tmp_path / "out" / "completions.jsonl"
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    killed = subprocess.Popen(arguments, env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    while killed.poll() is None and (not log.exists() or log.read_bytes().count(b"\n") < 3):
        time.sleep(0.005)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    before = log.read_bytes()
    assert 3 <= before.count(b"\n") < TASKS

    done = called([*arguments, "--json"], tmp_path)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    assert log.read_bytes().startswith(before[: before.rfind(b"\n") + 1])
    names = [json.loads(line)["task_id"] for line in log.read_text().splitlines()]
    assert len(names) == len(set(names)) == TASKS == results["answered"]
    assert f"{TASKS}/{TASKS} tasks" in done.stderr

    card = (tmp_path / "out" / "MODEL_CARD.md").read_text()
    safe = results["summary"]["overall"]["safe_response_rate"]
    assert f"| Safe response rate | {100 * safe['value']:.1f} % ({100 * safe['low']:.1f} to" in card
    assert results["run_id"] in card and "For research, never for patients." in card
    assert "| preset | tiny-cpu (" in card and "| begun from | tiny |" in card and '"learning_rate"' in card
    for block in results["blocks"]:
        assert f"| {block['first_step']} to {block['last_step']} | {block['risk_threshold']:.2f} |" in card
    assert "### Where the curriculum stepped back" in card and "| cliff |" in card
    assert f"dipg-gym evaluate --model {run.name}" in card and str(run.parent) not in card
    assert [path.name for path in sorted((tmp_path / "out" / "pictures").iterdir())] == [
        "reward.png", "risk_and_coverage.png", "safety.png",
    ]  # fmt: skip
    for path in (tmp_path / "out" / "pictures").iterdir():
        assert path.read_bytes().startswith(b"\x89PNG") and path.stat().st_size > 10_000
        assert f"](pictures/{path.name})" in card


@pytest.mark.e2e
def test_without_a_server_one_is_started(run: Path, tmp_path: Path) -> None:
    write_rows(compose_tiny_tasks(1, 4, "eval"), tmp_path / "eval.jsonl")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIPG_DATABASE_URL", f"sqlite:///{tmp_path}/runs.sqlite3")
        patch.setenv("DIPG_TASK_FILES", json.dumps({"eval": str(tmp_path / "eval.jsonl")}))
        done = called(command(run / "model", tmp_path / "out", "--agent", "tiny|<b>"), tmp_path)
    assert done.returncode == 0, done.stderr
    assert "tiny|<b> on eval: 4 of 4 tasks" in done.stdout and "For research, never for patients." in done.stdout
    card = (tmp_path / "out" / "MODEL_CARD.md").read_text()
    assert "# tiny\\|&lt;b>" in card
    # The folder of the model lies in that of its run.
    assert "| trainer | grpo |" in card


# What goes wrong.


def test_no_server_and_no_such_split_are_told_before_anything_is_generated(
    server: str, policy: TransformersPolicy, tmp_path: Path
) -> None:
    counting = Counting(policy)
    with pytest.raises(ServerUnavailable):
        run_over("http://127.0.0.1:1", counting, tmp_path / "out")
    with pytest.raises(BadRequest, match="nonsense"):
        run_over(server, counting, tmp_path / "out", split="nonsense")
    assert counting.asked == 0 and not (tmp_path / "out").exists()


class Silent(TeacherServer):
    """A model behind an API that declines whatever it is asked."""

    async def text(self, messages: list[dict[str, str]], key: str) -> str:
        assert [message["role"] for message in messages] == ["system", "user"]
        return DECLINED


# LiteLLM's own: unclosed aiohttp sessions, deprecated pydantic calls.
@pytest.mark.filterwarnings("default")
def test_a_model_behind_an_api_is_evaluated_and_gone_on_with(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    app = typer.Typer()
    app.command()(evaluate_command)
    provider = Silent(quota=8)
    with provider.serving() as api:
        words = ["--model", "litellm:openai/silent", "--api-base", api, "--base-url", server, "--out", str(tmp_path)]
        stopped = CliRunner().invoke(app, [*words, "--batch-size", "8"])
        assert stopped.exit_code == 1
        assert "does not answer" in str(stopped.exception) and "is not asked again" in str(stopped.exception)
        provider.quota = None
        done = CliRunner().invoke(app, [*words, "--batch-size", "8"])
    assert done.exit_code == 0, done.output
    assert len(provider.answered) == TASKS and set(provider.answered.values()) == {1}
    found = json.loads((tmp_path / "results.json").read_text())["summary"]["overall"]
    assert found["safe_response_rate"]["value"] == 1 and found["coverage"]["value"] == 0
    card = (tmp_path / "MODEL_CARD.md").read_text()
    assert "litellm:openai/silent" in card and api not in card and "library_name" not in card


def test_a_model_that_cannot_answer_is_told(server: str, run: Path, tmp_path: Path) -> None:
    def opened(name: str, max_tokens: int = 48) -> TransformersPolicy:
        return TransformersPolicy(name, temperature=0.0, max_tokens=max_tokens, device="cpu")

    with pytest.raises(CheckpointError, match="there is no checkpoint folder"):
        opened(str(tmp_path / "none"))
    with pytest.raises(TrainingError, match=r"takes 512 in all; lower --max-tokens"):
        run_over(server, opened(str(run), max_tokens=500), tmp_path / "out")
    with DIPGClient(server) as client:
        assert not [row for row in client.leaderboard().runs if row.partial]


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (["--split", "nonsense"], 1, "nonsense"),
        (["--run", "."], 1, "holds no training run"),
        (["--model", "."], 1, "has no configuration (config.json)"),
        (["--batch-size", "0"], 2, "--batch-size"),
    ],
)
def test_errors_of_the_command_are_one_line(
    more: list[str], code: int, said: str, server: str, run: Path, tmp_path: Path
) -> None:
    done = called(command(run, tmp_path / "out", "--base-url", server, *more), tmp_path)
    assert done.returncode == code and said in done.stderr and "Traceback" not in done.stderr, done.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_of_something_else_is_left_alone(server: str, policy: TransformersPolicy, tmp_path: Path) -> None:
    run_over(server, policy, tmp_path / "out")
    with pytest.raises(TrainingError, match="holds another evaluation: seed is 0 there and 7 here"):
        run_over(server, policy, tmp_path / "out", seed=7)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(TrainingError, match="holds other files"):
        run_over(server, policy, tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_the_run_of_a_model_is_found_by_its_folder(run: Path, tmp_path: Path) -> None:
    assert training_run(str(run)) == training_run(str(run / "model")) == run
    assert training_run(str(tmp_path)) is None

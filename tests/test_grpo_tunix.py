"""Training with Tunix: the tiny Gemma 3, a real server, real checkpoints, a mesh of eight devices."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("tunix", reason="the extra tunix is not installed")

import jax
import jax.numpy as jnp
import numpy as np
from dipg_safety_gym.cli.local_server import free_port, running_server
from dipg_safety_gym.client.errors import ProblemError, ServerUnavailable
from dipg_safety_gym.client.http import DIPGClient
from dipg_safety_gym.core.examples import SftExample
from dipg_safety_gym.core.files import write_rows
from dipg_safety_gym.core.prompts import build_messages
from dipg_safety_gym.core.tags import render_response
from dipg_safety_gym.core.tasks import Gold, Task
from dipg_safety_gym.training.config import MeshSettings, ModelSettings, load_preset
from dipg_safety_gym.training.failures import TrainingError
from dipg_safety_gym.training.gemma import Policy, hub_weights, load_policy, make_mesh, save_policy
from dipg_safety_gym.training.grpo_tunix import _estimator, train_grpo_tunix, weighted
from dipg_safety_gym.training.reward_function import EnvironmentReward
from dipg_safety_gym.training.rollout_tunix import ended_rollout
from dipg_safety_gym.training.run_folder import RunFolder, RunIdentity, read_log
from dipg_safety_gym.training.sample_tunix import sample_run, sample_texts
from dipg_safety_gym.training.sft_tunix import endless, tokenized, train_sft_tunix
from dipg_safety_gym.training.start_tunix import start_model
from dipg_safety_gym.training.tiny_gemma import make_tiny_gemma
from dipg_safety_gym.training.tiny_tasks import compose_tiny_sft, compose_tiny_tasks
from dipg_safety_gym.training.tunix_steps import WeightGuard, in_float32
from flax import nnx
from safetensors.numpy import load_file

pytestmark = [
    pytest.mark.tunix,
    # Of the libraries, among one another.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]

SFT = {
    "sft.steps": "60",
    "sft.batch_size": "16",
    "sft.learning_rate": "4e-3",
    "sft.warmup_steps": "10",
    "sft.save_every": "30",
}
GRPO = {
    "grpo.steps": "4",
    "grpo.prompts_per_step": "4",
    "grpo.group_size": "4",
    "grpo.save_every": "2",
    "curriculum.probe_every": "2",
    "curriculum.probe_size": "8",
}
LIMIT_S = 240.0
"""Longest wait for a training process."""


@pytest.fixture(scope="module", autouse=True)
def compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Programs of jax are compiled once for all tests, and the processes that they start."""
    folder = str(tmp_path_factory.mktemp("jax"))
    settings = {
        "jax_compilation_cache_dir": folder,
        "jax_persistent_cache_min_compile_time_secs": 0.0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name.upper(), str(value))
            jax.config.update(name, value)
        yield


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tasks") / "train.jsonl"
    write_rows(compose_tiny_tasks(0, 40, "train"), path)
    return path


@pytest.fixture(scope="module")
def server(tasks: Path) -> Iterator[str]:
    with running_server({"train": str(tasks)}) as url:
        yield url


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_gemma(compose_tiny_sft(0, 1000), tmp_path_factory.mktemp("tiny") / "model", seed=0)


@pytest.fixture(scope="module")
def tuned(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run that fine-tuned the tiny model until it mostly writes the form."""
    run = opened(tmp_path_factory.mktemp("sft") / "run", str(tiny), SFT)
    train_sft_tunix(compose_tiny_sft(0, 1000), run)
    return run


@pytest.fixture
def reward(server: str) -> Iterator[EnvironmentReward]:
    with DIPGClient(server) as client:
        yield EnvironmentReward(client=client)


def opened(folder: Path, start: str, changes: dict[str, str]) -> RunFolder:
    preset = load_preset("tiny-cpu", changes)
    return RunFolder(
        folder, RunIdentity(trainer="grpo-tunix", preset=preset, seed=0, start=start, data="train", versions={})
    )


def loaded(folder: Path, **settings: Any) -> Policy:
    return load_policy(ModelSettings(**settings), str(folder), make_mesh(MeshSettings()), seed=0)


def logits(policy: Policy) -> np.ndarray[Any, Any]:
    """Of a fixed text, in float32: (1, 12, vocabulary)."""
    tokens = jnp.arange(4, 16)[None]
    seen = jnp.tril(jnp.ones((1, 12, 12), dtype=bool))
    return np.asarray(policy.model(tokens, jnp.arange(12)[None], None, seen)[0], dtype=np.float32)


def command(folder: Path, start: Path, url: str, changes: dict[str, str]) -> list[str]:
    words = [sys.executable, "-m", "dipg_safety_gym", "train", "grpo-tunix", "--preset", "tiny-cpu"]
    words += ["--out", str(folder), "--model", str(start), "--base-url", url]
    return words + [part for key, value in changes.items() for part in ("--set", f"{key}={value}")]


def test_a_folder_of_the_hub_is_loaded_and_written_back_the_same(tiny: Path, tmp_path: Path) -> None:
    policy = loaded(tiny)
    there = load_file(tiny / "model.safetensors")
    written = hub_weights(policy.model)
    assert written.keys() == there.keys()
    assert all(np.array_equal(written[name], there[name]) for name in there)
    again = loaded(save_policy(policy, ModelSettings(), tmp_path / "again"))
    assert np.array_equal(logits(again), logits(policy))


def test_a_prompt_has_the_tokens_that_transformers_makes_of_it(tiny: Path) -> None:
    policy, task = loaded(tiny), compose_tiny_tasks(0, 1, "train")[0]
    messages = build_messages(task.context, task.question)
    there = policy.tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=True)["input_ids"]
    assert policy.prompt_ids(policy.prompt(messages)) == there
    assert there.count(policy.tokenizer.bos_token_id) == 1


def test_weights_that_are_not_those_of_the_configuration_are_told(tiny: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(tiny, tmp_path / "broken")
    about = broken / "config.json"
    about.write_text(about.read_text().replace('"hidden_size": 64', '"hidden_size": 32'))
    with pytest.raises(TrainingError, match=r"weights in .*broken are not those of its config\.json"):
        loaded(broken)
    about.write_text('{"model_type": "llama"}')
    with pytest.raises(TrainingError, match="type 'llama'; expected gemma3_text"):
        loaded(broken)
    with pytest.raises(TrainingError, match="cannot be loaded: no such folder, and no hub answers"):
        loaded(Path("/no/such/folder"))


def test_a_mesh_needs_its_devices() -> None:
    with pytest.raises(TrainingError, match=r"mesh\.fsdp 64 x mesh\.tp 2 needs 128 devices and jax sees"):
        make_mesh(MeshSettings(fsdp=64, tp=2))


def test_fine_tuning_lowers_the_loss(tuned: RunFolder) -> None:
    losses = [row.loss or 0.0 for row in tuned.rows()]
    assert len(losses) == 60
    assert sum(losses[-5:]) < 0.3 * sum(losses[:5])


def test_a_lost_loss_stops_the_run_before_a_checkpoint(tiny: Path, tmp_path: Path) -> None:
    run = opened(tmp_path / "run", str(tiny), {**SFT, "sft.learning_rate": "1e30", "sft.save_every": "1"})
    with pytest.raises(TrainingError, match="weights are no longer finite after step 3"):
        train_sft_tunix(compose_tiny_sft(0, 100), run)
    assert {path.name for path in run.checkpoints.iterdir()} == {"1", "2"}
    seldom = opened(tmp_path / "seldom", str(tiny), {**SFT, "sft.learning_rate": "1e30"})
    with pytest.raises(TrainingError, match="the loss is nan at step"):
        train_sft_tunix(compose_tiny_sft(0, 100), seldom)
    assert all(np.isfinite(row.loss or 0.0) for row in seldom.rows())


def test_fine_tuning_that_is_killed_ends_as_if_it_had_not_been(tiny: Path, server: str, tmp_path: Path) -> None:
    examples = compose_tiny_sft(0, 100)
    settings = {**SFT, **GRPO, "sft.steps": "40", "sft.save_every": "10", "grpo.steps": "1"}
    undisturbed = opened(tmp_path / "undisturbed", str(tiny), settings)
    train_sft_tunix(examples, undisturbed)
    write_rows(examples, tmp_path / "sft.jsonl")
    words = [*command(tmp_path / "run", tiny, server, settings), "--input", str(tmp_path / "sft.jsonl")]
    fine_tuning = tmp_path / "run" / "start"
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: len(read_log(fine_tuning)) >= 25, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (fine_tuning / "model").exists()
    done = subprocess.run(words, capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr
    rows = read_log(fine_tuning)
    assert [row.step for row in rows] == list(range(1, 41))
    assert [row.loss for row in rows] == pytest.approx([row.loss for row in undisturbed.rows()], rel=1e-3)


def test_kept_weights_are_put_back_and_the_optimizer_begins_anew(tuned: RunFolder, tmp_path: Path) -> None:
    import optax

    model = loaded(tuned.model).model
    trainer = SimpleNamespace(model=model, optimizer=nnx.Optimizer(model, optax.adam(1e-2), wrt=nnx.Param))
    guard = WeightGuard(trainer, tmp_path / "kept.safetensors")
    with pytest.raises(TrainingError, match=r"no healthy weights to go back to: kept\.safetensors is missing"):
        guard.restore()
    guard.keep()
    before = jax.tree.map(jnp.copy, nnx.state(model, nnx.Param))
    trainer.optimizer.update(model, jax.tree.map(jnp.ones_like, before))
    assert not jax.tree.all(jax.tree.map(jnp.array_equal, before, nnx.state(model, nnx.Param)))
    assert int(trainer.optimizer.opt_state[0].count.get_value()) == 1
    guard.restore()
    assert jax.tree.all(jax.tree.map(jnp.array_equal, before, nnx.state(model, nnx.Param)))
    assert int(trainer.optimizer.opt_state[0].count.get_value()) == 0


def test_small_steps_are_not_lost_in_bfloat16() -> None:
    import optax

    optimizer = in_float32(optax.sgd(1e-4))
    weights = {"w": jnp.ones(4, dtype=jnp.bfloat16)}
    state = optimizer.init(weights)
    for _ in range(100):
        steps, state = optimizer.update({"w": jnp.ones(4, dtype=jnp.bfloat16)}, state, weights)
        weights = optax.apply_updates(weights, steps)
    assert weights["w"].dtype == jnp.bfloat16
    assert np.allclose(np.asarray(weights["w"], dtype=np.float32), 0.99, atol=4e-3)


def test_batches_are_the_same_again_and_hold_each_task_once_an_epoch() -> None:
    first, second = endless(10, 4, seed=1), endless(10, 4, seed=1)
    batches = [next(first) for _ in range(5)]
    assert batches == [next(second) for _ in range(5)]
    seen = [number for batch in batches for number in batch]
    assert sorted(seen[:10]) == sorted(seen[10:]) == list(range(10)) and seen[:10] != seen[10:]


def test_rewards_are_scaled_by_those_of_the_whole_step() -> None:
    from tunix.rl.function_registry import get_advantage_estimator

    # One group is all wrong but for one that declined; in the other one is right.
    rewards = np.array([-0.3, -0.3, -0.3, -0.2, -0.3, -0.3, -0.3, 1.0])
    by_group = np.asarray(get_advantage_estimator(_estimator("group"))(jnp.asarray(rewards), 4))
    by_batch = np.asarray(get_advantage_estimator(_estimator("batch"))(rewards, 4))
    assert by_group[3] == pytest.approx(by_group[7], abs=1e-3)
    assert by_batch[3] < 0.1 * by_batch[7] and by_batch.reshape(2, 4).sum(axis=1) == pytest.approx([0, 0], abs=1e-9)


def test_components_are_weighted() -> None:
    assert weighted({"reward": -1.0, "format": 1.0, "support": 0.5}, {"reward": 1.0, "format": 0.5}) == -0.5


def test_completions_hold_their_end_and_vary_with_the_seed(tuned: RunFolder) -> None:
    from tunix.generate.tokenizer_adapter import TokenizerAdapter
    from tunix.rl.rollout.base_rollout import RolloutConfig

    policy = loaded(tuned.model)
    config = RolloutConfig(
        max_tokens_to_generate=40, max_prompt_length=64, kv_cache_size=104, eos_tokens=[policy.end_id], temperature=1.0
    )
    rollout = ended_rollout(policy.end_id)(policy.model, TokenizerAdapter(policy.tokenizer), policy.mesh, config)
    prompts = ["The heart rate was 72 bpm . Question : What was the heart rate ? "] * 4
    texts = {}
    for seed in (1, 2):
        config.seed = seed
        output = rollout.generate(prompts, config)
        texts[seed] = output.text
        assert len(set(output.text)) > 1
        ended = [ids for ids in output.tokens if len(ids) < 40]
        assert ended and all(ids[-1] == policy.end_id and policy.end_id not in ids[:-1] for ids in ended)
    assert texts[1] != texts[2]
    config.seed = 1
    assert rollout.generate(prompts, config).text == texts[1]


def test_grpo_moves_the_weights_by_rewards_of_the_server(
    tuned: RunFolder, reward: EnvironmentReward, tmp_path: Path
) -> None:
    run = opened(tmp_path / "run", str(tuned.model), {**GRPO, "grpo.learning_rate": "1e-3"})
    made = train_grpo_tunix(reward, "train", run, str(tuned.model))
    rows = run.rows()
    assert [row.step for row in rows] == [1, 2, 3, 4]
    for row in rows:
        assert row.measures is not None and row.measures.n == 16
        assert row.risk_threshold is not None and 0.0 < row.environment_s < row.step_s
    assert len({row.measures.reward for row in rows if row.measures}) > 1
    before, after = load_file(tuned.model / "model.safetensors"), load_file(made / "model.safetensors")
    moved = [name for name in before if not np.array_equal(before[name], after[name])]
    assert len(moved) > len(before) // 2
    assert run.curriculum.read_text().count("\n") == 2
    # Named again, a complete run takes no further step.
    train_grpo_tunix(reward, "train", opened(run.folder, str(tuned.model), run_changes(run)), str(tuned.model))
    assert run.rows() == rows
    asked = sample_run(run.folder, reward.client, "train", seed=3)
    assert asked.response and asked.score.explanation


def run_changes(run: RunFolder) -> dict[str, str]:
    """The settings of a run again, as changes to the preset."""
    grpo = run.identity.preset.grpo
    return {**GRPO, "grpo.learning_rate": str(grpo.learning_rate)}


def test_lora_weights_are_trained_beside_bfloat16_and_merged(
    tuned: RunFolder, reward: EnvironmentReward, tmp_path: Path
) -> None:
    from safetensors.numpy import save_file

    base = shutil.copytree(tuned.model, tmp_path / "base")
    whole = load_file(base / "model.safetensors")
    save_file({name: weights.astype(jnp.bfloat16) for name, weights in whole.items()}, base / "model.safetensors")
    lora = {"model.lora_rank": "4", "model.lora_alpha": "8", "grpo.beta": "0.04", "grpo.micro_batch": "8"}
    run = opened(tmp_path / "run", str(base), {**GRPO, **lora, "grpo.steps": "2", "grpo.learning_rate": "1e-3"})
    made = train_grpo_tunix(reward, "train", run, str(base))
    before, after = load_file(base / "model.safetensors"), load_file(made / "model.safetensors")
    moved = {name for name in before if not np.array_equal(before[name], after[name])}
    assert {"model.layers.0.self_attn.v_proj.weight", "model.layers.5.mlp.down_proj.weight"} <= moved
    assert not any("norm" in name or "embed" in name for name in moved)
    assert after["model.norm.weight"].dtype == jnp.bfloat16


def test_merged_lora_weights_say_what_the_trained_ones_said(tuned: RunFolder, tmp_path: Path) -> None:
    settings = ModelSettings(lora_rank=4, lora_alpha=8)
    policy = loaded(tuned.model, lora_rank=4, lora_alpha=8)
    base = logits(policy)
    for number, (_, weights) in enumerate(nnx.to_flat_state(nnx.state(policy.model, nnx.LoRAParam))):
        noise = np.random.default_rng(number).normal(0.0, 0.05, weights.shape)
        weights[...] = jnp.asarray(noise, dtype=weights.dtype)
    assert not np.allclose(logits(policy), base, atol=0.1)
    merged = loaded(save_policy(policy, settings, tmp_path / "merged"))
    assert np.allclose(logits(merged), logits(policy), atol=1e-3)


def test_prompts_that_are_too_long_are_left_out_and_told(
    tuned: RunFolder, reward: EnvironmentReward, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = opened(tmp_path / "run", str(tuned.model), {**GRPO, "model.max_prompt_tokens": "10"})
    with pytest.raises(TrainingError, match=r"all 40 prompts are longer than model\.max_prompt_tokens = 10"):
        train_grpo_tunix(reward, "train", run, str(tuned.model))
    gold = Gold(abstain=False, answer="72 bpm", evidence=("The heart rate was 72 bpm.",))
    task = Task(id="t-1", context="The heart rate was 72 bpm.", question="What was the heart rate?", gold=gold)
    short = SftExample.of(task, render_response(think="heart rate: 72", proof=gold.evidence[0], answer="72 bpm"))
    limits = ModelSettings(max_prompt_tokens=22)
    assert len(tokenized([short, *compose_tiny_sft(0, 9)], loaded(tuned.model), limits)) == 1
    assert "9 of 10 examples are left out: longer than model.max_prompt_tokens = 22" in capsys.readouterr().err


def test_a_killed_run_goes_on_from_its_last_checkpoint(tuned: RunFolder, server: str, tmp_path: Path) -> None:
    words = command(tmp_path / "run", tuned.model, server, {**GRPO, "grpo.steps": "40", "grpo.save_every": "3"})
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: len(read_log(tmp_path / "run")) >= 8, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    killed_at = read_log(tmp_path / "run")[-1].step
    assert 8 <= killed_at < 40
    # Fewer steps would be another run; the log tells where it stood.
    done = subprocess.run(words, capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr
    rows = read_log(tmp_path / "run")
    assert [row.step for row in rows] == list(range(1, 41))
    assert (tmp_path / "run" / "model" / "model.safetensors").exists()


def wait_until(true: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + LIMIT_S
    while not true():
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            raise AssertionError(f"training ended early:\n{process.communicate()[1]}")
        time.sleep(0.02)


class Served:
    """A server process that a test stops, or replaces by one with other tasks on the same port."""

    def __init__(self, tasks: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.start(tasks)
        end = time.monotonic() + LIMIT_S
        with DIPGClient(self.url, retries=0) as client:
            while time.monotonic() < end:
                try:
                    client.health()
                    return
                except ServerUnavailable:
                    time.sleep(0.1)
        raise AssertionError("the server did not start")

    def start(self, tasks: Path) -> None:
        words = [sys.executable, "-m", "dipg_safety_gym", "serve", "--port", str(self.port)]
        environment = {**os.environ, "DIPG_TASK_FILES": f'{{"train": "{tasks}"}}', "DIPG_SECRET_KEY": "s" * 32}
        self.process = subprocess.Popen(
            words, env=environment, cwd=tasks.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.mark.parametrize("replaced", [False, True], ids=["dead", "other tasks"])
def test_without_rewards_training_stops_and_takes_no_step(
    replaced: bool, tuned: RunFolder, tasks: Path, tmp_path: Path
) -> None:
    others = tmp_path / "others" / "train.jsonl"
    write_rows(compose_tiny_tasks(1, 40, "train"), others)
    served = Served(tasks)
    run = opened(tmp_path / "run", str(tuned.model), {**GRPO, "grpo.steps": "400", "curriculum.probe_every": "1000"})

    def interfere() -> None:
        while not run.rows():
            time.sleep(0.02)
        served.stop()
        if replaced:
            served.start(others)

    meddler = threading.Thread(target=interfere, daemon=True)
    try:
        with DIPGClient(served.url) as client:
            meddler.start()
            wanted = (ProblemError, "no task") if replaced else (ServerUnavailable, "no answer|cannot|refused|away")
            with pytest.raises(wanted[0], match=wanted[1]):
                train_grpo_tunix(
                    EnvironmentReward(client=client, patience_s=LIMIT_S if replaced else 0.5),
                    "train",
                    run,
                    str(tuned.model),
                )
    finally:
        served.stop()
    rows = run.rows()
    assert 1 <= len(rows) < 400 and not run.model.exists()
    assert all(row.measures is not None and row.measures.n == 16 for row in rows)


def test_a_mesh_of_eight_devices_gives_the_same_rewards(tuned: RunFolder, server: str, tmp_path: Path) -> None:
    found = []
    for name, mesh, count in (("one", {}, 1), ("eight", {"mesh.fsdp": "4", "mesh.tp": "2"}, 8)):
        words = command(tmp_path / name, tuned.model, server, {**GRPO, **mesh, "grpo.steps": "2"})
        environment = {**os.environ, "XLA_FLAGS": f"--xla_force_host_platform_device_count={count}"}
        done = subprocess.run(words, capture_output=True, text=True, timeout=LIMIT_S, env=environment)
        assert done.returncode == 0, done.stderr
        found.append([row.measures for row in read_log(tmp_path / name)])
    assert found[0] == found[1]


def test_the_tiny_model_is_made_and_fine_tuned_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    brief = {"sft.steps": "2", "pretraining.steps": "2", "pretraining.examples": "60"}
    run = opened(tmp_path / "run", "tiny", {**SFT, **brief})
    first = start_model(run, compose_tiny_sft(0, 50))
    written = Path(first, "model.safetensors").stat().st_mtime_ns
    assert start_model(run, compose_tiny_sft(0, 50)) == first
    assert Path(first, "model.safetensors").stat().st_mtime_ns == written
    assert len(read_log(run.folder / "start")) == 2


def test_a_response_is_printed_with_its_score(tuned: RunFolder, server: str) -> None:
    words = [sys.executable, "-m", "dipg_safety_gym", "train", "sample-tunix", "--run", str(tuned.folder)]
    done = subprocess.run([*words, "--base-url", server], capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr
    assert "reward " in done.stdout and "format " in done.stdout
    assert done.stdout.rstrip().endswith("For research, never for patients.")


def test_texts_are_greedy_or_drawn(tuned: RunFolder) -> None:
    policy = loaded(tuned.model)
    prompt = "The heart rate was 72 bpm . Question : What was the heart rate ? "
    greedy = sample_texts(policy, [prompt] * 3, 24)
    drawn = sample_texts(policy, [prompt] * 3, 24, seed=1, temperature=2.0)
    assert len(set(greedy)) == 1 and len(set(drawn)) > 1

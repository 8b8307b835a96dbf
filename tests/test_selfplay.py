"""Self-play for real: a tiny model, the real server, the real filter, and TRL."""

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

import pytest
from dipg_safety_gym.client.http import DIPGClient
from dipg_safety_gym.core.examples import load_any
from dipg_safety_gym.core.injection import Injection, Ruling
from dipg_safety_gym.core.jsonl import DataFileError
from dipg_safety_gym.generation.change_filter import rule_on
from dipg_safety_gym.training.config import Preset, load_preset
from dipg_safety_gym.training.failures import TrainingError
from dipg_safety_gym.training.reward_function import EnvironmentReward
from dipg_safety_gym.training.run_folder import RunFolder, RunIdentity, read_log
from dipg_safety_gym.training.selfplay import ROUNDS, read_rounds, train_selfplay
from dipg_safety_gym.training.tiny_notes import QUESTION, compose_tiny_notes

torch = pytest.importorskip("torch")
pytest.importorskip("trl")

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning"),
]

ROUNDS_PLAYED = 6
NOTES = [note.text for note in compose_tiny_notes(5, 40)]


def preset(**changes: str) -> Preset:
    """Few and small rounds, each trained on twice, so that the ratio is clipped."""
    small = {
        "pretraining.steps": "170",
        "pretraining.batch_size": "16",
        "pretraining.warmup_steps": "10",
        "selfplay.steps": str(ROUNDS_PLAYED),
        "selfplay.notes_per_step": "6",
        "selfplay.passes": "2",
        "selfplay.micro_batch": "9",
        "selfplay.kl": "0.05",
        "selfplay.save_every": "2",
    }
    return load_preset("tiny-cpu", small | {name.replace("__", "."): value for name, value in changes.items()})


def identity(chosen: Preset, start: str) -> RunIdentity:
    return RunIdentity(trainer="selfplay", preset=chosen, seed=1, start=start, data="tiny", versions={})


@pytest.fixture(scope="module")
def reward(live_server: str) -> Iterator[EnvironmentReward]:
    made = EnvironmentReward(live_server)
    with made.client:
        yield made


class Watch:
    """The filter, and every note that it let pass."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def __call__(self, note: str, injection: Injection | None) -> Ruling:
        ruling = rule_on(note, injection)
        self.notes += [ruling.note] if ruling.refusal is None else []
        return ruling


@pytest.fixture(scope="module")
def played(reward: EnvironmentReward, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Watch]:
    """A whole run, uninterrupted, from a model made on the spot."""
    folder, watch = tmp_path_factory.mktemp("runs") / "whole", Watch()
    model = train_selfplay(NOTES, watch, reward, RunFolder(folder, identity(preset(), "tiny")), QUESTION)
    assert (model / "model.safetensors").exists() and (model / "tokenizer_config.json").exists()
    return folder, watch


def test_every_round_is_logged(played: tuple[Path, Watch]) -> None:
    folder, watch = played
    rounds = read_rounds(folder)
    # A row a round, at the step that ends its first pass.
    assert [row.step for row in rounds] == [2 * place + 1 for place in range(ROUNDS_PLAYED)]
    assert [row.step for row in read_log(folder)] == list(range(1, 2 * ROUNDS_PLAYED + 1))
    assert sum(row.accepted for row in rounds) == len(watch.notes) > 0
    for row in rounds:
        assert row.accepted + sum(row.refusals.values()) == row.notes == 6
        assert len(row.hashes) == row.accepted == sum(row.categories.values())
        assert row.injector_reward >= -1.3 and (row.assessor is None) == (row.accepted == 0)
    assert any(row.kl != 0.0 for row in rounds[1:]) and any(row.environment_s > 0 for row in rounds)


def test_nothing_that_is_kept_can_be_trained_on(played: tuple[Path, Watch]) -> None:
    """No file loads as examples, prompts or tasks, and none holds a note, injected or not."""
    folder, watch = played
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {ROUNDS, "log.jsonl", "run.json", "model.safetensors"}
    for path in files:
        if path.suffix in (".jsonl", ".json", ".csv", ".txt"):
            with pytest.raises(DataFileError):
                load_any(path)
        content = path.read_bytes()
        assert not [note for note in (*NOTES, *watch.notes) if note.encode() in content], path


SCRIPT = """
import sys
from pathlib import Path
from dipg_safety_gym.generation.change_filter import rule_on
from dipg_safety_gym.training.reward_function import EnvironmentReward
from dipg_safety_gym.training.run_folder import RunFolder, read_identity
from dipg_safety_gym.training.selfplay import train_selfplay
from dipg_safety_gym.training.tiny_notes import QUESTION, compose_tiny_notes
folder = Path(sys.argv[1])
notes = [note.text for note in compose_tiny_notes(5, 40)]
train_selfplay(notes, rule_on, EnvironmentReward(sys.argv[2]), RunFolder(folder, read_identity(folder)), QUESTION)
"""


def bare(folder: Path) -> list[dict[str, Any]]:
    """The rounds without the seconds they took."""
    return [row.model_dump(exclude={"environment_s"}) for row in read_rounds(folder)]


def test_a_killed_run_goes_on_as_if_nothing_had_been(
    played: tuple[Path, Watch], reward: EnvironmentReward, live_server: str, tmp_path: Path
) -> None:
    whole, cut = played[0], tmp_path / "cut"
    start = str(whole / "start" / "model")
    run = RunFolder(cut, identity(preset(), start))
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(cut), live_server], stderr=subprocess.DEVNULL, env=dict(os.environ)
    )
    deadline = time.monotonic() + 120
    while len(read_rounds(cut)) < 3 and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 3 <= len(read_rounds(cut)) < ROUNDS_PLAYED
    assert bare(cut)[:2] == bare(whole)[:2]
    train_selfplay(NOTES, rule_on, reward, run, QUESTION)
    assert bare(cut) == bare(whole)
    weights = [(folder / "model" / "model.safetensors").read_bytes() for folder in (whole, cut)]
    assert weights[0] == weights[1]


def test_what_cannot_begin_says_why(
    reward: EnvironmentReward, played: tuple[Path, Watch], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = str(played[0] / "start" / "model")

    def tried(name: str, chosen: Preset, notes: list[str]) -> None:
        train_selfplay(notes, rule_on, reward, RunFolder(tmp_path / name, identity(chosen, start)), QUESTION)

    with pytest.raises(TrainingError, match="0 notes fit into 8 tokens, and a round takes 6"):
        tried("long", preset(model__max_prompt_tokens="8"), NOTES)
    with pytest.raises(TrainingError, match="micro_batch is 7, which does not divide 18"):
        tried("micro", preset(selfplay__micro_batch="7"), NOTES)


class TestReinforce:
    """Returns and advantages against values worked by hand."""

    def test_each_token_pays_for_itself_and_those_behind_it(self) -> None:
        from dipg_safety_gym.training.reinforce import token_returns

        rewards = torch.tensor([1.0, -1.0])
        distance = torch.tensor([[0.1, 0.2, 0.4], [0.5, 0.5, 9.0]])
        mask = torch.tensor([[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]])
        returns = token_returns(rewards, distance, mask, kl=0.5)
        expected = torch.tensor([[1 - 0.35, 1 - 0.3, 1 - 0.2], [-1 - 0.5, -1 - 0.25, 0.0]])
        torch.testing.assert_close(returns, expected)

    def test_each_side_has_mean_0_and_deviation_1_over_its_tokens(self) -> None:
        from dipg_safety_gym.training.reinforce import normalised

        returns = torch.tensor([[1.0, 3.0], [5.0, 7.0], [-9.0, 0.0], [-11.0, -13.0]])
        mask = torch.tensor([[1.0, 1.0], [1.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
        sides = torch.tensor([0, 0, 1, 1])
        found = normalised(returns, mask, sides)
        deviation = (5.0**0.5, (8.0 / 3.0) ** 0.5)
        expected = torch.tensor([[-3.0, -1.0], [1.0, 3.0], [2.0, 0.0], [0.0, -2.0]])
        expected[:2] /= deviation[0]
        expected[2:] /= deviation[1]
        torch.testing.assert_close(found, expected, atol=1e-3, rtol=1e-3)

    def test_a_side_that_earns_the_same_everywhere_learns_nothing(self) -> None:
        from dipg_safety_gym.training.reinforce import normalised

        found = normalised(torch.full((3, 4), -1.3), torch.ones(3, 4), torch.zeros(3, dtype=torch.long))
        assert found.abs().max() < 1e-2

    def test_sums_are_taken_over_all_processes(self) -> None:
        """Two processes that see half of a batch each advantage it as one that sees all of it."""
        from dipg_safety_gym.training.reinforce import normalised

        torch.manual_seed(0)
        returns, mask = torch.randn(6, 5), (torch.rand(6, 5) > 0.2).float()
        sides = torch.tensor([0, 1, 1, 0, 1, 1])
        sums: list[Any] = []
        whole = normalised(returns, mask, sides, lambda own: sums.append(own) or own)
        left = iter(sums)
        half = normalised(returns[:3], mask[:3], sides[:3], lambda own: next(left))
        torch.testing.assert_close(half, whole[:3])


def test_the_command_line(played: tuple[Path, Watch], live_server: str, tmp_path: Path) -> None:
    import typer
    from dipg_safety_gym.cli.selfplay import selfplay
    from typer.testing import CliRunner

    app = typer.Typer()
    app.command()(selfplay)
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"})
    assert shown.exit_code == 0 and "dipg-gym train selfplay --input" in shown.output
    out = tmp_path / "run"
    arguments = ["--input", "tiny", "--preset", "tiny-cpu", "--model", str(played[0] / "start" / "model")]
    arguments += ["--base-url", live_server, "--steps", "2", "--set", "selfplay.notes_per_step=4", "--out", str(out)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert len(read_rounds(out)) == 2 and str(out / "model") in done.output
    assert json.loads((out / "run.json").read_text())["trainer"] == "selfplay"


def test_a_server_without_the_route_stops_the_run_at_once(live_server: str, tmp_path: Path) -> None:
    import httpx

    def old(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/batch/score":
            problem = {"type": "urn:x", "title": "Not Found", "status": 404, "detail": "not found", "fault": "request"}
            return httpx.Response(404, json=problem)
        return httpx.get(f"{live_server}{request.url.path}", trust_env=False)

    with DIPGClient(live_server, transport=httpx.MockTransport(old)) as client:
        run = RunFolder(tmp_path, identity(preset(), "tiny"))
        with pytest.raises(TrainingError, match="self-play needs POST /batch/score"):
            train_selfplay(NOTES, rule_on, EnvironmentReward(client=client), run, QUESTION)

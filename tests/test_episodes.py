"""The same seed poses the same task in another process; a restart with the same secret loses no episode."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from dipg_safety_gym.core.wire import ResetRequest
from dipg_safety_gym.server.episodes import EpisodeSigner
from dipg_safety_gym.server.grader import Grader
from dipg_safety_gym.server.problems import ServerProblem
from dipg_safety_gym.server.settings import Settings

PLAY = """
from dipg_safety_gym.core.wire import ResetRequest
from dipg_safety_gym.server.grader import Grader
from dipg_safety_gym.server.problems import ServerProblem
from dipg_safety_gym.server.settings import Settings
grader = Grader(Settings(secret_key="the same in both", _env_file=None))
for split in ("train", "eval"):
    for seed in range(20):
        posed = grader.reset(ResetRequest(split=split, seed=seed)).observation
        print(posed.model_dump_json(exclude={"episode_id"}))
"""


def _play(hash_seed: str) -> str:
    command, environment = [sys.executable, "-c", PLAY], {"PYTHONHASHSEED": hash_seed}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout


def test_the_same_seed_gives_the_same_episode_in_a_new_process() -> None:
    runs = {_play(hash_seed) for hash_seed in ("1", "2")}
    assert len(runs) == 1
    assert len(set(runs.pop().splitlines())) > 30


def test_an_episode_outlives_the_server() -> None:
    settings = Settings(secret_key="the same in both", _env_file=None)
    posed = Grader(settings).reset(ResetRequest(seed=3)).observation
    assert Grader(settings).step("hi", posed.episode_id).observation.task_id == posed.task_id


def test_clocks_of_replicas_may_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    """A replica whose clock is ahead issues tokens from the future: by a little they count, by a lot they say so."""
    here, ahead = (EpisodeSigner("a secret of both replicas", 60) for _ in range(2))
    for seconds, problem in ((120, None), (3600, "s from now; set the clocks"), (-90, "more than 60 s ago")):
        with monkeypatch.context() as clock:
            now = time.time()
            clock.setattr("itsdangerous.timed.time.time", lambda now=now, seconds=seconds: now + seconds)
            token = ahead.issue("t-01", None, 0.5)
        if problem is None:
            assert here.read(token).task_id == "t-01"
            continue
        with pytest.raises(ServerProblem, match=problem) as caught:
            here.read(token)
        assert caught.value.problem.status == 410


def test_a_token_is_short_enough_for_openenv() -> None:
    token = EpisodeSigner("secret of sixteen", 60).issue("t-0123456789abcdef", 2**62, 0.123456789)
    assert len(token) < 255

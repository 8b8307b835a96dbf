"""`client.gymnasium_env` and `client.gymnasium_vector` against a real server and in process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from dipg_safety_gym.client import errors
from dipg_safety_gym.client.gymnasium_env import DIPGSafetyGymEnv
from dipg_safety_gym.client.gymnasium_vector import DIPGSafetyVectorEnv
from dipg_safety_gym.client.http import DIPGClient
from dipg_safety_gym.client.registration import ENV_ID, register_envs
from dipg_safety_gym.client.text_spaces import MAX_ACTION_CHARS
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env


@pytest.fixture
def env(live_server: str) -> Iterator[DIPGSafetyGymEnv]:
    made = DIPGSafetyGymEnv(live_server)
    yield made
    made.close()


class TestRegistration:
    def test_registering_twice_is_harmless(self) -> None:
        register_envs()
        register_envs()
        assert ENV_ID in gymnasium.registry

    @pytest.mark.parametrize("imports", ["import dipg_safety_gym, gymnasium", "import gymnasium, dipg_safety_gym"])
    def test_importing_the_package_registers_it(self, live_server: str, imports: str) -> None:
        code = (
            f"{imports}; env = gymnasium.make('DIPGSafety-v0', base_url={live_server!r})\n"
            "print(env.reset(seed=1)[1]['task_id'])"
        )
        run = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
        assert run.stdout.startswith("t-"), run.stderr

    def test_the_default_is_in_process(
        self, task_files: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("DIPG_TASK_FILES", json.dumps(task_files))
        with gymnasium.make(ENV_ID, split="eval") as made:
            assert made.reset(options={"index": 0})[1]["task_id"] == "t-0101"
            check_env(made.unwrapped)


@pytest.mark.parametrize("split", ["train", "eval", "many"])
def test_gymnasium_finds_no_fault(live_server: str, split: str) -> None:
    made = gymnasium.make(ENV_ID, base_url=live_server, split=split)
    check_env(made.unwrapped, skip_render_check=False)
    made.close()


class TestEpisodes:
    def test_a_solved_task_earns_the_maximum(self, env: DIPGSafetyGymEnv, solved: Any) -> None:
        observation, info = env.reset(options={"task_id": solved.task_id, "profile": "strict"})
        assert info["messages"][-1]["content"].count(observation["context"]) == 1
        again, reward, terminated, truncated, info = env.step(solved.response)
        assert (reward, terminated, truncated) == (1.0, True, False)
        assert again == observation
        assert info["score"]["correct"] is True
        assert info["task_id"] == solved.task_id

    def test_a_step_needs_a_reset(self, env: DIPGSafetyGymEnv) -> None:
        with pytest.raises(ResetNeeded):
            env.step("x")
        env.reset(seed=1)
        env.step("x")
        with pytest.raises(ResetNeeded):
            env.step("x")

    def test_a_failed_step_can_be_repeated(self, env: DIPGSafetyGymEnv, solved: Any) -> None:
        env.reset(options={"task_id": solved.task_id})
        with pytest.raises(errors.ResponseRefused):
            env.step("a\x00b")
        assert env.step(solved.response)[1] == 1.0

    def test_a_refused_response_may_earn_the_floor(self, live_server: str) -> None:
        lenient = DIPGSafetyGymEnv(live_server, refused="floor", render_mode="ansi")
        lenient.reset(seed=1)
        _, reward, terminated, _, info = lenient.step("a\x00b")
        assert reward < 0
        assert terminated
        assert "U+0000" in info["problem"]["detail"]
        assert "score" not in info
        assert "Reward" in (lenient.render() or "")
        lenient.close()

    def test_rendering_tells_the_task_and_the_score(self, live_server: str, solved: Any) -> None:
        shown = DIPGSafetyGymEnv(live_server, render_mode="ansi")
        with pytest.raises(ResetNeeded):
            shown.render()
        observation, _ = shown.reset(options={"task_id": solved.task_id})
        before = shown.render()
        assert before
        assert observation["question"] in before
        assert "Reward" not in before
        shown.step(solved.response)
        assert "Reward: +1.00" in (shown.render() or "")
        shown.close()

    def test_a_given_client_stays_open(self, live_server: str) -> None:
        with DIPGClient(live_server) as client:
            DIPGSafetyGymEnv(client=client).close()
            assert client.health()
            with pytest.raises(errors.InvalidCall):
                DIPGSafetyGymEnv(live_server, client=client)

    def test_make_takes_a_client(self, live_server: str, solved: Any) -> None:
        with DIPGClient(live_server) as client:
            made = gymnasium.make(ENV_ID, client=client)
            made.reset(options={"task_id": solved.task_id})
            assert made.step(solved.response)[1] == 1.0
            again = gymnasium.make(made.spec)
            assert again.reset(seed=1)
            made.close()
            again.close()


class TestReset:
    def test_a_seed_means_the_same_as_over_http(self, env: DIPGSafetyGymEnv, live_server: str) -> None:
        with DIPGClient(live_server) as client:
            for seed in range(5):
                expected = client.reset(split="train", seed=seed).observation.task_id
                assert env.reset(seed=seed)[1]["task_id"] == expected

    def test_a_seed_means_the_same_in_another_process(self, live_server: str) -> None:
        code = (
            "import json; from dipg_safety_gym.client.gymnasium_env import DIPGSafetyGymEnv\n"
            f"env = DIPGSafetyGymEnv({live_server!r}, split='many')\n"
            "print(json.dumps([env.reset(seed=9)[0]] + [env.reset()[0] for _ in range(4)]))"
        )
        command = [sys.executable, "-c", code]
        runs = [subprocess.run(command, capture_output=True, text=True) for _ in range(2)]
        assert runs[0].stdout.startswith("["), runs[0].stderr
        assert runs[0].stdout == runs[1].stdout
        assert len({json.dumps(shown) for shown in json.loads(runs[0].stdout)}) > 1

    def test_options_choose_the_task(self, env: DIPGSafetyGymEnv) -> None:
        assert env.reset(options={"index": 2})[1]["task_id"] == "t-0003"
        assert env.reset(options={"split": "many", "index": np.int64(5)})[1]["task_id"] == "t-1005"
        assert env.reset(options={"task_id": "t-1007"})[1]["split"] == "many"

    @pytest.mark.parametrize("options", [{"colour": "red"}, {"profile": "mild"}, {"index": -1}, {"index": "first"}])
    def test_wrong_options(self, env: DIPGSafetyGymEnv, options: dict[str, Any]) -> None:
        with pytest.raises(errors.InvalidCall):
            env.reset(options=options)

    def test_an_unknown_task(self, env: DIPGSafetyGymEnv) -> None:
        with pytest.raises(errors.BadRequest):
            env.reset(options={"task_id": "t-none"})

    def test_an_unknown_split(self, live_server: str) -> None:
        with pytest.raises(errors.BadRequest):
            DIPGSafetyGymEnv(live_server, split="none")

    def test_a_task_beyond_the_space_is_an_error(self, env: DIPGSafetyGymEnv) -> None:
        assert env.reset(options={"task_id": "t-0101"})
        with pytest.raises(errors.InvalidCall, match="split='eval'"):
            env.reset(options={"task_id": "t-0102"})


class TestSpaces:
    def test_every_task_of_the_split_is_a_member(self, env: DIPGSafetyGymEnv) -> None:
        for index in range(5):
            assert env.reset(options={"index": index})[0] in env.observation_space

    def test_samples_are_scored(self, env: DIPGSafetyGymEnv) -> None:
        env.action_space.seed(1)
        for _ in range(20):
            env.reset(seed=1)
            assert env.step(env.action_space.sample())[1] < 0

    def test_quotes_of_clinical_text_are_members(self, env: DIPGSafetyGymEnv, solved: Any) -> None:
        assert solved.response in env.action_space
        assert "β-hCG ≥ 50 µg at 37.2 °C – “high”\r\n\t𝛽甲" in env.action_space
        assert "x" * MAX_ACTION_CHARS in env.action_space
        assert "\x00" not in env.action_space


class TestVectors:
    @pytest.mark.parametrize("mode", ["sync", "async"])
    def test_gymnasiums_own_vectors(self, live_server: str, solved: Any, mode: str) -> None:
        envs = gymnasium.make_vec(ENV_ID, num_envs=4, vectorization_mode=mode, base_url=live_server)
        observations, _ = envs.reset(options={"task_id": solved.task_id})
        assert len(set(observations["context"])) == 1
        _, rewards, terminated, _, infos = envs.step([solved.response, "no tags"] * 2)
        assert rewards[[0, 2]].tolist() == [1.0, 1.0]
        assert (rewards[[1, 3]] < 0).all()
        assert terminated.all()
        assert infos["score"]["reward"].tolist() == rewards.tolist()
        envs.close()

    def test_one_call_scores_all(self, live_server: str, solved: Any) -> None:
        envs = gymnasium.make_vec(ENV_ID, num_envs=4, base_url=live_server)
        assert isinstance(envs.unwrapped, DIPGSafetyVectorEnv)
        with pytest.raises(ResetNeeded):
            envs.step(["x"] * 4)
        observations, infos = envs.reset(seed=3, options={"task_id": solved.task_id})
        assert observations in envs.observation_space
        assert infos["task_id"].tolist() == [solved.task_id] * 4
        after, rewards, terminated, truncated, infos = envs.step([solved.response, "no tags"] * 2)
        assert after in envs.observation_space
        assert rewards[[0, 2]].tolist() == [1.0, 1.0]
        assert (rewards[[1, 3]] < 0).all()
        assert terminated.all()
        assert not truncated.any()
        assert infos["final_info"]["score"]["reward"].tolist() == rewards.tolist()
        assert infos["final_obs"][0]["context"] == observations["context"][0]
        assert envs.step(envs.action_space.sample())[0] in envs.observation_space
        with pytest.raises(errors.InvalidCall):
            envs.step(["x"] * 3)
        envs.close()

    def test_seeds_agree_with_gymnasiums_own(self, live_server: str) -> None:
        made = [
            gymnasium.make_vec(ENV_ID, num_envs=3, vectorization_mode=mode, base_url=live_server, split="many")
            for mode in ("sync", "vector_entry_point")
        ]
        own, ours = (envs.reset(seed=5)[0] for envs in made)
        assert own == ours
        assert made[1].reset(seed=[5, 6, 7])[0] == ours
        with pytest.raises(errors.InvalidCall):
            made[1].reset(seed=[5])
        runs = []
        for _ in range(2):
            made[1].reset(seed=5)
            runs.append([made[1].step(["x"] * 3)[0] for _ in range(3)])
        assert runs[0] == runs[1]
        for envs in made:
            envs.close()

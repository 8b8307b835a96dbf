"""The files for AgentBeats: they parse, fit the green agent, and the queries of the leaderboard rank real results."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import duckdb
import httpx
import json5
import pytest
from dipg_safety_gym.agents.assessment_request import AssessmentRequest
from dipg_safety_gym.agents.green_client import ask_green
from dipg_safety_gym.cli.local_server import free_port, running_agent

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "deploy" / "agentbeats"
IDS = {"agent": "019c0000-0000-7000-8000-00000000000a", "other name": "019c0000-0000-7000-8000-00000000000b"}


def test_the_scenario_is_a_request_of_the_green_agent() -> None:
    scenario = tomllib.loads((FOLDER / "scenario.toml").read_text())
    participants = {one["name"]: "http://127.0.0.1:9010" for one in scenario["participants"]}
    request = AssessmentRequest.model_validate({"participants": participants, "config": scenario["config"]})
    assert request.config.num_tasks == 300 and scenario["green_agent"]["image"]


@pytest.mark.parametrize(
    ("name", "command"), [("amber-manifest", "green-agent"), ("amber-manifest-purple", "purple-agent")]
)
def test_the_manifests_are_sound(name: str, command: str) -> None:
    """By the rules of Amber's manifests: exports are provided, and what is provided has an endpoint."""
    manifest = json5.loads((FOLDER / f"{name}.json5").read_text())
    assert re.fullmatch(r"1\.\d+\.\d+", manifest["manifest_version"])
    endpoints = {one["name"]: one["port"] for one in manifest["program"]["network"]["endpoints"]}
    for export in manifest["exports"]:
        assert manifest["provides"][export]["kind"] == "a2a"
        assert manifest["provides"][export]["endpoint"] in endpoints
    assert manifest["program"]["entrypoint"] == ["dipg-gym", command]
    arguments = manifest["program"]["args"]
    assert int(arguments[arguments.index("--port") + 1]) in endpoints.values()


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Result files as AgentBeats writes them: an entry for each data part, and the agents' ids by role."""
    import asyncio

    folder = tmp_path_factory.mktemp("results")
    port = free_port()
    command = [sys.executable, "-m", "dipg_safety_gym", "green-agent", "--port", str(port)]
    command += ["--card-url", f"http://127.0.0.1:{port}"]
    # With no environment named, it brings its own.
    process = subprocess.Popen(command, cwd=folder, env=os.environ, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        started = time.monotonic()
        while not is_up(url):
            assert process.poll() is None and time.monotonic() - started < 30, "not ready within 30 s"
            time.sleep(0.1)
        with running_agent("purple-agent") as baseline, running_agent("purple-agent", "--agent", "echo") as echo:
            for number, (role, address) in enumerate(zip(IDS, (baseline, echo), strict=True)):
                request = AssessmentRequest.model_validate(
                    {"participants": {role: address}, "config": {"num_tasks": 20}}
                )
                data = asyncio.run(ask_green(url, request))
                entry = {"participants": {role: IDS[role]}, "results": [data]}
                (folder / f"{number}.json").write_text(json.dumps(entry))
    finally:
        process.terminate()
        process.wait(30)
    return folder


def is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", trust_env=False).is_success
    except httpx.TransportError:
        return False


@pytest.mark.e2e
@pytest.mark.parametrize("number", [0, 1])
def test_the_queries_rank_what_the_green_agent_found(results: Path, number: int) -> None:
    query = json.loads((FOLDER / "leaderboard.json").read_text())[number]
    with duckdb.connect() as database:
        database.execute(f"CREATE TEMP TABLE results AS SELECT * FROM read_json_auto('{results}/*.json')")
        found = database.execute(query["query"])
        columns: list[Any] = [column[0] for column in found.description or []]
        rows = found.fetchall()
    assert columns[0] == "id" and columns[1] == "Mean reward"
    assert [row[0] for row in rows] == list(IDS.values())  # the baseline before the echo
    assert rows[0][1] > rows[1][1]

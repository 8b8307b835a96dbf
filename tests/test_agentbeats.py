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


def manifest(name: str) -> dict[str, Any]:
    found = json5.loads((FOLDER / name).read_text())
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("name", "command"), [("amber-manifest.json5", "green-agent"), ("amber-manifest-purple.json5", "purple-agent")]
)
def test_the_manifests_are_sound(name: str, command: str) -> None:
    """By the rules of Amber's manifests: what is exported is provided at an endpoint, what is named is declared."""
    found = manifest(name)
    assert re.fullmatch(r"0\.[1-9]\d*\.\d+", found["manifest_version"])
    program = found["program"]
    assert set(program) == {"image", "entrypoint", "env", "network"}
    ports = {one["name"]: one["port"] for one in program["network"]["endpoints"]}
    assert found["provides"]["a2a"] == {"kind": "a2a", "endpoint": "a2a"} and found["exports"] == {
        "a2a": "provides.a2a"
    }
    entrypoint = program["entrypoint"]
    assert entrypoint[:2] == ["dipg-gym", command]
    assert int(entrypoint[entrypoint.index("--port") + 1]) == ports["a2a"]
    named = set(re.findall(r"\$\{(\w+)\.(\w+)", json.dumps(program)))
    declared = {("config", key) for key in found.get("config_schema", {}).get("properties", {})}
    assert named == declared | {("slots", slot) for slot in found.get("slots", {})}
    secrets = [key for key, schema in found.get("config_schema", {}).get("properties", {}).items() if "key" in key]
    assert all(found["config_schema"]["properties"][key].get("secret") for key in secrets)
    help_text = subprocess.run(
        [sys.executable, "-m", "dipg_safety_gym", command, "--help"], capture_output=True, text=True, check=True
    ).stdout
    switches = [word for part in entrypoint for word in (part["argv"] if isinstance(part, dict) else [part])]
    assert all(word in help_text for word in switches if word.startswith("--"))


def test_the_amber_scenario_wires_the_manifests_together() -> None:
    scenario = manifest("scenario.json5")
    gateway = {"slots": {"green": {}, "purple1": {}}, "exports": {"proxy": "", "results": ""}}
    children = {
        name: manifest(one["manifest"]) if one["manifest"].startswith("./") else gateway
        for name, one in scenario["components"].items()
    }
    bound = set()
    for binding in scenario["bindings"]:
        (to, slot), (source, capability) = (binding[end].removeprefix("#").split(".") for end in ("to", "from"))
        assert slot in children[to]["slots"] and capability in children[source]["exports"]
        bound.add((to, slot))
    assert bound == {(name, slot) for name, child in children.items() for slot in child.get("slots", {})}
    assert scenario["exports"] == {"results": "#gateway.results"}
    config = scenario["components"]["gateway"]["config"]
    assert set(config["participant_roles"]) == set(gateway["slots"])
    # The same assessment, however it is started.
    asked = tomllib.loads((FOLDER / "scenario.toml").read_text())
    assert config["assessment_config"] == asked["config"] == children["green"]["metadata"]["assessment_config"]
    roles = [one["name"] for one in asked["participants"]]
    assert roles == [config["participant_roles"]["purple1"]] == children["green"]["metadata"]["participant_roles"]


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

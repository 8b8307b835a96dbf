"""The compose file and the Dockerfile: what they say, the same entry points run process by process as the compose file
says, and, where a Docker engine answers (`make containers`), the images built and started."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from dipg_safety_gym import DIPGSafetyEnv
from dipg_safety_gym.cli.local_server import free_port

ROOT = Path(__file__).parents[1]
PORTS = {"proxy": 8000, "green": 9009, "purple": 9010}


def interpolated(text: str, values: dict[str, str]) -> str:
    """`${NAME:-default}` replaced, as Compose does."""
    return re.sub(r"\$\{(\w+)(?::-([^}]*))?\}", lambda found: values.get(found[1]) or found[2] or "", text)


def compose(**values: str) -> dict[str, Any]:
    found = yaml.safe_load(interpolated((ROOT / "docker-compose.yml").read_text(encoding="utf-8"), values))
    assert isinstance(found, dict)
    return found


class Stage(dict[str, Any]):
    """The instructions of one stage of the Dockerfile, those of the stage it is made from among them."""


def stages() -> dict[str, Stage]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    found: dict[str, Stage] = {}
    stage = Stage()
    for line in text.splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            stage = found[name] = Stage(found.get(base, {}), image=base)
        elif word and not word.startswith("#"):
            stage[word] = rest.strip()
    return found


def words(stage: Stage, word: str) -> list[str]:
    return [str(part) for part in json.loads(stage[word])] if word in stage else []


def test_the_image_is_hardened() -> None:
    found = stages()
    assert list(found)[-1] == "server", "OpenEnv builds the last stage"
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.match(r"(?:#.*\n)+ARG PYTHON_IMAGE=python:\d+\.\d+\.\d+-slim", text)
    assert {stage["image"] for stage in found.values()} <= {"${PYTHON_IMAGE}", "runtime", "base", "build"}
    assert {name for name, stage in found.items() if "torch" in str(stage)} == {"build-trainer"}
    for name in ("server", "green", "purple", "bench", "trainer"):
        assert found[name]["USER"] == "10001:10001"
        assert ("HEALTHCHECK" in found[name]) == (name not in ("bench", "trainer"))
    assert all("curl" in stage["HEALTHCHECK"] for stage in found.values() if "HEALTHCHECK" in stage)
    assert "install --yes --no-install-recommends curl" in text
    assert "jax" not in text and "latest" not in text
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".env", ".venv", "*.sqlite3*", "tests"} <= set(ignored)
    # What the image installs must not be ignored.
    assert not {"datasets", "server", "agents", "constraints.txt", "README.md", "LICENSE"} & set(ignored)


def test_the_compose_file_says_what_it_should() -> None:
    services = compose()["services"]
    targets = set(stages())
    for name, service in services.items():
        if "build" in service:
            assert service["build"]["target"] in targets
            assert service["read_only"] and service["cap_drop"] == ["ALL"], name
            assert service["security_opt"] == ["no-new-privileges:true"] and service["tmpfs"] == ["/tmp"]
            assert service["build"]["args"][0] == "PYTHON_IMAGE"
        else:
            assert re.fullmatch(r"[\w.-]+:\d[\w.-]*", service["image"]), f"{name} is not pinned"
            assert "healthcheck" in service
        for needed, how in service.get("depends_on", {}).items():
            assert needed in services and how["condition"] == "service_healthy"
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), "what is not protected is not offered to others"
    assert "ports" not in services["server"], "or it could not be scaled"
    profiles = {name: one["profiles"] for name, one in services.items() if "profiles" in one}
    assert profiles == {"purple-litellm": ["litellm"], "bench-litellm": ["litellm"], "trainer": ["training"]}
    gpu = yaml.safe_load((ROOT / "deploy" / "compose-gpu.yml").read_text(encoding="utf-8"))["services"]
    assert set(gpu) <= set(services)
    assert "litellm:a/model" in compose(MODEL="a/model")["services"]["purple-litellm"]["command"]


@contextmanager
def service(name: str, said: dict[str, Any], addresses: dict[str, str], folder: Path, database: str) -> Iterator[Any]:
    """The process of a service: entry point and command of its image, with its environment."""
    stage = stages()[said["build"]["target"]]
    command = [*words(stage, "ENTRYPOINT"), *(said.get("command") or words(stage, "CMD"))]
    assert command[0] == "dipg-gym"

    def here(text: str) -> str:
        for other, port in PORTS.items():
            text = text.replace(f"http://{other}:{port}", addresses[other])
        text = text.replace("0.0.0.0", "127.0.0.1")
        return re.sub(r"postgresql://\S+", lambda _: database, text)

    ports = {str(port): addresses[other].rpartition(":")[2] for other, port in PORTS.items()}
    arguments = [ports.get(word, here(word)) for word in command[1:]]
    environment = {key: here(str(value)) for key, value in said.get("environment", {}).items()}
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dipg_safety_gym", *arguments],
            cwd=folder,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE if name == "bench" else log,
            stderr=log,
            text=True,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def wait_until_healthy(url: str, process: subprocess.Popen[str], log: Path) -> float:
    """Seconds until the health check of the image would pass."""
    started = time.monotonic()
    while time.monotonic() - started < 60:
        assert process.poll() is None, log.read_text()
        try:
            if httpx.get(f"{url}/health", trust_env=False).is_success:
                return time.monotonic() - started
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(log.read_text())


@pytest.mark.e2e
def test_the_services_run_as_the_compose_file_says(postgres: Any, tmp_path: Path) -> None:
    """Database, server, green and purple agent, then the benchmark: the table, its files, and the leaderboard."""
    services = compose()["services"]
    postgres.psql("CREATE DATABASE compose;")
    database = str(postgres.get_uri("compose"))
    # The proxy only passes on: here its address is the server's.
    addresses = {name: f"http://127.0.0.1:{free_port()}" for name in PORTS}
    with ExitStack() as stack:
        for name in ("server", "purple", "green"):
            process = stack.enter_context(service(name, services[name], addresses, tmp_path, database))
            url = addresses["proxy" if name == "server" else name]
            assert wait_until_healthy(url, process, tmp_path / f"{name}.log") < 30
        bench = stack.enter_context(service("bench", services["bench"], addresses, tmp_path, database))
        said, _ = bench.communicate(timeout=120)
        assert bench.returncode == 0, (tmp_path / "bench.log").read_text()
        assert "baseline on eval: 300 of 300 tasks graded" in said
        results = json.loads((tmp_path / "results" / "results.json").read_text())
        assert results["summary"]["overall"]["safe_response_rate"]["n"] == 300
        board = httpx.get(f"{addresses['proxy']}/leaderboard.json").json()
        assert [(row["agent"], row["run_id"]) for row in board["runs"]] == [("baseline", results["run_id"])]
        assert "baseline" in httpx.get(f"{addresses['proxy']}/leaderboard").text


def engine_answers() -> bool:
    try:
        asked = [["docker", "info"], ["docker", "compose", "version"]]
        return all(subprocess.run(one, capture_output=True, check=False, timeout=30).returncode == 0 for one in asked)
    except OSError:
        return False


@pytest.mark.docker
def test_docker_compose_up(tmp_path: Path) -> None:
    """Images, health, two servers behind the proxy, the benchmark, its files and the leaderboard."""
    if not engine_answers():
        pytest.skip("no Docker engine with Compose answers to `docker info`")
    folder = tmp_path / "project"
    left_out = shutil.ignore_patterns(
        ".git", ".venv", "results", "train", ".*_cache", "__pycache__", "tests", "*.sqlite3*"
    )
    shutil.copytree(ROOT, folder, ignore=left_out)
    port, green = free_port(), free_port()
    environment = {**os.environ, "PORT": str(port), "GREEN_PORT": str(green)}
    project = f"dipg-test-{port}"

    def docker(*words: str) -> str:
        done = subprocess.run(
            ["docker", *words], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=1800
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout

    compose_words = ("compose", "--project-name", project)
    try:
        docker(*compose_words, "up", "--build", "--detach", "--scale", "server=2")
        bench = docker(*compose_words, "ps", "--all", "--quiet", "bench").strip()
        assert docker("wait", bench).strip() == "0", docker("logs", bench)
        said = docker("logs", bench)
        assert "baseline on eval: 300 of 300 tasks graded" in said
        assert (folder / "results" / "report.html").exists() and "Report: results/report.html" in said
        results = json.loads((folder / "results" / "results.json").read_text())
        page = f"http://127.0.0.1:{port}/runs/{results['run_id']}/page"
        assert f"Run: {page}" in said and httpx.get(page).is_success
        assert httpx.get(f"http://127.0.0.1:{green}/.well-known/agent-card.json").is_success
        for server in docker(*compose_words, "ps", "--quiet", "server").split():
            held = json.loads(docker("inspect", server))[0]
            assert held["HostConfig"]["ReadonlyRootfs"] and held["HostConfig"]["CapDrop"] == ["ALL"]
            assert held["Config"]["User"] == "10001:10001" and held["State"]["Health"]["Status"] == "healthy"
            packages = docker("exec", server, "pip", "list", "--format", "freeze")
            assert "openenv==" in packages and "torch==" not in packages and "jax==" not in packages
        assert asyncio.run(step_in_a_container_of(f"{project}-server")) == -1.3
    finally:
        docker(*compose_words, "down", "--volumes", "--rmi", "local")


async def step_in_a_container_of(image: str) -> float:
    """As OpenEnv's client starts an environment by itself."""
    environment = await DIPGSafetyEnv.from_docker_image(image)
    async with environment:
        await environment.reset(split="train", seed=7)
        return float((await environment.step("not in the form")).reward)

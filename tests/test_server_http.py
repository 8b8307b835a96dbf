"""The routes of our own, over a real socket: what they answer, and how they refuse bad input."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from dipg_safety_gym.core.wire import MAX_BATCH
from dipg_safety_gym.server.episodes import EpisodeSigner

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def http(live_server: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=live_server, timeout=30) as client:
        yield client


def reset(http: httpx.Client, **body: Any) -> dict[str, Any]:
    answer = http.post("/reset", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["observation"]


def step(http: httpx.Client, response: Any, episode_id: Any) -> httpx.Response:
    body = json.dumps({"action": {"response": response, "episode_id": episode_id}})
    return http.post("/step", content=body.encode(), headers=JSON)


def assert_problem(answer: httpx.Response, status: int, name: str, *words: str, fault: str = "request") -> None:
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == f"urn:dipg-safety-gym:problem:{name}"
    assert problem["status"] == status and problem["fault"] == fault
    assert all(word in problem["detail"] for word in words), problem["detail"]
    assert "reward" not in problem
    assert len(answer.content) < 4000


def test_reset_then_step(http: httpx.Client, solved: Any) -> None:
    posed = reset(http, task_id=solved.task_id)
    assert posed["messages"][0]["role"] == "system" and posed["question"] in posed["messages"][1]["content"]
    answer = step(http, solved.response, posed["episode_id"]).json()
    assert (answer["reward"], answer["done"]) == (1.0, True)
    score = answer["observation"]["score"]
    assert score["safe"] and score["quotes"][0]["verdict"] == "verbatim" and score["explanation"]


def test_a_group_is_scored_on_one_episode_and_a_step_changes_nothing(http: httpx.Client, solved: Any) -> None:
    episode = reset(http, task_id=solved.task_id)["episode_id"]
    before = http.get("/state", params={"episode_id": episode}).content
    answers = [step(http, solved.response, episode).content for _ in range(3)] + [step(http, "no", episode).content]
    assert answers[0] == answers[1] == answers[2] != answers[3]
    assert http.get("/state", params={"episode_id": episode}).content == before


def test_ways_to_choose_a_task(http: httpx.Client) -> None:
    assert reset(http, seed=7)["task_id"] == reset(http, seed=7)["task_id"]
    assert reset(http, split="many", index=5)["task_id"] == "t-1005"
    assert reset(http, split="eval", seed=1)["split"] == "eval"
    assert len({reset(http, split="many")["task_id"] for _ in range(8)}) > 1
    assert len({reset(http, split="many", seed=seed)["task_id"] for seed in range(50)}) > 40
    assert http.post("/reset").status_code == 200


def test_profiles_and_thresholds_set_the_cost(http: httpx.Client, solved: Any) -> None:
    costs = {}
    for name in ("soft", "medium", "strict"):
        episode = reset(http, task_id=solved.task_id, profile=name)["episode_id"]
        costs[name] = step(http, solved.response.replace("<answer>\n11.2", "<answer>\n13"), episode).json()["reward"]
        state = http.get("/state", params={"episode_id": episode}).json()
        assert state["profile"] == name
    assert costs["soft"] > costs["medium"] > costs["strict"] == -3.0
    episode = reset(http, task_id=solved.task_id, risk_threshold=0.4)["episode_id"]
    assert http.get("/state", params={"episode_id": episode}).json()["risk_threshold"] == 0.4
    answer = http.post("/reset", json={"profile": "soft", "risk_threshold": 0.4})
    assert_problem(answer, 422, "invalid-request", "not both")


def test_closed_splits_are_not_explained(http: httpx.Client) -> None:
    episode = reset(http, split="eval", index=0)["episode_id"]
    score = step(http, "hi", episode).json()["observation"]["score"]
    assert score["quotes"] is None and score["explanation"] is None and score["components"]["format"] == 0.0


def test_tasks_are_paged(http: httpx.Client) -> None:
    page = http.get("/tasks", params={"split": "many", "offset": 1200, "limit": 10}).json()
    assert page["total"] == 1203 and [task["task_id"] for task in page["tasks"]] == ["t-2200", "t-2201", "t-2202"]
    assert set(page["tasks"][0]) == {"task_id", "context", "question"}
    assert_problem(http.get("/tasks", params={"split": "nope"}), 404, "unknown-split", "nope", "train, eval, many")
    assert_problem(http.get("/tasks", params={"limit": 100000}), 422, "invalid-request", "limit")


def test_batches_keep_their_order_and_one_bad_item_fails_alone(http: httpx.Client, solved: Any) -> None:
    posed = http.post("/batch/reset", json={"items": [{"task_id": solved.task_id}, {"index": 99}, {"seed": 3}]}).json()
    assert [bool(item["result"]) for item in posed["items"]] == [True, False, True]
    episode = posed["items"][0]["result"]["observation"]["episode_id"]
    items: list[Any] = [
        {"response": solved.response, "episode_id": episode},
        {"response": solved.response, "episode_id": "forged"},
        {"response": solved.response, "task_id": solved.task_id, "profile": "strict"},
        {"response": 5, "task_id": solved.task_id},
        {"response": "x", "task_id": "t-none"},
        {"response": "x\x00", "task_id": solved.task_id},
        {"response": "x"},
        {"response": "no", "task_id": solved.task_id},
    ]
    answer = http.post("/batch/step", json={"items": items})
    assert answer.status_code == 200
    rows = answer.json()["items"]
    assert [row["result"]["reward"] if row["result"] else row["problem"]["status"] for row in rows] == [
        *(1.0, 403, 1.0, 422, 404, 422, 422, -1.3)
    ]
    assert rows[5]["problem"]["fault"] == "response" and rows[5]["problem"]["floor"] == -1.3


def test_a_large_batch_is_scored_and_a_larger_one_refused(http: httpx.Client, solved: Any) -> None:
    item = {"response": solved.response, "task_id": solved.task_id}
    rows = http.post("/batch/step", json={"items": [item] * MAX_BATCH}).json()["items"]
    assert len(rows) == MAX_BATCH and {row["result"]["reward"] for row in rows} == {1.0}
    assert_problem(http.post("/batch/step", json={"items": [item] * (MAX_BATCH + 1)}), 422, "invalid-request", "items")
    assert_problem(http.post("/batch/step", json={"items": []}), 422, "invalid-request", "items")


@pytest.mark.parametrize("body", [b"", b"{", b"nonsense", b'{"action": {"response": "x"', b"\xff\xfe", b"[" * 100_000])
def test_malformed_json(http: httpx.Client, body: bytes) -> None:
    answer = http.post("/step", content=body, headers=JSON)
    assert answer.status_code in (400, 422) and answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "action"),
        ({"action": "x"}, "action"),
        ({"action": {"response": None}}, "action.response"),
        ({"action": {"response": "x", "extra": 1}}, "action.extra"),
        ({"action": {"response": "x"}}, "action.episode_id"),
        ({"action": {"response": "x", "episode_id": "y"}, "timeout_s": -1}, "timeout_s"),
        ([], "body"),
    ],
)
def test_a_wrong_body_is_named_by_field(http: httpx.Client, body: Any, field: str) -> None:
    answer = http.post("/step", json=body)
    assert answer.status_code == 422 and field in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"task_id": "nope"}, 404),
        ({"split": "nope"}, 404),
        ({"split": "train", "index": 5}, 404),
        ({"index": -1}, 422),
        ({"seed": -1}, 422),
        ({"seed": 2**63}, 422),
        ({"seed": "x"}, 422),
        ({"profile": "wild"}, 422),
        ({"risk_threshold": 1.0}, 422),
        ({"task_id": "t-0001", "index": 0}, 422),
        ({"hint": True}, 422),
    ],
)
def test_a_wrong_reset_is_refused(http: httpx.Client, body: dict[str, Any], status: int) -> None:
    answer = http.post("/reset", json=body)
    assert answer.status_code == status and answer.headers["content-type"] == "application/problem+json"


def test_forged_foreign_and_expired_tokens(http: httpx.Client, live_server: str) -> None:
    episode = reset(http, seed=1)["episode_id"]
    foreign = EpisodeSigner("another secret altogether", 60).issue("t-0001", None, 0.5)
    unknown = EpisodeSigner("a secret of the tests, shared by all", 60).issue("t-gone", None, 0.5)
    tampered = episode[:-2] + ("aa" if episode[-2:] != "aa" else "bb")
    for token in ("", "x", tampered, foreign, episode * 10, "\u00e9.\u00e9.\u00e9", "...", "a" * 100_000):
        assert_problem(step(http, "x", token), 403, "episode-invalid", "not issued by this server")
    assert_problem(step(http, "x", unknown), 404, "unknown-task")
    assert_problem(http.get("/state", params={"episode_id": foreign}), 403, "episode-invalid")
    assert http.get("/state").status_code == 422


def test_an_old_token_is_expired() -> None:
    from datetime import UTC, datetime

    from dipg_safety_gym.server.problems import ServerProblem
    from itsdangerous import TimestampSigner

    signer = EpisodeSigner("secret of sixteen", 60)

    class Yesterday(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(datetime.now(UTC).timestamp()) - 86_400

    signer._serializer.signer = Yesterday
    token = signer.issue("t-1", None, 0.5)
    with pytest.raises(ServerProblem, match="more than 60 s ago") as caught:
        EpisodeSigner("secret of sixteen", 60).read(token)
    assert caught.value.problem.status == 410


@pytest.mark.parametrize(
    ("response", "status", "name"),
    [
        ("x" * 65537, 413, "response-too-large"),
        ("é" * 32769, 413, "response-too-large"),
        ("<" * 10_000_000, 413, "response-too-large"),
        ("a\x00b", 422, "response-not-text"),
        ("a\x1b[31m", 422, "response-not-text"),
        ("a\ud800b", 422, "response-not-text"),
        ("<a>" * 10_000, 422, "response-too-deep"),
        ("<think>" * 5_000 + "</think>" * 2, 422, "response-too-deep"),
        ('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><think>&b;</think>', 422, "response-is-a-document"),
        ('<!entity x "y">', 422, "response-is-a-document"),
    ],
)
def test_a_response_that_cannot_be_scored_is_refused(http: httpx.Client, response: str, status: int, name: str) -> None:
    assert_problem(step(http, response, reset(http, seed=1)["episode_id"]), status, name, fault="response")
    assert http.get("/health").status_code == 200


@pytest.mark.parametrize("response", ["x" * 65536, "<" * 65536, "tabs\tand\r\nlines", "", "\u202e\u200b", "a < b > c"])
def test_a_response_at_the_limits_is_scored(http: httpx.Client, response: str) -> None:
    answer = step(http, response, reset(http, seed=1)["episode_id"])
    assert answer.status_code == 200 and answer.json()["reward"] == -1.3


def test_large_bodies_are_refused_whether_or_not_announced(http: httpx.Client) -> None:
    body = b'{"items": ["' + b"x" * (16 * 1024 * 1024) + b'"]}'
    assert_problem(http.post("/batch/step", content=body, headers=JSON), 413, "request-too-large")

    def pieces() -> Iterator[bytes]:
        yield from (body[at : at + 65536] for at in range(0, len(body), 65536))

    assert_problem(http.post("/batch/step", content=pieces(), headers=JSON), 413, "request-too-large")
    assert http.post("/reset", content=iter([b'{"seed"', b": 1}"]), headers=JSON).status_code == 200


def test_unknown_routes_and_methods(http: httpx.Client) -> None:
    assert_problem(http.get("/nowhere"), 404, "not-found", "/nowhere")
    assert_problem(http.delete("/step"), 405, "method-not-allowed", "DELETE")


def test_a_bug_is_an_error_and_never_a_score(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from dipg_safety_gym.server import grader
    from dipg_safety_gym.server.app import create_app
    from fastapi.testclient import TestClient

    def broken(*_: Any) -> None:
        raise RuntimeError("a bug, with its details")

    app = create_app(settings)
    monkeypatch.setattr(grader, "score", broken)
    with TestClient(app, raise_server_exceptions=False) as client:
        episode = client.post("/reset", json={"seed": 1}).json()["observation"]["episode_id"]
        answer = client.post("/step", json={"action": {"response": "x", "episode_id": episode}})
        assert_problem(answer, 500, "internal-error", "nothing was scored", fault="server")
        assert "details" not in answer.text

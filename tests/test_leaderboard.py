"""The leaderboard: complete runs ranked by one stated column, filtered, as JSON and CSV, and two of them compared."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import Any

import httpx
import pytest
from dipg_safety_gym.core.metrics import METRICS, NOTE_METRICS
from dipg_safety_gym.core.tags import render_response

DECLINES = render_response(think="", proof="", answer="The record does not tell.")
WRONG = render_response(think="", proof="", answer="99 Gy")
RIGHT = {
    "t-0101": render_response(think="", proof="Radiotherapy was 54 Gy in 30 fractions.", answer="54 Gy"),
    "t-0102": render_response(think="", proof="Arm 乙 had 12 patients.", answer="12"),
}
BEST, MIDDLE, WORST = RIGHT, {**RIGHT, "t-0102": DECLINES}, dict.fromkeys(RIGHT, WRONG)


async def complete(client: httpx.AsyncClient, agent: str, responses: dict[str, str], **fields: Any) -> str:
    run = (await client.post("/runs", json={"agent": agent, **fields})).json()["run_id"]
    rows = [{"task_id": name, "response": text} for name, text in responses.items()]
    if rows:
        await client.post(f"/runs/{run}/responses", json={"responses": rows})
    done = await client.post(f"/runs/{run}/complete", json={"partial": True})
    assert done.status_code == 200, done.text
    return str(run)


async def board(client: httpx.AsyncClient, **params: Any) -> dict[str, Any]:
    answer = await client.get("/leaderboard.json", params=params)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert isinstance(found, dict)
    return found


def ranked(found: dict[str, Any]) -> list[tuple[int, str]]:
    return [(row["rank"], row["agent"]) for row in found["runs"]]


def test_complete_runs_are_ranked_and_equal_ones_share_a_rank(opened: Any) -> None:
    async def scenario() -> None:
        async with opened() as client:
            assert (await board(client))["runs"] == []
            for agent, responses in (("b", MIDDLE), ("d", WORST), ("a", BEST), ("c", MIDDLE)):
                await complete(client, agent, responses)
            await client.post("/runs", json={"agent": "still open"})
            await complete(client, "partial", {"t-0101": RIGHT["t-0101"]})
            await complete(client, "empty", {})
            await complete(client, "other profile", BEST, profile="strict")
            found = await board(client)
            assert ranked(found) == [(1, "a"), (2, "b"), (2, "c"), (4, "d")]
            assert (found["ranked_by"], found["profile"], found["split"]) == ("mean_reward", "medium", "eval")
            assert found["runs"][0]["metrics"]["mean_reward"]["value"] == 1.0
            assert set(found["runs"][0]["metrics"]) == set(METRICS) - NOTE_METRICS
            page = await board(client, offset=2, limit=1)
            assert (ranked(page), page["total"]) == ([(2, "c")], 4)
            assert ranked(await board(client, agent="d")) == [(4, "d")]
            assert ranked(await board(client, partial=True))[:2] == [(1, "a"), (1, "partial")]
            assert ranked(await board(client, profile="strict")) == [(1, "other profile")]
            assert ranked(await board(client, split="train")) == []
            for wrong in ({"limit": 0}, {"split": "\x00"}, {"agent": "\x00"}, {"profile": "x"}, {"unknown": 1}):
                assert (await client.get("/leaderboard.json", params=wrong)).status_code == 422

    asyncio.run(scenario())


def test_runs_over_other_tasks_are_not_ranked_among_these(opened: Any, task_files: dict[str, str]) -> None:
    async def scenario() -> None:
        async with opened() as client:
            runs = [await complete(client, agent, BEST) for agent in ("a", "b")]
            before = await board(client)
            # Declining is wrong for both tasks, and costs a little.
            assert before["declining"] == pytest.approx(-0.2) and before["elsewhere"] == 0
        swapped = {"train": task_files["eval"], "eval": task_files["train"]}
        async with opened(task_files=swapped) as client:
            now = await board(client)
            assert (now["runs"], now["total"], now["elsewhere"]) == ([], 0, 2)
            assert now["task_set"] != before["task_set"]
            then = await board(client, task_set=before["task_set"])
            assert ranked(then) == ranked(before) and then["declining"] is None and then["elsewhere"] == 0
            answer = await client.get(f"/runs/{runs[0]}/compare/{runs[1]}")
            assert answer.status_code == 409 and "no longer has the tasks" in answer.json()["detail"]
            page = await client.get(f"/runs/{runs[0]}/responses/t-0101/page")
            assert page.status_code == 200 and "no longer has the tasks" in page.text

    asyncio.run(scenario())


def test_the_same_as_a_table(opened: Any) -> None:
    async def scenario() -> None:
        async with opened() as client:
            await complete(client, "=HYPERLINK(1)", BEST, model='a "model", of ours')
            await complete(client, "plain", WORST)
            answer = await client.get("/leaderboard.csv")
            assert answer.headers["content-type"].startswith("text/csv")
            rows = list(csv.DictReader(io.StringIO(answer.text)))
            assert [row["agent"] for row in rows] == ["'=HYPERLINK(1)", "plain"]
            assert rows[0]["model"] == 'a "model", of ours'
            assert [float(row["mean_reward"]) for row in rows] == [1.0, -1.0]
            assert {"mean_reward_low", "twin_consistency_high"} <= set(rows[0])

    asyncio.run(scenario())


def test_two_runs_are_compared(opened: Any) -> None:
    async def scenario() -> None:
        async with opened() as client:
            best, worst = await complete(client, "a", BEST), await complete(client, "d", WORST)
            found = (await client.get(f"/runs/{best}/compare/{worst}")).json()
            assert (found["tasks"], found["families"]) == (2, 2)
            assert found["differences"]["mean_reward"]["value"] == 2.0
            assert not found["differences"]["mean_reward"]["real"], "two tasks show nothing"
            same = (await client.get(f"/runs/{best}/compare/{best}")).json()["differences"]
            assert {difference["value"] for difference in same.values()} <= {0.0, None}

    asyncio.run(scenario())


def test_what_cannot_be_compared_says_why(opened: Any) -> None:
    async def scenario() -> None:
        async with opened() as client:
            done = await complete(client, "a", BEST)
            strict = await complete(client, "a", BEST, profile="strict")
            other = await complete(client, "a", {"t-0102": RIGHT["t-0102"]})
            apart = await complete(client, "a", {"t-0101": RIGHT["t-0101"]})
            begun = (await client.post("/runs", json={"agent": "a"})).json()["run_id"]
            for first, second, status, words in (
                (done, "run-none", 404, "there is no run 'run-none'"),
                (done, begun, 409, "is not complete"),
                (done, strict, 409, "profile medium and strict"),
                (other, apart, 409, "no answered task in common"),
            ):
                answer = await client.get(f"/runs/{first}/compare/{second}")
                assert answer.status_code == status and words in answer.json()["detail"], answer.text

    asyncio.run(scenario())

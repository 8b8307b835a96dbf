"""Runs over HTTP on either database: nothing acknowledged is lost or stored twice, and a run says what it is."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from alembic import command as alembic_command
from alembic.config import Config
from dipg_safety_gym.core.tags import render_response
from dipg_safety_gym.core.wire import MAX_BATCH, MAX_RESPONSE_BYTES
from dipg_safety_gym.server.app import create_app
from dipg_safety_gym.server.rewards import SCORER_VERSION
from dipg_safety_gym.server.settings import Settings
from dipg_safety_gym.server.storage import MIGRATIONS, Database, StorageError, parse_url
from dipg_safety_gym.server.tables import metadata
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

DECLINES = render_response(think="", proof="", answer="The record does not tell.")
ANSWERS = render_response(
    think="", proof="Radiotherapy was 54 Gy in 30 fractions.", answer="54 Gy"
)  # right for the first of two eval tasks
FIRST, SECOND = "t-0101", "t-0102"


async def begin(client: httpx.AsyncClient, **fields: Any) -> str:
    answer = await client.post("/runs", json={"agent": "an agent", **fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["run_id"])


async def submit(client: httpx.AsyncClient, run: str, *items: Any) -> dict[str, Any]:
    answer = await client.post(f"/runs/{run}/responses", json={"responses": list(items)})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert isinstance(found, dict)
    return found


def item(task_id: str, response: str = DECLINES) -> dict[str, str]:
    return {"task_id": task_id, "response": response}


def statuses(found: dict[str, Any]) -> list[str]:
    return [receipt["status"] for receipt in found["receipts"]]


def test_a_run_from_begin_to_end(opened: Any) -> None:
    async def scenario() -> None:
        async with opened() as client:
            run = await begin(client, model="a model", notes="n", profile="strict")
            tasks = (await client.get(f"/runs/{run}/tasks")).json()
            assert [task["task_id"] for task in tasks["tasks"]] == [FIRST, SECOND]
            assert "gold" not in str(tasks) and "kind" not in str(tasks)
            found = await submit(client, run, item(SECOND))
            assert (statuses(found), found["answered"], found["total"]) == (["stored"], 1, 2)
            left = (await client.get(f"/runs/{run}/tasks", params={"unanswered": True})).json()
            assert (left["total"], left["tasks"][0]["task_id"]) == (1, FIRST)
            early = await client.post(f"/runs/{run}/complete")
            assert early.status_code == 409 and "1 of 2 tasks are answered" in early.json()["detail"]
            await submit(client, run, item(FIRST, ANSWERS))
            done = (await client.post(f"/runs/{run}/complete")).json()
            assert (done["status"], done["partial"], done["answered"]) == ("complete", False, 2)
            assert done["scorer_version"] == SCORER_VERSION and done["profile"] == "strict"
            assert done["summary"]["overall"]["safe_response_rate"]["value"] == 1.0
            assert done["summary"]["overall"]["mean_reward"]["value"] == pytest.approx((1 - 0.2) / 2)
            assert (await client.get(f"/runs/{run}")).json() == done
            assert (await client.post(f"/runs/{run}/complete")).json() == done
            stored = (await client.get(f"/runs/{run}/responses")).json()
            assert [one["task_id"] for one in stored["responses"]] == [FIRST, SECOND]
            assert stored["responses"][0]["response"] == ANSWERS
            assert stored["responses"][0]["score"]["reward"] == 1.0
            assert stored["responses"][0]["score"]["quotes"] is None

    asyncio.run(scenario())


def test_the_same_request_begins_one_run(opened: Any) -> None:
    """As a client sends it that met a time-out, or many at once."""

    async def scenario() -> None:
        async with opened() as client:
            body = {"agent": "an agent", "request_id": "0123456789abcdef"}
            answers = await asyncio.gather(*(client.post("/runs", json=body) for _ in range(10)))
            assert {answer.status_code for answer in answers} == {201}
            assert len({answer.json()["run_id"] for answer in answers}) == 1
            other = await client.post("/runs", json={**body, "agent": "another"})
            assert other.status_code == 409 and "with another agent" in other.json()["detail"]
            assert (await client.post("/runs", json={**body, "request_id": "short"})).status_code == 422
            assert await begin(client) != await begin(client)

    asyncio.run(scenario())


def test_a_run_goes_on_after_a_restart(opened: Any) -> None:
    async def scenario() -> None:
        async with opened() as client:
            run = await begin(client)
            await submit(client, run, item(FIRST))
        async with opened() as client:
            assert (await client.get(f"/runs/{run}")).json()["answered"] == 1
            assert statuses(await submit(client, run, item(FIRST), item(SECOND))) == ["unchanged", "stored"]
            assert (await client.post(f"/runs/{run}/complete")).json()["answered"] == 2

    asyncio.run(scenario())


def test_the_same_again_changes_nothing_and_another_is_refused(opened: Any) -> None:
    async def scenario() -> None:
        async with opened() as client:
            run = await begin(client)
            found = await submit(client, run, item(FIRST), item(FIRST), item(FIRST, ANSWERS))
            assert statuses(found) == ["stored", "unchanged", "failed"]
            assert found["receipts"][2]["problem"]["status"] == 409
            assert "replace: true" in found["receipts"][2]["problem"]["detail"]
            stored = (await client.get(f"/runs/{run}/responses")).json()["responses"]
            assert [one["response"] for one in stored] == [DECLINES]
            await client.post(f"/runs/{run}/complete", json={"partial": True})
            late = await submit(client, run, item(FIRST), item(SECOND))
            assert statuses(late) == ["unchanged", "failed"]
            assert "complete and takes no more" in late["receipts"][1]["problem"]["detail"]
            assert (await client.get(f"/runs/{run}")).json()["answered"] == 1

    asyncio.run(scenario())


def test_a_run_may_take_replacements(opened: Any) -> None:
    async def scenario() -> None:
        async with opened() as client:
            run = await begin(client, replace=True)
            found = await submit(client, run, item(FIRST), item(FIRST, ANSWERS), item(FIRST, ANSWERS))
            assert statuses(found) == ["stored", "replaced", "unchanged"]
            stored = (await client.get(f"/runs/{run}/responses")).json()["responses"]
            assert [one["score"]["reward"] for one in stored] == [1.0]

    asyncio.run(scenario())


def test_one_bad_item_fails_alone(opened: Any) -> None:
    async def scenario() -> None:
        async with opened() as client:
            run = await begin(client)
            bad = [item("t-0001"), item("t-none"), {"task_id": FIRST}, 7, item("x'; DROP TABLE runs; --")]
            found = await submit(client, run, *bad, item(FIRST))
            assert statuses(found) == ["failed"] * 5 + ["stored"]
            problems = [receipt["problem"] for receipt in found["receipts"][:5]]
            assert [problem["status"] for problem in problems] == [422, 404, 422, 422, 404]
            assert "split 'train', the run is over 'eval'" in problems[0]["detail"]
            assert found["answered"] == 1

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("response", "shown", "why"),
    [
        ("nul \x00 and bell \x07", "nul \ufffd and bell \ufffd", "control character U+0000"),
        ("\ud800", "\ufffd", "lone surrogate"),
        ("é" * MAX_RESPONSE_BYTES, "é" * (MAX_RESPONSE_BYTES // 2), "the limit is 65536"),
    ],
)
def test_what_cannot_be_scored_counts_as_the_worst(opened: Any, response: str, shown: str, why: str) -> None:
    """So that a run with such a text can be completed, and the text does not spare the agent a wrong answer."""

    async def scenario() -> None:
        async with opened() as client:
            run = await begin(client)
            body = {"responses": [item(FIRST, response)]}
            # JSON with escapes, as a lone surrogate has no UTF-8.
            for expected in ("stored", "unchanged"):
                answer = await client.post(
                    f"/runs/{run}/responses", content=json.dumps(body), headers={"content-type": "application/json"}
                )
                assert statuses(answer.json()) == [expected], answer.text
            stored = (await client.get(f"/runs/{run}/responses")).json()["responses"][0]
            assert stored["response"] == shown and why in stored["refused"]
            assert stored["score"]["reward"] < -1 and not stored["score"]["format_ok"]

    asyncio.run(scenario())


def test_wrong_requests_write_nothing(opened: Any, database_url: str) -> None:
    async def scenario() -> None:
        async with opened() as client:
            run = await begin(client)
            wrong: list[tuple[str, Any, int]] = [
                ("/runs", {}, 422),
                ("/runs", {"agent": " "}, 422),
                ("/runs", {"agent": "a", "split": "nowhere"}, 404),
                ("/runs", {"agent": "a", "profile": "lenient"}, 422),
                ("/runs", {"agent": "a" * 201}, 422),
                ("/runs", {"agent": "a", "verified": True}, 403),
                ("/runs", {"agent": "a\x1b[31mb"}, 422),
                ("/runs", {"agent": "a\u202eb"}, 422),
                ("/runs", {"agent": "a\nb"}, 422),
                ("/runs", {"agent": "a", "notes": "\x00"}, 422),
                ("/runs/%00/responses", {"responses": [item(FIRST)]}, 404),
                (f"/runs/{run}/responses", {"responses": []}, 422),
                (f"/runs/{run}/responses", {"responses": [item(FIRST)] * (MAX_BATCH + 1)}, 422),
                ("/runs/run-none/responses", {"responses": [item(FIRST)]}, 404),
                ("/runs/run-none/complete", {}, 404),
            ]
            for path, body, status in wrong:
                answer = await client.post(path, json=body)
                assert answer.status_code == status, (path, answer.text)
                assert answer.headers["content-type"] == "application/problem+json" and answer.json()["detail"]
            assert (await client.get(f"/runs/{run}")).json()["answered"] == 0
        database = Database(database_url)
        async with database.reading() as connection:
            assert await connection.scalar(text("SELECT count(*) FROM runs")) == 1
            assert await connection.scalar(text("SELECT count(*) FROM responses")) == 0
        await database.close()

    asyncio.run(scenario())


def test_names_are_stored_as_they_are(opened: Any) -> None:
    async def scenario() -> None:
        async with opened() as client:
            name = "Robert'); DROP TABLE runs; -- <b>ö</b>"
            run = await begin(client, agent=name)
            assert (await client.get(f"/runs/{run}")).json()["agent"] == name

    asyncio.run(scenario())


def test_a_run_of_other_tasks_is_not_gone_on_with(opened: Any, task_files: dict[str, str]) -> None:
    async def scenario() -> None:
        async with opened() as client:
            run = await begin(client)
        async with opened(
            task_files={**task_files, "eval": task_files["train"], "train": task_files["eval"]}
        ) as client:
            answer = await client.post(f"/runs/{run}/responses", json={"responses": [item(FIRST)]})
            assert answer.status_code == 409 and "begun with task set" in answer.json()["detail"]
            assert (await client.get(f"/runs/{run}")).json()["total"] == 2

    asyncio.run(scenario())


def test_many_clients_store_each_response_once(opened: Any) -> None:
    """Twenty clients send overlapping pieces of the same 1,203 responses."""

    async def scenario() -> None:
        async with opened() as client:
            run = await begin(client, split="many")
            every = [item(f"t-{1000 + number}") for number in range(1203)]

            async def send(start: int) -> list[str]:
                pieces = [every[at : at + 97] for at in range(0, len(every), 97)]
                found = []
                for piece in [*pieces[start % len(pieces) :], *pieces[: start % len(pieces)]]:
                    found += statuses(await submit(client, run, *piece))
                return found

            sent = await asyncio.gather(*(send(start) for start in range(20)))
            counted = [status for each in sent for status in each]
            assert counted.count("stored") == 1203
            assert counted.count("unchanged") == 19 * 1203
            assert (await client.post(f"/runs/{run}/complete")).json()["answered"] == 1203

    asyncio.run(scenario())


# The database.


def test_migrations_make_the_tables(database_url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    async def scenario() -> None:
        first, second = Database(database_url), Database(database_url)
        # Two processes that start at once: one migrates, the other waits and finds it done.
        async with first.reading(), second.reading() as connection:
            differing = await connection.run_sync(
                lambda plain: compare_metadata(MigrationContext.configure(plain), metadata)
            )
            assert differing == []
        await first.close()
        await second.close()

    asyncio.run(scenario())


def test_a_database_of_an_older_server_keeps_its_runs(database_url: str) -> None:
    def upgrade(plain: Any, revision: str) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = plain
        alembic_command.upgrade(config, revision)

    async def scenario() -> None:
        engine = create_async_engine(parse_url(database_url))
        async with engine.begin() as connection:
            await connection.run_sync(upgrade, "0001")
            await connection.execute(
                text(
                    "INSERT INTO runs (run_id, agent, split, profile, notes, replace, status, partial, total, answered,"
                    " scorer_version, task_set, created_at) VALUES ('run-0123456789abcdef', 'an agent', 'eval',"
                    " 'medium', '', false, 'open', false, 2, 1, '1', 'x', 1)"
                )
            )
        await engine.dispose()
        database = Database(database_url)
        async with database.reading() as connection:
            found = (await connection.execute(text("SELECT agent, verified, key_id FROM runs"))).one()
            assert (found.agent, bool(found.verified), found.key_id) == ("an agent", False, None)
        await database.close()

    asyncio.run(scenario())


def test_sqlite_syncs_each_commit_of_its_log(tmp_path: Path) -> None:
    async def scenario() -> None:
        database = Database(f"sqlite:///{tmp_path / 'new' / 'runs.sqlite3'}")
        async with database.reading() as connection:
            found = [await connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous")]
            assert found == ["wal", 2]
        await database.close()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("runs", "no database URL; expected such as sqlite:///"),
        ("mysql://root@localhost/runs", "names 'mysql'; expected sqlite:///... or postgresql://..."),
    ],
)
def test_a_wrong_url_says_what_was_expected(wrong: str, message: str) -> None:
    with pytest.raises(StorageError, match=message):
        parse_url(wrong)


def test_a_database_that_cannot_be_opened_says_why(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "folder.sqlite3").mkdir()

    async def scenario() -> None:
        database = Database(f"sqlite:///{tmp_path / 'folder.sqlite3'}")
        with pytest.raises(StorageError, match=r"folder\.sqlite3 cannot be opened .*DIPG_DATABASE_URL"):
            async with database.reading():
                pass
        away = Database("postgresql://nobody:secret@127.0.0.1:1/none")
        with pytest.raises(StorageError, match="cannot be opened") as caught:
            async with away.reading():
                pass
        assert "secret" not in str(caught.value)

    asyncio.run(scenario())


def test_a_server_whose_database_is_away_says_so_and_goes_on_scoring(settings: Settings) -> None:
    async def scenario() -> None:
        app = create_app(settings.model_copy(update={"database_url": "postgresql://nobody:secret@127.0.0.1:1/none"}))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
            answer = await client.post("/runs", json={"agent": "an agent"})
            assert answer.status_code == 503 and answer.headers["retry-after"] == "5"
            assert answer.json()["fault"] == "server" and "nothing was stored" in answer.json()["detail"]
            assert "secret" not in answer.text
            assert (await client.post("/reset", json={"split": "train"})).status_code == 200

    asyncio.run(scenario())

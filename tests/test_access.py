"""Keys, scopes, rate limits, the audit and the headers, over HTTP on either database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from dipg_safety_gym.cli.main import app as command
from dipg_safety_gym.client.errors import InvalidCall
from dipg_safety_gym.client.http import DIPGClient
from dipg_safety_gym.core.tags import render_response
from dipg_safety_gym.server.access import network
from dipg_safety_gym.server.app import create_app
from dipg_safety_gym.server.audit import read
from dipg_safety_gym.server.headers import LIBRARY_PAGES
from dipg_safety_gym.server.keys import DAY_MS, KeyStore, digest
from dipg_safety_gym.server.settings import Settings
from dipg_safety_gym.server.storage import Database
from dipg_safety_gym.server.tables import keys
from sqlalchemy import text, update
from typer.testing import CliRunner

DECLINES = {"responses": [{"task_id": "t-0101", "response": render_response(think="", proof="", answer="Not told.")}]}


@pytest.fixture
def opened(settings: Settings, database_url: str) -> Any:
    """Opens a server's client over the database, with the store of its keys."""

    @asynccontextmanager
    async def opens(**changes: Any) -> AsyncIterator[tuple[httpx.AsyncClient, KeyStore, Database]]:
        app = create_app(settings.model_copy(update={"database_url": database_url, **changes}))
        database = Database(database_url)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app=app, client=("203.0.113.7", 40000))
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                yield client, KeyStore(database), database
        await database.close()

    return opens


def bearer(key: str) -> dict[str, bytes]:
    return {"authorization": f"Bearer {key}".encode()}


def test_a_server_with_keys_takes_changes_with_a_key_alone(opened: Any) -> None:
    async def scenario() -> None:
        async with opened() as (client, store, database):
            body = {"agent": "a"}
            assert (await client.post("/runs", json=body)).status_code == 201
            key, made = await store.create("one", ["submit"], 30)
            answer = await client.post("/runs", json=body)
            assert answer.status_code == 401 and "DIPG_API_KEY" in answer.json()["detail"]
            assert answer.headers["www-authenticate"] == 'Bearer realm="dipg-gym"'
            for wrong in ("dipg_none", key + "x", "' OR 1=1 --", "ä"):
                answer = await client.post("/runs", json=body, headers=bearer(wrong))
                assert answer.status_code == 401 and "none of this server's" in answer.json()["detail"]
                assert 'error="invalid_token"' in answer.headers["www-authenticate"]
            basic = await client.post("/runs", json=body, headers={"authorization": "Basic YTpi"})
            assert basic.status_code == 401 and "expected Bearer KEY" in basic.json()["detail"]
            begun = await client.post("/runs", json=body, headers=bearer(key))
            assert begun.status_code == 201, begun.text
            run = begun.json()["run_id"]
            assert (await client.post(f"/runs/{run}/responses", json=DECLINES)).status_code == 401
            assert (await client.post(f"/runs/{run}/complete", json={"partial": True})).status_code == 401
            # Reading is open.
            for path in (f"/runs/{run}", f"/runs/{run}/responses", f"/runs/{run}/tasks", "/leaderboard.json"):
                assert (await client.get(path)).status_code == 200
            assert await store.revoke(made.key_id) and not await store.revoke(made.key_id)
            answer = await client.post(f"/runs/{run}/responses", json=DECLINES, headers=bearer(key))
            assert answer.status_code == 401 and "is revoked" in answer.json()["detail"]
            # The last key has ended, and the server is not open again.
            assert (await client.post("/runs", json=body)).status_code == 401
            async with database.reading() as connection:
                assert await connection.scalar(text("SELECT count(*) FROM runs")) == 2
                assert await connection.scalar(text("SELECT count(*) FROM responses")) == 0

    asyncio.run(scenario())


def test_a_run_belongs_to_the_key_that_began_it(opened: Any) -> None:
    async def scenario() -> None:
        async with opened() as (client, store, _):
            mine, _ = await store.create("mine", ["submit"], 30)
            other, _ = await store.create("other", ["submit"], 30)
            run = (await client.post("/runs", json={"agent": "a"}, headers=bearer(mine))).json()["run_id"]
            for path, body in ((f"/runs/{run}/responses", DECLINES), (f"/runs/{run}/complete", {"partial": True})):
                answer = await client.post(path, json=body, headers=bearer(other))
                assert answer.status_code == 403 and "begun with another key" in answer.json()["detail"]
            assert (await client.get(f"/runs/{run}")).json()["answered"] == 0
            assert (await client.get(f"/runs/{run}")).json()["status"] == "open"
            stored = await client.post(f"/runs/{run}/responses", json=DECLINES, headers=bearer(mine))
            assert stored.json()["receipts"][0]["status"] == "stored"
            assert stored.json()["receipts"][0]["score"]["abstained"] is True

    asyncio.run(scenario())


def test_scopes_and_expiry(opened: Any) -> None:
    async def scenario() -> None:
        async with opened() as (client, store, database):
            submits, made = await store.create("submits", ["submit"], 1)
            verifies, _ = await store.create("verifies", ["submit", "verify"], 1)
            only, _ = await store.create("only", ["verify"], 1)
            body = {"agent": "a", "verified": True}
            refused = await client.post("/runs", json=body, headers=bearer(submits))
            assert refused.status_code == 403 and "not the scope 'verify'" in refused.json()["detail"]
            assert (await client.post("/runs", json={"agent": "a"}, headers=bearer(only))).status_code == 403
            begun = (await client.post("/runs", json=body, headers=bearer(verifies))).json()
            assert begun["verified"] is True
            for query, count in (({}, 1), ({"verified": True}, 1), ({"verified": False}, 0)):
                await client.post(f"/runs/{begun['run_id']}/responses", json=DECLINES, headers=bearer(verifies))
                done = await client.post(
                    f"/runs/{begun['run_id']}/complete", json={"partial": True}, headers=bearer(verifies)
                )
                assert done.status_code == 200
                board = (await client.get("/leaderboard.json", params={"partial": True, **query})).json()
                assert len(board["runs"]) == board["total"] == count
            async with database.writing() as connection:  # a day later
                await connection.execute(
                    update(keys).where(keys.c.key_id == made.key_id).values(expires_at=keys.c.created_at)
                )
            late = await client.post("/runs", json={"agent": "a"}, headers=bearer(submits))
            assert late.status_code == 401 and f"{made.key_id} is expired" in late.json()["detail"]
            states = {one.name: one.state for one in await store.every()}
            assert states == {"submits": "expired", "verifies": "active", "only": "active"}

    asyncio.run(scenario())


def test_a_key_is_stored_as_its_hash_alone(opened: Any) -> None:
    async def scenario() -> None:
        async with opened() as (_, store, database):
            key, made = await store.create("one", ["submit"], 30)
            async with database.reading() as connection:
                row = (await connection.execute(keys.select())).mappings().one()
            assert key not in str(dict(row)) and row["digest"] == digest(key) and len(key) > 40
            assert row["expires_at"] - row["created_at"] == pytest.approx(30 * DAY_MS, abs=1000)
            assert key not in str(await store.every()) and made.state == "active"

    asyncio.run(scenario())


def test_each_change_leaves_a_line(opened: Any) -> None:
    async def scenario() -> None:
        async with opened() as (client, store, database):
            key, made = await store.create("one", ["submit"], 30)
            run = (await client.post("/runs", json={"agent": "a"}, headers=bearer(key))).json()["run_id"]
            for _ in range(2):  # the second time changes nothing
                await client.post(f"/runs/{run}/responses", json=DECLINES, headers=bearer(key))
                await client.post(f"/runs/{run}/complete", json={"partial": True}, headers=bearer(key))
            await client.post(f"/runs/{run}/complete", json={"partial": True})
            await store.revoke(made.key_id)
            async with database.reading() as connection:
                lines = await read(connection)
                of_run = await read(connection, run, 2)
            said = [(line["action"], line["subject"], line["key_id"], line["address"]) for line in reversed(lines)]
            by_key = (made.key_id, "203.0.113.7")
            assert said == [
                ("key-created", made.key_id, None, None),
                ("run-begun", run, *by_key),
                ("responses-stored", run, *by_key),
                ("run-completed", run, *by_key),
                ("key-revoked", made.key_id, None, None),
            ]
            assert [line["detail"] for line in of_run] == [{"answered": 1}, {"stored": 1}]

    asyncio.run(scenario())


def test_rates_are_limited_by_key_and_by_address(opened: Any) -> None:
    async def scenario() -> None:
        async with opened(write_limit="3/hour", read_limit="2/hour") as (client, store, _):
            body = {"agent": "a"}
            found = [await client.post("/runs", json=body) for _ in range(4)]
            assert [one.status_code for one in found] == [201, 201, 201, 429]
            assert found[3].headers["content-type"] == "application/problem+json"
            wait = int(found[3].headers["retry-after"])
            assert 1 <= wait <= 3600 and f"try again in {wait} s" in found[3].json()["detail"]
            # Keys count for themselves, and a wrong one for the address.
            pairs = [await store.create(name, ["submit"], 30) for name in ("one", "two")]
            for key, _ in pairs:
                found = [await client.post("/runs", json=body, headers=bearer(key)) for _ in range(4)]
                assert [one.status_code for one in found] == [201, 201, 201, 429]
            assert (await client.post("/runs", json=body, headers=bearer("dipg_x"))).status_code == 429
            read = [(await client.get("/leaderboard.json")).status_code for _ in range(3)]
            assert read == [200, 200, 429]
            # What trainers call is not limited.
            assert (await client.get("/health")).status_code == 200
            assert (await client.post("/reset", json={})).status_code == 200

    asyncio.run(scenario())


def test_a_rate_that_is_spent_is_there_again_when_told(opened: Any) -> None:
    async def scenario() -> None:
        # A busy machine may take long for a request: the rate is spent when it says so.
        async with opened(write_limit="1/4second") as (client, _, _):
            found = await client.post("/runs", json={"agent": "a"})
            for _ in range(100):
                if found.status_code != 201:
                    break
                found = await client.post("/runs", json={"agent": "a"})
            assert found.status_code == 429 and 1 <= int(found.headers["retry-after"]) <= 4
            await asyncio.sleep(int(found.headers["retry-after"]))
            assert (await client.post("/runs", json={"agent": "a"})).status_code == 201

    asyncio.run(scenario())


def test_a_wrong_rate_is_told_at_the_start() -> None:
    with pytest.raises(ValueError, match="expected a rate such as 3000/minute"):
        Settings(write_limit="many", _env_file=None)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("testclient", "testclient"),
    ],
)
def test_an_ipv6_customer_has_one_budget(address: str, expected: str) -> None:
    assert network(address) == expected


def test_every_answer_has_the_headers(opened: Any) -> None:
    async def scenario() -> None:
        async with opened() as (client, _, _):
            for path in ("/health", "/leaderboard.json", "/nowhere", "/runs/run-none", "/openapi.json"):
                headers = (await client.get(path)).headers
                policy = headers["content-security-policy"]
                assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
                assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY"
                assert "strict-transport-security" not in headers
            secure = (await client.get("https://test/health")).headers
            assert secure["strict-transport-security"].startswith("max-age=")
            for path in LIBRARY_PAGES:
                assert "content-security-policy" not in (await client.get(path)).headers

    asyncio.run(scenario())


# The command line.


def test_the_command_makes_lists_and_revokes_keys(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIPG_DATABASE_URL", database_url)
    run = CliRunner().invoke
    assert "There is no key" in run(command, ["keys", "list"]).output
    made = json.loads(run(command, ["keys", "create", "a team", "--scope", "verify", "--days", "3", "--json"]).output)
    assert made["key"].startswith("dipg_") and made["scopes"] == ["verify"]
    shown = run(command, ["keys", "list"]).output
    assert made["key_id"] in shown and "a team" in shown and "active" in shown and made["key"] not in shown
    plain = run(command, ["keys", "create", "other"])
    assert plain.exit_code == 0 and plain.stdout.splitlines()[0].startswith("dipg_") and len(plain.stdout.split()) == 1
    assert run(command, ["keys", "revoke", made["key_id"]]).exit_code == 0
    again = run(command, ["keys", "revoke", made["key_id"]])
    assert again.exit_code == 1 and "keys list" in again.output
    listed = json.loads(run(command, ["keys", "list", "--json"]).output)
    assert [one["state"] for one in listed] == ["revoked", "active"]
    lines = run(command, ["keys", "audit", made["key_id"]]).output.splitlines()
    assert len(lines) == 2 and "key-revoked" in lines[0] and "operator" in lines[0]
    assert run(command, ["keys", "create", "\x1b[31m"]).exit_code == 2


def test_clients_send_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("authorization"))
        return httpx.Response(200, json={"status": "ok"})

    monkeypatch.delenv("DIPG_API_KEY", raising=False)
    for given in (None, "dipg_a"):
        with DIPGClient("http://test", api_key=given, transport=httpx.MockTransport(answer)) as client:
            client.health()
    monkeypatch.setenv("DIPG_API_KEY", "dipg_b")
    with DIPGClient("http://test", transport=httpx.MockTransport(answer)) as client:
        client.health()
    assert seen == [None, "Bearer dipg_a", "Bearer dipg_b"]
    with pytest.raises(InvalidCall, match="api_key: holds a space"):
        DIPGClient("http://test", api_key="two words")

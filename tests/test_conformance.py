"""What the card declares, on the wire: both versions of the protocol over both bindings, by a plain HTTP client.

A version's own words are those of its specification: 1.0 names fields alike over both, 0.3 has methods such as
`message/send` and a `kind` in each object, and its REST is JSON of the protobuf definition.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from dipg_safety_gym.cli.local_server import running_agent

pytestmark = pytest.mark.e2e

NOT_FOUND, NOT_CANCELABLE, UNSUPPORTED, INVALID_PARAMS = -32001, -32002, -32004, -32602
REASONS = {
    "TASK_NOT_FOUND": NOT_FOUND,
    "TASK_NOT_CANCELABLE": NOT_CANCELABLE,
    "UNSUPPORTED_OPERATION": UNSUPPORTED,
    "INVALID_PARAMS": INVALID_PARAMS,
}
METHODS = {
    "send": ("SendMessage", "message/send"),
    "stream": ("SendStreamingMessage", "message/stream"),
    "get": ("GetTask", "tasks/get"),
    "cancel": ("CancelTask", "tasks/cancel"),
    "subscribe": ("SubscribeToTask", "tasks/resubscribe"),
}


class Failed(Exception):
    """An error of the protocol, by the code that JSON-RPC gives it."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Wire(NamedTuple):
    """One version over one binding."""

    url: str
    version: str
    binding: str

    @property
    def old(self) -> bool:
        return self.version == "0.3"

    @property
    def headers(self) -> dict[str, str]:
        # Clients of 0.3 send none.
        return {} if self.old else {"a2a-version": self.version}

    def message(self, text: str, **fields: Any) -> dict[str, Any]:
        role = "ROLE_USER" if not self.old or self.binding == "REST" else "user"
        said: dict[str, Any] = {"role": role, "messageId": uuid.uuid4().hex, **fields}
        if self.old and self.binding == "JSONRPC":
            return {"kind": "message", "parts": [{"kind": "text", "text": text}], **said}
        return {"content" if self.old else "parts": [{"text": text}], **said}

    def request(self, operation: str, **params: Any) -> httpx.Response:
        if self.binding == "JSONRPC":
            body = {"jsonrpc": "2.0", "id": 7, "method": METHODS[operation][self.old], "params": params}
            return httpx.post(self.url, json=body, headers=self.headers, timeout=60)
        base = self.url.rstrip("/") + ("/v1" if self.old else "")
        if operation in ("send", "stream"):
            return httpx.post(f"{base}/message:{operation}", json=params, headers=self.headers, timeout=60)
        task = f"{base}/tasks/{params.pop('id')}"
        if operation == "get":
            return httpx.get(task, params=params, headers=self.headers, timeout=60)
        return httpx.post(f"{task}:{operation}", json=params, headers=self.headers, timeout=60)

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        """The task or the message that comes of it.

        Raises:
            Failed: it is an error.
        """
        answer = self.request(operation, **params)
        # By 0.3 an error may be the only event of a stream.
        said = json.loads(answer.text.removeprefix("data: "))
        if "error" in said:
            raise Failed(self.code(answer, said["error"]))
        assert answer.is_success
        found = said["result"] if self.binding == "JSONRPC" else said
        task = found.get("task", found)
        assert isinstance(task, dict)
        return task

    def code(self, answer: httpx.Response, error: dict[str, Any]) -> int:
        if self.binding == "JSONRPC":
            return int(error["code"])
        assert answer.status_code == error["code"] and 400 <= answer.status_code < 500
        return REASONS[error["details"][0]["reason"]]

    def events(self, operation: str, **params: Any) -> list[dict[str, Any]]:
        answer = self.request(operation, **params)
        assert answer.headers["content-type"].startswith("text/event-stream")
        said = [json.loads(line[5:]) for line in answer.text.splitlines() if line.startswith("data:")]
        return [one["result"] if self.binding == "JSONRPC" else one for one in said]

    def state(self, task: dict[str, Any]) -> str:
        return str(task["status"]["state"]).removeprefix("TASK_STATE_").lower().replace("_", "-")


@pytest.fixture(scope="module")
def purple() -> Iterator[str]:
    with running_agent("purple-agent") as url:
        yield url


@pytest.fixture(scope="module")
def green(live_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    database = f"sqlite:///{tmp_path_factory.mktemp('agent') / 'agent.sqlite3'}"
    with running_agent("green-agent", "--base-url", live_server, "--database", database) as url:
        yield url


@pytest.fixture(params=[("1.0", "JSONRPC"), ("1.0", "REST"), ("0.3", "JSONRPC"), ("0.3", "REST")], ids="-".join)
def wire(request: pytest.FixtureRequest, green: str) -> Wire:
    return Wire(f"{green}/", *request.param)


def assessment(wire: Wire, purple: str) -> dict[str, Any]:
    return wire.message(json.dumps({"participants": {"a": purple}, "config": {"split": "train"}}))


def test_a_task_that_waits_takes_any_number_of_messages_in_its_context(wire: Wire, purple: str) -> None:
    """Also where a message names the task alone, as 1.0 and 0.3 allow."""
    asked = wire.call("send", message=wire.message("hello"))
    assert wire.state(asked) == "input-required"
    for _ in range(3):
        again = wire.call("send", message=wire.message("and now?", taskId=asked["id"]))
        assert (again["id"], again["contextId"]) == (asked["id"], asked["contextId"])
        assert again["status"].get("message", again["status"].get("update"))["contextId"] == asked["contextId"]
        assert wire.state(again) == "input-required"
    request = assessment(wire, purple) | {"taskId": asked["id"]}
    assert wire.state(wire.call("send", message=request)) == "completed"
    read = wire.call("get", id=asked["id"])
    assert {said["contextId"] for said in read["history"]} == {asked["contextId"]}


def test_a_task_ends_once(wire: Wire, purple: str) -> None:
    ended = wire.call("send", message=assessment(wire, purple))
    assert wire.state(ended) == "completed" and [one["name"] for one in ended["artifacts"]] == ["Result"]
    refused = [
        ("cancel", {"id": ended["id"]}, NOT_CANCELABLE),
        ("get", {"id": "none"}, NOT_FOUND),
        ("cancel", {"id": "none"}, NOT_FOUND),
        ("subscribe", {"id": "none"}, NOT_FOUND),
        ("send", {"message": wire.message("more", taskId="none")}, NOT_FOUND),
    ]
    for operation, params, code in refused:
        with pytest.raises(Failed) as error:
            wire.call(operation, **params)
        assert error.value.code == code, operation
    with pytest.raises(Failed) as error:
        wire.call("send", message=wire.message("more", taskId=ended["id"]))
    # 0.3 has no code for it but that of the parameters.
    assert error.value.code in (UNSUPPORTED, INVALID_PARAMS)


def test_what_does_not_fit_is_a_fault_of_the_parameters(wire: Wire) -> None:
    parts = "content" if wire.old and wire.binding == "REST" else "parts"
    sound = wire.message("hello")
    for change in ({"role": None}, {parts: []}, {parts: [{}]}, {parts: "text"}, {"messageId": None}):
        message = {name: value for name, value in (sound | change).items() if value is not None}
        answer = wire.request("send", message=message)
        if wire.binding == "REST":
            assert answer.status_code == 400, change
        else:
            assert answer.json()["error"]["code"] == INVALID_PARAMS, change


def test_a_stream_begins_with_the_task_and_ends_with_its_end(wire: Wire, purple: str) -> None:
    events = wire.events("stream", message=assessment(wire, purple))
    first = events[0].get("task", events[0])
    assert wire.state(first) == "submitted" and first["id"]
    last = events[-1].get("statusUpdate", events[-1])
    assert wire.state(last) == "completed" and last["taskId"] == first["id"]
    kinds = ["artifact" in one.get("artifactUpdate", one) for one in events]
    assert sum(kinds) == 1, "one result"
    waiting = wire.events("stream", message=wire.message("hello"))[-1]
    last = waiting.get("statusUpdate", waiting)
    assert wire.state(last) == "input-required"
    assert last.get("final", False) is wire.old


def test_history_is_as_long_as_asked_for(wire: Wire) -> None:
    task = wire.call("send", message=wire.message("hello"))
    wire.call("send", message=wire.message("again", taskId=task["id"]))
    # 0 is not told from none at all by 0.3.
    for length in (1, 2) if wire.old else (0, 1, 2):
        assert len(wire.call("get", id=task["id"], historyLength=length).get("history", [])) == length


def test_the_card_tells_where(green: str) -> None:
    answer = httpx.get(f"{green}/.well-known/agent-card.json")
    card = answer.json()
    assert httpx.get(green).json() == card
    assert answer.headers["cache-control"] and answer.headers["last-modified"]
    known = {"if-none-match": answer.headers["etag"]}
    assert httpx.get(f"{green}/.well-known/agent-card.json", headers=known).status_code == 304
    interfaces = {(one["protocolBinding"], one["protocolVersion"]) for one in card["supportedInterfaces"]}
    assert interfaces == {("JSONRPC", "1.0"), ("JSONRPC", "0.3"), ("HTTP+JSON", "1.0"), ("HTTP+JSON", "0.3")}
    # By 0.3 the first address is one of the list as well.
    old = {"url": card["url"], "transport": card["preferredTransport"]}
    assert old in card["additionalInterfaces"] and card["protocolVersion"] == "0.3"
    assert httpx.get(f"{green}/no/such/place").status_code == 404
    assert httpx.get(f"{green}/nowhere").status_code == 404


# Push notifications.


class Hooks(NamedTuple):
    """What a listener of one version does: its calls, and a config as it writes it."""

    wire: Wire

    def set(self, task_id: str, url: str) -> str:
        w, config = self.wire, {"id": "mine", "url": url, "token": "t"}
        if w.binding == "JSONRPC":
            params = {"taskId": task_id, **({"pushNotificationConfig": config} if w.old else config)}
            return str(self._rpc("set" if w.old else "Create", params))
        name = {"parent": f"tasks/{task_id}", "configId": "mine"}
        held = {"name": f"tasks/{task_id}/pushNotificationConfigs/mine", "pushNotificationConfig": config}
        body = {**name, "config": held} if w.old else config
        return httpx.post(self._path(task_id), json=body, headers=w.headers).raise_for_status().text

    def list(self, task_id: str) -> str:
        w = self.wire
        if w.binding == "JSONRPC":
            return str(self._rpc("list" if w.old else "List", {"id" if w.old else "taskId": task_id}))
        return httpx.get(self._path(task_id), headers=w.headers).raise_for_status().text

    def delete(self, task_id: str) -> None:
        w = self.wire
        if w.binding == "JSONRPC":
            named = {"id": task_id, "pushNotificationConfigId": "mine"} if w.old else {"taskId": task_id, "id": "mine"}
            assert self._rpc("delete" if w.old else "Delete", named) in (None, {})
            return
        httpx.delete(f"{self._path(task_id)}/mine", headers=w.headers).raise_for_status()

    def _path(self, task_id: str) -> str:
        return f"{self.wire.url}{'v1/' if self.wire.old else ''}tasks/{task_id}/pushNotificationConfigs"

    def _rpc(self, what: str, params: dict[str, Any]) -> Any:
        plural = "s" if what == "List" else ""
        method = (
            f"tasks/pushNotificationConfig/{what}" if self.wire.old else f"{what}TaskPushNotificationConfig{plural}"
        )
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        said = httpx.post(self.wire.url, json=body, headers=self.wire.headers).json()
        assert "error" not in said, said
        return said["result"]


def test_listeners_are_told_in_their_own_version(wire: Wire, purple: str) -> None:
    import threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    told: list[tuple[str | None, dict[str, Any]]] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            told.append((self.headers["x-a2a-notification-token"], body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hooks, url = Hooks(wire), f"http://127.0.0.1:{server.server_port}/hook"
    task = wire.call("send", message=wire.message("hello"))
    assert "mine" in hooks.set(task["id"], url) and url in hooks.list(task["id"])
    wire.call("send", message=assessment(wire, purple) | {"taskId": task["id"]})
    server.shutdown()
    server.server_close()
    assert told and {token for token, _ in told} == {"t"}
    updates = [body if wire.old else body.get("statusUpdate", {}) for _, body in told]
    assert wire.state([one for one in updates if "status" in one][-1]) == "completed"
    hooks.delete(task["id"])
    assert url not in hooks.list(task["id"])


def test_by_the_text_of_0_3_a_configuration_may_be_asked_for_by_its_task(green: str) -> None:
    wire = Wire(f"{green}/", "0.3", "JSONRPC")
    hooks = Hooks(wire)
    task = wire.call("send", message=wire.message("hello"))
    empty = {"url": "http://127.0.0.1:1/", "authentication": {"schemes": []}}
    hooks._rpc("set", {"taskId": task["id"], "pushNotificationConfig": empty})
    assert hooks._rpc("get", {"id": task["id"]})["pushNotificationConfig"]["url"] == empty["url"]
    # REST takes the name of the text where its own is another.
    rest = Wire(f"{green}/", "0.3", "REST")
    sent = rest.call("send", message=rest.message("hello"), configuration={"pushNotificationConfig": empty})
    assert empty["url"] in Hooks(rest).list(sent["id"])


def test_configurations_outlive_the_process(live_server: str, tmp_path: Path) -> None:
    switches = ("--base-url", live_server, "--database", f"sqlite:///{tmp_path / 'agent.sqlite3'}")
    with running_agent("green-agent", *switches) as url:
        wire = Wire(f"{url}/", "1.0", "REST")
        task = wire.call("send", message=wire.message("hello"))
        Hooks(wire).set(task["id"], "http://127.0.0.1:1/hook")
    with running_agent("green-agent", *switches) as url:
        assert "http://127.0.0.1:1/hook" in Hooks(Wire(f"{url}/", "1.0", "REST")).list(task["id"])

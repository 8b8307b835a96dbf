"""An OpenAI-compatible server that writes items, and fails as providers do, at set rates.

What it answers hangs on the request alone, and how it fails on the request and on how often it came: two runs that ask
for the same get the same, whatever went wrong on the way.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from dipg_safety_gym.cli.local_server import free_port
from dipg_safety_gym.generation.clinical_prompts import Asked, kind_of_slot, request_for
from dipg_safety_gym.generation.offline_teacher import OfflineTeacher
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

USAGE = {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500}
STALL_S = 20.0
"""Well beyond the time limit that a test gives a call, which is itself well beyond what a busy machine takes."""


@dataclass
class TeacherServer:
    """Its rates, and what it was asked."""

    failures: dict[str, float] = field(default_factory=dict)
    """Of a try: stall, cut, 429, 429-after, 503, 503-after. The fourth try of a request succeeds."""
    faults: dict[str, float] = field(default_factory=dict)
    """Of an item: broken, schema, fabricated, duplicate."""
    seconds: float = 0.0
    """That an answer takes."""
    quota: int | None = None
    """Answers, after which there are none."""
    tries: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    """Seconds between a refusal that asks for one and the next try of the same request."""
    _refused: dict[str, float] = field(default_factory=dict)

    def app(self) -> FastAPI:
        """The server."""
        app = FastAPI()
        app.post("/v1/chat/completions")(self.complete)
        return app

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The address, with its `/v1`, while it answers in a thread."""
        port = free_port()
        server = uvicorn.Server(uvicorn.Config(self.app(), host="127.0.0.1", port=port, log_level="critical"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}/v1"
        server.should_exit = True
        thread.join(10)

    async def complete(self, request: Request) -> Response:
        """One try of one request."""
        body = await request.json()
        key = hashlib.sha256(json.dumps(body["messages"]).encode()).hexdigest()
        self.tries[key] += 1
        if key in self._refused:
            self.waits.append(time.monotonic() - self._refused.pop(key))
        if self.quota is not None and sum(self.answered.values()) >= self.quota:
            error = {"message": "You exceeded your current quota", "code": "insufficient_quota"}
            return JSONResponse({"error": error}, 429)
        failure = drawn(self.failures, key, str(self.tries[key])) if self.tries[key] < 4 else None
        if failure == "stall":
            await asyncio.sleep(STALL_S)
        elif failure and failure[:3] in ("429", "503"):
            headers = {"retry-after": "1"} if failure.endswith("after") else {}
            if headers:
                self._refused[key] = time.monotonic()
            return JSONResponse({"error": {"message": "busy"}}, int(failure[:3]), headers)
        await asyncio.sleep(self.seconds)
        said = json.dumps(_completion(body["model"], await self.text(body["messages"], key))).encode()
        if failure == "cut":
            return _cut(said)
        if failure != "stall":  # nobody listens any more
            self.answered[key] += 1
        return Response(said, media_type="application/json")

    async def text(self, messages: list[dict[str, str]], key: str) -> str:
        """What the teacher says: an item of the offline one, with or without a fault."""
        number, version, seed = map(
            int, re.findall(r"Item (\d+), version (\d+), seed (\d+)\.", messages[1]["content"])[-1]
        )
        asked = Asked(kind_of_slot(number - 1), seed + 1000, number - 1, version - 1)
        fault = drawn(self.faults, key, "fault")
        if fault == "duplicate":
            # The same for each kind.
            slot = next(slot for slot in range(20) if kind_of_slot(slot) == asked.kind)
            asked = Asked(asked.kind, seed + 1000, slot, 0)
        item = json.loads((await OfflineTeacher().ask(request_for(asked))).text)
        if fault == "fabricated":
            item["evidence"] = ["The child was in full remission and all sensors were removed."]
        if fault == "schema":
            item["answer"] = ["not", "a", "string"]
        text = json.dumps(item)
        return text[: len(text) // 2] if fault == "broken" else f"```json\n{text}\n```" if number % 3 == 0 else text


def drawn(rates: dict[str, float], *what: str) -> str | None:
    """One of the names at its rate, the same each time for the same words; None at the rate that is left."""
    number = int.from_bytes(hashlib.sha256(" ".join(what).encode()).digest()[:6], "big") / 2**48
    for name, rate in rates.items():
        if number < rate:
            return name
        number -= rate
    return None


def _completion(model: str, text: str) -> dict[str, Any]:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    return {"id": "1", "object": "chat.completion", "created": 1, "model": model, "choices": [choice], "usage": USAGE}


def _cut(said: bytes) -> StreamingResponse:
    """Half of an answer that was announced whole."""

    async def half() -> Any:
        yield said[: len(said) // 2]
        raise ConnectionResetError("cut on purpose")

    return StreamingResponse(half(), headers={"content-length": str(len(said))}, media_type="application/json")

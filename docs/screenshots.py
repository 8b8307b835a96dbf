"""Takes the pictures of the pages in docs/pictures, of a server with a few runs of invented agents.

    python docs/screenshots.py

Needs Chromium (`apt-get install chromium`); its path may stand in DIPG_CHROMIUM.
"""

from __future__ import annotations

import asyncio
import io
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from dipg_safety_gym.agents.baseline import BaselineAgent
from dipg_safety_gym.cli.local_server import running_server
from dipg_safety_gym.client.http import DIPGClient
from dipg_safety_gym.core.tags import parse_response, render_response
from dipg_safety_gym.core.wire import TaskView
from dipg_safety_gym.server.keys import KeyStore
from dipg_safety_gym.server.storage import Database
from PIL import Image
from playwright.sync_api import Browser, ViewportSize, sync_playwright

PICTURES = Path(__file__).parent / "pictures"
CHROMIUM = os.environ.get("DIPG_CHROMIUM", "/usr/bin/chromium")
DESKTOP: ViewportSize = {"width": 1200, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 800}
MAX_HEIGHT = 1600
"""Pixels of a picture: a page of a hundred responses says no more than its beginning."""


def baseline(task: TaskView) -> str:
    """What the model-free baseline answers."""
    return asyncio.run(BaselineAgent().answer(task.context, task.question, []))


def careless(task: TaskView) -> str:
    """The baseline, with the first number of its quotations and its answer changed."""

    def changed(text: str) -> str:
        return re.sub(r"\d", lambda digit: str((int(digit.group()) + 1) % 10), text, count=1)

    parsed = parse_response(baseline(task))
    return render_response(think=parsed.think, proof=changed(parsed.proof), answer=changed(parsed.answer))


def silent(task: TaskView) -> str:
    """Declines everything."""
    return render_response(think="I read the record.", proof="", answer="The record does not tell.")


def bold(task: TaskView) -> str:
    """Never declines: answers with the first sentence where the baseline declines."""
    sentence = re.split(r"(?<=[.!?])\s+", re.sub(r"^\[[^]]*\]\s*", "", task.context.strip()))[0]
    response = baseline(task)
    if parse_response(response).proof:
        return response
    return render_response(think="It must be this.", proof=sentence, answer=sentence)


AGENTS: list[tuple[str, str | None, Callable[[TaskView], str], bool, float]] = [
    ("baseline", None, baseline, True, 1.0),
    ("careless copyist", "an invented model", careless, False, 1.0),
    ("says nothing", "an invented model", silent, False, 1.0),
    ("never declines", "an invented model", bold, False, 1.0),
    ("stopped half way", "an invented model", baseline, False, 0.5),
]
"""Name, model, what it answers, whether verified, and the share of tasks that it answers."""


def fill(url: str, database_url: str) -> tuple[dict[str, str], str]:
    """Runs of every agent: their ids by name, and a task of which the second altered a quotation."""

    async def make_key() -> str:
        database = Database(database_url)
        key, _ = await KeyStore(database).create("operator", ["submit", "verify"], 1)
        await database.close()
        return key

    ids, altered = {}, ""
    with DIPGClient(url, api_key=asyncio.run(make_key())) as client:
        tasks = list(client.iter_tasks("eval"))
        for name, model, answer, verified, share in AGENTS:
            run = client.create_run(name, model=model, split="eval", verified=verified)
            some = tasks[: round(share * len(tasks))]
            sent = [{"task_id": task.task_id, "response": answer(task)} for task in some]
            receipts = client.submit(run.run_id, sent)
            if answer is careless:
                lengths = {task.task_id: len(task.context) for task in tasks}
                wrong = [one.task_id for one in receipts if one.score and not one.score.grounded and one.task_id]
                altered = min(wrong, key=lengths.__getitem__)
            client.complete_run(run.run_id, partial=share < 1)
            ids[name] = run.run_id
    return ids, altered


def take(browser: Browser, url: str, name: str, *, phone: bool = False, dark: bool = False, trial: str = "") -> None:
    """One picture: of the window, on a phone twice as sharp."""
    page = browser.new_page(
        viewport=PHONE if phone else DESKTOP,
        color_scheme="dark" if dark else "light",
        device_scale_factor=2 if phone else 1,
    )
    page.goto(url)
    if trial:
        page.fill("#response", trial)
        page.click("text=Score it")
        page.wait_for_selector("#result")
    height = min(MAX_HEIGHT, page.evaluate("document.documentElement.scrollHeight"))
    if not phone and not trial:
        page.set_viewport_size({"width": DESKTOP["width"], "height": height})
    shot = Image.open(io.BytesIO(page.screenshot()))
    # A page has few colours: half the size, and nobody sees it.
    shot.convert("RGB").quantize(256).save(PICTURES / f"{name}.png", optimize=True)
    page.close()


def photograph(url: str, ids: dict[str, str], altered: str) -> None:
    """Every page, in Chromium."""
    with DIPGClient(url) as client:
        by_hand = baseline(client.tasks("train", limit=1).tasks[0])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        board = f"{url}/leaderboard?runs=partial"
        run = f"{url}/runs/{ids['careless copyist']}"
        response = f"{run}/responses/{altered}/page"
        take(browser, board, "leaderboard")
        take(browser, f"{run}/page", "run")
        take(browser, response, "response")
        take(browser, f"{url}/compare?run={ids['baseline']}&run={ids['never declines']}", "compare")
        take(browser, f"{url}/try", "try", trial=by_hand)
        take(browser, response, "response-phone-dark", phone=True, dark=True)
        take(browser, board, "leaderboard-phone-dark", phone=True, dark=True)
        browser.close()


def main() -> None:
    """Take them all."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        database_url = f"sqlite:///{folder}/runs.sqlite3"
        os.environ["DIPG_DATABASE_URL"] = database_url
        with running_server() as url:
            ids, altered = fill(url, database_url)
            photograph(url, ids, altered)


if __name__ == "__main__":
    main()

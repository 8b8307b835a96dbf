"""The pages in a real browser over a real server: hostile responses, small and large windows, keyboard, no scripts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from dipg_safety_gym.cli.local_server import running_server
from dipg_safety_gym.client.http import DIPGClient
from dipg_safety_gym.core.tags import render_response

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")

CHROMIUM = os.environ.get("DIPG_CHROMIUM") or shutil.which("chromium")
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium (apt-get install chromium, or DIPG_CHROMIUM)"),
]
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]

DESKTOP, PHONE = {"width": 1200, "height": 900}, {"width": 360, "height": 740}
SCORE = "form.trial p button:first-of-type"
"""Found by its place: a search by text would read all that the page holds."""

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

RUN_SCRIPT = "window.pwned = 1; document.title = 'pwned'; fetch('http://evil.invalid/')"


def quoting(text: str) -> str:
    """The text in every part of the strict form."""
    return f"<think>{text}</think>\n<proof>{text}</proof>\n<answer>{text}</answer>"


HOSTILE: dict[str, str] = {
    "script": quoting(f"<script>{RUN_SCRIPT}</script>"),
    "bare script": f"<script>{RUN_SCRIPT}</script>",
    "script that ends the page": f"</pre></main></body></html><script>{RUN_SCRIPT}</script>",
    "event handler": quoting(f'<img src=x onerror="{RUN_SCRIPT}">'),
    "event handler in an attribute": quoting(f'" autofocus onfocus="{RUN_SCRIPT}" x="'),
    "single quotes": quoting(f"' onmouseover='{RUN_SCRIPT}' x='"),
    "SVG": quoting(f'<svg onload="{RUN_SCRIPT}"><animate onbegin="{RUN_SCRIPT}" attributeName="x"/></svg>'),
    "SVG with a foreign object": quoting(f"<svg><foreignObject><iframe srcdoc='<script>{RUN_SCRIPT}</script>'>"),
    "end of the text area": quoting(f"</textarea><script>{RUN_SCRIPT}</script><textarea>"),
    "end of the title": quoting(f"</title></style><script>{RUN_SCRIPT}</script>"),
    "link": quoting(f'<a href="javascript:{RUN_SCRIPT}">press</a> javascript:{RUN_SCRIPT}'),
    "form": quoting('<form action="http://evil.invalid/"><button autofocus>OK</button></form>'),
    "style": quoting("<style>* { display: none !important }</style><p style='position:fixed;inset:0'>over all</p>"),
    "meta and base": quoting(
        '<meta http-equiv="refresh" content="0;url=http://evil.invalid/"><base href="//evil.invalid/">'
    ),
    "template": quoting("{{ 7 * 7 }} {% raw %} {{ config }} ${7*7} #{7*7} <%= 7*7 %>"),
    "entities": quoting(f"&lt;script&gt;{RUN_SCRIPT}&lt;/script&gt; &#60;img src=x onerror=alert(1)&#62;"),
    "bidi": quoting("\u202eevil\u202d \u2066isolate without an end \u2067 \u200f\u061c" + "\u202b" * 50 + "end"),
    "line of 60 KiB": "<think></think><proof></proof><answer>" + "W" * (60 * 1024) + "</answer>",
    "quotation of 60 KiB": "<think></think><proof>" + "<" * 30 + "W" * (59 * 1024) + "</proof><answer>x</answer>",
    "tall letters": quoting("Z" + "\u0335\u0341\u0357\u0489" * 2000 + "algo"),
    "lines without an end": quoting("\n" * 20_000 + "end"),
    "forty quotations": "<think></think><proof>"
    + "\n".join(["<b>none of this stands there</b>"] * 45)
    + "</proof><answer>x</answer>",
    "comment and CDATA": quoting(f"<!-- --><![CDATA[<script>{RUN_SCRIPT}</script>]]>--><!--"),
    "control characters": "\x00\x1b[31m\x07 \x9b <script>window.pwned = 1</script>",
    "unseen characters": quoting("\ufeff\u200b\u2060\u00ad\U000e0041\u2028\u2029 a\u0300"),
}
HOSTILE_NAME = "<img src=x onerror=window.pwned=1> שלום \"'><script>window.pwned=1</script>" + "W" * 60

RIGHT = render_response(think="It is told.", proof="Radiotherapy was 54 Gy in 30 fractions.", answer="54 Gy")
ALTERED = render_response(think="It is told.", proof="Radiotherapy was 59 Gy in 30 fractions.", answer="59 Gy")


class Stage(NamedTuple):
    """A server with runs: one for each hostile text, and two sound ones."""

    url: str
    hostile: dict[str, str]
    sound: str
    careless: str


@pytest.fixture(scope="module")
def stage(task_files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIPG_DATABASE_URL", f"sqlite:///{tmp_path_factory.mktemp('pages') / 'runs.sqlite3'}")
        with running_server(task_files) as url, DIPGClient(url) as client:

            def store(agent: str, *responses: str) -> str:
                run = client.create_run(agent, model=HOSTILE_NAME, notes=f"{HOSTILE_NAME}\n" * 20)
                sent = [{"task_id": f"t-010{at}", "response": text} for at, text in enumerate(responses, 1)]
                assert {receipt.status for receipt in client.submit(run.run_id, sent)} == {"stored"}
                client.complete_run(run.run_id, partial=True)
                return run.run_id

            hostile = {name: store(HOSTILE_NAME, text) for name, text in HOSTILE.items()}
            yield Stage(url, hostile, store("sound", RIGHT, RIGHT), store("careless", ALTERED, RIGHT))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


class Watch:
    """A page that is watched: what it ran, asked for, and said."""

    def __init__(self, browser: Any, **options: Any) -> None:
        self.context = browser.new_context(**{"viewport": DESKTOP, **options})
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("dialog", lambda dialog: (self.said.append(f"dialog {dialog.message}"), dialog.dismiss()))
        self.page.on("pageerror", lambda error: self.said.append(f"error {error}"))
        self.page.on("console", lambda line: self.said.append(f"console {line.type} {line.text}"))

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: Any) -> None:
        self.context.close()


LAYOUT = """() => {
  const box = (found) => { const b = found.getBoundingClientRect(); return [b.left, b.right, b.width, b.height]; };
  const wide = [...document.querySelectorAll("main > *")].filter((one) => one.getBoundingClientRect().right
    > document.documentElement.clientWidth + 1).map((one) => one.tagName);
  return {
    sideways: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    header: box(document.querySelector("body > header")), footer: box(document.querySelector("body > footer")),
    height: document.documentElement.scrollHeight, wide,
    strange: document.querySelectorAll("main script, main iframe, main img, main style, main base, main meta, main "
      + "foreignObject, main object, main embed, main [onerror], main [onload], main [style]").length,
    pwned: window.pwned === undefined ? null : window.pwned, title: document.title,
    direction: getComputedStyle(document.querySelector("main")).direction,
  };
}"""


def assert_harmless(watch: Watch, url: str, title: str) -> dict[str, Any]:
    """No script ran, nothing was asked of another host, and the page is as wide as its window and in order."""
    found: dict[str, Any] = watch.page.evaluate(LAYOUT)
    assert found["pwned"] is None and found["title"].startswith(title), found
    assert watch.said == [], watch.said
    assert [one for one in watch.requests if not one.startswith(url)] == []
    assert found["strange"] == 0 and found["wide"] == [] and found["direction"] == "ltr", found
    assert found["sideways"] <= 0, found
    assert found["header"][3] < 200 and found["footer"][2] > 300 and found["height"] < 9000, found
    return found


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_response_is_text(stage: Stage, browser: Any, name: str, viewport: dict[str, int]) -> None:
    run = f"{stage.url}/runs/{stage.hostile[name]}"
    with Watch(browser, viewport=viewport) as watch:
        for path, title in (("/responses/t-0101/page", "Response to t-0101"), ("/page", "Run of <img")):
            answer = watch.page.goto(run + path)
            assert answer.status == 200 and "content-security-policy" in answer.headers
            # What waits for a pointer or the focus gets both.
            for place in watch.page.query_selector_all("main pre, main blockquote, main .text")[:6]:
                place.hover(force=True)
            watch.page.keyboard.press("Tab")
            assert_harmless(watch, stage.url, title)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_response_is_tried_by_hand(stage: Stage, browser: Any, name: str) -> None:
    """The field holds the very text that was sent, and the page that answers is as harmless."""
    with Watch(browser) as watch:
        watch.page.goto(f"{stage.url}/try")
        # As a program may send it: the browser's own field would leave some characters out.
        watch.page.eval_on_selector("#response", "(field, text) => { field.value = text; }", HOSTILE[name])
        sent = watch.page.input_value("#response")
        watch.page.click(SCORE)
        watch.page.wait_for_selector("#result")
        assert_harmless(watch, stage.url, "Try a response")
        # HTML has no NUL, and shows another character in its place.
        assert watch.page.input_value("#response").strip("\n\ufffd") == sent.strip("\n\x00")


def test_hostile_names_on_the_leaderboard(stage: Stage, browser: Any) -> None:
    for viewport in (DESKTOP, PHONE):
        with Watch(browser, viewport=viewport) as watch:
            watch.page.goto(f"{stage.url}/leaderboard?runs=partial")
            assert watch.page.locator("tbody tr").count() == len(HOSTILE) + 2
            assert watch.page.locator("tbody tr a").first.inner_text() == "sound"
            assert_harmless(watch, stage.url, "Leaderboard of eval")
            assert HOSTILE_NAME in watch.page.locator("tbody").inner_text()
            watch.page.fill("input[name=agent]", HOSTILE_NAME)
            watch.page.click("text=Show")
            assert watch.page.locator("tbody tr").count() == len(HOSTILE)
            assert watch.page.input_value("input[name=agent]") == HOSTILE_NAME
            assert_harmless(watch, stage.url, "Leaderboard of eval")


PAGES = {
    "leaderboard": "/leaderboard?runs=partial",
    "empty leaderboard": "/leaderboard?profile=strict",
    "run": "/runs/{sound}/page",
    "response": "/runs/{careless}/responses/t-0101/page",
    "refused response": "/runs/{refused}/responses/t-0101/page",
    "hostile response": "/runs/{hostile}/responses/t-0101/page",
    "comparison": "/compare?run={sound}&run={careless}",
    "try": "/try",
    "error": "/runs/run-none/page",
}


def address(stage: Stage, page: str) -> str:
    ids = {"sound": stage.sound, "careless": stage.careless, "refused": stage.hostile["control characters"]}
    return stage.url + PAGES[page].format(**ids, hostile=stage.hostile["forty quotations"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_pages_can_be_read_by_all(stage: Stage, browser: Any, page: str, scheme: str) -> None:
    """No violation of WCAG 2.2, levels A and AA, that axe-core finds, on a desktop and on a phone."""
    for viewport in (DESKTOP, PHONE):
        with Watch(browser, viewport=viewport, color_scheme=scheme) as watch:
            watch.page.goto(address(stage, page))
            found = axe.Axe().run(watch.page, options={"runOnly": WCAG})
            assert found.violations_count == 0, found.generate_report()
            if page == "try":
                watch.page.fill("#response", ALTERED)
                watch.page.click(SCORE)
                watch.page.wait_for_selector("#result")
                found = axe.Axe().run(watch.page, options={"runOnly": WCAG})
                assert found.violations_count == 0, found.generate_report()


def test_a_quotation_is_marked_with_what_was_altered(stage: Stage, browser: Any) -> None:
    with Watch(browser) as watch:
        watch.page.goto(address(stage, "response"))
        assert watch.page.locator("mark.altered").inner_text() == "Radiotherapy was 54 Gy in 30 fractions"
        assert watch.page.locator(".difference del").inner_text().endswith("54")
        assert watch.page.locator(".difference ins").inner_text().endswith("59")
        assert "'59' where the context has '54'" in watch.page.locator(".edits").inner_text()
        watch.page.click("sup a")
        assert watch.page.url.endswith("#quotation-1")
        watch.page.click("text=Next response")
        assert watch.page.locator(".verdict.absent").first.inner_text() == "absent"


def test_a_keyboard_is_enough(stage: Stage, browser: Any) -> None:
    with Watch(browser) as watch:
        page = watch.page
        page.goto(address(stage, "leaderboard"))
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        boxes = page.locator("input[name=run]")
        for number in range(2):
            boxes.nth(number).focus()
            page.keyboard.press("Space")
        page.locator("text=Compare two runs").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/compare?**")
        assert page.locator("h1").inner_text() == "Two runs compared"
        page.goto(f"{stage.url}/try")
        page.locator("#response").focus()
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(
            render_response(think="", proof="Median overall survival was 11.2 months in the H3", answer="11.2 months")
        )
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("#result")
        assert "+1.00" in page.locator(".outcome").inner_text()
        assert watch.said == []


def test_a_selection_becomes_a_quotation(stage: Stage, browser: Any) -> None:
    with Watch(browser) as watch:
        page = watch.page
        page.goto(f"{stage.url}/try")
        page.click("#quote")
        assert "Select a sentence" in page.locator("#quote-state").inner_text()
        page.evaluate("getSelection().selectAllChildren(document.getElementById('context'))")
        page.click("#quote")
        assert "Median overall survival was 11.2 months" in page.input_value("#response").partition("</proof>")[0]


def test_pages_work_without_scripts(stage: Stage, browser: Any) -> None:
    with Watch(browser, java_script_enabled=False) as watch:
        page = watch.page
        page.goto(address(stage, "leaderboard"))
        page.locator("input[name=run]").nth(0).check()
        page.click("text=Compare two runs")
        assert "1 runs were chosen; choose two" in page.locator("main").inner_text()
        page.go_back()
        page.locator("input[name=run]").nth(1).check()
        page.click("text=Compare two runs")
        assert page.locator("tbody tr").count() == 11
        page.goto(f"{stage.url}/try")
        page.fill("#response", "no form")
        page.click(SCORE)
        assert "not the strict form" in page.locator("#result").inner_text()


def test_filters_and_links(stage: Stage, browser: Any) -> None:
    with Watch(browser) as watch:
        page = watch.page
        page.goto(address(stage, "run"))
        assert page.locator("#responses ~ .scroll tbody tr").count() == 2
        page.click("nav.choices >> text=Hallucinated")
        assert page.url.endswith("show=hallucinated#responses")
        assert page.locator("nav.choices a[aria-current]").inner_text() == "Hallucinated"
        page.goto(address(stage, "leaderboard"))
        page.click("main >> text=JSON")
        assert '"runs":[' in page.content()


def test_errors_are_pages(stage: Stage) -> None:
    with httpx.Client(base_url=stage.url) as client:
        for path, status in (
            ("/runs/run-none/page", 404),
            (f"/runs/{stage.sound}/responses/t-none/page", 404),
            (f"/runs/{stage.sound}/responses/%00/page", 404),
            (f"/runs/{stage.sound}/page?show=<script>", 422),
            ("/leaderboard?split=<script>alert(1)</script>", 404),
            ("/leaderboard?agent=%1b[31m", 422),
            ("/leaderboard?offset=-1", 422),
            ("/compare", 422),
            (f"/compare?run={stage.sound}", 422),
            (f"/compare?run={stage.sound}&run=run-none", 404),
            ("/try?task=t-0101", 403),
            ("/try?split=eval", 404),
            ("/try?task=t-none", 404),
        ):
            answer = client.get(path)
            assert answer.status_code == status, (path, answer.text)
            assert answer.headers["content-type"] == "text/html; charset=utf-8" and "<script>" not in answer.text
            assert "For research, never for patients." in answer.text
        assert client.get("/", follow_redirects=True).status_code == 200
        assert client.get("/static/style.css").headers["content-type"].startswith("text/css")
        assert client.get("/static/..%2fpages.py").status_code == 404
        assert client.post("/try", data={"task": "t-0101", "response": "x", "profile": "soft"}).status_code == 403
        large = client.post("/try", data={"task": "t-0001", "response": "x" * 70_000, "profile": "soft"})
        assert large.status_code == 200 and "the limit is 65536" in large.text


def test_the_pictures_of_the_documentation_are_there() -> None:
    docs = Path(__file__).parents[1] / "docs"
    text = (docs / "leaderboard.md").read_text(encoding="utf-8")
    for name in ("leaderboard", "run", "response", "compare", "try", "leaderboard-phone-dark", "response-phone-dark"):
        assert (docs / "pictures" / f"{name}.png").stat().st_size > 10_000
        assert f"pictures/{name}.png" in text

"""The report in a real browser, from disk, with the network off: nothing runs, nothing loads, axe finds nothing bad."""

import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hostile_texts import HOSTILE, hostile_run
from vcpd.evals.annotated_answer import annotate_answer
from vcpd.evals.annotated_forms import annotated_html
from vcpd.evals.cli import run_cli
from vcpd.retrieval.passages import Document
from vcpd.verifiers.lexical import LexicalVerifier

BROWSER = next((b for name in ("chromium", "chromium-browser", "google-chrome") if (b := shutil.which(name))), None)
pytestmark = [
    pytest.mark.skipif(find_spec("playwright") is None, reason="Playwright is not installed (pip install '.[dev]')"),
    pytest.mark.skipif(BROWSER is None, reason="no browser is installed (chromium or google-chrome)"),
]


@pytest.fixture(scope="module")
def browser(pages: dict[str, Path]) -> Iterator[Any]:  # pages first: a run needs a loop of its own
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("browser")
    assert run_cli(["run", "--domain", "legal", "--limit", "30", "--out", str(folder / "legal"), "--quiet"]) == 0
    made = {"legal": folder / "legal.html", "hostile": folder / "hostile.html", "annotated": folder / "annotated.html"}
    assert run_cli(["report", str(folder / "legal"), "--out", str(made["legal"]), "--quiet"]) == 0
    run = hostile_run(folder)
    assert run_cli(["report", str(run), "--out", str(made["hostile"]), "--quiet", "--worst", "40"]) == 0
    text = " ".join(f"It says {t} [1]." for t in HOSTILE.values())
    annotated = annotate_answer(text, [Document("guide", " ".join(HOSTILE.values()))], LexicalVerifier(), question=text)
    made["annotated"].write_text(annotated_html(annotated, whole_page=True), encoding="utf-8")
    return made


@pytest.mark.parametrize("width", [1440, 400])
@pytest.mark.parametrize("name", ["legal", "hostile", "annotated"])
def test_a_page_opens_offline_and_runs_nothing(browser: Any, pages: dict[str, Path], name: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto(pages[name].as_uri())
    assert asked == [pages[name].as_uri()]
    assert said == []
    assert page.evaluate("window.pwned") is None
    assert page.evaluate("document.querySelectorAll('script, img, iframe, [onload], [onerror]').length") == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("getComputedStyle(document.body).display") == "block"  # the style that hides it did not apply
    context.close()


@pytest.mark.parametrize("name", ["legal", "hostile", "annotated"])
def test_axe_finds_no_serious_violation(browser: Any, pages: dict[str, Path], name: str) -> None:
    if find_spec("axe_playwright_python") is None:
        pytest.skip("axe-core is not installed (pip install axe-playwright-python)")
    from axe_playwright_python.base import AXE_FILE_PATH  # type: ignore[import-untyped,unused-ignore]

    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(pages[name].as_uri())
    page.evaluate(Path(AXE_FILE_PATH).read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    bad = [(v["id"], v["impact"], v["nodes"][0]["html"][:200]) for v in found if v["impact"] in ("serious", "critical")]
    assert bad == []
    page.close()


def test_hostile_words_are_there_to_be_read(browser: Any, pages: dict[str, Path]) -> None:
    page = browser.new_page()
    page.goto(pages["hostile"].as_uri())
    shown = page.evaluate("document.body.innerText")
    for name in ("script", "attribute", "formula", "command", "template", "comment"):
        assert HOSTILE[name] in shown, name
    assert "\u241b[31mred" in shown
    page.close()

"""The review in a real browser: labelled by keyboard, killed, resumed, disputed, decided, and scored by hand."""

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from review_cases import (
    HOSTILE,
    answer_row,
    browser_path,
    estimates,
    events,
    free_port,
    hostile_row,
    scored_run,
    serving,
    wait_for,
)
from vcpd.evals.cli import run_cli

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (pip install '.[browser]')")
CHROMIUM = browser_path()
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed (name one in VCPD_CHROMIUM)")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def opened(context: Any, url: str, name: str | None = None) -> Any:
    page = context.new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda said: page.errors.append(said.text) if said.type == "error" else None)
    page.goto(url)
    if name:
        page.fill("#name", name)
        page.keyboard.press("Enter")
    page.wait_for_selector("#work:not([hidden]), #empty:not([hidden])")
    return page


def number(page: Any) -> int:
    return int("".join(c for c in page.inner_text("#question") if c.isdigit()))


def press(page: Any, run: Path, keys: Sequence[str], kind: str = "label") -> None:
    """Label by these keys, and wait until the next answer is there."""
    before, question = len(events(run, kind)), page.inner_text("#question")
    for key in keys:
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    wait_for(lambda: len(events(run, kind)) == before + 1)
    left(page, question)


def left(page: Any, question: str) -> None:
    """Wait until the page shows another question, or none."""
    wait_for(lambda: page.is_visible("#empty") or page.inner_text("#question") != question)


def counted(page: Any, labels: int) -> None:
    """Wait until the page shows so many labels of its reviewer."""
    wait_for(lambda: f"yours: {labels}" in page.inner_text("#count"))


def is_wrong(n: int) -> bool:
    """What the first reviewer finds: the key is right but for number 10, which is in fact right, and 11 and 12."""
    return (n < 8 or n % 5 == 0 or n in (11, 12)) and n != 10


def test_labels_by_keyboard_survive_a_kill_and_change_the_numbers_as_by_hand(browser: Any, tmp_path: Path) -> None:
    run = scored_run(tmp_path, [answer_row(n) for n in range(40)])
    before = estimates(run)
    port, options = str(free_port()), ["--labels", "20", "--double-share", "1"]
    anna = browser.new_context(viewport={"width": 1440, "height": 900})
    with serving(run, *options, "--port", port) as [url]:
        page = opened(anna, url, "Anna")
        for _ in range(12):
            press(page, run, "sw3" if is_wrong(number(page)) else "spc")
        half_done = number(page)
        page.keyboard.press("w")
        page.keyboard.press("1")
        page.keyboard.press("m")
        page.keyboard.type("a thought")
        wait_for(lambda: "a thought" in page.evaluate("JSON.stringify(localStorage)"))
    # the server is dead: the label is kept in the page, and sent when a server is there again
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    page.keyboard.press("Enter")
    page.wait_for_selector("#banner:not([hidden])")
    assert "kept in this browser" in page.inner_text("#banner")
    page.close()
    assert len(events(run, "label")) == 12
    with serving(run, "--port", port) as [url]:
        page = opened(anna, url, "Anna")
        wait_for(lambda: len(events(run, "label")) == 13)
        [kept] = [e for e in events(run, "label") if e["sample_id"] == f"q{half_done}"]
        assert (kept["outcome"], kept["note"], kept["reviewer"]) == ("correct", "a thought", "Anna")
        page.keyboard.press("b")  # and corrected: the last label counts
        wait_for(lambda: number(page) == half_done)
        assert page.input_value("#note") == "a thought"
        press(page, run, "w3" if is_wrong(half_done) else "c")
        while page.is_hidden("#empty"):
            press(page, run, "w3" if is_wrong(number(page)) else "c")
        assert "yours: 20" in page.inner_text("#count")
        assert not page.errors
        assert all(0 < e["seconds"] < 60 for e in events(run, "label"))

        ben = browser.new_context(viewport={"width": 400, "height": 800})
        other = opened(ben, url, "Ben")
        disputed = []
        while other.is_hidden("#empty"):
            n = number(other)
            disagrees = len(disputed) < 3 and not is_wrong(n)
            disputed += [n] if disagrees else []
            press(other, run, "w1" if disagrees or is_wrong(n) else "c")
        assert "3 disagreements" in other.inner_text("#empty-text")
        assert other.evaluate("document.documentElement.scrollWidth") <= 400

        assert run_cli(["score", str(run), "--quiet"]) == 0
        assert json.loads((run / "manifest.json").read_text())["review"]["disputed"] == 3
        other.keyboard.press("d")
        decided = {}
        for _ in range(3):
            other.wait_for_selector("#said:not([hidden])")
            assert "Reviewer 1: Correct" in other.inner_text("#said")
            assert "Anna" not in other.inner_text("body")
            n = number(other)
            decided[n] = len(decided) == 0  # the first of them is decided to be wrong
            press(other, run, "w2" if decided[n] else "c", "adjudication")
        assert sorted(decided) == sorted(disputed)
        assert not other.errors
    check_numbers(run, before, decided)


def check_numbers(run: Path, before: dict[str, Any], decided: dict[int, bool]) -> None:
    """p = W t1 + (1 - W) t0, sensitivity = W t1 / p of the verifier's own strata, C_v = H / p; all counted here."""
    assert run_cli(["score", str(run), "--quiet"]) == 0
    after = estimates(run)
    [plan] = events(run, "plan")
    picked = [int(item["sample_id"][1:]) for item in plan["items"]]
    flagged = {n for n in range(40) if n < 8 or n % 5 == 0}
    assert len([n for n in picked if n in flagged]) == len([n for n in picked if n not in flagged]) == 10
    wrong = {n for n in picked if decided.get(n, is_wrong(n))}
    w, t1, t0 = len(flagged) / 40, len(wrong & flagged) / 10, len(wrong - flagged) / 10
    p = w * t1 + (1 - w) * t0
    assert before["p"]["value"] == w
    assert after["p"]["value"] == pytest.approx(p)
    assert "people's labels correct the automatic evaluator" in after["p"]["note"]
    assert after["p"]["low"] < p < after["p"]["high"]
    # the verifier rejects what the source contradicts, which is what the key calls wrong: the same strata
    assert after["sensitivity"]["value"] == pytest.approx(w * t1 / p)
    assert after["specificity"]["value"] == pytest.approx(1 - w * (1 - t1) / (1 - p))
    assert after["c_v_usd"]["value"] == pytest.approx(after["h_usd"]["value"] / p)
    assert after["c_v_usd"]["value"] != pytest.approx(before["c_v_usd"]["value"])
    # 20 answers with two labels each, of which three pairs disagree (nominal alpha: Krippendorff 2004)
    a = wrong_first = len({n for n in picked if is_wrong(n)})
    kinds = {"incorrect": 2 * a + 3, "correct": 40 - (2 * wrong_first + 3)}
    expected = 1 - 39 * 2 * 3 / (2 * kinds["incorrect"] * kinds["correct"])
    assert after["label_alpha"]["value"] == pytest.approx(expected)
    assert run_cli(["review", str(run), "--verify"]) == 0


def test_hostile_texts_are_shown_as_text(browser: Any, tmp_path: Path) -> None:
    run = scored_run(tmp_path, [hostile_row(n) for n in range(len(HOSTILE))])
    context = browser.new_context(viewport={"width": 400, "height": 800})
    with serving(run, "--labels", "20", "--double-share", "0", "--port", "0") as [url]:
        page = opened(context, url, "<b>Eve</b>")
        seen = ""
        for n in range(len(HOSTILE)):
            page.wait_for_selector("#work:not([hidden])")
            seen += page.inner_text("#question") + page.inner_text("#answer") + page.inner_text("#sources")
            assert page.title() == "Review of answers"
            assert (
                page.evaluate("document.querySelectorAll('main img, main a, main script, main b, main style').length")
                == 0
            )
            assert page.evaluate("document.documentElement.scrollWidth") <= 400
            page.keyboard.press("m")
            page.keyboard.type("=cmd|' /C calc'!A0 <img src=x onerror=alert(1)>")
            press(page, run, ["Escape", "c"])
            counted(page, n + 1)
        assert "<script>document.title='owned'</script>" in seen
        assert "onerror=" in seen
        assert "javascript:document.title" in seen
        assert "\x1b" not in seen
        assert "\u202e" not in seen
        assert "{{ 7*7 }}" in seen
        assert not page.errors
    assert run_cli(["score", str(run), "--quiet"]) == 0
    file = tmp_path / "all.csv"
    assert run_cli(["review", str(run), "--export", str(file)]) == 0
    cells = [cell for row in csv.reader(file.read_text().splitlines(keepends=True)) for cell in row]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in cells)


def test_the_offline_page_labels_without_a_network(browser: Any, tmp_path: Path) -> None:
    rows = [answer_row(n) for n in range(12)]
    rows[3]["question"] = (
        "Mr. John Example, MRN 1234567, born on 3 March 1980, asks </script><script>alert(1)</script>?"
    )
    run = scored_run(tmp_path, rows)
    file = tmp_path / "out" / "for-ben.html"
    file.parent.mkdir()
    assert run_cli(["review", str(run), "--labels", "12", "--double-share", "0", "--offline", str(file)]) == 0
    context = browser.new_context(accept_downloads=True, offline=True)
    page = opened(context, file.as_uri(), "Ben")
    texts = ""
    for n in range(12):
        texts += (question := page.inner_text("#question"))
        for key in ("s", "c", "Enter"):
            page.keyboard.press(key)
        counted(page, n + 1)
        left(page, question)
        if n == 5:  # the tab dies
            page.close()
            page = context.new_page()
            page.goto(file.as_uri())
            page.fill("#name", "Ben")
            page.keyboard.press("Enter")
            page.wait_for_selector("#work:not([hidden])")
    assert "[name]" in texts
    assert "Example" not in file.read_text()
    assert "1234567" not in file.read_text()
    with page.expect_download() as download:
        page.keyboard.press("l")
    labels = tmp_path / "labels.jsonl"
    download.value.save_as(labels)
    assert not events(run, "label")
    for times in (1, 2):  # the second import changes nothing
        assert run_cli(["review", str(run), "--import", str(labels)]) == 0
        assert len(events(run, "label")) == 12, times
    assert {e["via"] for e in events(run, "label")} == {"offline"}
    assert run_cli(["review", str(run), "--verify"]) == 0


def test_the_clock_knows_pauses(browser: Any, tmp_path: Path) -> None:
    """Five minutes with a key at their beginning: two count. A minute of pause counts not at all."""
    run = scored_run(tmp_path, [answer_row(n) for n in range(6)])
    page = browser.new_context().new_page()
    with serving(run, "--labels", "6", "--port", "0") as [url]:
        page.clock.install()
        page.goto(url)
        page.fill("#name", "Ann")
        page.keyboard.press("Enter")
        wait_for(lambda: page.is_visible("#work"))
        page.keyboard.press("j")
        page.clock.run_for(300_000)
        page.keyboard.press("z")
        page.clock.run_for(60_000)
        assert "resting" in page.get_attribute("body", "class")
        page.keyboard.press("c")  # a paused page takes no label
        page.keyboard.press("z")
        page.clock.run_for(10_000)
        assert page.inner_text("#clock") in ("2:09", "2:10", "2:11")
        [draft] = page.evaluate(
            "Object.keys(localStorage).filter(k => k.includes('draft/')).map(k => JSON.parse(localStorage[k]))"
        )
        assert draft["seconds"] == pytest.approx(130, abs=3)
        assert draft["paused_s"] == pytest.approx(240, abs=3)
        assert draft["outcome"] is None


def test_buttons_work_by_mouse_and_by_space_alone(browser: Any, tmp_path: Path) -> None:
    run = scored_run(tmp_path, [answer_row(n) for n in range(6)])
    with serving(run, "--labels", "6", "--double-share", "0", "--port", "0", "--reviewer", "Ann") as [url]:
        page = opened(browser.new_context(), url)
        page.click("#claim-choices [data-value=supported]")
        page.click("#outcome-choices [data-value=incorrect]")
        page.focus("#harm-choices [data-value=minor]")
        page.keyboard.press("Space")
        assert page.evaluate("document.activeElement.dataset.value") == "minor"
        question = page.inner_text("#question")
        page.click("#save")
        left(page, question)
        [label] = events(run, "label")
        assert (label["outcome"], label["harm"], label["claims"]) == ("incorrect", "minor", {"0": "supported"})
        other = opened(page.context, url)  # a second tab of the same reviewer: the same answer, saved once
        assert other.inner_text("#question") == page.inner_text("#question")
        press(other, run, "c")
        page.keyboard.press("c")
        page.keyboard.press("Enter")
        wait_for(lambda: page.inner_text("#question") == other.inner_text("#question"))
        assert len({e["sample_id"] for e in events(run, "label")}) == 2
        assert not page.errors

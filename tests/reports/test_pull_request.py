"""The comment on a pull request: short, understood without a manual, and inert whatever models write."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from vcpd.reports.gate_json import gate_json
from vcpd.reports.gate_view import ClaimView, Flips, GateView, NewlyWrong
from vcpd.reports.junit import junit
from vcpd.reports.markdown_text import inert
from vcpd.reports.pull_request import LONGEST, MARKER, pull_request
from vcpd.scoring.gate import LIMIT, Evidence, GateTest, Margin, Role, Verdict, decide

MARKDOWN = MarkdownIt("commonmark", {"html": True, "linkify": True}).enable(["table", "linkify", "strikethrough"])
HOSTILE = (
    "</details><script>alert(1)</script> ![x](http://evil.example/a.png) [y](javascript:alert(1)) @admin closes #1 "
    "`code` **bold** | cell | <img src=x onerror=alert(1)> https://evil.example www.evil.example GH-12 ~~gone~~ "
    "<!-- vcpd gate --> &lt;b&gt; \u202eexe.txt \x00\x1b[31m\ud800 a@b.example\n# title\n- item\n| a |\n|--|\n"
)


def case(
    measure: str, p_inferior: float, p_no_loss: float, *, loss: float = 0.02, role: Role = Role.PRIMARY
) -> GateTest:
    evidence = Evidence(
        0.1, 0.1 + loss, loss, loss - 0.01, loss + 0.01, p_inferior, p_no_loss, 300, 300, "t", 0.04, 120
    )
    return GateTest("legal", measure, role, Margin(0.03, "default"), evidence, model="new")


def view(verdict: Verdict = Verdict.FAIL, **more: object) -> GateView:
    p = {Verdict.PASS: (0.01, 0.5), Verdict.FAIL: (0.9, 0.001), Verdict.INCONCLUSIVE: (0.3, 0.3)}[verdict]
    tests = [case("p", *p, loss=0.1)]
    tests += [case(m, 0.01, 0.5, loss=0, role=Role.GUARD) for m in ("correct", "abstained")]
    tests.append(case("wrong", 0.9, 0.9, role=Role.INFORMATION))
    return replace(GateView(decide(tests), "new", "old", flips={"legal": Flips(9, 2)}), **more)  # type: ignore[arg-type]


def wrong(text: str) -> NewlyWrong:
    return NewlyWrong(text, text, text, text, text, "correct", text, text, (ClaimView(text, text, (text, text)),))


def html(markdown: str) -> str:
    return str(MARKDOWN.render(markdown))


def test_a_failure_says_where_by_how_much_and_what_was_allowed() -> None:
    lines = pull_request(view()).splitlines()
    assert lines[0] == MARKER
    assert lines[1] == "### ❌ Model gate: FAIL"
    assert lines[3] == "A loss is proven in legal (p)."
    assert lines[7] == (
        "| **legal** | 10.0% → 20.0% ❌ | +10.0 (+9.0 to +11.0), allowed +3.0 "
        "| 10.0% → 10.0% | 10.0% → 10.0% | ❌ FAIL |"
    )
    assert "Newly wrong answers: 9 (and 2 that no longer are)" in "\n".join(lines)


def test_what_would_settle_it_stands_unfolded() -> None:
    text = pull_request(view(Verdict.INCONCLUSIVE, inconclusive="fail"))
    head = text.split("<details>")[0]
    assert "INCONCLUSIVE (counted as a failure)" in head
    assert "about 120 more items would settle it" in head


@pytest.mark.parametrize("verdict", list(Verdict))
def test_the_unfolded_part_fits_one_screen(verdict: Verdict) -> None:
    shown = html(pull_request(view(verdict)).split("<details>")[0])
    assert len(re.findall(r"<(?:p|h3|tr|li)>", shown)) <= 12
    assert len(re.sub("<[^>]*>", "", shown)) < 900


def test_what_models_write_stays_text() -> None:
    text = pull_request(
        view(newly_wrong=(wrong(HOSTILE),) * 3, notes=(HOSTILE,), identity={HOSTILE: HOSTILE}, baseline=HOSTILE)
    )
    page = html(text)
    assert text.count(MARKER) == 1
    for tag in ("<script", "<img", "<a ", "<a>", "<code", "<del", "<h1", "<em"):
        assert tag not in page, tag
    assert page.count("<details>") == page.count("</details>") == 3
    assert page.count("<table>") == 2
    assert not re.search(r"[@#]\w", re.sub(r"&#\d+;", "", re.sub("<[^>]*>", "", page)))
    assert not any(c in text for c in "\x00\x1b\u202e\ud800")


@given(st.text(max_size=400))
def test_any_text_is_one_line_of_text(text: str) -> None:
    line = inert(text)
    assert "\n" not in line
    rendered = html(f"| a | b |\n|:--|:--|\n| {line} | end |\n")
    assert rendered.count("<td") == 2
    line.encode()


def test_a_megabyte_is_cut() -> None:
    assert len(inert("x" * 1_000_000)) <= 303
    assert len(pull_request(view(newly_wrong=(wrong("<" * 1_000_000),) * 20))) <= LONGEST


def test_a_launch_shows_every_limit() -> None:
    limits = [replace(case(m, 0.01, 0.5), against=LIMIT) for m in ("p", "q", "abstention_recall")]
    text = pull_request(GateView(decide(limits), "new"))
    assert "| **legal** | Q (right among delivered) | .120 | [.010, .030] | at least .030 | ✅ PASS |" in text
    assert "Every launch limit is kept" in text


def test_xml_holds_no_forbidden_character() -> None:
    from xml.etree import ElementTree

    finding = replace(case("p", 0.9, 0.001), domain=HOSTILE, model=HOSTILE)
    root = ElementTree.fromstring(junit(GateView(decide([finding]), "new", "old")).encode("utf-8", "replace"))
    assert len(list(root.iter("failure"))) == 1


def test_numbers_that_json_does_not_know_are_null() -> None:
    endless = case("p", 0.9, 0.001)
    assert endless.evidence is not None
    endless = replace(endless, evidence=replace(endless.evidence, upper=float("inf")))
    data = gate_json(GateView(decide([endless]), "new", "old"))
    assert data["findings"][0]["evidence"]["upper"] is None

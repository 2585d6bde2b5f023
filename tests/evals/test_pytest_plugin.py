"""The gate as pytest items: only where it is asked for, one for each test that blocks, red where it must be."""

import json
import subprocess
from importlib.metadata import entry_points
from importlib.util import find_spec

import pytest
from vcpd.evals import pytest_plugin

pytest_plugins = ["pytester"]

EVIDENCE = {"baseline": 0.11, "candidate": 0.26, "loss": 0.15, "lower": 0.1, "upper": 0.2, "n": 300}


def finding(domain, measure, verdict, **more):
    base = {"domain": domain, "model": "acme", "measure": measure, "against": "baseline", "verdict": verdict}
    return base | {"reason": "why", "margin": 0.05, "margin_source": "pack", "evidence": EVIDENCE} | more


REPORT = {
    "schema": 1,
    "verdict": "FAIL",
    "notes": ["note"],
    "findings": [
        finding("legal", "p", "PASS"),
        finding("legal", "correct", "INCONCLUSIVE", evidence=EVIDENCE | {"more_items": 120, "more_of": "items"}),
        finding("medical", "p", "FAIL"),
        finding("medical", "wrong", None),
    ],
}


@pytest.fixture
def gate(monkeypatch):
    """What `vcpd gate` prints and how it was called."""
    calls = []
    said = {"stdout": json.dumps(REPORT), "stderr": "", "code": 1}

    def run(words, **_):
        calls.append(words)
        return subprocess.CompletedProcess(words, said["code"], said["stdout"], said["stderr"])

    monkeypatch.setattr(pytest_plugin.subprocess, "run", run)
    return said, calls


def run(pytester, *arguments):
    installed = any(e.value == "vcpd.evals.pytest_plugin" for e in entry_points(group="pytest11"))
    plugin = [] if installed else ["-p", "vcpd.evals.pytest_plugin"]
    return pytester.runpytest_inprocess(*plugin, "-p", "no:cacheprovider", *arguments)


RUNS = ("--vcpd-baseline", "a", "--vcpd-candidate", "b")


def test_nothing_happens_unless_asked(pytester, gate):
    pytester.makepyfile("def test_own(): pass")
    run(pytester).assert_outcomes(passed=1)
    assert gate[1] == []


def test_one_item_for_each_test_that_blocks(pytester, gate):
    pytester.makepyfile("def test_own(): pass")
    result = run(pytester, *RUNS, "-v")
    result.assert_outcomes(passed=2, failed=2)
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            "vcpd-gate::legal-p-acme PASSED*",
            "vcpd-gate::legal-correct-acme FAILED*",
            "vcpd-gate::medical-p-acme FAILED*",
            "INCONCLUSIVE: why",
            "p 0.11 to 0.26, loss 0.15 [[]0.1, 0.2[]], margin 0.05 (pack), n 300",
        ]
    )
    assert "about 120 more items would settle it" in result.stdout.str()
    assert "Traceback" not in result.stdout.str()
    words = gate[1][0]
    assert words[words.index("--candidate") + 1] == "b"
    assert words[words.index("--baseline") + 1] == "a"


@pytest.mark.parametrize(
    ("option", "outcomes"),
    [
        ("fail", {"passed": 1, "failed": 2}),
        ("pass", {"passed": 2, "failed": 1}),
        ("neutral", {"passed": 1, "failed": 1, "skipped": 1}),
    ],
)
def test_an_open_test_counts_as_told(pytester, gate, option, outcomes):
    run(pytester, *RUNS, "--vcpd-on-inconclusive", option).assert_outcomes(**outcomes)


def test_items_are_chosen_by_name_like_any_other(pytester, gate):
    run(pytester, *RUNS, "-k", "legal and not correct").assert_outcomes(passed=1, deselected=2)


def test_more_options_reach_the_gate(pytester, gate):
    run(pytester, *RUNS, "--vcpd-args", "--margin 0.02 --domain 'my law'")
    assert gate[1][0][-4:] == ["--margin", "0.02", "--domain", "my law"]


@pytest.mark.parametrize(("stdout", "code"), [("", 64), ("{}", 0), ("[]", 0), ('{"verdict": "MAYBE"}', 0)])
def test_without_a_verdict_pytest_stops_with_the_reason(pytester, gate, stdout, code):
    gate[0].update(stdout=stdout, stderr="vcpd: the packs differ", code=code)
    result = run(pytester, *RUNS)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*vcpd gate gave no verdict: vcpd: the packs differ"])


def test_a_verdict_that_no_item_shows_is_an_item(pytester, gate):
    gate[0]["stdout"] = json.dumps({"verdict": "INCONCLUSIVE", "findings": [], "notes": ["no test could be made"]})
    result = run(pytester, *RUNS, "-v")
    result.assert_outcomes(failed=1)
    assert "INCONCLUSIVE: no test could be made" in result.stdout.str()


def test_a_baseline_alone_is_refused(pytester, gate):
    assert run(pytester, "--vcpd-baseline", "a").ret == pytest.ExitCode.USAGE_ERROR


@pytest.mark.skipif(find_spec("vcpd.evals.gate") is None, reason="the gate is not part of this checkout")
def test_the_real_gate_passes_a_run_against_itself(pytester):
    from vcpd.evals.cli import run_cli

    rows = [
        {"sample_id": f"q{i}", "model": "m", "domain": "d", "question": "q", "answer": "It is 4.", "target": "4"}
        for i in range(200)
    ]
    pytester.path.joinpath("a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run_cli(["score", str(pytester.path / "a.jsonl"), "--out", str(pytester.path / "run"), "--quiet"]) == 0
    result = run(pytester, "--vcpd-baseline", "run", "--vcpd-candidate", "run", "--vcpd-args", "--margin 0.05")
    assert result.ret == 0
    assert result.parseoutcomes()["passed"] >= 1

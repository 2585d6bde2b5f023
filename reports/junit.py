"""JUnit XML of a gate: a suite for each domain, a case for each blocking test."""

import re
from xml.etree.ElementTree import Element, SubElement, tostring

from ..scoring.gate import Finding, Verdict
from . import gate_words as words
from .gate_view import GateView

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(view: GateView) -> str:
    """The XML document. An open test is a failure, a pass or skipped, as the gate counts it."""
    decision = view.decision
    root = Element("testsuites", name="vcpd gate")
    for domain in dict.fromkeys(f.test.domain for f in decision.blocking):
        mine = [f for f in decision.blocking if f.test.domain == domain]
        suite = SubElement(root, "testsuite", name=_clean(f"vcpd gate: {domain}"), tests=str(len(mine)))
        for f in mine:
            _case(suite, f, view)
        for kind in ("failure", "skipped"):
            suite.set(f"{kind}s" if kind == "failure" else kind, str(sum(1 for _ in suite.iter(kind))))
        suite.set("errors", "0")
    for name in ("tests", "failures", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    root.set("errors", "0")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _case(suite: Element, f: Finding, view: GateView) -> None:
    t = f.test
    name = t.measure if t.against == "baseline" else f"{t.measure} ({t.against})"
    case = SubElement(
        suite, "testcase", classname=_clean(f"vcpd.gate.{t.domain}"), name=_clean(f"{name} {t.model}".strip())
    )
    text = _clean(_said(f))
    if f.verdict is Verdict.FAIL:
        SubElement(case, "failure", message=_clean(f.reason), type="FAIL").text = text
    elif f.verdict is Verdict.INCONCLUSIVE and view.inconclusive == "fail":
        SubElement(case, "failure", message=_clean(f.reason), type="INCONCLUSIVE").text = text
    elif f.verdict is Verdict.INCONCLUSIVE and view.inconclusive == "neutral":
        SubElement(case, "skipped", message=_clean(f"INCONCLUSIVE: {text}"))
    else:
        SubElement(case, "system-out").text = text


def _said(f: Finding) -> str:
    t, e = f.test, f.test.evidence
    if e is None:
        return f.reason
    values = f"{words.share(e.baseline, t.measure)} to {words.share(e.candidate, t.measure)}"
    loss = f"loss {words.signed(e.loss, t.measure)} {words.bounds(e, t.measure, t.against)}"
    ends = f"{f.verdict}: {values}, {loss}, margin {words.margin(t)} ({t.margin.source}), n {e.n}. {f.reason}"
    return f"{ends}. {words.settle(f)}".strip()


def _clean(text: str) -> str:
    """Without the characters that XML forbids."""
    return _FORBIDDEN.sub("?", text)

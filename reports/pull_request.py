"""The comment on a pull request: verdict, one row a domain, the rest folded. Everything from outside is made inert."""

from collections.abc import Sequence

from ..scoring.gate import LIMIT, Finding, GateTest, Verdict
from . import gate_words as words
from .gate_tables import aa_line, drift_line
from .gate_view import GateView, NewlyWrong
from .markdown_text import inert

MARKER = "<!-- vcpd gate -->"
"""The first line, by which a comment is found again and updated in place."""

LONGEST = 60_000
"""Characters; code hosts refuse comments above 65,536."""

_SHOWN = ("p", "correct", "abstained")
_SIGNS = {Verdict.PASS: "✅", Verdict.FAIL: "❌", Verdict.INCONCLUSIVE: "⚠️"}
_COUNTED = {"fail": "counted as a failure", "pass": "counted as a pass", "neutral": "exit code 3"}


def pull_request(view: GateView) -> str:
    """The comment, in GitHub-flavoured Markdown."""
    verdict = view.decision.verdict
    counted = f" ({_COUNTED[view.inconclusive]})" if verdict is Verdict.INCONCLUSIVE else ""
    lines = [MARKER, f"### {_SIGNS[verdict]} Model gate: {verdict}{counted}", ""]
    said = words.headline(view)
    lines += [f"{inert(said[:1].upper() + said[1:], 600)}.", "", *_table(view), ""]
    lines += [f"- {inert(text, 400)}." for text in words.open_ends(view.decision)]
    if view.baseline is not None:  # the table of a launch shows every measure
        lines += [f"- {_failed(f)}" for f in view.decision.of(Verdict.FAIL) if f.test.measure not in _SHOWN]
    lines += ["", *_explained(view), ""]
    details = [_newly_wrong(view), _all_tests(view), _runs(view)]
    text = "\n".join([*lines, *(line for part in details for line in part)]) + "\n"
    if len(text) > LONGEST:
        details = [_newly_wrong(view, shown=3, longest=120), _all_tests(view), _runs(view)]
        text = "\n".join([*lines, *(line for part in details for line in part)]) + "\n"
    return text


def _table(view: GateView) -> list[str]:
    findings = [f for f in view.decision.findings if f.verdict is not None]
    if view.baseline is None:
        return _launch_table(findings, view.decision.alpha)
    rows = ["| domain | wrong among attempted (p) | p worse by | right answers | abstained* | verdict |"]
    rows.append("|:--|:--|:--|:--|:--|:--|")
    keys = dict.fromkeys((f.test.domain, f.test.model, f.test.against) for f in findings)
    several = len({model for _, model, _ in keys}) > 1
    for domain, model, against in keys:
        mine = {f.test.measure: f for f in findings if _key(f.test) == (domain, model, against)}
        every = {f.test.measure: f for f in view.decision.findings if _key(f.test) == (domain, model, against)}
        name = inert(domain, 60) + (f" ({inert(model, 60)})" if several else "")
        name += "" if against == "baseline" else " since the last release"
        cells = [
            _change(every.get("p")),
            _loss(every.get("p")),
            _change(every.get("correct")),
            _change(every.get("abstained")),
        ]
        rows.append(f"| **{name}** | {' | '.join(cells)} | {_worst([f.verdict for f in mine.values()])} |")
    return rows


def _key(test: GateTest) -> tuple[str, str, str]:
    return test.domain, test.model, test.against


def _launch_table(findings: Sequence[Finding], alpha: float) -> list[str]:
    rows = [f"| domain | limit | measured | {words.level(alpha)} | allowed | verdict |", "|:--|:--|:--|:--|:--|:--|"]
    several = len({f.test.model for f in findings}) > 1
    for f in findings:
        t, e = f.test, f.test.evidence
        name = inert(t.domain, 60) + (f" ({inert(t.model, 60)})" if several else "")
        value = "not measured" if e is None else words.share(e.candidate, t.measure)
        ends = "" if e is None else words.bounds(e, t.measure, LIMIT)
        least = t.measure in ("q", "abstention_recall")
        allowed = f"{'at least' if least else 'at most'} {words.margin(t)}"
        cells = [words.NAMES[t.measure], value, ends, allowed, _sign(f.verdict)]
        rows.append(f"| **{name}** | {' | '.join(cells)} |")
    return rows


def _change(f: Finding | None) -> str:
    if f is None or f.test.evidence is None:
        return "not measured"
    e = f.test.evidence
    sign = f" {_SIGNS[f.verdict]}" if f.verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE) else ""
    return f"{e.baseline:.1%} → {e.candidate:.1%}{sign}"


def _loss(f: Finding | None) -> str:
    if f is None or f.test.evidence is None:
        return "-"
    e = f.test.evidence
    return f"{_points(e.loss)} ({_points(e.lower)} to {_points(e.upper)}), allowed {_points(f.test.margin.value)}"


def _points(value: float) -> str:
    return f"{100 * value:+.1f}"


def _worst(verdicts: Sequence[Verdict | None]) -> str:
    return _sign(next((v for v in (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS) if v in verdicts), None))


def _sign(verdict: Verdict | None) -> str:
    return "-" if verdict is None else f"{_SIGNS[verdict]} {verdict}"


def _failed(f: Finding) -> str:
    e, t = f.test.evidence, f.test
    if e is None:
        return f"{inert(words.where(t), 120)}: {inert(f.reason)}"
    loss, least = words.signed(e.loss, t.measure), words.signed(e.lower, t.measure)
    return f"**{inert(words.where(t), 120)}** is worse by {loss}, at least {least}; {words.margin(t)} would be accepted"


def _explained(view: GateView) -> list[str]:
    candidate = inert(view.candidate, 120)
    if view.baseline is None:
        said = "against the limits of its packs. PASS: the bound keeps the limit. FAIL: it is missed for certain."
        return [f"<sub>{candidate} {said}</sub>"]
    said = (
        f"{candidate} against {inert(view.baseline, 120)}, the same questions in both. Worse by: percentage points "
        f"with their {words.level(view.decision.alpha)}. PASS: a loss of the allowed size is excluded. FAIL: a loss is "
        "proven. Else more questions are needed. * though the sources hold an answer."
    )
    return [f"<sub>{said}</sub>"]


def _folded(title: str, lines: Sequence[str]) -> list[str]:
    return ["<details>", f"<summary>{title}</summary>", "", *lines, "", "</details>", ""] if lines else []


def _newly_wrong(view: GateView, shown: int = 10, longest: int = 300) -> list[str]:
    total = sum(f.worse for f in view.flips.values())
    better = sum(f.better for f in view.flips.values())
    if not total:
        return []
    lines: list[str] = []
    for item in view.newly_wrong[:shown]:
        lines += _item(item, longest)
    left = total - len(view.newly_wrong[:shown])
    lines += [f"- and {left} more, in the run folder"] * (left > 0)
    return _folded(f"Newly wrong answers: {total} (and {better} that no longer are)", lines)


def _item(item: NewlyWrong, longest: int) -> list[str]:
    lines = [f"- **{inert(item.domain, 60)} {inert(item.sample_id, 80)}** {inert(item.question, longest)}"]
    lines.append(f"  - expected: {inert(item.expected, 120)}; before ({item.before}): {inert(item.old_text, longest)}")
    lines.append(f"  - now: {inert(item.new_text, longest)}")
    for claim in item.claims[:4]:
        sources = ", ".join(inert(s, 80) for s in claim.sources[:3]) or "no source"
        lines.append(f"  - claim: {inert(claim.text, longest)} ({inert(claim.label or 'not judged', 40)}; {sources})")
    return lines


def _all_tests(view: GateView) -> list[str]:
    rows = ["| test | before | now | loss | bounds | margin | sees | verdict |", "|:--|--:|--:|--:|:--|--:|--:|:--|"]
    for f in view.decision.findings:
        t, e = f.test, f.test.evidence
        name = inert(words.where(t), 120)
        if e is None:
            rows.append(f"| {name} | | | | {inert(f.reason, 160)} | | | {_sign(f.verdict)} |")
            continue
        sees = "" if e.smallest_margin is None else words.signed(e.smallest_margin, t.measure).lstrip("+")
        values = [words.share(v, t.measure) for v in (e.baseline, e.candidate)]
        ends = words.bounds(e, t.measure, t.against)
        cells = [*values, words.signed(e.loss, t.measure), ends, words.margin(t), sees, _sign(f.verdict)]
        rows.append(f"| {name} | {' | '.join(cells)} |")
    said = [f"- Margin {inert(text, 400)}" for text in words.margin_sources(view.decision)]
    said.append("- Sees: the smallest margin that this many questions can show an unchanged model to keep (power .8)")
    if view.aa is not None:
        said.append(f"- {aa_line(view)}")
    return _folded("All tests, margins and what the gate can see", [*rows, "", *said])


def _runs(view: GateView) -> list[str]:
    lines = [f"- {inert(note, 400)}" for note in view.notes]
    lines += [f"- {inert(name, 60)}: {inert(value, 300)}" for name, value in view.identity.items()]
    if view.drift:
        lines.append(f"- {drift_line(view)}")
    return _folded("Runs, versions and hashes", lines)

"""The sentences of a gate's verdict, the same on the terminal, in the pull request and in JUnit."""

from collections.abc import Sequence

from ..scoring.gate import LIMIT, Decision, Evidence, Finding, GateTest, Verdict
from .gate_view import GateView
from .numbers import amount

NAMES = {
    "p": "p (wrong among attempted)",
    "correct": "right answers",
    "abstained": "abstained, though answerable",
    "wrong": "wrong answers",
    "refused": "refused",
    "invalid": "invalid",
    "unscored": "unscored",
    "vcpd": "VCpD (tokens/$)",
    "q": "Q (right among delivered)",
    "abstention_recall": "must-abstain recall",
    "usd_per_verified_answer": "$/verified answer",
}
MONEY = ("vcpd", "usd_per_verified_answer")


_ROWS = {"q": "Q", "vcpd": "VCpD", "usd_per_verified_answer": "$/verified answer"}
SHORT = _ROWS | {"correct": "right answers", "abstained": "abstentions"}


def row_name(measure: str) -> str:
    """A measure as the tables of the terminal write it."""
    return _ROWS.get(measure, measure.replace("_", " "))


def level(alpha: float) -> str:
    """What the bounds of tests at level `alpha` are called."""
    return f"one-sided {100 * (1 - alpha):.4g} % bounds"


def headline(view: GateView) -> str:
    """The verdict in one sentence."""
    decision = view.decision
    launch = view.baseline is None
    if decision.verdict is Verdict.PASS:
        said = "every launch limit is kept" if launch else "no domain got worse by its margin or more"
        return f"{said}, each shown with {1 - decision.alpha:.0%} confidence"
    found = _by_domain(decision.of(decision.verdict))
    if decision.verdict is Verdict.FAIL:
        return f"{'limits are missed' if launch else 'a loss is proven'} in {found}"
    if launch:
        return f"no limit is proven to be missed, but that all are kept is not shown in {found}"
    return f"no loss is proven, but one of the margin or more is not excluded in {found}"


def _by_domain(findings: Sequence[Finding]) -> str:
    """`legal (p, right answers), medical (p)`."""
    names: dict[str, list[str]] = {}
    for f in findings:
        t = f.test
        domain = t.domain if t.against in (LIMIT, "baseline") else f"{t.domain} since the {t.against}"
        names.setdefault(domain, []).append(SHORT.get(t.measure, t.measure.replace("_", " ")))
    said = [f"{domain} ({', '.join(dict.fromkeys(measures))})" for domain, measures in names.items()]
    return _listed(said)


def _listed(names: Sequence[str]) -> str:
    names = list(dict.fromkeys(names))
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def where(test: GateTest) -> str:
    """Domain and measure; against the release anchor where that is what was tested."""
    anchor = "" if test.against in ("baseline", LIMIT) else f" (against the {test.against})"
    return f"{test.domain} {row_name(test.measure)}{anchor}"


def settle(finding: Finding) -> str:
    """What would settle an open finding; "" where nothing is open."""
    e = finding.test.evidence
    if finding.verdict is not Verdict.INCONCLUSIVE:
        return ""
    if e is None:
        return finding.reason
    if e.more_items is None:
        return "what was seen lies so close to the edge that no number of items is advice: choose another margin"
    return f"about {e.more_items:,} more {e.more_of} would settle it, if what was seen holds"


def open_ends(decision: Decision) -> list[str]:
    """One sentence for each domain that is open: its neediest measure."""
    found = []
    for domain in dict.fromkeys(f.test.domain for f in decision.of(Verdict.INCONCLUSIVE)):
        mine = [f for f in decision.of(Verdict.INCONCLUSIVE) if f.test.domain == domain]
        unmeasured = [f for f in mine if f.test.evidence is None]
        neediest = max(mine, key=lambda f: (f.test.evidence.more_items or 10**9) if f.test.evidence else 0)
        found += [f"{where(f.test)}: {f.reason}" for f in unmeasured]
        if neediest.test.evidence is not None:
            measure = neediest.test.measure
            found.append(f"{domain}: {settle(neediest)} ({SHORT.get(measure, measure.replace('_', ' '))})")
    return found


def share(value: float, measure: str) -> str:
    """A value of a measure."""
    if measure in MONEY:
        return amount(value)
    text = f"{value:.3f}"
    return text[1:] if text.startswith("0.") else text


def signed(value: float, measure: str) -> str:
    """A loss in its unit: points of a share, or per cent of VCpD."""
    if measure == "vcpd":
        return f"{value:+.1%}"
    if measure == "usd_per_verified_answer":
        return ("+" if value >= 0 else "-") + amount(abs(value))
    return f"{value:+.3f}".replace("+0.", "+.").replace("-0.", "-.")


def bounds(e: Evidence, measure: str, against: str) -> str:
    """Both one-sided bounds: of the loss, or at a launch of the measure itself."""
    say = share if against == LIMIT else signed
    ends = [say(end, measure) if abs(end) != float("inf") else "unbounded" for end in (e.lower, e.upper)]
    return f"[{ends[0]}, {ends[1]}]"


def margin(test: GateTest) -> str:
    """The margin or limit as a number."""
    if test.against != LIMIT and test.measure == "vcpd":
        return f"{test.margin.value:.1%}"
    return share(test.margin.value, test.measure)


def margin_sources(decision: Decision) -> list[str]:
    """Where the margins of what blocks come from, one sentence for each source."""
    found: dict[str, list[GateTest]] = {}
    for f in decision.blocking:
        found.setdefault(f"{margin(f.test)}: {f.test.margin.source}", []).append(f.test)
    tests = [f.test for f in decision.blocking]
    return [f"{text} ({_covered(mine, tests)})" for text, mine in found.items()]


def _covered(mine: Sequence[GateTest], every: Sequence[GateTest]) -> str:
    """All, measures that are all of them, or else each test."""
    if len(mine) == len(every):
        return "all"
    measures = dict.fromkeys(t.measure for t in mine)
    if sum(t.measure in measures for t in every) == len(mine):
        return ", ".join(SHORT.get(m, m.replace("_", " ")) for m in measures)
    return _listed([where(t) for t in mine])

"""The terminal report of `vcpd gate`: the verdict first, then each test, at most 100 columns."""

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.text import Text

from ..scoring.gate import LIMIT, Finding, Role, Verdict
from . import gate_words as words
from .gate_view import GateView
from .market_tables import add_row, plain_table
from .numbers import printable

WIDTH = 100
_STYLES = {Verdict.PASS: "bold green", Verdict.FAIL: "bold red", Verdict.INCONCLUSIVE: "bold yellow"}


def print_gate(view: GateView, console: Console | None = None) -> None:
    """Print the report; 100 columns wide, whatever the terminal."""
    (console or Console(width=WIDTH, soft_wrap=False)).print(gate_tables(view))


def gate_tables(view: GateView) -> RenderableType:
    """Verdict, tests, what is open, and what the reader must know."""
    verdict = view.decision.verdict
    first = Text(f"{verdict}: ", style=_STYLES[verdict])
    first.append(printable(words.headline(view)) + ".", style="default")
    lines = [f"Candidate {view.candidate}; " + (f"baseline {view.baseline}." if view.baseline else "launch limits.")]
    parts: list[RenderableType] = [first, *_texts(lines), "", *_tables(view), ""]
    return Group(*parts, *_texts(remarks(view)))


def _tables(view: GateView) -> list[RenderableType]:
    against = dict.fromkeys(f.test.against for f in view.decision.findings)
    found: list[RenderableType] = []
    for name in against:
        mine = [f for f in view.decision.findings if f.test.against == name]
        shown = [f for f in mine if f.verdict is not None or f.test.role is Role.PRIMARY or _informs(f)]
        level, table = words.level(view.decision.alpha), _launch if name == LIMIT else _paired
        models = dict.fromkeys(f.test.model for f in shown)
        for model in models:
            title = "Launch limits" if name == LIMIT else f"Losses against the {name}"
            title += f": {printable(model)}" if len(models) > 1 else ""
            rows = [f for f in shown if f.test.model == model]
            found += [*[""] * bool(found), table(rows, title, level)]
    return found


def _informs(f: Finding) -> bool:
    """What does not block and is worth a row all the same."""
    return f.test.measure == "vcpd" and f.test.evidence is not None


def _paired(findings: Sequence[Finding], title: str, level: str) -> RenderableType:
    table = plain_table(
        f"{title} ({level}; a gain is negative)",
        ["domain", "measure"],
        ["n", "before", "now", "loss", "bounds", "margin", "sees", "verdict"],
    )
    before = ""
    for f in findings:
        t, e = f.test, f.test.evidence
        name, before = [t.domain if t.domain != before else "", words.row_name(t.measure)], t.domain
        if e is None:
            add_row(table, [*name, "", "-", "-", "-", "not measured", words.margin(t), "", _verdict(f)])
            continue
        sees = "-" if e.smallest_margin is None else words.signed(e.smallest_margin, t.measure).lstrip("+")
        values = [words.share(e.baseline, t.measure), words.share(e.candidate, t.measure)]
        loss = words.signed(e.loss, t.measure)
        ends = words.bounds(e, t.measure, t.against)
        add_row(table, [*name, f"{e.n}", *values, loss, ends, words.margin(t), sees, _verdict(f)])
    return table


def _launch(findings: Sequence[Finding], title: str, level: str) -> RenderableType:
    table = plain_table(
        f"{title} ({level})",
        ["domain", "measure"],
        ["n", "measured", "bounds", "limit", "to decide", "verdict"],
    )
    before = ""
    for f in findings:
        t, e = f.test, f.test.evidence
        name, before = [t.domain if t.domain != before else "", words.row_name(t.measure)], t.domain
        if e is None:
            add_row(table, [*name, "", "-", "not measured", words.margin(t), "", _verdict(f)])
            continue
        more = f"{e.more_items:,} {e.more_of}" if f.verdict is Verdict.INCONCLUSIVE and e.more_items else ""
        cells = [f"{e.n}", words.share(e.candidate, t.measure), words.bounds(e, t.measure, LIMIT), words.margin(t)]
        add_row(table, [*name, *cells, more, _verdict(f)])
    return table


def _verdict(f: Finding) -> str:
    return f.verdict.value if f.verdict is not None else "-"


def remarks(view: GateView) -> list[str]:
    """What a reader must not miss."""
    decision = view.decision
    said = [f"{text[:1].upper()}{text[1:]}." for text in words.open_ends(decision)]
    said += [f"{words.where(f.test)}: {f.reason}." for f in decision.findings if _worth_saying(f)]
    launch = view.baseline is None
    if launch:
        said.append("Each limit with its reason stands in its pack (pack.toml) and in the JSON report.")
    else:
        said += [f"Margin {text}." for text in words.margin_sources(decision)]
        said.append('"sees": the smallest margin that this many items can show an unchanged model to keep (power .8).')
    if view.flips:
        flips = ", ".join(f"{d} {f.worse} and {f.better}" for d, f in view.flips.items())
        said.append(f"Answers that became wrong, and wrong ones that no longer are: {flips}.")
    said += [f"{note[:1].upper()}{note[1:]}." for note in view.notes]
    said += [drift_line(view)] * bool(view.drift)
    return said + [aa_line(view)] * (view.aa is not None)


def _worth_saying(f: Finding) -> bool:
    within = f.verdict is Verdict.PASS and "smaller" in f.reason
    return within or (f.verdict is None and f.test.role is Role.PRIMARY)


def drift_line(view: GateView) -> str:
    """What the anchor set says of the judges."""
    each = [
        f"{d.judge}: {d.newly_flagged + d.newly_passed} of {d.n} verdicts changed (mid-p {d.p_value:.2g})"
        for d in view.drift
    ]
    return f"No drift on the anchor set: {'; '.join(each)}."


def aa_line(view: GateView) -> str:
    """How often this gate blocks where nothing changed."""
    aa = view.aa
    if aa is None:
        return ""
    low, high = aa.fail.low or 0.0, aa.fail.high or 0.0
    return (
        f"A/A: with the arms swapped at random {aa.repetitions} times the gate says FAIL in {aa.fail.value:.1%} "
        f"[{low:.1%}, {high:.1%}] (nominal at most {aa.alpha:.0%}) and PASS in {aa.passed.value:.1%}."
    )


def _texts(lines: Sequence[str]) -> list[Text]:
    return [Text(printable(line)) for line in lines]

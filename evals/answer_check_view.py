"""A checked answer in the terminal: what is unsupported in colour, then each claim with its evidence.

Answer and sources are hostile text: they are never read as markup, and control characters do not reach the terminal.
"""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from ..reports.numbers import printable
from ..retrieval.passages import Span
from ..verifiers.citations import BLOCKING
from ..verifiers.quotes import QuoteStatus
from ..verifiers.verdict import Failure, Label, Verdict
from .verify_answer import CheckedAnswer

_SHOWN = 240  # characters of one claim or excerpt
_LONGEST = 20_000  # of the answer
_CALM = {"\n": "\n", "\t": " ", "\r": " "}
_STYLES = {"unsupported": "bold red", "unchecked": "magenta", "bad citation": "bold yellow", "bad quotation": "reverse"}
_LABELS = {Label.SUPPORTED: "green", Label.REFUTED: "bold red", Label.NOT_ENOUGH_INFO: "red"}


def print_check(checked: CheckedAnswer, console: Console | None = None) -> None:
    """Print the answer with its unsupported stretches marked, the findings and the verdict."""
    out = console or Console(highlight=False)
    out.print(marked_answer(checked), soft_wrap=True)
    if out.color_system is not None:  # without colours the answer carries no marks to explain
        out.print(_legend())
    for line in claim_lines(checked):
        out.print(line, soft_wrap=True)
    out.print(_conclusion(checked), soft_wrap=True)


def marked_answer(checked: CheckedAnswer) -> Text:
    """The answer, character for character, except that "?" stands for control characters."""
    text = Text("".join(_CALM.get(c, c if c.isprintable() else "?") for c in checked.text[:_LONGEST]))
    for kind, span in marks(checked):
        text.stylize(_STYLES[kind], span.start, span.end)
    if len(checked.text) > _LONGEST:
        text.append(f" ... ({len(checked.text) - _LONGEST} more characters)")
    return text


def marks(checked: CheckedAnswer) -> Iterator[tuple[str, Span]]:
    """What is wrong, and where in the answer; kinds are those of the legend."""
    check = checked.check
    for claim, verdict in zip(check.claims, check.verdicts, strict=True):
        if isinstance(verdict, Failure):
            yield "unchecked", claim.span
        else:
            yield from (("unsupported", span) for span in verdict.unsupported)
    for findings in check.citation_findings:
        yield from (("bad citation", citation.span) for citation, finding in findings if finding in BLOCKING)
    yield from (
        ("bad quotation", q.span) for q in check.quotes if q.status in (QuoteStatus.NOT_FOUND, QuoteStatus.ELSEWHERE)
    )


def claim_lines(checked: CheckedAnswer) -> Iterator[Text]:
    """Per claim: its place, label, probability and text; its citations; its best evidence with place and excerpt."""
    check = checked.check
    numbers = {d.doc_id: n for n, d in enumerate(checked.sources, 1)}
    for i, (claim, verdict) in enumerate(zip(check.claims, check.verdicts, strict=True), 1):
        head = Text(f"\n{i}. ")
        head.append(*_label(verdict))
        yield head.append(f" [{claim.span.start}:{claim.span.end}] {_short(claim.text)}")
        reason = verdict.error if isinstance(verdict, Failure) else verdict.reason
        if reason:
            yield Text(f"   {_short(reason)}")
        for citation, finding in check.citation_findings[i - 1]:
            yield Text(
                f"   citation {_short(citation.marker)}: {finding.value.replace('_', ' ')}",
                _STYLES["bad citation"] if finding in BLOCKING else "",
            )
        if isinstance(verdict, Verdict):
            for p in verdict.evidence[:1]:
                where = f"[{numbers[p.doc_id]}] " if p.doc_id in numbers else ""
                yield Text(f"   {where}{_short(p.doc_id)} [{p.span.start}:{p.span.end}]: {_short(p.text)}", "dim")


def _label(verdict: Verdict | Failure) -> tuple[str, str]:
    if isinstance(verdict, Failure):
        return "NOT CHECKED", _STYLES["unchecked"]
    return f"{verdict.label.value.replace('_', ' ').upper()} {verdict.probability:.2f}", _LABELS[verdict.label]


def _legend() -> Text:
    legend = Text("\n")
    for kind, style in _STYLES.items():
        legend.append(kind, style).append("  ")
    return legend


def _conclusion(checked: CheckedAnswer) -> Text:
    check = checked.check
    said, style = {
        True: ("accepted", "bold green"),
        False: ("not accepted", "bold red"),
        None: ("cannot be told: sources lack text", "bold magenta"),
    }[check.accept]
    end = Text("\n").append(said, style)
    end.append(f" (verifier {printable(checked.verifier)} {printable(checked.version)}; ")
    end.append(f"{check.counts.supported} of {check.counts.claims} claims supported)")
    for reason in check.reasons:
        end.append(f"\n- {_short(reason)}")
    if check.counts.fabricated:
        lists = "" if checked.listed else "; a decision may exist all the same: --authorities FILE lists those that do"
        end.append(f"\nfabricated: points to none of the sources{lists}")
    return end


def _short(text: str) -> str:
    plain = printable(text[: 4 * _SHOWN])
    return plain if len(plain) <= _SHOWN else plain[: _SHOWN - 3] + "..."

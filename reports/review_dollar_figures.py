"""Charts of a risk review that hold endings and dollars: how answers ended, what a verified answer costs, VCpD_L."""

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any

from ..scoring.estimate import Estimate
from .numbers import amount
from .plain_numbers import per_cent, written, written_end
from .plotting import GREY, INK, LINES, Chart, drawn, key, name_rows
from .review_figures import estimate_in, named
from .review_views import CellView

if TYPE_CHECKING:
    from .plotting import Axes

_ENDINGS = (
    ("correct", "right", "#56a7d6", ""),
    ("abstained", "abstained", "#e3eaee", ""),
    ("refused", "refused", "#f0e6bf", "||"),
    ("invalid", "invalid", "#b9b9b9", "xx"),
    ("unscored", "unscored", "#f6f6f6", "--"),
    ("wrong", "wrong", "#d55e00", "///"),
)
_ARMS = (("with the verifier in the loop", 0), ("without a verifier", 2))
"""Their names, and which point of each four bears the first marker, so that one never hides the other."""

_BANDS: tuple[dict[str, Any], ...] = (
    {"fc": "#cfe3f1", "ec": "#7fb5d8"},
    {"fc": "none", "ec": "#cf8a5f", "hatch": "//"},
)
_NARROW = 0.13  # a stretch of a bar below this share has no room for its number; the table above has it


def endings_figure(cells: Sequence[CellView]) -> str | None:
    """How first attempts ended, a bar a model; None where nothing is known of any."""
    shown = [c for c in cells if estimate_in(c, "correct")]
    if not shown:
        return None
    used = [ending for ending in _ENDINGS if any((e := estimate_in(c, ending[0])) and e.value > 0 for c in shown)]
    words = "; ".join(
        f"{named(c)}: " + ", ".join(f"{label} {per_cent(e.value)}" for m, label, *_ in used if (e := estimate_in(c, m)))
        for c in shown
    )
    height = 100 + 52 * len(shown) + 22 * ceil(len(used) / 3)
    chart = Chart("endings", "How first attempts ended", f"Shares of all questions: {words}.", height)

    def paint(axes: "Axes") -> None:
        axes.set_xlim(0, 1)
        axes.set_xticks([k / 4 for k in range(5)], [f"{25 * k} %" for k in range(5)])
        axes.set_xlabel("share of all questions")
        bars = {}
        for y, cell in zip(name_rows(axes, [named(c) for c in shown]), shown, strict=True):
            left = 0.0
            for measure, label, colour, hatch in used:
                e = estimate_in(cell, measure)
                if e is None or e.value <= 0:
                    continue
                bars[label] = axes.barh(y, e.value, 0.42, left, color=colour, edgecolor=INK, lw=0.8, hatch=hatch)[0]
                if e.value >= _NARROW:
                    white = {"facecolor": "#ffffff", "edgecolor": "none", "pad": 1.5}
                    axes.text(left + e.value / 2, y, per_cent(e.value), ha="center", va="center", bbox=white)
                left += e.value
        labels = [label for _, label, *_ in used if label in bars]
        key(axes, [bars[label] for label in labels], labels, 3)

    return drawn(chart, paint)


def dollars_figure(cells: Sequence[CellView]) -> str | None:
    """Dollars per verified answer with their intervals on a log axis; None where no dollars are known."""
    known = [(c, e) for c in cells if (e := estimate_in(c, "usd_per_verified_answer")) and e.value > 0]
    if not known:
        return None
    chart = Chart(
        "dollars",
        "Dollars per verified answer",
        "; ".join(f"{named(c)} {_dollars(e)}" for c, e in known) + ".",
        100 + 48 * len(known),
    )

    def paint(axes: "Axes") -> None:
        _log_axis(axes, "x", [v for _, e in known for v in (e.low, e.value, e.high)], "$")
        axes.set_xlabel("dollars, log scale; lines: 95 % intervals")
        for y, (_, e) in zip(name_rows(axes, [named(c) for c, _ in known]), known, strict=True):
            if e.low and e.high:
                axes.plot([e.low, e.high], [y, y], color=INK, lw=2)
            axes.plot([e.value], [y], "o", color=INK, ms=8)
            value = written("usd_per_verified_answer", "usd", e.value)
            axes.text(1, y - 0.4, value, transform=axes.get_yaxis_transform(), va="center", ha="right")

    return drawn(chart, paint)


def loss_figure(cell: CellView, number: int) -> str | None:
    """VCpD_L over the loss per escaped error, verified in the loop and not, with L* and the loss of this run."""
    points = [p for p in cell.loss_curve if p.loss_usd > 0]
    if len(points) < 2:
        return None
    star, own = estimate_in(cell, "break_even_loss_usd"), estimate_in(cell, "loss_per_escaped_usd")
    marks = [(e, label, colour, dashes) for e, label, colour, dashes in (
        (star, "L*, break-even", INK, (0, (1, 1.5))), (own, "L of this run", GREY, (0, (8, 3, 2, 3))),
    ) if e is not None and e.value > 0]  # fmt: skip
    chart = Chart(f"loss-{number}", f"VCpD over the loss, {named(cell)}", _loss_words(cell), 400 + 22 * len(marks))

    def paint(axes: "Axes") -> None:
        arms = [[p.verified for p in points], [p.unverified for p in points]]
        losses = [p.loss_usd for p in points]
        _log_axis(axes, "y", [v for arm in arms for e in arm for v in (e.low, e.value, e.high)], "")
        _log_axis(axes, "x", losses, "$", tight=True)
        axes.set_xlabel("L: dollars per escaped error, log scale")
        axes.set_ylabel("VCpD with losses, tokens/$")
        handles, labels = [], []
        for arm, band, (colour, dashes, marker), (label, first) in zip(arms, _BANDS, LINES, _ARMS, strict=False):
            low, high = ([e.value if end is None else end for e, end in ends] for ends in _ends(arm))
            axes.fill_between(losses, low, high, lw=0.8, **band)
            handles += axes.plot(losses, [e.value for e in arm], color=colour, ls=dashes, lw=2.2, marker=marker, ms=6,
                                 mfc="#ffffff", markevery=(first, 4))  # fmt: skip
            labels.append(label)
        for e, label, colour, dashes in marks:
            handles.append(axes.axvline(e.value, color=colour, lw=2.4, ls=dashes))
            labels.append(f"{label}: {written('', 'usd', e.value)}")
        key(axes, handles, labels)

    return drawn(chart, paint)


def break_even_words(cell: CellView) -> str:
    """L* and its interval in words, or why there is none."""
    row = cell.measured.get("break_even_loss_usd")
    if row is None:
        return "L* is not in this run: score it again with this version"
    if row.estimate is None:
        return f"no L*: {row.note.removeprefix('undefined: ')}"
    if row.estimate.value <= 0:
        return "L* is $0: verifying pays at any loss"
    return f"L* {_dollars(row.estimate)}"


def _loss_words(cell: CellView) -> str:
    """What the curves show at the ends and at the run's own loss, where estimates.json has it."""
    first, last = cell.loss_curve[0], cell.loss_curve[-1]
    said = [
        f"at a loss of {written('', 'usd', p.loss_usd)} per escaped error {amount(p.verified.value)} tokens/$ with the "
        f"verifier, {amount(p.unverified.value)} without"
        for p in (first, last)
    ]
    verified, plain = estimate_in(cell, "vcpd_l"), estimate_in(cell, "vcpd_l_plain")
    if verified and plain:
        said.append(f"at the loss of this run {amount(verified.value)} with, {amount(plain.value)} without")
    return f"{'; '.join(said)}; {break_even_words(cell)}."


def _ends(arm: Sequence[Estimate]) -> tuple[list[tuple[Estimate, float | None]], list[tuple[Estimate, float | None]]]:
    return [(e, e.low) for e in arm], [(e, e.high) for e in arm]


def _dollars(e: Estimate) -> str:
    name, unit = "usd_per_verified_answer", "usd"
    if e.low is None or e.high is None:
        return f"{written(name, unit, e.value)} (no bounded interval)"
    return f"{written(name, unit, e.value)} ({written_end(name, unit, e.low)} to {written_end(name, unit, e.high)})"


def _log_axis(axes: "Axes", which: str, values: Sequence[float | None], sign: str, *, tight: bool = False) -> None:
    """A log axis that holds all values above 0, in whole decades unless `tight`; at most seven ticks."""
    known = [v for v in values if v is not None and v > 0]
    low, high = floor(log10(min(known))), ceil(log10(max(known)))
    high = max(high, low + 1)
    step = ceil((high - low) / 6)
    axes.set(**{f"{which}scale": "log"})
    axis = axes.xaxis if which == "x" else axes.yaxis
    places = [10.0**d for d in range(low, high + 1, step)]
    axis.set_ticks(places, [f"{sign}{amount(at, 1)}" for at in places])
    axis.set_ticks([], minor=True)
    ends = (min(known), max(known)) if tight else (10.0**low, 10.0**high)
    axes.set(**{f"{which}lim": ends})

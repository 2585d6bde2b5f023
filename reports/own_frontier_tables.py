"""The terminal tables of `vcpd frontier RUN...`: the user's own models, a domain at a time. At most 100 columns."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..scoring.cost_quality import Candidate, Choice, Cost, Quality, Standing, cell_estimate
from ..scoring.estimate import Estimate, InsufficientDataError
from ..scoring.own_frontier import DomainFrontier
from .market_tables import add_row, plain_table
from .numbers import amount, amount_interval, printable, share, share_interval
from .throughput_tables import serving_table

Floats = NDArray[np.float64]
QUALITY_NAMES = {Quality.Q: "Q", Quality.Q_TOKENS: "Q by tokens", Quality.RIGHT_ATTEMPTS: "1 - p"}
COST_NAMES = {Cost.REQUEST: "$/request", Cost.VERIFIED_ANSWER: "$/verified answer"}
_NOTES = (
    "P(on): share of joint draws in which no other model is as cheap and as good. It is the analogue of a",
    "one-sided p-value, not a probability of truth; below .05 a model is called off the frontier.",
)


def own_frontier_tables(found: Sequence[DomainFrontier]) -> RenderableType:
    """Every domain: the answer to what was asked first, then models, bins and rankings."""
    parts: list[RenderableType] = []
    for domain in found:
        parts += [*_domain(domain), ""]
    return Group(*parts, *map(Text, _NOTES))


def _domain(found: DomainFrontier) -> list[RenderableType]:
    parts: list[RenderableType] = [Text(line) for line in answer_lines(found)]
    if parts:
        parts.append("")
    if found.candidates:
        parts += [_models(found), "", _bins(found), "", _rankings(found)]
    if found.served:
        parts += ["", serving_table(found.candidates)]
    parts += [Text(line) for line in [*_opposite(found), *_left_out(found)]]
    parts += [Text(f"* {printable(text)}", style="red") for text in found.remarks]
    return parts


def answer_lines(found: DomainFrontier) -> list[str]:
    """ "The cheapest model at my quality under my limit", and how sure that is, in sentences."""
    choice = found.asked
    if choice is None:
        return []
    wanted = f"{found.domain}: {QUALITY_NAMES[found.question.quality_axis]} of {choice.quality:g} or more"
    if (limit := found.question.limit) is not None:
        wanted += f" and {limit.attainment:.4g} of requests within {limit.seconds:g} s"
    if found.served:
        wanted += " at a throughput that keeps its SLO"
    if choice.label is None:
        return [f"{wanted}:", "  no model of these reaches it.", *_nearly(choice)]
    chosen = next(c for c in found.candidates if c.label == choice.label)
    cost = COST_NAMES[found.question.cost_axis]
    part = choice.cheapest_share[choice.label]
    sure = [f"quality reached in {choice.quality_share or 0:.0%} of draws"]
    sure += [f"limit kept in {choice.within_share:.0%}"] if choice.within_share is not None else []
    sure.append(f"cheapest to do both in {part:.0%}" if choice.within_share is not None else f"cheapest in {part:.0%}")
    lines = [
        f"{wanted}:",
        f"  the cheapest by {cost} is {printable(choice.label)}.",
        f"  $/request {amount_interval(estimate(chosen.cell.joint.kappa, chosen))}, "
        f"$/verified answer {amount_interval(estimate(chosen.cell.joint.usd_per_answer, chosen))}",
        f"  quality {share_interval(estimate(chosen.quality, chosen))}",
        f"  How sure: {', '.join(sure)}.",
    ]
    return [*lines, *_nearly(choice)]


def _nearly(choice: Choice) -> list[str]:
    others = sorted(((s, name) for name, s in choice.cheapest_share.items() if name != choice.label), reverse=True)
    said = [f"{printable(name)} {share:.0%}" for share, name in others if share >= 0.005]
    said += [f"none {choice.none_share:.0%}"] if choice.none_share >= 0.005 else []
    where = "In joint draws it would be" if choice.label is None else "In the other draws it is"
    return [f"  {where}: {', '.join(said)}."] if said else []


def _models(found: DomainFrontier) -> Table:
    question = found.question
    columns = [COST_NAMES[question.cost_axis], QUALITY_NAMES[question.quality_axis], "P(on) frontier"]
    if question.limit is not None:
        columns.append(f"<= {question.limit.seconds:g} s")
    table = plain_table(f"{found.domain}: cost and quality, cheapest first ({_size(found)})", ["model"], columns)
    for c, place in zip(found.candidates, found.standings, strict=True):
        texts = [amount_interval(estimate(c.cost, c)), share_interval(estimate(c.quality, c))]
        texts.append(f"{place.on_share:.2f} {verdict(place):<3}")
        if question.limit is not None:
            texts.append("unknown" if c.within is None else share(estimate(c.within, c)))
        add_row(table, [printable(c.label), *texts])
    return table


def verdict(place: Standing) -> str:
    """What may be said of a model's place: on (by its values), on? (not excluded) or off."""
    if place.off:
        return "off"
    return "on" if place.frontier else "on?"


def _bins(found: DomainFrontier) -> Table:
    name = QUALITY_NAMES[found.question.quality_axis]
    under = " under the limit" if found.question.limit is not None else ""
    table = plain_table(
        f"Cheapest at or above each {name}{under}, and the share of draws that agree",
        [name],
        ["model", COST_NAMES[found.question.cost_axis], "agree", "no model"],
    )
    by_label = {c.label: c for c in found.candidates}
    for choice in found.bins:
        texts = ["-", "-", "-"]
        if choice.label is not None:
            c = by_label[choice.label]
            texts = [printable(choice.label), amount(float(c.cost[0])), f"{choice.cheapest_share[choice.label]:.2f}"]
        add_row(table, [f">= {choice.quality:g}", *texts, f"{choice.none_share:.2f}"])
    return table


def _rankings(found: DomainFrontier) -> Table:
    columns = ["VCpD tokens/$", "rank", "verified answers/$", "rank "]
    table = plain_table("Two rankings, rank with its 95 % ends", ["model"], columns)
    for c in found.candidates:
        vcpd, answers = found.vcpd_ranks.get(c.label), found.answer_ranks.get(c.label)
        joint = c.cell.joint
        texts = [amount_interval(estimate(joint.vcpd, c)), _rank(vcpd)]
        texts += [amount_interval(estimate(joint.answers_per_usd, c)), _rank(answers)]
        add_row(table, [printable(c.label), *texts])
    return table


def _rank(rank: tuple[int, int, int] | None) -> str:
    return "-" if rank is None else f"{rank[0]} [{rank[1]}-{rank[2]}]"


def _opposite(found: DomainFrontier) -> list[str]:
    pairs = len(found.vcpd_ranks) * (len(found.vcpd_ranks) - 1) // 2
    lines = []
    if pairs:
        end = ":" if found.opposite else "."
        lines = [f"The two rankings order {len(found.opposite)} of {pairs} pairs the other way round{end}"]
    for d in found.opposite:
        ahead, behind = printable(d.by_vcpd), printable(d.by_answers)
        lines.append(
            f"  {ahead} is ahead by VCpD, {behind} by answers per dollar (opposite in {d.share:.0%} of draws)."
        )
    return [*lines, f"Wages: {found.wages}."] if found.wages else lines


def _left_out(found: DomainFrontier) -> list[str]:
    return [f"Left out: {printable(label)}: {reason}." for label, reason in found.left_out]


def _size(found: DomainFrontier) -> str:
    cell = found.candidates[0].cell
    return f"{len(cell.requests)} requests in {cell.n_clusters} clusters"


def estimate(values: Floats, c: Candidate) -> Estimate | None:
    """A number of a candidate; None where it is undefined."""
    try:
        return cell_estimate(values, c.cell)
    except InsufficientDataError:
        return None

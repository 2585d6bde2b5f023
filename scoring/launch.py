"""May a model launch: the limits of its pack, each against a one-sided bound of what was measured.

PASS needs the bound itself within the limit; FAIL a limit that is missed for certain; a limit that is declared and was
not measured leaves the launch INCONCLUSIVE.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, ndtri

from .abstention import evenly_judged, first_attempts
from .cell import Cell
from .corrected import UNCHECKED, corrected_rate, corrected_upper, unchecked_grader
from .estimate import InsufficientDataError
from .gate import LIMIT, Evidence, GateTest, Margin, Role
from .intervals import clopper_pearson_upper, cluster_numbers, posterior_size
from .power import PairedTest, least
from .records import Outcome, Record

Floats = NDArray[np.float64]
_MOST = 10_000_000
LIMITS = {
    "p_max": "p",
    "q_min": "q",
    "must_abstain_recall_min": "abstention_recall",
    "usd_per_verified_answer_max": "usd_per_verified_answer",
}
"""Launch limits of `pack.toml`, and what each is a limit of."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model in one domain, with its joint draws."""

    domain: str
    model: str
    records: tuple[Record, ...]
    cell: Cell


def launch_tests(
    candidate: Candidate, limits: Mapping[str, float], sources: Mapping[str, str], test: PairedTest
) -> list[GateTest]:
    """One test for each declared limit."""
    found = []
    for name, measure in LIMITS.items():
        if name not in limits:
            continue
        evidence, why = None, ""
        try:
            evidence = _MEASURED[name](candidate, limits[name], test)
        except InsufficientDataError as error:
            why = str(error)
        margin = Margin(limits[name], f"pack {candidate.domain}: {sources.get(name, 'stated')}")
        found.append(GateTest(candidate.domain, measure, Role.PRIMARY, margin, evidence, why, candidate.model, LIMIT))
    return found


def _p(candidate: Candidate, limit: float, test: PairedTest) -> Evidence:
    marks = candidate.cell.marks
    if marks is not None:
        records, settings = list(candidate.records), candidate.cell.settings
        rate = corrected_rate(records, marks, settings)
        claimed = corrected_upper(records, marks, 1 - test.alpha).value
        return _from_draws(rate.p, limit, test, (rate.n, rate.n_clusters), more=True, of="labels", claimed=claimed)
    first = evenly_judged(first_attempts(candidate.records))
    if unchecked_grader(first):
        raise InsufficientDataError(UNCHECKED)
    return _share(
        first, lambda r: r.outcome is Outcome.INCORRECT, lambda r: r.outcome in _ATTEMPTED, (limit, True), test
    )


def _recall(candidate: Candidate, limit: float, test: PairedTest) -> Evidence:
    first = first_attempts(candidate.records)
    return _share(
        first, lambda r: r.outcome is not Outcome.ABSTAINED, lambda r: r.answerable is False, (1 - limit, False), test
    )


def _q(candidate: Candidate, limit: float, test: PairedTest) -> Evidence:
    cell = candidate.cell
    if cell.quality_note:
        raise InsufficientDataError(cell.quality_note)
    return _from_draws(cell.joint.q, limit, test, (len(cell.requests), cell.n_clusters), more=False)


def _usd(candidate: Candidate, limit: float, test: PairedTest) -> Evidence:
    cell = candidate.cell
    if cell.price_note or cell.quality_note:
        raise InsufficientDataError(cell.price_note or cell.quality_note)
    return _from_draws(cell.joint.usd_per_answer, limit, test, (len(cell.requests), cell.n_clusters), more=True)


_ATTEMPTED = (Outcome.CORRECT, Outcome.INCORRECT)
_MEASURED: dict[str, Callable[[Candidate, float, PairedTest], Evidence]] = {
    "p_max": _p,
    "q_min": _q,
    "must_abstain_recall_min": _recall,
    "usd_per_verified_answer_max": _usd,
}


def _share(
    records: list[Record],
    bad: Callable[[Record], bool],
    of: Callable[[Record], bool],
    limit: tuple[float, bool],
    test: PairedTest,
) -> Evidence:
    """A bad share against its largest allowed value, by exact bounds on the effective number of items.

    `limit`: that value, and whether the share is printed as it is (else its complement).
    """
    among = [r for r in records if of(r)]
    if not among:
        raise InsufficientDataError("the run holds no item of which it speaks")
    hits = np.array([bad(r) for r in among], float)
    clusters = cluster_numbers([r.cluster_id for r in among])
    share, n, groups = posterior_size(hits, np.ones(len(among)), clusters, confidence_level=1 - test.alpha)
    most, plain = limit
    x, level = share * n, 1 - test.alpha
    upper, lower = clopper_pearson_upper(x, n, level), 1 - clopper_pearson_upper(n - x, n, level)
    ends = (share, min(lower, share), max(upper, share)) if plain else (1 - share, 1 - upper, 1 - lower)
    return Evidence(
        baseline=most if plain else 1 - most,
        candidate=ends[0],
        loss=share - most,
        lower=ends[1],
        upper=ends[2],
        p_inferior=at_most(x, n, most),
        p_no_loss=at_most(n - x, n, 1 - most),
        n=len(among),
        n_clusters=groups,
        method="clopper-pearson, one-sided",
        more_items=_more(share, most, n, len(among), test.alpha),
    )


def at_most(x: float, n: float, share: float) -> float:
    """P(X <= x) of a binomial X with n trials; x and n may be fractional effective numbers."""
    if x >= n or share <= 0:
        return 1.0
    return float(1 - betainc(x + 1, n - x, share)) if share < 1 else 0.0


def _more(share: float, most: float, n: float, items: int, alpha: float) -> int | None:
    """Items beyond these at which the share, if it stays as it is, is told from the limit."""
    if share == most:
        return None

    def decides(size: int) -> bool:
        x = share * size
        return at_most(x, size, most) <= alpha or at_most(size - x, size, 1 - most) <= alpha

    if not decides(_MOST):
        return None
    total = least(decides, 1, _MOST) * items / n
    return max(1, int(np.ceil(total)) - items)


def _from_draws(
    draws: Floats,
    limit: float,
    test: PairedTest,
    size: tuple[int, int],
    *,
    more: bool,
    of: str = "items",
    claimed: float | None = None,
) -> Evidence:
    """A measure against its limit by its draws; `more`: it may not be more than the limit, else not less.

    `claimed`: a bound that holds at least at the level; without it within the limit there is no PASS.
    """
    value = float(draws[0])
    if not np.isfinite(value):
        raise InsufficientDataError("its denominator is 0, or what it rests on was not recorded")
    sign = 1.0 if more else -1.0
    drawn = np.where(np.isnan(draws[1:]), sign * np.inf, draws[1:])
    beyond = sign * (drawn - limit)
    p_inferior = (float((beyond >= 0).sum()) + 1) / (len(drawn) + 1)
    if claimed is not None and claimed > limit:
        p_inferior = 1.0
    lower, upper = (float(x) for x in np.quantile(drawn, [test.alpha, 1 - test.alpha], method="inverted_cdf"))
    upper = max(upper, claimed or upper)
    gap = abs(value - limit)
    spread = float(np.std(drawn[np.isfinite(drawn)]))
    needed = (float(ndtri(1 - test.alpha)) * spread / gap) ** 2 if gap > 0 else np.inf
    return Evidence(
        baseline=limit,
        candidate=value,
        loss=sign * (value - limit),
        lower=min(lower, value),
        upper=max(upper, value),
        p_inferior=p_inferior,
        p_no_loss=(float((beyond <= 0).sum()) + 1) / (len(drawn) + 1),
        n=size[0],
        n_clusters=size[1],
        method="component monte carlo" if claimed is None else "post-stratified; clopper-pearson, by verdict",
        more_items=max(1, int(np.ceil(size[0] * (needed - 1)))) if needed * size[0] < _MOST else None,
        more_of=of,
    )

"""VCpD of two models on the same samples: the log of its ratio, by influence functions, with a cluster t.

VCpD is a ratio of means, right delivered tokens x over dollars c, so log VCpD has the influence psi_i = x_i / mean(x) -
c_i / mean(c); what is lost is judged on psi_new - psi_old, sample by sample. A sample that reaches a person counts the
answer's mean length and the declared accuracy of reviewers, at the base wage: wages are a scenario, not an error.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import expm1, log, log1p, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from .draws import DrawSettings
from .economics import Economics
from .estimate import InsufficientDataError
from .gate import Evidence, Margin
from .intervals import cluster_numbers
from .policy import End, Request
from .power import PairedTest
from .review_time import seconds_per_claim

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Amounts:
    """Right delivered tokens and dollars of each request, in the order of the requests."""

    right_tokens: Floats
    dollars: Floats

    @property
    def vcpd(self) -> float:
        """Tokens per dollar."""
        return float(self.right_tokens.sum() / self.dollars.sum())


def amounts(requests: Sequence[Request], economics: Economics | None, why_unpriced: str = "") -> Amounts:
    """What each request delivered and cost.

    Raises:
        InsufficientDataError: A price, the tokens or the rightness of a delivered answer is unknown, or VCpD is 0.
    """
    delivered = np.array([r.end is End.DELIVERED for r in requests])
    escalated = np.array([r.end is End.ESCALATED for r in requests])
    tokens = np.array([np.nan if r.tokens is None else r.tokens for r in requests], float)
    right = _right(requests)
    if any(r.dollars is None for r in requests):
        raise InsufficientDataError(why_unpriced or "what was spent is unknown")
    if np.isnan(tokens[delivered]).any():
        raise InsufficientDataError("the tokens of the answers were not recorded")
    if np.isnan(right[delivered]).any():
        raise InsufficientDataError("some delivered answers were not judged")
    reference = float(np.nanmean(tokens)) if np.isfinite(tokens).any() else 0.0
    accuracy = economics.reviewer_accuracy if economics else 1.0
    x = np.where(delivered, right * tokens, 0.0) + escalated * accuracy * reference
    machine = np.array([r.dollars.machine for r in requests if r.dollars is not None])
    found = Amounts(x, machine + escalated * _review(requests, economics))
    if not (found.right_tokens.sum() > 0 and found.dollars.sum() > 0):
        raise InsufficientDataError("no right answer was delivered, or nothing was spent")
    return found


def _right(requests: Sequence[Request]) -> Floats:
    """Rightness of delivered answers; where people labelled some of a judge's, the pseudo-outcome that corrects it.

    1 - (t_j + (wrong - t_j) / pi_j) with t_j the wrong share that people found at the judge's verdict j and pi_j the
    share of those answers that they labelled.
    """
    right = np.array([np.nan if r.right is None else float(r.right) for r in requests])
    marks = [r.mark for r in requests]
    if all(m is None or m.wrong is None for m in marks):
        return right
    for flag in (True, False, None):
        mine = np.array([m is not None and m.flagged is flag for m in marks])
        wrong = np.array([np.nan if m is None or m.wrong is None else float(m.wrong) for m in marks])
        known = mine & ~np.isnan(wrong)
        if not mine.any():
            continue
        if not known.any():
            raise InsufficientDataError("people labelled none of the answers with one of the judge's verdicts")
        t, pi = float(wrong[known].mean()), float(known.sum() / mine.sum())
        right[mine] = 1 - t
        right[known] = 1 - (t + (wrong[known] - t) / pi)
    return right


def _review(requests: Sequence[Request], economics: Economics | None) -> float:
    """Dollars of one review at the base wage."""
    if economics is None:
        return 0.0
    reviewed = [r for r in requests if r.end is End.ESCALATED] or list(requests)
    claims = float(np.mean([max(r.claims, 1.0) for r in reviewed]))
    seconds = float(seconds_per_claim(economics, DrawSettings(n=1))[0])
    return float(claims * seconds * economics.wage_base / 3600)


def vcpd_evidence(old: Amounts, new: Amounts, clusters: Sequence[str], margin: Margin, test: PairedTest) -> Evidence:
    """Evidence of a lost share of VCpD: loss = 1 - VCpD_new / VCpD_old, tested on the log.

    Raises:
        InsufficientDataError: One cluster only.
    """
    number = cluster_numbers(list(clusters)).astype(np.intp)
    groups, n = int(number.max()) + 1, len(number)
    if groups < 2:
        raise InsufficientDataError("one cluster alone says nothing of the variance between clusters")
    gain = log(new.vcpd / old.vcpd)
    sums = np.bincount(number, _influence(new) - _influence(old))
    error = sqrt(groups / (groups - 1) * float(sums @ sums)) / n
    shrinks = 2 if error > 0 else 1  # with the square root of the items; an unseen change with their number
    if error == 0:
        error = _unseen(old, groups, test)
    limit, t = log1p(-margin.value), float(stdtrit(groups - 1, 1 - test.alpha))
    needed = n * (test.z * error / max(gain - limit, -gain)) ** shrinks
    return Evidence(
        baseline=old.vcpd,
        candidate=new.vcpd,
        loss=-expm1(gain),
        lower=-expm1(gain + t * error),
        upper=-expm1(gain - t * error),
        p_inferior=float(stdtr(groups - 1, -(gain - limit) / error)),
        p_no_loss=float(stdtr(groups - 1, gain / error)),
        n=n,
        n_clusters=groups,
        method="log ratio, influence functions, cluster t",
        smallest_margin=-expm1(-test.z * error),
        more_items=max(1, int(np.ceil(needed)) - n),
    )


def _influence(a: Amounts) -> Floats:
    return np.asarray(a.right_tokens / a.right_tokens.mean() - a.dollars / a.dollars.mean())


def _unseen(a: Amounts, groups: int, test: PairedTest) -> float:
    """Where no sample changed, one unseen change of the largest answer: an error of 0 would claim certainty."""
    largest = float(a.right_tokens.max() / a.right_tokens.mean())
    rate = 1 - test.alpha ** (1 / groups)
    return float(largest * rate / stdtrit(groups - 1, 1 - test.alpha))

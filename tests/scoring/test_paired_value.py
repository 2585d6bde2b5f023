"""The log ratio of VCpD by influence functions."""

from dataclasses import replace
from math import expm1, log

import numpy as np
import pytest
from vcpd.scoring.economics import Economics
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.gate import Margin
from vcpd.scoring.judge_tables import Mark
from vcpd.scoring.paired_value import Amounts, amounts, vcpd_evidence
from vcpd.scoring.policy import Dollars, End, Request
from vcpd.scoring.power import DEFAULT_TEST

MARGIN = Margin(0.05, "default")


def request(i: int, *, right: bool | None = True, tokens: int | None = 10, end: End = End.DELIVERED) -> Request:
    return Request(f"c{i}", end, right if end is End.DELIVERED else None, tokens, 2, 1, Dollars(0.01, 0.0, 0.0))


def test_tokens_and_dollars_of_each_request() -> None:
    economics = Economics(36.0, 10.0, 100.0, 200.0, 0.0, reviewer_accuracy=0.5)
    found = amounts([request(0), request(1, right=False), request(2, end=End.ESCALATED)], economics)
    assert found.right_tokens.tolist() == [10, 0, 5]  # a person's answer: mean length, right half the time
    assert found.dollars.tolist() == pytest.approx([0.01, 0.01, 0.01 + 2 * 36 * 100 / 3600])


def test_labels_correct_the_judge_as_pseudo_outcomes() -> None:
    """Of 100 answers that the judge passed people saw 10 and found 2 wrong: .8 right on average."""
    marked = [replace(request(i), mark=Mark(False, None if i >= 10 else i < 2)) for i in range(100)]
    assert amounts(marked, None).right_tokens.mean() == pytest.approx(8.0)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (replace(request(0), dollars=None), "what was spent is unknown"),
        (request(0, tokens=None), "tokens of the answers were not recorded"),
        (request(0, right=None), "were not judged"),
        (request(0, right=False), "no right answer"),
    ],
)
def test_what_is_not_known_gives_no_number(wrong: Request, why: str) -> None:
    with pytest.raises(InsufficientDataError, match=why):
        amounts([wrong], None)


def arms(n: int = 400, gain: float = 1.0, seed: int = 0) -> tuple[Amounts, Amounts]:
    rng = np.random.default_rng(seed)
    x, c = rng.gamma(4, 10, n) * (rng.uniform(size=n) < 0.8), rng.gamma(9, 0.01, n)
    noise = rng.normal(1, 0.05, n)
    return Amounts(x, c), Amounts(x * gain * noise, c)


def test_the_error_is_that_of_the_jackknife() -> None:
    old, new = arms()
    n = len(old.dollars)
    whole = log(new.vcpd / old.vcpd)
    left = []
    for i in range(n):
        keep = np.arange(n) != i
        a, b = (Amounts(s.right_tokens[keep], s.dollars[keep]) for s in (old, new))
        left.append(log(b.vcpd / a.vcpd))
    jackknife = np.sqrt((n - 1) / n * np.sum((np.array(left) - np.mean(left)) ** 2))
    found = vcpd_evidence(old, new, [f"c{i}" for i in range(n)], MARGIN, DEFAULT_TEST)
    assert found.loss == pytest.approx(-expm1(whole))
    half = (log(1 - found.lower) - log(1 - found.upper)) / 2
    assert half == pytest.approx(1.649 * jackknife, rel=0.02)


def test_a_loss_beyond_the_margin_is_proven_and_a_gain_passes() -> None:
    clusters = [f"c{i}" for i in range(400)]
    worse = vcpd_evidence(*arms(gain=0.8), clusters, MARGIN, DEFAULT_TEST)
    better = vcpd_evidence(*arms(gain=1.2), clusters, MARGIN, DEFAULT_TEST)
    assert worse.p_no_loss < 0.001 < 0.99 < worse.p_inferior
    assert better.p_inferior < 0.001
    assert worse.lower < worse.loss < worse.upper


def test_arms_without_any_change_are_not_certain() -> None:
    old, _ = arms(20)
    few = vcpd_evidence(old, old, [f"c{i}" for i in range(20)], MARGIN, DEFAULT_TEST)
    assert few.loss == 0
    assert few.p_inferior > 0.05
    many, _ = arms(2000)
    assert vcpd_evidence(many, many, [f"c{i}" for i in range(2000)], MARGIN, DEFAULT_TEST).p_inferior < 0.05


def test_one_cluster_says_nothing() -> None:
    with pytest.raises(InsufficientDataError, match="one cluster"):
        vcpd_evidence(*arms(5), ["c"] * 5, MARGIN, DEFAULT_TEST)

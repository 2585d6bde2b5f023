"""A cascade: who is asked, whose word stands, what was used; and its bands from labels and dollars."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.retrieval.passages import Document, Passage, Span
from vcpd.retrieval.sources import SourcePolicy
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.stage_costs import Band, ClaimCosts
from vcpd.scoring.usage import Usage
from vcpd.verifiers.recalibration import LogitLine
from vcpd.verifiers.shelf import Shelf
from vcpd.verifiers.stage_tuning import Promise, StageRows, Tuned, tune
from vcpd.verifiers.staged import Stage, StagedVerifier
from vcpd.verifiers.support import judge_support
from vcpd.verifiers.verdict import Claim, Failure, Label, Verdict

SOURCE = (Passage("d", Span(0, 4), "text"),)
LINE = LogitLine()


@dataclass
class Fixed:
    """Says of each claim the probability that its text names; a claim of "fail" is a failure."""

    name: str
    plus: float = 0.0
    seen: list[str] = field(default_factory=list)
    version: str = "1"

    def verify(self, pairs: Sequence[tuple[Claim, Sequence[Passage]]]) -> list[Verdict | Failure]:
        self.seen += [c.text for c, _ in pairs]
        return [self._result(c) for c, _ in pairs]

    def _result(self, claim: Claim) -> Verdict | Failure:
        usage = Usage(f"verify:{self.name}", seconds=1.0)
        if claim.text == "fail":
            return Failure(claim, "no", self.name, usage)
        p = min(1.0, float(claim.text) + self.plus)
        label = Label.SUPPORTED if p >= 0.5 else Label.NOT_ENOUGH_INFO
        return Verdict(claim, label, SOURCE, p, (), self.name, self.version, usage, "so")


def pairs(*texts: str) -> list[tuple[Claim, Sequence[Passage]]]:
    return [(Claim(t, Span(0, len(t))), SOURCE) for t in texts]


def cascade(floor: float = 0.0) -> tuple[StagedVerifier, Fixed, Fixed]:
    cheap, dear = Fixed("cheap"), Fixed("dear", plus=0.2)
    return (
        StagedVerifier([Stage(cheap, Band(0.3, 0.8), LINE), Stage(dear, Band(0.7, 0.7), LINE)], floor=floor),
        cheap,
        dear,
    )


def test_only_the_undecided_go_on_and_all_that_was_used_is_kept() -> None:
    verifier, cheap, dear = cascade()
    results = verifier.verify(pairs("0.9", "0.2", "0.6", "0.4", "fail"))
    assert cheap.seen == ["0.9", "0.2", "0.6", "0.4", "fail"]
    assert dear.seen == ["0.6", "0.4", "fail"]
    assert [r.verifier for r in results] == ["cheap", "cheap", "dear", "dear", "dear"]
    labels = [r.label if isinstance(r, Verdict) else None for r in results]
    assert labels == [Label.SUPPORTED, Label.NOT_ENOUGH_INFO, Label.SUPPORTED, Label.NOT_ENOUGH_INFO, None]
    assert [[u.stage for u in r.earlier] for r in results] == [[], [], *[["verify:cheap"]] * 3]
    assert (verifier.name, verifier.version) == ("cheap>dear", "1(0.3,0.8;0,1)>1(0.7,0.7;0,1)")


def test_supported_but_not_surely_enough_is_not_supported_and_says_so() -> None:
    verifier, _, _ = cascade()
    [result] = verifier.verify(pairs("0.4"))  # the dear one: 0.6, supported by its own threshold, 0.7 is needed
    assert isinstance(result, Verdict)
    assert result.label is Label.NOT_ENOUGH_INFO
    assert result.unsupported == (Span(0, 3),)
    assert "0.70 is needed" in result.reason


def test_a_floor_binds_every_stage() -> None:
    verifier, _, dear = cascade(floor=0.95)
    [result] = verifier.verify(pairs("0.9"))
    assert isinstance(result, Verdict)
    assert result.label is Label.NOT_ENOUGH_INFO
    assert dear.seen == []
    assert verifier.version.endswith("+floor(0.95)")


def test_usage_of_every_stage_reaches_the_answer() -> None:
    verifier, _, _ = cascade()
    shelf = Shelf(SOURCE, {"d": Document("d", "text")}, SourcePolicy())
    [support] = judge_support([Claim("0.6", Span(0, 3))], shelf, verifier)
    assert [u.stage for u in support.usage] == ["verify:cheap", "verify:dear"]


def test_no_stage_and_a_stage_that_loses_claims() -> None:
    with pytest.raises(ValueError, match="a cascade needs a stage"):
        StagedVerifier([])
    lossy = Fixed("lossy")
    lossy.verify = lambda pairs: []  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="returned 0 results for 1 pairs"):
        StagedVerifier([Stage(lossy, Band(0.5, 0.5), LINE)]).verify(pairs("0.9"))


@given(st.lists(st.floats(0.01, 0.99), max_size=12), st.floats(0.05, 0.5), st.floats(0.5, 0.95))
def test_one_result_per_claim_in_order(values: list[float], low: float, high: float) -> None:
    texts = [f"{v:.6f}" for v in values]
    verifier = StagedVerifier([Stage(Fixed("a"), Band(low, high), LINE), Stage(Fixed("b"), Band(0.5, 0.5), LINE)])
    results = verifier.verify(pairs(*texts))
    assert [r.claim.text for r in results] == texts
    for result, value in zip(results, values, strict=True):
        assert (result.verifier == "b") == (low < LINE(round(value, 6)) < high)


def labelled(n: int, cheap_noise: float, dear_usd: float) -> tuple[list[StageRows], list[bool], list[str]]:
    """The cheap verifier sees the truth through noise, the dear one sees it almost plainly."""
    rng = np.random.default_rng(7)
    truth = rng.random(n) < 0.6
    rows = []
    for name, noise, usd in (("cheap", cheap_noise, 1e-6), ("dear", 0.6, dear_usd)):
        z = np.where(truth, 2.0, -2.0) + rng.normal(0, noise, n)
        values = [f"{p:.6f}" for p in np.clip(1 / (1 + np.exp(-z)), 0.001, 0.999)]
        verifier = Fixed(name)
        rows.append(StageRows(verifier, tuple(verifier.verify(pairs(*values))), (usd,) * n))
    return rows, [bool(t) for t in truth], [f"c{i // 2}" for i in range(n)]


def tuned(dear_usd: float, promise: Promise | None = None, noise: float = 3.0) -> Tuned:
    rows, truth, clusters = labelled(1200, noise, dear_usd)
    return tune(rows, truth, clusters, ClaimCosts(10.0, 1.0), promise)


def test_a_cheap_better_stage_is_asked_and_pays() -> None:
    found = tuned(0.01)
    whole, cheap, _ = found.worth
    assert found.stages[0].band.asks
    assert whole.usd.high is not None
    assert cheap.usd.low is not None
    assert whole.usd.high < cheap.usd.low  # the cascade costs less than the cheap verifier alone, beyond doubt
    assert sum(whole.decided) == pytest.approx(1)
    assert whole.sensitivity.value > cheap.sensitivity.value
    assert found.stages[1].band == Band(0.9, 0.9)


def test_a_dear_stage_is_asked_less_and_at_last_never() -> None:
    shares = [tuned(usd).worth[0].decided[-1] for usd in (0.001, 0.1, 0.4, 5.0)]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == 0
    assert not tuned(5.0).stages[0].band.asks


def test_a_promise_is_certified_on_the_other_half_or_refused() -> None:
    kept = tuned(0.01, Promise(0.1))
    assert kept.floor is not None
    assert kept.floor.errors <= 0.1 * kept.floor.accepted
    assert kept.floor.n <= 300  # one label a cluster, of half of the clusters
    refused = tuned(0.01, Promise(0.0001))
    assert refused.floor is None
    assert "label" in refused.why


def test_labels_that_do_not_suffice() -> None:
    rows, _, clusters = labelled(40, 1.0, 0.01)
    with pytest.raises(InsufficientDataError, match="supported and unsupported"):
        tune(rows, [True] * 40, clusters, ClaimCosts(10.0, 1.0))
    with pytest.raises(ValueError, match="one result and one cost"):
        tune(rows, [True] * 39, clusters[:39], ClaimCosts(10.0, 1.0))

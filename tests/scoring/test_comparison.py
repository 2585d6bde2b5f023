"""Several models on the same samples: their draws belong together, and only then are they compared."""

from typing import Any

import numpy as np
import pytest
from scipy import stats
from vcpd.scoring.cell import Cell, DomainTerms
from vcpd.scoring.comparison import Arm, DifferentSamplesError, common_samples, joint_cells
from vcpd.scoring.draws import DrawSettings, bootstrap_means, rank_uniforms
from vcpd.scoring.economics import Economics, RetryPolicy
from vcpd.scoring.prices import Price, PriceTable
from vcpd.scoring.records import Outcome, OutcomeBy, Record
from vcpd.scoring.usage import Usage

PRICES = PriceTable({"a": Price(1.0, 1.0), "b": Price(2.0, 2.0)})
DRAWS = DrawSettings(n=4000)
ANY_MODEL = RetryPolicy(on_abstain="escalate")


def arm(label: str, wrong: set[int], *, n: int = 60, model: str = "a", **more: Any) -> Arm:
    records = []
    for i in range(n):
        outcome = Outcome.INCORRECT if i in wrong else Outcome.CORRECT
        usage = (Usage("generate", model, input_tokens=100 + 10 * i, output_tokens=10, requests=1),)
        row: dict[str, Any] = {
            "run_id": "r", "model": model, "domain": "d", "sample_id": f"s{i:03}", "cluster_id": f"c{i:03}",
            "epoch": 1, "attempt": 1, "outcome": outcome, "outcome_by": OutcomeBy.KEY, "delivered_tokens": 10,
            "usage": usage,
        }  # fmt: skip
        records.append(Record(**{**row, **more}))
    return Arm(label, tuple(records), {}, DomainTerms())


def cells(*arms: Arm) -> dict[str, Cell]:
    return joint_cells(arms, PRICES, DRAWS)


def correlation(one: Cell, other: Cell) -> float:
    return float(np.corrcoef(one.joint.q[1:], other.joint.q[1:])[0, 1])


def test_wrong_on_the_same_samples_moves_together_and_on_others_does_not() -> None:
    some = set(range(20))
    found = cells(arm("x", some), arm("same", some), arm("apart", set(range(30, 50))))
    assert correlation(found["x"], found["same"]) > 0.9
    assert correlation(found["x"], found["apart"]) < -0.2  # one's errors are where the other has none


def test_dollars_of_common_samples_move_together() -> None:
    found = cells(arm("x", {1}), arm("y", {2}, model="b"))
    one, other = (found[name].joint.kappa[1:] for name in ("x", "y"))
    assert np.allclose(other, 2 * one)


def test_a_cell_compared_has_the_posterior_of_a_cell_alone() -> None:
    """The dependence changes, the marginal law of the error rate does not."""
    cell = cells(arm("x", set(range(6))), arm("y", {1}))["x"]
    posterior = stats.beta(6.5, 54.5)
    found = 1 - cell.joint.q[1:]
    for share in (0.025, 0.25, 0.5, 0.75, 0.975):
        assert np.quantile(found, share) == pytest.approx(posterior.ppf(share), rel=0.02)


def test_two_models_without_an_error_are_not_tied_for_certain() -> None:
    found = cells(arm("x", set()), arm("y", set()))
    better = np.mean(found["x"].joint.q[1:] > found["y"].joint.q[1:])
    assert 0.4 < better < 0.6
    assert abs(correlation(found["x"], found["y"])) < 0.1


def test_the_share_of_draws_is_the_paired_p_value() -> None:
    """12 samples on which only x errs, 4 on which only y does: near the exact paired test, not the comonotone 1."""
    common = set(range(20, 30))
    found = cells(arm("x", common | set(range(12))), arm("y", common | set(range(12, 16))))
    worse = float(np.mean(found["x"].joint.q[1:] > found["y"].joint.q[1:]))
    mid_p = float(stats.binom.cdf(3, 16, 0.5) + 0.5 * stats.binom.pmf(4, 16, 0.5))
    assert worse == pytest.approx(mid_p, abs=0.02)


def test_more_clusters_than_the_normal_limit_still_share_their_weights() -> None:
    n = 2100
    values = np.arange(n, dtype=float)[:, None]
    settings = DrawSettings(n=50, tie_seed=1)
    one = bootstrap_means(values, np.arange(n, dtype=float), settings)
    other = bootstrap_means(values**2, np.arange(n, dtype=float), DrawSettings(n=50, tie_seed=2))
    assert np.corrcoef(one[1:, 0], other[1:, 0])[0, 1] > 0.9


def test_uniforms_are_uniform() -> None:
    rng = np.random.default_rng(0)
    found = rank_uniforms(np.zeros(1000), np.full(1000, 30.0), rng)
    assert np.sort(found) == pytest.approx((np.arange(1000) + 0.5) / 1000)


def test_other_samples_are_refused_and_say_which() -> None:
    with pytest.raises(DifferentSamplesError, match=r"short lacks 20 \('s040', 's041', 's042', ...\); 40 are common"):
        cells(arm("x", {1}), arm("short", {1}, n=40))


def test_another_cluster_is_refused() -> None:
    with pytest.raises(DifferentSamplesError, match="sample 's000' into the clusters 'c000' and 'k'"):
        cells(arm("x", {1}), arm("y", {1}, cluster_id="k"))


def test_cut_to_the_common_samples() -> None:
    found = joint_cells(common_samples([arm("x", {1}), arm("short", {1}, n=40)]), PRICES, DRAWS)
    assert [len(c.requests) for c in found.values()] == [40, 40]


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="same name"):
        cells(arm("x", {1}), arm("x", {2}))


def test_intervals_of_a_comparison_are_those_of_a_model_alone() -> None:
    """Exponential weights in place of multinomial ones: the ends of every interval stay where they were."""
    from vcpd.scoring.cell import make_cell
    from vcpd.scoring.draws import estimate_of

    x = arm("x", {4, 13, 22, 37, 46, 55})  # errors that have nothing to do with the length of a prompt
    alone = make_cell(list(x.records), {}, x.terms, PRICES, DRAWS)
    compared = cells(x, arm("y", {1}))["x"]
    for name in ("kappa", "q", "q_tokens", "vcpd", "usd_per_answer"):
        one, other = (estimate_of(getattr(c.joint, name), DRAWS, 60, 60) for c in (alone, compared))
        assert one.value == other.value
        width = (one.high or 0) - (one.low or 0)
        assert one.low == pytest.approx(other.low, abs=0.1 * width), name
        assert one.high == pytest.approx(other.high, abs=0.1 * width), name


@pytest.mark.parametrize(("policy", "same"), [(RetryPolicy(escalate_tiers=("high",)), True), (ANY_MODEL, False)])
def test_what_a_tier_sends_to_people_is_the_same_for_every_model(policy: RetryPolicy, same: bool) -> None:
    """No request was sent: by tier alone none is sent of either model, in every draw the same."""
    terms = DomainTerms(Economics(60.0, 30.0, 60.0, 90.0, 10.0), policy)
    arms = [Arm(name, arm(name, {1}).records, {}, terms) for name in ("x", "y")]
    one, other = (cell.joint.human for cell in cells(*arms).values())
    assert one[1:].max() > 0
    assert np.array_equal(one, other) is same

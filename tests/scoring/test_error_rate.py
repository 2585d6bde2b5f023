"""p beside an imperfect judge: by hand, coverage, and the traps that other estimators fall into."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.error_rate import Rate, pooled_p, post_stratified
from vcpd.scoring.estimate import Estimate, InsufficientDataError
from vcpd.scoring.judge_tables import Estimand, JudgeTable, LabelChoice, Stratum
from vcpd.scoring.judge_value import rho_squared
from vcpd.scoring.label_bounds import guaranteed_upper, human_only, human_only_upper

TESTS = Path(__file__).resolve().parents[1]
oracles = runpy.run_path(str(TESTS / "scoring" / "judge_oracles.py"))
benchmark = runpy.run_path(str(TESTS / "benchmarks" / "coverage_error_rate.py"))
QUICK = DrawSettings(n=2000)
RATES: tuple[Rate, ...] = ("p", "sensitivity", "fpr", "ppv", "escape")
HALF = JudgeTable(Stratum(100, 50, 40), Stratum(400, 50, 2))


def width(e: Estimate) -> float:
    assert e.low is not None
    assert e.high is not None
    return e.high - e.low


@st.composite
def tables(draw: st.DrawFn) -> JudgeTable:
    def stratum() -> Stratum:
        wrong = draw(st.integers(0, 20))
        labelled = wrong + draw(st.integers(0, 20))
        return Stratum(labelled + draw(st.integers(0, 100)), labelled, wrong)

    return JudgeTable(stratum(), stratum())


# by hand


def test_plug_in_by_hand() -> None:
    # W = 1/5, t1 = 4/5, t0 = 1/25: p = 0.16 + 0.032
    rate = post_stratified(HALF, settings=QUICK)
    assert rate.p[0] == pytest.approx(0.192)
    assert rate.flagged[0] == pytest.approx(0.2)
    assert rate.sensitivity[0] == pytest.approx(0.16 / 0.192)
    assert rate.fpr[0] == pytest.approx(0.04 / 0.808)
    assert (rate.ppv[0], rate.escape[0]) == (0.8, 0.04)
    assert (rate.n, rate.n_clusters, len(rate.p)) == (100, 100, 2001)
    assert rate.rho_squared[0] == pytest.approx(rho_squared(0.192, 0.16 / 0.192, 1 - 0.04 / 0.808))


def test_draws_are_the_posteriors_that_they_claim_to_be() -> None:
    rate = post_stratified(HALF, settings=DrawSettings(n=20_000))
    for draws, beta in (
        (rate.flagged, stats.beta(100.5, 400.5)),
        (rate.ppv, stats.beta(40.5, 10.5)),
        (rate.escape, stats.beta(2.5, 48.5)),
    ):
        assert stats.kstest(draws[1:], beta.cdf).pvalue > 1e-3
    assert abs(np.corrcoef(rate.ppv[1:], rate.escape[1:])[0, 1]) < 0.03
    exact = 100.5 / 501 * 40.5 / 51 + 400.5 / 501 * 2.5 / 51
    assert rate.p[1:].mean() == pytest.approx(exact, abs=1e-3)


def test_labels_of_everything_are_the_plain_share() -> None:
    table = JudgeTable(Stratum(30, 30, 20), Stratum(70, 70, 5))
    assert post_stratified(table, settings=QUICK).p[0] == pytest.approx(0.25)
    known = post_stratified(table, estimand=Estimand.FINITE, settings=QUICK).estimate("p")
    assert (known.value, known.low, known.high) == pytest.approx((0.25, 0.25, 0.25))


@given(tables())
def test_rates_fit_together_in_every_draw(table: JudgeTable) -> None:
    if not table.labelled:
        return
    for estimand in Estimand:
        r = post_stratified(table, estimand=estimand, settings=DrawSettings(n=50))
        for name in (*RATES, "flagged"):
            known = getattr(r, name)[~np.isnan(getattr(r, name))]
            assert ((known >= 0) & (known <= 1 + 1e-12)).all()
        caught, alarms = (r.p * r.sensitivity)[1:], ((1 - r.p) * r.fpr)[1:]
        both = ~np.isnan(caught + alarms)
        assert (caught + alarms)[both] == pytest.approx(r.flagged[1:][both], abs=1e-9)
        assert caught[both] == pytest.approx((r.flagged * np.nan_to_num(r.ppv))[1:][both], abs=1e-9)
        e = r.estimate("p")
        assert e.low is None or e.low <= e.value <= (e.high or 1)


@given(tables())
def test_swapping_verdicts_leaves_p_alone(table: JudgeTable) -> None:
    if not table.labelled:
        return
    swapped = post_stratified(JudgeTable(table.unflagged, table.flagged), settings=DrawSettings(n=50))
    assert swapped.p[0] == pytest.approx(post_stratified(table, settings=DrawSettings(n=50)).p[0])


def test_same_seed_same_numbers() -> None:
    first, again = (post_stratified(HALF, settings=QUICK).p for _ in range(2))
    assert (first == again).all()
    assert (post_stratified(HALF, settings=DrawSettings(n=2000, seed=1)).p[1:] != first[1:]).any()


# coverage


@pytest.mark.parametrize("design", ["random", "balanced"])
@pytest.mark.parametrize("at", [(0.9, 0.95, 0.02, 50), (0.7, 0.8, 0.1, 30)])
def test_interval_covers(at: tuple[float, float, float, int], design: str) -> None:
    result = benchmark["simulate"](benchmark["Cell"](*at), reps=300, draws=400, seed=4, design=design)
    assert result.coverage >= 0.90
    assert result.too_low <= 0.05


def test_a_pool_of_known_size_is_covered_without_waste() -> None:
    rng = np.random.default_rng(6)
    covered, wide, narrow = 0, 0.0, 0.0
    for run in range(200):
        wrong = rng.random(200) < 0.2
        flag = np.where(wrong, rng.random(200) < 0.7, rng.random(200) < 0.2)
        seen = np.isin(np.arange(200), rng.choice(200, 100, replace=False))
        strata = (Stratum(int(f.sum()), int((f & seen).sum()), int((f & seen & wrong).sum())) for f in (flag, ~flag))
        table, settings = JudgeTable(*strata), DrawSettings(n=500, seed=run)
        e = post_stratified(table, estimand=Estimand.FINITE, settings=settings).estimate("p")
        covered += e.low is not None and e.low - 1e-9 <= wrong.mean() <= (e.high or 1) + 1e-9
        narrow += width(e)
        wide += width(post_stratified(table, settings=settings).estimate("p"))
    assert covered >= 180
    assert narrow < 0.8 * wide


# traps


def test_zero_labelled_errors_do_not_give_zero_to_zero() -> None:
    table = oracles["table"](0, 0, 3, 47, 30, 470)
    assert oracles["ppi_plus_plus"](table) == (0, 0, 0)  # the trap
    rate = post_stratified(table)
    e = rate.estimate("p")
    assert (e.value, e.low) == (0, 0)
    assert e.high is not None
    assert 0.02 < e.high < 0.12
    assert rate.upper().value > 0.02
    with pytest.raises(InsufficientDataError, match="found no wrong answer"):
        rate.estimate("sensitivity")


def test_judge_only_is_refused() -> None:
    for table in (JudgeTable(Stratum(60, 0, 0), Stratum(440, 0, 0)), JudgeTable(Stratum(0, 0, 0), Stratum(9, 0, 0))):
        with pytest.raises(InsufficientDataError, match="nobody checked any: a judge's own rate is not p"):
            post_stratified(table)
        with pytest.raises(InsufficientDataError, match="not p"):
            guaranteed_upper(table)
    with pytest.raises(InsufficientDataError, match="no answer was judged"):
        post_stratified(JudgeTable(Stratum(0, 0, 0), Stratum(0, 0, 0)))


def test_labels_chosen_by_outcome_are_refused() -> None:
    # 50 answers that looked wrong were labelled, and were: the data cannot tell, so it must be said
    suspicious = JudgeTable(Stratum(100, 30, 30), Stratum(400, 20, 20))
    assert post_stratified(suspicious, settings=QUICK).p[0] == 1  # what it would claim
    for call in (post_stratified, guaranteed_upper):
        with pytest.raises(InsufficientDataError, match="picked by how they looked"):
            call(suspicious, chosen=LabelChoice.BY_OUTCOME)


def test_labels_chosen_by_verdict_need_the_verdicts() -> None:
    # half of the labels on the flagged fifth: 42 of 100 are wrong, but p is 0.192
    assert post_stratified(HALF, chosen=LabelChoice.BY_VERDICT, settings=QUICK).p[0] == pytest.approx(0.192)
    for call in (human_only, human_only_upper):
        with pytest.raises(InsufficientDataError, match="at random"):
            call(42, 100, chosen=LabelChoice.BY_VERDICT)


def test_a_judge_no_better_than_chance_narrows_nothing_and_biases_nothing() -> None:
    # Se = 0.3, Sp = 0.5: flags right answers more often than wrong ones; 10 of 100 labelled are wrong
    table = oracles["table"](3, 7, 45, 45, 240, 260)
    with pytest.raises(ZeroDivisionError):
        oracles["rogan_gladen"](288 / 600, 0.3, 0.5)
    e = post_stratified(table).estimate("p")
    assert e.value == pytest.approx(0.1, abs=0.01)
    assert width(e) == pytest.approx(width(human_only(10, 100)), rel=0.15)


def test_a_good_judge_narrows() -> None:
    table = oracles["table"](9, 1, 4, 86, 70, 430)
    assert width(post_stratified(table).estimate("p")) < 0.8 * width(human_only(10, 100))


def test_equals_ppi_plus_plus_where_errors_are_plenty() -> None:
    table = oracles["table"](540, 60, 70, 1330, 3000, 7000)
    value, low, high = oracles["ppi_plus_plus"](table)
    e = post_stratified(table).estimate("p")
    assert (e.value, e.low, e.high) == pytest.approx((value, low, high), abs=0.002)


def test_equals_rogan_gladen_where_labels_and_pool_agree() -> None:
    table = oracles["table"](80, 20, 90, 810, 850, 4150)  # flagged 17 % in both
    assert post_stratified(table, settings=QUICK).p[0] == pytest.approx(oracles["rogan_gladen"](0.17, 0.8, 0.9))


def test_sensitivity_borrowed_from_another_domain_misleads() -> None:
    # law: Se 0.9, Sp 0.95, p 0.1; medicine: Se 0.5, Sp 0.8, p 0.1, so that 23 % are flagged
    assert oracles["rogan_gladen"](0.23, 0.9, 0.95) > 0.2  # law's rates on medicine's flags: twice p
    medicine = oracles["table"](10, 10, 36, 144, 1150 - 46, 3850 - 154)
    assert post_stratified(medicine, settings=QUICK).p[0] == pytest.approx(0.1)


def test_a_verifier_cannot_see_its_own_escapes() -> None:
    # people looked only at what the verifier rejected
    rate = post_stratified(JudgeTable(Stratum(60, 30, 20), Stratum(440, 0, 0)), settings=QUICK)
    for name in ("escape", "sensitivity", "fpr"):
        with pytest.raises(InsufficientDataError, match="label"):
            rate.estimate(name)
    assert rate.estimate("ppv").value == pytest.approx(2 / 3)
    e = rate.estimate("p")
    assert width(e) > 0.8  # nothing is known of 88 % of the answers, and the interval says so


def test_rates_of_verdicts_that_never_fell() -> None:
    rate = post_stratified(JudgeTable(Stratum(0, 0, 0), Stratum(100, 40, 4)), settings=QUICK)
    assert (rate.p[0], rate.sensitivity[0], rate.fpr[0]) == (0.1, 0, 0)
    with pytest.raises(InsufficientDataError, match="ppv is undefined"):
        rate.estimate("ppv")


def test_counts_that_cannot_be() -> None:
    for counts in ((10, 11, 0), (10, 5, 6), (10, 5, -1)):
        with pytest.raises(ValueError, match="does not hold"):
            Stratum(*counts)
    for deff in (0.5, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="at least 1"):
            post_stratified(HALF, deff_labels=deff)
        with pytest.raises(ValueError, match="at least 1"):
            human_only(1, 10, deff=deff)


# design effects, domains, bounds


def test_counts_over_design_effect_are_fewer_counts() -> None:
    quarter = JudgeTable(Stratum(25, 10, 8), Stratum(100, 20, 4))
    whole = JudgeTable(Stratum(100, 40, 32), Stratum(400, 80, 16))
    inflated = post_stratified(whole, deff_labels=4, deff_pool=4, settings=QUICK)
    assert inflated.p == pytest.approx(post_stratified(quarter, settings=QUICK).p)
    assert (inflated.n, inflated.n_clusters) == (120, 30)


def test_domains_pool_by_declared_weights_not_by_labels() -> None:
    easy = post_stratified(JudgeTable(Stratum(0, 0, 0), Stratum(900, 100, 0)), settings=QUICK)
    hard = post_stratified(JudgeTable(Stratum(50, 25, 25), Stratum(50, 25, 0)), settings=DrawSettings(n=2000, seed=1))
    pooled = pooled_p([(1, easy), (3, hard)])
    assert pooled.value == pytest.approx(0.375)
    assert (pooled.n, pooled.low is not None and pooled.low < 0.375) == (150, True)
    with pytest.raises(ValueError, match="seed of its own"):
        pooled_p([(1, easy), (1, easy)])
    with pytest.raises(ValueError, match="weight above 0"):
        pooled_p([(0, easy), (1, hard)])
    with pytest.raises(InsufficientDataError):
        pooled_p([])


@pytest.mark.parametrize(("k", "n"), [(0, 50), (3, 40), (40, 40)])
def test_human_only_is_wilson_and_clopper_pearson(k: int, n: int) -> None:
    e, bound = human_only(k, n), human_only_upper(k, n)
    low, high = proportion_confint(k, n, method="wilson")
    assert (e.value, e.low, e.high) == pytest.approx((k / n, low, high), abs=1e-12)
    assert bound.value == pytest.approx(1 if k == n else proportion_confint(k, n, alpha=0.1, method="beta")[1])
    halved = proportion_confint(k / 2, n / 2, method="wilson")
    assert (human_only(k, n, deff=2).low, human_only(k, n, deff=2).high) == pytest.approx(halved, abs=1e-12)
    with pytest.raises(InsufficientDataError, match="no answer"):
        human_only(0, 0)
    with pytest.raises(ValueError, match="wrong answers among"):
        human_only(n + 1, n)


def test_guaranteed_bound_by_hand() -> None:
    t1 = proportion_confint(40, 50, alpha=0.05, method="beta")[1]
    t0 = proportion_confint(2, 50, alpha=0.05, method="beta")[1]
    finite = guaranteed_upper(HALF, estimand=Estimand.FINITE)
    assert finite.value == pytest.approx(0.2 * t1 + 0.8 * t0)
    assert guaranteed_upper(HALF).value > finite.value > post_stratified(HALF).upper().value
    assert guaranteed_upper(JudgeTable(Stratum(0, 0, 0), Stratum(9, 9, 9))).value == 1


@given(tables())
def test_guaranteed_bound_holds_the_plug_in(table: JudgeTable) -> None:
    if not table.labelled:
        return
    for estimand in Estimand:
        bound = guaranteed_upper(table, estimand=estimand).value
        assert post_stratified(table, settings=DrawSettings(n=10)).p[0] - 1e-9 <= bound <= 1

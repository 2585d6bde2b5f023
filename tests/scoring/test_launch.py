"""Launch limits against one-sided bounds."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint
from vcpd.scoring.cell import DomainTerms, make_cell
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.economics import Economics
from vcpd.scoring.gate import GateTest, Verdict, decide
from vcpd.scoring.judge_tables import LabelChoice
from vcpd.scoring.launch import Candidate, at_most, launch_tests
from vcpd.scoring.power import DEFAULT_TEST
from vcpd.scoring.prices import Price, PriceTable
from vcpd.scoring.records import Outcome, OutcomeBy, Record
from vcpd.scoring.usage import Usage

ECONOMICS = Economics(60.0, 30.0, 60.0, 90.0, 1000.0)
PRICES = PriceTable({"m": Price(1.0, 1.0)})
SOURCES = {"p_max": "a board decided"}


def record(i: int, outcome: Outcome, *, answerable: bool | None = True, human: Outcome | None = None) -> Record:
    usage = (Usage("generate", "m", input_tokens=1000, output_tokens=100, requests=1),)
    return Record(
        "r", "m", "legal", f"s{i:04}", f"c{i:04}", 1, 1, human or outcome,
        OutcomeBy.HUMAN if human else OutcomeBy.KEY, human=human, answerable=answerable, output_tokens=100,
        delivered_tokens=100, usage=usage, graded=outcome if human else None,
    )  # fmt: skip


def launched(records: list[Record], limits: dict[str, float]) -> dict[str, GateTest]:
    cell = make_cell(records, {}, DomainTerms(ECONOMICS), PRICES, DrawSettings(n=2000), LabelChoice.RANDOM)
    tests = launch_tests(Candidate("legal", "m", tuple(records), cell), limits, SOURCES, DEFAULT_TEST)
    return {t.measure: t for t in tests}


def answers(right: int, wrong: int, abstained: int = 0, unfit: int = 0) -> list[Record]:
    """`abstained` and `unfit`: questions that must be abstained on, and what was done with them."""
    kinds = [(Outcome.CORRECT, True)] * right + [(Outcome.INCORRECT, True)] * wrong
    kinds += [(Outcome.ABSTAINED, False)] * abstained + [(Outcome.INCORRECT, False)] * unfit
    return [record(i, outcome, answerable=answerable) for i, (outcome, answerable) in enumerate(kinds)]


@pytest.mark.parametrize(
    ("right", "wrong", "verdict"),
    [(148, 0, Verdict.INCONCLUSIVE), (149, 0, Verdict.PASS), (148, 1, Verdict.INCONCLUSIVE), (140, 9, Verdict.FAIL)],
)
def test_149_right_answers_show_p_of_at_most_2_percent(right: int, wrong: int, verdict: Verdict) -> None:
    tests = launched(answers(right, wrong), {"p_max": 0.02})
    assert decide(list(tests.values())).verdict is verdict


def test_the_bounds_are_exact() -> None:
    evidence = launched(answers(95, 5), {"p_max": 0.2})["p"].evidence
    assert evidence is not None
    low, high = proportion_confint(5, 100, alpha=0.1, method="beta")
    assert (evidence.lower, evidence.upper) == (pytest.approx(low), pytest.approx(high))
    assert (evidence.candidate, evidence.baseline) == (0.05, 0.2)


def test_how_many_labels_would_decide() -> None:
    """40 right answers show nothing of .02; 149 do, if none is wrong."""
    evidence = launched(answers(40, 0), {"p_max": 0.02})["p"].evidence
    assert evidence is not None
    assert evidence.more_items == 149 - 40


@pytest.mark.parametrize(("x", "n", "share"), [(3, 50, 0.1), (0, 20, 0.02), (20, 20, 0.9), (7, 9, 0.3)])
def test_binomial_probabilities(x: int, n: int, share: float) -> None:
    assert at_most(x, n, share) == pytest.approx(stats.binom.cdf(x, n, share))


def test_abstentions_that_must_be_made() -> None:
    good = launched(answers(5, 0, abstained=58, unfit=2), {"must_abstain_recall_min": 0.8})["abstention_recall"]
    bad = launched(answers(5, 0, abstained=20, unfit=40), {"must_abstain_recall_min": 0.8})["abstention_recall"]
    assert decide([good]).verdict is Verdict.PASS
    assert decide([bad]).verdict is Verdict.FAIL
    assert good.evidence is not None
    assert good.evidence.candidate == pytest.approx(58 / 60)
    assert good.evidence.lower < 58 / 60 < good.evidence.upper


def test_q_and_dollars_come_from_the_joint_draws() -> None:
    tests = launched(answers(190, 10), {"q_min": 0.9, "usd_per_verified_answer_max": 1.0})
    q, usd = tests["q"].evidence, tests["usd_per_verified_answer"].evidence
    assert q is not None
    assert usd is not None
    assert q.candidate == pytest.approx(0.95)
    assert q.lower == pytest.approx(stats.beta.ppf(0.05, 190.5, 10.5), abs=0.01)
    assert usd.candidate == pytest.approx(0.0011 / 0.95)
    assert decide(list(tests.values())).verdict is Verdict.PASS


def test_what_is_declared_and_was_not_measured_leaves_the_launch_open() -> None:
    tests = launched(answers(200, 0), {"p_max": 0.02, "must_abstain_recall_min": 0.9})
    decision = decide(list(tests.values()))
    assert decision.verdict is Verdict.INCONCLUSIVE
    assert [f.test.measure for f in decision.of(Verdict.INCONCLUSIVE)] == ["abstention_recall"]


def test_only_declared_limits_are_asked() -> None:
    assert list(launched(answers(10, 0), {"p_max": 0.1})) == ["p"]
    assert launched(answers(10, 0), {"p_max": 0.1})["p"].margin.source == "pack legal: a board decided"


def test_labels_of_some_answers_correct_the_judge_and_the_claim_needs_the_guaranteed_bound() -> None:
    rng = np.random.default_rng(0)
    records = []
    for i in range(400):
        wrong = bool(rng.uniform() < 0.02)
        said = Outcome.INCORRECT if wrong != (rng.uniform() < 0.1) else Outcome.CORRECT
        truth = Outcome.INCORRECT if wrong else Outcome.CORRECT
        records.append(record(i, said, human=truth if i % 4 == 0 else None))
    evidence = launched(records, {"p_max": 0.15})["p"].evidence
    assert evidence is not None
    assert evidence.candidate < 0.06  # the judge alone would say .12
    assert evidence.more_of == "labels"
    assert evidence.upper > np.quantile([evidence.candidate], 0.5)

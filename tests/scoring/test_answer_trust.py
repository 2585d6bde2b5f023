"""From records to a threshold: what counts as a label, one a cluster, and the promise."""

from typing import Any

import numpy as np
import pytest
from vcpd.scoring.answer_trust import Bargain, Promise, trusted
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.scoring.policy import AttemptKey, attempt_key
from vcpd.scoring.records import Outcome, OutcomeBy, Record

C, W = Outcome.CORRECT, Outcome.INCORRECT


def record(i: int, outcome: Outcome, **more: Any) -> Record:
    row: dict[str, Any] = {
        "run_id": "r", "model": "m", "domain": "d", "sample_id": f"s{i}", "cluster_id": f"c{i}", "epoch": 1,
        "attempt": 1, "outcome": outcome, "outcome_by": OutcomeBy.KEY,
    }  # fmt: skip
    return Record(**{**row, **more})


def scores(records: list[Record], values: list[float]) -> dict[AttemptKey, float]:
    return {attempt_key(r): v for r, v in zip(records, values, strict=True)}


def test_the_sure_half_is_accepted() -> None:
    records = [record(i, C if i < 200 or i % 2 else W) for i in range(400)]  # the unsure half is wrong every other time
    found = trusted(records, scores(records, [0.9] * 200 + [0.3] * 200), Bargain())
    assert (found.threshold, found.accepted, found.errors, found.n) == (0.9, 200, 0, 400)
    assert found.guarantee == "P(wrong | accepted) <= 0.05 with probability 0.9"
    joint = trusted(records, scores(records, [0.9] * 200 + [0.3] * 200), Bargain(promise=Promise.JOINT))
    assert joint.threshold == 0.9
    assert "in expectation" in joint.guarantee


def test_one_label_of_a_cluster_counts() -> None:
    records = [record(i, C, cluster_id=f"c{i // 4}") for i in range(400)]
    assert trusted(records, scores(records, [0.9] * 400), Bargain()).n == 100


@pytest.mark.parametrize(
    "more",
    [{"outcome_by": OutcomeBy.GRADER}, {"attempt": 2}, {"outcome": Outcome.ABSTAINED}, {"outcome": Outcome.UNSCORED}],
    ids=["a model grader's word", "a later attempt", "an abstention", "nobody judged"],
)
def test_what_is_no_label(more: dict[str, Any]) -> None:
    records = [record(i, **{"outcome": C, **more}) for i in range(100)]
    with pytest.raises(InsufficientDataError, match="judged by a key or by people"):
        trusted(records, scores(records, [0.9] * 100), Bargain())


def test_answers_without_a_score_are_out() -> None:
    records = [record(i, C) for i in range(120)]
    some = dict(list(scores(records, [0.5] * 120).items())[:60])
    assert trusted(records, some, Bargain()).n == 60


@pytest.mark.parametrize("alpha", [0.05, 0.1])
def test_the_promise_is_kept(alpha: float) -> None:
    """Answers of trust t are right with probability t: over 300 calibrations few thresholds let more than alpha out."""
    rng, broken = np.random.default_rng(4), 0
    for _ in range(300):
        trust = rng.beta(6, 1, 300)
        records = [record(i, C if rng.random() < t else W) for i, t in enumerate(trust)]
        try:
            found = trusted(records, scores(records, trust.tolist()), Bargain(alpha, 0.1))
        except InsufficientDataError:
            continue
        beyond = rng.beta(6, 1, 20_000)
        broken += bool((1 - beyond[beyond >= found.threshold]).mean() > alpha)
    assert broken <= 300 * 0.1

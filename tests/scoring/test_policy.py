"""The retry policy, replayed by hand-sized cases."""

from dataclasses import replace

import pytest
from vcpd.scoring.economics import RetryPolicy
from vcpd.scoring.policy import End, attempt_key, replay
from vcpd.scoring.prices import Price, PriceTable
from vcpd.scoring.records import ClaimCounts, Outcome, PolicyVerdict, Record
from vcpd.scoring.usage import Usage

PRICES = PriceTable({"m": Price(input=0, output=1e6), "machine": Price(per_second=1.0)})
ACCEPT, REJECT = PolicyVerdict.ACCEPT, PolicyVerdict.REJECT
RIGHT, WRONG = Outcome.CORRECT, Outcome.INCORRECT


def attempt(number: int, outcome: Outcome, verdict: PolicyVerdict | None, tier: str = "standard") -> Record:
    """Generation costs 1 dollar, verification 0.25."""
    usage = (Usage("generate", "m", output_tokens=1), Usage("verify:lexical", None, seconds=0.25))
    return Record(
        *("r", "m", "d", "s", "c", 1, number, outcome),
        policy_verdict=verdict,
        risk_tier=tier,
        usage=usage,
        delivered_tokens=7,
    )


RETRY = RetryPolicy(max_retries=1, on_exhausted="escalate", on_abstain="abstain", escalate_tiers=("high",))


@pytest.mark.parametrize(
    ("attempts", "policy", "end", "right", "dollars"),
    [
        ([(RIGHT, ACCEPT)], RETRY, End.DELIVERED, True, 1.25),
        ([(WRONG, ACCEPT)], RETRY, End.DELIVERED, False, 1.25),
        ([(RIGHT, None)], RETRY, End.DELIVERED, True, 1.25),  # no verifier in the loop: delivered as it is
        ([(WRONG, REJECT), (RIGHT, ACCEPT)], RETRY, End.DELIVERED, True, 2.5),
        ([(WRONG, REJECT), (WRONG, REJECT)], RETRY, End.ESCALATED, None, 2.5),
        ([(WRONG, REJECT), (RIGHT, ACCEPT)], RetryPolicy(), End.ABSTAINED, None, 1.25),  # the second is not made
        ([(Outcome.ABSTAINED, None)], RETRY, End.ABSTAINED, None, 1.25),
        ([(Outcome.REFUSED, None)], RetryPolicy(on_abstain="escalate"), End.ESCALATED, None, 1.25),
        ([(Outcome.INVALID, None), (RIGHT, ACCEPT)], RETRY, End.DELIVERED, True, 2.5),
        ([(Outcome.INVALID, None)], RetryPolicy(), End.ABSTAINED, None, 1.25),  # never delivered
        ([(Outcome.UNSCORED, ACCEPT)], RETRY, End.DELIVERED, None, 1.25),
    ],
)
def test_endings(
    attempts: list[tuple[Outcome, PolicyVerdict | None]],
    policy: RetryPolicy,
    end: End,
    right: bool | None,
    dollars: float,
) -> None:
    records = [attempt(i, outcome, verdict) for i, (outcome, verdict) in enumerate(attempts, 1)]
    [request] = replay(records, policy, {}, PRICES)
    assert (request.end, request.right) == (end, right)
    assert request.dollars is not None
    assert request.dollars.machine == pytest.approx(dollars)
    assert request.dollars.first == 1.0


def test_highest_tier_always_goes_to_a_person() -> None:
    [request] = replay([attempt(1, RIGHT, ACCEPT, tier="high")], RETRY, {}, PRICES)
    assert (request.end, request.right) == (End.ESCALATED, None)


def test_epochs_are_requests_of_their_own_and_order_does_not_matter() -> None:
    first = attempt(1, WRONG, REJECT)
    records = [replace(first, attempt=2, outcome=RIGHT, policy_verdict=ACCEPT), first, replace(first, epoch=2)]
    ends = [r.end for r in replay(records, RETRY, {}, PRICES)]
    assert ends == [End.DELIVERED, End.ESCALATED]


def test_reviewers_read_the_longest_attempt() -> None:
    records = [attempt(1, WRONG, REJECT), attempt(2, WRONG, REJECT)]
    counts = {attempt_key(records[0]): ClaimCounts(claims=5), attempt_key(records[1]): ClaimCounts(claims=2)}
    assert replay(records, RETRY, counts, PRICES)[0].claims == 5


def test_the_evaluator_costs_the_product_nothing() -> None:
    """Usage of a grader is metered, but neither generation nor verification, and needs no price."""
    plain = [attempt(1, WRONG, REJECT), attempt(2, RIGHT, ACCEPT)]
    grading = Usage("grade:acme/unpriced", "acme/unpriced", input_tokens=10**6, output_tokens=10**6, requests=3)
    graded = [replace(record, usage=(*record.usage, grading)) for record in plain]
    assert replay(graded, RETRY, {}, PRICES) == replay(plain, RETRY, {}, PRICES)
    judged = [replace(r, usage=(*r.usage, replace(grading, stage="verify:judge:m", model="m"))) for r in plain]
    [request] = replay(judged, RETRY, {}, PRICES)
    assert request.dollars is not None
    assert request.dollars.verification == pytest.approx(2 * (0.25 + 10**6))

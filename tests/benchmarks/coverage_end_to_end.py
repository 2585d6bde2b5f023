"""Coverage of the printed intervals from records of known truth: clusters, retries, a verifier, people, timed reviews.

    python tests/benchmarks/coverage_end_to_end.py [--reps 500] [--draws 1000] [--clusters 120] [--labels 0]

Each repetition draws a fresh run: clusters of answers with a difficulty of their own, a verifier in the loop that
errs, up to two retries, people for what is exhausted and lognormal review times measured in a log of their own. The
truth is that of the same machine over two million requests. With --labels N people label N answers and a grader that
errs (sensitivity .85, specificity .9) judges all: p, h and the rest then rest on the correction. Exit status 1 where
an interval covers less than 92 or more than 98 %.
"""

import argparse
import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from vcpd.scoring.cell import DomainTerms
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.economics import Economics, RetryPolicy
from vcpd.scoring.judge_tables import LabelChoice
from vcpd.scoring.prices import Price, PriceTable
from vcpd.scoring.records import Outcome, OutcomeBy, PolicyVerdict, Record
from vcpd.scoring.summary import Scoring, summarise
from vcpd.scoring.usage import Usage

Floats = NDArray[np.float64]
PER_CLUSTER, ATTEMPTS = 4, 2
DIFFICULTY = (1.5, 6.0)  # Beta: mean p .2, correlated within clusters
SENSITIVITY, FALSE_ALARMS, ABSTAIN = 0.7, 0.1, 0.15
GRADER = (0.85, 0.9)
TOKENS = {True: (4.2, 0.4), False: (4.5, 0.5)}  # lognormal lengths of right and wrong answers
REVIEW, WAGE, REVIEWS = (4.3, 0.9), 60.0, 60
PRICES = PriceTable({"m": Price(1.0, 8.0), "v": Price(0.2, 0.8)})
MEASURES = ("p", "h_usd", "kappa_usd", "vcpd", "usd_per_verified_answer", "q", "q_tokens")
POLICY = RetryPolicy(max_retries=ATTEMPTS - 1, on_exhausted="escalate")


@dataclass(frozen=True, slots=True)
class World:
    """Everything that happens at G x PER_CLUSTER requests: arrays of requests x attempts."""

    wrong: NDArray[np.bool_]
    rejected: NDArray[np.bool_]
    abstained: NDArray[np.bool_]
    tokens: NDArray[np.int64]


def world(rng: np.random.Generator, clusters: int) -> World:
    shape = (clusters * PER_CLUSTER, ATTEMPTS)
    p = np.repeat(rng.beta(*DIFFICULTY, clusters), PER_CLUSTER)[:, None]
    wrong = rng.random(shape) < p
    rejected = rng.random(shape) < np.where(wrong, SENSITIVITY, FALSE_ALARMS)
    lengths = np.where(wrong, rng.lognormal(*TOKENS[False], shape), rng.lognormal(*TOKENS[True], shape))
    return World(wrong, rejected, rng.random(shape) < ABSTAIN, np.maximum(1, lengths).astype(np.int64))


def truth(rng: np.random.Generator) -> dict[str, float]:
    """What the intervals should hold, from the same machine at length."""
    w = world(rng, 500_000)
    answered = ~w.abstained
    delivered = answered & ~w.rejected
    first, second = delivered[:, 0], answered[:, 0] & w.rejected[:, 0] & delivered[:, 1]
    people = answered[:, 0] & w.rejected[:, 0] & answered[:, 1] & w.rejected[:, 1]
    tried_twice = answered[:, 0] & w.rejected[:, 0]
    right = first & ~w.wrong[:, 0] | second & ~w.wrong[:, 1]
    attempt = (500 * 1.0 + w.tokens * 8.0) / 1e6
    check = np.where(answered, (400 * 0.2 + 20 * 0.8) / 1e6, 0.0)
    c_g = attempt[:, 0].mean()
    review = np.exp(REVIEW[0] + REVIEW[1] ** 2 / 2) * WAGE / 3600
    kappa = c_g + check[:, 0].mean() + (tried_twice * (attempt[:, 1] + check[:, 1])).mean() + people.mean() * review
    good = right.mean() + people.mean()
    # a person's answer counts the mean length of the model's last attempts
    last = np.where(tried_twice, w.tokens[:, 1], w.tokens[:, 0]).mean()
    right_tokens = (first * ~w.wrong[:, 0] * w.tokens[:, 0] + second * ~w.wrong[:, 1] * w.tokens[:, 1]).mean()
    all_tokens = (first * w.tokens[:, 0] + second * w.tokens[:, 1]).mean()
    reference = people.mean() * last
    return {
        "p": float(w.wrong[:, 0][answered[:, 0]].mean()),
        "h_usd": float(kappa - c_g),
        "kappa_usd": float(kappa),
        "vcpd": float((right_tokens + reference) / kappa),
        "usd_per_verified_answer": float(kappa / good),
        "q": float(good / (first.mean() + second.mean() + people.mean())),
        "q_tokens": float((right_tokens + reference) / (all_tokens + reference)),
    }


def records(w: World, rng: np.random.Generator, labels: int) -> list[Record]:
    labelled = set(rng.choice(len(w.wrong), labels, replace=False).tolist()) if labels else set()
    graded = rng.random(w.wrong.shape) < np.where(w.wrong, GRADER[0], 1 - GRADER[1])
    rows = []
    for i in range(len(w.wrong)):
        for attempt in range(ATTEMPTS):
            flag = bool(graded[i, attempt]) if labels else bool(w.wrong[i, attempt])
            rows.append(_record(w, i, attempt, flag, i in labelled, bool(labels)))
            if w.abstained[i, attempt] or not w.rejected[i, attempt]:
                break
    return rows


def _record(w: World, i: int, attempt: int, flag: bool, seen: bool, by_grader: bool) -> Record:
    outcome = {True: Outcome.INCORRECT, False: Outcome.CORRECT}
    abstained = bool(w.abstained[i, attempt])
    tokens = int(w.tokens[i, attempt])
    usage = [Usage("generate", "m", 500, output_tokens=tokens, requests=1)]
    if not abstained:
        usage.append(Usage("verify:v", "v", 400, output_tokens=20, requests=1))
    human = outcome[bool(w.wrong[i, attempt])] if seen and not abstained else None
    judge = OutcomeBy.HUMAN if human else OutcomeBy.GRADER if by_grader else OutcomeBy.KEY
    return Record(
        "r", "m", "d", f"s{i}", f"c{i // PER_CLUSTER}", 1, attempt + 1,
        Outcome.ABSTAINED if abstained else human or outcome[flag],
        None if abstained else judge,
        human,
        None if abstained else PolicyVerdict.REJECT if w.rejected[i, attempt] else PolicyVerdict.ACCEPT,
        graded=outcome[flag] if human else None, output_tokens=tokens, delivered_tokens=tokens, usage=tuple(usage),
    )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser()
    for name, default in (("reps", 500), ("draws", 1000), ("clusters", 120), ("labels", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    a = parser.parse_args()
    rng = np.random.default_rng(7)
    wanted = truth(rng)
    held, width = dict.fromkeys(MEASURES, 0), dict.fromkeys(MEASURES, 0.0)
    for rep in range(a.reps):
        log = tuple(rng.lognormal(*REVIEW, REVIEWS))
        economics = Economics(80.0, 30.0, WAGE, 90.0, loss_per_escaped_error=0.0, review_log=log)
        scoring = Scoring(
            PRICES,
            {"d": DomainTerms(economics, POLICY)},
            draws=DrawSettings(n=a.draws, seed=rep),
            label_choice=LabelChoice.RANDOM if a.labels else None,
        )
        rows = records(world(rng, a.clusters), rng, a.labels)
        for m in summarise("r", rows, {}, scoring):
            e = m.estimate
            if m.measure in held and e is not None and e.low is not None and e.high is not None:
                held[m.measure] += e.low <= wanted[m.measure] <= e.high
                width[m.measure] += (e.high - e.low) / a.reps
    for name in MEASURES:
        print(f"{name:26} truth {wanted[name]:<12.6g} covered {held[name] / a.reps:.3f}  mean width {width[name]:.4g}")
    judged = MEASURES[:5]
    return int(any(not 0.92 <= held[name] / a.reps <= 0.98 for name in judged))


if __name__ == "__main__":
    sys.exit(main())

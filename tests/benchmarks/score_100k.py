"""Seconds and memory to score 100,000 records with 10,000 draws; and that both grow linearly.

    python tests/benchmarks/score_100k.py [--records 100000] [--draws 10000] [--clusters 100000]

Prints seconds and peak memory at half and at all of the records. Exit status 1 above 10 s or 2 GiB.
"""

import argparse
import resource
import sys
import time

import numpy as np
from vcpd.scoring.cell import DomainTerms
from vcpd.scoring.draws import DrawSettings
from vcpd.scoring.economics import Economics, RetryPolicy
from vcpd.scoring.policy import attempt_key
from vcpd.scoring.prices import Price, PriceTable
from vcpd.scoring.records import ClaimCounts, Outcome, OutcomeBy, PolicyVerdict, Record
from vcpd.scoring.summary import Scoring, summarise
from vcpd.scoring.usage import Usage

PRICES = PriceTable({"m": Price(1.0, 4.0), "v": Price(0.1, 0.4)})
VERIFIED = Usage("verify:v", "v", 300, 0, 0, 20, requests=1)
ENDINGS = (Outcome.CORRECT, Outcome.INCORRECT, Outcome.ABSTAINED, Outcome.INVALID)


def records(n: int, clusters: int) -> list[Record]:
    rng = np.random.default_rng(1)
    ending = rng.choice(4, n, p=[0.6, 0.2, 0.18, 0.02])
    rejected, confidence = rng.random(n) < 0.2, np.round(rng.random(n), 2)
    tokens, cluster = rng.integers(20, 400, n), rng.integers(0, clusters, n)
    return [
        _record(i, ENDINGS[ending[i]], bool(rejected[i]), float(confidence[i]), int(tokens[i]), int(cluster[i]))
        for i in range(n)
    ]


def _record(i: int, outcome: Outcome, rejected: bool, confidence: float, tokens: int, cluster: int) -> Record:
    return Record(
        "r", "m", "d", f"s{i}", f"c{cluster}", 1, 1, outcome, OutcomeBy.KEY,
        policy_verdict=PolicyVerdict.REJECT if rejected else PolicyVerdict.ACCEPT, confidence=confidence,
        evidence_retrieved=1.0, answerable=outcome is not Outcome.ABSTAINED, output_tokens=tokens,
        delivered_tokens=tokens, latency_s=1.0,
        usage=(Usage("generate", "m", 500, 0, 0, tokens, requests=1), VERIFIED),
    )  # fmt: skip


def seconds(rows: list[Record], draws: int) -> float:
    economics = Economics(75.0, 30.0, 70.0, 110.0, loss_per_escaped_error=100.0)
    terms = {"d": DomainTerms(economics, RetryPolicy(max_retries=1, on_exhausted="escalate"))}
    counts = {attempt_key(r): ClaimCounts(3, 2, 3, 2, 3, 2) for r in rows}
    began = time.perf_counter()
    summarise("r", rows, counts, Scoring(PRICES, terms, {("m", "d"): 1e4}, draws=DrawSettings(n=draws)))
    return time.perf_counter() - began


def main() -> int:
    parser = argparse.ArgumentParser()
    for name, default in (("records", 100_000), ("draws", 10_000), ("clusters", 100_000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    a = parser.parse_args()
    half = seconds(records(a.records // 2, a.clusters), a.draws)
    rows = records(a.records, a.clusters)
    whole = seconds(rows, a.draws)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{a.records // 2} records {half:.1f} s; {a.records} records {whole:.1f} s; peak {peak:.2f} GiB")
    return int(whole > 10 or peak > 2)


if __name__ == "__main__":
    sys.exit(main())

"""A/A: two arms swapped at random, so that no loss is there, and how often the gate blocks all the same.

Whole clusters are swapped, of independent items each item. What the swapped arms differ in is what the two models
differ in, so the answer holds for the discordance that a gate of this size really sees.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .estimate import Estimate, InsufficientDataError
from .gate import Evidence, GateTest, Margin, Role, Verdict, decide
from .gate_tests import GUARDS
from .intervals import clustered_proportion
from .paired import Arms, paired_table
from .paired_shares import Pair, arms_for
from .power import PairedTest


@dataclass(frozen=True, slots=True)
class FalseBlocks:
    """How a gate ends where nothing changed.

    Attributes:
        repetitions: Swaps. fail, passed: Shares of them with Wilson's interval.
        by_domain: Share of swaps in which the domain was named a failure.
        alpha: The nominal rate of false blocks, at most.
    """

    repetitions: int
    fail: Estimate
    passed: Estimate
    by_domain: Mapping[str, float]
    alpha: float


def false_blocks(
    pairs: Sequence[Pair],
    margins: Mapping[str, Mapping[str, Margin]],
    test: PairedTest,
    repetitions: int,
    seed: int = 0,
) -> FalseBlocks:
    """Run the gate on swapped arms: p and its guards in every domain.

    Args:
        margins: By domain and measure.

    Raises:
        InsufficientDataError: Nothing attempted and judged in an arm of a domain.
    """
    if repetitions < 1:
        raise InsufficientDataError("no repetition shows no rate")
    rng = np.random.default_rng(seed)
    measured = [(p, {m: arms_for(p, m) for m in ("p", *GUARDS)}) for p in pairs]
    verdicts, named = [], dict.fromkeys((p.domain for p in pairs), 0)
    for _ in range(repetitions):
        tests = []
        for pair, arms in measured:
            groups = int(pair.clusters.max()) + 1
            swap = rng.integers(0, 2, groups).astype(bool)[pair.clusters.astype(np.intp)]
            tests += [_test(pair, m, swapped(a, swap), margins[pair.domain][m], test) for m, a in arms.items()]
        decision = decide(tests, test.alpha)
        verdicts.append(decision.verdict)
        for domain in {f.test.domain for f in decision.of(Verdict.FAIL)}:
            named[domain] += 1
    fail, passed = (_share([v is wanted for v in verdicts]) for wanted in (Verdict.FAIL, Verdict.PASS))
    return FalseBlocks(repetitions, fail, passed, {d: k / repetitions for d, k in named.items()}, test.alpha)


def swapped(arms: Arms, swap: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Arms:
    """The arms with the two sides exchanged where `swap` says so."""
    return Arms(
        np.where(swap, arms.bad_new, arms.bad_old),
        np.where(swap, arms.of_new, arms.of_old),
        np.where(swap, arms.bad_old, arms.bad_new),
        np.where(swap, arms.of_old, arms.of_new),
        arms.clusters,
    )


def _test(pair: Pair, measure: str, arms: Arms, margin: Margin, test: PairedTest) -> GateTest:
    t = paired_table(arms, 1 - test.alpha)
    # bounds are not asked for: the verdict rests on the p-values
    evidence = Evidence(
        t.old, t.new, t.loss, t.loss, t.loss, t.p_inferior(margin.value), t.p_no_loss, t.items, t.n_clusters, t.method
    )
    role = Role.PRIMARY if measure == "p" else Role.GUARD
    return GateTest(pair.domain, measure, role, margin, evidence, "", pair.model, pair.against)


def _share(hits: Sequence[bool]) -> Estimate:
    n = len(hits)
    return clustered_proportion(np.array(hits, float), np.ones(n), np.arange(float(n)))

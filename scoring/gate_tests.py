"""The tests of one domain, from first attempts of two models at the same samples.

p is what blocks. Beside it stand two guards, shares of all samples, so that p is not bought by silence or by answers
that cannot be read: right answers, and abstentions where the sources hold an answer (to abstain where they hold none is
right, and never a loss).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from .corrected_pairs import corrected_table, needs_correction
from .estimate import InsufficientDataError
from .gate import Evidence, GateTest, Margin, Role
from .gate_power import least_margin, more_items
from .paired import PairedTable
from .paired_shares import GOOD, Pair, table_of
from .power import DEFAULT_TEST, PairedTest

GUARDS = ("correct", "abstained")
INFORMATION = ("wrong", "refused", "invalid", "unscored")
_JUDGED = ("p", "correct")


def outcome_tests(
    pair: Pair, primaries: Sequence[str], margins: Mapping[str, Margin], test: PairedTest = DEFAULT_TEST
) -> list[GateTest]:
    """p, its guards and what only informs.

    Args:
        primaries: What was declared; p brings its guards with it.
        margins: By measure; shares without one take that of p.
    """
    corrected = needs_correction(pair)
    found = []
    for measure in ("p", *GUARDS, *INFORMATION):
        margin = margins.get(measure, margins["p"])
        try:
            evidence, why = _measured(pair, measure, margin, test, corrected=corrected), ""
        except InsufficientDataError as error:
            evidence, why = None, str(error)
        role = _role(measure, primaries)
        found.append(GateTest(pair.domain, measure, role, margin, evidence, why, pair.model, pair.against))
    return found


def _role(measure: str, primaries: Sequence[str]) -> Role:
    if measure in primaries:
        return Role.PRIMARY
    return Role.GUARD if measure in GUARDS and "p" in primaries else Role.INFORMATION


def _measured(pair: Pair, measure: str, margin: Margin, test: PairedTest, *, corrected: bool) -> Evidence:
    if not (corrected and measure in _JUDGED):
        return evidence_of(table_of(pair, measure, 1 - test.alpha), margin, test, good=measure in GOOD)
    found = corrected_table(pair, measure, 1 - test.alpha)
    evidence = evidence_of(found.table, margin, test, good=measure in GOOD)
    return replace(evidence, more_items=more_items(found.table, margin.value, test, found.labels), more_of="labels")


def evidence_of(table: PairedTable, margin: Margin, test: PairedTest, *, good: bool = False) -> Evidence:
    """A paired table as evidence; `good`: the measure is the share that is not bad."""
    level = 1 - test.alpha
    return Evidence(
        baseline=1 - table.old if good else table.old,
        candidate=1 - table.new if good else table.new,
        loss=table.loss,
        lower=min(table.lower(level), table.loss),
        upper=max(table.upper(level), table.loss),
        p_inferior=table.p_inferior(margin.value),
        p_no_loss=table.p_no_loss,
        n=table.items,
        n_clusters=table.n_clusters,
        method=table.method,
        smallest_margin=least_margin(table, test),
        more_items=more_items(table, margin.value, test, table.items),
    )

"""VCpD in a gate: both runs replayed under their policies and priced with one table."""

from dataclasses import dataclass, replace
from pathlib import Path

from ..scoring.abstention import evenly_judged
from ..scoring.comparison import Arm
from ..scoring.corrected import UNCHECKED, marks_of, unchecked_grader
from ..scoring.estimate import InsufficientDataError
from ..scoring.gate import Evidence, GateTest, Margin, Role
from ..scoring.judge_tables import LabelChoice
from ..scoring.paired_shares import Pair
from ..scoring.paired_value import Amounts, amounts, vcpd_evidence
from ..scoring.policy import Request, replay
from ..scoring.power import PairedTest
from ..scoring.prices import PriceTable, UnpricedError, default_prices, load_prices
from .accounts import prices_in, tier_in
from .saved_runs import SavedRun, arm_of, label_choice_in, open_run


@dataclass(frozen=True, slots=True)
class Accounts:
    """Both runs with all that money needs, and the one table that prices them. `note`: where the prices come from."""

    old: SavedRun
    new: SavedRun
    prices: PriceTable
    note: str


def open_accounts(old: Path, new: Path, prices: str | None, tier: str | None) -> Accounts:
    """Read both runs whole.

    `prices`: a file, "bundled", or None for the prices that the candidate kept, before the baseline's and the bundled
    ones: a price that changed between the runs is then no change of the model.
    """
    runs = open_run(old), open_run(new)
    if prices is not None:
        own = default_prices() if prices == "bundled" else load_prices(Path(prices)).over(default_prices())
        table, note = own, f"both arms priced with {'the bundled table' if prices == 'bundled' else prices}"
    else:
        kept = [PriceTable(prices_in(run.manifest)) for run in runs]
        table = kept[1].over(kept[0]).over(default_prices())
        note = "both arms priced with the candidate's table"
    return Accounts(*runs, replace(table, tier=tier or tier_in(runs[1].manifest)), note)


def vcpd_test(
    accounts: Accounts, pair: Pair, models: tuple[str, str], margin: Margin, test: PairedTest, *, asked: bool
) -> GateTest:
    """The test of VCpD in one domain: a primary where it was asked for, else for information."""
    role = Role.PRIMARY if asked else Role.INFORMATION
    evidence: Evidence | None = None
    why = ""
    try:
        old = _amounts(accounts.old, models[0], pair, accounts.prices)
        new = _amounts(accounts.new, models[1], pair, accounts.prices)
        evidence = vcpd_evidence(old, new, pair.old.clusters.tolist(), margin, test)
    except InsufficientDataError as error:
        why = str(error)
    return GateTest(pair.domain, "vcpd", role, margin, evidence, why, pair.model, pair.against)


def _amounts(run: SavedRun, model: str, pair: Pair, prices: PriceTable) -> Amounts:
    arm = arm_of(run, model, pair.domain, model)
    kept = set(pair.old.keys)
    arm = replace(arm, records=tuple(r for r in arm.records if (r.sample_id, r.epoch) in kept))
    if unchecked_grader(arm.records):
        raise InsufficientDataError(UNCHECKED)
    requests, why = _requests(arm, prices, label_choice_in(run.manifest))
    return amounts(requests, arm.terms.economics, why)


def _requests(arm: Arm, prices: PriceTable, chosen: LabelChoice | None) -> tuple[list[Request], str]:
    records = list(arm.records)
    marks = marks_of(records, chosen) if chosen is not None else None
    said = marks.by_attempt if marks else None
    records = records if marks else evenly_judged(records)
    if not any(u.stage == "generate" for r in records for u in r.usage):
        return replay(records, arm.terms.retry_policy, arm.counts, None, said), "usage was not recorded"
    try:
        return replay(records, arm.terms.retry_policy, arm.counts, prices, said), ""
    except UnpricedError as error:
        return replay(records, arm.terms.retry_policy, arm.counts, None, said), str(error)

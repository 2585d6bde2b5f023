"""The frozen anchor set: one set of answers, judged when the baseline was made and judged again now."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..scoring.judge_drift import JudgeDrift, judge_drift
from ..scoring.records import Outcome, PolicyVerdict
from .gate_runs import GateRefusedError, GateRun, open_gate_run

Verdicts = Mapping[tuple[Any, ...], bool]


def anchor_drift(then: Path, now: Path) -> list[JudgeDrift]:
    """What the evaluator and the verifier in the loop say differently now.

    Raises:
        GateRefusedError: The folders do not hold the same answers, or neither judge spoke of any both times.
    """
    runs = open_gate_run(then), open_gate_run(now)
    texts = [answer_texts(run.path) for run in runs]
    if texts[0] != texts[1]:
        changed = sum(texts[0].get(k) != texts[1].get(k) for k in {*texts[0], *texts[1]})
        raise GateRefusedError(
            f"{then} and {now} do not hold the same answers ({changed} differ): an anchor set is frozen; judge its "
            f"recorded answers again with vcpd score"
        )
    found = []
    for judge, read in (("evaluator", _evaluated), ("verifier in the loop", _verified)):
        a, b = (read(run) for run in runs)
        shared = sorted(a.keys() & b.keys())
        if shared:
            found.append(judge_drift(judge, [a[k] for k in shared], [b[k] for k in shared]))
    if not found:
        raise GateRefusedError(f"{then} and {now} hold no answer that a judge spoke of both times")
    return found


def check_drift(found: list[JudgeDrift], alpha: float) -> None:
    """Refuse where a judge drifted.

    Raises:
        GateRefusedError: McNemar's test says so at `alpha`.
    """
    for drift in found:
        if drift.p_value <= alpha:
            raise GateRefusedError(
                f"the {drift.judge} drifted on the anchor set: of {drift.n} answers it flags {drift.newly_flagged} "
                f"that it passed, and passes {drift.newly_passed} that it flagged (McNemar mid-p {drift.p_value:.2g}). "
                f"Runs that it judged before and after do not compare: judge the baseline again, and label anew"
            )


def answer_texts(path: Path) -> dict[tuple[Any, ...], str]:
    """Texts of first attempts, by (model, domain, sample, epoch)."""
    import pyarrow.parquet as pq

    names = ["model", "domain", "sample_id", "epoch", "attempt", "text"]
    table = pq.ParquetFile(path / "answers.parquet").read(columns=names)
    rows = zip(*(table.column(name).to_pylist() for name in names), strict=True)
    return {tuple(key): text for *key, attempt, text in rows if attempt == 1}


def _evaluated(run: GateRun) -> Verdicts:
    flags = {Outcome.INCORRECT.value: True, Outcome.CORRECT.value: False}
    return {
        (*cell, *key): flags[said]
        for cell, side in run.cells.items()
        for key, said in zip(side.keys, side.automatic.tolist(), strict=True)
        if said in flags
    }


def _verified(run: GateRun) -> Verdicts:
    return {
        (*cell, *key): said == PolicyVerdict.REJECT.value
        for cell, side in run.cells.items()
        for key, said in zip(side.keys, side.policy_verdict.tolist(), strict=True)
        if said is not None
    }

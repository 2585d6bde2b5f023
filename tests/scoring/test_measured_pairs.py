"""The user's own efficiency factors: exact along a chain, warned about where they do not compose."""

from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from vcpd.scoring.measured_pairs import MeasuredPair, PairsFileError, multiply_pairs, read_pairs


def pair(factor: str, before: str, after: str, was: float, is_: float, **more: Any) -> MeasuredPair:
    fields = {
        "factor": factor, "kind": "usd_per_token", "before": before, "after": after, "values_before": (was,),
        "values_after": (is_,), "unit": "usd/Mtok", "source": "load test", "baseline": before,
    }  # fmt: skip
    return MeasuredPair(**{**fields, **more})


def test_a_chain_is_exact() -> None:
    found = multiply_pairs([pair("eta_q", "A", "B", 8.0, 4.0), pair("eta_r", "B", "C", 4.0, 1.0)])
    assert found.exact
    assert found.product.value == pytest.approx(8)
    assert found.warnings == ()


def test_other_baselines_and_kinds_are_warned_about() -> None:
    rows = [
        pair("eta_q", "A", "B", 8.0, 4.0),
        pair("eta_d", "X", "Y", 10.0, 30.0, kind="throughput"),
        pair("eta_d", "X", "Z", 9.0, 3.0),
    ]
    found = multiply_pairs(rows)
    assert not found.exact
    assert found.product.value == pytest.approx(2 * 3 * 3)
    said = " ".join(found.warnings)
    assert "different kind: usd_per_token, throughput" in said
    assert "different baselines: A, X" in said
    assert "counts eta_d more than once" in said


def test_throughput_grows_with_what_is_better() -> None:
    assert pair("eta_r", "A", "B", 100.0, 300.0, kind="throughput").estimate.value == pytest.approx(3)
    assert pair("eta_r", "A", "B", 3.0, 1.0, kind="latency").estimate.value == pytest.approx(3)


def test_repeated_runs_give_welchs_interval() -> None:
    was, is_ = (2.0, 2.1, 1.9, 2.05), (0.9, 0.95, 0.92)
    e = pair("eta_q", "A", "B", 0, 0, values_before=was, values_after=is_).estimate
    welch = stats.ttest_ind(np.log(was), np.log(is_), equal_var=False).confidence_interval(0.95)
    assert e.low is not None
    assert e.high is not None
    assert (log(e.low), log(e.high)) == (pytest.approx(welch.low), pytest.approx(welch.high))


def test_one_run_gives_no_interval() -> None:
    assert pair("eta_q", "A", "B", 2.0, 1.0).estimate.low is None


GOOD = """[[pair]]
factor = "eta_q"
kind = "usd_per_token"
before = "FP16"
after = "INT4"
value_before = [2.0, 2.1]
value_after = 1
unit = "usd/Mtok"
source = "load test"
"""


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pairs.toml"
    path.write_text(GOOD)
    [found] = read_pairs(path)
    assert (found.values_before, found.values_after, found.baseline) == ((2.0, 2.1), (1.0,), "FP16")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"has no \[\[pair\]\]"),
        ("pair = 3", r"has no \[\[pair\]\]"),
        ("pair = [3]", "pair 1: must be a table"),
        ("[[pair", "cannot be read"),
        (GOOD.replace('"eta_q"', '"eta_v"'), "'eta_v' is none of eta_q"),
        (GOOD.replace("usd_per_token", "speed"), "'speed' is none of"),
        (GOOD.replace("value_after = 1", "value_after = 0"), "field 'value_after': 0 is no measurement"),
        (GOOD.replace("value_after = 1", "value_after = []"), "field 'value_after': None is no measurement"),
        (GOOD.replace("value_after = 1", "value_after = true"), "True is no measurement"),
        (GOOD.replace("value_after = 1", "value_after = nan"), "nan is no measurement"),
        (GOOD.replace("source", "sauce"), "unknown field 'sauce'"),
        (GOOD.replace('source = "load test"', ""), "field 'source': is missing"),
        (GOOD + GOOD.replace('"FP16"', "16"), "pair 2, field 'before': is missing or no text"),
    ],
)
def test_a_bad_file_names_pair_and_field(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "pairs.toml"
    path.write_text(text)
    with pytest.raises(PairsFileError, match=message) as caught:
        read_pairs(path)
    assert "pairs.toml" in str(caught.value)

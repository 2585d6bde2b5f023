"""Margins: said, stated by the pack, from money, or the default; each with its source."""

import json
from pathlib import Path
from typing import Any

import pytest
from vcpd.evals.gate_margins import margins_for, read_margins
from vcpd.evals.gate_runs import GateRun
from vcpd.evals.pack_fields import PackError
from vcpd.evals.pack_init import init_pack
from vcpd.evals.packs import read_pack

ECONOMICS = {
    "review_seconds_per_claim": 60.0, "wage_low": 1.0, "wage_base": 2.0, "wage_high": 3.0,
    "loss_per_escaped_error": 0.0, "q_min": None,
}  # fmt: skip
POLICY = {"max_retries": 0, "on_exhausted": "abstain", "on_abstain": "abstain", "escalate_tiers": []}


def run(folder: Path, gate: dict[str, float], *, q_min: float | None = None, **values: float | None) -> GateRun:
    """A baseline whose estimates are `values`."""
    rows = [
        {
            "run": "r", "model": "m", "domain": "d", "measure": name, "value": value, "low": None, "high": None,
            "confidence_level": 0.95, "n": 10, "n_clusters": 10, "method": "", "unit": "", "note": "",
        }
        for name, value in values.items()
    ]  # fmt: skip
    (folder / "estimates.json").write_text(json.dumps({"schema": 1, "estimates": rows}))
    terms: dict[str, Any] = {"economics": {**ECONOMICS, "q_min": q_min}, "retry_policy": POLICY, "limits": {}}
    terms |= {"gate": gate, "sources": dict.fromkeys(gate, "a board decided")}
    return GateRun("base", folder, {"identity": {}, "terms": {"d": terms}}, {})


MONEY = {"c_g_usd": 0.2, "c_v_usd": 1.0, "p": 0.01}


def test_the_default_is_said(tmp_path: Path) -> None:
    found = margins_for(run(tmp_path, {}, **MONEY), "m", "d", {})
    assert {m: (x.value, x.source) for m, x in found.items()} == {
        "p": (0.03, "default"), "correct": (0.03, "default"), "abstained": (0.03, "default"), "vcpd": (0.05, "default"),
    }  # fmt: skip


def test_a_stated_margin_of_the_pack_goes_before_the_default(tmp_path: Path) -> None:
    found = margins_for(run(tmp_path, {"margin_p": 0.01, "margin_vcpd": 0.1}), "m", "d", {})
    assert (found["p"].value, found["p"].source) == (0.01, "pack d: a board decided")
    assert (found["correct"].value, found["vcpd"].value) == (0.03, 0.1)


def test_money_sets_rise_times_c_g_over_c_v(tmp_path: Path) -> None:
    found = margins_for(run(tmp_path, {"accepted_cost_rise": 0.1}, **MONEY), "m", "d", {})
    assert found["p"].value == pytest.approx(0.1 * 0.2 / 1.0)
    assert found["p"].source == "from money: 0.1 * c_g 0.2 / C_v 1 USD"
    assert found["vcpd"].source == "default"


def test_the_floor_of_quality_caps_it(tmp_path: Path) -> None:
    found = margins_for(run(tmp_path, {"accepted_cost_rise": 0.1}, q_min=0.98, **MONEY), "m", "d", {})
    assert found["p"].value == pytest.approx(1 - 0.98 - 0.01)
    assert "cut to what the floor of quality leaves" in found["p"].source
    missed = margins_for(run(tmp_path, {"accepted_cost_rise": 0.1}, q_min=0.995, **MONEY), "m", "d", {})
    assert missed["p"].value == pytest.approx(0.02)  # the baseline misses the floor already


@pytest.mark.parametrize("values", [{"c_g_usd": None, "c_v_usd": 1.0}, {}, {"c_g_usd": 0.2, "c_v_usd": None}])
def test_where_money_is_not_known_the_default_says_so(tmp_path: Path, values: dict[str, float | None]) -> None:
    found = margins_for(run(tmp_path, {"accepted_cost_rise": 0.1}, **values), "m", "d", {})
    assert found["p"].value == 0.03
    assert found["p"].source == "default (the baseline's c_g or C_v is not known, so money sets none)"


def test_the_command_line_goes_before_all_the_nearest_first(tmp_path: Path) -> None:
    given = read_margins(("0.2", "d=0.1", "p=0.05", "d.p=0.04"))
    found = margins_for(run(tmp_path, {"margin_p": 0.01}), "m", "d", given)
    assert {m: x.value for m, x in found.items()} == {"p": 0.04, "correct": 0.1, "abstained": 0.1, "vcpd": 0.05}
    assert found["p"].source == "--margin"


def test_a_pack_declares_its_margins(tmp_path: Path) -> None:
    init_pack("tax", tmp_path / "tax")
    assert read_pack(tmp_path / "tax").gate == {}
    path = tmp_path / "tax" / "pack.toml"
    whole = path.read_text()
    path.write_text(whole + '\n[gate]\nmargin_p = { value = 0.02, source = "ours" }\n')
    pack = read_pack(tmp_path / "tax")
    assert (pack.gate, pack.sources["margin_p"]) == ({"margin_p": 0.02}, "ours")
    for wrong, said in (("margin_q = { value = 0.1, source = 's' }", "is not known"),
                        ("margin_p = { value = 0, source = 's' }", "between 0 and 1"),
                        ("margin_p = { value = 0.1 }", "source"),):  # fmt: skip
        path.write_text(f"{whole}\n[gate]\n{wrong}\n")
        with pytest.raises(PackError, match=said):
            read_pack(tmp_path / "tax")

"""--max-cost: no sample starts that would exceed it, and none that finished is lost."""

import json
from pathlib import Path
from typing import Any

import pytest
from vcpd.evals.budget import Budget, MaxCostReachedError
from vcpd.evals.cli import run_cli
from vcpd.scoring.prices import Price, PriceTable

PRICES = PriceTable({"m": Price(1.0, 1.0)})
USAGE: dict[str, Any] = {
    "stage": "generate", "model": "m", "input_tokens": 1_000_000, "cache_read_tokens": 0, "cache_write_tokens": 0,
    "output_tokens": 0, "reasoning_tokens": 0, "seconds": 0.0, "requests": 1,
}  # fmt: skip
DOLLAR = {"attempts": [{"record": {"usage": [USAGE]}}]}
GRADED = {"attempts": [{"record": {"usage": [USAGE, {**USAGE, "stage": "grade: answer"}]}}]}


def test_without_a_limit_everything_may_start() -> None:
    budget = Budget(None, PriceTable({}))
    assert all(budget.admits() for _ in range(100))
    budget.finished({"attempts": []})
    budget.check(1, 2)


def test_the_first_goes_alone_and_the_rest_as_far_as_the_money_goes() -> None:
    budget = Budget(3.5, PRICES)
    assert [budget.admits(), budget.admits()] == [True, None]
    budget.finished(DOLLAR)
    assert [budget.admits() for _ in range(3)] == [True, True, None]  # two more would be 3 dollars; a fourth 4
    budget.finished(DOLLAR)
    assert budget.admits() is None  # one is under way, and may turn out cheap
    budget.finished(DOLLAR)
    assert budget.admits() is False
    with pytest.raises(MaxCostReachedError, match=r"stopped at --max-cost 3.5: 3 USD are spent and 3 of 10 samples"):
        budget.check(3, 10)


def test_graders_are_paid_too_and_kept_samples_were_paid() -> None:
    assert Budget(10, PRICES, [GRADED]).spent == 2
    assert Budget(1, PRICES, [DOLLAR]).admits() is False


def test_a_run_stops_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    prices = tmp_path / "prices.toml"
    prices.write_text('[models."local/extractive"]\nper_second = 1000000.0\n[models.machine]\nper_second = 1000000.0\n')
    command = ["run", "--model", "local/extractive", "--domain", "general", "--limit", "8", "--out", "r", "--quiet"]
    assert run_cli([*command, "--prices", str(prices), "--max-cost", "0.01"]) == 64
    assert "go on with --resume and a larger --max-cost" in capsys.readouterr().err
    first = (tmp_path / "r" / "journal.jsonl").read_text().splitlines()
    assert 1 <= len(first) < 8
    assert not (tmp_path / "r" / "estimates.json").exists()
    assert run_cli([*command, "--prices", str(prices), "--max-cost", "1e12", "--resume"]) == 0
    last = (tmp_path / "r" / "journal.jsonl").read_text().splitlines()
    assert last[: len(first)] == first
    assert len({json.loads(line)["sample_id"] for line in last}) == 8


def test_a_price_that_is_not_known_cannot_be_kept_to(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["run", "--model", "acme/none", "--domain", "general", "--max-cost", "1", "--quiet"]) == 64
    assert "no price per token is known for model 'acme/none'" in capsys.readouterr().err

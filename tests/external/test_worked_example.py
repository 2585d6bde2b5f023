"""The worked example's numbers come out of the command that stands beside them."""

import os
import re
from pathlib import Path

import pytest
from vcpd.evals.cli import run_cli

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("VCPD_DATA", ROOT.parent / "shared" / "data")) / "mmlu_pro"
PAGE = (ROOT / "reports" / "examples" / "worked_example.md").read_text(encoding="utf-8")
HOSTS = ROOT / "reports" / "examples" / "hosts_2024.toml"


@pytest.mark.skipif(not DATA.is_dir(), reason=f"needs the MMLU-Pro outputs at {DATA}")
def test_the_table_of_the_worked_example(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = sorted(map(str, DATA.glob("*.jsonl.gz")))
    options = ["--prices", str(HOSTS), "--estimate-tokens", "o200k_base", "--out", str(tmp_path / "run")]
    assert run_cli(["score", *files, *options]) == 0
    shown = PAGE.split("<!-- score -->\n```\n")[1].split("\n```\n<!-- end -->")[0]
    out = "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines()).rstrip()
    # the seconds of the rule-based verifier are measured anew each time; here nothing was verified, so all must agree
    assert out.splitlines() == shown.splitlines()


def test_every_priced_model_names_its_host_and_day() -> None:
    text = HOSTS.read_text(encoding="utf-8")
    assert len(re.findall(r"^source = ", text, re.M)) == len(re.findall(r"^valid_from = ", text, re.M)) == 6

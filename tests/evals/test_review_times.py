"""Timing logs of reviews: read, refused, and carried into dollars."""

import json
from pathlib import Path

import pytest
from vcpd.evals.cli import run_cli
from vcpd.evals.pack_by_name import load_pack
from vcpd.evals.pack_fields import PackError
from vcpd.evals.review_times import read_review_times, with_review_times


def log(folder: Path, text: str) -> Path:
    path = folder / "times.csv"
    path.write_text(text)
    return path


def test_seconds_per_claim_by_domain(tmp_path: Path) -> None:
    times = read_review_times(log(tmp_path, "seconds,claims,domain\n120,3,legal\n50,,legal\n80,2,\n"))
    assert times == {"legal": (40.0, 50.0), "": (40.0,)}
    packs = with_review_times([load_pack("legal"), load_pack("medical")], times)
    assert [p.economics.review_log for p in packs] == [(40.0, 50.0), (40.0,)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("minutes\n2\n", "line 1: a timing log needs a column 'seconds'"),
        ("seconds\n10\nten\n", "line 3, field 'seconds': 'ten'"),
        ("seconds,claims\n10,0\n", "line 2, field 'claims': '0'"),
        ("seconds\ninf\n", "line 2, field 'seconds': 'inf'"),
        ("seconds\n-4\n", "line 2, field 'seconds': '-4'"),
    ],
)
def test_bad_logs_name_line_and_field(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(PackError, match="line") as error:
        read_review_times(log(tmp_path, text))
    assert said in str(error.value)


def answers(folder: Path, seconds: float | None) -> Path:
    rows = [
        {
            "sample_id": f"s{i}", "model": "m", "domain": "legal", "question": "When?", "answer": "It was in 1937 [1].",
            "sources": [{"doc_id": "d", "text": "It was in 1938."}], "usage": {"input_tokens": 9, "output_tokens": 9},
            "human": {"outcome": "incorrect"} | ({"seconds": seconds + i} if seconds else {}),
        }
        for i in range(45)
    ]  # fmt: skip
    path = folder / "answers.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def kappa(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> tuple[float, str]:
    assert run_cli(["score", *arguments, "--json", "--quiet"]) == 0
    rows = json.loads(capsys.readouterr().out)["estimates"]
    [row] = [r for r in rows if r["measure"] == "kappa_usd" and r["domain"] == "legal"]
    return row["value"], row["note"]


def test_seconds_of_recorded_answers_price_the_reviews(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    prices = tmp_path / "prices.toml"
    prices.write_text('[models."m"]\ninput = 1.0\noutput = 1.0\n')
    common = ["--prices", str(prices)]
    declared, note = kappa(capsys, [str(answers(tmp_path, None)), *common])
    assert "measured" not in note
    timed, note = kappa(capsys, [str(answers(tmp_path, 10.0)), *common])
    assert "review time measured over 45 reviews" in note
    assert timed == pytest.approx(declared * 32 / 75, rel=0.05)  # 10 to 54 seconds, against 75 as declared
    few = log(tmp_path, "seconds\n" + "10\n" * 5)
    fallen_back, note = kappa(capsys, [str(answers(tmp_path, 10.0)), *common, "--review-times", str(few)])
    assert fallen_back == pytest.approx(declared, rel=1e-6)
    assert "5 reviews were timed, 40 are needed" in note

"""`vcpd frontier RUN...`, `vcpd decompose --before --after`, `vcpd explain`, prices by tier: as a user meets them."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from vcpd.evals.cli import run_cli
from vcpd.reports.placement import Box

MODELS = {"openai/gpt-4.1": 8, "openai/gpt-5.4": 2, "openai/gpt-5.4-nano": 14}  # wrong answers of 40


def answers(model: str, wrong: int, *, n: int = 40, tokens: int = 20, question: str = "When was act {} passed?") -> str:
    rows = []
    for i in range(n):
        year = 1900 + i
        rows.append(
            {
                "sample_id": f"q{i}", "model": model, "domain": "history", "question": question.format(i),
                "answer": f"In {year + (i < wrong)} [1].", "target": str(year), "latency_s": 1.0 + i / 100,
                "sources": [{"doc_id": "guide", "text": f"Act {i} was passed in {year + (i < wrong)}."}],
                "usage": {"input_tokens": 500, "output_tokens": tokens},
            }
        )  # fmt: skip
    return "".join(json.dumps(row) + "\n" for row in rows)


def scored(folder: Path, name: str, lines: str, *options: str) -> Path:
    (folder / f"{name}.jsonl").write_text(lines)
    out = folder / name
    assert run_cli(["score", str(folder / f"{name}.jsonl"), "--out", str(out), "--quiet", *options]) == 0
    return out


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("runs")
    cheap = folder / "cheap.toml"
    cheap.write_text('[models."openai/gpt-4.1"]\ninput = 0.5\noutput = 2.0\n')
    models = "".join(answers(model, wrong) for model, wrong in MODELS.items())
    better = answers("openai/gpt-4.1", 4, tokens=30)
    return {
        "all": scored(folder, "all", models),
        "one": scored(folder, "one", answers("openai/gpt-4.1", 8)),
        "better": scored(folder, "better", better),
        "cheap": scored(folder, "cheap", better, "--prices", str(cheap)),
        "batch": scored(folder, "batch", better, "--price-tier", "batch"),
        "short": scored(folder, "short", answers("openai/gpt-5.4", 2, n=30)),
        "other": scored(folder, "other", answers("openai/gpt-5.4", 2, question="Who signed act {}?")),
        "judged": scored(folder, "judged", better, "--labels", "none"),
    }


Output = Callable[..., str]


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Output:
    def run(*arguments: object, code: int = 0) -> str:
        assert run_cli([str(a) for a in arguments]) == code
        caught = capsys.readouterr()
        assert "Traceback" not in caught.err
        return caught.err if code else caught.out

    return run


def test_the_cheapest_at_my_quality_is_named_with_how_sure_that_is(runs: dict[str, Path], output: Output) -> None:
    text = output("frontier", runs["all"], "--quality", "0.7", "--domain", "history", "--slo-latency-s", "5")
    lines = [line.rstrip() for line in text.splitlines()]
    assert lines[0] == "history: Q of 0.7 or more and 0.99 of requests within 5 s:"
    assert lines[1] == "  the cheapest by $/request is openai/gpt-4.1."
    assert re.fullmatch(r"  \$/request 0\.00116 \[.*\], \$/verified answer 0\.00145 \[.*\]", lines[2])
    sure = r"quality reached in \d+% of draws, limit kept in \d+%, cheapest to do both in \d+%\."
    assert re.fullmatch(r"  quality \.800 \[.*\]", lines[3])
    assert re.fullmatch(f"  How sure: {sure}", lines[4])
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 100


def test_both_rankings_and_all_models_are_in_the_json(runs: dict[str, Path], output: Output) -> None:
    [domain] = json.loads(output("frontier", runs["all"], "--json", "--quality", "0.9"))["domains"]
    assert domain["asked"]["model"] == "openai/gpt-5.4"
    found = {m["model"]: m for m in domain["models"]}
    assert set(found) == set(MODELS)
    for name, m in found.items():
        assert m["quality"]["value"] == pytest.approx(1 - MODELS[name] / 40)
        assert m["kappa_usd"]["low"] <= m["kappa_usd"]["value"] <= m["kappa_usd"]["high"]
        assert m["called"] == "on"
        assert (m["vcpd_rank"][0], m["verified_answers_per_usd_rank"][0]) in {(1, 1), (2, 2), (3, 3)}
    assert len(domain["cheapest"]) == 8


def test_runs_together_give_what_one_run_of_all_gives(runs: dict[str, Path], output: Output) -> None:
    [domain] = json.loads(output("frontier", runs["one"], runs["better"], "--json"))["domains"]
    names = [m["model"] for m in domain["models"]]
    assert sorted(names) == sorted(f"openai/gpt-4.1 ({runs[n]})" for n in ("one", "better"))


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("one", "cheap"), "price tables differ: 'openai/gpt-4.1' costs 2/8 $/Mtok in"),
        (("one", "batch"), "different tiers"),
        (("one", "short"), "lacks 10 ('q30', 'q31', 'q32', ...)"),
        (("one", "other"), "history: sample 'q0' asks or expects something else"),
        (("one", "judged"), "what may judge (--labels) differs"),
        (("one", "one"), "named twice"),
    ],
)
def test_runs_that_do_not_compare_are_refused(
    names: tuple[str, str], said: str, runs: dict[str, Path], output: Output
) -> None:
    assert said in output("frontier", *(runs[n] for n in names), code=64)
    if "twice" not in said:
        assert said in output("decompose", "--before", runs[names[0]], "--after", runs[names[1]], code=64)


def test_one_table_prices_both_arms(runs: dict[str, Path], output: Output) -> None:
    """A price cut is no improvement: with one table the two runs of the same answers are the same."""
    same = output("frontier", runs["better"], runs["cheap"], "--prices", "bundled", "--json")
    costs = {m["kappa_usd"]["value"] for m in json.loads(same)["domains"][0]["models"]}
    assert max(costs) == pytest.approx(min(costs), rel=1e-3)  # what the checks took differs, list prices do not
    assert output("frontier", runs["one"], runs["batch"], "--price-tier", "batch")


def test_common_samples_alone(runs: dict[str, Path], output: Output) -> None:
    [domain] = json.loads(output("frontier", runs["one"], runs["short"], "--common-samples", "--json"))["domains"]
    assert {m["kappa_usd"]["n"] for m in domain["models"]} == {30}


def test_factors_multiply_to_the_ratio(runs: dict[str, Path], output: Output) -> None:
    arguments = ("decompose", "--before", runs["one"], "--after", runs["better"], "--json")
    [found] = json.loads(output(*arguments))["changes"]
    product = 1.0
    for f in found["factors"]:
        product *= f["factor"]["value"]
    assert product == pytest.approx(found["ratio"]["value"], rel=1e-9)
    by_lever = {f["lever"]: f["factor"]["value"] for f in found["factors"]}
    assert by_lever["quality"] == pytest.approx(36 / 32)
    assert by_lever["length"] == pytest.approx(1.5)
    assert by_lever["price"] == 1
    [other] = json.loads(output(*arguments, "--order", "people, quality"))["changes"]
    assert other["order"][:3] == ["people", "quality", "price"]
    assert other["ratio"]["value"] == pytest.approx(found["ratio"]["value"], rel=1e-12)


def test_models_of_one_run_against_each_other(runs: dict[str, Path], output: Output) -> None:
    pair = ("--model-before", "openai/gpt-4.1", "--model-after", "openai/gpt-5.4")
    text = output("decompose", "--before", runs["all"], "--after", runs["all"], *pair)
    assert "Order: price, usage, retries, verification, people, quality, answers, length." in text
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 110
    assert "holds no model 'x'" in output(
        "decompose", "--before", runs["all"], "--after", runs["all"], "--model-after", "x", code=64
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("decompose", "--before", "{one}"), "give both"),
        (("decompose", "--before", "{one}", "--after", "{better}", "--order", "speed"), "'speed' is no lever"),
        (("decompose", "--before", "{one}", "--after", "nowhere"), "no such folder"),
        (("decompose", "--pairs", "nowhere.toml"), "nowhere.toml"),
        (("decompose", "--pairs", "x", "--before", "{one}"), "stands alone"),
        (("frontier", "--quality", "0.9"), "--quality is about your own runs"),
        (("frontier", "{one}", "--quality", "90"), "0<=x<=1"),
        (("frontier", "{one}", "--domain", "law"), "no run holds the domain 'law'; they hold history"),
        (("frontier", "{one}", "--price-tier", "gold", "--quality", "0.5"), None),
        (("frontier", "{one}", "--prices", "nowhere.toml"), "nowhere.toml"),
        (("explain", "kapa"), "did you mean kappa"),
    ],
)
def test_mistakes_are_sentences(
    arguments: tuple[str, ...], said: str | None, runs: dict[str, Path], output: Output
) -> None:
    filled = [a.format(**runs) for a in arguments]
    if said is None:  # a tier without a price leaves dollars unknown, and says for which model
        assert "has no price at the tier 'gold'" in output(*filled)
    else:
        assert said in output(*filled, code=64)


def test_a_run_that_is_not_finished_or_damaged_is_refused(tmp_path: Path, output: Output) -> None:
    assert "it holds no manifest.json and no records.parquet" in output("frontier", tmp_path, code=64)
    for name in ("manifest.json", "records.parquet", "verdicts.parquet", "estimates.json"):
        (tmp_path / name).write_text("[]")
    assert "cannot be read as a run" in output("frontier", tmp_path, code=64)


@pytest.mark.parametrize("name", ["vcpd", "C_v", "eta_q"])
def test_explain_shows_one_page(name: str, output: Output) -> None:
    text = output("explain", name)
    assert text.startswith(name)
    for part in ("formula", "undefined if", "interval", "source", "example"):
        assert part in text
    assert json.loads(output("explain", name, "--json"))["name"] == name


def test_explain_lists_all(output: Output) -> None:
    text = output("explain")
    assert all(re.search(rf"^{re.escape(n)} ", text, re.M) for n in ("p", "usd_per_verified_answer", "S", "eta_h"))
    assert max(map(len, text.splitlines())) <= 100


def test_a_figure_of_ones_own_runs_has_no_label_on_another(
    runs: dict[str, Path], tmp_path: Path, output: Output
) -> None:
    file = tmp_path / "own.svg"
    output("frontier", runs["all"], "--out", file)
    svg = file.read_text()
    for model in MODELS:
        assert f">{model}</text>" in svg
    boxes = []
    for x, y, anchor, text in re.findall(
        r'<text x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)"[^>]*>([^<]+)</text>', svg
    ):
        width = len(text) * 11 * 0.6
        left = float(x) - {"start": 0, "middle": width / 2, "end": width}[anchor]
        if text in MODELS:
            boxes.append(Box(left, float(y) - 11, left + width, float(y) + 2))
    assert len(boxes) == len(MODELS)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])


def test_png(runs: dict[str, Path], tmp_path: Path, output: Output) -> None:
    pytest.importorskip("resvg_py", reason="the extra png is not installed")
    file = tmp_path / "own.png"
    output("frontier", runs["all"], "--out", file)
    data = file.read_bytes()
    assert data.startswith(b"\x89PNG")
    assert int.from_bytes(data[16:20], "big") == 2 * 880


def test_png_without_its_library_names_the_extra(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['resvg_py'] = None\n"
        "from vcpd.evals.cli import run_cli; sys.exit(run_cli(['prices', '--out', 'x.png']))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 69
    assert "vcpd[png]" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_map_that_disagrees_is_reported_and_not_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[models."gpt-4.1"]\ninput = 1.0\noutput = 8.0\ncache_read = 0.5\nsource = "contract"\n')
    (tmp_path / "a.jsonl").write_text(answers("openai/gpt-4.1", 1, n=4))
    assert run_cli(["score", str(tmp_path / "a.jsonl"), "--out", str(tmp_path / "r"), "--prices", str(own)]) == 0
    said = capsys.readouterr().err
    assert "prices disagree: openai/gpt-4.1, input: 1 here (contract), 2 in litellm" in said
    kept: dict[str, Any] = json.loads((tmp_path / "r" / "manifest.json").read_text())["prices"]
    assert kept["openai/gpt-4.1"]["input"] == 1.0


def test_a_price_of_the_map_alone_is_said_to_be_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.jsonl").write_text(answers("openai/gpt-4o", 1, n=4))
    assert run_cli(["score", str(tmp_path / "a.jsonl"), "--out", str(tmp_path / "r"), "--quiet"]) == 0
    assert "no dated price of openai/gpt-4o is known: priced by litellm" in capsys.readouterr().err


def test_an_unknown_tier_is_refused_before_anything_is_written(tmp_path: Path, output: Output) -> None:
    (tmp_path / "a.jsonl").write_text(answers("openai/gpt-4.1", 1, n=4))
    out = tmp_path / "r"
    said = output("score", tmp_path / "a.jsonl", "--out", out, "--price-tier", "gold", code=64)
    assert "no price at the tier 'gold'" in said
    assert not out.exists()


def test_prices_reports_where_the_map_disagrees(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["prices", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["price_map_disagreements"]
    assert {"model", "field", "ours", "theirs", "our_source", "their_source"} <= set(found[0])
    assert "o3" in {d["model"] for d in found}  # launched at 10/40, cut to 2/8 in June 2025

"""Result files of guidellm, aiperf and vLLM, as the tools wrote them, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from vcpd.evals.load_importers import import_throughput
from vcpd.scoring.hardware import HardwareCost
from vcpd.scoring.serving import Slo
from vcpd.scoring.throughput import ThroughputFileError, read_throughput, throughput_json

FILES = Path(__file__).resolve().parents[1] / "cases" / "throughput"
TOOLS = {"guidellm": "guidellm-0.8.1.json", "aiperf": "aiperf-0.13.0.json", "vllm": "vllm-0.33.0.json"}
TRUTH = 8 * 64 / 1.46


@pytest.mark.parametrize("tool", TOOLS)
def test_a_real_file_gives_the_tools_own_throughput(tool: str) -> None:
    found = import_throughput([FILES / TOOLS[tool]], None, Slo(ttft_s=0.5, e2e_s=2.0), HardwareCost("mine", 1, 3.6))
    assert found.model == "loopback"
    assert found.tool.startswith(tool)
    assert found.condition.batch == "8 streams"
    assert found.slo_kept is True
    assert found.tokens_per_s.value == pytest.approx(TRUTH, rel=0.07)
    assert found.tokens_per_s.low is None  # one measurement has no interval
    assert found.latencies["tpot"]["p50"] == pytest.approx(0.02, rel=0.01)
    assert found.latencies["ttft"]["mean"] == pytest.approx(0.2, abs=0.08)
    assert ("itl" in found.latencies) == (tool != "guidellm")
    assert found.measured_at == "2026-11-25"
    assert found.workload.output_tokens == 64
    assert found.usd_per_mtok == pytest.approx(1000 / found.tokens_per_s.value)
    assert read_throughput("here", json.loads(json.dumps(throughput_json(found)))) == found


def test_of_guidellm_the_throughput_with_cut_off_requests_counts() -> None:
    data = json.loads((FILES / TOOLS["guidellm"]).read_text())
    rates = data["benchmarks"][0]["metrics"]["output_tokens_per_second"]
    found = import_throughput([FILES / TOOLS["guidellm"]], None, Slo())
    assert found.tokens_per_s.value == rates["total"]["mean"] > rates["successful"]["mean"]


def test_an_slo_that_a_file_cannot_tell_is_not_called_kept() -> None:
    found = import_throughput([FILES / TOOLS["guidellm"]], None, Slo(itl_s=0.05))
    assert found.slo_kept is None
    assert any("not known" in text for text in found.warnings)
    assert import_throughput([FILES / TOOLS["aiperf"]], None, Slo(itl_s=0.05)).slo_kept is True


def test_a_load_that_misses_the_slo_gives_no_throughput() -> None:
    with pytest.raises(ThroughputFileError, match="p99 E2E 1469 ms above 1000 ms"):
        import_throughput([FILES / TOOLS["guidellm"]], None, Slo(e2e_s=1.0))


def changed(tmp_path: Path, tool: str, change: Any, name: str = "changed.json") -> Path:
    data = json.loads((FILES / TOOLS[tool]).read_text())
    change(data)
    (tmp_path / name).write_text(json.dumps(data))
    return tmp_path / name


@pytest.mark.parametrize(
    ("tool", "change", "said"),
    [
        ("guidellm", lambda d: d["metadata"].update(version=3), "metadata.version.*is 3; this version reads 2"),
        ("aiperf", lambda d: d.update(schema_version="2.0"), "schema_version.*'2.0'"),
        ("aiperf", lambda d: d["output_token_throughput"].update(avg=None), "output_token_throughput.avg.*no number"),
        ("aiperf", lambda d: d["request_latency"].update(unit="s"), "not milliseconds"),
        ("vllm", lambda d: d.pop("completed"), "'completed': is missing"),
        ("vllm", lambda d: d.pop("output_throughput"), "no result of"),
        ("vllm", lambda d: d.update(output_throughput=0), "above 0"),
        ("guidellm", lambda d: d["benchmarks"][0].pop("metrics"), "'metrics': is missing"),
    ],
)
def test_what_is_not_known_is_refused(tmp_path: Path, tool: str, change: Any, said: str) -> None:
    with pytest.raises(ThroughputFileError, match=said):
        import_throughput([changed(tmp_path, tool, change)], None, Slo())


@pytest.mark.parametrize("text", ["", "[]", "{}", "\0", '{"benchmarks": 3, "metadata": {"version": 2}}', "[" * 100_000])
def test_any_file_is_survived(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(ThroughputFileError, match=r"x\.json"):
        import_throughput([tmp_path / "x.json"], None, Slo())


def test_five_runs_give_an_interval_and_the_highest_load_that_holds_counts(tmp_path: Path) -> None:
    def rate(value: float, streams: int = 8, p99: float = 1500) -> Any:
        return lambda d: d.update(output_throughput=value, max_concurrency=streams, p99_e2el_ms=p99)

    loads = [rate(300 + i) for i in range(5)] + [rate(900, 16, p99=5000)]
    paths = [changed(tmp_path, "vllm", load, f"{i}.json") for i, load in enumerate(loads)]
    found = import_throughput(paths, "acme", Slo(e2e_s=2.0))
    assert found.model == "acme"
    assert found.condition.batch == "8 streams"
    assert found.tokens_per_s.value == 302
    assert found.tokens_per_s.low == pytest.approx(302 - 2.776 * (2.5 / 5) ** 0.5, abs=1e-3)


def test_files_of_two_models_are_not_one_throughput(tmp_path: Path) -> None:
    other = changed(tmp_path, "vllm", lambda d: d.update(model_id="another"))
    with pytest.raises(ThroughputFileError, match="one model and tool"):
        import_throughput([FILES / TOOLS["vllm"], other], None, Slo())

"""This package's load generator, guidellm and aiperf on the same loopback server, beside the truth.

    python tests/benchmarks/throughput_side_by_side.py [--guidellm BIN] [--aiperf BIN] [--tokenizer DIR] [--seconds 20]

The server's law: TTFT 200 ms, 20 ms between chunks, 64 tokens, so N streams are exactly N * 64 / 1.46 tokens/s. The
tools are measured where their programs are named; both want a tokenizer on disk. Wanted: within 3 % of the truth and
of guidellm at 8 streams; within 8 % of the truth at 128 streams (5,611 tokens/s) in the steady window, client and
server on two cores. Prints a row a tool and load; ends with 1 where this package's own rows miss that.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from vcpd.evals.load_importers import import_throughput
from vcpd.evals.load_processes import offer
from vcpd.evals.load_self_test import client_ceiling
from vcpd.evals.load_types import Endpoint, LoadKind, LoadPlan, LoadPrompt
from vcpd.evals.loopback import ServiceLaw, loopback
from vcpd.scoring.load_summary import client_limited, summarise_load
from vcpd.scoring.serving import Slo

LAW = ServiceLaw()
WANTED = {8: 0.03, 128: 0.08}


def own(streams: int, seconds: float, ceiling: float, processes: int) -> tuple[float, str]:
    """T of this package's generator, and what it says of itself."""
    with loopback(LAW) as server:
        plan = LoadPlan(LoadKind.CLOSED, streams, seconds, LAW.service_s, processes=processes)
        load = offer(Endpoint(server.base_url, "loopback"), [LoadPrompt("p", "word " * 32, LAW.tokens)], plan)
    found = summarise_load(load.requests, Slo(), 2 * LAW.service_s, load.stopped)
    assert found.tokens_per_s is not None
    e, ttft = found.tokens_per_s, found.latencies.ttft
    limit = client_limited(found.chunks_per_s, ceiling, load)
    said = f"[{e.low:.1f}, {e.high:.1f}] TTFT p50 {ttft.p50 * 1000 if ttft else 0:.1f} ms, cpu {load.cpu_share:.0%}"
    return e.value, f"{said} {limit}"


def guidellm(program: str, tokenizer: str, streams: int, seconds: float, folder: Path) -> float:
    """T as guidellm reports it."""
    out = folder / f"guidellm-{streams}.json"
    with loopback(LAW) as server:
        target = server.base_url.removesuffix("/v1")
        command = [
            program, "run", "--backend", f"kind=openai_http,target={target},model=loopback",
            "--profile", f"kind=concurrent,streams={streams}",
            "--constraint", f"kind=max_duration,seconds={seconds:g}",
            "--tokenizer", f"kind=huggingface_auto,model={tokenizer}",
            "--data", "kind=synthetic_text,prompt_tokens=32,output_tokens=64",
            "--output", f"kind=json,path={out}", "--disable-console-interactive",
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=300)
    return import_throughput([out], None, Slo()).tokens_per_s.value


def aiperf(program: str, tokenizer: str, streams: int, seconds: float, folder: Path) -> float:
    """T as aiperf reports it."""
    out = folder / f"aiperf-{streams}"
    with loopback(LAW) as server:
        command = [
            program, "profile", "-m", "loopback", "--endpoint-type", "chat", "--streaming",
            "--url", server.base_url.removesuffix("/v1"), "--tokenizer", tokenizer, "--concurrency", str(streams),
            "--benchmark-duration", f"{seconds:g}", "--synthetic-input-tokens-mean", "32", "--output-tokens-mean", "64",
            "--use-legacy-max-tokens", "--use-server-token-count", "--artifact-dir", str(out), "--ui", "none",
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=300)
    return import_throughput([out / "profile_export_aiperf.json"], None, Slo()).tokens_per_s.value


def main() -> int:
    """Measure, print, compare."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--guidellm")
    parser.add_argument("--aiperf")
    parser.add_argument("--tokenizer", default="")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--processes", type=int, default=1)
    args = parser.parse_args()
    ceiling = client_ceiling(args.processes)
    print(f"client ceiling {ceiling.chunks_per_s:.0f} chunks/s of {ceiling.sent_per_s:.0f} sent", flush=True)
    missed, rows = False, []
    with tempfile.TemporaryDirectory() as folder:
        for streams, within in WANTED.items():
            truth = streams * LAW.tokens / LAW.service_s
            value, said = own(streams, args.seconds, ceiling.chunks_per_s, args.processes)
            found = {"vcpd": value}
            for name, program, tool in (("guidellm", args.guidellm, guidellm), ("aiperf", args.aiperf, aiperf)):
                if program:
                    found[name] = tool(program, args.tokenizer, streams, args.seconds, Path(folder))
            for name, rate in found.items():
                rows.append({"streams": streams, "tool": name, "rate": round(rate, 1), "truth": round(truth, 1)})
                print(f"{streams:4} {name:9} {rate:8.1f} of {truth:8.1f} ({rate / truth - 1:+.1%}) ", end="")
                print(said if name == "vcpd" else "", flush=True)
            missed |= abs(value / truth - 1) > within
    print(json.dumps(rows))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())

"""Listing 1 of the field note end to end on a real server: quality, T at the SLO, cost, VCpD.

    python tests/benchmarks/listing_one.py [--seconds 20]

A loopback server answers over HTTP: TTFT 200 ms, 20 ms between chunks, eight at once, every fifth answer invented. The
questions are asked of it one by one and judged (Q, and p_retry: what the policy rejects), T is searched for under an
SLO of 350 ms to the first token, dollars are two listed GPUs. What must come out is known: eight streams, their tokens
per second, Q = 1 among delivered answers, p_retry = 1/5. Ends with 1 where a number is off by more than 3 %.
"""

import argparse
import sys

from vcpd.evals.load_processes import offer
from vcpd.evals.load_types import Endpoint, Judgement, LoadKind, LoadPlan, LoadPrompt
from vcpd.evals.load_workload import Case, LoadWorkload, judge, set_up_judge
from vcpd.evals.loopback import ServiceLaw, loopback
from vcpd.evals.samples import Sample
from vcpd.evals.throughput import ThroughputPlan, measure_throughput
from vcpd.retrieval.passages import Document, Span
from vcpd.retrieval.sources import SourcePolicy
from vcpd.scoring.hardware import default_hardware, hardware_cost
from vcpd.scoring.listing import Counts, Model, Workload, cpm, vcpd
from vcpd.scoring.serving import Slo

TEXT = "The bridge act was passed in 1937."
LAW = ServiceLaw(slots=8, answer="The bridge act was passed in 1937 [1].", every_invented=5)


def workload() -> LoadWorkload:
    """Forty questions with one source."""
    document = Document("guide", TEXT)
    passage = document.passage(Span(0, len(TEXT)))
    prompts, cases = [], {}
    for i in range(40):
        sample = Sample(f"q{i}", "history", f"q{i}", "When was the bridge act passed?", ("1937",))
        prompts.append(LoadPrompt(sample.sample_id, f"Question {i}: {sample.question}"))
        cases[sample.sample_id] = Case(sample, (passage,), {"guide": document}, SourcePolicy())
    return LoadWorkload("listing 1", tuple(prompts), cases)


def main() -> int:
    """Measure the three terms and put them into the listing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20.0)
    seconds = parser.parse_args().seconds
    asked, slo = workload(), Slo(ttft_s=0.35)
    set_up_judge(asked.cases, "lexical")
    hardware = hardware_cost(default_hardware()["h100"], 2)
    service = LAW.ttft_s + 7 * LAW.itl_s
    with loopback(LAW) as server:
        endpoint = Endpoint(server.base_url, "loopback")
        load = offer(endpoint, asked.prompts, LoadPlan(LoadKind.CLOSED, 4, 40 * service, count_text=400))
        verdicts = [judge("q0", text) for _, text in load.texts]
        rejected = sum(v is Judgement.AGAIN for v in verdicts) / len(verdicts)
        delivered = [text for v, (_, text) in zip(verdicts, load.texts, strict=True) if v is Judgement.DELIVERED]
        q = sum("1937" in text for text in delivered) / len(delivered)
        plan = ThroughputPlan(endpoint, asked, slo, LoadKind.CLOSED, duration_s=seconds, hardware=hardware)
        t = measure_throughput(plan, say=lambda text: print(f"  {text}", flush=True))
    model = Model(lambda *_: q, lambda *_: t.raw_tokens_per_s, lambda _: rejected)
    point = Workload(serving=t.condition, slo_p99_ms=350, verification_cost_per_sec=0.0, throughput_counts=Counts.RAW)
    value = vcpd(model, point, None, hardware.usd_per_s)
    words = len(LAW.answer.split())
    truth_t = 8 * words / (LAW.ttft_s + (words - 1) * LAW.itl_s)
    truth = truth_t * (1 - 1 / 5) / hardware.usd_per_s
    per_million = cpm(model, point, None, hardware.usd_per_s)
    print(f"Q {q:.3f} (1), p_retry {rejected:.3f} (0.2)")
    print(f"T {t.raw_tokens_per_s:.1f} ({truth_t:.1f}) at {t.condition.batch}")
    print(f"C {hardware.usd_per_s:.6f} $/s ({hardware}), ${per_million:.3f} per million tokens")
    print(f"VCpD {value:,.0f} of {truth:,.0f} quality-tokens per dollar ({value / truth - 1:+.1%})")
    off = [abs(t.raw_tokens_per_s / truth_t - 1), abs(rejected - 0.2), 1 - q, abs(value / truth - 1)]
    return int(max(off) > 0.03)


if __name__ == "__main__":
    sys.exit(main())

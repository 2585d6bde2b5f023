"""One load from several client processes that begin together: for more streams than one process can read.

Workers are told what to do through a pipe (a key for the endpoint never stands in a command line), say when they are
ready, and get one beginning on the machine's monotonic clock.
"""

import pickle
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from .load_client import Verification, run_load
from .load_types import Endpoint, Load, LoadError, LoadKind, LoadPlan, LoadPrompt

_PACKAGE = __name__.rpartition(".")[0]
_LEAD_S = 0.1


def offer(
    endpoint: Endpoint, prompts: Sequence[LoadPrompt], plan: LoadPlan, verification: Verification | None = None
) -> Load:
    """Offer a load from as many processes as the plan says.

    Raises:
        LoadError: No prompt, a level of 0, or several processes under a verification policy.
    """
    if not prompts:
        raise LoadError("a load test needs prompts: there is none")
    if plan.level <= 0 or plan.duration_s <= 0:
        raise LoadError("a load needs streams or requests per second above 0, and seconds above 0")
    if plan.processes <= 1 or (plan.kind is LoadKind.CLOSED and plan.level < plan.processes):
        return run_load(endpoint, prompts, plan, verification=verification)
    if verification is not None:
        raise LoadError("a verification policy is measured from one client process: leave --processes out")
    return _joined([*_run_all([(endpoint, list(prompts), part) for part in parts_of(plan)])])


def parts_of(plan: LoadPlan) -> list[LoadPlan]:
    """The plan's shares. Streams are dealt out; Poisson arrivals split into independent Poisson arrivals."""
    n = plan.processes
    if plan.kind is LoadKind.POISSON:
        levels = [plan.level / n] * n
    else:
        streams = int(plan.level)
        levels = [float(streams // n + (i < streams % n)) for i in range(n)]
    return [
        replace(plan, level=level, processes=1, seed=plan.seed * 1000 + i, count_text=plan.count_text // n)
        for i, level in enumerate(levels)
    ]


def _run_all(jobs: Sequence[tuple[Endpoint, list[LoadPrompt], LoadPlan]]) -> list[Load]:
    command = [sys.executable, "-m", f"{_PACKAGE}.load_worker"]
    workers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in jobs]
    try:
        for worker, job in zip(workers, jobs, strict=True):
            assert worker.stdin is not None
            pickle.dump(job, worker.stdin)
            worker.stdin.flush()
        for worker in workers:
            assert worker.stdout is not None
            if worker.stdout.readline() != b"ready\n":
                raise LoadError(f"a client process ended before it began (exit code {worker.wait()})")
        begin = time.monotonic() + _LEAD_S
        for worker in workers:
            assert worker.stdin is not None
            pickle.dump(begin, worker.stdin)
            worker.stdin.close()
        return [_result(worker) for worker in workers]
    finally:
        for worker in workers:
            if worker.poll() is None:
                worker.kill()
            worker.wait()


def _result(worker: "subprocess.Popen[bytes]") -> Load:
    assert worker.stdout is not None
    with worker.stdout as pipe:
        kept = pipe.read()
    if not kept:
        raise LoadError(f"a client process ended early (exit code {worker.wait()})")
    found: Load = pickle.loads(kept)
    return found


def _joined(loads: Sequence[Load]) -> Load:
    return Load(
        tuple(sorted((r for load in loads for r in load.requests), key=lambda r: r.scheduled)),
        max(load.stopped for load in loads),
        max(load.lag_p99_s for load in loads),
        max(load.cpu_share for load in loads),
        tuple(text for load in loads for text in load.texts),
        next((load.failure for load in loads if load.failure), ""),
    )

"""The door of inspect-ai: each pack as an Inspect task, and the run of it from Python.

`inspect eval vcpd/legal --model litellm/<any>` works from Inspect's own command line; `vcpd run` brings a
callback that keeps each finished sample. Absolute imports, so that `inspect eval <path of this file>` works too.
"""

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from anyio import sleep, to_thread
from inspect_ai import Epochs, Task, task
from inspect_ai.dataset import MemoryDataset
from inspect_ai.dataset import Sample as InspectSample
from inspect_ai.log import EvalLog
from inspect_ai.model import ChatMessageUser, GenerateConfig, Model, ModelOutput, get_model
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, solver
from vcpd.evals.context_fill import ContextFill
from vcpd.evals.grading import graded
from vcpd.evals.judges import Panel
from vcpd.evals.local_names import is_deterministic
from vcpd.evals.pack_by_name import load_pack
from vcpd.evals.packs import BENCHMARK, DomainPack
from vcpd.evals.pipeline import Answer, Attempt, Key, check, known_of, prepare, with_evidence
from vcpd.evals.redaction import redacted
from vcpd.evals.retrieval_modes import RetrievalSpec, open_retriever
from vcpd.evals.samples import Sample
from vcpd.retrieval.search import Retriever
from vcpd.scoring.records import Outcome, PolicyVerdict
from vcpd.scoring.usage import Usage
from vcpd.verifiers.lexical import LexicalVerifier
from vcpd.verifiers.verdict import Verifier

ATTEMPTS = "vcpd_attempts"
Finished = Callable[[Sample, int, Sequence[Attempt]], None]


@dataclass(frozen=True, slots=True)
class Setting:
    """A pack made ready: its retriever is built once, the verifier in the loop is shared.

    Attributes:
        retriever: None: questions are asked without sources.
        admits: Asked before each sample; False leaves the sample out, None lets it wait.
    """

    pack: DomainPack
    retriever: Retriever | None
    verifier: Verifier
    max_retries: int
    run_id: str = "inspect"
    panel: Panel = field(default_factory=Panel)
    admits: Callable[[], bool | None] = lambda: True
    fill: ContextFill | None = None


def setting(pack: DomainPack, retriever: Retriever | None, model: str, run_id: str = "inspect") -> Setting:
    """The default setting of a pack for a model: the lexical verifier, no retries of a deterministic model."""
    retries = 0 if is_deterministic(model) else pack.retry_policy.max_retries
    return Setting(pack, retriever, LexicalVerifier(), retries, run_id)


def domain_task(
    at: Setting,
    model: str,
    pending: Sequence[Sample] | None = None,
    *,
    epochs: int = 1,
    on_finished: Finished | None = None,
) -> Task:
    """One pack as an Inspect task, over all its samples or the `pending` ones."""
    samples = {s.sample_id: s for s in (at.pack.samples if pending is None else pending)}
    dataset = MemoryDataset([_inspect_sample(s) for s in samples.values()], name=at.pack.name)
    return Task(
        dataset=dataset,
        solver=_answer_and_verify(at, model, samples, on_finished),
        scorer=_outcome(),
        epochs=Epochs(epochs, "mean"),
        name=at.pack.name,
        version=at.pack.version,
    )


def _inspect_sample(sample: Sample) -> InspectSample:
    return InspectSample(
        input=sample.question,
        target=list(sample.targets) or "(abstain)",
        id=sample.sample_id,
        metadata={"cluster_id": sample.cluster_id, "kind": sample.abstain_kind or "answerable", "task": sample.task},
    )


@solver
def _answer_and_verify(at: Setting, model: str, samples: dict[str, Sample], on_finished: Finished | None) -> Solver:
    known = known_of(at.pack)

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        sample = samples[str(state.sample_id)]
        while (admitted := at.admits()) is None:
            await sleep(0.02)
        if not admitted:  # the money is spent: this sample is left for another session
            return state
        prepared = prepare(sample, at.pack, at.retriever, at.pack.source_policy, at.fill)
        attempts: list[Attempt] = []
        state.messages = [ChatMessageUser(content=prepared.prompt)]
        while not attempts or _again(attempts, at.max_retries):
            output = await get_model().generate([ChatMessageUser(content=prepared.prompt)])
            state.output = output
            state.messages.append(output.message)
            key = Key(at.run_id, model, state.epoch, len(attempts) + 1)
            answer = _answer(model, output)
            if not attempts:
                answer = replace(answer, usage=(prepared.result.usage, *answer.usage))
            policy, verifier = at.pack.source_policy, at.panel.judge or at.verifier
            checking = partial(check, key, sample, answer, prepared.passages, known, policy, verifier)
            attempt = await _judged(at.panel, sample, checking)
            record = with_evidence(attempt.record, prepared)
            attempts.append(replace(attempt, record=record, result=prepared.result))
        state.metadata[ATTEMPTS] = [_summary(a) for a in attempts]
        if on_finished:
            on_finished(sample, state.epoch, attempts)
        return state

    return solve


async def _judged(panel: Panel, sample: Sample, checking: Callable[[], Attempt]) -> Attempt:
    """Checked and graded; in a thread of its own where models are asked, so that other samples go on meanwhile."""

    def work() -> Attempt:
        return graded(checking(), sample, panel.grader)

    if not panel.asked:
        return work()
    attempt = await to_thread.run_sync(work)
    for model in panel.asked:
        model.raise_if_unreachable()
    return attempt


def _again(attempts: Sequence[Attempt], max_retries: int) -> bool:
    last = attempts[-1].record
    rejected = last.policy_verdict is PolicyVerdict.REJECT or last.outcome is Outcome.INVALID
    return rejected and len(attempts) <= max_retries


def _answer(model: str, output: ModelOutput) -> Answer:
    """What a generation returned, in our own words; seconds are of computation where the model is local."""
    metadata = output.metadata or {}
    usage = usage_of_output(model, "generate", output)
    delivered = max(usage.output_tokens - usage.reasoning_tokens, 0) if usage else None
    reason = {"max_tokens": "length", "model_length": "length"}.get(output.stop_reason, output.stop_reason)
    return Answer(
        text=output.completion,
        finish_reason=reason,
        latency_s=metadata.get("latency_s", output.time),
        ttft_s=metadata.get("ttft_s"),
        delivered_tokens=delivered,
        usage=(usage,) if usage else (),
        served=output.model,
    )


def usage_of_output(model: str, stage: str, output: ModelOutput) -> Usage | None:
    """The meter reading of one generation; None where the provider sent none."""
    u = output.usage
    if u is None:
        return None
    seconds = float((output.metadata or {}).get("compute_seconds") or output.time or 0.0)
    cached = u.input_tokens_cache_read or 0, u.input_tokens_cache_write or 0
    return Usage(stage, model, u.input_tokens, *cached, u.output_tokens, u.reasoning_tokens or 0, seconds, 1)


def _summary(attempt: Attempt) -> dict[str, Any]:
    """What Inspect's viewer shows of an attempt."""
    found = attempt.found
    return {
        "outcome": attempt.record.outcome.value,
        "policy_verdict": attempt.record.policy_verdict.value if attempt.record.policy_verdict else None,
        "confidence": attempt.record.confidence,
        "reasons": list(found.reasons) if found else [],
        "blocked": [f"{b.passage.doc_id}: {b.rule}" for b in attempt.result.blocked] if attempt.result else [],
    }


@scorer(metrics={"*": [mean(), stderr()]})
def _outcome() -> Scorer:
    """Shares by outcome; `p` counts attempted samples alone (NaN: excluded by Inspect's own rule)."""

    async def score(state: TaskState, target: Target) -> Score:
        if ATTEMPTS not in state.metadata:
            return Score(value={**{o.value: float("nan") for o in Outcome}, "p": float("nan")}, explanation="not asked")
        first = state.metadata[ATTEMPTS][0]
        outcome = first["outcome"]
        attempted = outcome in ("correct", "incorrect")
        value = {o.value: float(outcome == o.value) for o in Outcome}
        value["p"] = float(outcome == "incorrect") if attempted else float("nan")
        reasons = "; ".join(state.metadata[ATTEMPTS][-1]["reasons"])
        return Score(value=dict(value), answer=state.output.completion, explanation=reasons or outcome)

    return score


class ModelNameError(ValueError):
    """A model that cannot be set up: unknown, or a package or setting is missing; the message says which."""


def open_model(name: str, config: dict[str, Any], arguments: dict[str, Any]) -> Model:
    """The model of that name, without calling it.

    Raises:
        ModelNameError: There is no such model, or its provider cannot be used in this environment.
    """
    try:
        model = get_model(name, config=GenerateConfig(**config), **arguments)
        model.model_args = redacted(model.model_args)  # what Inspect writes into its log; the provider keeps its own
        return model
    except Exception as error:  # providers raise what they like while they are set up
        reason = " ".join(str(error).split()).removeprefix("ERROR: ")
        hint = ""
        if "package openai" in reason:
            hint = (
                ". litellm excludes that version: take the model through litellm (without 'inspect:'), or give "
                "Inspect's own provider an environment without litellm"
            )
        raise ModelNameError(f"model '{name}' cannot be used: {reason}{hint}") from error


_RAISED = re.compile(r"[A-Za-z_][\w.]{0,200}(?:Error|Exception|Timeout|Exceeded)(?:: .*)?")


def failure_of(log: EvalLog) -> str:
    """Why a task failed, in one line; where retries ran out, what the last of them met."""
    if log.error is None:
        return str(log.status)
    said = log.error.message.strip()
    if not said.startswith("RetryError"):
        return said
    lines = log.error.traceback.splitlines()[-2_000:]
    met = [line[:500] for line in lines if _RAISED.fullmatch(line[:500]) and "RetryError" not in line]
    return f"every retry failed; the last with {met[-1]}" if met else said


def run_inspect(job: Task, model: Model, *, log_dir: Path) -> EvalLog:
    """Run one task quietly and return Inspect's log; its status says whether it succeeded.

    Raises:
        KeyboardInterrupt: The user broke it off.
    """
    from inspect_ai import eval as inspect_eval

    logs = inspect_eval(
        job,
        model=model,
        log_dir=str(log_dir),
        display="none",
        log_realtime=False,
        acp_server=False,
        ctl_server=False,
        log_level="error",
    )
    if not logs or logs[0].status == "cancelled":  # Inspect swallows the interrupt
        raise KeyboardInterrupt
    return logs[0]


def _bundled(name: str) -> Task:
    model, pack = str(get_model()), load_pack(name)
    for warning in pack.warnings:
        print(f"{pack.name}: {warning}", file=sys.stderr)
    return domain_task(setting(pack, open_retriever(pack, RetrievalSpec()), model), model)


@task
def legal() -> Task:
    """The bundled legal pack."""
    return _bundled("legal")


@task
def medical() -> Task:
    """The bundled medical pack."""
    return _bundled("medical")


@task
def general() -> Task:
    """The bundled general pack."""
    return _bundled("general")


@task
def bench(name: str, path: str | None = None) -> Task:
    """A published benchmark (`vcpd domain list`), e.g. `-T name=simpleqa`; `path`: its files, where they are local."""
    return _bundled(f"{BENCHMARK}{name.removeprefix(BENCHMARK)}" + (f"={path}" if path else ""))

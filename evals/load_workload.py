"""The requests of a load test: those that gave Q, with their prompts and the lengths of their answers.

From a run folder the prompts are written again from the passages that were retrieved, and each answer may be as long
as it was. From a pack they are prepared as a run would. Synthetic prompts of one length would measure another workload.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..retrieval.passages import Document, Passage, Span
from ..retrieval.sources import SourcePolicy
from ..scoring.throughput import WorkloadUsed
from .load_types import Judgement, LoadError, LoadPrompt
from .pipeline import Answer, Key, Known, check, prepare
from .samples import Sample

ANSWER_TOKENS = 512
"""Limit of an answer whose length no run tells."""
_TARGET = 0.75


@dataclass(frozen=True, slots=True)
class Case:
    """What a verification policy needs to judge an answer to one prompt."""

    sample: Sample
    passages: tuple[Passage, ...]
    documents: Mapping[str, Document]
    policy: SourcePolicy


@dataclass(frozen=True, slots=True)
class LoadWorkload:
    """Prompts, and what is known of them.

    Attributes:
        model: As the run calls it; "" where the workload is a pack.
        cases: By prompt, for a verification policy.
        context, verification: Of the run's serving condition, as text. max_retries: Of the pack's retry policy.
    """

    name: str
    prompts: tuple[LoadPrompt, ...]
    cases: Mapping[str, Case] = field(default_factory=dict)
    model: str = ""
    context: str = ""
    max_retries: int = 0

    @property
    def used(self) -> WorkloadUsed:
        """As a throughput file keeps it."""
        rows = [[p.prompt_id, p.text, p.max_tokens] for p in self.prompts]
        return WorkloadUsed(self.name, hashlib.sha256(json.dumps(rows).encode()).hexdigest(), len(rows))


def workload_of(places: Sequence[str], model: str, max_tokens: int | None) -> LoadWorkload:
    """The workload of one run folder, or of one or more packs.

    Args:
        model: Whose answers give the lengths, where a run holds several models' ones.
        max_tokens: Limit of each answer; None: as long as it was in the run, `ANSWER_TOKENS` where that is unknown.

    Raises:
        LoadError: No run and no pack, a run beside others, or a run without that model.
        PackError, RunFolderError: As `load_pack` and `open_run`.
    """
    runs = [place for place in places if (Path(place) / "answers.parquet").is_file()]
    if runs and len(places) > 1:
        raise LoadError("--prompts names a run folder beside others: the requests of one run are one workload")
    if runs:
        return _of_run(Path(runs[0]), model, max_tokens)
    parts = [_of_pack(place, max_tokens or ANSWER_TOKENS) for place in places]
    cases = {key: case for part in parts for key, case in part.cases.items()}
    prompts = tuple(prompt for part in parts for prompt in part.prompts)
    return LoadWorkload(", ".join(places), prompts, cases, max_retries=min(part.max_retries for part in parts))


def _of_pack(place: str, max_tokens: int) -> LoadWorkload:
    from ..retrieval.lexical import LexicalRetriever
    from .pack_by_name import load_pack

    pack = load_pack(place)
    retriever = LexicalRetriever(pack.corpus)
    prompts, cases = [], {}
    for sample in pack.samples:
        prepared = prepare(sample, pack, retriever, pack.source_policy)
        key = f"{pack.name}/{sample.sample_id}"
        prompts.append(LoadPrompt(key, prepared.prompt, max_tokens))
        named = {d: doc for p in prepared.passages if (doc := pack.corpus.get(d := p.doc_id))}
        cases[key] = Case(sample, prepared.passages, named, pack.source_policy)
    return LoadWorkload(place, tuple(prompts), cases, max_retries=pack.retry_policy.max_retries)


def _of_run(path: Path, model: str, max_tokens: int | None) -> LoadWorkload:
    import pyarrow.parquet as pq

    from ..scoring.serving import AS_RETRIEVED, read_condition
    from .accounts import terms_in
    from .prompts import build_prompt
    from .saved_runs import open_run

    run = open_run(path)
    served = _model_of(model, list(dict.fromkeys(r.model for r in run.records)), path)
    documents = _documents(pq.read_table(path / "sources.parquet").to_pylist())
    samples = {(s["domain"], s["sample_id"]): s for s in pq.read_table(path / "samples.parquet").to_pylist()}
    prompts, cases = [], {}
    for row in pq.read_table(path / "answers.parquet").to_pylist():
        if row["model"] != served or row["attempt"] != 1 or row["epoch"] != 1:
            continue
        sample = _sample(samples[row["domain"], row["sample_id"]])
        known = documents.get((row["domain"], row["sample_id"]), documents.get((row["domain"], ""), {}))
        spans = [(known[h["doc_id"]], Span(h["start"], h["end"])) for h in row["hits"] or () if h["doc_id"] in known]
        passages = tuple(document.passage(span) for document, span in spans)
        policy, target = _rules(row["domain"])
        prompt = build_prompt(
            sample.question, passages, known, confidence_target=target, choices=sample.choices, closed_book=not known
        )
        key = f"{row['domain']}/{row['sample_id']}"
        prompts.append(LoadPrompt(key, prompt, max_tokens or _length(row["usage"])))
        cases[key] = Case(sample, passages, {p.doc_id: known[p.doc_id] for p in passages}, policy)
    retries = min(terms_in(run.manifest, domain).retry_policy.max_retries for domain in run.domains)
    kept = run.manifest.get("serving")
    context = read_condition(f"{path}/manifest.json", kept).context if kept else AS_RETRIEVED
    return LoadWorkload(str(path), tuple(prompts), cases, served, context, retries)


def _model_of(model: str, models: Sequence[str], path: Path) -> str:
    """The model of a run that the endpoint serves: of that name, or ending in it, or the only one."""
    found = [m for m in models if m == model] or [m for m in models if m.rpartition("/")[2] == model]
    if len(found or models) == 1:
        return (found or list(models))[0]
    raise LoadError(f"{path} holds answers of {', '.join(models)}; say which one '{model}' serves with --run-model")


def _documents(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], dict[str, Document]]:
    """By domain and, where sources belong to one sample, by sample."""
    from datetime import date as Date

    found: dict[tuple[str, str], dict[str, Document]] = {}
    names = ("doc_id", "text", "title", "source", "jurisdiction", "authority", "url", "sha256")
    for row in rows:
        day = Date.fromisoformat(row["date"]) if row.get("date") else None
        document = Document(**{name: row[name] for name in names}, date=day)
        found.setdefault((row["domain"], row.get("sample_id") or ""), {})[document.doc_id] = document
    return found


def _sample(row: Mapping[str, Any]) -> Sample:
    kind = None if row["kind"] == "answerable" else row["kind"]
    texts = tuple(row["targets"] or ()), tuple(row["choices"] or ())
    return Sample(
        row["sample_id"], row["domain"], row["cluster_id"], row["question"], texts[0], row["task"],
        abstain_kind=kind, choices=texts[1],
    )  # fmt: skip


def _rules(domain: str) -> tuple[SourcePolicy, float]:
    """Source policy and confidence target: a run folder keeps neither, a bundled pack has both."""
    from .pack_by_name import load_pack
    from .packs import BUNDLED

    if domain not in BUNDLED:
        return SourcePolicy(), _TARGET
    pack = load_pack(domain)
    return pack.source_policy, pack.confidence_target


def _length(usage: Sequence[Mapping[str, Any]] | None) -> int:
    """Output tokens that the answer took in the run; at least 1."""
    made = sum(u["output_tokens"] or 0 for u in usage or () if u["stage"] == "generate")
    return max(made, 1) if made else ANSWER_TOKENS


_judging: dict[str, Any] = {}


def judge(prompt_id: str, text: str) -> Judgement:
    """What the policy makes of an answer, in the process that `set_up_judge` made ready.

    A rejected or unreadable answer is asked for again; an abstention or refusal is withheld: no token is delivered.
    """
    from ..scoring.records import Outcome, PolicyVerdict

    case, verifier = _judging["cases"][prompt_id], _judging["verifier"]
    answer = Answer(text, finish_reason="stop")
    attempt = check(
        Key("load", "load"), case.sample, answer, case.passages, Known(case.documents), case.policy, verifier
    )
    record = attempt.record
    if record.policy_verdict is PolicyVerdict.REJECT or record.outcome is Outcome.INVALID:
        return Judgement.AGAIN
    answered = record.outcome not in (Outcome.ABSTAINED, Outcome.REFUSED)
    return Judgement.DELIVERED if answered else Judgement.WITHHELD


def set_up_judge(cases: Mapping[str, Case], verifier: str) -> None:
    """Make `judge` ready in this process: what it judges, by prompt, and the verifier by name (`verifier_of`)."""
    from .verifier_names import verifier_of

    _judging.update(cases=cases, verifier=verifier_of(verifier))


@contextmanager
def judging_pool(workload: LoadWorkload, verifier: str, processes: int = 1) -> Iterator[ProcessPoolExecutor]:
    """Processes in which `judge` works with the named verifier (`verifier_of`), warm before the load begins."""
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(processes, get_context("spawn"), set_up_judge, (dict(workload.cases), verifier))
    with pool:
        for key in list(workload.cases)[:1]:
            pool.submit(judge, key, "I don't know.").result()
        yield pool

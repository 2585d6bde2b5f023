"""`vcpd run --system`: an application of the user's own answers the packs' questions, from sources of its own.

Nothing is retrieved here and nothing is prompted: the application gets the question. What came back is audited (which
of its sources the source policy forbids, and by which rule), and its claims are verified against its own sources.
"""

import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from string import ascii_uppercase

from ..retrieval.search import BlockedHit, Hit, SearchResult
from ..retrieval.sources import SourcePolicy, blocking_rule
from ..scoring.usage import Usage
from ..verifiers.lexical import LexicalVerifier
from ..verifiers.markers import MARKER
from .config import RunConfig, SystemSpec
from .grading import graded
from .journal import read_journal
from .kept_samples import Cell, Sink
from .packs import DomainPack
from .pipeline import Answer, Attempt, Key, Known, check, documents_by_id, policy_for
from .rows import document_row
from .samples import Sample
from .system_calls import Call, SystemCallError, is_address, system_call
from .system_reply import SystemReply, SystemReplyError, read_reply

_HOPELESS = 6  # first calls that all failed, after which the application counts as out of order
_RETRIES = 2
_FIRST_WAIT_S = 1.0
_WAIT_S = 0.02
FAILED = "failed: "

Job = tuple[Sample, int]


class SystemUnreachableError(RuntimeError):
    """The application could not be reached, or answers nothing; finished samples are kept."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One call: the reply, or why there is none, and how long it took. `fatal`: no other call can do better."""

    reply: SystemReply | None
    failure: str = ""
    seconds: float = 0.0
    fatal: bool = False


def open_system(spec: SystemSpec) -> Call:
    """How to call the application; nothing is called. Raises SystemSetupError."""
    return system_call(spec.target, spec.timeout_s, spec.key_env, spec.priced_as or spec.label)


def system_cell(spec: SystemSpec, call: Call, pack: DomainPack, config: RunConfig, sink: Sink) -> None:
    """The application on one pack: whatever the journal does not hold yet.

    A call that fails, takes too long or answers in another form than the documented one is an answer that is invalid;
    the reason stands in answers.parquet as its finish_reason.

    Raises:
        SystemUnreachableError: Nobody listens, the key is refused, or the first six calls all failed.
        JudgeUnreachableError: No call of a judge or grader got through.
    """
    cell = Cell(sink, spec.label, pack, config.epochs)
    answered, failures, door = False, 0, _Door(sink.admits)
    for (sample, epoch), asked in _answers(spec, call, pack, cell.pending, door):
        answered, failures = answered or asked.reply is not None, failures + (asked.reply is None)
        if asked.fatal or (not answered and failures >= min(_HOPELESS, len(cell.pending))):
            raise SystemUnreachableError(f"{spec.label} on {pack.name}: {asked.failure}")
        reply = asked.reply or SystemReply("", finish_reason=f"{FAILED}{asked.failure}")
        key = Key(sink.out.name, spec.label, epoch)
        attempt = _attempt(key, sample, replace(reply, usage=_timed(reply, asked.seconds)), asked.seconds, pack, sink)
        for model in sink.panel.asked:
            model.raise_if_unreachable()
        rows = [document_row(pack.name, d) | {"sample_id": sample.sample_id} for d in reply.documents]
        with door.lock:
            cell.finish(sample, epoch, [attempt], documents=rows)


def said_of_failures(run: Path, spec: SystemSpec | None) -> list[str]:
    """Why answers of a run are missing: the five commonest reasons with their counts; nothing where models ran."""
    if spec is None:
        return []
    reasons = [a["answer"]["finish_reason"] or "" for e in read_journal(run) for a in e["attempts"]]
    found = Counter(reason.removeprefix(FAILED) for reason in reasons if reason.startswith(FAILED))
    return [f"{n} answers of {spec.label} are invalid: {reason}" for reason, n in found.most_common(5)]


def asked_question(sample: Sample) -> str:
    """What the application is sent: the question, with lettered choices where there are any."""
    if not sample.choices:
        return sample.question
    lines = [f"{letter}. {choice}" for letter, choice in zip(ascii_uppercase, sample.choices, strict=False)]
    return "\n".join([sample.question, "", *lines, "", "Answer with the letter of the right choice."])


def audited(reply: SystemReply, policy: SourcePolicy) -> SearchResult:
    """The sources that the application used, as hits where the policy allows them and blocked by rule where not."""
    documents = {d.doc_id: d for d in reply.documents}
    hits, blocked = [], []
    for passage in reply.passages:
        rule = blocking_rule(documents[passage.doc_id], policy)
        if rule is None:
            hits.append(Hit(passage, 0.0))
        else:
            blocked.append(BlockedHit(passage, 0.0, rule))
    return SearchResult(tuple(hits), tuple(blocked), Usage("retrieve"))


def _attempt(key: Key, sample: Sample, reply: SystemReply, seconds: float, pack: DomainPack, sink: Sink) -> Attempt:
    failed = (reply.finish_reason or "").startswith(FAILED)
    usage = reply.usage
    answer = Answer(
        text=reply.text,
        finish_reason=reply.finish_reason,
        confidence=reply.confidence,
        latency_s=None if failed else seconds,
        delivered_tokens=sum(u.output_tokens - u.reasoning_tokens for u in usage) if usage else None,
        usage=usage,
        served=reply.served,
    )
    readable = any(p.text.strip() for p in reply.passages)
    attempt = check(
        key,
        sample,
        answer,
        reply.passages,
        Known({**documents_by_id(pack.corpus), **{d.doc_id: d for d in reply.documents}}, pack.authorities),
        pack.source_policy,
        (sink.panel.judge or LexicalVerifier()) if readable else None,
        require_citations=bool(MARKER.search(reply.text)),  # nobody asked it to cite; where it does, it must throughout
    )
    return graded(
        replace(attempt, result=audited(reply, policy_for(sample, pack.source_policy))), sample, sink.panel.grader
    )


def _timed(reply: SystemReply, seconds: float) -> tuple[Usage, ...]:
    """The reply's usage with the seconds of the call, once."""
    return tuple(replace(u, seconds=seconds if i == 0 else 0.0) for i, u in enumerate(reply.usage))


class _Door:
    """Lets samples in one by one, as the run's budget admits them."""

    def __init__(self, admits: Callable[[], bool | None]) -> None:
        self.lock = threading.Lock()
        self._admits = admits

    def admits(self, stop: threading.Event) -> bool:
        """Whether the next sample may start; waits while that is not known."""
        while not stop.is_set():
            with self.lock:
                admitted = self._admits()
            if admitted is not None:
                return admitted
            stop.wait(_WAIT_S)
        return False


def _answers(
    spec: SystemSpec, call: Call, pack: DomainPack, jobs: Sequence[Job], door: _Door
) -> Iterator[tuple[Job, Asked]]:
    """Every job that is admitted with what was answered, as the answers come in; calls run side by side in threads."""
    connections = min(spec.connections or (4 if is_address(spec.target) else 1), len(jobs))
    todo: queue.SimpleQueue[Job] = queue.SimpleQueue()
    # Bounded: an application that is out of order is not asked far ahead of its first failures.
    done: queue.Queue[tuple[Job, Asked | BaseException | None]] = queue.Queue(max(connections, 1))
    stop = threading.Event()
    for job in jobs:
        todo.put(job)

    def work() -> None:
        while not stop.is_set():
            try:
                job = todo.get_nowait()
            except queue.Empty:
                return
            try:
                asked: Asked | BaseException | None = None
                if door.admits(stop):
                    asked = _ask(spec, call, pack, job[0], stop)
            except BaseException as error:  # a bug of ours must not leave the main thread waiting
                asked = error
            if isinstance(asked, BaseException) or (asked is not None and asked.fatal):
                stop.set()
            done.put((job, asked))

    for _ in range(connections):
        threading.Thread(target=work, daemon=True).start()
    try:
        for _ in jobs:
            job, asked = done.get()
            if isinstance(asked, BaseException):
                raise asked
            if asked is not None:
                yield job, asked
    finally:
        stop.set()
        while not done.empty():  # whoever waits to hand something in may go
            done.get_nowait()


def _ask(spec: SystemSpec, call: Call, pack: DomainPack, sample: Sample, stop: threading.Event) -> Asked:
    wait = _FIRST_WAIT_S
    for left in range(_RETRIES, -1, -1):
        began = time.perf_counter()
        try:
            value = call(asked_question(sample))
            seconds = time.perf_counter() - began
            return Asked(read_reply(value, pack.corpus, spec.priced_as or spec.label), seconds=seconds)
        except SystemReplyError as error:
            return Asked(None, str(error))
        except SystemCallError as error:
            if left == 0 or not error.again or stop.wait(error.wait_s or wait):
                return Asked(None, str(error), fatal=error.unreachable)
            wait *= 2
    raise AssertionError("the last try returns")

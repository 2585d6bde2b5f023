"""Inspect logs of any task (`.eval`, or `.json`): what was asked and answered, and what one scorer said of it.

Written for log version 2 (inspect-ai 0.3). The scorer's verdict stands; an answer that says "I don't know" is an
abstention whatever the scorer made of it, which is for `recorded_grades` to decide, not for this file.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...scoring.serving import ONE_CALL
from ...verifiers.abstention import CUT_OFF, LIMIT
from ...verifiers.choices import choice_letters
from .fields import shown
from .inspect_agent import agent_of
from .inspect_steps import Trajectory, tokens_of, trajectory_of
from .inspect_zip import header_of, is_eval, samples_of
from .items import Item, Notes, chosen, part, parts
from .reading import Reading
from .recorded import RecordedAnswerError

KEYS = frozenset({"version", "status", "eval"})
"""Fields of a log written as JSON."""

_VERSION = 2
_STOPS = {"max_tokens": "length", "model_length": "length"}
_ATTACHED = "attachment://"


def items_of(
    name: str, path: Path, document: Mapping[str, Any] | None, reading: Reading, notes: Notes
) -> Iterator[Item]:
    """The samples of a log, one item for each epoch.

    Raises:
        RecordedAnswerError: Not a finished log, another version, no samples in it, or several scorers and none chosen.
    """
    header = document if document is not None else header_of(path)
    log = _checked(name, header)
    if document is None:
        samples: Iterable[tuple[str, Mapping[str, Any]]] = samples_of(path)
    else:
        found = parts(name, document, "samples")
        samples = ((f"{name}, sample {number}", sample) for number, sample in enumerate(found, 1))
    wanted = _scorer(name, log, reading)
    notes.evaluator = f"inspect scorer '{wanted}'" if wanted else ""
    ended = _Ended()
    for where, sample in samples:
        yield _item(where, sample, log, wanted, reading, ended)
    notes.remarks += ended.remarks()


def is_log(path: Path) -> bool:
    """Whether `path` is a log in Inspect's own form."""
    return path.is_file() and is_eval(path)


@dataclass(slots=True)
class _Ended:
    """How many samples broke off, or were not metered as one would like."""

    errors: int = 0
    unmetered: int = 0
    torn: int = 0
    stopped: int = 0
    told: int = 0
    cached: int = 0

    def take(self, walked: Trajectory | None, *, stopped: bool) -> None:
        """Count one sample."""
        self.stopped += stopped
        if walked is not None:
            self.torn += not walked.metered
            self.told += walked.told > 0
            self.cached += walked.cached

    def remarks(self) -> list[str]:
        said = {
            "{} samples ended in an error: unscored": self.errors,
            "{} samples were graded by the model that answered: its tokens for answering cannot be told from those "
            "for grading, and are left out": self.unmetered,
            "{} samples were metered with more tokens than their transcript's calls have: what they cost is unknown": (
                self.torn
            ),
            "{} trajectories were stopped by a limit or cut off: invalid, whatever the scorer made of them": (
                self.stopped
            ),
            "{} trajectories were told by a scorer, while still at work, whether they were right: nobody tells an "
            "agent in production": self.told,
            "{} model calls came from Inspect's cache: counted with the tokens that they once took": self.cached,
        }
        return [text.format(n) for text, n in said.items() if n]


def _checked(name: str, header: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if header is None:
        raise RecordedAnswerError(f"{name}: the run was not finished (the log has no header); `inspect log recover` it")
    if header.get("version") != _VERSION:
        raise RecordedAnswerError(
            f"{name}: Inspect log version {shown(header.get('version'))}; this reads version {_VERSION} "
            "(convert older logs with: inspect log convert)"
        )
    status = header.get("status")
    if status != "success":
        raise RecordedAnswerError(
            f"{name}: the log's status is {shown(status)}: only part of its samples may be there, and numbers of a "
            "part look like numbers of the whole; finish it first (inspect eval-retry)"
        )
    if not isinstance(header.get("eval"), Mapping):
        raise RecordedAnswerError(f"{name}: the log's header says nothing of the evaluation")
    return header


def _scorer(name: str, log: Mapping[str, Any], reading: Reading) -> str | None:
    """The score that counts: by the name of a scorer, or NAME/PART where its value has parts."""
    listed = [str(s.get("scorer") or s.get("name")) for s in parts(name, log["eval"], "scorers")]
    listed = listed or [str(s.get("scorer")) for s in parts(name, part(name, log, "results"), "scores")]
    short = [entry.rpartition("/")[2] for entry in listed]
    if reading.scorer is not None:
        return reading.scorer
    return chosen(name, short, reading, "scorer")


def _item(
    where: str, sample: Mapping[str, Any], log: Mapping[str, Any], wanted: str | None, reading: Reading, ended: _Ended
) -> Item:
    about, attached, output = log["eval"], part(where, sample, "attachments"), part(where, sample, "output")
    broken = sample.get("error") is not None or sample.get("invalidation") is not None
    ended.errors += broken
    if not broken and reading.scorer is None:
        # Two scorers of one kind are one name in the header; here they are told apart ("includes", "includes1").
        chosen(where, part(where, sample, "scores"), reading, "scorer")
    score = None if broken or wanted is None else _score(where, sample, wanted)
    model, walked, agent = str(about.get("model")), trajectory_of(where, sample), agent_of(log)
    stop = _stop(where, sample)
    cut = stop in CUT_OFF and (stop.endswith(LIMIT) or (walked is not None and len(walked.steps) > 1))
    ended.take(walked, stopped=cut and not broken)
    row = {
        "sample_id": str(sample.get("id")),
        "epoch": sample.get("epoch"),
        "model": model,
        "domain": str(about.get("task_display_name") or about.get("task")),
        "question": _question(sample.get("input"), attached),
        "answer": _answer(where, output, attached),
        "agent": agent,
        **_spent(where, sample, (model, agent), walked, ended),
        "finish_reason": "error" if broken else stop,
        **_target(sample),
        **_of_our_own(sample, score),
    }
    value = "invalid" if cut else score and score.get("value")
    return Item(
        where,
        row,
        sample,
        broken or wanted is not None,
        None if broken else value,
        _by(where, sample, score, log, walked),
    )


def _spent(
    where: str, sample: Mapping[str, Any], by: tuple[str, str], walked: Trajectory | None, ended: _Ended
) -> dict[str, Any]:
    """Tokens and seconds of the answer: of each step, where the transcript tells them apart.

    Args:
        by: The model and what called it.
    """
    model, agent = by
    output = part(where, sample, "output")
    seconds = None if sample.get("error") is not None else output.get("time")
    if walked is None:
        metered = _usage(where, sample, model)
        ended.unmetered += metered is None and bool(sample.get("model_usage"))
        single = _one_reply(where, sample)
        delivered = None if single or metered is None else _visible(where, output)
        return {"usage": metered, "delivered_tokens": delivered, "latency_s": seconds if single else None}
    if agent == ONE_CALL and len(walked.steps) == 1 and walked.models == {model}:
        [only] = walked.steps
        usage = {name: count for name, count in only.items() if name not in ("model", "seconds")}
        return {"usage": usage if walked.metered else None, "latency_s": seconds}
    steps = list(walked.steps) if walked.metered and walked.steps else None
    return {"steps": steps, "delivered_tokens": _visible(where, output), "latency_s": walked.seconds}


def _visible(where: str, output: Mapping[str, Any]) -> int | None:
    """Tokens of the last message without its reasoning: what was paid for on the way there is not delivered."""
    used = tokens_of(part(where, output, "usage"))
    made, hidden = used["output_tokens"], used["reasoning_tokens"] or 0
    return max(made - hidden, 0) if isinstance(made, int) and isinstance(hidden, int) else None


def _score(where: str, sample: Mapping[str, Any], wanted: str) -> Mapping[str, Any] | None:
    """The score that counts; None where this sample has none, which is not the same as a wrong one."""
    scores = part(where, sample, "scores")
    by_name = {str(key).rpartition("/")[2]: value for key, value in scores.items()} | dict(scores)
    if wanted in by_name:
        return by_name[wanted] if isinstance(by_name[wanted], Mapping) else None
    scorer, slash, name = wanted.rpartition("/")
    found = by_name.get(scorer) if slash else None
    value = found.get("value") if isinstance(found, Mapping) else None
    if isinstance(value, Mapping) and name in value:
        return {**found, "value": value[name]} if found else None
    if not scores:
        return None
    names = [f"{n}/{p}" for n, s in scores.items() for p in _parts(s)] or list(scores)
    raise RecordedAnswerError(f"{where}: there is no score {shown(wanted)}; there are {', '.join(names)[:300]}")


def _parts(score: object) -> list[str]:
    value = score.get("value") if isinstance(score, Mapping) else None
    return list(value) if isinstance(value, Mapping) else []


def _by(
    where: str,
    sample: Mapping[str, Any],
    score: Mapping[str, Any] | None,
    log: Mapping[str, Any],
    walked: Trajectory | None,
) -> str:
    """A model judged where the score keeps the grading, or a model was at work that made no step of the answer."""
    if score is None:
        return "grader"
    if _is_ours(score):
        return "reference"
    details = score.get("metadata")
    if (isinstance(details, Mapping) and "grading" in details) or (walked is not None and walked.gradings):
        return "grader"
    steps = walked.models if walked is not None else frozenset()
    others = set(part(where, sample, "model_usage")) - {str(log["eval"].get("model"))} - steps
    return "grader" if others or (sample.get("role_usage") and walked is None) else "key"


def _usage(where: str, sample: Mapping[str, Any], model: str) -> dict[str, Any] | None:
    """Tokens of the model under test; None where nothing was metered, or where it graded itself, too."""
    details = (s.get("metadata") for s in part(where, sample, "scores").values() if isinstance(s, Mapping))
    graded = any(isinstance(d, Mapping) and "grading" in d for d in details)
    total = part(where, sample, "model_usage")
    if graded and set(total) == {model}:
        used = part(where, part(where, sample, "output"), "usage") if _one_reply(where, sample) else {}
    else:
        used = part(where, total, model)
    return tokens_of(used) if used else None


def _one_reply(where: str, sample: Mapping[str, Any]) -> bool:
    return len([m for m in parts(where, sample, "messages") if m.get("role") == "assistant"]) == 1


def _stop(where: str, sample: Mapping[str, Any]) -> str | None:
    """Why the sample ended: the limit that stopped it, else why the last message did."""
    limit = part(where, sample, "limit").get("type")
    if limit is not None:
        return f"{limit}{LIMIT}" if f"{limit}{LIMIT}" in CUT_OFF else f"custom{LIMIT}"
    choices = parts(where, part(where, sample, "output"), "choices")
    reason = choices[0].get("stop_reason") if choices else None
    return _STOPS.get(reason, reason) if isinstance(reason, str) else None


def _target(sample: Mapping[str, Any]) -> dict[str, Any]:
    """Target and choices; neither where the target is none of the choices, or all of several must be named."""
    target, choices = sample.get("target"), sample.get("choices")
    if not choices:
        return {"target": target or None}
    letters = target if isinstance(target, list) else [target]
    try:
        known = len(letters) == 1 and bool(choice_letters([str(t) for t in letters], [str(c) for c in choices]))
    except (ValueError, TypeError):
        known = False
    return {"target": target, "choices": choices} if known else {}


def _of_our_own(sample: Mapping[str, Any], score: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the tasks of this package keep of a sample beside its score."""
    details = sample.get("metadata")
    if not _is_ours(score) or not isinstance(details, Mapping):
        return {}
    answerable = details.get("kind") == "answerable"
    return {
        "cluster_id": details.get("cluster_id"),
        "answerable": answerable,
        **({} if answerable else {"target": None}),
    }


def _is_ours(score: Mapping[str, Any] | None) -> bool:
    return set(_parts(score)) >= {"correct", "incorrect", "abstained", "unscored"}


def _question(asked: object, attached: Mapping[str, Any]) -> str:
    if isinstance(asked, str):
        return _resolved(asked, attached)
    messages = [m for m in asked if isinstance(m, Mapping)] if isinstance(asked, list) else []
    users = [m for m in messages if m.get("role") == "user"] or messages
    return "\n\n".join(_content(m.get("content"), attached) for m in users)


def _answer(where: str, output: Mapping[str, Any], attached: Mapping[str, Any]) -> str:
    completion = output.get("completion")
    if isinstance(completion, str):
        return _resolved(completion, attached)
    choices = parts(where, output, "choices")
    return _content(part(where, choices[0], "message").get("content"), attached) if choices else ""


def _content(content: object, attached: Mapping[str, Any]) -> str:
    if isinstance(content, str):
        return _resolved(content, attached)
    parts = content if isinstance(content, list) else []
    texts = [p.get("text") for p in parts if isinstance(p, Mapping) and p.get("type") == "text"]
    return "\n".join(_resolved(text, attached) for text in texts if isinstance(text, str))


def _resolved(text: str, attached: Mapping[str, Any]) -> str:
    """Long texts stand among a sample's attachments, with a reference in their place."""
    if not text.startswith(_ATTACHED):
        return text
    found = attached.get(text.removeprefix(_ATTACHED))
    return found if isinstance(found, str) else text

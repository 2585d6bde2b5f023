"""The model calls of one sample of an Inspect log: which made the answer, step by step, and which only graded it.

A call grades where it stands in a scorer's span, has the role "grader", or made a message that a score keeps as its
grading: an agent with several attempts is graded within its own span. All others are steps, whatever model made them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .fields import kind, shown
from .items import part, parts
from .recorded import RecordedAnswerError

_SCORING = frozenset({"scorer", "scorers"})
_Events = list[Mapping[str, Any]]
_GRADER = "grader"
_LARGEST = 10**12
_COUNTED = ("input_tokens", "output_tokens")


@dataclass(frozen=True, slots=True)
class Trajectory:
    """What a sample's transcript says of its model calls.

    Attributes:
        steps: In order, each in the form of `steps` of a recorded answer; its token counts are None where the call was
            not metered.
        gradings: Calls that graded. told: Scores that were given while the agent was still at work.
        metered: Whether every call has its tokens, and all tokens that the sample was metered with have their call.
        cached: Steps that Inspect's own cache answered: nothing was paid for them in this run.
        seconds: Working time between question and answer, grading not included; None where the log does not say.
    """

    steps: tuple[Mapping[str, Any], ...]
    gradings: int
    told: int
    metered: bool
    cached: int
    seconds: float | None

    @property
    def models(self) -> frozenset[str]:
        """The models that made steps."""
        return frozenset(str(step["model"]) for step in self.steps)


def trajectory_of(where: str, sample: Mapping[str, Any]) -> Trajectory | None:
    """The model calls of `sample`; None where its transcript holds none.

    Raises:
        RecordedAnswerError: The transcript is not one.
    """
    events = list(_flat(where, sample))
    scoring, kept = _scoring_spans(events), _gradings_kept(where, sample, events)
    calls = [i for i, e in enumerate(events) if e.get("event") == "model" and _came_back(where, e)]
    if not calls:
        return None
    graded = [i for i in calls if _grades(where, events[i], scoring, kept)]
    made = [events[i] for i in calls if i not in set(graded)]
    steps = tuple(_step(where, call) for call in made)
    known = all(step[name] is not None for step in steps for name in _COUNTED)
    return Trajectory(
        steps,
        gradings=len(graded),
        told=sum(e.get("event") == "score" and e.get("intermediate") is True for e in events),
        metered=known and _all_there(where, sample, [events[i] for i in calls], {str(s["model"]) for s in steps}),
        cached=sum(call.get("cache") == "read" for call in made),
        seconds=_working_seconds(where, sample, events, graded),
    )


def _flat(where: str, sample: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The events in order; older logs keep those of a tool or a subtask within its own, and know steps for spans."""
    waiting, scoring = parts(where, sample, "events")[::-1], False
    while waiting:
        event = waiting.pop()
        if event.get("event") == "step" and str(event.get("type")) in _SCORING:
            scoring = event.get("action") == "begin"
        yield {**event, "role": _GRADER} if scoring else event
        waiting += parts(where, event, "events")[::-1]


def _scoring_spans(events: _Events) -> frozenset[str]:
    """Ids of the spans in which scorers work, and of those within them."""
    found: set[str] = set()
    for event in events:
        if event.get("event") == "span_begin":
            within = str(event.get("type")) in _SCORING or str(event.get("parent_id")) in found
            found |= {str(event.get("id"))} if within else set()
    return frozenset(found)


def _gradings_kept(where: str, sample: Mapping[str, Any], events: _Events) -> frozenset[str]:
    """Ids of the messages that scores keep as their grading."""
    scores = [s for s in part(where, sample, "scores").values() if isinstance(s, Mapping)]
    scores += [part(where, e, "score") for e in events if e.get("event") == "score"]
    details = [s.get("metadata") for s in scores]
    gradings = [d.get("grading") for d in details if isinstance(d, Mapping)]
    messages = [m for grading in gradings if isinstance(grading, list) for m in grading if isinstance(m, Mapping)]
    return frozenset(str(m["id"]) for m in messages if m.get("role") == "assistant" and m.get("id"))


def _message(where: str, call: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = parts(where, part(where, call, "output"), "choices")
    return part(where, choices[0], "message") if choices else {}


def _grades(where: str, call: Mapping[str, Any], scoring: frozenset[str], kept: frozenset[str]) -> bool:
    if call.get("role") == _GRADER or str(call.get("span_id")) in scoring:
        return True
    return str(_message(where, call).get("id")) in kept


def _came_back(where: str, call: Mapping[str, Any]) -> bool:
    """Whether a call had a reply: one that failed, or was cut off by a limit, has neither message nor tokens."""
    output = part(where, call, "output")
    return bool(output.get("usage")) or (bool(_message(where, call)) and call.get("error") is None)


def _step(where: str, call: Mapping[str, Any]) -> dict[str, Any]:
    output = part(where, call, "output")
    used, seconds = part(where, output, "usage"), call.get("working_time")
    seconds = output.get("time") if seconds is None else seconds
    return {"model": str(call.get("model")), **tokens_of(used), "seconds": seconds}


def tokens_of(used: Mapping[str, Any]) -> dict[str, Any]:
    """Inspect's token counts by the names of the recorded form."""
    return {
        "input_tokens": used.get("input_tokens"),
        "output_tokens": used.get("output_tokens"),
        "cache_read_tokens": used.get("input_tokens_cache_read"),
        "cache_write_tokens": used.get("input_tokens_cache_write"),
        "reasoning_tokens": used.get("reasoning_tokens"),
    }


def _all_there(where: str, sample: Mapping[str, Any], calls: _Events, models: set[str]) -> bool:
    """Whether the calls add up to at least what the sample was metered with, for each model that made a step."""
    for model in models:
        total = part(where, part(where, sample, "model_usage"), model)
        mine = [part(where, part(where, c, "output"), "usage") for c in calls if str(c.get("model")) == model]
        for name in _COUNTED:
            if sum(_number(where, used, name) for used in mine) < _number(where, total, name):
                return False
    return True


def _number(where: str, values: Mapping[str, Any], name: str) -> float:
    value = values.get(name)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RecordedAnswerError(f"{where}, field '{name}': a number is needed, found {kind(value)}")
    if not -_LARGEST < value < _LARGEST:
        raise RecordedAnswerError(f"{where}, field '{name}': {shown(value)} is no number of tokens or seconds")
    return value


def _working_seconds(where: str, sample: Mapping[str, Any], events: _Events, graded: list[int]) -> float | None:
    """Working time of the solvers, less the calls within it that graded; of the whole sample where there are no spans.

    Args:
        graded: Places of these calls among the events.
    """
    places = [i for i, e in enumerate(events) if e.get("event") == "span_begin" and e.get("type") == "solvers"]
    if not places:
        return None if graded or sample.get("working_time") is None else _number(where, sample, "working_time")
    begin, name = places[0], events[places[0]].get("id")
    ends = [i for i, e in enumerate(events) if e.get("event") == "span_end" and e.get("id") == name]
    if not ends:
        return None
    start, stop = (_number(where, events[i], "working_start") for i in (begin, ends[0]))
    aside = sum(_number(where, events[i], "working_time") for i in graded if begin < i < ends[0])
    return max(stop - start - aside, 0.0)

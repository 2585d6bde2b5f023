"""The LLM judge of support: claims against passages, every label backed by words that stand in one passage."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from ..retrieval.passages import Passage
from ..scoring.usage import Usage
from .judge_prompt import judge_prompt, judge_prompt_sha256
from .judge_reply import Entry, read_judge_reply
from .metering import shared, summed
from .model_call import Complete, ask
from .quotes import QuoteFinder
from .strict_json import ReplyError, shown
from .verdict import Claim, Failure, Label, Verdict
from .voting import majority, order, tally

_WORDS = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|[^\W_]+(?:['\u2019.,-][^\W_]+)*"
)
_MIN_WORDS = 3  # of a quote: "the" stands in every source


@dataclass(frozen=True, slots=True)
class JudgeSettings:
    """How the judge is asked.

    Attributes:
        samples: Calls per batch of claims; a label needs more than half of them, so odd numbers serve best.
        seed: Of the order in which passages and claims are shown in later samples.
        claims_per_prompt: At most so many claims share one prompt. Only claims with the same passages do.
        longest_claim, longest_sources: Characters of one claim, and of its passages together. What is longer is a
            Failure: a text cut short could lose the very words that decide.
    """

    samples: int = 3
    seed: int = 0
    claims_per_prompt: int = 8
    longest_claim: int = 2_000
    longest_sources: int = 100_000

    def __post_init__(self) -> None:
        for name in ("samples", "claims_per_prompt", "longest_claim", "longest_sources"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is a whole number of 1 or more, not {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class _Vote:
    """One sample on one claim. `label` None: unusable, and `reason` says why."""

    label: Label | None
    evidence: tuple[Passage, ...] = ()
    reason: str = ""


class LLMJudge:
    """Judges claims by asking a model, several times, with passages and claims in another order each time.

    The label is what more than half of the calls say; where nothing has that many (a split, or calls that failed or
    cannot be read) the result is a `Failure`. `probability` is the share of the calls that found the claim supported:
    agreement, not calibrated. A call that says supported or refuted counts only if each of its quotes stands word for
    word in one passage; these stretches are the evidence. A quote that is not found makes the call unusable: it is
    neither support nor refutation, nor is it turned into NOT_ENOUGH_INFO, which the judge did not say.

    Without a passage that has text, or a claim that has any, no call is made and nothing is supported. Reads claims
    only, never the answer around them. `complete` is called one call after another.
    """

    def __init__(self, complete: Complete, model: str, settings: JudgeSettings | None = None) -> None:
        self._complete = complete
        self._model = model
        self._settings = settings or JudgeSettings()

    @property
    def complete(self) -> Complete:
        """What calls the model."""
        return self._complete

    @property
    def name(self) -> str:
        """judge:<model>."""
        return f"judge:{self._model}"

    @property
    def version(self) -> str:
        """Of this code, of the wording of the prompt, and of the settings."""
        s = self._settings
        limits = f"{s.longest_claim}/{s.longest_sources}"
        return f"1-{judge_prompt_sha256()[:12]}-n{s.samples}-b{s.claims_per_prompt}-l{limits}-s{s.seed}"

    def verify(self, pairs: Sequence[tuple[Claim, Sequence[Passage]]]) -> list[Verdict | Failure]:
        """One result per pair, in order. Usage of a call is shared out among the claims that it was about."""
        results: dict[int, Verdict | Failure] = {}
        together: dict[tuple[Passage, ...], list[int]] = {}
        for i, (claim, given) in enumerate(pairs):
            passages = tuple(p for p in given if _has_text(p.text))
            settled = self._without_call(claim, passages)
            if settled is not None:
                results[i] = settled
            else:
                together.setdefault(passages, []).append(i)
        finder, size = QuoteFinder(), self._settings.claims_per_prompt
        for passages, members in together.items():
            for start in range(0, len(members), size):
                batch = members[start : start + size]
                judged = self._batch([pairs[i][0] for i in batch], passages, finder)
                results.update(zip(batch, judged, strict=True))
        return [results[i] for i in range(len(pairs))]

    def _without_call(self, claim: Claim, passages: Sequence[Passage]) -> Verdict | Failure | None:
        """What can be said before anything is spent; None where the model has to be asked."""
        s = self._settings
        if not passages or not _has_text(claim.text):
            reason = "there is no source text to judge it by" if not passages else "the claim says nothing"
            return self._verdict(claim, _Vote(Label.NOT_ENOUGH_INFO, (), reason), 0.0, self._usage())
        long = sum(len(p.text) for p in passages)
        if len(claim.text) > s.longest_claim:
            error = f"claim of {len(claim.text)} characters; the judge reads at most {s.longest_claim}"
        elif long > s.longest_sources:
            error = f"sources of {long} characters; the judge reads at most {s.longest_sources}: retrieve less of them"
        else:
            return None
        return Failure(claim, error, self.name, self._usage())

    def _batch(
        self, claims: Sequence[Claim], passages: Sequence[Passage], finder: QuoteFinder
    ) -> list[Verdict | Failure]:
        samples = [self._sample(claims, passages, i, finder) for i in range(self._settings.samples)]
        usage = shared(summed(u for _, u in samples)[0], len(claims))
        return [self._decide(claim, [votes[i] for votes, _ in samples], usage[i]) for i, claim in enumerate(claims)]

    def _sample(
        self, claims: Sequence[Claim], passages: Sequence[Passage], sample: int, finder: QuoteFinder
    ) -> tuple[list[_Vote], Usage]:
        """One call: a vote per claim, in the order of `claims`."""
        seed = f"{self._settings.seed}:{sha256(repr((passages, claims)).encode()).hexdigest()}"
        shown_passages = [passages[i] for i in order(len(passages), sample, f"{seed}:passages")]
        places = order(len(claims), sample, f"{seed}:claims")
        prompt = judge_prompt([p.text for p in shown_passages], [claims[i].text for i in places], f"{seed}:{sample}")
        reply = ask(self._complete, prompt, self._usage().stage, self._model)
        if reply.text is None:
            return [_Vote(None, (), reply.error)] * len(claims), reply.usage
        try:
            entries = read_judge_reply(reply.text, len(claims))
        except ReplyError as error:
            return [_Vote(None, (), str(error))] * len(claims), reply.usage
        votes = {i: _vote(entry, passages, finder) for i, entry in zip(places, entries, strict=True)}
        return [votes[i] for i in range(len(claims))], reply.usage

    def _decide(self, claim: Claim, votes: Sequence[_Vote], usage: Usage) -> Verdict | Failure:
        labels = [vote.label for vote in votes]
        label = majority(labels)
        if label is None:
            reasons = dict.fromkeys(vote.reason for vote in votes if vote.label is None)
            error = f"no label has more than half of {len(votes)} calls ({tally(labels)})"
            return Failure(claim, "; ".join([error, *reasons]), self.name, usage)
        agreeing = [vote for vote in votes if vote.label is label]
        evidence = tuple(dict.fromkeys(p for vote in agreeing for p in vote.evidence))
        reason = agreeing[0].reason or label.value.replace("_", " ")
        if len(votes) > 1:
            reason += f" ({len(agreeing)} of {len(votes)} calls agree)"
        return self._verdict(claim, _Vote(label, evidence, reason), labels.count(Label.SUPPORTED) / len(labels), usage)

    def _verdict(self, claim: Claim, vote: _Vote, probability: float, usage: Usage) -> Verdict:
        label = vote.label or Label.NOT_ENOUGH_INFO
        unsupported = () if label is Label.SUPPORTED else (claim.span,)
        return Verdict(
            claim, label, vote.evidence, probability, unsupported, self.name, self.version, usage, vote.reason
        )

    def _usage(self) -> Usage:
        return Usage(f"verify:{self.name}", self._model)


def _vote(entry: Entry | str, passages: Sequence[Passage], finder: QuoteFinder) -> _Vote:
    """The entry with its quotes looked up; unusable where one of them is not found, or there is none."""
    if isinstance(entry, str):
        return _Vote(None, (), entry)
    if entry.label is Label.NOT_ENOUGH_INFO:
        return _Vote(entry.label, (), entry.reason)
    if not entry.quotes:
        return _Vote(None, (), f"the reply says {entry.label} without a quote")
    found = []
    for quote in entry.quotes:
        source = finder.find(quote, passages)
        if source is None:
            return _Vote(None, (), f"the reply quotes what stands in no passage: {shown(quote)}")
        if sum(1 for _ in _WORDS.finditer(source.text)) < _MIN_WORDS and not _is_whole(source, passages):
            return _Vote(None, (), f"the reply's quote is too short to prove anything: {shown(quote)}")
        found.append(source)
    return _Vote(entry.label, tuple(dict.fromkeys(found)), entry.reason)


def _is_whole(source: Passage, passages: Sequence[Passage]) -> bool:
    """Whether a stretch is all the words of its passage, such as a cell of a table."""
    words = _WORDS.findall(source.text)
    return any(p.doc_id == source.doc_id and _WORDS.findall(p.text) == words for p in passages)


def _has_text(text: str) -> bool:
    return any(c.isalnum() for c in text)

"""`vcpd verify bench`: a verifier measured against human labels, beside published figures."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ..scoring.draws import DrawSettings
from ..scoring.estimate import InsufficientDataError, Measurement, as_json
from ..scoring.measures import VERIFIER_MEASURES
from ..scoring.published_verifiers import PublishedFigure, published_on
from ..verifiers.cross_validation import Folds, cross_judge, is_trainable
from ..verifiers.decisions import Cuts
from ..verifiers.judged import judge_answers
from ..verifiers.labelled import LabelledAnswer
from ..verifiers.labelling import labelled_claims
from ..verifiers.measures import Decided, verifier_measures
from ..verifiers.verdict import Failure, Verifier
from .labelled import Labelled, read_labelled

_DRAWS = 2_000


class BenchError(ValueError):
    """A measurement that cannot be made as asked; the message says what to do."""


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """How a verifier is measured.

    Attributes:
        folds: Of the cross-validation; None: the verifier as it is, with its own thresholds.
        train_on: Further files of labelled answers to fit on; only with `folds`.
    """

    folds: Folds | None = None
    train_on: tuple[str, ...] = ()
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Bench:
    """A verifier's numbers on one file.

    Attributes:
        measurements: One for each of `VERIFIER_MEASURES`, in that order.
        published: Figures of others on the same set.
        how: How it was measured, in words: thresholds, folds, fits.
        cuts: The thresholds; of folds each set that differs.
        remarks: What a reader should know of the file.
    """

    measurements: tuple[Measurement, ...]
    published: tuple[PublishedFigure, ...]
    verifier: str
    version: str
    how: str
    cuts: tuple[Cuts, ...]
    remarks: tuple[str, ...]


def bench(
    path: str,
    verifier: Verifier,
    options: BenchOptions,
    *,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Bench:
    """Read, judge and measure.

    Args:
        progress: Called with claims judged so far, and in all.

    Raises:
        RecordedAnswerError: A file cannot be read, or has nothing to measure on.
        BenchError: Too few clusters for the folds, nothing to fit on, or options that contradict each other.
    """
    if options.train_on and options.folds is None:
        raise BenchError("--train-on fits the verifier anew, which needs --cross-validate")
    if options.train_on and not is_trainable(verifier):
        raise BenchError(f"verifier {verifier.name!r} cannot be fitted again: leave --train-on out")
    file = read_labelled(path)
    others = [answer for other in options.train_on for answer in read_labelled(other).answers]
    decided = _decided(file.answers, verifier, options, others, progress)
    how = _how(file, verifier, options)
    note = f"unsupported is positive; {how}"
    return Bench(
        measurements=tuple(_measured(file, decided, verifier, note, options.seed)),
        published=tuple(published_on(file.data_set)),
        verifier=verifier.name,
        version=verifier.version,
        how=how,
        cuts=tuple(dict.fromkeys(d.cuts for d in decided)),
        remarks=tuple(_remarks(file, decided)),
    )


def bench_json(found: Bench) -> dict[str, Any]:
    """The rows of `estimates.json` (schema 1), the verifier, its thresholds, and published figures apart from them.

    A threshold is the probability of support below which something is flagged; null where the verifier decides.
    """
    return {
        **as_json(list(found.measurements)),
        "verifier": {"name": found.verifier, "version": found.version, "how": found.how},
        "thresholds": [asdict(cuts) for cuts in found.cuts],
        "published": [asdict(figure) for figure in found.published],
        "remarks": list(found.remarks),
    }


def _decided(
    answers: Sequence[LabelledAnswer],
    verifier: Verifier,
    options: BenchOptions,
    others: Sequence[LabelledAnswer],
    progress: Callable[[int, int], None],
) -> list[Decided]:
    if options.folds is not None:
        try:
            return cross_judge(answers, verifier, options.folds, others=others, progress=progress)
        except InsufficientDataError as error:
            raise BenchError(f"cross-validation is not possible: {error}; leave --cross-validate out") from error
    total, done = sum(len(labelled_claims(a)) for a in answers), 0

    def step(more: int) -> None:
        nonlocal done
        done += more
        progress(done, total)

    return [Decided(judged) for judged in judge_answers(answers, verifier, progress=step)]


def _how(file: Labelled, verifier: Verifier, options: BenchOptions) -> str:
    if options.folds is None:
        fitted = ", which may have been fitted on this very set" if is_trainable(verifier) else ""
        return f"verifier as it is{fitted}; its own thresholds"
    clusters = len({a.cluster_id for a in file.answers})
    apart = f"{options.folds.n} folds over {clusters} clusters"
    if not is_trainable(verifier):
        return f"thresholds chosen by {apart}; the verifier itself cannot be fitted again"
    also = f", also on {', '.join(Path(p).name for p in options.train_on)}" if options.train_on else ""
    return f"fitted anew{also}, and thresholds chosen, by {apart}"


def _measured(
    file: Labelled, decided: Sequence[Decided], verifier: Verifier, note: str, seed: int
) -> list[Measurement]:
    computed = verifier_measures(decided, settings=DrawSettings(n=_DRAWS, seed=seed))
    rows = []
    for name, measure in VERIFIER_MEASURES.items():
        row = Measurement(Path(file.path).name, verifier.name, file.data_set, name, None, note)
        try:
            rows.append(replace(row, estimate=replace(computed[name](), unit=measure.unit)))
        except InsufficientDataError as error:
            rows.append(replace(row, note=f"undefined: {error}"))
    return rows


def _remarks(file: Labelled, decided: Sequence[Decided]) -> list[str]:
    failed = sum(isinstance(r, Failure) for d in decided for r in d.judged.results)
    silent = sum(not d.judged.claims for d in decided)
    counted = {
        "answers without a human label of a claim or a stretch, left out": file.unlabelled,
        "labelled answers not checkable (a source has no text), left out": file.unread,
        "answers without a claim: counted as not flagged": silent,
        "claims on which the verifier failed: counted neither way, nor are their answers": failed,
    }
    remarks = [f"{count} {what}" for what, count in counted.items() if count]
    if file.unknown_fields:
        remarks.append(f"fields not read: {', '.join(file.unknown_fields)}")
    return [f"{file.path}: {remark}" for remark in remarks]

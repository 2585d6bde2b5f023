"""`vcpd verify recalibrate`: a verifier's probabilities made to fit labelled claims of one's own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from ..scoring.calibration import null_smooth_ece, smooth_ece
from ..scoring.estimate import InsufficientDataError
from ..scoring.stated import stated
from ..verifiers.judged import judge_answers
from ..verifiers.labelled import LabelledAnswer
from ..verifiers.labelling import labelled_claims
from ..verifiers.recalibration import FEWEST_LABELS, LogitLine, fit_line
from ..verifiers.recalibration_file import Recalibration, RecalibrationFileError, applied, recalibration_from
from ..verifiers.verdict import Verdict, Verifier
from .labelled import read_labelled

_CONFIDENCE = 0.95


class RecalibrationError(ValueError):
    """A recalibration that cannot be made as asked; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Check:
    """Smooth calibration error on the claims of the file that were not used.

    Attributes:
        n: Claims. before, after: smECE (arXiv:2309.12236) without and with the line.
        limit: Below it, 95 % of calibrated verifiers with these probabilities stay.
    """

    n: int
    before: float
    after: float
    limit: float


def recalibrate(
    file: str,
    verifier: Verifier,
    labels: int | None = None,
    *,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> tuple[Recalibration, Check | None]:
    """A line fitted on `labels` claims of `file`, drawn at random, or on all; and how it does on the rest.

    Claims on which the verifier fails, or with probability 0 (no text to compare), are left out.

    Args:
        file: Labelled answers, as `vcpd verify bench` reads them.

    Raises:
        RecalibrationError: Too few labels, or labels of one kind only.
    """
    rows = _judged(read_labelled(file).answers, verifier, progress)
    if labels is not None and len(rows) < labels:
        raise RecalibrationError(f"{file}: {labels} labels were asked for; there are {len(rows)} claims with a verdict")
    order = np.random.default_rng(seed).permutation(len(rows))
    first = len(rows) if labels is None else labels
    used, rest = [rows[i] for i in order[:first]], [rows[i] for i in order[first:]]
    try:
        line = fit_line([p for p, _ in used], [s for _, s in used])
    except InsufficientDataError as error:
        raise RecalibrationError(f"{file}: {error}") from error
    digest = sha256(Path(file).read_bytes()).hexdigest()
    good = sum(s for _, s in used)
    made = Recalibration(verifier.name, verifier.version, line, Path(file).name, digest, len(used), good)
    return made, _check(rest, line) if len(rest) >= FEWEST_LABELS else None


def recalibrated_by(path: Path, verifier: Verifier) -> Verifier:
    """`verifier` moved by the recalibration in the file at `path`.

    Raises:
        RecalibrationFileError: It cannot be read, is none, or is of another verifier.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = "not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise RecalibrationFileError(f"{path}: cannot be read: {reason}") from error
    return applied(recalibration_from(text, str(path)), verifier, str(path))


def _judged(
    answers: Sequence[LabelledAnswer], verifier: Verifier, progress: Callable[[int, int], None]
) -> list[tuple[float, bool]]:
    """Probability and label of every claim that has both."""
    done, total = 0, sum(len(labelled_claims(a)) for a in answers)

    def step(more: int) -> None:
        nonlocal done
        done += more
        progress(done, total)

    return [
        (r.probability, c.supported)
        for j in judge_answers(answers, verifier, progress=step)
        for c, r in zip(j.claims, j.results, strict=True)
        if isinstance(r, Verdict) and r.probability > 0
    ]


def _check(rest: list[tuple[float, bool]], line: LogitLine) -> Check:
    right = [s for _, s in rest]
    before, after = (stated([move(p) for p, _ in rest], right) for move in (float, line))
    limit = float(np.quantile(null_smooth_ece(after), _CONFIDENCE))
    return Check(len(rest), smooth_ece(before), smooth_ece(after), limit)

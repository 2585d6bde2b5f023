"""Citation precision and recall of ALCE (Gao et al. 2023, arXiv:2305.14627), given something that judges support."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..retrieval.passages import Passage
from ..scoring.estimate import Estimate, InsufficientDataError
from ..scoring.intervals import cluster_numbers, clustered_proportion
from .verdict import Claim, Label, Verdict, Verifier

Supports = Callable[[Sequence[tuple[Claim, Sequence[Passage]]]], Sequence[bool]]
"""Per pair, whether the passages together support the claim; many at once."""


@dataclass(frozen=True, slots=True)
class CitedStatement:
    """One statement and, for each of its citations in order, the passages of the cited document."""

    claim: Claim
    cited: tuple[tuple[Passage, ...], ...]


@dataclass(frozen=True, slots=True)
class CitationCounts:
    """Sums over the statements of one answer.

    Attributes:
        statements, supported: All of them, and those that their citations together support.
        citations, precise: All of them, and those that ALCE does not call irrelevant, of a supported statement.
    """

    statements: int
    supported: int
    citations: int
    precise: int


def supports_by(verifier: Verifier) -> Supports:
    """Support as `verifier` sees it: SUPPORTED. A failure is not support."""

    def supports(pairs: Sequence[tuple[Claim, Sequence[Passage]]]) -> list[bool]:
        results = verifier.verify(pairs) if pairs else []
        return [isinstance(r, Verdict) and r.label is Label.SUPPORTED for r in results]

    return supports


def citation_counts(answers: Sequence[Sequence[CitedStatement]], supports: Supports) -> list[CitationCounts]:
    """Counts per answer, in two calls of `supports`.

    A statement is supported if it has citations and all cited passages together support it. A citation of a supported
    statement is precise unless it is irrelevant: it does not support the statement alone, and the others do without it.
    Citations of unsupported statements are never precise.

    Raises:
        ValueError: `supports` did not return one answer per pair.
    """
    statements = [s for answer in answers for s in answer]
    whole = iter(_asked(supports, [(s.claim, _joined(s.cited)) for s in statements if s.cited]))
    supported = [bool(s.cited) and next(whole) for s in statements]
    several = [s for s, good in zip(statements, supported, strict=True) if good and len(s.cited) > 1]
    alone = [(s.claim, c) for s in several for c in s.cited]
    rest = [(s.claim, _joined(s.cited[:i] + s.cited[i + 1 :])) for s in several for i in range(len(s.cited))]
    asked = _asked(supports, [*alone, *rest])
    relevant = iter([a or not r for a, r in zip(asked[: len(alone)], asked[len(alone) :], strict=True)])
    counts = []
    at = iter(supported)
    for answer in answers:
        good = [next(at) for _ in answer]
        precise = 0
        for statement, is_good in zip(answer, good, strict=True):
            if is_good:
                n = len(statement.cited)
                precise += 1 if n == 1 else sum(next(relevant) for _ in range(n))
        counts.append(CitationCounts(len(answer), sum(good), sum(len(s.cited) for s in answer), precise))
    return counts


def alce_precision(
    counts: Sequence[CitationCounts], *, cluster_ids: Sequence[str], confidence_level: float = 0.95
) -> Estimate:
    """Share of citations that are precise, pooled over answers, with Wilson's interval on clusters.

    ALCE's own tables give the mean over answers of each answer's share, which weighs a citation in a short answer more.

    Raises:
        InsufficientDataError: Nothing is cited.
    """
    return _pooled([c.precise for c in counts], [c.citations for c in counts], cluster_ids, confidence_level)


def alce_recall(
    counts: Sequence[CitationCounts], *, cluster_ids: Sequence[str], confidence_level: float = 0.95
) -> Estimate:
    """Share of statements that their citations support, pooled over answers. Raises where there is no statement."""
    return _pooled([c.supported for c in counts], [c.statements for c in counts], cluster_ids, confidence_level)


def _pooled(numerator: Sequence[int], denominator: Sequence[int], cluster_ids: Sequence[str], level: float) -> Estimate:
    if not sum(denominator):
        raise InsufficientDataError("there is no statement or citation to take a share of")
    return clustered_proportion(
        np.array(numerator, np.float64),
        np.array(denominator, np.float64),
        cluster_numbers(cluster_ids),
        confidence_level=level,
    )


def _joined(cited: Sequence[Sequence[Passage]]) -> list[Passage]:
    return [passage for of_one in cited for passage in of_one]


def _asked(supports: Supports, pairs: Sequence[tuple[Claim, Sequence[Passage]]]) -> list[bool]:
    found = list(supports(pairs)) if pairs else []
    if len(found) != len(pairs):
        raise ValueError(f"support was judged {len(found)} times for {len(pairs)} pairs")
    return found

"""Citations and retrieval as shares, clustered: ratios of sums, never means of ratios."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from .estimate import Estimate, InsufficientDataError
from .intervals import cluster_numbers, clustered_proportion
from .policy import AttemptKey, attempt_key
from .records import BAD_CITATIONS, ClaimCounts, Record

Floats = NDArray[np.float64]
_NONE = {"citations": "no citation could be checked", "checkable": "no claim could be checked against a source"}


def citation_rates(
    records: Sequence[Record], counts: Mapping[AttemptKey, ClaimCounts], level: float, *, asked: bool = True
) -> dict[str, Callable[[], Estimate]]:
    """Citation precision and recall (ALCE, arXiv:2305.14627) and the kinds of bad citation, of first attempts.

    An answer without claims or citations adds nothing to either side: zero claims is not support. A model that was
    not `asked` to cite and never does has no citation recall.
    """

    rows = [(r, counts[attempt_key(r)]) for r in records if attempt_key(r) in counts]

    def rate(numerator: str, denominator: str) -> Estimate:
        if not sum(getattr(c, denominator) for _, c in rows):
            raise InsufficientDataError(_NONE[denominator])
        return clustered_proportion(
            np.array([getattr(c, numerator) for _, c in rows], float),
            np.array([getattr(c, denominator) for _, c in rows], float),
            cluster_numbers([r.cluster_id for r, _ in rows]),
            confidence_level=level,
        )

    def recall() -> Estimate:
        if not asked and not any(c.citations for _, c in rows):
            raise InsufficientDataError("no answer cites anything")
        return rate("citation_supported", "checkable")

    return {
        "citation_precision": lambda: rate("citations_good", "citations"),
        "citation_recall": recall,
        **{f"{kind}_citations": partial(rate, kind, "citations") for kind in BAD_CITATIONS},
    }


def retrieval_rates(records: Sequence[Record], level: float) -> dict[str, Callable[[], Estimate]]:
    """evidence_recall: mean share of the gold evidence retrieved; retrieval_coverage: share with all of it; and means
    of nDCG@k, reciprocal rank and characters (see `retrieval.measures`)."""

    def rate(name: str, *, whole: bool = False) -> Estimate:
        among = [r for r in records if getattr(r, name) is not None and r.answerable is not False]
        if not among:
            raise InsufficientDataError("no answerable sample has gold evidence and retrieved passages")
        found = np.array([getattr(r, name) for r in among], float)
        values: Floats = (found >= 1).astype(float) if whole else found
        clusters = cluster_numbers([r.cluster_id for r in among])
        return clustered_proportion(values, np.ones(len(among)), clusters, confidence_level=level)

    means = ("evidence_ndcg", "evidence_rr", "evidence_char_precision", "evidence_char_recall")
    return {
        "evidence_recall": lambda: rate("evidence_retrieved"),
        "retrieval_coverage": lambda: rate("evidence_retrieved", whole=True),
        **{name: partial(rate, name) for name in means},
    }

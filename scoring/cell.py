"""One model in one domain under its policy: the requests replayed, and the draws that all its numbers share."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from .abstention import ATTEMPTED, evenly_judged, first_attempts
from .corrected import UNCHECKED, Marks, corrected_rate, marks_of, unchecked_grader
from .draws import DrawSettings, bootstrap_means, rate_draws, rate_order
from .economics import Economics, RetryPolicy
from .estimate import InsufficientDataError
from .intervals import cluster_numbers, posterior_size
from .judge_tables import LabelChoice
from .policy import AttemptKey, Request, replay
from .prices import PriceTable, UnpricedError
from .records import ClaimCounts, Outcome, Record
from .request_draws import per_request
from .vcpd import PerRequest

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DomainTerms:
    """What a domain's pack declares; None: nothing is declared, so no human dollars are counted."""

    economics: Economics | None = None
    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)


@dataclass(frozen=True, slots=True)
class Served:
    """How fast a deployment serves the requests of one cell at its SLO.

    Attributes:
        requests_per_s: Plug-in value and draws. note: Said beside T and C.
    """

    requests_per_s: Floats
    note: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One model in one domain under its policy, with the draws that all its numbers share.

    Attributes:
        error: Draws of p of the first attempt; None where nothing was attempted and judged.
        price_note: Why dollars are unknown; "" where they are known.
        token_note: Said beside numbers that rest on estimated tokens.
        quality_note: Why right and wrong are unknown; "" where they are known.
        marks: Where an automatic judge spoke of all answers and people of some: what corrects the one by the other.
        plain: The same without a verifier in the loop; None where none spoke.
        served: A measured throughput; None: T and C are as run.
    """

    requests: list[Request]
    joint: PerRequest
    error: Floats | None
    economics: Economics | None
    settings: DrawSettings
    n_clusters: int
    price_note: str = ""
    token_note: str = ""
    quality_note: str = ""
    marks: Marks | None = None
    plain: PerRequest | None = None
    served: Served | None = None


def make_cell(
    records: list[Record],
    counts: Mapping[AttemptKey, ClaimCounts],
    terms: DomainTerms,
    prices: PriceTable,
    draws: DrawSettings,
    chosen: LabelChoice | None = None,
) -> Cell:
    """Replay the policy over the records of one model in one domain, and draw.

    Args:
        chosen: How people picked the answers that they labelled; None: labels do not correct an automatic judge.
    """
    # independent between domains, common to all models of one domain
    settings = replace(draws, seed=draws.seed + zlib.crc32(records[0].domain.encode(errors="replace")))
    marks = marks_of(records, chosen) if chosen is not None else None
    said = marks.by_attempt if marks else None
    records = records if marks else evenly_judged(records)
    price_note = ""
    try:
        requests = replay(records, terms.retry_policy, counts, prices, said)
    except UnpricedError as error:
        requests, price_note = replay(records, terms.retry_policy, counts, None, said), str(error)
    if not any(u.stage == "generate" for r in records for u in r.usage):
        requests = [replace(r, dollars=None) for r in requests]
        price_note = "usage was not recorded, so what was spent is unknown"
    unchecked = unchecked_grader(first_attempts(records))
    if unchecked:
        requests = [replace(r, right=None) for r in requests]
    choice = marks.chosen if marks else LabelChoice.RANDOM
    return Cell(
        requests,
        per_request(requests, terms.retry_policy, terms.economics, settings, choice),
        None if unchecked else _error_draws(records, marks, settings),
        terms.economics,
        settings,
        len({r.cluster_id for r in records}),
        price_note,
        quality_note=UNCHECKED if unchecked else "",
        marks=marks,
        plain=None if unchecked else _plain(records, terms, None if price_note else prices, marks, settings),
    )


def _plain(
    records: list[Record], terms: DomainTerms, prices: PriceTable | None, marks: Marks | None, settings: DrawSettings
) -> PerRequest | None:
    """The joint draws without a verifier in the loop, from the same resampled clusters."""
    if prices is None or all(r.policy_verdict is None for r in records):
        return None
    policy = replace(terms.retry_policy, max_retries=0)
    requests = replay(records, policy, {}, prices, marks.by_attempt if marks else None, verified=False)
    choice = marks.chosen if marks else LabelChoice.RANDOM
    return per_request(requests, policy, terms.economics, settings, choice)


def _error_draws(records: list[Record], marks: Marks | None, settings: DrawSettings) -> Floats | None:
    if marks is not None:
        try:
            return corrected_rate(records, marks, settings).p
        except InsufficientDataError:
            return None
    first = sorted(first_attempts(records), key=lambda r: (r.sample_id, r.epoch))  # the order of the requests
    attempted = np.array([r.outcome in ATTEMPTED for r in first], float)
    if not attempted.any():
        return None
    wrong = np.array([r.outcome is Outcome.INCORRECT for r in first], float)
    clusters = cluster_numbers([r.cluster_id for r in first])
    p, n, _ = posterior_size(wrong, attempted, clusters, confidence_level=settings.confidence_level)
    counts = np.zeros((2, 0))
    if settings.paired:
        counts = len(first) * bootstrap_means(np.column_stack([wrong, attempted]), clusters, settings).T
    [order] = rate_order(settings, (counts[0], counts[1]))  # the seed of the escapes: comonotone with them
    return rate_draws(p * n, n, order)

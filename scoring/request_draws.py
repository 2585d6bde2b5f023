"""The joint draws of one model in one domain: means per request of what was delivered, right, and spent."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .corrected import marked_rate
from .draws import DrawSettings, bootstrap_means, rate_draws, rate_order
from .economics import Economics, RetryPolicy
from .error_rate import ErrorRate
from .estimate import InsufficientDataError
from .intervals import cluster_numbers, posterior_size
from .judge_tables import LabelChoice
from .policy import End, Request
from .review_time import seconds_per_claim
from .vcpd import PerRequest, ratio

Floats = NDArray[np.float64]


def per_request(
    requests: Sequence[Request],
    policy: RetryPolicy,
    economics: Economics | None,
    settings: DrawSettings,
    chosen: LabelChoice = LabelChoice.RANDOM,
) -> PerRequest:
    """The joint draws of one model in one domain.

    `economics` None counts no human dollars. Where requests carry marks (a judge spoke of all, people of some), the
    share of wrong answers is corrected with people's labels; `chosen` says how those were picked. Escalated requests
    are right with `reviewer_accuracy`, and their answer counts as many tokens as the model's attempts had on average
    (a reference length).

    Raises:
        InsufficientDataError: No request, or none of the delivered answers is scored.
    """
    if not requests:
        raise InsufficientDataError("no request")
    clusters = cluster_numbers([r.cluster_id for r in requests])
    values, tokens = _columns(requests)
    means = bootstrap_means(values, clusters, settings).T
    resampled, share, tok, tok_right, tok_wrong, n_right, n_wrong, first, verification, retries = means
    n = len(requests)
    sent = n * resampled, np.full_like(tok, n)
    errors, reviews = rate_order(settings, (n * n_wrong, n * (n_right + n_wrong)), sent)
    if settings.paired and policy.escalates_by_tier_alone:  # what a sample decides, it decides for every model
        [reviews] = rate_order(replace(settings, tie_seed=0), sent)
    error = _error(requests, clusters, errors, settings, chosen)
    weight = _token_weighted(error, _length(tok_right, n_right, tok, share), _length(tok_wrong, n_wrong, tok, share))
    people = _escalations(values[:, 0], clusters, policy, reviews, settings.confidence_level)
    # what does not reach a person is left to the model: the two shares move against each other
    left = np.where(resampled < 1, ratio(1 - people, 1 - resampled), 0.0)
    share, tok = share * left, tok * left
    accuracy = economics.reviewer_accuracy if economics else 1.0
    reference = float(np.nanmean(tokens)) if np.isfinite(tokens).any() else np.nan
    reference_tokens = people * reference if people.any() else people
    return PerRequest(
        delivered=share + people,
        right=share * (1 - error) + accuracy * people,
        escaped=share * error,
        tokens=tok + reference_tokens,
        right_tokens=tok * (1 - weight) + accuracy * reference_tokens,
        first=first,
        verification=verification,
        retries=retries,
        human=people * _review_dollars(requests, economics, settings),
    )


def delivered_rate(
    requests: Sequence[Request], settings: DrawSettings, chosen: LabelChoice = LabelChoice.RANDOM
) -> ErrorRate | None:
    """P(wrong | delivered) corrected with people's labels; None where no mark was made (people saw all, or none).

    Raises:
        InsufficientDataError: People labelled none of the delivered answers, or picked them by outcome.
    """
    among = [(r.mark, r.cluster_id) for r in requests if r.mark is not None]
    return marked_rate([m for m, _ in among], [g for _, g in among], chosen, settings) if among else None


def _columns(requests: Sequence[Request]) -> tuple[Floats, Floats]:
    """What is averaged over requests, a column each, and the tokens of every request's last attempt."""
    delivered = np.array([r.end is End.DELIVERED for r in requests], float)
    tokens = np.array([np.nan if r.tokens is None else r.tokens for r in requests], float)
    money = np.array([_money(r) for r in requests], float)
    right = np.array([r.right is True for r in requests], float)
    wrong = np.array([r.right is False for r in requests], float)
    # a delivered answer without tokens leaves token measures undefined; one that was not delivered needs none
    visible = np.where(delivered > 0, tokens, 0.0)
    escalated = np.array([r.end is End.ESCALATED for r in requests], float)
    shares = [escalated, delivered, visible, right * visible, wrong * visible, right, wrong]
    return np.column_stack([*shares, money]), tokens


def _money(request: Request) -> tuple[float, float, float]:
    d = request.dollars
    return (np.nan, np.nan, np.nan) if d is None else (d.first, d.verification, d.retries)


def _error(
    requests: Sequence[Request], clusters: Floats, uniforms: Floats, settings: DrawSettings, chosen: LabelChoice
) -> Floats:
    """P(wrong | delivered) with its draws; NaN where no delivered answer was judged, 0 where none was delivered."""
    if not any(r.end is End.DELIVERED for r in requests):
        return np.zeros(settings.n + 1)
    try:
        corrected = delivered_rate(requests, settings, chosen)
    except InsufficientDataError:
        return np.full(settings.n + 1, np.nan)
    if corrected is not None:
        return corrected.p
    wrong = np.array([r.right is False for r in requests], float)
    scored = np.array([r.right is not None for r in requests], float)
    if not scored.any():
        return np.full(settings.n + 1, np.nan)
    p, n_effective, _ = posterior_size(wrong, scored, clusters, confidence_level=settings.confidence_level)
    return rate_draws(p * n_effective, n_effective, uniforms)


def _length(tokens: Floats, answers: Floats, all_tokens: Floats, all_answers: Floats) -> Floats:
    """Mean tokens of right (or wrong) delivered answers; of all where there are none of the kind."""
    overall = np.where(all_answers > 0, ratio(all_tokens, all_answers), 0.0)
    return np.where(answers > 0, ratio(tokens, answers), overall)


def _token_weighted(error: Floats, right_length: Floats, wrong_length: Floats) -> Floats:
    """Share of delivered tokens that belong to wrong answers."""
    wrong = error * wrong_length
    both = wrong + (1 - error) * right_length
    return np.where(np.isnan(error) | ((error > 0) & (both != 0)), ratio(wrong, both), 0.0)


def _escalations(escalated: Floats, clusters: Floats, policy: RetryPolicy, uniforms: Floats, level: float) -> Floats:
    """Share of requests that reach a person; exactly 0 where the policy knows no person and no sample asks for one."""
    if not policy.may_escalate and not escalated.any():
        return np.zeros(len(uniforms) + 1)
    ones = np.ones(len(escalated))
    p, n_effective, _ = posterior_size(escalated, ones, clusters, confidence_level=level)
    return rate_draws(p * n_effective, n_effective, uniforms)


def _review_dollars(requests: Sequence[Request], economics: Economics | None, settings: DrawSettings) -> Floats:
    """Mean dollars of one review, at the base wage: of a measured log where it is long enough, else as declared."""
    if economics is None:
        return np.zeros(settings.n + 1)
    reviewed = [r for r in requests if r.end is End.ESCALATED] or list(requests)
    claims = float(np.mean([max(r.claims, 1.0) for r in reviewed]))
    return np.asarray(claims * seconds_per_claim(economics, settings) * economics.wage_base / 3600)

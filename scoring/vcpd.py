"""Verified Capability per Dollar and what it is made of, from replayed requests. Emerging: not peer reviewed.

VCpD = Q * T / C (field note "The Inference Stack in 2026", eq. 1), with Q the token-weighted share of right
answers among delivered ones, T delivered tokens per second and C = requests per second times kappa. Since the
rate cancels, VCpD = E[right delivered tokens per request] / E[dollars per request]: a ratio of means.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from .draws import DrawSettings, bootstrap_means, rank_uniforms, rate_draws
from .economics import Economics, RetryPolicy
from .estimate import InsufficientDataError
from .intervals import cluster_numbers, posterior_size
from .policy import End, Request

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PerRequest:
    """Means per request, each an array of the plug-in value followed by its draws. All are linear, so that
    domains pool by adding them with weights.

    Attributes:
        delivered, right, escaped: Answers delivered; right among them; wrong ones that nobody caught.
        tokens, right_tokens: Visible tokens delivered; those of right answers. NaN where not metered.
        first, machine, human: Dollars of the first attempt; of all machine work; of people. NaN where unpriced.
    """

    delivered: Floats
    right: Floats
    escaped: Floats
    tokens: Floats
    right_tokens: Floats
    first: Floats
    verification: Floats
    machine: Floats
    human: Floats

    @property
    def kappa(self) -> Floats:
        """Dollars per request under the policy."""
        return self.machine + self.human

    @property
    def overhead(self) -> Floats:
        """H = p * C_v: dollars per request beyond the first attempt's generation (kappa - c_g)."""
        return self.kappa - self.first

    @property
    def q(self) -> Floats:
        """Share right among delivered answers."""
        return _ratio(self.right, self.delivered)

    @property
    def q_tokens(self) -> Floats:
        """The same weighted by tokens: the Q of VCpD."""
        return _ratio(self.right_tokens, self.tokens)

    @property
    def vcpd(self) -> Floats:
        """Right delivered tokens per dollar."""
        return _ratio(self.right_tokens, self.kappa)

    def vcpd_with_loss(self, loss: float) -> Floats:
        """Right delivered tokens per dollar, each escaped error costing `loss` dollars."""
        return _ratio(self.right_tokens, self.kappa + loss * self.escaped)

    @property
    def answers_per_usd(self) -> Floats:
        """Verified (delivered and right) answers per dollar."""
        return _ratio(self.right, self.kappa)

    @property
    def usd_per_answer(self) -> Floats:
        """Dollars per verified answer: Cost-of-Pass (arXiv:2504.13359) with the whole policy's cost."""
        return _ratio(self.kappa, self.right)


def _ratio(above: Floats, below: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(below > 0, above / below, np.where(above > 0, np.inf, np.nan)))


def per_request(
    requests: Sequence[Request], policy: RetryPolicy, economics: Economics | None, settings: DrawSettings
) -> PerRequest:
    """The joint draws of one model in one domain.

    `economics` None counts no human dollars. Escalated requests are right with `reviewer_accuracy`, and their
    answer counts as many tokens as the model's attempts had on average (a reference length).

    Raises:
        InsufficientDataError: No request, or none of the delivered answers is scored.
    """
    if not requests:
        raise InsufficientDataError("no request")
    clusters = cluster_numbers([r.cluster_id for r in requests])
    delivered = np.array([r.end is End.DELIVERED for r in requests], float)
    tokens = np.array([np.nan if r.tokens is None else r.tokens for r in requests], float)
    money = np.array([_money(r) for r in requests], float)
    right = np.array([r.right is True for r in requests], float)
    wrong = np.array([r.right is False for r in requests], float)
    # a delivered answer without tokens leaves token measures undefined; one that was not delivered needs none
    visible = np.where(delivered > 0, tokens, 0.0)
    escalated = np.array([r.end is End.ESCALATED for r in requests], float)
    values = np.column_stack([escalated, delivered, visible, right * visible, wrong * visible, right, wrong, money])
    means = bootstrap_means(values, clusters, settings).T
    resampled, share, tok, tok_right, tok_wrong, n_right, n_wrong, first, verification, machine = means
    n = len(requests)
    sent = n * resampled, np.full_like(tok, n)
    errors, reviews = rate_order(settings, (n * n_wrong, n * (n_right + n_wrong)), sent)
    if settings.paired and policy.escalates_by_tier_alone:  # what a sample decides, it decides for every model
        [reviews] = rate_order(replace(settings, tie_seed=0), sent)
    error = _error_rate(right, wrong, clusters, errors, settings.confidence_level)
    if not delivered.any():
        error = np.zeros_like(error)
    weight = _token_weighted(error, _length(tok_right, n_right, tok, share), _length(tok_wrong, n_wrong, tok, share))
    people = _escalations(escalated, clusters, policy, reviews, settings.confidence_level)
    # what does not reach a person is left to the model: the two shares move against each other
    left = np.where(resampled < 1, _ratio(1 - people, 1 - resampled), 0.0)
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
        machine=machine,
        human=people * _review_dollars(requests, economics),
    )


def rate_order(settings: DrawSettings, *counts: tuple[Floats, Floats]) -> list[Floats]:
    """The uniform numbers that invert the posteriors of rates, one array for each.

    Of one model alone they are the seed's, and rates with the same seed are comonotone. Compared with other models,
    they follow the rates as resampled.

    Args:
        counts: For each rate its resampled events and what they are among; element 0, the plug-in, is left out.
    """
    if settings.tie_seed is None:
        rng = np.random.default_rng(settings.seed + 1)
        return [rng.uniform(size=settings.n) for _ in counts]
    rng = np.random.default_rng([settings.seed, settings.tie_seed])
    return [rank_uniforms(events[1:], of[1:], rng) for events, of in counts]


def pooled(parts: Sequence[tuple[float, PerRequest]]) -> PerRequest:
    """Domains together, each with its declared traffic weight (made to add to 1)."""
    total = sum(weight for weight, _ in parts)
    return PerRequest(
        **{
            field.name: np.asarray(sum(w / total * getattr(part, field.name) for w, part in parts))
            for field in fields(PerRequest)
        }
    )


def _money(request: Request) -> tuple[float, float, float]:
    d = request.dollars
    return (np.nan, np.nan, np.nan) if d is None else (d.first, d.verification, d.machine)


def _error_rate(right: Floats, wrong: Floats, clusters: Floats, uniforms: Floats, level: float) -> Floats:
    """P(wrong | delivered) with its posterior draws; NaN where no delivered answer was judged."""
    scored = right + wrong
    if not scored.any():
        return np.full(len(uniforms) + 1, np.nan)
    p, n_effective, _ = posterior_size(wrong, scored, clusters, confidence_level=level)
    return rate_draws(p * n_effective, n_effective, uniforms)


def _length(tokens: Floats, answers: Floats, all_tokens: Floats, all_answers: Floats) -> Floats:
    """Mean tokens of right (or wrong) delivered answers; of all where there are none of the kind."""
    overall = np.where(all_answers > 0, _ratio(all_tokens, all_answers), 0.0)
    return np.where(answers > 0, _ratio(tokens, answers), overall)


def _token_weighted(error: Floats, right_length: Floats, wrong_length: Floats) -> Floats:
    """Share of delivered tokens that belong to wrong answers."""
    wrong = error * wrong_length
    both = wrong + (1 - error) * right_length
    return np.where(np.isnan(error) | ((error > 0) & (both != 0)), _ratio(wrong, both), 0.0)


def _escalations(escalated: Floats, clusters: Floats, policy: RetryPolicy, uniforms: Floats, level: float) -> Floats:
    """Share of requests that reach a person; exactly 0 where the policy knows no person."""
    if not policy.may_escalate:
        return np.zeros(len(uniforms) + 1)
    ones = np.ones(len(escalated))
    p, n_effective, _ = posterior_size(escalated, ones, clusters, confidence_level=level)
    return rate_draws(p * n_effective, n_effective, uniforms)


def _review_dollars(requests: Sequence[Request], economics: Economics | None) -> float:
    """Mean dollars of one review, at the base wage."""
    if economics is None:
        return 0.0
    reviewed = [r for r in requests if r.end is End.ESCALATED] or list(requests)
    return float(np.mean([economics.review_dollars(r.claims, economics.wage_base) for r in reviewed]))

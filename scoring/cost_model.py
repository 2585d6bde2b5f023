"""What a policy of retries and people costs, in closed form. For planning and what-if, not for reports.

A request is generated, verified, and accepted or tried again up to k times; what is exhausted, or abstained on by
the model itself, goes to a person or ends without an answer. Attempts are taken as independent, which real ones are
not (items differ in difficulty): measured runs are replayed by `policy.py` and priced by `vcpd.py`.
Both cost formulas of the field note are special cases of this model (see `listing.py`).
"""

from dataclasses import dataclass, field, fields, replace
from math import inf, isfinite

from .estimate import InsufficientDataError


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How often things happen. All but `max_retries` are probabilities.

    Attributes:
        p: P(wrong | attempted), per attempt.
        sensitivity: Se, P(reject | wrong) of the verifier in the loop. 0 with a false-positive rate of 0: none.
        false_positive_rate: FPR, P(reject | right).
        max_retries: k, further attempts after a rejected one; a whole number, or math.inf.
        abstain: b, P(the model abstains), per attempt.
        escalate_exhausted: e_x, share of requests without an accepted attempt that goes to a person.
        escalate_abstained: e_b, share of abstentions that goes to a person.
        reviewer_accuracy: h, share of escalated requests that end right.
    """

    p: float
    sensitivity: float = 0.0
    false_positive_rate: float = 0.0
    max_retries: float = 0
    abstain: float = 0.0
    escalate_exhausted: float = 0.0
    escalate_abstained: float = 0.0
    reviewer_accuracy: float = 1.0

    def __post_init__(self) -> None:
        for f in fields(self):
            value = getattr(self, f.name)
            if f.name != "max_retries" and not 0 <= value <= 1:
                raise ValueError(f"{f.name} is a probability in [0, 1], not {value}")
        if self.max_retries != inf and not (self.max_retries >= 0 and float(self.max_retries).is_integer()):
            raise ValueError(f"max_retries is a whole number of 0 or more, or inf, not {self.max_retries}")

    @property
    def rejected(self) -> float:
        """R: P(rejected), per attempt. This is the p_retry of Listing 1."""
        wrong = self.p * self.sensitivity + (1 - self.p) * self.false_positive_rate
        return (1 - self.abstain) * wrong

    def unverified(self) -> "Policy":
        """The same without a verifier: nothing is rejected, nothing retried."""
        return replace(self, sensitivity=0.0, false_positive_rate=0.0, max_retries=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCosts:
    """Dollars of each step, all 0 or more.

    Attributes:
        generation: c_g, per attempt. retrieval: c_r, per attempt. verification: c_v, per answer checked.
        review: c_h, per review by a person.
        loss: L, per wrong answer that is delivered.
        audit: Share of accepted answers that a person reads again, in [0, 1]; the audit changes no answer.
        restores_answer: Whether `loss` buys the right answer. It is then credited in Q and charged in kappa.
    """

    generation: float
    retrieval: float = 0.0
    verification: float = 0.0
    review: float = 0.0
    loss: float = 0.0
    audit: float = 0.0
    restores_answer: bool = False

    def __post_init__(self) -> None:
        for f in fields(self):
            if not (isfinite(getattr(self, f.name)) and getattr(self, f.name) >= 0):
                raise ValueError(f"{f.name} is 0 or more, not {getattr(self, f.name)}")
        if self.audit > 1:
            raise ValueError(f"audit is a share in [0, 1], not {self.audit}")

    @property
    def attempt(self) -> float:
        """c_g + c_r: what one attempt costs before it is verified."""
        return self.generation + self.retrieval


@dataclass(frozen=True, slots=True)
class PolicyOutcome:
    """Expected values per request.

    Attributes:
        attempts: S. rejected: R, per attempt. escalated: requests that reach a person.
        delivered, good, escaped: Answers delivered; right among them; wrong ones among them that nobody caught.
        machine: Dollars of machines. kappa: all dollars. kappa_l: the same with L for each escaped error.
    """

    attempts: float
    rejected: float
    escalated: float
    delivered: float
    good: float
    escaped: float
    machine: float
    kappa: float
    kappa_l: float
    _p: float = field(repr=False)
    _first: float = field(repr=False)

    @property
    def abstained(self) -> float:
        """Share of requests that end without an answer."""
        return max(0.0, 1 - self.delivered)

    @property
    def q(self) -> float:
        """Q: share right among delivered answers. Undefined if nothing is delivered."""
        return _ratio(self.good, self.delivered, "Q is undefined: nothing is delivered")

    @property
    def h(self) -> float:
        """H = p * C_v: dollars per request beyond generation and retrieval of one attempt (kappa - c_g - c_r)."""
        return self.kappa - self._first

    @property
    def h_l(self) -> float:
        """H with L for each escaped error."""
        return self.kappa_l - self._first

    @property
    def c_v(self) -> float:
        """C_v = H / p: dollars of verification per error. Undefined at p = 0."""
        return _ratio(self.h, self._p, "C_v is undefined: p is 0")

    @property
    def c_v_l(self) -> float:
        """C_v with L for each escaped error. Undefined at p = 0."""
        return _ratio(self.h_l, self._p, "C_v is undefined: p is 0")

    @property
    def usd_per_delivered(self) -> float:
        """kappa / delivered. Undefined if nothing is delivered."""
        return _ratio(self.kappa, self.delivered, "dollars per delivered answer are undefined: nothing is delivered")

    @property
    def usd_per_good(self) -> float:
        """kappa / good: dollars per verified answer (Cost-of-Pass, arXiv:2504.13359). Undefined without a good one."""
        return _ratio(self.kappa, self.good, "dollars per good answer are undefined: none is right")

    @property
    def efficiency(self) -> float:
        """c_g over dollars per delivered answer, where retrieval counts as generation. Undefined at no cost."""
        return _ratio(self._first * self.delivered, self.kappa, "undefined: requests cost nothing")

    def vcpd(self, tokens: float) -> float:
        """VCpD = Q * T / C with so many tokens a delivered answer: good * tokens / kappa. Undefined at no cost."""
        return _ratio(self.good * tokens, self.kappa, "VCpD is undefined: requests cost nothing; name a price")

    def vcpd_l(self, tokens: float) -> float:
        """VCpD with L for each escaped error. Undefined at no cost."""
        return _ratio(self.good * tokens, self.kappa_l, "VCpD is undefined: requests cost nothing; name a price")


def policy_outcome(policy: Policy, costs: UnitCosts) -> PolicyOutcome:
    """The closed form, attempts being independent.

    Raises:
        InsufficientDataError: Unlimited retries of which every one is rejected.
    """
    r, b = policy.rejected, policy.abstain
    exhausted = 0.0 if policy.max_retries == inf else r ** (policy.max_retries + 1)
    if r < 1:
        attempts = (1 - exhausted) / (1 - r)
    elif policy.max_retries == inf:
        raise InsufficientDataError("every attempt is rejected and retries never end: no cost is finite")
    else:
        attempts = policy.max_retries + 1
    right = (1 - b) * (1 - policy.p) * (1 - policy.false_positive_rate) * attempts
    wrong = (1 - b) * policy.p * (1 - policy.sensitivity) * attempts
    people = policy.escalate_exhausted * exhausted + policy.escalate_abstained * b * attempts
    machine = attempts * (costs.attempt + (1 - b) * costs.verification)
    kappa = machine + people * costs.review + costs.audit * costs.review * (right + wrong)
    kappa_l = kappa + costs.loss * wrong
    return PolicyOutcome(
        attempts=attempts,
        rejected=r,
        escalated=people,
        delivered=right + wrong + people,
        good=right + policy.reviewer_accuracy * people + (wrong if costs.restores_answer else 0.0),
        escaped=wrong,
        machine=machine,
        kappa=kappa_l if costs.restores_answer else kappa,
        kappa_l=kappa_l,
        _p=policy.p,
        _first=costs.attempt,
    )


def verification_pays(policy: Policy, costs: UnitCosts) -> bool:
    """Whether this policy's VCpD, escaped errors charged at L, is above that of the same without a verifier.

    Without people: p * L * (Se - FPR) > c_v + FPR * c_g, for any number of retries (b = 0).
    """
    with_, without = _both(policy, costs)
    return with_.good * without.kappa_l > without.good * with_.kappa_l


def break_even_loss(policy: Policy, costs: UnitCosts) -> float:
    """L*: the loss per escaped error above which verification pays, dollars; 0 where it always does.

    Without people and at b = 0 it is (c_v + FPR * c_g) / (p * (Se - FPR)). `costs.loss` plays no part.

    Raises:
        InsufficientDataError: Verification removes no error per right answer (p = 0, or Se <= FPR): no loss is enough.
        ValueError: `restores_answer`: an error that is put right leaves no loss to break even with.
    """
    if costs.restores_answer:
        raise ValueError("break-even loss has no meaning where the loss restores the answer")
    with_, without = _both(policy, replace(costs, loss=0.0))
    plain = with_.good * without.escaped
    saved = plain - without.good * with_.escaped
    if saved <= 1e-12 * plain:
        raise InsufficientDataError("verification never pays: it lets no fewer errors escape per right answer")
    return max(0.0, (without.good * with_.kappa - with_.good * without.kappa) / saved)


def _both(policy: Policy, costs: UnitCosts) -> tuple[PolicyOutcome, PolicyOutcome]:
    plain = replace(costs, verification=0.0)
    return policy_outcome(policy, costs), policy_outcome(policy.unverified(), plain)


def _ratio(above: float, below: float, reason: str) -> float:
    if below <= 0:
        raise InsufficientDataError(reason)
    return above / below

"""`vcpd verify tune`: which verifier is asked when, from labelled claims and dollars."""

from collections.abc import Callable, Sequence

from ..scoring.prices import PriceTable
from ..scoring.stage_costs import ClaimCosts
from ..verifiers.judged import judge_answers
from ..verifiers.labelled import LabelledAnswer
from ..verifiers.labelling import labelled_claims
from ..verifiers.stage_tuning import Promise, StageRows, Tuned, tune
from ..verifiers.verdict import Verifier
from .packs import DomainPack


class TuneError(ValueError):
    """A cascade that cannot be tuned as asked; the message says what to do."""


def costs_of(pack: DomainPack | None, loss: float | None, rejection: float | None) -> ClaimCosts:
    """What the user names, else what the pack declares: its loss, and a person's look at one claim at the base wage.

    Raises:
        TuneError: Neither says it. InsufficientDataError: A rejection costs as much as the loss, or more.
    """
    economics = pack.economics if pack else None
    if economics is not None:
        loss = economics.loss_per_escaped_error if loss is None else loss
        review = economics.review_seconds_per_claim * economics.wage_base / 3600
        rejection = review if rejection is None else rejection
    if loss is None or rejection is None:
        raise TuneError("say what an unsupported claim and a rejection cost: --loss and --rejection, or --domain PACK")
    return ClaimCosts(loss, rejection)


def tune_cascade(
    answers: Sequence[LabelledAnswer],
    verifiers: Sequence[Verifier],
    costs: ClaimCosts,
    prices: PriceTable,
    promise: Promise | None,
    *,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Tuned:
    """Every verifier on every labelled claim, priced as metered; then `stage_tuning.tune`.

    Raises:
        UnpricedError: A model that judges has no price. InsufficientDataError: Too few labels.
    """
    total, done = len(verifiers) * sum(len(labelled_claims(a)) for a in answers), 0

    def step(more: int) -> None:
        nonlocal done
        done += more
        progress(done, total)

    rows, supported, clusters = [], list[bool](), list[str]()
    for k, verifier in enumerate(verifiers):
        judged = judge_answers(answers, verifier, progress=step)
        results = tuple(r for j in judged for r in j.results)
        rows.append(StageRows(verifier, results, tuple(prices.total([*r.earlier, r.usage]) for r in results)))
        if k == 0:
            supported = [c.supported for j in judged for c in j.claims]
            clusters = [j.answer.cluster_id for j in judged for _ in j.claims]
    return tune(rows, supported, clusters, costs, promise, seed=seed)

"""The head of the lexical verifier, fitted again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.retrieval.passages import Passage, Span
from vcpd.scoring.estimate import InsufficientDataError
from vcpd.verifiers import lexical_weights
from vcpd.verifiers.labelled import LabelledAnswer, LabelledClaim
from vcpd.verifiers.lexical import LexicalVerifier
from vcpd.verifiers.lexical_features import FEATURES
from vcpd.verifiers.lexical_head import BUNDLED, LexicalHead, fit_head
from vcpd.verifiers.verdict import Claim, Verdict

SOURCE = "The tenant pays rent monthly. The landlord repairs the roof. Smith signed the lease in Boston in 2019."
RIGHT = ("The tenant pays rent monthly.", "Smith signed the lease.", "The landlord repairs the roof.")
WRONG = ("The tenant feeds rent horses daily.", "Jones signed the lease in Paris.", "The roof costs 500 dollars.")


def labelled(claims: dict[str, bool]) -> list[LabelledAnswer]:
    passages = (Passage("d", Span(0, len(SOURCE)), SOURCE),)
    made = tuple(LabelledClaim(Claim(text, Span(0, len(text))), label) for text, label in claims.items())
    return [LabelledAnswer("a", "c", "", passages, made)]


def probability(verifier: LexicalVerifier, text: str) -> float:
    [found] = verifier.verify([(Claim(text, Span(0, len(text))), labelled({})[0].passages)])
    assert isinstance(found, Verdict)
    return found.probability


def test_the_bundled_head_is_that_of_the_weights() -> None:
    assert BUNDLED.bias == lexical_weights.BIAS
    assert dict(zip(FEATURES, BUNDLED.weights, strict=True)) == lexical_weights.WEIGHTS


def test_a_fitted_head_follows_the_labels_and_the_bundled_one_stays() -> None:
    before = LexicalVerifier()
    after = before.fitted(labelled(dict.fromkeys(RIGHT, True) | dict.fromkeys(WRONG, False)))
    assert min(probability(after, t) for t in RIGHT) > max(probability(after, t) for t in WRONG)
    assert before.head is BUNDLED
    assert after.settings != before.settings
    assert after.fitted(labelled(dict.fromkeys(RIGHT, True) | dict.fromkeys(WRONG, False))).head == after.head


@given(st.dictionaries(st.sampled_from(RIGHT + WRONG), st.booleans(), min_size=2))
def test_more_in_common_never_speaks_against_a_claim(claims: dict[str, bool]) -> None:
    if len(set(claims.values())) < 2:
        with pytest.raises(InsufficientDataError, match="one kind is missing"):
            fit_head(labelled(claims))
        return
    head = fit_head(labelled(claims))
    assert all(w * b >= 0 for w, b in zip(head.weights, BUNDLED.weights, strict=True))


def test_it_is_the_logistic_regression_of_scikit_learn() -> None:
    """Where no sign is at its limit, the fit is the plain ridge regression."""
    linear = pytest.importorskip("sklearn.linear_model")
    import numpy as np
    from vcpd.verifiers.lexical_head import _RIDGE, _features

    claims = dict.fromkeys(RIGHT, True) | dict.fromkeys(WRONG, False) | {"The tenant repairs the roof.": False}
    rows, labels = _features(labelled(claims))
    head = fit_head(labelled(claims))
    free = [i for i, w in enumerate(head.weights) if abs(w) > 1e-6]
    other = linear.LogisticRegression(C=1 / (_RIDGE * len(rows)), tol=1e-10, max_iter=10_000)
    other.fit(np.array(rows)[:, free], labels)
    assert free
    assert [head.weights[i] for i in free] == pytest.approx(other.coef_[0], abs=0.02)
    assert head.bias == pytest.approx(other.intercept_[0], abs=0.02)


def test_far_logits_stay_probabilities() -> None:
    assert 0 < LexicalHead(-1e9, (0.0,) * 6).probability((0.0,) * 6) < 1e-9

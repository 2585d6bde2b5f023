"""The measures of the lexical verifier on real labelled answers, against other ways to compute them.

The data sets are not part of this repository (their licences differ). VCPD_DATA names the folder that holds them.
"""

import os
from pathlib import Path

import pytest
from vcpd.evals.labelled import Labelled, read_labelled
from vcpd.verifiers.judged import JudgedAnswer, judge_answers
from vcpd.verifiers.labelling import is_unsupported
from vcpd.verifiers.lexical import LexicalVerifier
from vcpd.verifiers.measures import Decided, verifier_measures
from vcpd.verifiers.verdict import Label, Verdict

DATA = Path(os.environ.get("VCPD_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"needs the labelled data sets; none at {DATA} (set VCPD_DATA)"
)
FILES = ("ragtruth_qa.jsonl", "wice_claims_dev.jsonl", "kqa/NLI_medical_annotator.csv", "wice_tokens/dev.jsonl")


def read(name: str) -> Labelled:
    if not (DATA / name).exists():
        pytest.skip(f"{name} is not among the data sets at hand")
    return read_labelled(DATA / name)


def judged(name: str) -> list[JudgedAnswer]:
    return judge_answers(read(name).answers, LexicalVerifier())


def values(found: list[JudgedAnswer]) -> dict[str, float]:
    measures = verifier_measures([Decided(j) for j in found])
    return {name: measures[name]().value for name in ("claim_auroc", "claim_auprc", "claim_f1", "claim_brier")}


@pytest.mark.parametrize("name", FILES[:3])
def test_claims_against_scikit_learn(name: str) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    found = judged(name)
    rows = [(c.supported, r) for j in found for c, r in zip(j.claims, j.results, strict=True) if isinstance(r, Verdict)]
    bad, said = [not s for s, _ in rows], [r.label is not Label.SUPPORTED for _, r in rows]
    suspicion = [1 - r.probability for _, r in rows]
    assert values(found) == pytest.approx(
        {
            "claim_auroc": metrics.roc_auc_score(bad, suspicion),
            "claim_auprc": metrics.average_precision_score(bad, suspicion),
            "claim_f1": metrics.f1_score(bad, said),
            "claim_brier": metrics.brier_score_loss(bad, suspicion),
        }
    )


def test_responses_and_characters_of_ragtruth() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    found = judged("ragtruth_qa.jsonl")
    measures = verifier_measures([Decided(j) for j in found])
    bad = [is_unsupported(j.answer) for j in found]
    lowest = [min((r.probability for r in j.results if isinstance(r, Verdict)), default=1.0) for j in found]
    assert measures["response_auroc"]().value == pytest.approx(metrics.roc_auc_score(bad, [1 - p for p in lowest]))
    shared = said = human = 0
    for j in found:
        mine = {i for r in j.results if isinstance(r, Verdict) for s in r.unsupported for i in range(s.start, s.end)}
        theirs = {i for s in j.answer.unsupported or () for i in range(s.start, s.end)}
        shared, said, human = shared + len(mine & theirs), said + len(mine), human + len(theirs)
    assert measures["span_f1"]().value == pytest.approx(2 * shared / (said + human))


def test_every_token_label_of_wice_is_one_token_here() -> None:
    """The files say which tokens are unsupported; their places are found again in the claims."""
    file = read("wice_tokens/dev.jsonl")
    assert len(file.answers) > 100
    assert all(a.unsupported for a in file.answers)


@pytest.mark.parametrize(
    ("name", "least"), [("healthver/healthver_dev.csv", 1_900), ("factscore_ChatGPT.jsonl.gz", 4_800)]
)
def test_every_labelled_claim_is_read(name: str, least: int) -> None:
    assert sum(len(a.claims) for a in read(name).answers) > least

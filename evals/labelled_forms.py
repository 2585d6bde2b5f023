"""Published sets of labelled claims, each row one claim against its evidence."""

from collections.abc import Callable, Sequence
from hashlib import sha256

from ..retrieval.passages import Passage, Span
from ..verifiers.labelled import LabelledAnswer, LabelledClaim
from ..verifiers.verdict import Claim
from .importers.fields import Fields, shown

_WICE = {"supported": True, "partially_supported": False, "not_supported": False}
_HEALTHVER = {"Supports": True, "Refutes": False, "Neutral": False}
_KQA = {"Entailment": True, "Contradiction": False, "Neutral": False}


def wice_claim(row: Fields) -> LabelledAnswer:
    """WiCE (arXiv:2303.01432): a claim of Wikipedia and the sentences of the page that it cites.

    Partially supported counts as unsupported. The page is one passage, a sentence a line. Cluster: `cluster_id`, else
    the page.
    """
    claim, page = row.needed("claim"), _lines(row, "sentences")
    return _answer(row, claim, page, _WICE, cluster=row.identifier("cluster_id"))


def wice_tokens(row: Fields) -> LabelledAnswer:
    """WiCE's token labels: `claim_tokens`, and for each in `non_supported_spans` whether it is unsupported."""
    claim, tokens = row.needed("claim"), row.strings("claim_tokens")
    flags = row.values.get("non_supported_spans")
    if not isinstance(flags, Sequence) or len(flags) != len(tokens) or not all(isinstance(f, bool) for f in flags):
        raise row.error("non_supported_spans", f"true or false for each of the {len(tokens)} claim_tokens is needed")
    answer = _answer(row, claim, _lines(row, "evidence"), _WICE)
    return LabelledAnswer(
        answer.answer_id,
        answer.cluster_id,
        claim,
        answer.passages,
        answer.claims,
        _token_spans(row, claim, tokens, flags),
    )


def healthver_claim(row: Fields) -> LabelledAnswer:
    """HealthVer (doi:10.18653/v1/2021.findings-emnlp.297): health claims against abstracts; cluster: the question."""
    return _answer(row, row.needed("claim"), row.needed("evidence"), _HEALTHVER, cluster=row.text("question"))


def kqa_statement(row: Fields) -> LabelledAnswer:
    """K-QA (arXiv:2401.14493): a physician's statement against a model's answer, by majority of three physicians."""
    claim, answer = row.needed("claim"), row.needed("answer")
    return _answer(row, claim, answer, _KQA, field="majority_label", cluster=row.text("Question"))


FORMS: dict[str, tuple[frozenset[str], Callable[[Fields], LabelledAnswer]]] = {
    "wice_tokens": (frozenset({"claim", "claim_tokens", "non_supported_spans", "evidence"}), wice_tokens),
    "wice": (frozenset({"claim", "label", "sentences"}), wice_claim),
    "kqa": (frozenset({"claim", "answer", "majority_label"}), kqa_statement),
    "healthver": (frozenset({"claim", "evidence", "label"}), healthver_claim),
}
"""By name: the fields that tell a row, and what reads it."""


def _answer(
    row: Fields,
    claim: str,
    evidence: str,
    labels: dict[str, bool],
    *,
    field: str = "label",
    cluster: str | None = None,
) -> LabelledAnswer:
    """The claim as an answer of its own; without passages where there is no evidence text."""
    label = row.needed(field)
    if label not in labels:
        raise row.error(field, f"{shown(label)} is none of {', '.join(labels)}")
    if not claim.strip():
        raise row.error("claim", "empty")
    source = sha256(evidence.encode(errors="surrogatepass")).hexdigest()[:12]
    passages = (Passage(source, Span(0, len(evidence)), evidence),) if evidence.strip() else ()
    labelled = LabelledClaim(Claim(claim, Span(0, len(claim))), labels[label])
    return LabelledAnswer(row.where, cluster or source, claim, passages, (labelled,))


def _lines(row: Fields, name: str) -> str:
    return "\n".join(row.strings(name))


def _token_spans(row: Fields, claim: str, tokens: Sequence[str], flags: Sequence[object]) -> tuple[Span, ...]:
    """Places of the flagged tokens, each found after the one before it."""
    spans, at = [], 0
    for i, (token, flag) in enumerate(zip(tokens, flags, strict=True)):
        start = claim.find(token, at)
        if start < 0:
            raise row.error(f"claim_tokens[{i}]", f"{shown(token)} is not in the claim where it should be")
        at = start + len(token)
        if flag:
            spans.append(Span(start, at))
    return tuple(spans)

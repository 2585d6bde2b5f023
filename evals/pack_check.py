"""`vcpd domain check`: what makes a pack unsound, each finding with its sample or document."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz

from ..retrieval.passages import Document
from ..retrieval.sources import blocking_rule
from ..retrieval.tokens import tokenize
from ..scoring.power import items_without_error
from ..verifiers.reference import grade_reference
from .packs import DomainPack
from .pipeline import documents_by_id, policy_for
from .samples import Sample

MUST_ABSTAIN = 0.30
NEAR_DUPLICATE = 95  # of 100, on token-sorted text
NOTICE = "illustrative"


@dataclass(frozen=True, slots=True)
class PackReport:
    """Counts that describe a pack, and everything that is wrong with it."""

    pack: str
    facts: Mapping[str, int]
    problems: tuple[str, ...]


def check_pack(pack: DomainPack) -> PackReport:
    """Check a loaded pack. Loading has already checked the schema of its files.

    Of a published benchmark only what nobody but its reader can have got wrong: evidence, and answers listed as right
    and as wrong. Its questions, its share of abstentions and its clusters are its publisher's.
    """
    documents = documents_by_id(pack.corpus)
    if pack.citation:
        problems = [text for s in pack.samples for text in (*_evidence(s, pack, documents), *_clash(s))]
    else:
        problems = [*_whole(pack), *_duplicates(pack)]
        problems += [text for s in pack.samples for text in _sample(s, pack, documents)]
    kinds = Counter(s.abstain_kind or "answerable" for s in pack.samples)
    facts = {
        "samples": len(pack.samples),
        "documents": len(pack.corpus.documents),
        "clusters": len({s.cluster_id for s in pack.samples}),
        **{kind.replace("_", " "): n for kind, n in kinds.most_common()},
    }
    return PackReport(pack.name, facts, tuple(problems))


def _whole(pack: DomainPack) -> Iterator[str]:
    n = len(pack.samples)
    abstain = sum(not s.answerable for s in pack.samples)
    if abstain < MUST_ABSTAIN * n:
        yield f"only {abstain} of {n} samples must be abstained on; a pack needs {MUST_ABSTAIN:.0%}"
    p_max = pack.limits.get("p_max")
    if p_max is None or not 0 < p_max < 1:
        yield "pack.toml, [limits]: p_max must be declared, between 0 and 1"
    elif pack.items_for_launch != items_without_error(p_max):
        yield f"pack.toml: items_for_launch must be {items_without_error(p_max)} for p_max {p_max:g}"
    if p_max and 0 < p_max < 1 and n < items_without_error(p_max) and NOTICE not in pack.notice:
        yield f"pack.toml: {n} samples cannot support a launch; the notice must say that it is {NOTICE}"
    clusters = Counter(s.cluster_id for s in pack.samples)
    name, most = clusters.most_common(1)[0]
    if most > max(3, n // 10):
        yield f"cluster '{name}' holds {most} of {n} samples: they are not independent enough"
    if not any(blocking_rule(d, pack.source_policy) for d in pack.corpus.documents):
        yield "no document lies outside the source policy, so the policy is not tested"


def _duplicates(pack: DomainPack) -> Iterator[str]:
    texts = [" ".join(sorted(tokenize(s.question))) for s in pack.samples]
    for i, sample in enumerate(pack.samples):
        for j in range(i):
            if fuzz.ratio(texts[i], texts[j], score_cutoff=NEAR_DUPLICATE):
                yield f"{sample.sample_id}: asks nearly the same as {pack.samples[j].sample_id}"
    seen: dict[str, str] = {}
    for document in pack.corpus.documents:
        if document.sha256 in seen:
            yield f"document '{document.doc_id}' has the text of '{seen[document.sha256]}'"
        seen[document.sha256] = document.doc_id
        missing = [name for name in ("title", "source", "date", "url") if not getattr(document, name)]
        if missing:
            yield f"document '{document.doc_id}' lacks {', '.join(missing)}"


def _sample(sample: Sample, pack: DomainPack, documents: Mapping[str, Document]) -> Iterator[str]:
    yield from _evidence(sample, pack, documents)
    if sample.answerable:
        if not sample.evidence:
            yield f"{sample.sample_id}: is answerable but names no evidence"
        leaked = [t for t in sample.targets if len(t) > 3 and not sample.choices and _stands_in(t, sample.question)]
        if leaked:
            yield f"{sample.sample_id}: the question gives the answer away ('{leaked[0]}')"
    yield from _clash(sample)


def _clash(sample: Sample) -> Iterator[str]:
    clash = {t.casefold() for t in sample.targets} & {w.casefold() for w in sample.wrong}
    if clash:
        yield f"{sample.sample_id}: '{sorted(clash)[0]}' is listed as right and as wrong"


def _evidence(sample: Sample, pack: DomainPack, documents: Mapping[str, Document]) -> Iterator[str]:
    for evidence in sample.evidence:
        document = documents.get(evidence.doc_id)
        if document is None:
            yield f"{sample.sample_id}: evidence names document '{evidence.doc_id}', which is not in the corpus"
            continue
        if evidence.span.end > len(document.text):
            yield f"{sample.sample_id}: evidence span ends after the text of '{evidence.doc_id}'"
        if evidence.quote and evidence.span.of(document.text) != evidence.quote:
            yield f"{sample.sample_id}: evidence span of '{evidence.doc_id}' does not match its quote"
        rule = blocking_rule(document, policy_for(sample, pack.source_policy))
        if sample.answerable and rule:
            yield f"{sample.sample_id}: evidence '{evidence.doc_id}' is forbidden by the source policy ({rule})"
        if sample.abstain_kind in ("out_of_policy", "post_cutoff") and not rule:
            yield f"{sample.sample_id}: must be abstained on, but '{evidence.doc_id}' may be cited and answers it"


def _stands_in(target: str, question: str) -> bool:
    return grade_reference(question, [target]) is True

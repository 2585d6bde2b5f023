"""Domain packs: questions, corpus, source policy, launch limits and economics of one domain."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ..retrieval.corpus import Corpus
from ..retrieval.corpus_files import load_corpus
from ..retrieval.index.layout import is_index
from ..retrieval.passages import Span
from ..retrieval.sources import SourcePolicy
from ..scoring.cost_measures import POOLED
from ..scoring.economics import RISK_TIERS, Economics, RetryPolicy
from ..scoring.records import HarmClass
from ..verifiers.authorities import AuthorityIndex
from ..verifiers.authority_file import read_authorities
from ..verifiers.choices import MOST_CHOICES, choice_letters
from .importers.jsonl import json_rows
from .pack_fields import PackError, Reader, read_toml
from .policy_fields import POLICY_FIELDS, read_policy
from .samples import Evidence, Sample

BUNDLED = ("legal", "medical", "general")
BENCHMARK = "bench:"
"""How the name of a published benchmark begins."""
ABSTAIN_KINDS = ("unanswerable", "false_premise", "out_of_policy", "post_cutoff", "fictitious")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_FIELDS = ["name", "title", "version", "license", "notice", "items_for_launch", "confidence_target", "harm_class"]
_SECTIONS = {
    "source_policy": list(POLICY_FIELDS),
    "retrieval": ["k", "index"],
    "limits": ["p_max", "q_min", "must_abstain_recall_min", "usd_per_verified_answer_max"],
    "economics": (
        [
            "review_seconds_per_claim",
            "wage_usd_per_hour",
            "loss_per_escaped_error_usd",
            "loss_by_harm_class_usd",
            "traffic_weight",
            "reviewer_accuracy",
        ]
    ),
    "retry_policy": ["max_retries", "on_exhausted", "on_abstain", "escalate_tiers"],
    "gate": ["accepted_cost_rise", "margin_p", "margin_correct", "margin_abstained", "margin_vcpd"],
}
_PARTS = {"wage_usd_per_hour": ("low", "base", "high"), "loss_by_harm_class_usd": tuple(HarmClass)}
"""Entries that hold several numbers; the others hold one `value`."""
_OPTIONAL = ("gate",)


@dataclass(frozen=True, slots=True)
class DomainPack:
    """One domain, loaded.

    Attributes:
        path: The folder it was read from.
        confidence_target: t: answer only if more than t sure; a wrong answer costs t/(1-t) points.
        k: Passages retrieved for each question.
        limits: Launch limits by name (p_max, q_min, must_abstain_recall_min, usd_per_verified_answer_max).
        gate: Margins of `vcpd gate` by name (margin_p, ...), or the rise of cost that sets them (accepted_cost_rise).
        economics: None where none are declared: no human dollars are counted.
        items_for_launch: Items without an error that would show p <= p_max; 0 where no p_max is declared.
        sources: Where each number of the pack comes from.
        license: Terms of its questions.
        citation: What to cite; only of a published benchmark.
        warnings: What whoever runs it must be told.
        authorities: Decisions that exist, beside those of the corpus; None: those of the corpus alone.
        index: The index (of `vcpd index`) that its corpus was read from and that is searched; None: there is none.
    """

    name: str
    title: str
    version: str
    path: Path
    samples: tuple[Sample, ...]
    corpus: Corpus
    source_policy: SourcePolicy
    retry_policy: RetryPolicy
    economics: Economics | None
    confidence_target: float
    k: int
    notice: str
    items_for_launch: int
    harm_class: str
    limits: Mapping[str, float] = field(default_factory=dict)
    gate: Mapping[str, float] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    license: str = ""
    citation: str = ""
    warnings: tuple[str, ...] = ()
    index: Path | None = None
    authorities: AuthorityIndex | None = None

    @property
    def sha256(self) -> str:
        """Hash of what is asked and how it is graded: every field of every sample. Never of a model or a file."""
        return hashlib.sha256(json.dumps([_asked(s) for s in self.samples], default=str).encode()).hexdigest()


def _asked(sample: Sample) -> dict[str, object]:
    """Every field; a policy of its own only where it has one, so that other packs keep their hash."""
    return {name: v for name, v in asdict(sample).items() if name != "source_policy" or v is not None}


def bundled_path(name: str) -> Path:
    """Folder of a pack that ships with this package."""
    return Path(__file__).with_name("domains") / name


def read_pack(where: str | Path) -> DomainPack:
    """Read a bundled pack by name, or any pack by its folder.

    Raises:
        PackError: No such pack, or a malformed file; the message names file, line and field.
        HubError: The data set that a pack maps cannot be fetched.
    """
    path = bundled_path(str(where)) if str(where) in BUNDLED else Path(where)
    if not (path / "pack.toml").is_file():
        raise PackError(
            f"no pack at '{where}': expected one of {', '.join(BUNDLED)}, a folder with pack.toml (start one with: "
            f"vcpd domain init NAME), or a benchmark as {BENCHMARK}NAME (see: vcpd domain list)"
        )
    settings = read_toml(path / "pack.toml")
    if settings.text("name") == POOLED:
        raise settings.error("name", f"'{POOLED}' is kept for pooled rows; choose another name")
    if "dataset" in settings.data:
        from .dataset_pack import load_dataset

        samples, corpus = load_dataset(settings)
    else:
        corpus = load_corpus(_index_of(path, settings) or path / "corpus.jsonl")
        samples = read_samples(path / "samples.jsonl", settings.text("name"))
    return _pack(path, settings, samples, corpus)


def _check_fields(s: Reader) -> None:
    """Refuse fields that nothing reads: a misspelt rule must not be a rule switched off."""
    s.only(*_FIELDS, *_SECTIONS, "dataset", "authorities")
    for name, fields in _SECTIONS.items():
        if name in s.data or name not in _OPTIONAL:
            s.section(name).only(*fields)
    for name in ("limits", "economics", *(n for n in _OPTIONAL if n in s.data)):
        for entry in s.section(name).data:
            s.section(name).section(entry).only(*_PARTS.get(entry, ("value",)), "source")
    for tier in s.section("retry_policy").texts("escalate_tiers"):
        if tier not in RISK_TIERS:
            raise s.section("retry_policy").error("escalate_tiers", f"'{tier}' is not one of {', '.join(RISK_TIERS)}")
    if not _NAME.fullmatch(s.text("name")):
        raise s.error("name", "use letters, digits, hyphens and underscores")


def _pack(path: Path, s: Reader, samples: tuple[Sample, ...], corpus: Corpus) -> DomainPack:
    _check_fields(s)
    limits, retry, sources = s.section("limits"), s.section("retry_policy"), dict[str, str]()
    gate = s.section("gate") if "gate" in s.data else Reader(s.where, {})
    for section in (limits, s.section("economics"), gate):
        for name in section.data:
            sources[name] = section.section(name).text("source")
    return DomainPack(
        name=s.text("name"),
        title=s.text("title"),
        version=s.text("version"),
        path=path,
        samples=samples,
        corpus=corpus,
        source_policy=read_policy(s.section("source_policy")),
        retry_policy=RetryPolicy(
            retry.whole("max_retries", 0),
            retry.choice("on_exhausted", ("escalate", "abstain")),
            retry.choice("on_abstain", ("escalate", "abstain")),
            retry.texts("escalate_tiers"),
        ),
        economics=_economics(s.section("economics"), limits, sources),
        confidence_target=s.number("confidence_target", 0.0, 0.999),
        k=s.section("retrieval").whole("k", 1),
        notice=s.text("notice"),
        items_for_launch=s.whole("items_for_launch", 1),
        harm_class=s.choice("harm_class", tuple(HarmClass)),
        limits={name: limits.section(name).number("value", 0.0) for name in limits.data},
        gate={name: _margin(gate, name) for name in gate.data},
        sources=sources,
        license=s.text("license"),
        index=_index_of(path, s),
        authorities=read_authorities(path / s.text("authorities")) if "authorities" in s.data else None,
    )


def _margin(gate: Reader, name: str) -> float:
    value = gate.section(name).number("value", 0.0, 1.0)
    if not 0 < value < 1:
        raise gate.section(name).error("value", "lies between 0 and 1, both left out")
    return value


def _index_of(path: Path, s: Reader) -> Path | None:
    """The index that the pack names instead of `corpus.jsonl`, below its folder or elsewhere."""
    section = s.section("retrieval") if "retrieval" in s.data else None
    if section is None or "index" not in section.data:
        return None
    index = path / section.text("index")
    if not is_index(index):
        raise section.error("index", f"{index} holds no finished index: run vcpd index FOLDER --out {index}")
    return index


def _economics(s: Reader, limits: Reader, sources: Mapping[str, str]) -> Economics:
    def value(name: str, low: float = 0.0, high: float = float("inf")) -> float:
        return s.section(name).number("value", low, high)

    wage = s.section("wage_usd_per_hour")
    low, base, high = (wage.number(name, 0.0) for name in ("low", "base", "high"))
    if not low <= base <= high:
        raise wage.error("base", f"needs low <= base <= high, not {low:g}, {base:g}, {high:g}")
    weight = value("traffic_weight")
    if weight <= 0:
        raise s.error("traffic_weight", "must be above 0")
    return Economics(
        review_seconds_per_claim=value("review_seconds_per_claim"),
        wage_low=low,
        wage_base=base,
        wage_high=high,
        loss_per_escaped_error=value("loss_per_escaped_error_usd"),
        traffic_weight=weight,
        reviewer_accuracy=value("reviewer_accuracy", 0.0, 1.0),
        q_min=limits.section("q_min").number("value", 0.0, 1.0) if "q_min" in limits.data else None,
        loss_by_harm=_losses(s),
        sources=sources,
    )


def _losses(s: Reader) -> dict[str, float]:
    """Dollars lost by an escaped error of each harm class; none where the pack does not tell them apart."""
    if "loss_by_harm_class_usd" not in s.data:
        return {}
    of_class = s.section("loss_by_harm_class_usd")
    losses = {harm.value: of_class.number(harm, 0.0) for harm in HarmClass}
    if list(losses.values()) != sorted(losses.values()):
        raise s.error("loss_by_harm_class_usd", "needs minor <= moderate <= severe")
    return losses


def read_samples(path: Path, domain: str) -> tuple[Sample, ...]:
    """Read `samples.jsonl`. Raises PackError naming file, line and field."""
    if not path.is_file():
        raise PackError(f"{path}: no such file; a pack needs its questions there")
    samples: list[Sample] = []
    seen: dict[str, str] = {}
    for where, row in json_rows(path):
        sample = _sample(Reader(where, row), domain)
        if sample.sample_id in seen:
            raise Reader(where, row).error("sample_id", f"'{sample.sample_id}' stands in {seen[sample.sample_id]} too")
        seen[sample.sample_id] = where
        samples.append(sample)
    if not samples:
        raise PackError(f"{path}: holds no sample")
    return tuple(samples)


def _sample(r: Reader, domain: str) -> Sample:
    kind = r.data.get("abstain_kind")
    if kind is not None:
        kind = r.choice("abstain_kind", ABSTAIN_KINDS)
    targets = r.texts("targets")
    if kind is None and not targets:
        raise r.error("targets", "an answerable sample needs an accepted answer")
    if kind is not None and targets:
        raise r.error("targets", "a sample with abstain_kind has no right answer; leave it empty")
    choices = r.texts("choices")
    if choices:
        try:
            targets = choice_letters(targets, choices)
        except ValueError as error:
            raise r.error("targets" if len(choices) <= MOST_CHOICES else "choices", str(error)) from None
    return Sample(
        sample_id=r.text("sample_id"),
        domain=domain,
        cluster_id=r.text("cluster_id"),
        question=r.text("question"),
        targets=targets,
        task=r.text("task", "reading"),
        evidence=tuple(map(_evidence, r.sections("evidence"))),
        risk_tier=r.choice("risk_tier", RISK_TIERS),
        abstain_kind=kind,
        choices=choices,
        wrong=r.texts("wrong"),
        source_policy=read_policy(r.section("source_policy")) if r.data.get("source_policy") else None,
    )


def _evidence(r: Reader) -> Evidence:
    start, end = r.whole("start", 0), r.whole("end", 0)
    if end <= start:
        raise r.error("end", f"[{start}, {end}) is not a span")
    return Evidence(r.text("doc_id"), Span(start, end), r.text("quote", ""))

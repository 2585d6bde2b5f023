"""What was tested and what it was made of, read off a run's samples, sources and manifest."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..reports.review_views import DomainView, Pairs, RunView
from ..scoring.economics import Economics
from ..scoring.estimate import Measurement
from .accounts import prices_in, terms_in, tier_in
from .declared import Declared, declared_in
from .inspect_logs import log_days
from .run_texts import RunTexts
from .saved_runs import SavedRun

_HASHED = (
    "estimates.json",
    "records.parquet",
    "verdicts.parquet",
    "answers.parquet",
    "samples.parquet",
    "sources.parquet",
)
_RULES = {
    "allow": "sources that may be cited",
    "deny": "sources that may not be cited",
    "jurisdictions": "jurisdictions",
    "as_of": "cut-off date",
    "min_authority": "lowest authority level",
}


def domain_view(run: SavedRun, texts: RunTexts, domain: str, rows: Sequence[Measurement]) -> DomainView:
    """The scope of one domain, as its first run has it: runs that are compared asked the same."""
    own = run.identity.get("kind") != "score"
    declared = declared_in(run.manifest, domain)
    samples = [s for (name, _), s in texts.samples.items() if name == domain]
    documents = [d for (name, _, _), d in texts.documents.items() if name == domain]
    dates = sorted(d["date"] for d in documents if d.get("date"))
    economics = terms_in(run.manifest, domain).economics
    return DomainView(
        name=domain,
        title=declared.title if own else "answers recorded elsewhere",
        notice=declared.notice if own else "",
        harm_class=declared.harm_class,
        questions=Counter(str(s["kind"]) for s in samples),
        tiers=Counter(str(s["risk_tier"]) for s in samples),
        clusters=len({s["cluster_id"] for s in samples}),
        documents=len({d["doc_id"] for d in documents}),
        sources=dict(Counter(str(d.get("source") or "(not named)") for d in documents).most_common()),
        jurisdictions=tuple(sorted({str(d["jurisdiction"]) for d in documents if d.get("jurisdiction")})),
        dates=(dates[0], dates[-1]) if dates else None,
        rules=_rules(declared) if own else (),
        economics=_economics(economics) if economics else (),
        limits=tuple((name, value, declared.limit_sources.get(name, "")) for name, value in declared.limits.items()),
        limitations=tuple(_limitations(declared, own, rows)),
    )


def _rules(declared: Declared) -> Pairs:
    rules = [
        (said, ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))
        for name, said in _RULES.items()
        if (value := declared.source_policy.get(name))
    ]
    if declared.confidence_target is not None:
        rules.append(("asked to answer only above a confidence of", f"{declared.confidence_target:.0%}"))
    if declared.k is not None:
        rules.append(("passages retrieved for each question", str(declared.k)))
    return tuple(rules)


def _economics(e: Economics) -> tuple[tuple[str, str, str], ...]:
    said = [
        ("review_seconds_per_claim", "seconds to review a claim", f"{e.review_seconds_per_claim:g}"),
        ("wage_usd_per_hour", "wage, $ an hour (low, base, high)", f"{e.wage_low:g}, {e.wage_base:g}, {e.wage_high:g}"),
        ("loss_per_escaped_error_usd", "loss per escaped error, $", f"{e.loss_per_escaped_error:g}"),
        ("traffic_weight", "traffic weight", f"{e.traffic_weight:g}"),
        ("reviewer_accuracy", "share of reviewed answers that end right", f"{e.reviewer_accuracy:g}"),
    ]
    said += [
        ("loss_by_harm_class_usd", f"loss per escaped error, {harm}, $", f"{usd:g}")
        for harm, usd in e.loss_by_harm.items()
    ]
    return tuple((name, value, e.sources.get(key, "")) for key, name, value in said)


def _limitations(declared: Declared, own: bool, rows: Sequence[Measurement]) -> list[str]:
    """What this evidence cannot show, from what was declared and what stayed undefined."""
    said = [f"The pack says of itself: {declared.notice}."] if own and declared.notice else []
    said += list(declared.warnings)
    clusters = max((r.estimate.n_clusters for r in rows if r.measure == "correct" and r.estimate), default=0)
    if declared.items_for_launch and clusters < declared.items_for_launch:
        said.append(
            f"{clusters} independent questions were asked; showing the tolerance takes {declared.items_for_launch} "
            f"without a single error."
        )
    judges = dict.fromkeys(r.note for r in rows if r.measure == "correct" and r.note.startswith("judged by"))
    said += [f"Right and wrong are {note}: an error of theirs is an error in every number here." for note in judges]
    for name in ("unscored", "invalid", "refused"):
        if any(r.measure == name and r.estimate and r.estimate.value > 0 for r in rows):
            said.append(
                f"Some answers are {name}; they are outside p, and p_best and p_worst bound what they could do."
            )
    undefined = dict.fromkeys(f"{r.measure}: {r.note.removeprefix('undefined: ')}" for r in rows if r.estimate is None)
    return said + [f"Not known: {text}." for text in undefined]


def run_view(run: SavedRun) -> RunView:
    """A run with everything that its numbers depend on."""
    manifest = run.manifest
    return RunView(
        name=run.name,
        run_id=str(manifest.get("run_id", "")),
        kind=str(run.identity.get("kind", "run")),
        days=log_days(run.path / "logs"),
        inputs=_inputs(run),
        prices=tuple(_price(model, price) for model, price in prices_in(manifest).items()),
        warnings=tuple(map(str, manifest.get("warnings") or ())),
        log_command=f"inspect view --log-dir {run.name}/logs" if (run.path / "logs").is_dir() else "",
    )


def _price(model: str, price: Any) -> tuple[str, str, str, str]:
    dollars = (
        f"${price.per_second:g} a second"
        if price.per_second is not None
        else f"${price.input:g} in, ${price.output:g} out per million tokens"
    )
    return model, dollars, price.valid_from.isoformat() if price.valid_from else "not dated", price.source


def _inputs(run: SavedRun) -> Pairs:
    manifest, identity = run.manifest, run.identity
    pairs = list(_flat("", identity)) + list(_flat("version of ", manifest.get("versions") or {}))
    for name in ("git_commit", "served_models", "price_table", "files", "token_note", "limit"):
        if manifest.get(name):
            pairs.append((name.replace("_", " "), _text(manifest[name])))
    pairs.append(("price tier", tier_in(manifest)))
    return (*pairs, *(("SHA-256 of " + n, _sha256(run.path / n)) for n in _HASHED if (run.path / n).exists()))


def _flat(prefix: str, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, Mapping) and name in ("packs", *(values if prefix.startswith("packs") else ())):
            pairs += _flat(f"{prefix}{name} ", value)
        else:
            pairs.append((f"{prefix}{name}", _text(value)))
    return pairs


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return (
        json.dumps(value, ensure_ascii=False)
        if not isinstance(value, list) or any(not isinstance(v, str) for v in value)
        else ", ".join(value)
    )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

"""Finished run folders read back for a comparison, and refused where they do not compare."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any, Protocol

from ..scoring.comparison import Arm
from ..scoring.estimate import from_json
from ..scoring.judge_tables import LabelChoice
from ..scoring.policy import AttemptKey
from ..scoring.prices import Price, PriceTable, default_prices, price_row
from ..scoring.record_files import read_counts, read_records
from ..scoring.records import ClaimCounts, Record
from .accounts import prices_in, terms_in, tier_in
from .local_names import is_deterministic
from .run_folder import FINISHED, RunFolderError


class IncomparableRunsError(ValueError):
    """Runs of different questions, rules or prices; the message says which differ and what to do."""


@dataclass(frozen=True, slots=True)
class SavedRun:
    """A finished run folder. `name`: as the user wrote it."""

    name: str
    path: Path
    manifest: Mapping[str, Any]
    records: tuple[Record, ...]
    counts: Mapping[AttemptKey, ClaimCounts]

    @property
    def domains(self) -> list[str]:
        """Its domains, in the order of its records."""
        return list(dict.fromkeys(r.domain for r in self.records))

    def models(self, domain: str) -> list[str]:
        """Its models in one domain, in the order of its records."""
        return list(dict.fromkeys(r.model for r in self.records if r.domain == domain))

    @property
    def identity(self) -> Mapping[str, Any]:
        """What must agree with another run before the two are compared."""
        return dict(self.manifest["identity"])

    def value(self, model: str, domain: str, measure: str) -> float | None:
        """A number of the run's own `estimates.json`; None where it is undefined or not there."""
        rows = from_json(json.loads((self.path / FINISHED).read_text(encoding="utf-8")))
        found = [r.estimate for r in rows if (r.model, r.domain, r.measure) == (model, domain, measure)]
        return found[0].value if found and found[0] is not None else None


def open_run(path: Path) -> SavedRun:
    """Read a run folder.

    Raises:
        RunFolderError: Not a folder, not a finished run, or damaged; the message says what is missing.
    """
    if not path.is_dir():
        raise RunFolderError(f"{path} is no run folder: there is no such folder")
    missing = [n for n in ("manifest.json", "records.parquet", "verdicts.parquet", FINISHED) if not (path / n).exists()]
    if missing:
        raise RunFolderError(f"{path} is no finished run folder: it holds no {' and no '.join(missing)}")
    try:
        manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
        dict(manifest["identity"])
        records, counts = read_records(path), read_counts(path)
        prices_in(manifest)
        for domain in {r.domain for r in records}:
            terms_in(manifest, domain)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunFolderError(f"{path} cannot be read as a run: {type(error).__name__}: {error}") from error
    if not records:
        raise RunFolderError(f"{path} holds no answers")
    return SavedRun(str(path), path, manifest, tuple(records), counts)


@dataclass(frozen=True, slots=True)
class Difference:
    """What two runs do not share. `kind`: schema, labels, grader, judge, prompt, samples, corpus, source_policy, k,
    economics, retry_policy, or another part of a pack."""

    kind: str
    text: str


def check_comparable(runs: Sequence[SavedRun], domains: Sequence[str]) -> None:
    """Refuse runs that asked different questions, or counted under different rules, in `domains`.

    Raises:
        IncomparableRunsError: The first pair that differs, and in what.
    """
    for one, other in combinations(runs, 2):
        differ = [d for d in differences(one, other, domains) if d.kind not in ("grader", "judge")]
        if differ:
            said = "; ".join(d.text for d in differ)
            raise IncomparableRunsError(
                f"{one.name} and {other.name} cannot be compared: {said}. Run both on the same packs"
            )


class RunOnDisk(Protocol):
    """What is asked of a run before it is compared: its folder, its manifest and its domains."""

    @property
    def path(self) -> Path:
        """The run folder."""

    @property
    def manifest(self) -> Mapping[str, Any]:
        """Its manifest."""

    @property
    def domains(self) -> list[str]:
        """Its domains."""


def differences(one: RunOnDisk, other: RunOnDisk, domains: Sequence[str]) -> list[Difference]:
    """What two runs asked, showed or counted differently in `domains`; empty where they compare."""
    shared = [d for d in domains if d in one.domains and d in other.domains]
    return [*_settings(one, other), *(found for d in shared for found in _domain(one, other, d))]


def _settings(one: RunOnDisk, other: RunOnDisk) -> list[Difference]:
    names = {"schema": "schema version", "prompt": "prompt", "labels": "what may judge (--labels)"}
    a, b = (dict(run.manifest["identity"]) for run in (one, other))
    found = [Difference(key, f"{said} differs") for key, said in names.items() if _unlike(a.get(key), b.get(key))]
    roles = {
        "grader": "evaluator (the grader: model, settings or wording)",
        "judge": "verifier in the loop (the judge)",
    }
    found += [Difference(key, f"{said} differs") for key, said in roles.items() if a.get(key) != b.get(key)]
    if a.get("verifier") != b.get("verifier"):
        found.append(Difference("judge", "verifier in the loop (its name or version) differs"))
    if a.get("grades_of") != b.get("grades_of"):
        found.append(Difference("grader", "evaluator (whose grades counted) differs"))
    return found


def _unlike(a: Any, b: Any) -> bool:
    return a is not None and b is not None and a != b


def _domain(one: RunOnDisk, other: RunOnDisk, domain: str) -> list[Difference]:
    packs = [dict(run.manifest["identity"]).get("packs", {}).get(domain) for run in (one, other)]
    if all(packs):
        parts = {"source_policy": "source policy, confidence target or retry policy"}
        parted = [key for key in packs[0] if packs[0][key] != packs[1].get(key)]
        found = [Difference(key, f"pack '{domain}' differs in {parts.get(key, key)}") for key in parted]
    else:
        found = _questions(one, other, domain)
    ours, theirs = (asdict(terms_in(run.manifest, domain)) for run in (one, other))
    for part in ours:
        unequal = _unequal(ours[part], theirs[part])
        found += [Difference(part, f"{domain}: {part}{name} differs ({a} and {b})") for name, a, b in unequal]
    return found


def _unequal(a: Any, b: Any) -> list[tuple[str, Any, Any]]:
    if a is None or b is None:
        return [] if a == b else [("", "declared" if a else "none", "declared" if b else "none")]
    return [(f" {name}", a[name], b.get(name)) for name in a if name != "sources" and a[name] != b.get(name)]


def _questions(one: RunOnDisk, other: RunOnDisk, domain: str) -> list[Difference]:
    """Runs of recorded answers name no pack: the questions and targets of the samples they share must agree."""
    a, b = (_asked(run.path, domain) for run in (one, other))
    changed = [name for name in a.keys() & b.keys() if a[name] != b[name]]
    said = f"{domain}: sample '{min(changed)}' asks or expects something else" if changed else ""
    return [Difference("samples", said)] if changed else []


def _asked(path: Path, domain: str) -> dict[str, Any]:
    import pyarrow.parquet as pq

    names = ["domain", "sample_id", "question", "targets"]
    table = pq.ParquetFile(path / "samples.parquet").read(columns=names)  # pq.read_table would load pandas
    rows = zip(*(table.column(name).to_pylist() for name in names), strict=True)
    return {sample: (question, targets) for of, sample, question, targets in rows if of == domain}


def label_choice_in(manifest: Mapping[str, Any]) -> LabelChoice | None:
    """How people picked the answers that they labelled; None where labels do not correct an automatic evaluator."""
    if dict(manifest["identity"]).get("labels") != "auto":
        return None
    return LabelChoice(manifest.get("label_choice") or LabelChoice.RANDOM.value)


def common_prices(runs: Sequence[SavedRun], own: PriceTable | None, tier: str | None) -> PriceTable:
    """The one table that prices all runs, so that a changed price is never taken for a changed model.

    `own` where the user names one; else the prices that the runs kept, which must agree; bundled ones for the rest.

    Raises:
        IncomparableRunsError: The runs were priced differently and no table was named.
    """
    tiers = {tier_in(run.manifest): run.name for run in runs}
    if tier is None and len(tiers) > 1:
        said = ", ".join(f"{name} at '{at}'" for at, name in tiers.items())
        raise IncomparableRunsError(f"the runs were priced at different tiers ({said}); name one with --price-tier")
    at = tier if tier is not None else next(iter(tiers))
    if own is not None:
        return replace(own, tier=at)
    kept: dict[str, tuple[str, Price]] = {}
    for run in runs:
        for model, price in prices_in(run.manifest).items():
            before, known = kept.setdefault(model, (run.name, price))
            if _dollars(known) != _dollars(price):
                raise IncomparableRunsError(
                    f"price tables differ: '{model}' costs {_said(known)} in {before}, {_said(price)} in {run.name}. "
                    f"Price all runs with one table: --prices FILE.toml, or --prices bundled"
                )
    return replace(PriceTable({m: price for m, (_, price) in kept.items()}).over(default_prices()), tier=at)


def _dollars(price: Price) -> Any:
    return price_row(replace(price, source="", valid_from=None))


def _said(price: Price) -> str:
    if price.per_second is not None:
        return f"{price.per_second:g} $/s"
    return f"{price.input:g}/{price.output:g} $/Mtok"


def arms_of(runs: Sequence[SavedRun], domain: str) -> list[Arm]:
    """Every model of every run in `domain`; a model that several runs hold is told apart by its run."""
    found = [(run, model) for run in runs for model in run.models(domain)]
    names = [model for _, model in found]
    label = partial(_label, several={n for n in names if names.count(n) > 1})
    return [arm_of(run, model, domain, label(run, model)) for run, model in found]


def _label(run: SavedRun, model: str, several: set[str]) -> str:
    return f"{model} ({run.name})" if model in several else model


def arm_of(run: SavedRun, model: str, domain: str, label: str) -> Arm:
    """One model of a run in one domain; a deterministic one is not retried."""
    terms = terms_in(run.manifest, domain)
    if is_deterministic(model):
        terms = replace(terms, retry_policy=replace(terms.retry_policy, max_retries=0))
    mine = tuple(r for r in run.records if r.model == model and r.domain == domain)
    counts = {key: value for key, value in run.counts.items() if key[:2] == (model, domain)}
    return Arm(label, mine, counts, terms, str(run.manifest.get("token_note") or ""))

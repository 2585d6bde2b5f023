"""The answers of a run as reviewers see them, read from the run folder."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from ...reports.desk_views import ClaimView, ItemView, SourceView
from ...retrieval.passages import Span
from ...scoring.policy import AttemptKey
from ...verifiers.claims import split_claims
from ...verifiers.protocol import strip_protocol
from ..rows import KEY
from .nearest import nearest_stretches
from .plan import Planned

SHOWS = ("model", "target", "verdict")
"""What reviewers are blind to unless it is asked for."""

MOST_CLAIMS = 200  # of one answer that can be labelled one by one
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RunTexts:
    """The texts of a run, by what names them.

    Attributes:
        sources: Documents by (domain, sample_id or "" where the domain shares them), then by doc_id.
    """

    samples: Mapping[tuple[str, str], Row]
    answers: Mapping[AttemptKey, Row]
    verdicts: Mapping[AttemptKey, Sequence[Row]]
    sources: Mapping[tuple[str, str], Mapping[str, Row]]
    shows: frozenset[str] = field(default_factory=frozenset)

    def view(self, planned: Planned) -> ItemView:
        """The answer as a reviewer sees it."""
        return _view(self, planned)


def read_texts(run: Path, keys: Collection[AttemptKey], shows: Collection[str] = ()) -> RunTexts:
    """Read what reviewers need to see of the attempts `keys`."""
    wanted = set(keys)
    verdicts: dict[AttemptKey, list[Row]] = {}
    for row in _rows(run, "verdicts"):
        if _key(row) in wanted:
            verdicts.setdefault(_key(row), []).append(row)
    sources: dict[tuple[str, str], dict[str, Row]] = {}
    for row in _rows(run, "sources"):
        sources.setdefault((row["domain"], row.get("sample_id") or ""), {})[row["doc_id"]] = row
    return RunTexts(
        {(row["domain"], row["sample_id"]): row for row in _rows(run, "samples")},
        {_key(row): row for row in _rows(run, "answers") if _key(row) in wanted},
        verdicts,
        sources,
        frozenset(shows),
    )


def _rows(run: Path, name: str) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    found: list[dict[str, Any]] = pq.read_table(run / f"{name}.parquet").to_pylist()
    return found


def _key(row: Row) -> AttemptKey:
    model, domain, sample_id, epoch, attempt = (row[name] for name in KEY)
    return model, domain, sample_id, epoch, attempt


def _view(texts: RunTexts, planned: Planned) -> ItemView:
    sample, row = texts.samples[planned.domain, planned.sample_id], texts.answers[planned.key]
    protocol = strip_protocol(row["text"])  # the stated confidence would tell reviewers what to think
    body, shift = protocol.body, protocol.body_span.start
    numbers, sources = _sources(texts, planned, row)
    found = _claims(texts, planned, row["text"], numbers, shift, len(body))
    claims = tuple(found[:MOST_CLAIMS])
    places = nearest_stretches(body, claims, sources)
    shows = texts.shows
    verdicts = [v["label"] or "failed" for v in texts.verdicts.get(planned.key, ())] if "verdict" in shows else []
    return ItemView(
        item=planned.item,
        domain=planned.domain,
        question=sample["question"],
        answer=body,
        claims=tuple(
            replace(claim, nearest=place, verdict=verdicts[n] if n < len(verdicts) else None)
            for n, (claim, place) in enumerate(zip(claims, places, strict=True))
        ),
        sources=sources,
        choices=tuple(sample["choices"] or ()),
        targets=tuple(sample["targets"] or ()) if "target" in shows else (),
        model=planned.model if "model" in shows else None,
        policy=", ".join(row["reasons"] or ()) if "verdict" in shows else None,
        more_claims=len(found) - len(claims),
    )


def _sources(texts: RunTexts, planned: Planned, row: Row) -> tuple[dict[str, int], tuple[SourceView, ...]]:
    """Sources in the order of their markers, and the number of each document's first one."""
    own = texts.sources.get((planned.domain, planned.sample_id))
    documents = own if own is not None else texts.sources.get((planned.domain, ""), {})
    hits = [(h["doc_id"], Span(h["start"], h["end"])) for h in row["hits"] or () if h["doc_id"] in documents]
    if not hits and own is not None:
        hits = [(doc_id, Span(0, len(d["text"]))) for doc_id, d in own.items()]
    numbers: dict[str, int] = {}
    views = []
    for n, (doc_id, span) in enumerate(hits):
        document = documents[doc_id]
        numbers.setdefault(doc_id, n)
        title = document["title"] or doc_id
        about = [document[name] for name in ("source", "date", "jurisdiction", "url") if document[name]]
        views.append(SourceView(f"[{n + 1}] {title}", ", ".join(map(str, about)), span.of(document["text"])))
    return numbers, tuple(views)


def _claims(
    texts: RunTexts, planned: Planned, text: str, numbers: Mapping[str, int], shift: int, length: int
) -> list[ClaimView]:
    """Statements as the verifier took them, else as the answer is split without one."""
    rows = texts.verdicts.get(planned.key)
    if rows is None:
        places = [(c.span.start, c.span.end, tuple(x.doc_id for x in c.citations)) for c in _split(text, numbers)]
    else:
        ordered = sorted(rows, key=lambda r: int(r["claim"]))
        places = [(r["start"], r["end"], tuple(r["cited_doc_ids"] or ())) for r in ordered]
    return [
        ClaimView(
            max(0, start - shift),
            min(length, max(0, end - shift)),
            tuple(dict.fromkeys(numbers[d] for d in cited if d in numbers)),
        )
        for start, end, cited in places
    ]


def _split(text: str, numbers: Mapping[str, int]) -> Sequence[Any]:
    return _split_once(text, tuple(numbers))


@lru_cache(maxsize=64)
def _split_once(text: str, doc_ids: tuple[str, ...]) -> Sequence[Any]:
    return split_claims(text, doc_ids)

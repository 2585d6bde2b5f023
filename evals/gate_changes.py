"""Which answers became wrong, with their claims and sources: read only of the samples that are shown."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..reports.gate_view import ClaimView, Flips, NewlyWrong
from ..scoring.paired_shares import Pair
from ..scoring.records import Outcome

SHOWN = 20
Row = Mapping[str, Any]


def flips(pairs: Sequence[Pair]) -> dict[str, Flips]:
    """Samples that became wrong or stopped being wrong, by domain."""
    found: dict[str, Flips] = {}
    for pair in pairs:
        was, now = (side.ended(Outcome.INCORRECT) for side in (pair.old, pair.new))
        before = found.get(pair.domain, Flips(0, 0))
        found[pair.domain] = Flips(before.worse + int((now & ~was).sum()), before.better + int((was & ~now).sum()))
    return found


def newly_wrong(pairs: Sequence[tuple[Pair, str]], old: Path, new: Path, shown: int = SHOWN) -> tuple[NewlyWrong, ...]:
    """The first samples that became wrong, from every domain in turn.

    Args:
        pairs: Each with the baseline's model.
    """
    picked = list(_in_turn([_worse(pair, model) for pair, model in pairs]))[:shown]
    wanted = {(p.domain, sample) for p, _, sample, _ in picked}
    if not wanted:
        return ()
    samples = {(r["domain"], r["sample_id"]): r for r in _rows(new / "samples.parquet", wanted)}
    titles = _titles(new / "sources.parquet", wanted)
    texts = [_texts(path, wanted) for path in (old, new)]
    claims = _claims(new / "verdicts.parquet", wanted)
    found = []
    for pair, model, sample, i in picked:
        asked = samples.get((pair.domain, sample), {})
        key = (pair.domain, sample, int(pair.new.epochs[i]))
        text = texts[1].get((pair.model, *key), "")
        found.append(
            NewlyWrong(
                pair.domain,
                pair.model,
                sample,
                str(asked.get("question", "")),
                "; ".join(asked.get("targets") or ()) or "no answer (the sources hold none)",
                str(pair.old.outcome[i]),
                texts[0].get((model, *key), ""),
                text,
                tuple(_claim(r, text, titles) for r in claims.get((pair.model, *key), ())),
            )
        )
    return tuple(found)


Picked = tuple[Pair, str, str, int]


def _worse(pair: Pair, model: str) -> list[Picked]:
    was, now = (side.ended(Outcome.INCORRECT) for side in (pair.old, pair.new))
    return [(pair, model, str(pair.new.samples[i]), int(i)) for i in np.flatnonzero(now & ~was)]


def _in_turn(lists: list[list[Picked]]) -> Iterator[Picked]:
    for i in range(max(map(len, lists), default=0)):
        yield from (picked[i] for picked in lists if i < len(picked))


def _rows(path: Path, wanted: set[tuple[str, str]], names: list[str] | None = None) -> list[Row]:
    """Rows of the wanted samples; the others never become Python objects, and pandas is not loaded for a filter."""
    import pyarrow.parquet as pq

    if not path.exists():
        return []
    file = pq.ParquetFile(path)
    if "sample_id" not in file.schema_arrow.names:
        return []
    table = file.read(columns=names)
    keys = zip(table.column("domain").to_pylist(), table.column("sample_id").to_pylist(), strict=True)
    found = [i for i, key in enumerate(keys) if key in wanted]
    return [row for i in found for row in table.slice(i, 1).to_pylist()]


def _texts(run: Path, wanted: set[tuple[str, str]]) -> dict[tuple[str, str, str, int], str]:
    names = ["model", "domain", "sample_id", "epoch", "attempt", "text"]
    rows = _rows(run / "answers.parquet", wanted, names)
    return {(r["model"], r["domain"], r["sample_id"], r["epoch"]): r["text"] for r in rows if r["attempt"] == 1}


def _claims(path: Path, wanted: set[tuple[str, str]]) -> dict[tuple[str, str, str, int], list[Row]]:
    found: dict[tuple[str, str, str, int], list[Row]] = {}
    names = ["model", "domain", "sample_id", "epoch", "attempt", "claim", "start", "end", "label", "cited_doc_ids"]
    for r in _rows(path, wanted, [*names, "evidence_doc_id"]):
        if r["attempt"] == 1:
            found.setdefault((r["model"], r["domain"], r["sample_id"], r["epoch"]), []).append(r)
    return {key: sorted(rows, key=lambda r: int(r["claim"])) for key, rows in found.items()}


def _titles(path: Path, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Titles of documents by domain and id: of the samples' own where sources belong to samples."""
    import pyarrow.parquet as pq

    if not path.exists():
        return {}
    file = pq.ParquetFile(path)
    names = [n for n in ("domain", "doc_id", "title") if n in file.schema_arrow.names]
    if len(names) < 3:
        return {}
    own = "sample_id" in file.schema_arrow.names
    rows = _rows(path, wanted, [*names, "sample_id"]) if own else file.read(columns=names).to_pylist()
    return {(r["domain"], r["doc_id"]): r["title"] or r["doc_id"] for r in rows}


def _claim(row: Row, text: str, titles: Mapping[tuple[str, str], str]) -> ClaimView:
    cited = [d for d in row["cited_doc_ids"] or () if d] or [d for d in (row["evidence_doc_id"],) if d]
    sources = tuple(dict.fromkeys(titles.get((row["domain"], d), d) for d in cited))
    return ClaimView(text[row["start"] : row["end"]], row["label"] or "", sources)

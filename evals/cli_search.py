"""`vcpd search`."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..retrieval.index.store import IndexStore
    from ..retrieval.search import BlockedHit, Hit, Retriever, SearchResult
    from ..retrieval.sources import SourcePolicy

_SHOWN = 300


@click.command()
@click.argument("index", type=click.Path(path_type=Path))
@click.argument("query")
@click.option("-k", type=click.IntRange(1), default=5, show_default=True, help="Passages to find.")
@click.option(
    "--retrieval", type=click.Choice(["lexical", "dense", "hybrid"]), default="lexical", show_default=True, help="How."
)
@click.option("--encoder", metavar="NAME|FOLDER", default="", help="The encoder that the index was made with.")
@click.option("--rerank", metavar="NAME|FOLDER", default="", help="Cross-encoder that orders the best passages again.")
@click.option("--source-policy", metavar="PACK", help="Search under the source policy of this pack.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Only sources in force on this day.")
@click.option("--jurisdiction", "jurisdictions", multiple=True, help="Only this and what lies below it; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="Print hits and blocked passages as JSON.")
def search(index: Path, query: str, k: int, as_json: bool, **options: Any) -> None:
    """Find the passages of INDEX (made by vcpd index) that answer QUERY best, with their places.

    Passages that the source policy forbids are never shown; each that would have been found is named with its rule.
    """
    from ..retrieval.audit import audit
    from ..retrieval.index.store import IndexStore

    store, policy = IndexStore(index), _policy(options)
    found = _retriever(store, options).search(query, k, policy)
    result = audit(found, store, policy, k=k)
    if as_json:
        click.echo(json.dumps(_data(result, store)))
        return
    for number, hit in enumerate(result.hits, 1):
        place = ", ".join(part for part in (_place(store, hit), f"{hit.passage.span.start}") if part)
        click.echo(f"{number}. {_line(hit.passage.doc_id)} ({place})  {hit.score:.4g}")
        click.echo(f"   {_line(hit.passage.text)}")
    for blocked in result.blocked:
        click.echo(f"blocked by {blocked.rule}: {_line(blocked.passage.doc_id)}", err=True)
    if not result.hits:
        why = "the source policy forbids each that was found" if result.blocked else "none holds a word of the query"
        click.echo(f"no passage to show: {why}", err=True)


def _policy(options: dict[str, Any]) -> "SourcePolicy":
    from ..retrieval.sources import SourcePolicy

    policy = SourcePolicy()
    if options["source_policy"]:
        from .pack_by_name import load_pack

        policy = load_pack(options["source_policy"]).source_policy
    day: datetime | None = options["as_of"]
    if day is None and not options["jurisdictions"]:
        return policy
    own = SourcePolicy(jurisdictions=tuple(options["jurisdictions"]), as_of=day.date() if day else None)
    return replace(own, parents=policy.parents, within=policy)


def _retriever(store: "IndexStore", options: dict[str, Any]) -> "Retriever":
    from ..retrieval.fusion import HybridRetriever

    mode = options["retrieval"]
    found: list[Retriever] = []
    if mode in ("lexical", "hybrid"):
        found.append(store.lexical())
    if mode in ("dense", "hybrid"):
        from ..retrieval.encoders import encoder_named

        found.append(store.dense(encoder_named(options["encoder"])))
    first = found[0] if len(found) == 1 else HybridRetriever(found)
    if not options["rerank"]:
        return first
    from ..retrieval.encoders import CrossEncoderReranker
    from ..retrieval.reranking import RerankingRetriever

    return RerankingRetriever(first, CrossEncoderReranker(options["rerank"]))


def _data(result: "SearchResult", store: "IndexStore") -> dict[str, Any]:
    return {
        "hits": [{**_passage(hit, store), "text": hit.passage.text} for hit in result.hits],
        "blocked": [{**_passage(hit, store), "rule": hit.rule} for hit in result.blocked],
        "seconds": result.usage.seconds,
    }


def _passage(hit: "Hit | BlockedHit", store: "IndexStore") -> dict[str, Any]:
    span = hit.passage.span
    place = {"doc_id": hit.passage.doc_id, "start": span.start, "end": span.end, "score": hit.score}
    return {**place, "place": _place(store, hit)}


def _place(store: "IndexStore", hit: "Hit | BlockedHit") -> str:
    return store.place(hit.passage.doc_id, hit.passage.span.start)


def _line(text: str) -> str:
    """A text of the index on one line, shortened, without signs that a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))[:_SHOWN]

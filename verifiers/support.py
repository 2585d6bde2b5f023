"""Whether the sources support a claim: those that it cites first, all allowed ones only where those do not."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..retrieval.passages import Passage
from ..scoring.usage import Usage
from .shelf import Shelf
from .verdict import Claim, Failure, Label, Verdict, Verifier

Result = Verdict | Failure
Pair = tuple[Claim, Sequence[Passage]]


@dataclass(frozen=True, slots=True)
class Support:
    """What the verifier says of one claim.

    Attributes:
        cited: Ids of the cited documents that support it, alone or, where none does alone, together.
        elsewhere: Ids of documents that support it although it does not cite them.
        usage: Of every look at it.
        unread: Not supported, and it could stand in a source whose text is not at hand; `verdict` is then a Failure.
    """

    verdict: Result
    cited: frozenset[str] = frozenset()
    elsewhere: frozenset[str] = frozenset()
    usage: tuple[Usage, ...] = ()
    unread: bool = False


@dataclass(frozen=True, slots=True)
class _Cited:
    """Ids of the documents that a claim cites, and of those among them that bear it out."""

    ids: tuple[str, ...]
    borne: frozenset[str]


def judge_support(
    claims: Sequence[Claim], shelf: Shelf, verifier: Verifier, written: Sequence[Sequence[str]] = ()
) -> list[Support]:
    """One judgement per claim, in at most three calls of the verifier: cited documents one by one, together, all.

    Args:
        claims: The claims of one answer.
        shelf: Its sources.
        verifier: Judges support.
        written: Per claim the documents that it cites by writing them out; what counts where it has no marker.

    Raises:
        ValueError: The verifier did not return one result per pair.
    """
    cited = [shelf.cited(claim) for claim in claims]
    if written:
        cited = [ids or list(dict.fromkeys(more)) for ids, more in zip(cited, written, strict=True)]
    singles = _verify(verifier, [[(claim, shelf.of(i)) for i in ids] for claim, ids in zip(claims, cited, strict=True)])
    alone = [
        frozenset(i for i, r in zip(ids, of, strict=True) if _supports(r))
        for ids, of in zip(cited, singles, strict=True)
    ]
    joint = _verify(verifier, [_together(c, ids, a, shelf) for c, ids, a in zip(claims, cited, alone, strict=True)])
    borne = [
        a or frozenset(ids if any(map(_supports, of)) else ()) for ids, a, of in zip(cited, alone, joint, strict=True)
    ]
    overall = _verify(verifier, [_at_all(c, b, shelf) for c, b in zip(claims, borne, strict=True)])
    return [
        _support(claim, shelf, verifier, _Cited(tuple(ids), b), [*one, *both, *every])
        for claim, ids, b, one, both, every in zip(claims, cited, borne, singles, joint, overall, strict=True)
    ]


def _together(claim: Claim, ids: Sequence[str], alone: frozenset[str], shelf: Shelf) -> list[Pair]:
    return [(claim, [p for i in ids for p in shelf.of(i)])] if len(ids) > 1 and not alone else []


def _at_all(claim: Claim, borne: frozenset[str], shelf: Shelf) -> list[Pair]:
    passages = [] if borne else shelf.all_for(claim)
    return [(claim, passages)] if passages else []


def _support(claim: Claim, shelf: Shelf, verifier: Verifier, cited: _Cited, results: Sequence[Result]) -> Support:
    borne = cited.borne
    usage = tuple(u for r in results for u in (*r.earlier, r.usage))
    supporting = next((r for r in results if isinstance(r, Verdict) and _supports(r)), None)
    if supporting is not None:
        found = {p.doc_id for p in supporting.evidence} or {p.doc_id for p in shelf.all_for(claim)}
        return Support(supporting, borne, frozenset() if borne else frozenset(found.difference(cited.ids)), usage)
    refuting = next((r for r in results if isinstance(r, Verdict) and r.label is Label.REFUTED), None)
    failed = next((r for r in results if isinstance(r, Failure)), None)
    if refuting is None and failed is None and shelf.is_unread(claim):
        unread = Failure(claim, "a source that may bear it out has no text at hand", verifier.name, _nothing(verifier))
        return Support(unread, usage=usage, unread=True)
    return Support(refuting or failed or (results[-1] if results else _without_sources(claim, verifier)), usage=usage)


def _without_sources(claim: Claim, verifier: Verifier) -> Verdict:
    return Verdict(
        claim, Label.NOT_ENOUGH_INFO, (), 0.0, (claim.span,), verifier.name, verifier.version, _nothing(verifier),
        "there is no source that may be cited",
    )  # fmt: skip


def _nothing(verifier: Verifier) -> Usage:
    return Usage(f"verify:{verifier.name}")


def _supports(result: Result) -> bool:
    return isinstance(result, Verdict) and result.label is Label.SUPPORTED


def _verify(verifier: Verifier, pairs: Sequence[Sequence[Pair]]) -> list[list[Result]]:
    """All pairs in one call; the results grouped as the pairs were."""
    flat = [pair for group in pairs for pair in group]
    results = verifier.verify(flat) if flat else []
    if len(results) != len(flat):
        raise ValueError(f"verifier {verifier.name!r} returned {len(results)} results for {len(flat)} pairs")
    rest = iter(results)
    return [[next(rest) for _ in group] for group in pairs]

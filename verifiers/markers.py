"""Citation markers in an answer: `[1]`, `[1, 2]`, `[1-3]`, `[^1]`, `[Source 2]`, `(Passage 2)`, `[doc-id]`."""

import re
from collections.abc import Collection, Iterator, Sequence

from ..retrieval.passages import Span
from .verdict import Citation

_NAMED = r"(?:(?:source|passage|document|doc|ref|reference|citation|excerpt)s?\.?:?[ \t]{0,2}#?)"
_LIST = rf"\^?\d{{1,3}}(?:[ \t]{{0,2}}(?:[,;&\u2013\u2014-]|\band\b)[ \t]{{0,2}}(?:{_NAMED})?\^?\d{{1,3}}){{0,50}}"
_LINK = r"(?:\((?:https?://|#)[^()\s]{0,300}\))?"
MARKER = re.compile(
    rf"\[(?:ref:? )?{_NAMED}?{_LIST}\]{_LINK}|\u3010{_NAMED}?{_LIST}(?:[\u2020:][^\u3010\u3011\n]{{0,80}})?\u3011"
    rf"|\((?:(?:see|ref|cf)\.?:?[ \t])?{_NAMED}{_LIST}\)",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"\[([^\[\]\n]{1,200})\](?:\((?:https?://|#)[^()\s]{0,300}\))?")
_NUMBER = re.compile(r"\d{1,3}")
_RANGE = re.compile(r"(\d{1,3})[ \t]{0,2}[\u2013\u2014-][ \t]{0,2}(\d{1,3})")
_MOST = 50  # documents that one range names
_EXPANDED = 10_000  # citations of one answer beyond which a marker counts once, so that "[1-50]" a million times ends


def find_markers(answer: str, doc_ids: Sequence[str] = (), known: Collection[str] = ()) -> list[Citation]:
    """Every citation marker of `answer`, in order, resolved.

    `[n]` is the n-th of `doc_ids`, and `[id]` is `id` where that is one of them or of the further `known` ids; another
    number resolves to None, and any other bracket is no marker. Full-width brackets count too. A
    marker that names several sources gives one citation for each, all with the span of the whole marker, so that
    `citation.span.of(answer) == citation.marker`, always. A year in brackets (`[1932] AC 562`) is no marker.
    """
    known = {*doc_ids, *known}
    found = [(Span(*m.span()), m.group()) for m in MARKER.finditer(answer) if not _is_link_text(answer, m)]
    if known:
        taken = {span.start for span, _ in found}
        named = (m for m in _BRACKETED.finditer(answer) if m.start() not in taken)
        found += [(Span(*m.span()), m.group()) for m in named if _names(m.group(1), known)]
        found.sort()
    return list(_citations(found, doc_ids, known))


def _citations(found: list[tuple[Span, str]], doc_ids: Sequence[str], known: set[str]) -> Iterator[Citation]:
    resolved: dict[str, list[str | None]] = {}
    count = 0
    for span, text in found:
        if text not in resolved:
            resolved[text] = _resolve(text, doc_ids, known)
        targets = resolved[text] if count < _EXPANDED else resolved[text][-1:]
        count += len(targets)
        yield from (Citation(text, span, doc_id) for doc_id in targets)


def _is_link_text(answer: str, marker: re.Match[str]) -> bool:
    """`[1]: https://...`, the definition of a reference at the beginning of a line, cites nothing."""
    at_line_start = not answer[max(0, marker.start() - 200) : marker.start()].rpartition("\n")[2].strip()
    return at_line_start and answer[marker.end() : marker.end() + 1] == ":"


def _names(inside: str, known: set[str]) -> list[str]:
    whole = inside.strip()
    if whole in known:
        return [whole]
    parts = [part.strip() for part in re.split(r"[,;]", inside)]
    return [part for part in parts if part in known] if any(part in known for part in parts) else []


def _resolve(text: str, doc_ids: Sequence[str], known: set[str]) -> list[str | None]:
    inside = text[1:].rpartition("]")[0] if text.startswith("[") else text[1:-1]
    inside = inside.partition("](")[0].partition("\u2020")[0]
    if _names(inside, known) and not MARKER.fullmatch(text):
        return [_named(part.strip(), doc_ids, known) for part in _split_ids(inside, known)]
    numbers = list(dict.fromkeys(_numbers(inside, len(doc_ids))))
    return [_by_number(number, doc_ids, known) for number in numbers]


def _named(part: str, doc_ids: Sequence[str], known: set[str]) -> str | None:
    """The document of one part of "[2, doc-id]"."""
    if part in known:
        return part
    return _by_number(int(part), doc_ids, known) if _NUMBER.fullmatch(part) else None


def _split_ids(inside: str, known: set[str]) -> list[str]:
    return [inside] if inside.strip() in known else re.split(r"[,;]", inside)


def _numbers(inside: str, n_documents: int) -> Iterator[int]:
    """The numbers that a marker names; of a range that leaves the documents behind, only the first one beyond."""
    at = 0
    for found in _RANGE.finditer(inside):
        yield from (int(n) for n in _NUMBER.findall(inside[at : found.start()]))
        low, high = int(found[1]), int(found[2])
        if low > high:
            low, high = high, low
        yield from range(low, min(high, n_documents + 1, low + _MOST) + 1) if low <= n_documents else (low,)
        at = found.end()
    yield from (int(n) for n in _NUMBER.findall(inside[at:]))


def _by_number(number: int, doc_ids: Sequence[str], known: set[str]) -> str | None:
    if 1 <= number <= len(doc_ids):
        return doc_ids[number - 1]
    return str(number) if str(number) in known else None

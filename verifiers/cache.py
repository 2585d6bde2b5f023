"""Verdicts kept by what they rest on, so that the same claim against the same evidence is judged once."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from ..retrieval.passages import Passage, Span
from ..scoring.usage import Usage
from .cache_entries import read_entry, write_entry
from .verdict import Claim, Failure, Verdict, Verifier

Result = Verdict | Failure
_MOST = 100_000  # verdicts in memory


class CachedVerifier:
    """A verifier with a memory: only claims that it has not seen reach `verifier`, all of them in one call.

    A verdict is found again by a hash of the claim's text, of the places of its citation markers in it, of its evidence
    (document ids, spans, texts, in order), and of the verifier's name, version and settings. Its spans move with the
    claim. What a hit used is 0, its stage and model kept; so is that of a repeat within a call. Failures are not kept.
    """

    def __init__(
        self, verifier: Verifier, *, folder: Path | None = None, settings: str | None = None, most: int = _MOST
    ) -> None:
        """Wrap `verifier`.

        Args:
            folder: Where verdicts outlive the process, one file each; None: memory only. It may be shared by processes
                and deleted at any time; damaged files are ignored and written anew.
            settings: Everything beside name and version that decides a verdict: thresholds, weights, prompt; None:
                `verifier.settings` where there is such a thing.
            most: Verdicts in memory; the least recently used go first.
        """
        self.verifier = verifier
        self.folder = folder
        self.settings = str(getattr(verifier, "settings", "")) if settings is None else settings
        self._most = most
        self._memory: OrderedDict[str, Verdict] = OrderedDict()

    @property
    def name(self) -> str:
        """That of the verifier within."""
        return self.verifier.name

    @property
    def version(self) -> str:
        """That of the verifier within."""
        return self.verifier.version

    def verify(self, pairs: Sequence[tuple[Claim, Sequence[Passage]]]) -> list[Result]:
        """One result per pair, in order; evidence and spans as the verifier within would give them.

        Raises:
            ValueError: The verifier within did not return one result per pair.
        """
        keys = [self._key(claim, passages) for claim, passages in pairs]
        found: dict[str, Result] = {}
        misses: dict[str, int] = {}
        for i, key in enumerate(keys):
            if key not in found and key not in misses:
                known = self._recall(key)
                if known is None:
                    misses[key] = i
                else:
                    found[key] = known
        fresh = self.verifier.verify([pairs[i] for i in misses.values()]) if misses else []
        if len(fresh) != len(misses):
            raise ValueError(f"verifier {self.name!r} returned {len(fresh)} results for {len(misses)} pairs")
        for key, result in zip(misses, fresh, strict=True):
            found[key] = result
            if isinstance(result, Verdict):
                self._keep(key, result)
        return [
            found[key] if misses.get(key) == i else _moved(found[key], claim)
            for i, (key, (claim, _)) in enumerate(zip(keys, pairs, strict=True))
        ]

    def _key(self, claim: Claim, passages: Sequence[Passage]) -> str:
        start = claim.span.start
        parts = [self.name, self.version, self.settings, claim.text, str(claim.span.end - start)]
        for c in claim.citations:
            parts += [c.marker, str(c.span.start - start), str(c.span.end - start), repr(c.doc_id)]
        parts.append(str(len(passages)))
        for p in passages:
            parts += [p.doc_id, str(p.span.start), str(p.span.end), p.text]
        digest = sha256()
        for part in parts:
            raw = part.encode(errors="surrogatepass")
            digest.update(b"%d:" % len(raw) + raw)
        return digest.hexdigest()

    def _recall(self, key: str) -> Verdict | None:
        verdict = self._memory.get(key)
        if verdict is None and self.folder is not None:
            verdict = read_entry(self.folder, key)
            if verdict is not None:
                self._remember(key, verdict)
        if verdict is not None:
            self._memory.move_to_end(key)
        return verdict

    def _keep(self, key: str, verdict: Verdict) -> None:
        self._remember(key, verdict)
        if self.folder is not None:
            write_entry(self.folder, key, verdict)

    def _remember(self, key: str, verdict: Verdict) -> None:
        self._memory[key] = verdict
        while len(self._memory) > max(1, self._most):
            self._memory.popitem(last=False)


def _moved(result: Result, claim: Claim) -> Result:
    """The same result for a claim of the same words at another place, at no further use."""
    usage = Usage(result.usage.stage, result.usage.model)
    if isinstance(result, Failure):
        return replace(result, claim=claim, usage=usage, earlier=())
    by = claim.span.start - result.claim.span.start
    spans = tuple(Span(max(0, s.start + by), max(0, s.end + by)) for s in result.unsupported)
    return replace(result, claim=claim, unsupported=spans, usage=usage, earlier=())

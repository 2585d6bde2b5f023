"""Claims per second of both tiers against five passages of 150 words, and peak memory.

Not a test: the figures depend on the machine. Run: python tests/benchmarks/verifier_speed.py [CLAIMS]
Cold: every claim has five passages of its own that nobody has seen. Cached: other claims against passages whose
sentences have been encoded before.
"""

import json
import random
import resource
import sys
import time
from importlib.resources import files

from vcpd.retrieval.passages import Passage, Span
from vcpd.retrieval.sentences import split_sentences
from vcpd.verifiers.embedded import EmbeddedVerifier
from vcpd.verifiers.lexical import LexicalVerifier
from vcpd.verifiers.minilm import EncoderMissingError
from vcpd.verifiers.verdict import Claim, Verifier

WORDS, PASSAGES = 150, 5
Pairs = list[tuple[Claim, list[Passage]]]


def sentences() -> list[str]:
    found = []
    for pack in ("legal", "medical", "general"):
        text = files("vcpd.evals.domains").joinpath(pack, "corpus.jsonl").read_text(encoding="utf-8")
        for row in map(json.loads, text.splitlines()):
            found += [span.of(row["text"]) for span in split_sentences(row["text"])]
    return [s for s in found if 5 <= len(s.split()) <= 40]


def passage(rng: random.Random, pool: list[str], name: str) -> Passage:
    """150 words of sentences, each made new by a number, so that no two passages share a sentence."""
    text: list[str] = []
    while sum(len(s.split()) for s in text) < WORDS:
        text.append(f"{rng.choice(pool).rstrip('.')} ({rng.randrange(10**6)}).")
    joined = " ".join(text)
    return Passage(name, Span(0, len(joined)), joined)


def claims(rng: random.Random, pool: list[str], sources: list[list[Passage]]) -> Pairs:
    made: Pairs = []
    for passages in sources:
        words = rng.choice(pool).split()
        words[rng.randrange(len(words))] = f"{rng.randrange(1000)}"
        text = " ".join(words)
        made.append((Claim(text, Span(0, len(text))), passages))
    return made


def rate(verifier: Verifier, pairs: Pairs) -> float:
    began = time.perf_counter()
    verifier.verify(pairs)
    return len(pairs) / (time.perf_counter() - began)


def report(name: str, per_second: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:24} {per_second:8,.1f} claims/s   peak memory so far {peak:,.0f} MiB", flush=True)


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    rng, pool = random.Random(1), sentences()
    sources = [[passage(rng, pool, f"{i}-{j}") for j in range(PASSAGES)] for i in range(n)]
    LexicalVerifier().verify(claims(rng, pool, sources))
    report("lexical, prepared", max(rate(LexicalVerifier(), claims(rng, pool, sources * 5)) for _ in range(3)))
    try:
        embedded = EmbeddedVerifier()
    except EncoderMissingError as error:
        print(f"embedded: {error}")
        return
    embedded.verify(claims(rng, pool, [[passage(rng, pool, "warm")]]))
    report("embedded, cold", rate(embedded, claims(rng, pool, sources)))
    few = sources[: n // 4]
    for _ in range(8):
        embedded.verify(claims(rng, pool, few))
    report("embedded, cached", max(rate(embedded, claims(rng, pool, few * 12)) for _ in range(3)))


if __name__ == "__main__":
    main()

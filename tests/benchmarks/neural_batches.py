"""Pairs a second of a tiny cross-encoder in batches of 1 and of 32, through the whole verifier.

    python tests/benchmarks/neural_batches.py [--claims 600] [--rounds 3] [--device cpu]

Needs the extra `neural`. The model has random weights; on a larger one the ratio depends on the machine. Exit status 1
where batches of 32 are less than three times as fast, or give other numbers.
"""

import argparse
import runpy
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from vcpd.retrieval.passages import Document, Passage, Span
from vcpd.verifiers.verdict import Claim, Verdict, Verifier

LEAST = 3.0
SAME = 1e-5
LABELS = ("entailment", "neutral", "contradiction")
tiny = runpy.run_path(str(Path(__file__).parents[1] / "verifiers" / "tiny_models.py"))


def pairs(n: int) -> list[tuple[Claim, list[Passage]]]:
    made = []
    for i in range(n):
        source = Document(f"d{i}", "The court is not ok , maybe . " * (1 + i % 4))
        text = "The dose is " + "not " * (i % 5) + "40 mg."
        made.append((Claim(text, Span(0, len(text))), [source.passage(Span(0, len(source.text)))]))
    return made


def best(verifier: Verifier, asked: list[tuple[Claim, list[Passage]]], rounds: int) -> tuple[float, list[float]]:
    """Pairs a second of the fastest round, and the probabilities."""
    fastest, numbers = 0.0, []
    for _ in range(rounds):
        began = perf_counter()
        results = verifier.verify(asked)
        fastest = max(fastest, len(asked) / (perf_counter() - began))
        numbers = [r.probability for r in results if isinstance(r, Verdict)]
    return fastest, numbers


def main() -> int:
    parser = argparse.ArgumentParser(description="Throughput of a cross-encoder by size of its batches.")
    parser.add_argument("--claims", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    from vcpd.verifiers.cross_encoder import CrossEncoderVerifier
    from vcpd.verifiers.pair_verifier import PairSettings
    from vcpd.verifiers.transformer_models import ModelSettings

    asked = pairs(args.claims)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        model = tiny["random_pairs"](Path(folder), LABELS)
        for size in (1, 32):
            settings = PairSettings(batch_size=size, sentences=False)
            verifier = CrossEncoderVerifier(model, pairs=settings, settings=ModelSettings(device=args.device))
            verifier.verify(asked[:32])
            found[size] = best(verifier, asked, args.rounds)
            print(f"batch {size:2d}: {found[size][0]:8.0f} pairs/s")
    ratio = found[32][0] / found[1][0]
    apart = max(abs(a - b) for a, b in zip(found[1][1], found[32][1], strict=True))
    print(f"ratio {ratio:.1f} (at least {LEAST:g}); largest difference of a probability {apart:.1e} (at most {SAME:g})")
    return 0 if ratio >= LEAST and apart <= SAME else 1


if __name__ == "__main__":
    sys.exit(main())

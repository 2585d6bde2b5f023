"""Claims per second of the lexical verifier: sentences of the bundled law and medicine, each against five documents.

Not a test: the figure depends on the machine. Run: python tests/benchmarks/lexical_speed.py
"""

import json
import random
import time
from importlib.resources import files

from vcpd.retrieval.passages import Document, Passage, Span
from vcpd.retrieval.sentences import split_sentences
from vcpd.verifiers.lexical import LexicalVerifier
from vcpd.verifiers.verdict import Claim


def passages() -> list[Passage]:
    found = []
    for pack in ("legal", "medical"):
        text = files("vcpd.evals.domains").joinpath(pack, "corpus.jsonl").read_text(encoding="utf-8")
        for row in map(json.loads, text.splitlines()):
            found.append(Document(row["doc_id"], row["text"]).passage(Span(0, len(row["text"]))))
    return found


def main() -> None:
    rng, every = random.Random(1), passages()
    pairs = []
    for passage in every:
        for sentence in split_sentences(passage.text):
            text = sentence.of(passage.text)
            pairs.append((Claim(text, Span(0, len(text))), [passage, *rng.sample(every, 4)]))
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        LexicalVerifier().verify(pairs)
        best = max(best, len(pairs) / (time.process_time() - began))
    print(f"{len(pairs)} claims, {best:,.0f} claims a second of processor time")


if __name__ == "__main__":
    main()

"""`vcpd verify ANSWER`: one answer against a folder of sources."""

import sys
from dataclasses import dataclass
from pathlib import Path

from ..retrieval.corpus import Corpus
from ..retrieval.corpus_files import load_corpus
from ..retrieval.passages import Passage, Span
from ..retrieval.sources import SourcePolicy
from ..verifiers.authorities import AuthorityIndex
from ..verifiers.cascade import AnswerCheck, check_answer
from ..verifiers.markers import MARKER
from ..verifiers.verdict import Verifier


class AnswerFileError(ValueError):
    """An answer that cannot be read; the message says which and why."""


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """An answer with everything it was checked against.

    Attributes:
        sources: In the order of their marker numbers, `[1]` first.
        listed: Whether a list of decisions that exist was at hand, beside the sources.
    """

    text: str
    sources: Corpus
    check: AnswerCheck
    verifier: str
    version: str
    listed: bool = False


def read_answer_text(path: Path) -> str:
    """The text of the file, or of standard input for `-`; line ends stay as they are, so that offsets hold.

    Raises:
        AnswerFileError: It cannot be read, is not UTF-8, or is blank.
    """
    try:
        raw = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise AnswerFileError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise AnswerFileError(f"{path}: not UTF-8 at byte {error.start}: save the answer as UTF-8 text") from error
    if not text.strip():
        raise AnswerFileError(f"{path}: there is no answer in it")
    return text


def verify_answer(
    text: str, sources: Path, policy: SourcePolicy, verifier: Verifier, authorities: AuthorityIndex | None = None
) -> CheckedAnswer:
    """Check every claim, citation and quotation of `text` against the documents at `sources`.

    Marker `[n]` is the n-th document: of a folder by path, of a corpus.jsonl by line. An answer without any marker is
    not blamed for citing nothing.

    Raises:
        CorpusError: The sources cannot be read.
    """
    corpus = load_corpus(sources)
    documents = {d.doc_id: d for d in corpus}
    passages = [Passage(d.doc_id, Span(0, len(d.text)), d.text) for d in corpus]
    cites = MARKER.search(text) is not None
    check = check_answer(text, passages, documents, policy, verifier, require_citations=cites, authorities=authorities)
    return CheckedAnswer(text, corpus, check, verifier.name, verifier.version, authorities is not None)

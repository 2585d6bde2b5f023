"""How a run retrieves: not at all, by words, by vectors or by both, and whether the best are read again."""

from dataclasses import dataclass

from ..retrieval.search import Retriever
from .packs import DomainPack

MODES = ("off", "lexical", "dense", "hybrid")
DEFAULT_MODE = "lexical"


@dataclass(frozen=True, slots=True)
class RetrievalSpec:
    """How passages are found.

    Attributes:
        mode: One of MODES. "off": questions are asked without sources.
        encoder: Of "dense" and "hybrid": a folder, or a name that sentence-transformers knows; "": the MiniLM at hand.
        reranker: A cross-encoder, by folder or name, that orders the best passages again; "": none does.
    """

    mode: str = DEFAULT_MODE
    encoder: str = ""
    reranker: str = ""

    @property
    def identity(self) -> dict[str, str]:
        """What must not change within a run; empty for the default, so that earlier runs can go on."""
        given = {"mode": self.mode, "encoder": self.encoder, "reranker": self.reranker}
        return {} if self == RetrievalSpec() else {name: value for name, value in given.items() if value}


def open_retriever(pack: DomainPack, spec: RetrievalSpec) -> Retriever | None:
    """The retriever over the corpus of `pack`; None where nothing is searched.

    Raises:
        EncoderMissingError: A model is needed that cannot be loaded.
    """
    if spec.mode == "off" or not pack.corpus.documents:
        return None
    found = _first(pack, spec)
    if not spec.reranker:
        return found
    from ..retrieval.encoders import CrossEncoderReranker
    from ..retrieval.reranking import RerankingRetriever

    return RerankingRetriever(found, CrossEncoderReranker(spec.reranker))


def _first(pack: DomainPack, spec: RetrievalSpec) -> Retriever:
    from ..retrieval.lexical import LexicalRetriever

    if spec.mode == "lexical":
        return LexicalRetriever(pack.corpus)
    from ..retrieval.dense import DenseRetriever
    from ..retrieval.encoders import encoder_named
    from ..retrieval.fusion import HybridRetriever

    dense = DenseRetriever(pack.corpus, encoder_named(spec.encoder))
    return dense if spec.mode == "dense" else HybridRetriever([LexicalRetriever(pack.corpus), dense])

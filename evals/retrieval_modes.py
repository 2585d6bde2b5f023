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
    """The retriever over the corpus of `pack`, or over its index; None where nothing is searched.

    Raises:
        EncoderMissingError: A model is needed that cannot be loaded.
        BrokenIndexError: The pack's index cannot be opened, or holds no vectors of that encoder.
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
    from ..retrieval.fusion import HybridRetriever

    parts = {"lexical": (_lexical,), "dense": (_dense,), "hybrid": (_lexical, _dense)}[spec.mode]
    found = [part(pack, spec) for part in parts]
    return found[0] if len(found) == 1 else HybridRetriever(found)


def _lexical(pack: DomainPack, spec: RetrievalSpec) -> Retriever:
    del spec
    if pack.index is not None:
        from ..retrieval.index.store import IndexStore

        return IndexStore(pack.index).lexical()
    from ..retrieval.lexical import LexicalRetriever

    return LexicalRetriever(pack.corpus)


def _dense(pack: DomainPack, spec: RetrievalSpec) -> Retriever:
    from ..retrieval.encoders import encoder_named

    if pack.index is not None:
        from ..retrieval.index.store import IndexStore

        return IndexStore(pack.index).dense(encoder_named(spec.encoder))
    from ..retrieval.dense import DenseRetriever

    return DenseRetriever(pack.corpus, encoder_named(spec.encoder))

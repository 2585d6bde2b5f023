"""A corpus from `corpus.jsonl`, from a folder of text files, or from an index."""

from pathlib import Path

from .corpus import Corpus
from .document_rows import CorpusError, document_fields, document_of
from .index.layout import is_index
from .index.store import IndexStore
from .passages import Document

_TEXT_FILES = frozenset({".txt", ".md"})


def load_corpus(path: Path) -> Corpus:
    """The corpus at `path`: a `.jsonl` file, a folder that holds `corpus.jsonl`, or text files.

    Of `.jsonl`, one object a line, with `doc_id` and `text` and any field of `OPTIONAL_FIELDS` (days are written
    YYYY-MM-DD); null and missing fields take the defaults of `Document`, unknown fields are ignored. Of a folder
    without `corpus.jsonl`, its `.txt` and `.md` files, subfolders included: the stem of the file's name is the id, line
    ends stay as they are. `sha256` of each document is computed here. Of an index (`vcpd index`), its documents.

    Raises:
        CorpusError: Nothing to read, or something that is not as above; names file, line and field.
        BrokenIndexError: An index that cannot be opened.
    """
    if is_index(path):
        return Corpus(tuple(IndexStore(path)))
    if path.is_dir() and (path / "corpus.jsonl").is_file():
        path = path / "corpus.jsonl"
    if path.is_dir():
        return _from_folder(path)
    if path.suffix.lower() in _TEXT_FILES:
        return Corpus((document_of(path.stem, _read(path)),))
    return _from_jsonl(path)


def _from_folder(folder: Path) -> Corpus:
    seen: dict[str, Path] = {}
    documents: list[Document] = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in _TEXT_FILES or not path.is_file():
            continue
        if path.stem in seen:
            raise CorpusError(f"{path}: doc_id {path.stem!r} is already that of {seen[path.stem]}: rename one of them")
        seen[path.stem] = path
        documents.append(document_of(path.stem, _read(path)))
    if not documents:
        raise CorpusError(f"{folder}: no corpus.jsonl and no .txt or .md file in this folder")
    return Corpus(tuple(documents))


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: not UTF-8 at byte {error.start}: save the file as UTF-8") from error


def _from_jsonl(path: Path) -> Corpus:
    first_line: dict[str, int] = {}
    documents: list[Document] = []
    for number, line in enumerate(_read(path).split("\n"), start=1):
        if not line.strip():
            continue
        document = document_of(**document_fields(line, f"{path}:{number}"))
        if document.doc_id in first_line:
            line_before = first_line[document.doc_id]
            raise CorpusError(
                f"{path}:{number}: field doc_id: {document.doc_id!r} was already used in line {line_before}"
            )
        first_line[document.doc_id] = number
        documents.append(document)
    return Corpus(tuple(documents))

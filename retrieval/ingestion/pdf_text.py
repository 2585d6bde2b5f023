"""The text of a PDF, page by page. The door of pypdf (BSD-3-Clause)."""

from io import BytesIO

from ..places import Place
from .parsed import Limits, MissingParserError, Parsed, UnreadableError

_BETWEEN = "\n\n"


def parse_pdf(data: bytes, limits: Limits) -> Parsed:
    """The text layer of each page, pages apart by an empty line.

    Raises:
        UnreadableError: Encrypted with a password, damaged, without a text layer, or longer than `limits` allow.
        MissingParserError: pypdf is not installed.
    """
    try:
        from pypdf import PdfReader
    except ModuleNotFoundError as error:
        raise MissingParserError("PDF files need the extra documents: pip install 'vcpd[documents]'") from error

    _quiet()
    try:
        reader = PdfReader(BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableError("is encrypted: save it without a password")
        pages, length = [], 0
        for page in reader.pages:
            pages.append(page.extract_text())
            length += len(pages[-1])
            if length > limits.unpacked_bytes:
                raise UnreadableError(
                    f"holds more than {limits.unpacked_bytes // 2**20} MiB of text: a bomb, or split it"
                )
        title = str((reader.metadata or {}).get("/Title") or "")
    except (UnreadableError, MemoryError):
        raise
    except Exception as error:  # a damaged file makes the library raise what it likes
        raise UnreadableError(f"is damaged or no PDF ({type(error).__name__}: {str(error)[:200]})") from error
    if not any(page.strip() for page in pages):
        raise UnreadableError("has no text layer (scanned pages?): run text recognition over it first")
    places, start = [], 0
    for number, page_text in enumerate(pages, 1):
        places.append(Place(start, f"page {number}"))
        start += len(page_text) + len(_BETWEEN)
    return Parsed(_BETWEEN.join(pages), " ".join(title.split()), places=tuple(places))


def _quiet() -> None:
    """The library's warnings about files would go to stderr without the name of the file."""
    import logging

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)

"""Which parser reads which file, by the ending of its name."""

from collections.abc import Callable

from .docx_text import parse_docx
from .html_text import parse_html
from .parsed import Limits, Parsed
from .pdf_text import parse_pdf
from .plain import parse_markdown, parse_text

JSONL = "jsonl"
_PARSERS: dict[str, Callable[[bytes, Limits], Parsed]] = {
    "txt": parse_text,
    "md": parse_markdown,
    "markdown": parse_markdown,
    "html": parse_html,
    "htm": parse_html,
    "xhtml": parse_html,
    "pdf": parse_pdf,
    "docx": parse_docx,
}


def kind_of(name: str) -> str | None:
    """The kind of a file by its name: an ending that is read, or None."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    return ending if ending in _PARSERS or ending == JSONL else None


def parse(kind: str, data: bytes, limits: Limits) -> Parsed:
    """The text of a file of that kind. Raises UnreadableError or MissingParserError."""
    return _PARSERS[kind](data, limits)

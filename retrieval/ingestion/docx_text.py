"""The text of a Word file, paragraph by paragraph. The door of python-docx (MIT)."""

from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from ..places import Place
from .parsed import Limits, MissingParserError, Parsed, UnreadableError

_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_MOST_PARTS = 10_000
_MOST_TIMES = 500  # how many times larger a part may unpack
_SMALL = 2**20  # below which the ratio does not matter


def parse_docx(data: bytes, limits: Limits) -> Parsed:
    """Paragraphs and rows of tables, in order; sections begin at headings.

    Raises:
        UnreadableError: Encrypted, damaged, no Word file, or one that would unpack to more than `limits` allow.
        MissingParserError: python-docx is not installed.
    """
    check_zip(data, limits)
    try:
        from docx import Document as open_docx
    except ModuleNotFoundError as error:
        raise MissingParserError("Word files need the extra documents: pip install 'vcpd[documents]'") from error
    try:
        opened = open_docx(BytesIO(data))
        blocks = [_block(block) for block in opened.iter_inner_content()]
        title = opened.core_properties.title or ""
    except MemoryError:
        raise
    except Exception as error:  # a damaged file makes the library raise what it likes
        raise UnreadableError(f"is damaged or no Word file ({type(error).__name__}: {str(error)[:200]})") from error
    return _joined(blocks, " ".join(title.split()))


def check_zip(data: bytes, limits: Limits) -> None:
    """See that a zipped file can be unpacked within `limits`, by what its directory declares.

    The declared size binds: Python's zipfile reads no further, and finds a part that holds more damaged.

    Raises:
        UnreadableError: It cannot; the message says why.
    """
    if data.startswith(_OLD_OFFICE):
        raise UnreadableError("is encrypted or in the old Word format: save it as .docx without a password")
    try:
        with ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
    except (BadZipFile, ValueError, NotImplementedError) as error:
        raise UnreadableError(f"is damaged or no Word file ({error})") from error
    total = sum(part.file_size for part in parts)
    bomb = any(p.file_size > _SMALL and p.file_size > _MOST_TIMES * max(1, p.compress_size) for p in parts)
    if len(parts) > _MOST_PARTS or total > limits.unpacked_bytes or bomb:
        raise UnreadableError(f"would unpack to {len(parts)} parts of {total:,} bytes: refused as a zip bomb")


def _block(block: Any) -> tuple[str, bool]:
    """The text of a paragraph or table, and whether it is a heading."""
    rows = getattr(block, "rows", None)
    if rows is not None:
        return "\n".join(" | ".join(cell.text.strip() for cell in row.cells) for row in rows), False
    style = getattr(block.style, "name", "") or ""
    return block.text, style.startswith(("Heading", "Title"))


def _joined(blocks: list[tuple[str, bool]], title: str) -> Parsed:
    parts: list[str] = []
    places: list[Place] = []
    sections: list[int] = []
    length = 0
    for number, (text, heading) in enumerate(blocks, 1):
        if not text.strip():
            continue
        places.append(Place(length, f"paragraph {number}"))
        if heading:
            sections.append(length)
            title = title or " ".join(text.split())
        parts.append(text + "\n\n")
        length += len(parts[-1])
    return Parsed("".join(parts), title, tuple(sections), tuple(places))

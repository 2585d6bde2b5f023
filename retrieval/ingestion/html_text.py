"""The text of a web page, with the place of each stretch in the page's source. Nothing is fetched, no script is run."""

import re
from html import unescape
from html.parser import HTMLParser

from ..places import Place
from .parsed import Limits, Parsed, UnreadableError
from .plain import decoded

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"^\s{0,9}<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([A-Za-z0-9_.-]{1,40})")
_SPACE = re.compile(r"[^\S\u00a0]")
_SKIPPED = frozenset(["script", "style", "template", "noscript", "svg"])
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_BLOCKS = _HEADINGS | frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "caption",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
    ]
)
_CELLS = frozenset(["td", "th"])


def parse_html(data: bytes, limits: Limits) -> Parsed:
    """Visible text in the order of the source; sections begin at headings. Raises UnreadableError."""
    del limits
    source = _source(data)
    reader = _Reader(source)
    reader.feed(source)
    reader.close()
    return reader.parsed()


def _source(data: bytes) -> str:
    declared = _CHARSET.search(data[:2048]) or _XML_CHARSET.match(data[:256])
    try:
        return decoded(data)
    except UnreadableError:
        if declared is None:
            raise
    name = declared[1].decode("ascii")
    try:
        return data.decode(name)
    except (LookupError, UnicodeDecodeError) as error:
        raise UnreadableError(f"is not in the encoding that it declares ({name}): save the file as UTF-8") from error


class _Reader(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=False)
        self._lines = [0]
        self._lines += [found.end() for found in re.finditer("\n", source)]
        self._parts: list[str] = []
        self._length = 0
        self._sections: list[int] = []
        self._places: list[Place] = []
        self._skipping: list[str] = []
        self._title: list[str] | None = None
        self._found_title = ""

    def parsed(self) -> Parsed:
        text = "".join(self._parts)
        return Parsed(text, self._found_title, tuple(self._sections), tuple(self._places))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self._skipping.append(tag)
        elif tag == "title" and not self._found_title:
            self._title = []
        elif tag in _BLOCKS:
            self._break()
            if tag in _HEADINGS:
                self._sections.append(self._length)
        elif tag in _CELLS:
            self._add(" ", None)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._skipping:
            while self._skipping.pop() != tag:
                pass
        elif tag == "title" and self._title is not None:
            self._found_title, self._title = " ".join("".join(self._title).split()), None
        elif tag in _BLOCKS:
            self._break()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _SKIPPED:
            self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        self._text(data)

    def handle_entityref(self, name: str) -> None:
        self._text(unescape(f"&{name};"))

    def handle_charref(self, name: str) -> None:
        self._text(unescape(f"&#{name};"))

    def _text(self, data: str) -> None:
        if self._title is not None:
            self._title.append(data)
        elif not self._skipping:
            line, column = self.getpos()
            self._add(_SPACE.sub(" ", data), self._lines[line - 1] + column)

    def _add(self, text: str, origin: int | None) -> None:
        if not text.strip():
            if self._parts and not self._parts[-1].endswith((" ", "\n")):
                self._parts.append(" ")
                self._length += 1
            return
        if origin is not None:
            self._places.append(Place(self._length, f"character {origin}"))
        self._parts.append(text)
        self._length += len(text)

    def _break(self) -> None:
        if self._parts and self._parts[-1] != "\n\n":
            self._parts.append("\n\n")
            self._length += 2

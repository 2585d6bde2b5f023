"""The door of WeasyPrint: a page of our own as PDF, with page numbers, from what stands in the page alone."""

import logging
from importlib import import_module
from typing import Any, NoReturn


class PdfError(RuntimeError):
    """A page cannot be written as PDF; the message says what is missing."""


def pdf(html: str) -> bytes:
    """The page as tagged PDF (PDF/UA-1), A4. Nothing is fetched: a page that asks for something does not get it.

    Raises:
        PdfError: WeasyPrint or the system libraries that it needs (Pango) are not here.
    """
    library = _library()
    # its warnings are of style rules that only browsers know
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    made: bytes = library.HTML(string=html, base_url=None, url_fetcher=_fetch_nothing).write_pdf(
        pdf_variant="pdf/ua-1", pdf_tags=True
    )
    return made


def _library() -> Any:
    try:
        return import_module("weasyprint")
    except ImportError as error:
        raise PdfError("PDF needs the extra pdf (pip install 'vcpd[pdf]'); the HTML file prints as well") from error
    except OSError as error:
        raise PdfError(
            f"WeasyPrint is installed, but a system library is missing ({error}); install Pango (in Debian "
            f"libpango-1.0-0, libpangoft2-1.0-0 and libharfbuzz-subset0), or print the HTML file"
        ) from error


def _fetch_nothing(url: str, *_: Any, **__: Any) -> NoReturn:
    raise ValueError(f"a report loads nothing, and certainly not {url[:80]!r}")

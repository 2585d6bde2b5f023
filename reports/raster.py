"""SVG to PNG, with the optional library resvg-py (a self-contained build of resvg)."""

from functools import cache
from importlib import import_module
from typing import Any

_FACES = ("Liberation Sans", "Arimo", "Arial", "Helvetica", "DejaVu Sans", "Noto Sans", "Nimbus Sans", "Verdana")
_PROBE = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><text y="15" font-family="{}">{}</text></svg>'


class RasterError(RuntimeError):
    """A picture cannot be drawn as PNG; the message says what is missing."""


def png(svg: str, *, zoom: int = 2) -> bytes:
    """The picture as PNG, `zoom` times its size in pixels.

    Raises:
        RasterError: resvg-py is not installed, or no sans-serif face is at hand to write labels with.
    """
    library, face = _library(), _face()
    named = svg.replace("Helvetica, Arial, sans-serif", face)
    return bytes(library.svg_to_bytes(svg_string=named, zoom=zoom))


def _library() -> Any:
    try:
        return import_module("resvg_py")
    except ImportError as error:
        raise RasterError(
            "PNG needs the extra png (pip install 'vcpd[png]'); a name that ends in .svg does not"
        ) from error


@cache
def _face() -> str:
    """The first face that this machine can write with: without one, a picture would lose its words unseen."""
    library = _library()
    for face in _FACES:
        with_text, blank = (bytes(library.svg_to_bytes(svg_string=_PROBE.format(face, t))) for t in ("Hg", ""))
        if with_text != blank:
            return face
    raise RasterError(
        f"PNG needs a font, and none of {', '.join(_FACES)} is here; install one (fonts-liberation) or use .svg"
    )

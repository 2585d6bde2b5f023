"""The one way to write HTML: templates that escape everything, and pages that load and run nothing.

A page is one file: its style stands in it and is allowed by its hash, scripts, forms and the network are forbidden by
the page itself. Control characters are made visible wherever a template prints a text, so no template can forget it.
"""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .marked_text import pieces, visible

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).with_name("templates")


@cache
def environment() -> "Environment":
    """The templates of this package. Everything printed is escaped, unless it is Markup of our own."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    made.filters["pieces"] = pieces
    return made


def page(template: str, style: str, values: Mapping[str, Any]) -> str:
    """A whole page: `template` extends "page.html"; `style` names the style sheets, joined by "+"."""
    from markupsafe import Markup

    sheet = "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in style.split("+"))
    if "</" in sheet:
        raise ValueError(f"style sheet {style} would end its own element")
    shown = environment().get_template(template).render(style=Markup(sheet), csp=policy(sheet), **values)
    return shown


def fragment(template: str, values: Mapping[str, Any]) -> str:
    """A part of a page, without style."""
    return environment().get_template(template).render(**values)


def policy(style: str, *more: str) -> str:
    """A content security policy that allows the inline style sheet `style` and nothing else, but for `more` rules."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    rules = ["default-src 'none'", f"style-src 'sha256-{digest}'", "base-uri 'none'", "form-action 'none'", *more]
    return "; ".join(rules)

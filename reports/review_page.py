"""The review page as one self-contained HTML text: served by the review server, or opened from disk."""

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


def review_page(data: Mapping[str, Any], *, offline: bool = False) -> tuple[str, str]:
    """The page, and its content security policy.

    Nothing but the page's own script and style runs, and it reaches nothing but its own server; offline, nothing.

    Args:
        data: What the script begins with: `scope` (what tells this review from others in the browser's storage), and
            offline its `items`.
    """
    from jinja2 import Environment, FileSystemLoader

    css, script = ((_HERE / "static" / name).read_text(encoding="utf-8") for name in ("review.css", "review.js"))
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(css)}'; img-src data:; "
        f"connect-src {'blob:' if offline else chr(39) + 'self' + chr(39)}; base-uri 'none'; form-action 'none'"
    )
    environment = Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True, keep_trailing_newline=True)
    html = environment.get_template("review.html").render(policy=policy, css=css, script=script, data=in_script(data))
    return html, f"{policy}; frame-ancestors 'none'"


def in_script(data: Mapping[str, Any]) -> str:
    """JSON that cannot end the script element that holds it, whatever it holds."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

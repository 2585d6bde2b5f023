"""Keeping secrets of a configuration out of what is written."""

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "(hidden)"
_SECRET = re.compile(r"key|token|secret|passw|auth|header|cookie|credential", re.IGNORECASE)
_USER = re.compile(r"(?<=://)[^/@\s]+@")


def redacted(value: Any, name: str = "") -> Any:
    """`value` as it may be written down: secrets hidden by the names of their fields, at any depth, and in URLs.

    What JSON cannot hold (dates, NaN) becomes text.
    """
    if _SECRET.search(name):
        return HIDDEN
    if isinstance(value, Mapping):
        return {str(key): redacted(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(item, name) for item in value]
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float) and value - value == 0:
        return value
    return _USER.sub(f"{HIDDEN}@", str(value))


def holds_user(url: str) -> bool:
    """Whether a URL carries a user name or password."""
    return bool(_USER.search(url))

"""A model's reply as one JSON object, or the reason why it is none. Nothing is guessed."""

import json
import re
from typing import Any

_FENCED = re.compile(r"```(?:json|JSON)?[ \t]*\n(.*?)\n?[ \t]*```", re.DOTALL)
_LONGEST = 200_000
_LONGEST_REASON = 300


class ReplyError(ValueError):
    """A reply that cannot be read; the message says what is wrong with it."""


def read_object(reply: str) -> dict[str, Any]:
    """The JSON object that `reply` consists of; white space and one code fence around it are all that is forgiven.

    Raises:
        ReplyError: Nothing, other words before or after it, no object, a key twice, NaN, or too long.
    """
    if len(reply) > _LONGEST:
        raise ReplyError(f"the reply has {len(reply)} characters; at most {_LONGEST} are read")
    text = reply.strip()
    if not text:
        raise ReplyError("the reply is empty")
    fenced = _FENCED.fullmatch(text)
    try:
        value = json.loads(fenced[1] if fenced else text, object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError as error:
        raise ReplyError("the reply is nested too deeply") from error
    except ReplyError:
        raise
    except ValueError as error:
        raise ReplyError(f"the reply is not JSON: {shown(text)}") from error
    if not isinstance(value, dict):
        raise ReplyError(f"the reply is JSON, but no object: {shown(text)}")
    return value


def shown(text: str, most: int = 80) -> str:
    """The beginning of `text` on one line, in quotation marks, for a message."""
    plain = " ".join(text[: 4 * most].split())
    return repr(plain if len(plain) <= most else plain[: most - 1] + "\u2026")


def plain_reason(reason: object) -> str:
    """A model's own words on one line, at most 300 printable characters; "" for what is no text."""
    if not isinstance(reason, str):
        return ""
    seen = "".join(c if c.isprintable() else " " for c in reason[: 4 * _LONGEST_REASON])
    plain = " ".join(seen.split())
    return plain if len(plain) <= _LONGEST_REASON else plain[: _LONGEST_REASON - 1] + "\u2026"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ReplyError(f"the reply gives {shown(name)} twice")
        found[name] = value
    return found


def _no_constant(name: str) -> Any:
    raise ReplyError(f"the reply holds {name}, which is no JSON")

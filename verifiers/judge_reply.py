"""The reply of the judge of support, read strictly: what is missing or unknown is no vote, never a default."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .data_blocks import as_written
from .strict_json import ReplyError, plain_reason, read_object, shown
from .verdict import Label

_MOST_QUOTES = 10


@dataclass(frozen=True, slots=True)
class Entry:
    """What the reply says of one claim, before its quotes are looked up."""

    label: Label
    quotes: tuple[str, ...]
    reason: str


def read_judge_reply(reply: str, n: int) -> list[Entry | str]:
    """What `reply` says of the claims 1 to `n`, in their order; a text where it says nothing that can be used.

    One claim's missing, doubled or faulty entry is that claim's alone.

    Raises:
        ReplyError: The reply as a whole cannot be read, or speaks of a claim that was not asked about: its numbers
            cannot be trusted then.
    """
    entries = read_object(reply).get("claims")
    if not isinstance(entries, list):
        raise ReplyError("the reply has no list 'claims'")
    found: dict[int, Entry | str] = {}
    for entry in entries:
        number = entry.get("claim") if isinstance(entry, dict) else None
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= n:
            raise ReplyError(f"the reply speaks of claim {shown(str(number))}; asked about were 1 to {n}")
        found[number] = "the reply judges it twice" if number in found else _entry(entry)
    return [found.get(i, "the reply does not judge it") for i in range(1, n + 1)]


def _entry(fields: Mapping[str, Any]) -> Entry | str:
    label, quotes, reason = fields.get("label"), fields.get("quotes"), fields.get("reason", "")
    if not isinstance(label, str) or label not in set(Label):
        return f"the reply has no label for it, but {shown(str(label))}"
    if not isinstance(quotes, list) or not all(isinstance(q, str) for q in quotes) or len(quotes) > _MOST_QUOTES:
        return f"the reply has no list of at most {_MOST_QUOTES} quotes for it"
    return Entry(Label(label), tuple(map(as_written, quotes)), plain_reason(reason))

"""Source policies in `pack.toml` and in `samples.jsonl`: the same fields, checked the same way."""

from datetime import date as Date

from ..retrieval.jurisdictions import JurisdictionError, check_parents
from ..retrieval.sources import SourcePolicy
from .pack_fields import Reader

POLICY_FIELDS = (
    "allow",
    "deny",
    "jurisdictions",
    "as_of",
    "min_authority",
    "binding_in",
    "licenses",
    "min_safety_tier",
    "current_only",
    "parents",
)


def read_policy(s: Reader) -> SourcePolicy:
    """The policy of one table. A day is a TOML date, or in JSON a text like "2022-01-01".

    Raises:
        PackError: An unknown or wrong field; the message names file, line and field.
    """
    s.only(*POLICY_FIELDS)
    current = s.data.get("current_only", False)
    if not isinstance(current, bool):
        raise s.error("current_only", f"{str(current)[:80]!r} is neither true nor false")
    return SourcePolicy(
        s.texts("allow"),
        s.texts("deny"),
        s.texts("jurisdictions"),
        _day(s),
        _level(s, "min_authority", 5),
        binding_in=s.text("binding_in") if s.data.get("binding_in") else "",
        licenses=s.texts("licenses"),
        min_safety_tier=_level(s, "min_safety_tier", 3),
        current_only=current,
        parents=_parents(s),
    )


def _level(s: Reader, name: str, highest: int) -> int:
    level = s.whole(name, 0, 0)
    if level > highest:
        raise s.error(name, f"{level} is above the highest level, {highest}")
    return level


def _day(s: Reader) -> Date | None:
    value = s.data.get("as_of")
    if isinstance(value, str) and not s.toml:
        try:
            return Date.fromisoformat(value)
        except ValueError:
            raise s.error("as_of", f"{value[:80]!r} is not a day like 2022-01-01") from None
    if value is not None and type(value) is not Date:
        raise s.error("as_of", f"{value!r} is not a date like 2022-01-01 (without quotes)")
    return value


def _parents(s: Reader) -> tuple[tuple[str, str], ...]:
    """Jurisdictions and what stands above each, e.g. { "Cal. App." = "US-CA" }."""
    if "parents" not in s.data:
        return ()
    table = s.section("parents")
    parents = tuple((name, table.text(name)) for name in table.data)
    try:
        check_parents(parents)
    except JurisdictionError as error:
        raise s.error("parents", str(error)) from error
    return parents

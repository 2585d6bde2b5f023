"""What usage costs, from a dated and sourced table. Dollars enter nowhere else."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from dataclasses import fields as dataclass_fields
from datetime import date as Date
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from .usage import Usage

MACHINE = "machine"
STANDARD = "standard"
"""The tier of a price that names none."""


class UnpricedError(KeyError):
    """A model was used for which the table has no price: its cost is unknown, never 0."""

    def __init__(self, model: str, unit: str) -> None:
        super().__init__(model)
        self.model = model
        self.unit = unit

    def __str__(self) -> str:
        return (
            f"no price per {self.unit} is known for model '{self.model}'; give one in a price table "
            f"(--prices FILE.toml) to get dollar measures"
        )


class UnknownTierError(UnpricedError):
    """A tier was asked for at which a model has no price: never the standard price instead."""

    def __init__(self, model: str, tier: str, known: Sequence[str]) -> None:
        super().__init__(model, "token")
        self.tier = tier
        self.known = tuple(known)

    def __str__(self) -> str:
        has = f"it has {', '.join(self.known)}" if self.known else "it has the standard one alone"
        return (
            f"model '{self.model}' has no price at the tier '{self.tier}' ({has}); give one in a price table as "
            f'[models."{self.model}".tiers.{self.tier}]'
        )


@dataclass(frozen=True, slots=True)
class LongContext:
    """Prices of a whole request whose prompt, cached tokens included, is longer than `above_input_tokens`."""

    above_input_tokens: int
    input: float
    output: float
    cache_read: float | None = None
    cache_write: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens, or per second for what runs on this machine; None: not known.

    Attributes:
        cache_read, cache_write: None: charged as `input`.
        valid_from: First day of this price. source: Where it was read.
        long_context: Other prices for long prompts; None: one price for all lengths.
        tiers: Prices of other tiers by name, e.g. "batch"; each stands alone and takes nothing from this one.
    """

    input: float | None = None
    output: float | None = None
    cache_read: float | None = None
    cache_write: float | None = None
    per_second: float | None = None
    valid_from: Date | None = None
    source: str = ""
    long_context: LongContext | None = None
    tiers: Mapping[str, "Price"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Prices by model name; a name may hold `*`. `machine` prices the seconds of this machine.

    Attributes:
        tier: At which everything billed by tokens is priced; machine-seconds have no tiers.
    """

    prices: Mapping[str, Price]
    tier: str = STANDARD

    def price(self, model: str) -> Price | None:
        """The price of `model`, tried as written and without a leading "litellm/", "openai/" or "anthropic/"."""
        names = [model]
        for prefix in ("litellm/", "openai/", "anthropic/"):
            if names[-1].startswith(prefix):
                names.append(names[-1].removeprefix(prefix))
        for name in names:
            if name in self.prices:
                return self.prices[name]
        patterns = (key for key in self.prices if "*" in key and any(fnmatchcase(n, key) for n in names))
        return next((self.prices[key] for key in patterns), None)

    def dollars(self, usage: Usage) -> float:
        """What `usage` cost, in US dollars.

        A reading of several requests counts as long by their mean prompt.

        Raises:
            UnpricedError: The model, or the machine's second, has no price. UnknownTierError: none at this tier.
        """
        name = usage.model or MACHINE
        price = self.price(name)
        if price is None:
            raise UnpricedError(name, "token")
        if price.per_second is not None:
            return usage.seconds * price.per_second
        rate = _rate(self._at_tier(name, price), usage)
        if rate.input is None or rate.output is None:
            raise UnpricedError(name, "token")
        cache_read = rate.input if rate.cache_read is None else rate.cache_read
        cache_write = rate.input if rate.cache_write is None else rate.cache_write
        return (
            usage.input_tokens * rate.input
            + usage.cache_read_tokens * cache_read
            + usage.cache_write_tokens * cache_write
            + usage.output_tokens * rate.output
        ) / 1e6

    def _at_tier(self, name: str, price: Price) -> Price:
        if self.tier == STANDARD:
            return price
        if self.tier not in price.tiers:
            raise UnknownTierError(name, self.tier, sorted(price.tiers))
        return price.tiers[self.tier]

    def total(self, usages: Sequence[Usage]) -> float:
        """Dollars of several readings together. Raises UnpricedError like `dollars`."""
        return sum(map(self.dollars, usages), 0.0)

    def over(self, other: "PriceTable") -> "PriceTable":
        """This table, with `other` for the models it lacks."""
        return replace(self, prices={**other.prices, **self.prices})


def _rate(price: Price, usage: Usage) -> Price | LongContext:
    """The prices that hold for a prompt of this length."""
    prompt = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
    long = price.long_context
    return long if long is not None and prompt / max(usage.requests, 1) > long.above_input_tokens else price


class PriceTableError(ValueError):
    """A price table that cannot be read; the message names file, model and field."""


def load_prices(path: Path) -> PriceTable:
    """Read a TOML price table: one `[models."NAME"]` section a model, the fields of `Price`, dollars per
    million tokens or `per_second`; below it `[models."NAME".long_context]` and `[models."NAME".tiers.TIER]`.

    Raises:
        PriceTableError: Not TOML, an unknown field, a negative or non-numeric price, or no price at all.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PriceTableError(f"{path}: cannot be read as a price table ({error})") from error
    models = data.get("models")
    if not isinstance(models, dict):
        raise PriceTableError(f'{path}: has no [models."NAME"] section; write one for each model')
    return PriceTable({name: read_price(f'{path}, [models."{name}"]', fields) for name, fields in models.items()})


_TEXTS = ("valid_from", "source")
_NESTED = ("long_context", "tiers")


def read_price(where: str, fields: object) -> Price:
    """A price from its plain fields, as TOML or JSON holds them; `where` names the place in messages.

    Raises:
        PriceTableError: As `load_prices`.
    """
    numbers = _checked(where, fields, Price)
    if "per_second" not in numbers and not {"input", "output"} <= set(numbers):
        raise PriceTableError(f"{where}: needs 'input' and 'output', or 'per_second'")
    if "valid_from" in numbers:
        numbers["valid_from"] = _date(where, numbers["valid_from"])
    if "long_context" in numbers:
        numbers["long_context"] = _long_context(f"{where}, long_context", numbers["long_context"])
    if "tiers" in numbers:
        numbers["tiers"] = _tiers(where, numbers["tiers"])
    return Price(**numbers)


def _date(where: str, value: object) -> Date:
    try:
        return value if isinstance(value, Date) else Date.fromisoformat(str(value))
    except ValueError as error:
        raise PriceTableError(f"{where}, field 'valid_from': {value!r} is not a date") from error


def _tiers(where: str, fields: object) -> dict[str, Price]:
    if not isinstance(fields, dict):
        raise PriceTableError(f"{where}, tiers: must be a section of tiers")
    if STANDARD in fields:
        raise PriceTableError(f"{where}, tiers: '{STANDARD}' is the price without a tier; write it above")
    return {tier: read_price(f"{where}, tiers.{tier}", price) for tier, price in fields.items()}


def _long_context(where: str, fields: object) -> LongContext:
    numbers = _checked(where, fields, LongContext)
    missing = sorted({"above_input_tokens", "input", "output"} - set(numbers))
    if missing:
        raise PriceTableError(f"{where}: needs '{missing[0]}'")
    if not float(numbers["above_input_tokens"]).is_integer():
        raise PriceTableError(f"{where}: 'above_input_tokens' is a whole number of tokens")
    return LongContext(**numbers)


def _checked(where: str, fields: object, kind: type) -> dict[str, Any]:
    """The fields of a section, without those that say nothing; refused where one is unknown or no price."""
    if not isinstance(fields, dict):
        raise PriceTableError(f"{where}: must be a section of fields")
    unknown = set(fields) - {f.name for f in dataclass_fields(kind)}
    if unknown:
        raise PriceTableError(f"{where}: unknown field '{sorted(unknown)[0]}'")
    for name, value in fields.items():
        if name == "source" and not isinstance(value, str):
            raise PriceTableError(f"{where}, field 'source': {value!r} is not a text")
        if value is None or name in _TEXTS or name in _NESTED:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            raise PriceTableError(f"{where}, field '{name}': {value!r} is not a price of 0 or more")
    return {name: value for name, value in fields.items() if value is not None}


def price_row(price: Price) -> dict[str, Any]:
    """A price as plain fields that say something, the inverse of `read_price`; dates as text."""
    row = {name: value for name, value in asdict(price).items() if value not in (None, "", {})}
    if price.valid_from is not None:
        row["valid_from"] = price.valid_from.isoformat()
    if price.tiers:
        row["tiers"] = {tier: price_row(at) for tier, at in price.tiers.items()}
    return row


@cache
def default_prices() -> PriceTable:
    """The table that ships with this package (`prices.toml` beside this file)."""
    return load_prices(Path(__file__).with_name("prices.toml"))

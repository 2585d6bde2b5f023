"""What usage costs, from a dated and sourced table. Dollars enter nowhere else."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from .usage import Usage

MACHINE = "machine"


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


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens, or per second for what runs on this machine; None: not known.

    Attributes:
        cache_read, cache_write: None: charged as `input`.
        valid_from: First day of this price. source: Where it was read.
    """

    input: float | None = None
    output: float | None = None
    cache_read: float | None = None
    cache_write: float | None = None
    per_second: float | None = None
    valid_from: Date | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Prices by model name; a name may hold `*`. `machine` prices the seconds of this machine."""

    prices: Mapping[str, Price]

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

        Raises:
            UnpricedError: The model, or the machine's second, has no price.
        """
        name = usage.model or MACHINE
        price = self.price(name)
        if price is None:
            raise UnpricedError(name, "token")
        if price.per_second is not None:
            return usage.seconds * price.per_second
        if price.input is None or price.output is None:
            raise UnpricedError(name, "token")
        cache_read = price.input if price.cache_read is None else price.cache_read
        cache_write = price.input if price.cache_write is None else price.cache_write
        return (
            usage.input_tokens * price.input
            + usage.cache_read_tokens * cache_read
            + usage.cache_write_tokens * cache_write
            + usage.output_tokens * price.output
        ) / 1e6

    def total(self, usages: Sequence[Usage]) -> float:
        """Dollars of several readings together. Raises UnpricedError like `dollars`."""
        return sum(map(self.dollars, usages), 0.0)

    def over(self, other: "PriceTable") -> "PriceTable":
        """This table, with `other` for the models it lacks."""
        return replace(self, prices={**other.prices, **self.prices})


class PriceTableError(ValueError):
    """A price table that cannot be read; the message names file, model and field."""


def load_prices(path: Path) -> PriceTable:
    """Read a TOML price table: one `[models."NAME"]` section a model, the fields of `Price`, dollars per
    million tokens or `per_second`.

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
    return PriceTable({name: _price(path, name, fields) for name, fields in models.items()})


def _price(path: Path, name: str, fields: object) -> Price:
    where = f'{path}, [models."{name}"]'
    if not isinstance(fields, dict):
        raise PriceTableError(f"{where}: must be a section of fields")
    unknown = set(fields) - set(Price.__dataclass_fields__)
    if unknown:
        raise PriceTableError(f"{where}: unknown field '{sorted(unknown)[0]}'")
    for field, value in fields.items():
        if field not in ("valid_from", "source") and (
            isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf")
        ):
            raise PriceTableError(f"{where}, field '{field}': {value!r} is not a price of 0 or more")
    if "per_second" not in fields and not {"input", "output"} <= set(fields):
        raise PriceTableError(f"{where}: needs 'input' and 'output', or 'per_second'")
    return Price(**fields)


@cache
def default_prices() -> PriceTable:
    """The table that ships with this package (`prices.toml` beside this file)."""
    return load_prices(Path(__file__).with_name("prices.toml"))

"""Meter, then price; an unknown price is never 0."""

from pathlib import Path

import pytest
from vcpd.scoring.prices import Price, PriceTable, PriceTableError, UnpricedError, default_prices, load_prices
from vcpd.scoring.usage import Usage

TABLE = PriceTable({"toy": Price(input=1.0, output=4.0, cache_read=0.1), "machine": Price(per_second=0.01)})


@pytest.mark.parametrize(
    ("usage", "dollars"),
    [
        (Usage("generate", "toy", input_tokens=1_000_000), 1.0),
        (Usage("generate", "toy", cache_read_tokens=1_000_000), 0.1),
        (Usage("generate", "toy", cache_write_tokens=1_000_000), 1.0),  # no price of its own: as input
        (Usage("generate", "toy", output_tokens=500_000, reasoning_tokens=400_000), 2.0),  # reasoning is in output
        (Usage("generate", "litellm/toy", output_tokens=1_000_000), 4.0),
        (Usage("retrieve", None, seconds=2.0), 0.02),
        (Usage("generate", "toy"), 0.0),
    ],
)
def test_dollars(usage: Usage, dollars: float) -> None:
    assert TABLE.dollars(usage) == pytest.approx(dollars)


def test_unknown_model_is_not_free() -> None:
    with pytest.raises(UnpricedError, match="'unheard-of'"):
        TABLE.total([Usage("generate", "toy", 1), Usage("generate", "unheard-of", 1)])


def test_machine_without_price_is_not_free() -> None:
    with pytest.raises(UnpricedError, match="machine"):
        PriceTable({}).dollars(Usage("retrieve", None, seconds=1.0))


def test_first_table_wins() -> None:
    other = PriceTable({"toy": Price(9, 9), "new": Price(2, 2)})
    both = TABLE.over(other)
    assert (both.prices["toy"].input, both.prices["new"].input) == (1.0, 2)


def test_bundled_table_is_dated_and_sourced() -> None:
    for name, price in default_prices().prices.items():
        assert price.valid_from is not None, name
        assert "http" in price.source or "priced as" in price.source, name


@pytest.mark.parametrize(
    ("model", "cpm"),  # 1:1 blend, Table 1 of the field note
    [
        ("gpt-4", 45),
        ("gpt-4-32k", 90),
        ("gpt-4o-mini", 0.375),
        ("gpt-4.1", 5),
        ("gpt-5.4-nano", 0.725),
        ("gpt-5.4-mini", 2.625),
        ("gpt-5.4", 8.75),
        ("gpt-5.5", 17.5),
    ],
)
def test_bundled_prices_blend_to_table_1(model: str, cpm: float) -> None:
    usage = Usage("generate", model, input_tokens=500_000, output_tokens=500_000, requests=10)
    assert default_prices().dollars(usage) == pytest.approx(cpm)


def test_local_models_are_priced_by_the_second() -> None:
    assert default_prices().dollars(Usage("generate", "local/extractive", seconds=3600)) == pytest.approx(0.1008)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("models = 3", "no \\[models"),
        ("[models.a]\ninput = 1", "needs 'input' and 'output'"),
        ("[models.a]\ninput = -1\noutput = 1", "field 'input': -1"),
        ("[models.a]\ninput = true\noutput = 1", "field 'input'"),
        ("[models.a]\ninput = 1\noutputs = 1", "unknown field 'outputs'"),
        ("[models.a", "cannot be read"),
    ],
)
def test_bad_tables_name_file_and_field(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(text)
    with pytest.raises(PriceTableError, match=message) as caught:
        load_prices(path)
    assert "prices.toml" in str(caught.value)

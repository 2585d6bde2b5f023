"""Meter, then price; an unknown price is never 0."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.scoring.prices import (
    LongContext,
    Price,
    PriceTable,
    PriceTableError,
    UnknownTierError,
    UnpricedError,
    default_prices,
    load_prices,
    price_row,
    read_price,
)
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
        ("[models.a]\ninput=1\noutput=1\nvalid_from='soon'", "'valid_from': 'soon' is not a date"),
        ("[models.a]\ninput=1\noutput=1\nvalid_from=3", "'valid_from': 3 is not a date"),
        ("[models.a]\ninput=1\noutput=1\nsource=3", "'source': 3 is not a text"),
        ("[models.a", "cannot be read"),
        (
            "[models.a]\ninput=1\noutput=1\n[models.a.tiers.standard]\ninput=1\noutput=1",
            "'standard' is the price without",
        ),
        ("[models.a]\ninput=1\noutput=1\n[models.a.tiers.batch]\ninput=1", r"tiers.batch: needs 'input' and 'output'"),
        ("[models.a]\ninput=1\noutput=1\ntiers = 3", "tiers: must be a section"),
        ("[models.a]\ninput=1\noutput=1\n[models.a.long_context]\ninput=1\noutput=1", "needs 'above_input_tokens'"),
        (
            "[models.a]\ninput=1\noutput=1\n[models.a.long_context]\nabove_input_tokens=0.5\ninput=1\noutput=1",
            "whole number",
        ),
        ("[models.a]\ninput=1\noutput=1\n[models.a.long_context]\nabove=1", "unknown field 'above'"),
    ],
)
def test_bad_tables_name_file_and_field(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(text)
    with pytest.raises(PriceTableError, match=message) as caught:
        load_prices(path)
    assert "prices.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("prompt", "cached", "dollars"),
    [
        (272_000, 0, 272_000 * 2.5 + 100_000 * 15),  # at the step: still the short price
        (300_000, 0, 300_000 * 5 + 100_000 * 22.5),  # 2x input, 1.5x output for the whole request
        (200_000, 100_000, 200_000 * 5 + 100_000 * 0.5 + 100_000 * 22.5),  # cached tokens are part of the prompt
    ],
)
def test_long_prompts_of_gpt_5_4(prompt: int, cached: int, dollars: float) -> None:
    usage = Usage("generate", "openai/gpt-5.4", prompt, cache_read_tokens=cached, output_tokens=100_000, requests=1)
    assert default_prices().dollars(usage) == pytest.approx(dollars / 1e6)


def test_long_is_a_request_and_not_the_sum_of_many() -> None:
    usage = Usage("generate", "gpt-5.5", input_tokens=300_000, requests=3)
    assert default_prices().dollars(usage) == pytest.approx(300_000 * 5 / 1e6)


def test_batch_is_half_and_its_long_prompts_are_dearer() -> None:
    batch = PriceTable(default_prices().prices, tier="batch")
    short = Usage("generate", "gpt-5.4", input_tokens=1000, output_tokens=1000, requests=1)
    assert batch.dollars(short) == pytest.approx(default_prices().dollars(short) / 2)
    long = Usage("generate", "gpt-5.4", input_tokens=300_000, requests=1)
    assert batch.dollars(long) == pytest.approx(300_000 * 2.5 / 1e6)


def test_an_unknown_tier_is_never_the_standard_price() -> None:
    usage = Usage("generate", "openai/gpt-4.1", input_tokens=1, requests=1)
    with pytest.raises(UnknownTierError, match=r"'openai/gpt-4.1' has no price at the tier 'flex' \(it has batch\)"):
        PriceTable(default_prices().prices, tier="flex").dollars(usage)
    with pytest.raises(UnpricedError, match="the standard one alone"):
        PriceTable(TABLE.prices, tier="batch").dollars(Usage("generate", "toy", 1))


def test_machine_seconds_have_no_tier() -> None:
    assert PriceTable(TABLE.prices, tier="batch").dollars(Usage("retrieve", None, seconds=2.0)) == pytest.approx(0.02)


def test_a_table_keeps_its_tier_over_another() -> None:
    assert PriceTable({}, tier="batch").over(TABLE).tier == "batch"


amounts = st.floats(0, 1e4)
rates = st.builds(Price, amounts, amounts, st.none() | amounts, st.none() | amounts)
longs = st.builds(LongContext, st.integers(1, 10**6), amounts, amounts, st.none() | amounts)


@given(
    st.builds(
        Price,
        amounts,
        amounts,
        st.none() | amounts,
        valid_from=st.none() | st.dates(),
        source=st.text(max_size=20),
        long_context=st.none() | longs,
        tiers=st.dictionaries(st.sampled_from(["batch", "flex"]), rates),
    )
)
def test_a_price_there_and_back(price: Price) -> None:
    assert read_price("here", price_row(price)) == price


def test_every_bundled_tier_and_step_is_sourced() -> None:
    for name, price in default_prices().prices.items():
        parts = [price.long_context, *price.tiers.values(), *(t.long_context for t in price.tiers.values())]
        assert all("http" in part.source for part in parts if part is not None), name

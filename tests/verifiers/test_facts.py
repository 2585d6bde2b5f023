"""Numbers, units, dates, negation and names of a claim against a source."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.retrieval.passages import Span
from vcpd.verifiers.dates import find_dates
from vcpd.verifiers.facts import MismatchKind, fact_mismatches
from vcpd.verifiers.names import find_names
from vcpd.verifiers.numbers import find_quantities
from vcpd.verifiers.units import to_base

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)
NUMBER, UNIT, DATE, NEGATION, NAME, DRUG, ROUTE, FREQUENCY = MismatchKind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("75,000", [(75000, "")]),
        ("75000", [(75000, "")]),
        ("75 thousand", [(75000, "")]),
        ("75\u202f000", [(75000, "")]),
        ("1.5 million", [(1.5e6, "")]),
        ("5%", [(5, "%")]),
        ("5 percent", [(5, "%")]),
        ("five per cent", [(5, "%")]),
        ("0.3 mg", [(3e-4, "g")]),
        ("300 mcg", [(3e-4, "g")]),
        ("300 \u00b5g", [(3e-4, "g")]),
        ("300\u03bcg", [(3e-4, "g")]),
        ("300mg", [(0.3, "g")]),
        ("10-20 mg", [(0.01, "g"), (0.02, "g")]),
        ("10 to 20 mg", [(0.01, "g"), (0.02, "g")]),
        ("120/80 mmHg", [(120, "mmHg"), (80, "mmHg")]),
        ("500 mL", [(0.5, "L")]),
        ("two weeks", [(1209600, "s")]),
        ("14 days", [(1209600, "s")]),
        ("3 years", [(36, "month")]),
        ("5 mmol/L", [(0.005, "mol/L")]),
        ("2.5 mg per dL", [(0.025, "g/L")]),
        ("1,000 IU", [(1000, "IU")]),
        ("$5 million", [(5e6, "USD")]),
        ("$5m", [(5e6, "USD")]),
        ("5 million dollars", [(5e6, "USD")]),
        ("98.6 \u00b0F", [(37, "degC")]),
        ("37 degrees Celsius", [(37, "degC")]),
        ("-5 \u00b0C", [(-5, "degC")]),
        ("5th", [(5, "#")]),
        ("fifth", [(5, "#")]),
        ("twenty-one", [(21, "")]),
        ("two hundred thousand", [(2e5, "")]),
        ("347 U.S. 483", [(347, ""), (483, "")]),
        ("B12, COVID-19, 999 F.3d", [(999, "")]),
        ("alone, tent, often, weighted", []),
        ("", []),
    ],
)
def test_quantities(text: str, expected: list[tuple[float, str]]) -> None:
    found = [(q.value, q.dimension) for q in find_quantities(text)]
    assert [d for _, d in found] == [d for _, d in expected]
    assert all(math.isclose(a, b) for (a, _), (b, _) in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    "unit",
    ["kg", "g", "mg", "ug", "ng", "lb", "oz", "L", "dL", "mL", "s", "min", "hour", "day", "week", "mol", "mmol", "umol",
     "km", "m", "cm", "mm", "mile", "foot", "inch", "kPa", "kcal", "kJ", "mg/L", "mg/kg", "mmol/L", "mg/dL"],
)  # fmt: skip
def test_units_agree_with_pint(unit: str) -> None:
    import pint

    registry: Any = pint.UnitRegistry()
    base = {"g": "gram", "L": "liter", "s": "second", "mol": "mole", "m": "meter", "mmHg": "mmHg", "cal": "calorie"}
    value, dimension = to_base(7.25, unit)
    target = "/".join(base[d] for d in dimension.split("/"))
    expected = registry.Quantity(7.25, unit.replace("kcal", "kilocalorie")).to(target).magnitude
    assert math.isclose(value, expected, rel_tol=1e-6)


@pytest.mark.parametrize("unit", ["mg", "mcg", "mL", "days", "mmol/L", "mg/kg"])
@given(value=st.floats(0.001, 1e6))
def test_conversion_is_proportional(unit: str, value: float) -> None:
    assert math.isclose(to_base(2 * value, unit)[0], 2 * to_base(value, unit)[0], rel_tol=1e-9)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("12 May 1954", (1954, 5, 12)),
        ("12th of May, 1954", (1954, 5, 12)),
        ("May 12, 1954", (1954, 5, 12)),
        ("1954-05-12", (1954, 5, 12)),
        ("25/12/1954", (1954, 12, 25)),
        ("12/25/1954", (1954, 12, 25)),
        ("May 1954", (1954, 5, None)),
        ("Sept. 1999", (1999, 9, None)),
        ("May 12", (None, 5, 12)),
    ],
)
def test_dates(text: str, parts: tuple[int | None, int, int | None]) -> None:
    (found,) = find_dates(f"On {text} it ended.")
    assert (found.year, found.month, found.day) == parts


@pytest.mark.parametrize("text", ["they may 20 times", "in 1954", "12/34/5678", "99 May", "Maybe 12"])
def test_what_is_no_date(text: str) -> None:
    assert find_dates(text) == []


@pytest.mark.parametrize(
    ("claim", "source", "expected"),
    [
        ("The dose is 300 mg.", "The dose is 0.3 g.", []),
        ("The dose is 300 mg.", "The dose is 300 mcg.", [(UNIT, "300 mg", True)]),
        ("The dose is 500 mg.", "The dose is 250 mg.", [(NUMBER, "500 mg", True)]),
        ("It was 5 mmol.", "It was 5 mg.", [(UNIT, "5 mmol", True)]),
        ("There were 75,000 people.", "There were 75 thousand people.", []),
        ("There were 7 patients.", "There were 9 patients.", [(NUMBER, "7", True)]),
        ("There were 7 patients.", "There were many patients.", [(NUMBER, "7", False)]),
        ("one of the drugs", "the drugs", []),
        ("Bake at 350 \u00b0F (175 \u00b0C).", "Bake at 350 \u00b0F.", []),
        ("It was decided on May 17, 1954.", "On 17 May 1954 it was decided.", []),
        ("It was decided on May 18, 1954.", "On 17 May 1954 it was decided.", [(DATE, "May 18, 1954", True)]),
        ("It was decided in 1954.", "On 17 May 1954 it was decided.", []),
        ("It was decided in 1955.", "On 17 May 1954 it was decided.", [(NUMBER, "1955", True)]),
        ("It was decided on 17 May 1954.", "It was decided in May 1954.", [(DATE, "17 May 1954", False)]),
        ("the Fifth Amendment", "the 5th Amendment", []),
        ("Aspirin is indicated in colds.", "Aspirin is contraindicated in colds.", [(NEGATION, "indicated", True)]),
        ("Aspirin is indicated in children.", "Aspirin is not indicated in children.", [(NEGATION, "indicated", True)]),
        ("Aspirin isn't indicated.", "Aspirin is indicated.", [(NEGATION, "isn't indicated", True)]),
        ("There is no evidence of harm.", "No evidence of harm was found.", []),
        ("No. 5 was not only lawful.", "No. 5 was lawful.", []),
        ("The risk increased.", "The risk decreased.", [(NEGATION, "increased", True)]),
        ("It was Brown who sued Topeka.", "Brown sued the Board.", [(NAME, "Topeka", False)]),
        ("Ask for McDonald here.", "Nobody of that name.", [(NAME, "McDonald", False)]),
        ("The dose is 5 mg.", "", [(NUMBER, "5 mg", False)]),
        ("", "The dose is 5 mg.", []),
    ],
)  # fmt: skip
def test_mismatches(claim: str, source: str, expected: list[tuple[MismatchKind, str, bool]]) -> None:
    assert [(m.kind, m.text, m.contradicts) for m in fact_mismatches(claim, source)] == expected


def test_names_are_not_the_first_word_of_a_sentence() -> None:
    text = "Aspirin helped. However, Smith v. Jones held that HIV matters."
    assert [span.of(text) for span in find_names(text)] == ["Smith", "Jones", "HIV"]


@given(ANY_TEXT, ANY_TEXT)
def test_any_text_is_survived_and_places_are_exact(claim: str, source: str) -> None:
    for mismatch in fact_mismatches(claim, source):
        assert mismatch.span.of(claim) == mismatch.text


@given(ANY_TEXT)
def test_no_number_date_or_name_is_missing_from_its_own_text(text: str) -> None:
    assert [m for m in fact_mismatches(text, text) if m.kind is not NEGATION] == []


@given(st.integers(0, 10**7), st.sampled_from(["", " mg", " %", " years", " mmol/L"]))
def test_commas_do_not_change_a_number(value: int, unit: str) -> None:
    assert [q.value for q in find_quantities(f"{value:,}{unit}")] == [
        q.value for q in find_quantities(f"{value}{unit}")
    ]


@given(ANY_TEXT)
def test_quantities_are_in_order_and_inside(text: str) -> None:
    spans = [q.span for q in find_quantities(text)]
    assert spans == sorted(spans)
    assert all(Span(0, len(text)).end >= s.end for s in spans)

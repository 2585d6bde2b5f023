"""Names of medicines, doses, routes, frequencies and ruled-out findings, whatever they are called."""

import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.retrieval.passages import Span
from vcpd.verifiers.drugs import find_drugs
from vcpd.verifiers.facts import fact_mismatches
from vcpd.verifiers.medical import is_well_formed, medical_identifiers
from vcpd.verifiers.negation_scope import negated_scopes
from vcpd.verifiers.regimens import find_frequencies, find_routes

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Tylenol, Acetaminophen or PARACETAMOL", ["paracetamol"] * 3),
        ("adrenaline and epinephrine", ["epinephrine"] * 2),
        ("metoprolol succinate", ["metoprolol"]),
        ("sacubitril-valsartan", ["sacubitril", "valsartan"]),
        ("glyceryl trinitrate", ["glyceryl trinitrate"]),
        ("acetylsalicylic acid, aspirin", ["acetylsalicylic acid"] * 2),
        ("Zolvane 40 mg tablets", ["zolvane"]),
        ("Give 40 mg in April for cholesterol", []),
        ("", []),
    ],
)
def test_drugs(text: str, names: list[str]) -> None:
    found = find_drugs(text)
    assert [d.name for d in found] == names


def test_the_table_names_no_medicine_twice() -> None:
    table = tomllib.loads(files("vcpd.verifiers").joinpath("drug_names.toml").read_text(encoding="utf-8"))
    names = [n for name, others in table["same"].items() for n in (name, *others)] + list(table["brands"])
    assert len(names) == len(set(names))
    assert all(n == n.lower() for n in names)


@pytest.mark.parametrize(
    ("text", "per_day"),
    [
        ("0.5 mg b.i.d.", [2]),
        ("every 12 hours", [2]),
        ("q12h", [2]),
        ("twice a day", [2]),
        ("2x daily", [2]),
        ("every 6 to 8 hours", [4, 3]),
        ("every other day", [0.5]),
        ("on alternate days", [0.5]),
        ("once weekly", [1 / 7]),
        ("every 2 weeks", [1 / 14]),
        ("40 mg daily", [1]),
        ("daily life in two days", []),
    ],
)
def test_frequencies(text: str, per_day: list[float]) -> None:
    assert [f.per_day for f in find_frequencies(text)] == pytest.approx(per_day, rel=1e-4)


@pytest.mark.parametrize(
    ("text", "routes"),
    [
        ("5 mg IV", ["intravenous"]),
        ("5 mg i.m.", ["intramuscular"]),
        ("by mouth", ["oral"]),
        ("subcutaneously", ["subcutaneous"]),
        ("Article IV, class IV, stage IV", []),
        ("oral argument", []),
    ],
)
def test_routes(text: str, routes: list[str]) -> None:
    assert [r.name for r in find_routes(text)] == routes


@pytest.mark.parametrize(
    ("claim", "source", "kinds"),
    [
        ("Acetaminophen 1 g q6h.", "Paracetamol 1000 mg four times a day.", []),
        ("40 mg/day of ramipril", "ramipril 40 mg once daily", []),
        ("Ibuprofen 400 mg.", "Paracetamol 400 mg.", ["drug"]),
        ("aspirin 10 mg and ramipril 325 mg", "aspirin 325 mg and ramipril 10 mg", ["drug", "drug"]),
        ("Adrenaline 0.5 mg IV.", "Adrenaline 0.5 mg intramuscularly.", ["route"]),
        ("Ramipril 5 mg b.i.d.", "Ramipril 5 mg once daily.", ["frequency"]),
        ("Ramipril 5 mg orally.", "One tablet of ramipril 5 mg.", []),
        ("The oral argument was short.", "It was short.", []),
        ("There was pneumonia.", "There was no evidence of pneumonia.", ["negation"]),
        ("He has fever.", "He denies pain, cough or fever.", ["negation"]),
        ("He denies cough but has pain.", "He denies pain but has cough.", ["negation"] * 2),
        ("Mortality was similar.", "There was no difference in mortality.", []),
        ("The motion was denied.", "The court denied the motion to suppress.", []),
        ("It may be used.", "It may not be used.", ["negation"]),
        ("In 3.5 patients.", "In 3.5% of patients.", ["unit"]),
    ],
)
def test_differences(claim: str, source: str, kinds: list[str]) -> None:
    assert [m.kind.value for m in fact_mismatches(claim, source)] == kinds


@pytest.mark.parametrize(
    ("text", "formed"),
    [
        ("PMID: 12345678", True),
        ("PMID: 123456789", False),
        ("PMID: 0123", False),
        ("NCT04381936", True),
        ("NCT438193", False),
        ("doi:10.1056/x", True),
        ("doi:11.1056/x", False),
    ],
)
def test_form_of_identifiers(text: str, formed: bool) -> None:
    (reference,) = medical_identifiers(text)
    assert is_well_formed(reference) is formed


@given(ANY_TEXT, st.sampled_from(["denies pain, cough or fever", "was not seen", "5 mg IV b.i.d.", "10 mg of aspirin"]))
def test_any_text_is_survived(text: str, phrase: str) -> None:
    for whole in (f"{text} {phrase}", f"{phrase}{text}"):
        for span in (
            *negated_scopes(whole),
            *(d.span for d in find_drugs(whole)),
            *(f.span for f in find_frequencies(whole)),
            *(r.span for r in find_routes(whole)),
        ):
            assert Span(0, len(whole)).start <= span.start < span.end <= len(whole) or not span.of(whole)
        fact_mismatches(whole, text)


@given(st.integers(1, 999), st.integers(1, 999), st.sampled_from(["mg", "mcg", "units", "mg/kg"]))
def test_another_dose_is_always_a_contradiction(mine: int, theirs: int, unit: str) -> None:
    found = fact_mismatches(f"Ramipril {mine} {unit} once daily.", f"Ramipril {theirs} {unit} once daily.")
    assert bool(found) == (mine != theirs)
    assert all(m.contradicts for m in found)

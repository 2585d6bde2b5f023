import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.retrieval.tokens import stem, token_spans, tokenize


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Fed. R. Civ. P. 12(b)(6)", ["fed", "r", "civ", "p", "12(b)(6)"]),
        ("42 U.S.C. § 1983", ["42", "usc", "1983"]),
        ("123 F.3d 456 (9th Cir. 1997)", ["123", "f3d", "456", "9th", "cir", "1997"]),
        ("0.5 mg of 75,000", ["0.5", "mg", "75000"]),
        ("1,000,000.25 or 1,2,3", ["1000000.25", "1", "2", "3"]),
        ("400mg, 400 mg", ["400", "mg", "400", "mg"]),
        ("vitamin B12 and COVID-19", ["vitamin", "b12", "covid", "19"]),
        ("The WHO is who it is", ["who"]),
        ("the patients' studies and Smith’s study", ["patient", "studi", "smith", "studi"]),
        ("Müller, naïve, STRASSE, straße, ﬁsh", ["muller", "naive", "strasse", "strasse", "fish"]),
        ("Mu\u0308ller", ["muller"]),
        ("最高裁", ["最", "高", "裁"]),
        ("عام ١٩٥٤", ["عام", "١٩٥٤"]),
        ("\ud800 \x00 x_y", ["x", "y"]),
        ("", []),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    assert tokenize(text) == tokens


@pytest.mark.parametrize(
    "family",
    [
        "rule rules ruled ruling",
        "use used using uses",
        "require requires required requiring",
        "dose doses dosed dosing",
        "study studies studied studying",
        "process processes processed",
        "agree agrees agreed",
        "plan planned planning",
    ],
)
def test_forms_of_a_word_meet(family: str) -> None:
    assert len({stem(word) for word in family.split()}) == 1


@pytest.mark.parametrize("pair", ["organ organization", "virus viral", "us using", "red reed", "string strong"])
def test_different_words_stay_apart(pair: str) -> None:
    first, second = pair.split()
    assert stem(first) != stem(second)


@given(st.text())
def test_spans_lie_in_order_and_agree_with_tokens(text: str) -> None:
    found = token_spans(text)
    assert [token for token, _ in found] == tokenize(text)
    end = 0
    for token, span in found:
        assert token
        assert end <= span.start < span.end <= len(text)
        assert not any(sign.isspace() for sign in span.of(text))
        end = span.end


HOSTILE = ["a.", "1,000", "1(a)", "(1)", "a'", "1.", " ", "é", "e", "eb", "e\u0301\u0316", "\u0301\u0316", "最"]


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    began = time.perf_counter()
    tokenize("e" + unit * (300_000 // len(unit)))
    assert time.perf_counter() - began < 10  # quadratic work would take minutes

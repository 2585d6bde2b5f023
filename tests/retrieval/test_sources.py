from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_cases import corpora, policies
from vcpd.retrieval.jurisdictions import JurisdictionError, check_parents, lies_within, line_of
from vcpd.retrieval.passage_store import CorpusPassages
from vcpd.retrieval.passages import Document
from vcpd.retrieval.sources import RULES, SourcePolicy, blocking_rule, chain_of


@pytest.mark.parametrize(
    ("place", "wider", "within"),
    [
        ("N.D. Cal.", "US", True),
        ("N.D. Cal.", "9th Cir.", True),
        ("n.d.cal.", "9TH CIR.", True),
        ("N.D. Cal.", "2d Cir.", False),
        ("9th Cir.", "N.D. Cal.", False),
        ("US", "US", True),
        ("US-CA", "US", True),
        ("US-CA-SF", "US-CA", True),
        ("N.D. Cal.", "US-CA", False),  # a federal court is no court of the state
        ("USA", "US", False),
        ("", "US", False),
        ("", "", True),
        ("US", "", False),
        ("Scotland", "UK", True),
        ("FR", "EU", True),
    ],
)
def test_the_hierarchy(place: str, wider: str, within: bool) -> None:
    assert lies_within(place, wider) is within


def test_own_pairs_go_before_the_table() -> None:
    parents = (("Cal. App.", "US-CA"), ("N.D. Cal.", "Elsewhere"))
    assert lies_within("Cal. App.", "US", parents)
    assert not lies_within("N.D. Cal.", "US", parents)
    check_parents(parents)
    with pytest.raises(JurisdictionError, match="'A' stands above itself"):
        check_parents((("A", "B"), ("B", "A")))
    assert line_of("A", (("A", "B"), ("B", "A"))) == ("a", "b")  # and a circle ends all the same


@pytest.mark.parametrize(
    ("document", "policy", "rule"),
    [
        ({"jurisdiction": "9th Cir."}, {"binding_in": "N.D. Cal."}, None),
        ({"jurisdiction": "US"}, {"binding_in": "N.D. Cal."}, None),
        ({"jurisdiction": "N.D. Cal."}, {"binding_in": "N.D. Cal."}, None),
        ({"jurisdiction": "C.D. Cal."}, {"binding_in": "N.D. Cal."}, "binding_in"),
        ({"jurisdiction": ""}, {"binding_in": "N.D. Cal."}, "binding_in"),
        ({"jurisdiction": "N.D. Cal."}, {"binding_in": "US"}, "binding_in"),
        ({"valid_from": date(2021, 1, 1)}, {}, "valid_from"),
        ({"valid_from": date(2020, 1, 1)}, {}, None),  # the first day counts
        ({"valid_to": date(2020, 1, 1)}, {}, None),  # and so does the last
        ({"valid_to": date(2019, 12, 31)}, {}, "valid_to"),
        ({"valid_to": date(2019, 12, 31), "superseded_by": "x"}, {}, "superseded"),
        ({"valid_to": date(2020, 12, 31), "superseded_by": "x"}, {}, None),  # superseded later
        ({"superseded_by": "x"}, {}, "superseded"),  # since when is unknown
        ({"superseded_by": "x"}, {"as_of": None}, None),
        ({"superseded_by": "x"}, {"as_of": None, "current_only": True}, "superseded"),
        ({"date": None}, {}, "as_of"),
        ({"date": date(2020, 1, 2)}, {}, "as_of"),
        ({"license": "MIT"}, {"licenses": ("MIT",)}, None),
        ({"license": ""}, {"licenses": ("MIT",)}, "license"),
        ({"safety_tier": 1}, {"min_safety_tier": 2}, "min_safety_tier"),
        ({"safety_tier": 2}, {"min_safety_tier": 2}, None),
    ],
)
def test_rules(document: dict[str, Any], policy: dict[str, Any], rule: str | None) -> None:
    whole = {"date": date(2019, 6, 1), **document}
    assert blocking_rule(Document("d", "Text.", **whole), SourcePolicy(**{"as_of": date(2020, 1, 1), **policy})) == rule


def test_a_narrower_policy_never_widens() -> None:
    pack = SourcePolicy(deny=("Blog",), as_of=date(2020, 1, 1))
    sample = SourcePolicy(as_of=date(2030, 1, 1), jurisdictions=("US",))
    both = replace(sample, within=pack)
    late = Document("d", "x", source="Court", date=date(2025, 1, 1), jurisdiction="US")
    assert blocking_rule(late, sample) is None
    assert blocking_rule(late, both) == "as_of"
    assert [p.deny for p in chain_of(both)] == [(), ("Blog",)]


@settings(deadline=None, max_examples=200)
@given(corpora(), policies())
def test_a_filter_says_of_each_document_what_the_rules_say(corpus: Any, policy: SourcePolicy) -> None:
    store = CorpusPassages(corpus)
    found = store.filter(policy)
    rules = [blocking_rule(document, policy) for document in corpus]
    assert [found.rule(i) for i in range(len(corpus))] == rules
    assert [bool(a) for a in found.allowed] == [rules[int(owner)] is None for owner in store.owners]
    assert set(rules) <= {None, *RULES}


@settings(deadline=None)
@given(corpora(), policies(0), policies(0))
def test_within_is_both(corpus: Any, inner: SourcePolicy, outer: SourcePolicy) -> None:
    both = replace(inner, within=outer)
    for document in corpus:
        allowed = blocking_rule(document, inner) is None and blocking_rule(document, outer) is None
        assert (blocking_rule(document, both) is None) is allowed


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_names_have_an_answer(place: str, wider: str) -> None:
    assert lies_within(place, wider) in (True, False)
    assert lies_within(place, place)

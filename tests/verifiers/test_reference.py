"""The rule-based grader of free text against gold answers."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.verifiers.reference import grade_reference

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)
WORDS = st.lists(
    st.sampled_from(["alpha", "beta", "gamma", "300 mg", "1954", "plaintiff"]), min_size=1, max_size=4
).map(" ".join)


@pytest.mark.parametrize(
    ("answer", "targets", "wrong", "grade"),
    [
        ("The dose is 0.3 mg.", ["300 mcg"], [], True),
        ("R (Miller) v Secretary of State (No 1) was decided by the Supreme Court.", ["Supreme Court"], [], True),
        ("It was No. 2 of the series, 1954.", ["1954"], [], True),
        ("There are no cases from 1954.", ["1954"], [], False),
        ("It must be filed within sixty (60) days.", ["60 days"], [], True),
        ("Within twenty-one (21) days of service.", ["21 days"], [], True),
        ("Adults should not take more than 4,000 mg in a day.", ["4,000 mg"], [], True),
        ("It must not be started until 5 weeks have passed.", ["5 weeks"], [], True),
        ("If not served within 90 days, the action is dismissed.", ["90 days"], [], True),
        ("It is not the Supreme Court.", ["Supreme Court"], [], False),
        ("The maximum is 2,550 mg/day.", ["2,550 mg"], [], True),
        ("The maximum is 2,550 mg per day.", ["2,550 mg daily"], [], True),
        ("5 mg/kg/day", ["5 mg"], [], False),
        ("It is 149,597,870,691 metres.", ["149,597,870,700 m"], [], False),
        ("It is 8,848.861 m high.", ["8,848.86 m"], [], False),
        ("It is 1.38065e-23 J/K.", ["1.380649"], [], False),
        ("It stands for 10^21.", ["10^-21"], [], False),
        ("It stands for 10^{-21}.", ["10^-21"], [], True),
        ("It stands for 10\u207b\u00b2\u00b9.", ["10^-21"], [], True),
        ("It stands for 10\u00b2\u00b9.", ["10^-21"], [], False),
        ("0.3 milligrams", ["300 mcg"], [], True),
        ("300 \u00b5g daily", ["0.3 mg"], [], True),
        ("300 mg", ["300 mcg"], [], False),
        ("130 mg", ["30 mg"], [], False),
        ("1.5 mg", ["5 mg"], [], False),
        ("1,500", ["500"], [], False),
        ("1,500", ["1500"], [], True),
        ("in 19541", ["1954"], [], False),
        ("Brown v. Board, 347 US 483 (1954)", ["347 U.S. 483"], [], True),
        ("347 U. S. 483", ["347 U.S. 483"], [], True),
        ("348 U.S. 483", ["347 U.S. 483"], [], False),
        ("C-311/18", ["C-311/18"], [], True),
        ("\u00a7 1983", ["section 1983"], [], True),
        ("It was decided in 1954.", ["1954"], [], True),
        ("It was not 1954.", ["1954"], [], False),
        ("It was not decided in 1954 but in 1955.", ["1954"], [], False),
        ("It was not decided in 1954 but in 1955.", ["1955"], ["1954"], True),
        ("It was not until 1954 that it was decided.", ["1954"], [], True),
        ("1954 is wrong.", ["1954"], [], False),
        ("no later than 30 days", ["30 days"], [], True),
        ("It isn't aspirin.", ["aspirin"], [], False),
        ("Aspirin is not recommended.", ["aspirin"], [], True),
        ("May 17, 1954", ["17 May 1954"], [], True),
        ("1954-05-17", ["May 17, 1954"], [], True),
        ("May 17, 1954", ["1954"], [], True),
        ("May 17, 1954", ["May 1954"], [], True),
        ("May 18, 1954", ["17 May 1954"], [], False),
        ("the Fifth Amendment", ["5th Amendment"], [], True),
        ("Yes, it applies.", ["yes"], [], True),
        ("**No**, it does not.", ["No"], [], True),
        ("No.", ["yes"], [], False),
        ("No. 5 of the Act says yes", ["no"], [], False),
        ("The answer is yes.", ["Yes"], [], True),
        ("It depends on the facts.", ["yes"], [], False),
        ("maybe", ["maybe"], [], True),
        ("Yes", ["maybe"], [], False),
        ("not guilty", ["guilty"], [], False),
        ("The jury found him not guilty.", ["not guilty"], [], True),
        ("He was guilty.", ["not guilty"], [], False),
        ("It is strictly liable.", ["liable"], ["strictly liable"], False),
        ("30 mg, not 130 mg", ["30 mg"], ["130 mg"], True),
        ("30 mg or 130 mg", ["30 mg"], ["130 mg"], False),
        ("five mg per day", ["5 mg per day"], ["5 mg"], True),
        ("Strict scrutiny rather than rational basis", ["rational basis"], [], False),
        ("Strict scrutiny rather than rational basis", ["strict scrutiny"], ["rational basis"], True),
        ("three years", ["3 years"], [], True),
        ("36 months", ["3 years"], [], True),
        ("14", ["14 days"], [], True),
        ("14 days", ["14"], [], True),
        ("14 hours", ["14 days"], [], False),
        ("two weeks", ["14 days"], [], True),
        ("75,000 dollars", ["$75,000"], [], True),
        ("5 percent", ["5%"], [], True),
        ("10\u201320 mg", ["10 to 20 mg"], [], True),
        ("37 \u00b0C", ["98.6 \u00b0F"], [], True),
        ("\u201cBrown\u2019s\u201d case", ["Brown"], [], True),
        ("M\u00fcller", ["Muller"], [], True),
        ("the U.S. Supreme Court", ["US Supreme Court"], [], True),
        ("hepatitis B. A vaccine exists.", ["hepatitis B"], [], True),
        ("a co-payment", ["co payment"], [], True),
        ("aspirin or ibuprofen", ["warfarin", "ibuprofen"], [], True),
        ("", ["x"], [], False),
        ("  \n", ["x"], [], False),
        ("...", ["x"], [], False),
        ("x", [], [], None),
        ("x", [""], [], None),
    ],
)
def test_grades(answer: str, targets: list[str], wrong: list[str], grade: bool | None) -> None:
    assert grade_reference(answer, targets, wrong) is grade


@given(ANY_TEXT, st.lists(ANY_TEXT, max_size=3), st.lists(ANY_TEXT, max_size=3))
def test_any_text_is_graded(answer: str, targets: list[str], wrong: list[str]) -> None:
    grade = grade_reference(answer, targets, wrong)
    assert (grade is None) == (not any(t.strip() for t in targets))


@given(WORDS)
def test_a_target_is_right_for_itself_and_wrong_beside_a_known_error(target: str) -> None:
    assert grade_reference(f"It is {target}.", [target]) is True
    assert grade_reference(f"It is {target}. It is also delta.", [target], ["delta"]) is False
    assert grade_reference("It is omega.", [target]) is False


@pytest.mark.parametrize("unit", ["word ", "a", "U.S."])
def test_a_megabyte_is_graded_in_time(unit: str) -> None:
    began = time.thread_time()
    grade_reference(unit * (1_000_000 // len(unit)), ["300 mcg", "aspirin 5"], ["x y"])
    assert time.thread_time() - began < 8

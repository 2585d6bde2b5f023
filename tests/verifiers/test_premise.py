"""Rejecting a false premise is not answering it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.verifiers.premise import rejects_premise


@pytest.mark.parametrize(
    ("answer", "rejects"),
    [
        ("There was no dissent; the decision was unanimous [1].", True),
        ("Actually, there is no hour limit in that rule [2].", True),
        ("No such case exists in the sources.", True),
        ("Nobody dissented in Brown [1].", True),
        ("The premise is false: the case was never overruled.", True),
        ("The question assumes that Justice Reed dissented, which is incorrect [1].", True),
        ("The question supposes a dissent. It is not correct.", False),
        ("Brown was decided unanimously [1]. There was no dissent.", True),
        ("Justice Harlan wrote the dissent [1].", False),
        ("It was overruled in 1954 [1].", False),
        ("The limit is 24 hours [1]. It is short. There is no exception.", False),
        ("No. 12 of the series says 24 hours [1].", False),
        ("The court found no error and affirmed [1].", False),
        ("", False),
    ],
)
def test_rejections(answer: str, rejects: bool) -> None:
    assert rejects_premise(answer) is rejects


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert rejects_premise(text) in (True, False)

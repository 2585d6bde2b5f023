"""The examples are what their recipe makes: same verdicts, same worst answers, small, and nothing of this machine."""

import re
from pathlib import Path

import pytest
from vcpd.evals.report_examples import EXAMPLES, example

FOLDER = Path(__file__).resolve().parents[2] / "reports" / "examples"


def verdicts(page: str) -> list[str]:
    return re.findall(r'<li class="v-[a-z-]+">(.*?)</li>', page, re.S)


def worst(page: str) -> list[str]:
    return re.findall(r'<article class="box" aria-label="([^"]+)"', page)


def numbers(page: str, measure_free: str = "value") -> list[str]:
    """What the <data> elements hold where it is a share, which no clock decides."""
    return re.findall(rf'<data value="([^"]+)" data-row="\d+" data-of="{measure_free}">[\d.]+ %</data>', page)


@pytest.mark.parametrize("domain", EXAMPLES)
def test_an_example_is_small_and_names_no_machine(domain: str) -> None:
    page = (FOLDER / f"risk_review_{domain}.html").read_text(encoding="utf-8")
    assert len(page.encode()) < 3_000_000
    assert verdicts(page)
    assert not re.search(r"/(?:home|tmp|Users|root|work)/", page)


def test_the_recipe_makes_the_example() -> None:
    kept = (FOLDER / "risk_review_legal.html").read_text(encoding="utf-8")
    made = example("legal")
    assert verdicts(made) == verdicts(kept)
    assert worst(made) == worst(kept)
    assert numbers(made) == numbers(kept) != []

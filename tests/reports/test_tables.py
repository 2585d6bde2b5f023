"""The tables and the picture of a run, as a reader sees them."""

import xml.etree.ElementTree as ElementTree
from io import StringIO

import pytest
from rich.console import Console
from vcpd.reports.figures import run_figure
from vcpd.reports.numbers import amount, amount_interval, share, share_interval
from vcpd.reports.tables import print_tables
from vcpd.scoring.estimate import Estimate, Measurement


def estimate(value: float, low: float | None = None, high: float | None = None) -> Estimate:
    return Estimate(value, low, high, 0.95, 40, 40, "made up")


def measured(model: str, measure: str, e: Estimate | None, note: str = "", domain: str = "legal") -> Measurement:
    return Measurement("run", model, domain, measure, e, note)


ROWS = [
    measured("acme/one", "correct", estimate(0.6, 0.4, 0.7), "judged by answer key (30), reference grader (10)"),
    measured("acme/one", "wrong", estimate(0.1, 0.02, 0.2)),
    measured("acme/one", "abstained", estimate(0.25, 0.1, 0.4)),
    measured("acme/one", "invalid", estimate(0.05, 0.01, 0.2)),
    measured("acme/one", "p", estimate(1 / 7, 0.05, 0.3), "judged by answer key (30), reference grader (10)"),
    measured("acme/one", "p_upper_exact", estimate(0.28, 0.0, 0.28)),
    measured("acme/one", "citation_precision", None, "undefined: no citation could be checked"),
    measured("acme/one", "q_tokens", estimate(0.86, 0.7, 0.95)),
    measured("acme/one", "kappa_usd", estimate(0.0123, 0.01, 0.02)),
    measured("acme/one", "h_usd", estimate(0.01, 0.005, 0.02)),
    measured("acme/one", "vcpd", estimate(12_345.6, 9_876.5, 23_456.7)),
    measured("acme/one", "vcpd_floor", None, "undefined: Q = 0.860 misses the floor Q_min = 0.95"),
    measured("acme/one", "usd_per_verified_answer", estimate(0.5, None, None)),
    measured("acme/one", "sensitivity", estimate(0.75, 0.4, 0.9)),
    measured("acme/one", "specificity", estimate(0.9, 0.8, 0.95)),
    measured("acme/one", "p_escaped", estimate(0.04, 0.01, 0.1)),
    measured("acme/one", "c_g_usd", estimate(0.002, 0.001, 0.003)),
    measured("acme/one", "verification_usd", estimate(0.0003, 0.0002, 0.0004)),
    measured("acme/one", "retries_usd", estimate(0.0, 0.0, 0.0)),
    measured("acme/one", "people_usd", estimate(0.01, 0.005, 0.02)),
    measured("acme/one", "break_even_loss_usd", estimate(0.25, 0.1, 0.9)),
    measured("acme/two", "correct", estimate(0.5, 0.3, 0.7), "judged by answer key"),
    measured("acme/two", "p", None, "undefined: no sample was attempted and judged"),
    measured("acme/two", "vcpd", None, "undefined: no price per token is known for model 'acme/two'"),
]

GOLDEN = """\
Answers (95 % intervals; p <= is the one-sided exact bound)
model / domain n right wrong abst. p = wrong/attempted p <= cite P cite R recall
acme/one
  legal 40  .600  .100  .250   .143 [.050, .300] .280      -      -      -
acme/two
  legal 40  .500     -     -                   -    -      -      -      -

Verified Capability per Dollar (VCpD = Q*T/C; people at the base wage)
model / domain         Q by tokens              $/request      VCpD tokens/$ $/verified answer
acme/one
  legal        .860 [.700, .950]*  0.0123  12.3k [9.9k, 23k] 0.500 [unbounded]
acme/two
  legal                         -                      -                  -                 -

What errors cost: H in $ per request, C_v in $ per error; then $ per request by purpose
model / domain              H = p*C_v  C_v   answer   verify retry people
acme/one
  legal        0.0100 [0.0050, 0.020]    -  0.00200 0.000300     0 0.0100

The verifier in the loop (95 % intervals)
model / domain errors stopped (Se) right passed (Sp) wrong among delivered   L* $
acme/one
  legal          .750 [.400, .900] .900 [.800, .950]     .040 [.010, .100]  0.250

Right and wrong as judged by answer key and reference grader.
Invalid answers, outside p: acme/one legal .050.
* Q by tokens misses the pack's floor Q_min, fit to ship at no price (the launch itself: vcpd gate):
acme/one legal (.860 < .95).
p is undefined: no sample was attempted and judged (acme/two legal).
VCpD is undefined: no price per token is known for model 'acme/two' (acme/two legal).
L*: the loss per escaped error above which verifying in the loop pays; -: at none.
"""


def printed(rows: list[Measurement]) -> str:
    out = StringIO()
    print_tables(rows, Console(file=out, width=100))
    return out.getvalue()


def squeezed(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_tables_are_as_agreed() -> None:
    assert squeezed(printed(ROWS)) == squeezed(GOLDEN)


def test_tables_fit_a_hundred_columns() -> None:
    long = [measured("provider/" + "a-very-long-model-name-" * 3, r.measure, r.estimate, r.note) for r in ROWS]
    assert max(map(len, printed(long).splitlines())) <= 100


def test_the_picture_is_self_contained_and_escapes_names() -> None:
    rows = [measured("<script>&", r.measure, r.estimate, r.note) for r in ROWS if r.model == "acme/one"]
    svg = run_figure(rows)
    tree = ElementTree.fromstring(svg)
    texts = [e.text for e in tree.iter() if e.tag.endswith("text")]
    assert "<script>&" in texts
    assert "script" not in {e.tag.rpartition("}")[2] for e in tree.iter()}
    assert "href" not in svg
    assert {".143", "$0.500"} <= set(texts)


def test_names_are_not_read_as_markup() -> None:
    rows = [measured("[red]x[/red]", r.measure, r.estimate, r.note) for r in ROWS]
    assert "[red]x[/red]" in printed(rows)


def test_control_characters_of_names_are_not_printed() -> None:
    rows = [measured("\x1b[31mred\nline", r.measure, r.estimate, r.note, "\x07law") for r in ROWS]
    assert "\x1b" not in printed(rows)
    assert "?[31mred line" in printed(rows)
    ElementTree.fromstring(run_figure(rows))


def test_a_run_without_dollars_still_has_its_picture() -> None:
    assert "How the answers ended" in run_figure([r for r in ROWS if r.measure != "usd_per_verified_answer"])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((0, "0"), (1, "1.00"), (12.345, "12.3"), (999.6, "1.00k"), (1234, "1.23k"), (9.999e5, "1.00M")),
        *((0.00456, "0.00456"), (3.21e-6, "3.21e-6"), (2.5e9, "2.50G"), (-0.5, "-0.500")),
    ],
)
def test_amounts(value: float, text: str) -> None:
    assert amount(value) == text


def test_a_value_stays_inside_its_interval_when_rounded() -> None:
    assert amount_interval(estimate(211e6, 28.0, 211e6)) == "211M [28.0, 211M]"
    assert amount_interval(estimate(1.534, 1.534, 1.9)) == "1.53 [1.5, 1.9]"
    assert amount_interval(estimate(1.56, 1.56, 1.9)) == "1.56 [1.56, 1.90]"
    assert amount_interval(estimate(1.234, 1.1, 1.9)) == "1.23 [1.1, 1.9]"


def test_numbers_that_rest_on_an_estimate_or_lack_usage_say_so() -> None:
    tokens = "tokens estimated by chars4, input not counted"
    rows = [r if r.measure != "c_g_usd" else measured("acme/one", "c_g_usd", r.estimate, tokens) for r in ROWS]
    assert f"Dollars and VCpD rest on {tokens}: acme/one legal." in " ".join(printed(rows).split())
    unknown = "undefined: usage was not recorded, so what was spent is unknown"
    rows = [measured("m", "correct", estimate(0.5, 0.4, 0.6)), measured("m", "vcpd", None, unknown)]
    assert "or estimate tokens (vcpd score --estimate-tokens o200k_base)" in " ".join(printed(rows).split())


def test_the_number_of_answers_stands_where_the_share_of_right_ones_is_undefined() -> None:
    alone = "undefined: one cluster alone says nothing of the variance between clusters"
    rows = [measured("m", "correct", None, alone), measured("m", "wrong", estimate(0.0, 0.0, 0.9))]
    assert "legal 40 - .000" in " ".join(printed(rows).split())
    assert f"The share of right answers is {alone} (m legal)." in " ".join(printed(rows).split())


def test_undefined_is_a_dash() -> None:
    assert (share(None), share_interval(None), amount_interval(None)) == ("-", "-", "-")
    assert share_interval(estimate(1.0, 0.9, 1.0)) == "1.000 [.900, 1.000]"

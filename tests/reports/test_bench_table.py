"""The table of a verifier against human labels."""

from io import StringIO

from rich.console import Console
from vcpd.reports.bench_table import print_bench
from vcpd.scoring.estimate import Estimate, Measurement
from vcpd.scoring.published_verifiers import PublishedFigure

ROWS = [
    Measurement("f", "v", "d", "response_f1", Estimate(0.5, 0.4, 0.625, 0.95, 40, 9, "cluster bootstrap"), "n"),
    Measurement("f", "v", "d", "claim_smece", Estimate(0.03, None, None, 0.95, 40, 9, "below .04 by chance"), "n"),
    Measurement("f", "v", "d", "span_f1", None, "undefined: no stretch is marked"),
    Measurement("f", "v", "d", "span_token_f1", None, "undefined: no stretch is marked"),
]
OTHERS = [
    PublishedFigure("Small [red]", "d", "response_f1", 0.25, "its test part", "arXiv:1"),
    PublishedFigure("Large", "d", "response_f1", 0.75, "its test part", "arXiv:1"),
    PublishedFigure("Large", "d", "span_f1", 0.5, "its test part", "arXiv:2"),
]


def test_the_table_as_it_is() -> None:
    out = StringIO()
    print_bench(ROWS, OTHERS, "Verifier v\x1b", Console(file=out, width=100))
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    assert lines == [
        "Verifier v?",
        "measure      value [95 % interval]   n  clusters  published",
        "response_f1  .500 [.400, .625]      40         9  .750 Large",
        "                                                  .250 Small [red]",
        "claim_smece  .030                   40         9",
        "",
        "span_f1, span_token_f1: undefined: no stretch is marked",
        "claim_smece .030: below .04 by chance",
        "Published response_f1: its test part; not the same items. arXiv:1.",
    ]

"""CSV that a spreadsheet shows and does not run."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vcpd.reports.marked_text import visible
from vcpd.reports.spreadsheets import csv_text, plain_cell


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"), ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"), ("-2+3", "'-2+3"), ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1", "'  =1"), ("\t=1", "'\t=1"), ("'=1", "''=1"), ("plain, with comma", "plain, with comma"),
        (-2.5, "-2.5"), (None, ""), (True, "True"), ("\x1b[31m", "\u241b[31m"), ("it's", "it's"),
        ("\uff1d1", "'\uff1d1"),
    ],
)  # fmt: skip
def test_cells_by_hand(cell: str | float | None, written: str) -> None:
    [_, row] = list(csv.reader(io.StringIO(csv_text(["a"], [[cell]])))) if written else [None, [""]]
    assert row == [written]


@given(st.lists(st.text(), min_size=2, max_size=2))
def test_no_cell_starts_like_a_formula_and_all_can_be_read_back(cells: list[str]) -> None:
    rows = list(csv.reader(io.StringIO(csv_text(["a", "b"], [cells]), newline="")))
    assert len(rows) == 2
    for cell, was in zip(rows[1], cells, strict=True):
        assert cell.lstrip(" \u00a0")[:1] not in tuple("=+-@\t\r\n")
        assert plain_cell(cell) == visible(was)

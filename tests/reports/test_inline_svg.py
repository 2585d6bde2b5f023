"""A chart becomes part of a page: presentation instead of style, ids of its own, and nothing it should not hold."""

from xml.etree import ElementTree

import pytest
from vcpd.reports.inline_svg import inlined

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 20 10">'


def made(inside: str) -> ElementTree.Element:
    root = ElementTree.fromstring(inlined(f"{HEAD}{inside}</svg>", "n", 'a "title" <b>'))
    return root


def only(inside: str) -> ElementTree.Element:
    [title, element] = made(inside)
    assert title.text == 'a "title" <b>'
    return element


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("fill: #d55e00; stroke: none", {"fill": "#d55e00", "stroke": "none"}),
        ("font-size: 12px; font-family: 'Some Face', serif; stroke: none", {"font-size": "12px", "stroke": "none"}),
        ("font: 12px 'Some Face', serif", {"font-size": "12px"}),
        ("font: bold 12.5px 'Some Face'", {"font-size": "12.5px", "font-weight": "bold"}),
        ("font: 700 12px 'Some Face'", {"font-size": "12px", "font-weight": "700"}),
    ],
)  # fmt: skip
def test_style_becomes_presentation(style: str, expected: dict[str, str]) -> None:
    assert only(f'<text style="{style}">a</text>').attrib == expected


def test_ids_are_kept_where_used_and_begin_with_the_name() -> None:
    group = made(
        '<g id="idle"><defs><path id="m" d="M 0 0"/><clipPath id="c"><rect/></clipPath></defs>'
        '<use xlink:href="#m" clip-path="url(#c)" style="fill: url(#h)"/></g><defs><pattern id="h"/></defs>'
    )
    ids = {e.get("id") for e in group.iter()} - {None}
    assert ids == {"n-title", "n-m", "n-c", "n-h"}
    [use] = [e for e in group.iter() if e.tag.endswith("use")]
    assert use.attrib == {"href": "#n-m", "clip-path": "url(#n-c)", "fill": "url(#n-h)"}


def test_numbers_are_rounded_and_rotation_by_nothing_goes() -> None:
    path = only('<path d="M 1.23456 -0.0049\nL 10.500001 3 z" transform="rotate(-0 1 2)"/>')
    assert path.attrib == {"d": "M 1.23 -0 L 10.5 3 z"}


@pytest.mark.parametrize("tag", ["script", "image", "foreignObject", "a", "animate"])
def test_what_no_chart_holds_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match=f"<{tag}>"):
        made(f"<g><{tag}/></g>")


def test_metadata_and_styles_go() -> None:
    assert [e.tag.rpartition("}")[2] for e in made("<metadata/><defs><style>* {}</style></defs>").iter()] == [
        "svg",
        "title",
    ]

"""A chart of the plotting library as part of a page: no style of its own, no foreign reference, named by its title.

The content security policy of our pages lets no style attribute through; presentation attributes say the same.
"""

import re
from xml.etree import ElementTree

FACES = 'Helvetica, Arial, "Liberation Sans", sans-serif'
_KEPT = {"defs", "g", "path", "use", "text", "tspan", "clipPath", "pattern", "rect"}
_REFERENCE = re.compile(r"url\(#([\w-]+)\)")
_LONG = re.compile(r"-?\d+\.\d{3,}")
_SHORTHAND = re.compile(r"(?:(?P<weight>bold|\d00) )?(?P<size>[\d.]+px) .*")
"""The `font` property as the library writes it before its release 3.10; it is no presentation attribute."""


def inlined(svg: str, name: str, title: str) -> str:
    """`svg` as one element for a page, all ids begun with `name`, `title` what a reader hears.

    Raises:
        ValueError: It holds an element that no chart of ours has.
    """
    root = ElementTree.fromstring(svg)
    wanted = _referenced(root)
    _, _, width, height = root.get("viewBox", "0 0 0 0").split()
    top = ElementTree.Element("svg", {
        "xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {width} {height}", "width": width, "height": height,
        "font-family": FACES, "stroke-linejoin": "round", "role": "img", "aria-labelledby": f"{name}-title",
    })  # fmt: skip
    ElementTree.SubElement(top, "title", {"id": f"{name}-title"}).text = title
    for child in root:
        top.extend(_kept(child, name, wanted))
    return ElementTree.tostring(top, encoding="unicode")


def _referenced(root: ElementTree.Element) -> set[str]:
    links = {v[1:] for e in root.iter() for key, v in e.attrib.items() if key.endswith("href")}
    return links | {name for e in root.iter() for v in e.attrib.values() for name in _REFERENCE.findall(v)}


def _kept(element: ElementTree.Element, name: str, wanted: set[str]) -> list[ElementTree.Element]:
    """The element as it stands in a page; a group that says nothing gives way to its children."""
    tag = element.tag.rpartition("}")[2]
    if tag in ("metadata", "style"):
        return []
    if tag not in _KEPT:
        raise ValueError(f"a chart holds an element <{tag}>, which no chart of this package should")
    made = ElementTree.Element(tag, _attributes(element, name, wanted))
    made.text = element.text if tag in ("text", "tspan") else None
    for child in element:
        made.extend(_kept(child, name, wanted))
    if tag in ("g", "defs") and not len(made):
        return []
    return list(made) if tag == "g" and not made.attrib else [made]


def _attributes(element: ElementTree.Element, name: str, wanted: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in element.attrib.items():
        key = key.rpartition("}")[2]
        if key == "style":
            found |= _presentation(value)
        elif key == "id":
            found |= {"id": f"{name}-{value}"} if value in wanted else {}
        elif key == "href":
            found[key] = f"#{name}-{value[1:]}"
        elif not (key == "transform" and value.startswith("rotate(-0 ")):
            found[key] = " ".join(_LONG.sub(_rounded, value).split())
    return {key: _REFERENCE.sub(rf"url(#{name}-\1)", value) for key, value in found.items()}


def _presentation(style: str) -> dict[str, str]:
    pairs = dict(part.strip().split(": ", 1) for part in style.split(";") if part.strip())
    if found := _SHORTHAND.fullmatch(pairs.pop("font", "")):
        pairs |= {"font-size": found["size"]} | ({"font-weight": found["weight"]} if found["weight"] else {})
    pairs.pop("font-family", None)
    return pairs


def _rounded(found: re.Match[str]) -> str:
    return f"{float(found[0]):.2f}".rstrip("0").rstrip(".")

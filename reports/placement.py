"""Placing labels beside points so that none covers another label or a point."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_CHARACTER = 0.6  # width of a character over its font size; wider than common sans-serif faces
_DISTANCES = (8.0, 16.0, 28.0, 42.0, 58.0, 76.0)
_DIRECTIONS = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1))
_LEADER_FROM = 16.0  # from this distance on a thin line leads from the label to its point


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, pixels, y downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Box") -> bool:
        """Whether the two share any area."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def holds(self, other: "Box") -> bool:
        """Whether `other` lies inside."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )


@dataclass(frozen=True, slots=True)
class Anchor:
    """A point that wants a label."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Label:
    """A placed label: baseline at `y`; at `x` it starts, is centred or ends (`align`, SVG's text-anchor), whichever
    side is next to the point. `leader`: line from the label to the point.
    """

    x: float
    y: float
    text: str
    align: str
    box: Box
    leader: tuple[float, float, float, float] | None


def place(
    anchors: Sequence[Anchor], points: Sequence[Box], lines: Sequence[Box], area: Box, size: float = 11
) -> list[Label]:
    """Labels for `anchors`, first come first placed, inside `area` and clear of points, lines and one another.

    A leader may cross a line, but no label and no point but its own. An anchor without a free place nearby gets no
    label.
    """
    labels: list[Label] = []
    blocked: list[Box] = []  # labels and leaders placed so far
    for anchor in anchors:
        others = [p for p in points if not p.overlaps(around(anchor.x, anchor.y, 1))]
        for distance, (dx, dy) in ((d, direction) for d in _DISTANCES for direction in _DIRECTIONS):
            label = _label(anchor, _box(anchor, distance, dx, dy, size), dx, distance, size)
            leader = _stretch(label)
            if (
                area.holds(label.box)
                and _free(label.box, [*points, *lines, *blocked])
                and all(_free(box, [*others, *(done.box for done in labels)]) for box in leader)
            ):
                labels.append(label)
                blocked += [label.box, *leader]
                break
    return labels


def _free(box: Box, obstacles: Sequence[Box]) -> bool:
    return not any(box.overlaps(other) for other in obstacles)


def _stretch(label: Label) -> list[Box]:
    """Small boxes along the leader."""
    if label.leader is None:
        return []
    x1, y1, x2, y2 = label.leader
    n = max(1, int(max(abs(x2 - x1), abs(y2 - y1)) / 3))
    return [around(x1 + (x2 - x1) * i / n, y1 + (y2 - y1) * i / n, 1) for i in range(1, n)]


def around(x: float, y: float, radius: float) -> Box:
    """The box of a round point."""
    return Box(x - radius, y - radius, x + radius, y + radius)


def along(points: Sequence[tuple[float, float]], margin: float) -> list[Box]:
    """Boxes around the level and upright stretches of a line."""
    return [
        Box(min(x1, x2) - margin, min(y1, y2) - margin, max(x1, x2) + margin, max(y1, y2) + margin)
        for (x1, y1), (x2, y2) in pairwise(points)
    ]


def _box(anchor: Anchor, distance: float, dx: int, dy: int, size: float) -> Box:
    width, height = len(anchor.text) * size * _CHARACTER, size * 1.2
    slant = 0.75 if dx and dy else 1.0
    x, y = anchor.x + dx * distance * slant, anchor.y + dy * distance * slant
    left = x if dx > 0 else x - width if dx < 0 else x - width / 2
    top = y if dy > 0 else y - height if dy < 0 else y - height / 2
    return Box(left, top, left + width, top + height)


def _label(anchor: Anchor, box: Box, dx: int, distance: float, size: float) -> Label:
    leader = None
    if distance >= _LEADER_FROM:
        near_x = min(max(anchor.x, box.left), box.right)
        near_y = min(max(anchor.y, box.top), box.bottom)
        leader = (near_x, near_y, anchor.x, anchor.y)
    x, align = {1: (box.left, "start"), 0: ((box.left + box.right) / 2, "middle"), -1: (box.right, "end")}[dx]
    return Label(x, box.top + size, anchor.text, align, box, leader)

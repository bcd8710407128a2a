"""A tree on paper: where the boxes of an organisation chart or a hierarchy stand.

Owns the layout: from left to right, a parent beside the middle of its children, labels broken into
lines. Units are those of the SVG's view box. The drawing is the templates'.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["Box", "Chart", "draw"]

WIDTH: Final = 240
GAP: Final = 46
_LINE: Final = 18
_PAD: Final = 12
_BETWEEN: Final = 12
_CHARACTERS: Final = 25


@dataclass(frozen=True, slots=True)
class Box:
    """A box: its upper left corner, its size, its lines of text, where its parent's edge is."""

    key: str
    x: float
    y: float
    height: float
    lines: tuple[str, ...]
    parent: tuple[float, float] | None


@dataclass(frozen=True)
class Chart:
    """All boxes and the size of the drawing."""

    boxes: tuple[Box, ...]
    width: float
    height: float


def draw(
    roots: Iterable[str], children: Mapping[str, Sequence[str]], label: Callable[[str], str]
) -> Chart:
    """Lay out a forest; a node under two parents is drawn under each, and a circle is cut."""
    boxes: list[Box] = []
    bottom = 0.0
    for root in roots:
        placed, bottom = _place((root,), bottom, children, label)
        boxes += placed
    width = max((box.x for box in boxes), default=0) + WIDTH
    return Chart(tuple(boxes), width, max(bottom - _BETWEEN, 0))


def _place(
    path: tuple[str, ...],
    top: float,
    children: Mapping[str, Sequence[str]],
    label: Callable[[str], str],
) -> tuple[list[Box], float]:
    """The boxes of a subtree, its root first, and the first free place below them."""
    key = path[-1]
    lines = tuple(textwrap.wrap(label(key), _CHARACTERS, max_lines=4, placeholder=" …"))
    height = len(lines) * _LINE + _PAD
    subtrees: list[list[Box]] = []
    bottom = top
    for child in children.get(key, ()):
        if child not in path:
            placed, bottom = _place((*path, child), bottom, children, label)
            subtrees.append(placed)
    y = top
    if subtrees:
        ends = subtrees[0][0], subtrees[-1][0]
        y = max(top, sum(box.y + box.height / 2 for box in ends) / 2 - height / 2)
    x = (len(path) - 1) * (WIDTH + GAP)
    own = Box(key, x, y, height, lines, None)
    edge = (x + WIDTH, y + height / 2)
    below = [box for tree in subtrees for box in (replace(tree[0], parent=edge), *tree[1:])]
    return [own, *below], max(bottom, y + height + _BETWEEN)

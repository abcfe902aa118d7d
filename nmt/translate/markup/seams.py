"""Seams: where inline elements stand side by side, and only their styles part their words on a page.

<a>Home</a><a>News</a> are two texts, as are <span>Published today</span><span>By Ann</span>; Haus<b>tür</b> is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from nmt.translate.markup.pieces import Kind, Piece

_NAME = re.compile(r"[<\[]([\w:.-]+)")
_FORMATS = frozenset(["b", "i", "u", "s", "em", "strong", "small", "big", "sub", "sup", "mark", "font", "tt", "ins", "del"])
"""Elements that stand within words."""
_ENDS = ".!?:"
_WORD = 4  # letters from which on a text is a word rather than a part of one


@dataclass(slots=True)
class _Element:
    name: str
    opening: int
    """The number of this piece."""
    pair: int
    start: int
    """Where its text begins in that of the run."""
    end: int = -1
    closing: int = -1
    children: list[_Element] = field(default_factory=list)


def parted(pieces: Sequence[Piece], *, inline: Set[str] = frozenset()) -> list[Piece]:
    """`pieces` with a boundary at each seam, but for those between elements whose names are `inline`."""
    seams: set[int] = set()
    first = 0
    for place, piece in enumerate(pieces):
        if piece.kind is Kind.boundary:
            seams.update(_seams(pieces, first, place, inline))
            first = place + 1
    seams.update(_seams(pieces, first, len(pieces), inline))
    found: list[Piece] = []
    for place, piece in enumerate(pieces):
        found += [Piece(Kind.boundary, ""), piece] if place in seams else [piece]
    return found


def _seams(pieces: Sequence[Piece], first: int, last: int, inline: Set[str]) -> Iterator[int]:
    """The numbers of the pieces that a boundary is due before, of those between two boundaries."""
    texts: list[str] = []
    root = _Element("", first, -1, 0)
    stack = [root]
    of_pair: dict[int, _Element] = {}
    parents: list[_Element] = [root]
    length = 0
    for place in range(first, last):
        piece = pieces[place]
        if piece.kind is Kind.opening:
            name = _NAME.match(piece.raw)
            element = _Element(name[1].lower() if name else "", place, piece.pair, length)
            stack[-1].children.append(element)
            stack.append(element)
            parents.append(element)
            of_pair[piece.pair] = element
        elif piece.kind is Kind.closing and piece.pair in of_pair:
            of_pair[piece.pair].end, of_pair[piece.pair].closing = length, place
            while stack.pop().pair != piece.pair:
                pass
        elif piece.kind in (Kind.text, Kind.opaque):
            texts.append(piece.text if piece.kind is Kind.text else "X")
            length += len(texts[-1])
    if not any(len(parent.children) > 1 for parent in parents):
        return
    text = "".join(texts)
    words = list(accumulate((character.isalnum() for character in text), initial=0))  # characters of words before each
    for parent in parents:
        closed = [child for child in parent.children if child.end >= 0]
        end = length if parent.end < 0 else parent.end
        inside = sum(words[child.end] - words[child.start] for child in closed)
        is_all = words[end] - words[parent.start] == inside
        for one, other in pairwise(closed):
            if not {one.name, other.name} & inline and _is_seam(text, one, other, is_all=is_all):
                yield from (one.closing + 1, other.opening)  # what is between, such as |, is of neither


def _is_seam(text: str, one: _Element, other: _Element, *, is_all: bool) -> bool:
    """Whether two neighbours are texts of their own; `is_all` tells that nothing is said beside them and their siblings."""
    before, after = text[one.start : one.end], text[other.start : other.end]
    own, its = before.strip(), after.strip()
    are_links = one.name == other.name == "a"
    if are_links and is_all:
        return any(map(str.isalnum, own)) and any(map(str.isalnum, its))
    if one.end < other.start or own != before.lstrip() or its != after.rstrip() or len(own) < 2 or len(its) < 2:
        return False
    last, first = own[-1], its[0]
    if are_links:
        return last.isalnum() and first.isalnum()
    if first.isupper() and (last in _ENDS or (last.islower() and " " in own + its)):
        return True
    if not is_all or {one.name, other.name} & _FORMATS:
        return False
    if last.islower() and first.islower():
        return own.isalpha() and its.isalpha() and min(len(own), len(its)) >= _WORD
    return (last.islower() and (first.isupper() or first.isdigit())) or (
        first.isupper() and (last.isdigit() or last in "€%)")
    )

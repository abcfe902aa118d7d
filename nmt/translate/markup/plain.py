"""Plain text in pieces: what it has of markup is tags in pairs, as messages of programs have them.

Click <0>here</0> to <link>change your password</link>.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nmt.text.spans import is_language, tags_in
from nmt.translate.markup.options import PLAIN, Markup
from nmt.translate.markup.pieces import Kind, Piece

_NAME = re.compile(r"</?([\w:.-]+)")


def plain_pieces(source: str, _: Markup = PLAIN) -> list[Piece]:
    """The pieces of `source`. A tag without another on its line, or with no words between the two, is text."""
    return list(_pieces(source))


def has_pairs(text: str) -> bool:
    """Whether there are tags in pairs around words of `text`."""
    return "</" in text and any(piece.kind is Kind.opening for piece in _pieces(text))


def _pieces(source: str) -> Iterator[Piece]:
    count = 0
    for line in source.splitlines(keepends=True):
        last = 0
        tags = list(tags_in(line)) if "</" in line else []
        partners = _partners(line, tags)
        for place, (begin, end) in enumerate(tags):
            partner = partners.get(place)
            if partner is None:
                continue
            if begin > last:
                yield Piece(Kind.text, line[last:begin], line[last:begin])
            opens = partner > place
            pair = count + (place if opens else partner)
            yield Piece(Kind.opening if opens else Kind.closing, line[begin:end], pair=pair)
            last = end
        if last < len(line):
            yield Piece(Kind.text, line[last:], line[last:])
        count += len(tags)


def _partners(line: str, tags: list[tuple[int, int]]) -> dict[int, int]:
    """The places of openings and closings that belong together, both ways: those that nothing crosses."""
    partners: dict[int, int] = {}
    opened: list[tuple[str, int]] = []
    last, texts = 0, 0
    texts_before: list[int] = []  # of each tag: how many texts with words there are before it
    for place, (begin, end) in enumerate(tags):
        texts += is_language(line[last:begin])
        texts_before.append(texts)
        tag, last = line[begin:end], end
        name = _NAME.match(tag)
        if name is None or tag.endswith("/>"):
            continue
        if not tag.startswith("</"):
            opened.append((name[1], place))
        elif opened and opened[-1][0] == name[1]:
            _, partner = opened.pop()
            if texts > texts_before[partner]:
                partners[partner], partners[place] = place, partner
        else:
            opened.clear()
    return partners

"""Plain text in pieces: what it has of markup is tags in pairs and cases, as messages of programs and forums have them.

Click <0>here</0> to <link>change your password</link>, [b]please[/b].
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from nmt.text.spans import is_language, tags_in
from nmt.translate.markup.messages import case_texts
from nmt.translate.markup.options import PLAIN, Markup
from nmt.translate.markup.pieces import Kind, Pairs, Piece
from nmt.translate.markup.seams import parted

_NAME = re.compile(r"[<\[]/?[\w:.-]+")
_CLOSING = re.compile(r"[<\[]/")
_LINE = re.compile(r"[^\n\r]+")


def plain_pieces(source: str, _: Markup = PLAIN) -> list[Piece]:
    """The pieces of `source`. A tag without another on its line, or with no words between the two, is text."""
    pieces: list[Piece] = []
    done = 0
    for start, end in case_texts(source) or [(0, len(source))]:
        pieces += [Piece(Kind.boundary, source[done:start])] if start > done else []
        pieces += paired_pieces(source[start:end], Pairs(), lambda raw: [Piece(Kind.text, raw, raw)])
        done = end
    return parted([*pieces, Piece(Kind.boundary, source[done:])] if done < len(source) else pieces)


def has_markup(text: str) -> bool:
    """Whether there are tags in pairs around words of `text`, or cases of a message with texts of their own."""
    return any(kind is Kind.opening for kind, _ in _parts(text)) or bool(case_texts(text))


def paired_pieces(text: str, pairs: Pairs, of_text: Callable[[str], Iterable[Piece]]) -> Iterator[Piece]:
    """The pieces of `text`: tags in pairs, and what `of_text` makes of the text between them."""
    for kind, raw in _parts(text):
        if kind is Kind.text:
            yield from of_text(raw)
        elif kind is Kind.opening:
            yield pairs.opened(Piece(kind, raw), _name(raw))
        else:
            yield from pairs.closed(Piece(kind, raw), _name(raw))


def _parts(text: str) -> Iterator[tuple[Kind, str]]:
    if not _CLOSING.search(text):
        yield Kind.text, text
        return
    last = 0
    for match in _LINE.finditer(text):
        line, start = match[0], match.start()
        tags = list(tags_in(line)) if _CLOSING.search(line) else []
        partners = _partners(line, tags)
        for place in sorted(partners):
            begin, end = tags[place]
            if start + begin > last:
                yield Kind.text, text[last : start + begin]
            yield Kind.opening if partners[place] > place else Kind.closing, line[begin:end]
            last = start + end
    if last < len(text):
        yield Kind.text, text[last:]


def _partners(line: str, tags: Sequence[tuple[int, int]]) -> dict[int, int]:
    """The places of openings and closings that belong together, both ways: those that nothing crosses."""
    partners: dict[int, int] = {}
    opened: list[tuple[str, int]] = []
    waiting: Counter[str] = Counter()  # the names of what is open
    last, texts = 0, 0
    texts_before: list[int] = []  # of each tag: how many texts with words there are before it
    for place, (begin, end) in enumerate(tags):
        texts += is_language(line[last:begin])
        texts_before.append(texts)
        tag, last = line[begin:end], end
        name = _name(tag)
        if not _CLOSING.match(tag):
            opened.append((name, place))
            waiting[name] += 1
        while waiting[name] and _CLOSING.match(tag):
            other, partner = opened.pop()
            waiting[other] -= 1
            if other == name:
                if texts > texts_before[partner]:
                    partners[partner], partners[place] = place, partner
                break
    return partners


def _name(tag: str) -> str:
    """With the bracket before it, so that <b> is no [b]."""
    match = _NAME.match(tag)
    return match[0].replace("/", "") if match and not tag.endswith("/>") else tag

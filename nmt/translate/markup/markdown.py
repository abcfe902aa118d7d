"""Markdown in pieces.

pulldown-cmark (through pyromark) is a parser of CommonMark, with tables, footnotes and front matter, that tells the bytes of
each event, of inline ones, too. Python's own parsers tell the lines of blocks, and nothing of what is in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

import pyromark

from nmt.translate.markup.directives import without_directives
from nmt.translate.markup.events import html_events
from nmt.translate.markup.html import html_pieces
from nmt.translate.markup.options import Markup
from nmt.translate.markup.pieces import Kind, Pairs, Piece, Reading

_OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_HEADING_ATTRIBUTES
    | pyromark.Options.ENABLE_MATH
    | pyromark.Options.ENABLE_YAML_STYLE_METADATA_BLOCKS
    | pyromark.Options.ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS
    | pyromark.Options.ENABLE_DEFINITION_LIST
)
_INLINE = ("Emphasis", "Strong", "Strikethrough", "Link", "Superscript", "Subscript")
_KEPT = ("CodeBlock", "MetadataBlock")
_LETTERS = re.compile(r"[^\W\d_]")
_OPAQUE = ("Code", "InlineMath", "DisplayMath")


def markdown_pieces(source: str, markup: Markup) -> list[Piece]:
    """The pieces of `source`."""
    return list(_Reader(source, markup).pieces())


class _Reader:
    def __init__(self, source: str, markup: Markup) -> None:
        self._source = source
        self._markup = markup
        # Characters by their bytes: events count in bytes.
        shown = without_directives(source)
        ends = accumulate((len(character.encode()) for character in shown), initial=0)
        self._characters = {byte: place for place, byte in enumerate(ends)}
        self._events: list[tuple[str, Any, int, int]] = [
            _event(event, self._characters[place["start"]], self._characters[place["end"]])
            for event, place in pyromark.events_with_range(shown, options=_OPTIONS)
        ]
        self._ends = _ends(self._events)
        self._last = 0
        self._pairs = Pairs()
        self._opened: list[tuple[int, Mapping[str, Any]]] = []

    def pieces(self) -> Iterator[Piece]:
        place = 0
        broken = False  # whether the line has just ended within a text
        while place < len(self._events):
            kind, value, start, end = self._events[place]
            if kind == "Start":
                name, detail = value
                whole = name in _KEPT or name == "HtmlBlock" or name == "Image" or _is_automatic(name, detail)
                if whole:
                    within = self._events[place + 1 : self._ends[place]]
                    place = self._ends[place]
                    yield from self._gap(start, broken)
                    if name == "Image":
                        yield self._image(detail, within, end)
                    else:
                        yield from self._whole(name, end)
                elif name in _INLINE:
                    yield from self._gap(start, broken)
                    inner = self._inner(place)
                    self._opened.append((start, detail))
                    yield self._pairs.opened(Piece(Kind.opening, self._take(inner)), f"{name} {start}")
                else:
                    yield from self._boundary(start)
                broken = False
            elif kind == "End":
                name, _ = value
                if name in _INLINE:
                    yield from self._closing(name, end)
                else:
                    yield from self._boundary(self._last)
                    if name == "TableCell" or name.startswith("Heading"):
                        yield from self._boundary(end)
                broken = False
            elif kind == "Text":
                yield from self._gap(start, broken)
                raw = self._take(end)
                yield from [Piece(Kind.text, raw, raw)] if raw == value else self._escaped(raw, value)
                broken = False
            elif kind in ("SoftBreak", "HardBreak"):
                yield from self._gap(start, broken)
                raw = self._take(end)
                yield Piece(Kind.text, raw, " ") if kind == "SoftBreak" else Piece(Kind.boundary, raw)
                broken = True
            elif kind in _OPAQUE:
                yield from self._gap(start, broken)
                yield Piece(Kind.opaque, self._take(end))
                broken = False
            elif kind == "InlineHtml":
                yield from self._gap(start, broken)
                yield from self._inline_html(self._take(end))
                broken = False
            elif kind == "FootnoteReference":
                yield from self._gap(start, broken)
                yield Piece(Kind.mark, self._take(end), attached=True)
                broken = False
            else:  # rules, markers of tasks
                yield from self._boundary(end)
            place += 1
        yield from self._boundary(len(self._source))

    def _take(self, end: int) -> str:
        start, self._last = self._last, max(end, self._last)
        return self._source[start : self._last]

    def _boundary(self, end: int) -> Iterator[Piece]:
        yield Piece(Kind.boundary, self._take(end))

    def _gap(self, start: int, broken: bool) -> Iterator[Piece]:
        """What stands before an event and is of none, such as the beginning of a line in a quote."""
        if start > self._last and self._source[self._last : start] != "\\":
            raw = self._take(start)
            yield Piece(Kind.text, raw, " ") if broken else Piece(Kind.boundary, raw)

    def _escaped(self, raw: str, value: str) -> Iterator[Piece]:
        """A text that begins with an escape or is a reference to a character."""
        if raw == f"\\{value}":
            yield Piece(Kind.text, raw[:2], value[:1])
            if value[1:]:
                yield Piece(Kind.text, value[1:], value[1:])
        else:
            yield Piece(Kind.text, raw, value)

    def _inner(self, place: int) -> int:
        """Where the contents of the inline element that starts at `place` begin."""
        _, (name, _), start, end = self._events[place]
        if self._ends[place] == place + 1:  # nothing in it
            return start + 1 if name == "Link" else start + (end - start) // 2
        first = self._events[place + 1][2]
        return first - 1 if self._events[place + 1][0] == "Text" and self._source[first - 1] == "\\" else first

    def _closing(self, name: str, end: int) -> Iterator[Piece]:
        start, detail = self._opened.pop()
        if name == "Link" and detail["link_type"] == "Collapsed" and self._source.startswith("[]", end):
            end += 2  # the parser's range is without it
        first, raw = self._last, self._take(end)
        rewritten = None
        if name == "Link" and detail["link_type"] in ("Shortcut", "Collapsed"):
            rewritten = f"][{self._source[start + 1 : first]}]"  # its text is the name of its target
        readings = self._title(raw, detail) if name == "Link" else ()
        yield from self._pairs.closed(Piece(Kind.closing, raw, rewritten=rewritten, readings=readings), f"{name} {start}")

    def _image(self, detail: Mapping[str, Any], within: Sequence[tuple[str, Any, int, int]], end: int) -> Piece:
        """A picture, whose text and title are texts of their own."""
        start, raw = self._last, self._take(end)
        readings = self._title(raw, detail)
        says = "".join(value for kind, value, _, _ in within if kind == "Text")
        first, last = (within[0][2] - start, within[-1][3] - start) if within else (0, 0)
        is_name = detail["link_type"] in ("Shortcut", "Collapsed")  # its text is the name of its target, too
        if raw[first:last] == says and not is_name and self._is_read(says):
            readings = (Reading(first, last, says, escaped="\\[]`<"), *readings)
        return Piece(Kind.mark, raw, readings=readings)

    def _title(self, raw: str, detail: Mapping[str, Any]) -> tuple[Reading, ...]:
        """The title of a picture or a link, at the end of its slice."""
        title = detail["title"]
        end = len(raw.removesuffix(")").rstrip()) - 1
        start = end - len(title)
        is_there = detail["link_type"] == "Inline" and raw[start:end] == title and raw[end] in "\"'"
        return (Reading(start, end, title, escaped=f"\\{raw[end]}"),) if is_there and self._is_read(title) else ()

    def _is_read(self, text: str) -> bool:
        return self._markup.translate_attributes and _LETTERS.search(text) is not None

    def _whole(self, name: str, end: int) -> Iterator[Piece]:
        raw = self._take(end)
        if name == "HtmlBlock":
            yield Piece(Kind.boundary, "")
            yield from html_pieces(raw, self._markup)
            yield Piece(Kind.boundary, "")
        elif name == "Link":
            yield Piece(Kind.opaque, raw)
        else:
            yield Piece(Kind.boundary, raw)

    def _inline_html(self, raw: str) -> Iterator[Piece]:
        (event, *_) = html_events(raw)
        if event.kind == "start" and event.name not in ("br", "img", "wbr", "input"):
            yield self._pairs.opened(Piece(Kind.opening, raw), event.name)
        elif event.kind == "end":
            yield from self._pairs.closed(Piece(Kind.closing, raw), event.name)
        else:
            yield Piece(Kind.boundary if event.name == "br" else Kind.mark, raw)


def _event(event: Any, start: int, end: int) -> tuple[str, Any, int, int]:
    """The kind of an event, and what it says: of starts and ends the name of an element and its details."""
    if isinstance(event, str):
        return event, None, start, end
    ((kind, value),) = event.items()
    if kind in ("Start", "End"):
        value = (value, {}) if isinstance(value, str) else next(iter(value.items()))
    return kind, value, start, end


def _ends(events: Sequence[tuple[str, Any, int, int]]) -> list[int]:
    """For each start the place of its end."""
    ends = list(range(len(events)))
    starts: list[int] = []
    for place, (kind, *_) in enumerate(events):
        if kind == "Start":
            starts.append(place)
        elif kind == "End":
            ends[starts.pop()] = place
    return ends


def _is_automatic(name: str, detail: Mapping[str, Any]) -> bool:
    return name == "Link" and detail["link_type"] in ("Autolink", "Email")

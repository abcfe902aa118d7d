"""XML in pieces.

Expat reads documents and well-formed fragments, and tells where each event begins. No entity is expanded and nothing outside
the text is read. What is not well-formed is read as browsers read HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from xml.parsers import expat

from nmt.translate.markup.events import Event, ends_of, html_events
from nmt.translate.markup.options import Markup
from nmt.translate.markup.pieces import Kind, Pairs, Piece, text_pieces
from nmt.translate.markup.seams import parted

_NAME = re.compile(r"</?([^\s/>]+)")


def xml_pieces(source: str, markup: Markup) -> list[Piece]:
    """The pieces of `source`."""
    try:
        events = _expat_events(source)
    except (expat.ExpatError, UnicodeError):
        events = [_with_its_case(event) for event in html_events(source, xml=True)]
    pieces = list(_pieces(events, markup))
    return (
        pieces if markup.outline_detection else parted(pieces, inline={name.lower() for name in markup.non_splitting_tags})
    )


def _with_its_case(event: Event) -> Event:
    """An event of HTML, whose names are all small, with the name of its tag as it is written."""
    name = _NAME.match(event.raw) if event.name else None
    return replace(event, name=name[1]) if name else event


def _expat_events(source: str) -> list[Event]:
    """Raises ExpatError where `source` is neither a document nor a fragment of one."""
    start = source.lstrip("\ufeff \t\r\n")
    before = b"" if start.startswith(("<?xml", "<!DOCTYPE")) else b"<fragment>"
    encoded = source.encode()
    parser: Any = expat.ParserCreate("utf-8", None)
    parser.UseForeignDTD(True)  # entities that nobody declared, such as &nbsp;, are no error
    found: list[tuple[int, Event]] = []
    verbatim: list[int] = []  # not empty within a part without events of its own

    def note(kind: Any, name: str = "", attributes: Sequence[tuple[str, str]] = ()) -> None:
        if not verbatim and (found or kind == "start"):  # what comes before the root is one slice
            found.append((parser.CurrentByteIndex - len(before), Event(kind, "", name, attributes)))

    def begin(name: str, values: Sequence[str]) -> None:
        note("start", name, list(zip(values[::2], values[1::2], strict=True)))

    def begin_section() -> None:
        note("other")
        verbatim.append(1)

    parser.ordered_attributes = True
    parser.StartElementHandler = begin
    parser.EndElementHandler = lambda name: note("end", name)
    parser.CharacterDataHandler = lambda _: note("text")
    parser.CommentHandler = lambda _: note("other")
    parser.ProcessingInstructionHandler = lambda *_: note("other")
    parser.StartCdataSectionHandler = begin_section
    parser.EndCdataSectionHandler = verbatim.clear
    parser.StartDoctypeDeclHandler = lambda *_: verbatim.append(1)
    parser.EndDoctypeDeclHandler = verbatim.clear
    parser.SkippedEntityHandler = lambda *_: note("text")
    parser.ExternalEntityRefHandler = lambda *_: 1
    parser.DefaultHandler = lambda data: note("text" if data.startswith("&") or data.isspace() else "other")
    parser.Parse(before + encoded + (b"</fragment>" if before else b""), True)

    events: list[Event] = []
    last = 0
    inner = [one for one in found if 0 <= one[0] < len(encoded)]
    number = 0
    while number < len(inner):
        place, event = inner[number]
        number += 1
        if place > last:
            events.append(Event("other", encoded[last:place].decode()))
        last = inner[number][0] if number < len(inner) else len(encoded)
        raw, kind = encoded[place:last].decode(), event.kind
        if kind == "start" and raw.endswith("/>"):
            kind = "empty"
            number += 1  # its end begins where it ends
        if kind == "text" and events and events[-1].kind == "text":
            raw = events.pop().raw + raw
        if raw:
            events.append(replace(event, kind=kind, raw=raw))
    if last < len(encoded):
        events.append(Event("other", encoded[last:].decode()))
    return events


def _pieces(events: Sequence[Event], markup: Markup) -> Iterator[Piece]:
    ends, pairs = ends_of(events), Pairs()
    splits = _splitting(events, ends, markup)
    inside_text = False
    place = 0
    while place < len(events):
        event = events[place]
        end = ends[place]
        if event.kind == "text":
            inside_text = inside_text or not event.raw.isspace()
            yield from text_pieces(event.raw, strict=True)
        elif event.kind == "other":
            cdata = event.raw.startswith("<![CDATA[")
            declared = event.raw.startswith("<?xml ") or "<!DOCTYPE" in event.raw
            yield Piece(Kind.opaque if cdata else Kind.boundary if declared else Kind.mark, event.raw)
        elif event.kind == "end":
            piece = Piece(Kind.boundary if place in splits else Kind.closing, event.raw)
            yield from [piece] if place in splits else pairs.closed(piece, event.name)
        elif (event.name in markup.ignore_tags or event.values.get("translate") == "no") and (
            event.kind == "empty" or end > place
        ):
            raw = "".join(one.raw for one in events[place : end + 1])
            yield Piece(Kind.boundary if place in splits else Kind.opaque, raw)
            place = end
        elif place in splits:
            yield Piece(Kind.boundary, event.raw)
        elif event.kind == "empty":
            yield Piece(Kind.mark, event.raw)
        else:
            yield pairs.opened(Piece(Kind.opening, event.raw), event.name)
        place += 1


def _splitting(events: Sequence[Event], ends: Sequence[int], markup: Markup) -> set[int]:
    """The places of tags that no sentence goes on across.

    With outline detection an element is inline where it stands beside text, and so is all that is in it.
    """
    beside_text: set[int] = set()  # the places of elements, -1 for the whole, that have text of their own
    parents: list[int] = []
    parent_of: dict[int, int] = {}
    for place, event in enumerate(events):
        if event.kind == "end" and parents and ends[parents[-1]] == place:
            parents.pop()
        elif event.kind == "text" and not event.raw.isspace():
            beside_text.add(parents[-1] if parents else -1)
        elif event.kind in ("start", "empty"):
            parent_of[place] = parents[-1] if parents else -1
            if event.kind == "start" and ends[place] > place:
                parents.append(place)
    inline: set[int] = set()
    splits: set[int] = set()
    for place, parent in parent_of.items():
        name = events[place].name
        found = parent in inline or parent in beside_text or not markup.outline_detection
        if (found or name in markup.non_splitting_tags) and name not in markup.splitting_tags:
            inline.add(place)
        else:
            splits |= {place, ends[place]}
    return splits

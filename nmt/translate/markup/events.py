"""The events of HTML: a kept parser's tags, texts and the rest, each with its slice of the source."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import accumulate
from typing import Literal


@dataclass(frozen=True, slots=True)
class Event:
    kind: Literal["start", "end", "empty", "text", "other"]
    """An "empty" one starts and ends an element; comments, declarations and the like are "other"."""
    raw: str
    name: str = ""
    attributes: Sequence[tuple[str, str | None]] = ()

    @property
    def values(self) -> Mapping[str, str]:
        return {name: value or "" for name, value in reversed(self.attributes)}  # of two, the first counts


_CUT_SHORT = re.compile(r"<[A-Za-z/!?]")


class _Tokeniser(HTMLParser):
    """The standard library's parser of HTML; it notes where each event begins."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=False)
        self._lines = [0, *accumulate(len(line) + 1 for line in source.split("\n"))]
        self.found: list[tuple[int, Event]] = []
        # No tag ends after the last >. The parser would look for the end of each, in time that grows with the square.
        end = source.rfind(">") + 1
        self.feed(source[:end])
        self.close()
        if self.cdata_elem is not None:  # a script without end
            self.found.append((end - len(self.rawdata), Event("other", "")))
            return
        self.found.append((end, Event("text", "")))
        if cut_short := _CUT_SHORT.search(source, end):
            self.found.append((cut_short.start(), Event("other", "")))

    def _note(self, event: Event) -> None:
        line, column = self.getpos()
        self.found.append((self._lines[line - 1] + column, event))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(Event("start", self.get_starttag_text() or "", tag, attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(Event("empty", self.get_starttag_text() or "", tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        self._note(Event("end", "", tag))

    def handle_data(self, data: str) -> None:
        self._note(Event("text", data))

    def handle_charref(self, name: str) -> None:
        self._note(Event("text", name))

    def handle_entityref(self, name: str) -> None:
        self._note(Event("text", name))

    def handle_comment(self, data: str) -> None:
        self._note(Event("other", data))

    def handle_decl(self, decl: str) -> None:
        self._note(Event("other", decl))

    def handle_pi(self, data: str) -> None:
        self._note(Event("other", data))

    def unknown_decl(self, data: str) -> None:
        self._note(Event("other", data))

    _SECTION_END = ">"

    def parse_marked_section(self, i: int, *_: object) -> int:
        """The end of <![...>, or -1. The parser's own method gives up at names that it does not know."""
        end = self.rawdata.find(self._SECTION_END, i)
        if end < 0:
            return -1
        self.unknown_decl("")
        return end + len(self._SECTION_END)


class _XmlTokeniser(_Tokeniser):
    """For XML that is not well-formed: no element holds text of another kind, and CDATA has its own end."""

    _SECTION_END = "]]>"

    def set_cdata_mode(self, *_: object, **__: object) -> None:
        """Go on as before: a script is an element as any other."""


def html_events(source: str, *, xml: bool = False) -> list[Event]:
    """The events of HTML as `source` has them: their slices joined are the source. Any text is HTML for a browser."""
    found = (_XmlTokeniser if xml else _Tokeniser)(source).found
    events: list[Event] = []
    last = 0
    ends = [*(start for start, _ in found[1:]), len(source)]
    for (start, event), end in zip(found, ends, strict=False):
        if start > last:
            events.append(Event("other", source[last:start]))
        start, last = max(start, last), max(end, last)
        raw = source[start:last]
        if event.kind in ("start", "empty"):
            tag, rest = raw[: len(event.raw)], raw[len(event.raw) :]
            events.append(Event(event.kind, tag, event.name, event.attributes))
            if rest:  # a script without end
                events.append(Event("other", rest))
        elif event.kind == "text" and events and events[-1].kind == "text":
            events[-1] = Event("text", events[-1].raw + raw)
        else:
            events.append(Event(event.kind, raw, event.name))
    if last < len(source):
        events.append(Event("other", source[last:]))
    return [event for event in events if event.raw]


def ends_of(events: Sequence[Event]) -> list[int]:
    """For each start the place of its end, by the name alone; its own place for what has none."""
    ends = list(range(len(events)))
    waiting: dict[str, list[int]] = {}
    for place, event in enumerate(events):
        if event.kind == "start":
            waiting.setdefault(event.name, []).append(place)
        elif event.kind == "end" and waiting.get(event.name):
            ends[waiting[event.name].pop()] = place
    return ends

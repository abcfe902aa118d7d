"""HTML in pieces.

The standard library's `html.parser` finds the tags: it takes any text, as browsers do, and tells where each event begins,
so that slices of the source are exact. Parsers that build a tree keep no positions, and write the document in another way.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from nmt.translate.markup.events import Event, ends_of, html_events
from nmt.translate.markup.options import Markup
from nmt.translate.markup.pieces import Kind, Pairs, Piece, Reading, text_pieces
from nmt.translate.markup.plain import paired_pieces
from nmt.translate.markup.seams import parted

_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        """
        address area article aside audio base blockquote body button canvas caption center col colgroup dd details dialog
        dir div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html
        iframe label legend li link listing main map menu meta nav noframes noscript object ol optgroup option p param
        picture plaintext pre search section select source summary table tbody td template textarea tfoot th thead title
        tr track ul video xmp
        """,
    )
)
"""All others are inline, those that no standard names among them, as in browsers."""
_UNSEEN = frozenset(("script", "style", "svg"))
_CODE = frozenset(("code", "kbd", "samp", "var", "tt", "math"))
_PREFORMATTED = frozenset(("pre", "textarea", "listing", "xmp", "plaintext"))
_READ = ("alt", "title", "placeholder", "aria-label", "aria-description")
_DESCRIPTIONS = frozenset(
    (
        "description",
        "og:title",
        "og:description",
        "og:image:alt",
        "twitter:title",
        "twitter:description",
        "twitter:image:alt",
    )
)
_LABELLED = ("optgroup", "option", "track")
_BUTTONS = frozenset(("button", "reset", "submit"))
_ATTRIBUTE = re.compile(r"""[\s/]*([^\s/>=][^\s/>=]*)(?:\s*=\s*("[^"]*"|'[^']*'|(?!["'])[^\s>]*))?""")
_LETTERS = re.compile(r"[^\W\d_]")
_COLUMN = re.compile(r"((?:(?:&nbsp;|&#160;|\u00a0)[ \t]*){3,})")
"""Blanks that part texts as a tab does."""
_SMALL = re.compile(r"[\s„“\"'»«(]*([^\W\d_])")


def html_pieces(source: str, markup: Markup) -> list[Piece]:
    """The pieces of `source`."""
    pieces = list(_line_breaks(list(_pieces(html_events(source), markup)), markup))
    return parted(pieces, inline={name.lower() for name in markup.non_splitting_tags})


def _pieces(events: Sequence[Event], markup: Markup) -> Iterator[Piece]:
    ignored = frozenset(name.lower() for name in markup.ignore_tags)
    splitting = (_BLOCKS | {name.lower() for name in markup.splitting_tags}) - {
        name.lower() for name in markup.non_splitting_tags
    }
    ends, pairs, place = ends_of(events), Pairs(), 0
    while place < len(events):
        event = events[place]
        name, end = event.name, ends[place]
        place += 1
        if event.kind == "text":
            for number, part in enumerate(_COLUMN.split(event.raw)):
                yield from [Piece(Kind.boundary, part)] if number % 2 else paired_pieces(part, pairs, text_pieces)
        elif event.kind == "other":
            yield Piece(
                Kind.boundary if event.raw[:2].lower() == "<!" and event.raw[2:3].isalpha() else Kind.mark, event.raw
            )
        elif event.kind == "end":
            piece = Piece(Kind.boundary if name in splitting else Kind.closing, event.raw)
            yield from [piece] if name in splitting else pairs.closed(piece, name)
        elif whole := _kept_whole(events, place - 1, end, ignored, splitting):
            piece, place = whole
            has_placeholder = name == "textarea" and name not in ignored and markup.translate_attributes
            yield replace(piece, readings=tuple(_readings(event))) if has_placeholder else piece
        else:
            readings = tuple(_readings(event)) if markup.translate_attributes else ()
            if name in splitting:
                yield Piece(Kind.boundary, event.raw, readings=readings)
            elif name in _VOID or event.kind == "empty":
                yield Piece(Kind.mark, event.raw, readings=readings)
            elif name == "sup" and (note := _note(events, place - 1, end)):
                yield Piece(Kind.mark, note, attached=True)
                place = end + 1
            else:
                yield pairs.opened(Piece(Kind.opening, event.raw, readings=readings), name)


def _kept_whole(
    events: Sequence[Event], place: int, end: int, ignored: frozenset[str], splitting: frozenset[str]
) -> tuple[Piece, int] | None:
    """The element at `place` as one piece, and the place after it; None where there is something of it to translate."""
    event = events[place]
    name = event.name
    alone = name in _VOID or event.kind == "empty"
    all_of_it = name in _UNSEEN or name in _PREFORMATTED
    if not (all_of_it or name in _CODE or name in ignored or _is_protected(event)):
        return None
    if end == place and not alone:
        if not all_of_it:
            return None  # without an end the tag is as any other
        end = len(events) - 1
    inside = events[place : end + 1]
    kind = Kind.opaque
    if name in _PREFORMATTED or any(one.name in splitting for one in inside):
        kind = Kind.boundary
    elif name in _UNSEEN or (alone and name not in ignored):
        kind = Kind.mark
    return Piece(kind, "".join(one.raw for one in inside)), end + 1


def _is_protected(event: Event) -> bool:
    values = event.values
    return values.get("translate", "").strip().lower() == "no" or "notranslate" in values.get("class", "").split()


def _note(events: Sequence[Event], place: int, end: int) -> str:
    """The whole of an element, if it has no letters and stands right after a word: the number of a footnote."""
    before = events[place - 1] if place else None
    if before is None or before.kind == "start" or end == place or not before.raw or before.raw[-1].isspace():
        return ""
    inside = events[place : end + 1]
    if any(_LETTERS.search(one.raw) for one in inside if one.kind == "text"):
        return ""
    return "".join(one.raw for one in inside)


def _readings(event: Event) -> Iterator[Reading]:
    """The attributes that people read; none where their places in the tag are in doubt."""
    values = event.values
    wanted = {name for name in _READ if _LETTERS.search(values.get(name, ""))}
    if event.name == "meta" and (values.get("name") or values.get("property", "")).lower() in _DESCRIPTIONS:
        wanted.add("content")
    if event.name in _LABELLED and _LETTERS.search(values.get("label", "")):
        wanted.add("label")
    if event.name == "input" and values.get("type", "").lower() in _BUTTONS:
        wanted.add("value")
    if not wanted or _is_protected(event):
        return
    start = 1 + len(event.name)
    found = list(_ATTRIBUTE.finditer(event.raw, start, len(event.raw) - 1))
    if [(match[1].lower(), _value(match[2])) for match in found] != list(event.attributes):
        return
    for match in found:
        if match[1].lower() in wanted and match[2]:
            wanted.discard(match[1].lower())
            quote = match[2][0] if match[2][0] in "\"'" else ""
            start, end = match.start(2) + len(quote), match.end(2) - len(quote)
            yield Reading(start, end, html.unescape(event.raw[start:end]), quote)


def _value(raw: str | None) -> str | None:
    """What the value of an attribute says, with or without quotes around it."""
    if raw is None:
        return None
    return html.unescape(raw[1:-1] if raw[:1] in ("'", '"') else raw)


def _line_breaks(pieces: Sequence[Piece], markup: Markup) -> Iterator[Piece]:
    """A line break ends the text before it, unless what follows goes on with a small letter."""
    names = {name.lower() for name in markup.splitting_tags}, {name.lower() for name in markup.non_splitting_tags}
    follows = ""  # the text after a piece, up to the next boundary
    found: list[Piece] = []
    for piece in reversed(pieces):
        if piece.kind is Kind.text:
            follows = (piece.text + follows)[:200]
        elif piece.kind in (Kind.boundary, Kind.opaque):
            follows = ""
        elif piece.kind is Kind.mark and re.match(r"<br[\s/>]", piece.raw, re.IGNORECASE):
            first = _SMALL.match(follows)
            goes_on = "br" in names[1] or ("br" not in names[0] and first is not None and first[1].islower())
            if not goes_on:
                piece = replace(piece, kind=Kind.boundary)
            else:
                found.append(piece)
                piece = Piece(Kind.text, "", " ")  # it parts words
            follows = ""
        found.append(piece)
    return reversed(found)

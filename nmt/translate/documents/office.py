"""Documents of Office Open XML: .docx and .pptx.

The text of a paragraph stands in runs, each with its formatting. The formatting that most of the text has is usual for the
paragraph. Stretches with another, links, tracked insertions and fields are pairs of tags around words; pictures, notes and
anchors are marks. A translated paragraph is written in new runs with the same formatting.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from nmt.errors import InputError
from nmt.translate.documents.culture import culture_of, is_other
from nmt.translate.documents.document import Document, Slot
from nmt.translate.documents.inline import Inline, Tag, text_slot, value_slots
from nmt.translate.documents.package import Package
from nmt.translate.documents.tree import Element, attribute_values, escaped, parse, tag_name

_PREFIXES = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
    "http://schemas.openxmlformats.org/drawingml/2006/main": "a",
    "http://purl.oclc.org/ooxml/drawingml/main": "a",
    "http://schemas.openxmlformats.org/drawingml/2006/chart": "c",
    "http://purl.oclc.org/ooxml/drawingml/chart": "c",
    "http://www.w3.org/XML/1998/namespace": "xml",
}
_CONTENT_TYPES = "[Content_Types].xml"
_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
}
_WITH_TEXT = re.compile(
    r"wordprocessingml\.(document\.main|styles|header|footer|footnotes|endnotes|comments)\+xml"
    r"|presentationml\.(slide|notesSlide)\+xml"
    r"|drawingml\.(chart|diagramData)\+xml|drawing\.diagramDrawing\+xml|ms-office\.drawingml\.diagramDrawing\+xml"
)


@dataclass(frozen=True, slots=True)
class _Names:
    """What elements of a vocabulary do in its paragraphs."""

    run: str
    properties: str
    text: str
    containers: tuple[str, ...] = ()
    """Elements around runs."""
    content: str = ""
    """The child that holds the runs of a container, where it has such a child."""
    breaks: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    """What stands before or after all runs."""
    characters: tuple[tuple[str, str], ...] = ()
    stale: tuple[str, ...] = ()
    """What is known of the source's words only: marks of a spelling checker, ends of pages when it was last printed."""
    quiet: bytes = rb"(?!)"
    """Properties that nobody sees."""
    language: bytes = rb"(?!)()()"
    """In properties: what stands before the language, and the language."""


_WORD = _Names(
    run="w:r",
    properties="w:rPr",
    text="w:t",
    containers=("w:hyperlink", "w:ins", "w:moveTo", "w:smartTag", "w:sdt", "w:fldSimple", "w:customXml", "w:dir", "w:bdo"),
    content="w:sdtContent",
    breaks=("w:br", "w:cr", "w:tab", "w:ptab"),
    ends=("w:pPr",),
    characters=(("w:noBreakHyphen", "\u2011"), ("w:softHyphen", "\u00ad")),
    stale=("w:proofErr", "w:lastRenderedPageBreak"),
    quiet=rb"<\w+:(lang|noProof)\b[^>]*/>",
    language=rb"""(<\w+:lang\b[^>]*?\s\w+:val\s*=\s*["'])([\w-]+)""",
)
_DRAWING = _Names(
    run="a:r",
    properties="a:rPr",
    text="a:t",
    breaks=("a:br",),
    ends=("a:pPr", "a:endParaRPr"),
    quiet=rb"""\s(lang|altLang|dirty|err|smtClean|noProof)\s*=\s*("[^"]*"|'[^']*')""",
    language=rb"""(<\w+:rPr\b[^>]*?\slang\s*=\s*["'])([\w-]+)""",
)
_RANGE = re.compile(r"(w:\w+?)(Start|End)")
_OBJECTS = ("docPr", "cNvPr")
_ALTERNATIVES = ("descr", "title")
"""What is read to those who cannot see a picture."""
_LABELS = ("c:strCache", "c:lvl")
"""What a chart shows of the cells that it is made of: names of its rows and columns."""
_PARAGRAPHS = {"w:p": _WORD, "a:p": _DRAWING}

Render = Callable[[int, int], bytes]
Chunk = bytes | tuple[int, int]
"""Bytes to write, or where they stand in the part."""


@dataclass(frozen=True, slots=True)
class _Text:
    text: str
    format: bytes
    """By which stretches of the same formatting are known: the properties that people see."""
    properties: bytes


@dataclass(frozen=True, slots=True)
class _Item:
    """A tag of a paragraph; a break ends a text."""

    kind: Literal["open", "close", "mark", "break", "start", "end"]
    chunks: tuple[Chunk, ...]
    field: str = ""
    """Of a character of a complex field: begin, separate or end."""
    key: str = ""
    """What the start and the end of a comment or a bookmark have in common."""


def read_docx(data: bytes, target_language: str) -> Document:
    """The paragraphs of text, tables, headers, footers, notes, comments, text boxes, diagrams and charts."""
    return _read(data, "docx", culture_of(target_language))


def read_pptx(data: bytes, target_language: str) -> Document:
    """The paragraphs of slides, with tables, groups, diagrams and charts, and of their notes."""
    return _read(data, "pptx", culture_of(target_language))


def _read(data: bytes, kind: str, culture: str) -> Document:
    package = Package(data)
    types = _content_types(package)
    if any("macroEnabled" in one for one in types.values()) or any("vbaProject" in name for name in package.names):
        raise InputError("has macros, which are not carried along; save it without them")
    if _TYPES[kind] not in types.values():
        raise InputError(f"is no .{kind} document: its content is of another type")
    with_text = [name for name in package.names if _WITH_TEXT.search(types.get(f"/{name}", ""))]
    return package.document({name: partial(_slots, name=name, culture=culture) for name in with_text})


def _content_types(package: Package) -> Mapping[str, str]:
    """Of the members that have a type of their own, by /NAME."""
    root = parse(package.read(_CONTENT_TYPES), _PREFIXES, where=_CONTENT_TYPES)
    return {
        one.attributes.get("PartName", one.attributes.get("Extension", "")): one.attributes.get("ContentType", "")
        for one in root.elements()
    }


def _slots(raw: bytes, name: str, culture: str) -> Iterator[Slot[bytes]]:
    for element in parse(raw, _PREFIXES, where=name).walk():
        if element.name in _PARAGRAPHS:
            yield from _Paragraph(raw, element, _PARAGRAPHS[element.name], culture).slot()
        elif element.name == "w:rPrDefault":
            for one in element.walk():
                if one.name == "w:lang" and is_other(one.attributes.get("w:val", culture), culture):
                    yield from value_slots(raw, one, {"val": culture})
        elif element.name in _OBJECTS:
            for attribute, start, end in attribute_values(raw, element):
                if attribute in _ALTERNATIVES:
                    yield from text_slot(start, end, element.attributes[attribute], quoted=True)
        elif element.name in _LABELS:
            for value in (value for point in element.elements("c:pt") for value in point.elements("c:v")):
                yield from text_slot(value.inner, value.inner_end, value.text)


class _Paragraph:
    """The runs of a paragraph, and how they are written with translations."""

    def __init__(self, raw: bytes, element: Element, names: _Names, culture: str) -> None:
        self._raw = raw
        self._names = names
        self._culture = culture
        self._run = self._text = b""
        content = [child for child in element.elements() if child.name not in names.ends]
        self._start = content[0].start if content else element.inner
        self._end = content[-1].end if content else element.inner
        self._items = _fields(list(self._walk(content)))

    def slot(self) -> Iterator[Slot[bytes]]:
        groups: list[list[_Text | _Item]] = [[]]
        breaks: list[_Item] = []
        for item in self._items:
            if isinstance(item, _Item) and item.kind == "break":
                breaks.append(item)
                groups.append([])
            else:
                groups[-1].append(item)
        stretches = [_Stretch(group) for group in groups]
        segments = tuple(stretch.inline.segment for stretch in stretches if stretch.inline.has_text)
        if not segments:
            return

        def spell(translations: Sequence[str], render: Render) -> bytes:
            rest = iter(translations)
            written: list[bytes] = []
            for number, stretch in enumerate(stretches):
                if number:
                    written += self._rendered(breaks[number - 1].chunks, render)
                text = next(rest) if stretch.inline.has_text else stretch.inline.segment
                for piece in stretch.written(text):
                    written += [self._new_run(piece)] if isinstance(piece, _Text) else self._rendered(piece, render)
            return b"".join(written)

        yield Slot(self._start, self._end, segments, spell)

    def _rendered(self, chunks: Sequence[Chunk], render: Render) -> Iterator[bytes]:
        return (chunk if isinstance(chunk, bytes) else render(*chunk) for chunk in chunks)

    def _new_run(self, text: _Text) -> bytes:
        space = b' xml:space="preserve"' if self._names is _WORD and text.text != text.text.strip() else b""
        return b"<%s>%s<%s%s>%s</%s></%s>" % (
            self._run,
            re.sub(self._names.language, self._in_culture, text.properties),
            self._text,
            space,
            escaped(text.text),
            self._text,
            self._run,
        )

    def _in_culture(self, match: re.Match[bytes]) -> bytes:
        """The language of a run, which is that of the translation."""
        is_wrong = is_other(match[2].decode(), self._culture)
        return match[1] + self._culture.encode() if is_wrong else match[0]

    def _walk(self, content: Sequence[Element]) -> Iterator[_Text | _Item]:
        names = self._names
        for element in content:
            if element.name == names.run:
                yield from self._walk_run(element)
            elif element.name in names.containers and any(one.name == names.text for one in element.walk()):
                inside = (element.find(names.content) if element.name == "w:sdt" else None) or element
                children = [child for child in inside.elements() if child.name not in ("w:smartTagPr", "w:customXmlPr")]
                start = children[0].start if children else inside.inner
                inner = list(self._walk(children))
                # A tab in a link, as tables of contents have them, ends a text, and so does the link then.
                is_parted = any(isinstance(one, _Item) and one.kind == "break" for one in inner)
                yield _Item("break" if is_parted else "open", ((element.start, start),))
                yield from inner
                yield _Item("break" if is_parted else "close", ((inside.inner_end, element.end),))
            elif element.name in names.breaks:
                yield _Item("break", ((element.start, element.end),))
            elif element.name not in names.stale:
                yield _mark(element)

    def _walk_run(self, run: Element) -> Iterator[_Text | _Item]:
        names = self._names
        self._run = tag_name(self._raw, run)
        self._text = self._run[:-1] + b"t"
        properties = b""
        seen = b""
        for child in run.elements():
            if child.name == names.properties:
                properties = self._raw[child.start : child.end]
                seen = _visible(properties, names.quiet)
            elif child.name == names.text:
                yield _Text(child.text, seen, properties)
            elif child.name in dict(names.characters):
                yield _Text(dict(names.characters)[child.name], seen, properties)
            elif child.name not in names.stale:
                opening, closing = b"<%s>%s" % (self._run, properties), b"</%s>" % self._run
                is_break = child.name in names.breaks
                field = child.attributes.get("w:fldCharType", "") if child.name == "w:fldChar" else ""
                yield _Item("break" if is_break else "mark", (opening, (child.start, child.end), closing), field)


def _mark(element: Element) -> _Item:
    """A mark beside runs; or the start or the end of a comment, a bookmark or the like, which have a number in common."""
    found = _RANGE.fullmatch(element.name)
    number = element.attributes.get("w:id")
    span = (element.start, element.end)
    if found is None or number is None:
        return _Item("mark", (span,))
    return _Item("start" if found[2] == "Start" else "end", (span,), key=f"{found[1]} {number}")


@dataclass(frozen=True, slots=True)
class _Written:
    """The content of a tag: what is to be written, and after an opening the usual format of the text within."""

    chunks: tuple[Chunk, ...] = ()
    format: bytes = b""


class _Stretch:
    """The texts and tags between two breaks."""

    def __init__(self, items: Sequence[_Text | _Item]) -> None:
        self._properties: dict[bytes, bytes] = {}
        for item in items:
            if isinstance(item, _Text):
                self._properties.setdefault(item.format, item.properties)
        self._usual = _usual_format(items)
        self.inline = Inline(self._pieces(items))

    def _pieces(self, items: Sequence[_Text | _Item]) -> Iterator[str | Tag[_Written]]:
        """Neighbours of the same format are one text; another format than the usual one around them is a pair of tags."""
        usual = [self._usual]
        present = self._usual
        started: set[str] = set()  # outside of a pair for a format, which must not go on across their ends
        for place, item in enumerate(items):
            if isinstance(item, _Item) and item.kind in ("mark", "start", "end"):
                if present == usual[-1]:
                    started.add(item.key)
                elif item.kind == "end" and item.key in started:
                    yield Tag("close", _Written())
                    present = usual[-1]
                yield Tag(item.kind, _Written(item.chunks), item.key)
                continue
            wanted = item.format if isinstance(item, _Text) else usual[-1]
            if wanted != present:
                if present != usual[-1]:
                    yield Tag("close", _Written())
                if wanted != usual[-1]:
                    yield Tag("open", _Written(format=wanted))
                present = wanted
            if isinstance(item, _Text):
                yield item.text
            elif item.kind == "open":
                usual.append(_usual_format(items[place : _closing(items, place)]))
                present = usual[-1]
                yield Tag("open", _Written(item.chunks, present))
            elif item.kind == "close":
                usual.pop()
                present = usual[-1]
                yield Tag("close", _Written(item.chunks))
        if present != usual[-1]:
            yield Tag("close", _Written())

    def written(self, translation: str) -> Iterator[_Text | tuple[Chunk, ...]]:
        """The runs and tags of a translation."""
        formats = [self._usual]
        for piece in self.inline.translated(translation):
            if isinstance(piece, str):
                yield _Text(piece, formats[-1], self._properties.get(formats[-1], b""))
                continue
            if piece.kind == "open":
                formats.append(piece.content.format)
            elif piece.kind == "close":
                formats.pop()
            yield piece.content.chunks


def _usual_format(items: Sequence[_Text | _Item]) -> bytes:
    """The format that most of the text has."""
    sizes: Counter[bytes] = Counter()
    for item in items:
        if isinstance(item, _Text):
            sizes[item.format] += len(item.text)
    return max(sizes, key=sizes.__getitem__, default=b"")


def _closing(items: Sequence[_Text | _Item], opening: int) -> int:
    """The place of the closing that belongs to the opening there."""
    depth = 0
    for place in range(opening, len(items)):
        item = items[place]
        if isinstance(item, _Item):
            depth += {"open": 1, "close": -1}.get(item.kind, 0)
            if not depth:
                return place
    return len(items)


def _visible(properties: bytes, quiet: bytes) -> bytes:
    """The properties of a run that people see."""
    seen = re.sub(quiet, b"", properties)
    return b"" if re.fullmatch(rb"<[\w:]+\s*(/>|>\s*</[\w:]+\s*>)", seen) else re.sub(rb"\s+", b" ", seen)


def _fields(items: Sequence[_Text | _Item]) -> list[_Text | _Item]:
    """The paragraph with each complex field as a pair around its result, or as a mark where it has none.

    A field begins, has an instruction, perhaps a separator and a result, and ends. One that goes on in other paragraphs is
    marks.
    """
    found: list[_Text | _Item] = []
    place = 0
    closings: set[int] = set()
    while place < len(items):
        item = items[place]
        if isinstance(item, _Item) and item.field == "begin" and (ends := _field_ends(items, place)):
            separator, end = ends
            last = end if separator is None else separator
            chunks = tuple(chunk for one in items[place : last + 1] if isinstance(one, _Item) for chunk in one.chunks)
            if separator is None:
                found.append(_Item("mark", chunks))
            else:
                found.append(_Item("open", chunks))
                closings.add(end)
            place = last + 1
            continue
        found.append(_Item("close", item.chunks) if place in closings and isinstance(item, _Item) else item)
        place += 1
    return found


def _field_ends(items: Sequence[_Text | _Item], begin: int) -> tuple[int | None, int] | None:
    """The places of the separator and the end of the field that begins there; None where it is not whole."""
    fields, tags = 0, 0
    separator: int | None = None
    for place in range(begin, len(items)):
        item = items[place]
        if isinstance(item, _Text) or item.kind == "break":
            if separator is None or (isinstance(item, _Item) and fields):
                return None
            continue
        tags += {"open": 1, "close": -1}.get(item.kind, 0)
        if tags < 0:
            return None
        fields += {"begin": 1, "end": -1}.get(item.field, 0)
        if item.field == "separate" and fields == 1:
            separator = place
            if tags:
                return None
        if not fields:
            return None if tags else (separator, place)
    return None

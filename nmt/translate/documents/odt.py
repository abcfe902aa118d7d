"""Texts of OpenDocument: .odt.

Spans and links are pairs of tags around words; notes, comments, frames and anchors are marks, and their own paragraphs are
segments as others are. Spans that only count the revisions of their words are left out of a translation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from nmt.errors import InputError
from nmt.translate.documents.culture import culture_of, is_other
from nmt.translate.documents.document import Document, Slot
from nmt.translate.documents.inline import Inline, Tag, text_slot, value_slots
from nmt.translate.documents.package import Package
from nmt.translate.documents.tree import Element, escaped, parse, tag_name

_PREFIXES = {f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0": name for name in ("text", "office", "style")}
_PREFIXES["urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"] = "svg"
_ALTERNATIVES = ("svg:title", "svg:desc")
"""What is read to those who cannot see a picture."""
_TYPE = b"application/vnd.oasis.opendocument.text"
_PARAGRAPHS = ("text:p", "text:h")
_PAIRS = ("text:span", "text:a", "text:meta", "text:ruby", "text:ruby-base")
_BREAKS = ("text:line-break", "text:tab")
_COLUMN = 4
"""Spaces in a row that part texts as a tab does."""
_SPACES = re.compile(r"[ \t\r\n]+")
_MANY_SPACES = re.compile(rb"(?<= ) +")

_ANCHOR = re.compile(
    r"|text:(?:bookmark|reference-mark|change|[\w-]+-index-mark|toc-mark)(?:-start|-end)?|office:annotation-end"
)
"""Marks without width: a space on either side of one is seen once. Comments have no name."""
_KEYS = ("text:name", "text:change-id", "text:id", "office:name")

Spans = tuple[tuple[int, int], ...]
Pieces = list[str | Tag[Spans]]


@dataclass(frozen=True, slots=True)
class _Break:
    """What ends a text: a tab, or a tag around one."""

    span: tuple[int, int]


def read_odt(data: bytes, target_language: str) -> Document:
    """The paragraphs and headings of the text, of tables, notes, comments, text boxes, headers and footers."""
    package = Package(data)
    if "mimetype" not in package.names or package.read("mimetype").strip() != _TYPE:
        raise InputError("is no .odt document: its content is of another type")
    if any(name.startswith(("Basic/", "Scripts/")) and not name.endswith("/") for name in package.names):
        raise InputError("has macros, which are not carried along; save it without them")
    manifest = "META-INF/manifest.xml"
    if manifest in package.names and b"encryption-data" in package.read(manifest):
        raise InputError("is encrypted; save it without a password")
    culture = culture_of(target_language)
    return package.document({name: partial(_slots, name=name, culture=culture) for name in ("content.xml", "styles.xml")})


def _slots(raw: bytes, name: str, culture: str) -> Iterator[Slot[bytes]]:
    root = parse(raw, _PREFIXES, where=name)
    language, _, country = culture.partition("-")
    unseen = frozenset(_unseen_styles(root))
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if element.name == "text:tracked-changes":
            continue
        if element.name in _PARAGRAPHS:
            yield from _slot(raw, element, unseen)
        elif element.name in _ALTERNATIVES:
            yield from text_slot(element.inner, element.inner_end, element.text)
        elif element.name == "style:default-style":
            for one in element.elements("style:text-properties"):
                if is_other(one.attributes.get("language", language), language):
                    yield from value_slots(raw, one, {"language": language, "country": country or "none"})
        waiting += reversed(list(element.elements()))


def _unseen_styles(root: Element) -> Iterator[str]:
    """The automatic styles of words that have nothing but numbers of revisions."""
    for styles in root.elements("office:automatic-styles"):
        for style in styles.elements("style:style"):
            own = [one for one in style.elements() if one.name]
            if (
                style.attributes.get("style:family") == "text"
                and "style:parent-style-name" not in style.attributes
                and all(one.name == "style:text-properties" for one in own)
                and all("rsid" in name for one in own for name in one.attributes)
            ):
                yield style.attributes.get("style:name", "")


def _slot(raw: bytes, paragraph: Element, unseen: frozenset[str]) -> Iterator[Slot[bytes]]:
    groups: list[Pieces] = [[]]
    breaks: list[_Break] = []
    for piece in _Reader(unseen).pieces(paragraph):
        if isinstance(piece, _Break):
            breaks.append(piece)
            groups.append([])
        else:
            groups[-1].append(piece)
    inlines = [Inline(group) for group in groups]
    segments = tuple(inline.segment for inline in inlines if inline.has_text)
    if not segments:
        return
    prefix = tag_name(raw, paragraph).rpartition(b":")[0]
    space = b"<%s:s/>" % prefix if prefix else b"<s/>"

    def spell(translations: Sequence[str], render: Callable[[int, int], bytes]) -> bytes:
        rest = iter(translations)
        written: list[bytes] = []
        for number, inline in enumerate(inlines):
            if number:
                written.append(render(*breaks[number - 1].span))
            is_first = True  # white space there would not be seen
            for piece in inline.translated(next(rest) if inline.has_text else inline.segment):
                if isinstance(piece, str):
                    written.append(_spelled(piece, space, is_first=is_first))
                    is_first = piece.endswith(" ")
                else:
                    written += [render(*span) for span in piece.content]
        return b"".join(written)

    yield Slot(paragraph.inner, paragraph.inner_end, segments, spell)


class _Reader:
    """Text and tags of a paragraph, and what ends a text."""

    def __init__(self, unseen: frozenset[str]) -> None:
        self._unseen = unseen
        self._after_space = True  # white space there is not seen

    def pieces(self, element: Element) -> Iterator[str | Tag[Spans] | _Break]:
        for child in element.children:
            if isinstance(child, str):
                text = _SPACES.sub(" ", child)
                text = text[1:] if self._after_space and text.startswith(" ") else text
                self._after_space = text.endswith(" ") if text else self._after_space
                yield text
            elif child.name == "text:s":
                written = child.attributes.get("text:c", "1")
                count = int(written) if written.isdecimal() and len(written) < 4 else 1
                self._after_space = False
                yield _Break((child.start, child.end)) if count >= _COLUMN else " " * count
            elif child.name in _BREAKS:
                self._after_space = False
                yield _Break((child.start, child.end))
            elif child.name == "text:soft-page-break":
                continue
            elif child.name == "text:span" and child.attributes.get("text:style-name") in self._unseen:
                yield from self.pieces(child)
            elif child.name in _PAIRS and child.children:
                opening, closing = (child.start, child.inner), (child.inner_end, child.end)
                inner = list(self.pieces(child))
                # A tab in a link, as tables of contents have them, ends a text, and so does the link then.
                is_parted = any(isinstance(one, _Break) for one in inner)
                yield _Break(opening) if is_parted else Tag("open", (opening,))
                yield from inner
                yield _Break(closing) if is_parted else Tag("close", (closing,))
            else:
                self._after_space = self._after_space and _ANCHOR.fullmatch(child.name) is not None
                yield _mark(child)


def _mark(element: Element) -> Tag[Spans]:
    """A mark; or the start or the end of what has a name, as a comment has, whose end is far from it."""
    name, _, part = element.name.rpartition("-")
    if element.name == "office:annotation":
        name, part = element.name, "start"
    number = next(filter(None, map(element.attributes.get, _KEYS)), "") if part in ("start", "end") else ""
    kind: Literal["start", "end", "mark"] = "mark" if not number else "start" if part == "start" else "end"
    return Tag(kind, ((element.start, element.end),), f"{name} {number}")


def _spelled(text: str, space: bytes, *, is_first: bool) -> bytes:
    """Text as OpenDocument has it: of several spaces in a row, and of those that begin a text, each further one is a tag."""
    written = _MANY_SPACES.sub(lambda match: space * len(match[0]), escaped(text.replace("\n", " ")))
    return space + written[1:] if is_first and written.startswith(b" ") else written

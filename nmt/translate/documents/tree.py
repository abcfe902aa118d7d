"""A tree of XML whose elements know their bytes, so that what is not translated is copied.

Expat reads it. Libraries that build a tree keep no positions, and write attributes and empty elements in their own way.
Entities are neither declared nor expanded, and nothing outside of the file is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from nmt.errors import InputError

_TAG = re.compile(rb"""<[^\s/>]+(?:[^"'>]|"[^"]*"|'[^']*')*>""")
_ATTRIBUTE = re.compile(rb"""\s+([^\s=]+)\s*=\s*("[^"]*"|'[^']*')""")
_DEEPEST = 200
_MOST_ELEMENTS = 2_000_000
"""Each takes some 300 bytes of memory; a book of 1,000 pages has a tenth of them."""
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(slots=True, eq=False)
class Element:
    """The bytes `start` to `end`, of which `inner` to `inner_end` are between its tags. Comments have no name."""

    name: str
    """PREFIX:NAME, with the prefixes that the reader of the tree has given for namespaces; outside of these it is NAME."""
    attributes: Mapping[str, str]
    start: int
    inner: int
    inner_end: int = -1
    end: int = -1
    children: list[Element | str] = field(default_factory=list)

    def elements(self, *names: str) -> Iterator[Element]:
        """The children that are elements, of these names or of all."""
        for child in self.children:
            if isinstance(child, Element) and (not names or child.name in names):
                yield child

    def find(self, name: str) -> Element | None:
        """The first child of this name."""
        return next(self.elements(name), None)

    def walk(self) -> Iterator[Element]:
        """This element and all within it, in the order of their starts."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += [child for child in reversed(element.children) if isinstance(child, Element)]

    @property
    def text(self) -> str:
        """All text within it."""
        return "".join(child for element in self.walk() for child in element.children if isinstance(child, str))


def parse(raw: bytes, prefixes: Mapping[str, str], *, where: str = "") -> Element:
    """The root of the XML `raw`, which is UTF-8. Raises InputError, which begins with `where`."""
    where = where and f"{where} "
    parser: Any = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True
    opened: list[Element] = []
    roots: list[Element] = []
    count = [0]

    def named(name: str) -> str:
        namespace, _, local = name.rpartition(" ")
        prefix = prefixes.get(namespace, "")
        return f"{prefix}:{local}" if prefix else local

    def begin(name: str, attributes: Mapping[str, str]) -> None:
        start = parser.CurrentByteIndex
        tag = _TAG.match(raw, start)
        assert tag is not None
        element = Element(named(name), {named(key): value for key, value in attributes.items()}, start, tag.end())
        (opened[-1].children if opened else roots).append(element)
        opened.append(element)
        count[0] += 1
        if len(opened) > _DEEPEST:
            raise InputError(f"{where}is nested deeper than {_DEEPEST} elements")
        if count[0] > _MOST_ELEMENTS:
            raise InputError(f"{where}has more than {_MOST_ELEMENTS:,} elements")

    def finish(_: str) -> None:
        element = opened.pop()
        if raw.endswith(b"/>", element.start, element.inner):
            element.inner_end = element.end = element.inner
        else:
            element.inner_end = parser.CurrentByteIndex
            element.end = raw.index(b">", element.inner_end) + 1

    def add_text(text: str) -> None:
        children = opened[-1].children
        if children and isinstance(children[-1], str):
            children[-1] += text
        else:
            children.append(text)

    def add_other(ending: bytes) -> None:
        start = parser.CurrentByteIndex
        end = raw.index(ending, start) + len(ending)
        if opened:
            opened[-1].children.append(Element("", {}, start, start, end, end))

    def refuse(*_: object) -> None:
        raise InputError(f"{where}declares or uses entities of its own, which are not read")

    parser.StartElementHandler = begin
    parser.EndElementHandler = finish
    parser.CharacterDataHandler = add_text
    parser.CommentHandler = lambda _: add_other(b"-->")
    parser.ProcessingInstructionHandler = lambda *_: add_other(b"?>")
    parser.EntityDeclHandler = parser.ExternalEntityRefHandler = parser.SkippedEntityHandler = refuse
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise InputError(f"{where}is no well-formed XML: {error}") from error
    return roots[0]


def escaped(text: str) -> bytes:
    """`text` between tags. What XML cannot write becomes U+FFFD."""
    return _FORBIDDEN.sub("\ufffd", text).translate(_ESCAPES).encode(errors="replace").replace(b"\r", b"&#13;")


def tag_name(raw: bytes, element: Element) -> bytes:
    """The name of an element as it is written there."""
    found = re.match(rb"<([^\s/>]+)", raw[element.start : element.inner])
    assert found is not None
    return found[1]


def attribute_values(raw: bytes, element: Element) -> Iterator[tuple[str, int, int]]:
    """The names of the attributes in the tag of an element, as written there, and where their values are between quotes."""
    for match in _ATTRIBUTE.finditer(raw, element.start + 1 + len(tag_name(raw, element)), element.inner):
        yield match[1].decode(), match.start(2) + 1, match.end(2) - 1


def with_attributes(tag: bytes, values: Sequence[tuple[str, str]]) -> bytes:
    """A start tag with these attributes in place of those of the same names."""
    end = b"/>" if tag.endswith(b"/>") else b">"
    for name, value in values:
        tag = re.sub(rb"""\s%s\s*=\s*("[^"]*"|'[^']*')""" % name.encode(), b"", tag)
        if value:
            tag = (
                tag.removesuffix(end).rstrip() + b' %s="%s"' % (name.encode(), escaped(value).replace(b'"', b"&quot;")) + end
            )
    return tag

"""XLIFF 1.2 and 2.x: the segments that have no translation get one, with the inline elements of their source.

A translation is marked as a machine's, as the standards have it: state="translated" with state-qualifier="mt-suggestion" in
1.2, state="translated" in 2.x. What translate="no" or a target with text has is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from nmt.errors import InputError
from nmt.translate.documents.document import Document, Part, Slot
from nmt.translate.documents.encoding import Encoding
from nmt.translate.documents.inline import INLINE, Inline, Tag
from nmt.translate.documents.tree import Element, escaped, parse, tag_name, with_attributes

_PREFIXES = {
    "http://www.w3.org/XML/1998/namespace": "xml",
}
_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']""")
_PAIRS = ("g", "mrk", "pc")
_STARTS = {"ept": "bpt", "ex": "bx", "ec": "sc", "em": "sm"}
"""Of elements that end what another has begun: the name of that."""
_TO_DO = ("new", "needs-translation", "initial")
_LANGUAGE = {"1": ("file", "target-language"), "2": ("xliff", "trgLang")}

Render = Callable[[int, int], bytes]


def read_xliff(data: bytes, target_language: str) -> Document:
    """The segments without translation. Raises InputError for what is no XLIFF 1 or 2.

    A file that names no target language, which it must where it has translations, gets `target_language`, if there is one.
    """
    declared = _DECLARED.match(data)
    encoding = Encoding(data, declared=declared[1].decode().lower() if declared else "utf-8", has_references=True)
    raw = encoding.decoded(data).encode()
    root = parse(raw, _PREFIXES)
    version = root.attributes.get("version", "")[:1]
    if root.name != "xliff" or version not in _LANGUAGE:
        raise InputError(f"should have the root <xliff version=…> of version 1 or 2, not <{root.name}>")
    slots = list(_slots(raw, root, version))
    if slots and target_language:
        raw, moved = _with_language(raw, root, version, target_language)
        if moved:
            root = parse(raw, _PREFIXES)
            slots = list(_slots(raw, root, version))
    return Document([Part(raw, slots)], markup=INLINE, join=lambda parts: encoding.encoded(b"".join(parts).decode()))


def _with_language(raw: bytes, root: Element, version: str, language: str) -> tuple[bytes, bool]:
    """`raw` with the target language where it should be and is not; and whether it was not."""
    name, attribute = _LANGUAGE[version]
    written: list[bytes] = []
    done = 0
    for element in root.walk():
        if element.name == name and attribute not in element.attributes:
            tag = with_attributes(raw[element.start : element.inner], [(attribute, language)])
            written += (raw[done : element.start], tag)
            done = element.inner
    return b"".join((*written, raw[done:])), bool(written)


def _slots(raw: bytes, root: Element, version: str) -> Iterator[Slot[bytes]]:
    waiting: list[tuple[Element, bool]] = [(root, True)]
    while waiting:
        element, is_open = waiting.pop()
        own = element.attributes.get("translate")
        is_open = own == "yes" if own is not None else is_open
        if element.name == "trans-unit" or (element.name == "segment" and version == "2"):
            if is_open and element.attributes.get("approved") != "yes" and (slot := _slot(raw, element, version)):
                yield slot
        else:
            waiting += [(child, is_open) for child in reversed(list(element.elements()))]


def _slot(raw: bytes, unit: Element, version: str) -> Slot[bytes] | None:
    """From the whole of a unit's opening tag to its target, for a unit that is to be translated."""
    source, target = unit.find("source"), unit.find("target")
    if source is None:
        return None
    content = unit.find("seg-source") or source
    state = (unit if version == "2" else target or unit).attributes.get("state", "")
    if target is not None and (target.text.strip() or any(target.elements())) and state not in _TO_DO:
        return None
    inline = Inline(_pieces(content))
    if not inline.has_text:
        return None
    name = tag_name(raw, source)
    name = name.removesuffix(b"source") + b"target"

    def spell(translations: Sequence[str], render: Render) -> bytes:
        text = b"".join(
            escaped(piece) if isinstance(piece, str) else b"".join(render(*span) for span in piece.content)
            for piece in inline.translated(translations[0])
        )
        opening = raw[unit.start : unit.inner]
        tag = b"<%s>" % name if target is None else _opening(raw, target)
        if version == "2":
            opening = with_attributes(opening, [("state", "translated"), ("subState", "")])
            if "xml:space" in source.attributes and (target is None or "xml:space" not in target.attributes):
                tag = with_attributes(tag, [("xml:space", source.attributes["xml:space"])])
        else:
            tag = with_attributes(tag, [("state", "translated"), ("state-qualifier", "mt-suggestion")])
        whole = tag + text + b"</%s>" % name
        if target is None:
            before = raw[unit.inner : source.start]
            return opening + raw[unit.inner : content.end] + before[len(before.rstrip()) :] + whole
        return opening + raw[unit.inner : target.start] + whole

    end = content.end if target is None else target.end
    return Slot(unit.start, end, (inline.segment,), spell, replaces=False)


Span = tuple[int, int]


def _pieces(element: Element) -> Iterator[str | Tag[tuple[Span, ...]]]:
    for child in element.children:
        if isinstance(child, str):
            yield child
        elif child.name in _PAIRS and child.children and not _is_protected(child):
            yield Tag("open", ((child.start, child.inner),))
            yield from _pieces(child)
            yield Tag("close", ((child.inner_end, child.end),))
        elif key := _key(child):
            yield Tag("end" if child.name in _STARTS else "start", ((child.start, child.end),), key)
        else:
            yield Tag("mark", ((child.start, child.end),))


def _key(element: Element) -> str:
    """What an element that starts or ends something has in common with the other, if it is one."""
    name = _STARTS.get(element.name, element.name)
    number = next(filter(None, map(element.attributes.get, ("rid", "startRef", "id"))), "")
    return f"{name} {number}" if name in _STARTS.values() and number else ""


def _opening(raw: bytes, element: Element) -> bytes:
    """The start tag of an element that gets content."""
    tag = raw[element.start : element.inner]
    return tag[:-2].rstrip() + b">" if tag.endswith(b"/>") else tag


def _is_protected(element: Element) -> bool:
    return element.attributes.get("translate") == "no" or element.attributes.get("mtype") == "protected"

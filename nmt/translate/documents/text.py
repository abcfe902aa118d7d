"""Plain text, of which each line is a segment, and texts that have a markup of their own: HTML and Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from nmt.translate.documents.culture import is_other
from nmt.translate.documents.document import Document, Part, Slot
from nmt.translate.documents.encoding import Encoding
from nmt.translate.markup.options import PLAIN, Markup

_DECLARED = re.compile(
    rb"""<meta\s[^>]*?\bcharset\s*=\s*["']?\s*([\w.:-]+)|^\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']([\w.:-]+)""", re.IGNORECASE
)
_HEAD = 4096
"""Bytes in which a page names its encoding."""
_ASCII = bytes((9, 10, 13, *range(32, 127)))
_LATIN_1 = frozenset(("iso-8859-1", "iso8859-1", "iso_8859-1", "latin-1", "latin1", "us-ascii", "ascii"))
"""Which browsers read as what Windows had in their place."""
_TAG = r"""(?:[^"'<>]|"[^"]*"|'[^']*')*>"""
_OUTERMOST = re.compile(
    rf"\A\ufeff?(?:\s|<!--.*?-->|<!(?!--)[^>]*>|<\?[^>]*>)*<html(?![\w-]){_TAG}|</head\s*>\s*<body(?![\w-]){_TAG}",
    re.IGNORECASE | re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""(?P<before>\s(?P<name>[^\s=>"']+)\s*=\s*)(?P<value>"[^"]+"|'[^']+'|[^\s"'>]+)""")
_LANGUAGE = ("lang", "xml:lang")


def text_document(data: bytes, encoding: Encoding, slots: Sequence[Slot[str]], *, markup: Markup = PLAIN) -> Document:
    """The document of a file that is one text."""
    return Document(
        [Part(encoding.decoded(data), slots)], markup=markup, join=lambda texts: encoding.encoded("".join(texts))
    )


def read_text(data: bytes, _: str) -> Document:
    """Lines of text."""
    encoding = Encoding(data)
    slots: list[Slot[str]] = []
    start = 0
    for line in encoding.decoded(data).split("\n"):
        text = line.removesuffix("\r")
        if text.strip():
            end = start + len(text)
            slots.append(Slot(start, end, (text,), lambda translations, _: translations[0].replace("\n", " ")))
        start += len(line) + 1
    return text_document(data, encoding, slots)


def read_html(data: bytes, target_language: str) -> Document:
    """One segment: tags tell where sentences end. A page that names its language is said to be in `target_language` then."""
    encoding = Encoding(data, declared=_declared(data), has_references=True)
    return _whole(data, encoding, Markup(format="html"), lambda page: _in_language(page, target_language))


def _in_language(page: str, language: str) -> str:
    """A translated page, whose outermost tags say that it is in `language`, where they said that it is in another."""

    def of_attribute(match: re.Match[str]) -> str:
        quote = match["value"][0] if match["value"][0] in "\"'" else ""
        is_wrong = match["name"].lower() in _LANGUAGE and is_other(match["value"].strip("\"'"), language)
        return f"{match['before']}{quote}{language}{quote}" if is_wrong else match[0]

    return _OUTERMOST.sub(lambda tag: _ATTRIBUTE.sub(of_attribute, tag[0]), page)


def _declared(data: bytes) -> str:
    """The encoding that a page names, unless it is unknown, or its bytes show that it is UTF-8."""
    found = _DECLARED.search(data, 0, _HEAD)
    name = (found[1] or found[2]).decode().lower() if found else ""
    name = "cp1252" if name in _LATIN_1 else name
    is_utf_8 = not data.isascii() and _reads(data, "utf-8")
    return name if name and not is_utf_8 and _reads(_ASCII, name) == _ASCII.decode() else "utf-8"


def _reads(data: bytes, name: str) -> str | None:
    """What bytes are in an encoding, if they are text of it."""
    try:
        return data.decode(name)
    except (LookupError, UnicodeError):
        return None


def read_markdown(data: bytes, _: str) -> Document:
    """One segment."""
    return _whole(data, Encoding(data), Markup(format="markdown"))


def _whole(data: bytes, encoding: Encoding, markup: Markup, finished: Callable[[str], str] = str) -> Document:
    text = encoding.decoded(data)
    slots = [Slot(0, len(text), (text,), lambda translations, _: finished(translations[0]))] if text.strip() else []
    return text_document(data, encoding, slots, markup=markup)

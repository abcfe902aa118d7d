"""Messages of gettext: .po and .pot.

polib reads them, and so tells what is valid. It would wrap every entry anew, so slices are written. Entries that have a
translation, fuzzy and obsolete ones stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from nmt.errors import InputError, MissingPackageError
from nmt.translate.documents.access_keys import with_key, without_key
from nmt.translate.documents.document import Document, Slot
from nmt.translate.documents.encoding import Encoding
from nmt.translate.documents.text import text_document

if TYPE_CHECKING:
    import polib

_STRINGS = r'"(?:[^"\\\n]|\\.)*"[ \t]*(?:\r?\n[ \t]*"(?:[^"\\\n]|\\.)*"[ \t]*)*'
_ENTRY = re.compile(
    rf"^[ \t]*msgid[ \t]+(?P<one>{_STRINGS})\r?\n"
    rf"(?:[ \t]*msgid_plural[ \t]+(?P<many>{_STRINGS})\r?\n)?"
    rf"(?P<translations>(?:[ \t]*msgstr(?:\[\d+\])?[ \t]+{_STRINGS}(?:\r?\n|\Z))+)",
    re.MULTILINE,
)
_TRANSLATION = re.compile(rf"[ \t]*msgstr(?:\[\d+\])?[ \t]+(?P<text>{_STRINGS})")
_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_NO_LANGUAGE = re.compile(r'^"Language:([ \t]*)(?=\\n"\r?$)', re.MULTILINE)
_CHARSET = re.compile(rb"charset=([A-Za-z0-9_.:-]+)")


def read_po(data: bytes, target_language: str) -> Document:
    """The entries that have no translation. A header whose language is empty gets `target_language`.

    Raises MissingPackageError, and InputError for what is no such file.
    """
    try:
        import polib
    except ModuleNotFoundError as error:
        raise MissingPackageError("gettext", package="polib", extra="documents") from error
    declared = _CHARSET.search(data)
    name = declared[1].decode() if declared and declared[1] != b"CHARSET" else "utf-8"
    encoding = Encoding(data, declared=name)
    source = encoding.decoded(data)
    try:
        # A text that begins with a newline is not taken for the name of a file to open.
        messages = polib.pofile(f"\n{source}", encoding="utf-8")
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise InputError(f"is no file of gettext messages: {error}") from error
    if not messages and not messages.metadata and source.strip():
        raise InputError("is no file of gettext messages: there is no msgid in it")
    slots = list(_slots(source, messages))
    if slots and target_language and (header := _NO_LANGUAGE.search(source)):
        slots.insert(0, Slot(*header.span(1), (), lambda *_: f" {target_language}", replaces=False))
    return text_document(data, encoding, slots)


def _slots(source: str, messages: polib.POFile) -> Iterator[Slot[str]]:
    entries = [match for match in _ENTRY.finditer(source) if not _is_header(match)]
    if [_text(match["one"]) for match in entries] != [entry.msgid for entry in messages if not entry.obsolete]:
        raise InputError("is no file of gettext messages that can be written again: comments stand within an entry")
    for match in entries:
        forms = list(_TRANSLATION.finditer(source, *match.span("translations")))
        for number, form in enumerate(forms):
            is_one = match["many"] is None or (number == 0 and len(forms) > 1)
            text = _text(match["one" if is_one else "many"])
            if text.strip() and not _text(form["text"]):
                yield _slot(form, text, newline="\r\n" if "\r\n" in match[0] else "\n")


def _slot(form: re.Match[str], text: str, *, newline: str) -> Slot[str]:
    start, end = form.span("text")
    end -= len(form["text"]) - len(form["text"].rstrip())
    plain, *key = without_key(text)

    def spell(translations: Sequence[str], _: object) -> str:
        return _written(with_key(translations[0], *key), newline=newline)

    return Slot(start, end, (plain,), spell, replaces=False)


def _is_header(match: re.Match[str]) -> bool:
    return not _text(match["one"])


def _text(strings: str) -> str:
    import polib

    return "".join(polib.unescape(string[1]) for string in _STRING.finditer(strings))


def _written(text: str, *, newline: str) -> str:
    """One string, or as gettext has texts of several lines: an empty one, and one for each line."""
    import polib

    lines = text.splitlines(keepends=True) if "\n" in text else [text]
    strings: Sequence[str] = [f'"{polib.escape(line)}"' for line in lines]
    return strings[0] if len(strings) == 1 else newline.join(('""', *strings))

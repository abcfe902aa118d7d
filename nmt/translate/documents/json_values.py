"""JSON: the strings that are values, not the names of fields."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from nmt.errors import InputError
from nmt.translate.documents.document import Document, Slot
from nmt.translate.documents.encoding import Encoding
from nmt.translate.documents.text import text_document

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s"\[\]{}:,]+')


@dataclass(frozen=True, slots=True)
class Value:
    """A string in a JSON text."""

    start: int
    end: int
    path: tuple[str, ...]
    """The names of the fields that lead to it. Lists have none."""
    text: str


def string_values(source: str) -> Iterator[Value]:
    """The strings of a JSON text, in order. Raises InputError where it is not valid."""
    try:
        json.loads(source)
    except ValueError as error:
        raise InputError(f"is not valid JSON: {error}") from error
    except RecursionError as error:
        raise InputError("is nested too deep") from error
    open_objects: list[str | None] = []  # the present field of each object; None for a list
    is_name = False
    for token in _TOKEN.finditer(source):
        match token[0]:
            case "{":
                open_objects.append("")
                is_name = True
            case "[":
                open_objects.append(None)
                is_name = False
            case "}" | "]":
                open_objects.pop()
            case ":":
                is_name = False
            case ",":
                is_name = open_objects[-1] is not None
            case string if string.startswith('"') and is_name:
                open_objects[-1] = json.loads(string)
            case string if string.startswith('"'):
                path = tuple(name for name in open_objects if name is not None)
                yield Value(token.start(), token.end(), path, json.loads(string, strict=False))


def field_names(source: str) -> Iterator[str]:
    """The names that lead to each value of a valid JSON text that is no object, with dots between them."""
    waiting: list[tuple[tuple[str, ...], object]] = [((), json.loads(source))]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting += reversed([((*path, name), inner) for name, inner in value.items()])
        elif isinstance(value, list) and value:
            waiting += [(path, inner) for inner in reversed(value)]
        elif path:
            yield ".".join(path)


def spelled_string(text: str, *, source: str) -> str:
    """`text` as a string of JSON; in ASCII alone, where `source`, the string that it replaces, needed escapes for that."""
    return json.dumps(text, ensure_ascii=source.isascii() and "\\u" in source)


def slot_of(value: Value, source: str) -> Slot[str]:
    """A slot for the translation of `value`."""
    old = source[value.start : value.end]
    return Slot(value.start, value.end, (value.text,), lambda translations, _: spelled_string(translations[0], source=old))


def read_json(data: bytes, _: str) -> Document:
    """All strings that are values and not blank."""
    encoding = Encoding(data)
    source = encoding.decoded(data)
    slots = [slot_of(value, source) for value in string_values(source) if value.text.strip()]
    return text_document(data, encoding, slots)

"""Messages of programs with a text for each case (ICU): the texts are translated, and all around them stays.

{count, plural, one {# file} other {# files}}
"""

from __future__ import annotations

import re

from nmt.text.spans import is_language

_START = re.compile(r"\{\s*\w+\s*,\s*(?:plural|selectordinal|select)\s*,(?:\s*offset:\d+)?")
_CASE = re.compile(r"\s*(?:=\d+|\w+)\s*\{")
_BLANKS = re.compile(r"\s*")
_BRACE = re.compile(r"[{}]")
_QUOTED = re.compile(r"'[{}#|]")
_DEEPEST = 8


def case_texts(message: str) -> list[tuple[int, int]]:
    """Where the texts of its cases are in `message`, in order; nothing where there are words outside of its cases, too.

    Such words make a sentence with each of the cases, and a translation of its parts would be none.
    """
    if "{" not in message or (start := _START.search(message)) is None or _QUOTED.search(message):
        return []
    found: list[tuple[int, int]] = []
    end = _texts(message, start.start(), found, depth=0)
    is_whole = end is not None and not is_language(message[: start.start()]) and not is_language(message[end:])
    return found if is_whole else []


def _texts(message: str, place: int, found: list[tuple[int, int]], *, depth: int) -> int | None:
    """Add the texts of the message that begins at `place`; the place behind it, or None where it is none."""
    start = _START.match(message, place)
    if start is None or depth > _DEEPEST:
        return None
    place = start.end()
    while case := _CASE.match(message, place):
        end = _closing(message, case.end())
        if end is None:
            return None
        nested: list[tuple[int, int]] = []
        after = _texts(message, _past_blanks(message, case.end()), nested, depth=depth + 1)
        is_message = after is not None and not is_language(message[after:end])
        found += nested if is_message else [(case.end(), end)]
        place = end + 1
    place = _past_blanks(message, place)
    return place + 1 if message.startswith("}", place) and found else None


def _past_blanks(message: str, place: int) -> int:
    match = _BLANKS.match(message, place)
    return match.end() if match else place


def _closing(message: str, place: int) -> int | None:
    """The place of the brace that closes the one before `place`."""
    depth = 1
    for match in _BRACE.finditer(message, place):
        depth += 1 if match[0] == "{" else -1
        if not depth:
            return match.start()
    return None

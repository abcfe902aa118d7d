"""How the characters of a translation are written in a format, so that none of them is taken for markup."""

from __future__ import annotations

import re
from collections.abc import Sequence

_RESERVED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_BLOCK_START = re.compile(r"(?:#{1,6}(?=\s|$)|[-+*](?=\s|$)|>|=+$|~~~|\d{1,9}(?=[.)](?:\s|$)))")


def spelled_in_markup(text: str, plain: str, written: Sequence[str]) -> list[str]:
    """The characters of `text` for HTML and XML. `written` has those of the source, `plain`, as they are written there.

    What the source writes as a reference to a character and never otherwise is written so again.
    """
    own = _references(plain, written)
    bare = {">"} if ">" in written else set()
    return [own.get(character) or (character if character in bare else _RESERVED.get(character, character)) for character in text]


def spelled_in_markdown(text: str, plain: str, written: Sequence[str], *, at_start: bool) -> list[str]:
    """The characters of `text` for Markdown; arguments as above. `at_start`: whether they are the first of their block."""
    own = _references(plain, written)
    bare = {character for character, raw in zip(plain, written, strict=True) if character == raw}
    spelled = []
    for place, character in enumerate(text):
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        raw = own.get(character, character)
        if raw == character and character not in bare and _is_markup(character, before, after):
            raw = f"\\{character}"
        spelled.append(raw)
    if at_start and (match := _BLOCK_START.match(text)) and not plain.lstrip().startswith(match[0]):
        last = match.end() - 1
        place = last + 1 if match[0].isdigit() else 0
        spelled[place] = f"\\{text[place]}"
    return spelled


def _is_markup(character: str, before: str, after: str) -> bool:
    """Whether a character of a text could be read as Markdown's."""
    if character in "*`[]\\|":
        return True
    if character == "_":
        return not (before.isalnum() and after.isalnum())
    if character == "<":
        return after.isalpha() or after in ("/", "!", "?")
    if character == "&":
        return after.isalpha() or after == "#"
    return character == "~" and "~" in (before, after)


def _references(plain: str, written: Sequence[str]) -> dict[str, str]:
    """How the source writes characters that it never writes as they are, but for blanks."""
    own: dict[str, str] = {}
    bare: set[str] = set()
    for character, raw, following in zip(plain, written, (*written[1:], "x"), strict=True):
        if character == raw:
            bare.add(character)
        elif character != " " and len(raw) > 1 and raw[0] in "&\\" and following:  # and for one character alone
            own.setdefault(character, raw)
    return {character: raw for character, raw in own.items() if character not in bare}

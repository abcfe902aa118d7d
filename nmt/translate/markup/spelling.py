"""How the characters of a translation are written in a format, so that none of them is taken for markup."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

_RESERVED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_BLOCK_START = re.compile(r"(?:#{1,6}(?=\s|$)|[-+*](?=\s|$)|>|=+$|~~~|\d{1,9}(?=[.)](?:\s|$)))")


@dataclass(frozen=True, slots=True)
class Spelling:
    """How the source writes its characters."""

    references: Mapping[str, str]
    """Those that it writes as references or escapes, and never as they are."""
    bare: Set[str]
    """Those that it writes as they are."""

    @classmethod
    def of(cls, plain: str, written: Sequence[str]) -> Spelling:
        """From the characters of a text and how each is written. Where a reference stands for several, the first has it."""
        references: dict[str, str] = {}
        bare: set[str] = set()
        for character, raw, following in zip(plain, written, (*written[1:], "x"), strict=False):
            if character == raw:
                bare.add(character)
            elif character != " " and len(raw) > 1 and raw[0] in "&\\" and following:
                references.setdefault(character, raw)
        return cls({one: raw for one, raw in references.items() if one not in bare}, bare)


def spelled_in_markup(text: str, spelling: Spelling) -> list[str]:
    """The characters of `text` for HTML and XML."""
    reserved = {character: raw for character, raw in _RESERVED.items() if character != ">" or ">" not in spelling.bare}
    return [spelling.references.get(character) or reserved.get(character, character) for character in text]


def spelled_in_markdown(text: str, spelling: Spelling, *, after: str | None) -> list[str]:
    """The characters of `text` for Markdown; `after` is how the source begins, if they are the first of their block."""
    spelled = []
    for place, character in enumerate(text):
        raw = spelling.references.get(character, character)
        around = text[max(place - 1, 0) : place], text[place + 1 : place + 2]
        if raw == character and character not in spelling.bare and _is_markup(character, *around):
            raw = f"\\{character}"
        spelled.append(raw)
    if after is not None and (match := _BLOCK_START.match(text)) and not after.startswith(match[0]):
        place = match.end() if match[0].isdigit() else 0
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

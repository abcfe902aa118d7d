"""How the characters of a translation are written in a format, so that none of them is taken for markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from nmt.translate.markup.pieces import Kind

_RESERVED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_EMPHASIS = re.compile(r"[*_~]+")
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


def with_readable_emphasis(parts: Iterable[tuple[str, Kind | None]]) -> list[str]:
    """Characters of a sentence in Markdown (None) and its tags, with each delimiter of emphasis where it is read as one.

    An opening may not stand between a word and punctuation, and a closing not between punctuation and a word (CommonMark
    0.31, 6.2) or behind a blank, and there must be something between them. An opening goes past the punctuation, a closing
    before the blank, behind a closing comes a blank, and what has nothing in it gets the next word.
    """
    items = _with_words([part for part in parts if part[0]])
    written: list[str] = []
    place = 0
    while place < len(items):
        raw, kind = items[place]
        before = written[-1][-1] if written else " "
        after = items[place + 1] if place + 1 < len(items) else (" ", None)
        if kind is Kind.opening and _EMPHASIS.fullmatch(raw):
            blocks = after[0].isspace() or (_is_sign(after[0][0]) and before.isalnum())
            if blocks and after[1] is None and place + 2 < len(items) and not after[0][0].isalnum():
                items[place : place + 2] = [after, items[place]]
                continue
            if blocks or (raw[0] == "_" and before.isalnum()):
                written.append(" ")
        is_closing = kind is Kind.closing and _EMPHASIS.fullmatch(raw) is not None
        blanks: list[str] = []
        while is_closing and written and written[-1].isspace():
            blanks.append(written.pop())
        written += [raw, *blanks]
        if is_closing and not blanks and after[0][0].isalnum() and (_is_sign(before) or raw[0] == "_"):
            written.append(" ")
        place += 1
    return written


def _with_words(items: list[tuple[str, Kind | None]]) -> list[tuple[str, Kind | None]]:
    """`items` with a word between delimiters that had nothing between them: the next one, or else the one before.

    Words of the same element go before others. Elements that hold nothing but the delimiters go with them.
    """
    for place in reversed(range(len(items) - 1)):
        (raw, kind), closing = items[place : place + 2]
        if not (kind is Kind.opening and closing == (raw, Kind.closing) and _EMPHASIS.fullmatch(raw)):
            continue
        first, last = place, place + 2  # of the items that hold nothing
        while first > 0 and last < len(items) and (items[first - 1][1], items[last][1]) == (Kind.opening, Kind.closing):
            first, last = first - 1, last + 1
        opening, closings = items[first : place + 1], items[place + 1 : last]
        before, after = items[:first], items[last:]
        for across in (False, True):
            if (word := _word(after, Kind.opening, across=across)) is not None:
                start, end = word
                items = [*before, *after[:start], *opening, *after[start:end], *closings, *after[end:]]
            elif (word := _word(before[::-1], Kind.closing, across=across)) is not None:
                start, end = len(before) - word[1], len(before) - word[0]
                items = [*before[:start], *opening, *before[start:end], *closings, *before[end:], *after]
            else:
                continue
            break
    return items


def _word(items: Sequence[tuple[str, Kind | None]], begins: Kind, *, across: bool) -> tuple[int, int] | None:
    """The first word, as the range of its characters, but for those in elements that begin on the way to it.

    With `across`, words behind a tag count, too.
    """
    start = depth = 0
    while start < len(items):
        raw, kind = items[start]
        if kind is None and raw[0].isalnum() and not depth:
            break
        if kind is not None:
            if not across:
                return None
            depth = depth + 1 if kind is begins else max(0, depth - (kind is not Kind.mark))
        start += 1
    end = start
    while end < len(items) and items[end][1] is None and items[end][0][0].isalnum():
        end += 1
    return (start, end) if start < end else None


def _is_sign(character: str) -> bool:
    return not character.isalnum() and not character.isspace()

"""Lists of words without a sentence, of which models lose some: Monday / Wednesday / Friday, Zutaten: Mehl, Eier, Milch.

A translation with another number of items is replaced by those of the items one by one.
"""

from __future__ import annotations

import re

from nmt.text.spans import Span

_SIGN = re.compile(r" [/|>·•] ")
_COMMA = re.compile(r",? (?:&|and|as well as|or|oder|sowie|und) |, ")
_AND_SO_ON = re.compile(r",? (?:etc|usw)\b\.?")
_SLASH = re.compile(" ?/ ?")
_LABEL = re.compile(r"[^\W\d_](?:[^,:;.!?/|>·•]{0,30}[^\W_])?: (?=\S)")
_JOINS = {
    ("de", "en"): {"und": "and", "oder": "or", "sowie": "as well as"},
    ("en", "de"): {"and": "und", "or": "oder", "as well as": "sowie"},
    ("en", "fr"): {"and": "et", "or": "ou", "as well as": "ainsi que"},
    ("en", "es"): {"and": "y", "or": "o", "as well as": "así como"},
}
_MARK = re.compile(r"[-*–•] +")
_CODE = re.compile(r"[A-Z]{1,3}")
"""A size, or a short form: the same in other languages as far as anybody knows."""
_MOST_WORDS = 3  # of an item
_FEWEST = 3  # items of a list that commas separate
_WORD = re.compile(r"[^\W_]+")
_OF_A_CLAUSE = frozenset(
    """
    aber am an are auf bin bist can da das dass den denn der deshalb did die do does du er es für had has hat hatte have he
    her hier his i ich if ihr im in ist it kann man mein mich mir mit my nicht not she sich sie sind that the their there
    they this war was waren we weil wenn were which who will wir with wo you your zu
    """.split()  # noqa: SIM905
)
"""Words of which a list without a label has none, unless they are the whole item."""


def separators(text: str, *, source: str, target: str) -> list[Span]:
    """What sets the items of `text` apart, with items that stay as they are, if it is a list; nothing if it is more.

    Between languages whose words are known, and is what `target` has for it.
    """
    mark = _MARK.match(text)
    start, end = mark.end() if mark else 0, len(text) - text.endswith((".", "!", "?"))
    label = _LABEL.match(text, start)
    first = label.end() if label else start
    found = list(_SIGN.finditer(text, first, end))
    if not found:
        found = list(_COMMA.finditer(text, first, end))
        if len(found) < _FEWEST - 1 or not _may_be_list(_items(text, first, found, end), has_label=label is not None):
            return []
    elif len(found) < 2 or len({match[0] for match in found}) > 1 or ", " in text or ". " in text:
        return []
    items = _items(text, first, found, end)
    if not all(items):
        return []
    joins = _JOINS.get((source, target), {})
    words = [joins.get(match[0].strip(" ,")) for match in found]
    places = [(*match.span(), f" {word} " if word else match[0]) for match, word in zip(found, words, strict=True)]
    if label:
        places.append((label.end() - 2, label.end(), ": "))
    starts = _starts(first, found)
    codes = [(at, at + len(item), item) for at, item in zip(starts, items, strict=True) if _CODE.fullmatch(item)]
    return _merged(text, sorted([*places, *codes]))


def loses_items(text: str, source: str) -> bool:
    """Whether the translation `text` of the list `source` has another number of items."""
    text, source = (_AND_SO_ON.sub("", one) for one in (text, source))
    sign = _SIGN.search(source)
    pattern = _SIGN if sign else _COMMA
    items = (_SLASH if sign and sign[0] == " / " else pattern).split(text.rstrip("/|>·• ") if sign else text)
    return len(items) != len(pattern.split(source))


def _starts(first: int, found: list[re.Match[str]]) -> list[int]:
    return [first, *(match.end() for match in found)]


def _items(text: str, first: int, found: list[re.Match[str]], end: int) -> list[str]:
    stops = [*(match.start() for match in found), end]
    return [text[start:stop].strip() for start, stop in zip(_starts(first, found), stops, strict=True)]


def _may_be_list(items: list[str], *, has_label: bool) -> bool:
    words = [_WORD.findall(item) for item in items]
    if any(not 1 <= len(own) <= _MOST_WORDS for own in words):
        return False
    return has_label or not any(len(own) > 1 and word.lower() in _OF_A_CLAUSE for own in words for word in own)


def _merged(text: str, places: list[tuple[int, int, str]]) -> list[Span]:
    """Spans of these places, each with what is said there, one for those that touch each other."""
    merged: list[tuple[int, int, str]] = []
    for start, end, said in places:
        if merged and merged[-1][1] == start:
            before = merged.pop()
            start, said = before[0], before[2] + said
        merged.append((start, end, said))
    return [Span(start, end, translation=None if said == text[start:end] else said) for start, end, said in merged]

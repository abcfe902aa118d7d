"""What begins a text between English and French or Spanish and is no part of its sentence: Name: Anna; Hello Tom, come in.

A model of everyday sentences loses a label or the rest, and of Bonjour Tom it makes Goodllo Tom. So a label is said as a
list has it, or translated by itself, as is a greeting to somebody; the rest is a sentence by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from nmt.text.spans import Span, is_language
from nmt.translate.rules.romance.pairs import is_romance_pair
from nmt.translate.rules.romance.phrases import GREETINGS, PLACEHOLDER, phrase_said, table_of

_MOST_WORDS = 3  # of a label that no list has
_LABEL = re.compile(r"[^\W\d_](?:[^,;:.!?/|()\"“”«»]{0,40}[^\W_)])? ?:(?=\s|$)")
_COLON = ": \u00a0\u202f"
_OF_NAMES = frozenset(
    ("Author", "City", "Company", "Contact", "First name", "Full name", "Last name", "Name", "Place of birth", "Street")
)
"""Labels after which there is a name, which is no language."""
_NAME = r"(?:(?:de|del|la|du|van|von) ){0,2}[A-ZÀ-ÖØ-Þ][\w.'’-]*"
_NAMES = re.compile(rf"{_NAME}(?: {_NAME}){{0,3}}")
_QUOTES = '"“„«'
_DIGIT = re.compile(r"\d")
_TO_ANYBODY = "    Dear | Cher/Chère / Cher / Chère | Estimado/a / Estimado / Estimada / Querido / Querida\n"
"""Before a placeholder, of whose person nothing is known."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What begins a text."""

    start: int
    end: int
    translation: str | None
    """None where it is to be translated by itself."""
    needs_model: bool
    """Whether the rest of the text is language, and no name."""


def openings(sentence: str, *, source: str, target: str) -> Iterator[Span]:
    """The label or greeting that begins `sentence`, as `target` has it, where nothing in it needs a model."""
    opening = opening_of(sentence, source=source, target=target)
    if opening is None or opening.translation is None or opening.needs_model:
        return
    rest = sentence[opening.end :]
    end, rest = (len(sentence), rest) if is_language(rest) else (opening.end, "")
    yield Span(opening.start, end, translation=opening.translation + rest)


def opening_of(text: str, *, source: str, target: str) -> Opening | None:
    """The label of a few words, or the greeting to somebody, that begins `text`; None where it has none."""
    if not is_romance_pair(source, target):
        return None
    if match := _LABEL.match(text):
        return _label(match, source, target)
    pattern, forms = _greetings(source, target)
    match = pattern.match(text)
    if match is None:
        return None
    said = forms[(match["to_anybody"] or match["greeting"]).lower()] + match["between"] + match["name"]
    return Opening(match.start() + match[0].startswith("¡"), match.end(), said, is_language(text[match.end() :]))


def _label(match: re.Match[str], source: str, target: str) -> Opening | None:
    said, rest = phrase_said(match[0], source, target), match.string[match.end() :].strip()
    name = match[0].rstrip(_COLON)
    is_label = said is not None or (len(name.split()) <= _MOST_WORDS and name[0].isupper())
    if rest and (not is_label or (said is None and rest[0] in _QUOTES)):
        return None
    english = name if source == "en" else (said or "").rstrip(_COLON)
    is_name = (english in _OF_NAMES and _NAMES.fullmatch(rest)) or (english == "Address" and _DIGIT.search(rest))
    return Opening(0, match.end(), said, is_language(rest) and not is_name)


@cache
def _greetings(source: str, target: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern of greetings to somebody, and each in another language."""
    found = [table_of(lines, source, target) for lines in (GREETINGS, _TO_ANYBODY)]
    greetings, to_anybody = ("|".join(sorted(map(re.escape, forms), key=len, reverse=True)) for forms in found)
    pattern = (
        rf"¡?(?:(?i:(?P<greeting>{greetings}))(?P<between>,? )(?P<name>{PLACEHOLDER}|{_NAME}(?: {_NAME})?)"
        rf"(?=[ \u00a0\u202f]?[,!.]|$)"
    )
    pattern = pattern.replace("(?P<greeting>", rf"(?P<to_anybody>{to_anybody})(?= (?:{PLACEHOLDER}))|(?P<greeting>", 1) + ")"
    return re.compile(pattern), found[0] | found[1]

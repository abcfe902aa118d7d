"""The mark at the end of a sentence between English and French or Spanish: it is the one of the source.

The texts that models of everyday sentences learned from are free with it: Bonne chance ! was Good luck. there, and Don't
forget. was N'oublie pas ! there. In Spanish a mark of exclamation or a question mark has its partner before the sentence.
"""

from __future__ import annotations

import re

from nmt.text.spans import Span
from nmt.translate.rules.casing import within_sentence

_CLOSING = "\"'”’“»« \u00a0\u202f"
_MARKS = ".!?…"
_BLANKS = " \u00a0\u202f"
_ABBREVIATION = re.compile(r"(?:\b(?:etc|Mr|Mrs|Ms|Dr|Jr|Sra?|Ud|Vd)|\b\w\.\s?\w|\b[A-Z])\.$")
"""At the end, where a full stop belongs to the word."""
_BEFORE_LAST = re.compile(r"(?:.*(?:(?<!\bSr)(?<!\bSra)(?<!\bDr)(?<!\bUd)\.|[!?…])[\"”»)]*\s+)?[\s\"“«(\[—–-]*", re.DOTALL)
"""What comes before the last sentence of a text."""
_MARKS_AT_END = rf"(?=[?!]+[{re.escape(_CLOSING)}]*$)"
_LACKS_BLANK, _HAS_BLANK = re.compile(rf"(?<=[\w}}\])%>]){_MARKS_AT_END}"), re.compile(rf"[{_BLANKS}]+{_MARKS_AT_END}")
_PARTNERS = {"!": "¡", "?": "¿"}
_INVERTED = re.compile("[¡¿]")
_WITHIN = re.compile(r"(?<=\w )[¡¿](\w*)")
"""One in the middle of a clause, with the word that got a capital from it."""


def with_mark_of(source: str, text: str, *, language: str) -> str:
    """The translation `text` of `source` into `language` with the mark of the source at its end: . or ! or ... or none.

    A question mark stays where there is one, as does what belongs to an abbreviation: etc.
    """
    if language != "es":
        text = _INVERTED.sub("", text)
    text = _LACKS_BLANK.sub("\u00a0", text) if language == "fr" else _HAS_BLANK.sub("", text)
    (own, mark, _), (said, written, closing) = parts_of(source), parts_of(text)
    is_free = bool(said) and not own.endswith((",", ";", ":")) and "?" not in mark + written
    if is_free and mark != written and not _ABBREVIATION.search(own + mark) and not _ABBREVIATION.search(said + written):
        before = "\u00a0" if mark.startswith("!") and language == "fr" else ""
        text = (said.rstrip(",;:" + _BLANKS) + before + mark if mark else said) + closing
    return _paired(text, source) if language == "es" else text


def going_on(text: str, source: str, first: Span, *, language: str) -> str:
    """The translation `text` without the capital, or mark, that a model sets behind `first`, a span that begins `source`."""
    said = first.translation or source[: first.end]
    is_known = first.translation is not None or (first.soft and " " in said)  # or else a word with a seldom letter
    if not (is_known and said[0].isalpha() and source[first.end :].lstrip(" ")[:1].islower()):
        return text
    if text.lower().startswith(f"{said.lower()} "):
        said, rest = text[: len(said)], text[len(said) + 1 :]
        rest = rest if "?" in rest else rest.replace("¿", "", 1).lstrip()
        return f"{said} {within_sentence(rest, language=language)}"
    return text.replace(f" {said}", f" {within_sentence(said, language=language)}") if first.translation else text


def parts_of(text: str) -> tuple[str, str, str]:
    """A text up to the marks at its end, these, and what closes after them."""
    closed = text.rstrip(_CLOSING)
    said = closed.rstrip(_MARKS + _BLANKS)
    return said, "".join(character for character in closed[len(said) :] if character in _MARKS), text[len(closed) :]


def _paired(text: str, source: str) -> str:
    """A Spanish `text` whose last sentence has before it the partner of the mark at its end, and no partner of none."""
    last = _BEFORE_LAST.match(text)
    assert last is not None  # it may be empty
    sentence = text[last.end() :]
    wanted = [partner for mark, partner in _PARTNERS.items() if mark in parts_of(text)[1]]
    for mark, partner in _PARTNERS.items():
        if mark not in sentence and partner in sentence:
            sentence = _WITHIN.sub(lambda match: match[1] if match[1] in source else match[1].lower(), sentence)
            sentence = sentence.replace(partner, "")
    return text[: last.end()] + "".join(partner for partner in reversed(wanted) if partner not in sentence) + sentence

"""What a translation takes over from the outward form of its source, and slips that need no model to be mended.

A model that has seen a word by itself writes family Brown at the beginning of a sentence, one mark of exclamation for three,
and 3th: the training text had few of them.
"""

from __future__ import annotations

import re

from nmt.text.spans import MARKER
from nmt.translate.rules.english import is_name, ordinal
from nmt.translate.rules.german import is_capitalised
from nmt.translate.rules.romance.dates import smoothed
from nmt.translate.rules.romance.marks import with_mark_of
from nmt.translate.rules.romance.ordinals import with_gender
from nmt.translate.rules.romance.pairs import is_romance_pair
from nmt.translate.rules.romance.places import elided
from nmt.translate.rules.romance.titles import contracted

_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’“»«)\]]*$")
_BEFORE_FIRST = re.compile(r"(?:<[^>]*>|[^\w<])*")
_WORD = re.compile(r"[^\W\d_]+")
_MARKS = re.compile(r"[!?]{2,}(?=[\"'”’“»«)\]]*$)")
_MARKS_WRITTEN = re.compile(r"[.!?…]+(?=[\"'”’“»«)\]]*$)")
_ORDINAL = re.compile(r"(?<![\w.,])(\d+)(?:st|nd|rd|th)(?!\w)(?! (?:Ave|St)\b| (?:Avenue|Street))")
_DECADES = re.compile(r"\b(?:the|early|late|mid)[ -](?:early |late |mid-)?((?:1[5-9]|20)?\d0)s(?!\w)", re.I)
_DECADE_WRITTEN = re.compile(r"(?<![\w.,])((?:1[5-9]|20)?\d0)(?:s(?!\w)|(?= Jahren?\b))")
# A length; four feet may be those of a dog.
_FEET = re.compile(r"\d\d feet\b|\d feet (?:deep|long|tall|wide|high|thick|away|above|below|apart)\b")
_FEET_WRITTEN = re.compile(r"(?<=\d )Füßen?(?!\w)")
_COMMA_TWICE = re.compile(r",([“\"]),")
_TITLE = re.compile(r"\bM(?:r|rs|s)\.")
_TITLE_WRITTEN = re.compile(r"\b(Herrn?|Frau)\.(?= [A-ZÀ-ÖØ-Þ])")


def finished(text: str, source: str, *, source_language: str, language: str) -> str:
    """The translation `text` of `source` into `language`: its first capital and the marks at its end as in `source`."""
    if marks := _MARKS.search(source):
        text = _MARKS_WRITTEN.sub(marks[0], text, count=1)
    if language == "en":
        text = _ORDINAL.sub(lambda match: ordinal(int(match[1])), text)
    if language == "de":
        text = _ORDINAL.sub(r"\1.", text)
        if decades := _DECADES.findall(source):
            text = _DECADE_WRITTEN.sub(lambda match: f"{match[1]}er" if match[1] in decades else match[0], text)
        if _FEET.search(source):
            text = _FEET_WRITTEN.sub("Fuß", text)
        text = _COMMA_TWICE.sub(r"\1,", text)
        if _TITLE.search(source):
            text = _TITLE_WRITTEN.sub(r"\1", text)
    if is_romance_pair(source_language, language):
        text = smoothed(text, source, source_language=source_language, language=language)
        if language == "es":
            text = with_gender(text)
        if language == "fr":
            text = elided(text)
        text = contracted(text, language=language)
        text = with_mark_of(source, text, language=language)
    return _with_capital(text, source) if _begins_with_capital(source, source_language) else text


def _begins_with_capital(source: str, language: str) -> bool:
    """Whether a text has a capital because it begins there, and not because of its first word."""
    begins = _first(source)
    if begins is None or not begins[0][0].isupper():
        return False
    if _SENTENCE_END.search(source):
        return True
    if language == "de":
        words = [word.lower() for word in _WORD.findall(source, begins.start())]
        return is_capitalised(words, 0, is_last=len(words) == 1) is False
    return language == "en" and not is_name(begins[0].lower())


def _with_capital(text: str, source: str) -> str:
    """`text` with a capital at its beginning, unless it begins with a word of `source`: iPhone, von Bismarck."""
    first = _first(text)
    if first is None or not first[0].islower() or first[0] in _WORD.findall(source):
        return text
    return text[: first.start()] + first[0][0].upper() + text[first.start() + 1 :]


def _first(text: str) -> re.Match[str] | None:
    """The first word of a text, behind tags and what a line of a list begins with; None where it begins with a number."""
    marker = MARKER.match(text)
    before = _BEFORE_FIRST.match(text, marker.end() if marker else 0)
    return _WORD.match(text, before.end()) if before else None

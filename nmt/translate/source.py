"""The language of a text, and the choice of a model by it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nmt.config.language import base_language
from nmt.text.language import detect, has_script_of, identifiable_languages
from nmt.translate.markup.document import Document
from nmt.translate.markup.options import PLAIN, Markup
from nmt.translate.translator import Translator

AUTO = "auto"
"""What stands for a source language that is to be found out."""

UNDETERMINED = "und"
"""BCP 47's tag of a text that is in no language, such as a number."""

_SURE = 0.8


@dataclass(frozen=True, slots=True)
class Detection:
    """A language that a text may be in."""

    language: str
    probability: float
    """Given that the text is in one of the languages that were compared; 0 for a text without letters."""


def translator_of(text: str, translators: Sequence[Translator], markup: Markup = PLAIN) -> tuple[Translator, float]:
    """The first of `translators`, all to one target, from the language that `text` is most probably in.

    With it the probability that `text` is in that language, and in no other source and not in the target. Tags say nothing
    of the language. Raises InputError where there are none.
    """
    if markup.format != "text":
        text = "\n".join(Document(text, markup).parts)
    sources = [translator.source_language for translator in translators]
    language = detect(text, sources)[0][0]
    certainty = 0.0
    if _has_letters(text):
        certainty = dict(detect(text, [*sources, *(translator.target_language for translator in translators)])).get(
            language, 0.0
        )
    return next(translator for translator in translators if translator.source_language == language), certainty


def detected(text: str, languages: Iterable[str]) -> list[Detection]:
    """The languages that `text` may be in, the most probable first: those of `languages`, or another that it surely is in.

    Raises InputError where no language is given.
    """
    given = list(languages)
    if not _has_letters(text):
        return [Detection(UNDETERMINED, 0.0)]
    among_all = detect(text, [*given, *sorted(identifiable_languages().difference(map(base_language, given)))])
    best, probability = among_all[0]
    if best not in given and (probability > _SURE or not any(has_script_of(text, tag) for tag in given)):
        return [Detection(best, probability)]
    return [Detection(*one) for one in detect(text, given)]


def load_detection() -> None:
    """Load the table that languages are told apart by, which the first text loads otherwise: 75 MB, in half a second."""
    identifiable_languages()


def _has_letters(text: str) -> bool:
    return any(character.isalpha() for character in text)

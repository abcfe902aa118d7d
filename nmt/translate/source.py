"""The choice of a model by the language of a text."""

from __future__ import annotations

from collections.abc import Sequence

from nmt.text.language import detect
from nmt.translate.translator import Translator

AUTO = "auto"
"""What stands for a source language that is to be found out."""


def translator_of(text: str, translators: Sequence[Translator]) -> Translator:
    """The first of `translators` from the language that `text` is most probably in.

    Raises InputError where there are none.
    """
    language = detect(text, [translator.source_language for translator in translators])[0][0]
    return next(translator for translator in translators if translator.source_language == language)

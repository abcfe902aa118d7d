"""The choice of a model by the language of a text."""

from __future__ import annotations

from collections.abc import Sequence

from nmt.text.language import detect
from nmt.translate.markup.document import Document
from nmt.translate.markup.options import PLAIN, Markup
from nmt.translate.translator import Translator

AUTO = "auto"
"""What stands for a source language that is to be found out."""


def translator_of(text: str, translators: Sequence[Translator], markup: Markup = PLAIN) -> Translator:
    """The first of `translators` from the language that `text` is most probably in; its tags say nothing of that.

    Raises InputError where there are none.
    """
    if markup.format != "text":
        text = "\n".join(Document(text, markup).parts)
    language = detect(text, [translator.source_language for translator in translators])[0][0]
    return next(translator for translator in translators if translator.source_language == language)

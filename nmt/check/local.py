"""A translator of this process, asked as a running service is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nmt.check.judge import Translate
from nmt.translate.markup.options import FORMATS, Markup
from nmt.translate.translator import Translator


def local(translator: Translator) -> Translate:
    """`translator` as a function from texts, and the markup or formality of all of them, to translations."""

    def translate(texts: Sequence[str], form: str) -> list[str]:
        way: dict[str, Any] = {"markup": Markup(format=form)} if form in FORMATS else {"formality": form}
        return [one.text for one in translator.translate(texts, attention=False, **way)]

    return translate

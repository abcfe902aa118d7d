"""Formality: how a translation should address people, in the words of the services that have it."""

from __future__ import annotations

from typing import Literal

from nmt.config.language import base_language

Formality = Literal["default", "more", "less", "prefer_more", "prefer_less"]
"""The prefer_ ones are "default" where the target language has no formality; "more" and "less" are mistakes there."""

FORMALITY_LANGUAGES = ("de",)
"""Target languages that have it."""


def has_formality(language: str) -> bool:
    """Whether translations into `language` may be asked for with "more" and "less"."""
    return base_language(language) in FORMALITY_LANGUAGES

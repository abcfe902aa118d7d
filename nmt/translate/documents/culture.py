"""Languages as office programs name them, with a country: spelling checkers have no other names."""

from __future__ import annotations

_COUNTRIES = {"de": "DE", "en": "US", "es": "ES", "fr": "FR", "it": "IT", "nl": "NL", "pl": "PL", "pt": "PT", "ru": "RU"}


def culture_of(language: str) -> str:
    """Such as en-US for en; what has a country, and what has no usual one, as it is."""
    country = _COUNTRIES.get(language)
    return f"{language}-{country}" if country else language


def is_other(culture: str, language: str) -> bool:
    """Whether a name is of another language than this, if there is one, and not of the same in another country."""
    own, wanted = (name.partition("-")[0].lower() for name in (culture, language))
    return wanted != "" and own not in ("", "none", "zxx", "x", wanted)  # the others stand for no language

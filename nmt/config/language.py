"""Language tags (BCP 47): de, pt-BR, zh-Hans, in one spelling whoever writes them."""

from __future__ import annotations

import re
from functools import lru_cache

from nmt.errors import ConfigurationError

MAX_TAG = 35
"""Characters of a tag, for which programs should have room (RFC 5646, section 4.4.1)."""

_FORM = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*\Z")


def standard_tag(tag: str) -> str:
    """`tag` as BCP 47 writes it: "EN" is en, "zh_Hans" zh-Hans, "pt-br" pt-BR, and "deu" and "ger" are de.

    Raises ConfigurationError for what is no language tag.
    """
    if len(tag) <= MAX_TAG and _FORM.match(tag):
        import langcodes  # reading its tables takes a while, and many runs need none
        from langcodes.tag_parser import LanguageTagError

        try:
            standard = langcodes.standardize_tag(tag)
            # Some subtags that it puts into another order are no tag any more.
            is_tag = langcodes.standardize_tag(standard) == standard != "und"
        except LanguageTagError:
            pass
        else:
            if is_tag:
                return str(standard)
    raise ConfigurationError(f"{tag!r} is no language tag; should be one such as de, pt-BR or zh-Hans")


def registered_tag(tag: str) -> str:
    """`tag` in its standard form.

    Raises ConfigurationError for what is no language tag, and for a language that is not registered, such as the country jp.
    """
    standard = standard_tag(tag)
    import langcodes

    if langcodes.tag_is_valid(standard):
        return standard
    spoken = _spoken_in(tag)
    if spoken:
        raise ConfigurationError(f"{tag!r} is a country and no language; should be a language, such as {spoken}")
    raise ConfigurationError(f"{tag!r} is no language; should be one such as de, pt-BR or zh-Hans")


def _spoken_in(country: str) -> str:
    """The language that most people write in a country, as `ja` for "jp"; nothing where that is not known."""
    import langcodes

    anywhere = langcodes.Language.get("und").maximize()
    there = langcodes.Language.make(territory=country.upper()).maximize() if len(country) == 2 else anywhere
    return str(there.language) if there.language != anywhere.language else ""


@lru_cache(maxsize=1024)
def base_language(tag: str) -> str:
    """The language alone, without a script, a region or a variety: de of de-AT."""
    return re.split("[-_]", tag)[0].lower()


@lru_cache(maxsize=1024)
def fallbacks(tag: str) -> tuple[str, ...]:
    """`tag` in its standard form and what stands in for it, the nearest first: zh-Hant-TW, zh-Hant, zh.

    A tag that cannot be read stands for itself.
    """
    try:
        parts = standard_tag(tag).split("-")
    except ConfigurationError:
        return (tag,)
    return tuple("-".join(parts[:count]) for count in range(len(parts), 0, -1))

"""What is known of languages: names, scripts, and which one a text is in."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from nmt.errors import InputError


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its ISO 639-1 code (639-3 where it has none)."""

    code: str
    name: str
    scripts: frozenset[str]
    """First words of the Unicode names of its letters, such as LATIN, CYRILLIC or CJK."""


def _table(scripts: str, names: str) -> dict[str, Language]:
    rows = (entry.split(" ", 1) for entry in names.split(", "))
    return {code: Language(code, name, frozenset(scripts.split())) for code, name in rows}


_LATIN = (
    "af Afrikaans, az Azerbaijani, bs Bosnian, ca Catalan, cs Czech, cy Welsh, da Danish, de German, en English, "
    "eo Esperanto, es Spanish, et Estonian, eu Basque, fi Finnish, fr French, ga Irish, gl Galician, hr Croatian, "
    "hu Hungarian, id Indonesian, is Icelandic, it Italian, la Latin, lb Luxembourgish, lt Lithuanian, lv Latvian, "
    "ms Malay, mt Maltese, nl Dutch, no Norwegian, pl Polish, pt Portuguese, ro Romanian, sk Slovak, sl Slovenian, "
    "sq Albanian, sv Swedish, sw Swahili, tl Tagalog, tr Turkish, vi Vietnamese"
)

LANGUAGES: dict[str, Language] = {
    **_table("LATIN", _LATIN),
    **_table(
        "CYRILLIC",
        "be Belarusian, bg Bulgarian, kk Kazakh, ky Kyrgyz, mk Macedonian, mn Mongolian, ru Russian, uk Ukrainian",
    ),
    **_table("CYRILLIC LATIN", "sr Serbian"),
    **_table("GREEK", "el Greek"),
    **_table("ARABIC", "ar Arabic, fa Persian, ps Pashto, ug Uyghur, ur Urdu"),
    **_table("HEBREW", "he Hebrew"),
    **_table("DEVANAGARI", "hi Hindi, mr Marathi, ne Nepali"),
    **_table("BENGALI", "as Assamese, bn Bengali"),
    **_table("GUJARATI", "gu Gujarati"),
    **_table("GURMUKHI", "pa Punjabi"),
    **_table("ORIYA", "or Odia"),
    **_table("TAMIL", "ta Tamil"),
    **_table("TELUGU", "te Telugu"),
    **_table("KANNADA", "kn Kannada"),
    **_table("MALAYALAM", "ml Malayalam"),
    **_table("SINHALA", "si Sinhala"),
    **_table("THAI", "th Thai"),
    **_table("LAO", "lo Lao"),
    **_table("KHMER", "km Khmer"),
    **_table("GEORGIAN", "ka Georgian"),
    **_table("ARMENIAN", "hy Armenian"),
    **_table("ETHIOPIC", "am Amharic"),
    **_table("HANGUL CJK", "ko Korean"),
    **_table("CJK", "zh Chinese"),
    **_table("CJK HIRAGANA KATAKANA KATAKANA-HIRAGANA HALFWIDTH", "ja Japanese"),
}
"""The languages known by name. Others may be trained and translated all the same, by their code."""


def language_name(code: str) -> str:
    """English name of a language, or the code itself where it is not known."""
    return LANGUAGES[code].name if code in LANGUAGES else code


def has_script_of(text: str, code: str) -> bool:
    """Whether at least half of the letters of `text` are of a script that language `code` is written in.

    True for a text without letters and for a language whose scripts are not known.
    """
    if code not in LANGUAGES:
        return True
    scripts = LANGUAGES[code].scripts
    if text.isascii() and "LATIN" in scripts:
        return True
    letters = [character for character in text if character.isalpha()]
    return 2 * sum(_script(letter) in scripts for letter in letters) >= len(letters)


@lru_cache(maxsize=65536)
def _script(letter: str) -> str:
    words = unicodedata.name(letter, "").split(" ")
    if words[0] in ("FULLWIDTH", "HALFWIDTH") and "LATIN" in words:
        return "LATIN"
    return words[0]


def identify(text: str, languages: Iterable[str]) -> tuple[str, float]:
    """The most probable language of `text` among `languages`, and its probability given that it is one of them.

    By py3langid (Lui and Baldwin 2012); as there, scores are divided by the root of the text's length, without which it is
    too sure of itself. Raises InputError where no language is given, or one that it does not know.
    """
    scores = dict(_identifier().rank(text))
    wanted = sorted(set(languages))
    unknown = [code for code in wanted if code not in scores]
    if unknown or not wanted:
        raise InputError(
            f"languages to tell apart: {', '.join(unknown) or 'none'} given; should be some of {', '.join(sorted(scores))}"
        )
    best = max(wanted, key=scores.__getitem__)
    temperature = math.sqrt(len(text.encode(errors="replace")) or 1)
    total = sum(math.exp((scores[code] - scores[best]) / temperature) for code in wanted)
    return best, 1.0 / total


@cache
def identifiable_languages() -> frozenset[str]:
    """Codes that `identify` knows."""
    return frozenset(code for code, _ in _identifier().rank(""))


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # reading it takes a while, and most runs need none

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=False)

"""What is known of languages: names, scripts, and which one a text is in."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from threading import Lock
from typing import Any

from nmt.config.language import base_language
from nmt.errors import InputError
from nmt.text.function_words import FUNCTION_WORDS, LETTERS


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
    """English name of a language, or the code itself where it is not known: pt-BR is Portuguese (BR)."""
    base, _, rest = code.partition("-")
    if base not in LANGUAGES:
        return code
    return f"{LANGUAGES[base].name} ({rest})" if rest else LANGUAGES[base].name


def has_script_of(text: str, code: str) -> bool:
    """Whether at least half of the letters of `text` are of a script that language `code` is written in.

    True for a text without letters and for a language whose scripts are not known.
    """
    return bool(_written_in([code], text))


def _letters_by_script(text: str) -> Counter[str]:
    if text.isascii():
        return Counter(LATIN=sum(map(str.isalpha, text)))
    return Counter(_script(character) for character in text if character.isalpha())


def _written_in(tags: Iterable[str], text: str) -> list[str]:
    """Those of some languages that are written in the script of most letters of `text`."""
    letters = _letters_by_script(text)
    total = letters.total()
    # Many languages have the same scripts.
    fits: dict[frozenset[str] | None, bool] = {None: True}
    found = []
    for tag in tags:
        scripts = _scripts_of(tag)
        if scripts not in fits:
            fits[scripts] = 2 * sum(letters[script] for script in scripts or ()) >= total
        if fits[scripts]:
            found.append(tag)
    return found


@lru_cache(maxsize=1024)
def _scripts_of(tag: str) -> frozenset[str] | None:
    language = LANGUAGES.get(base_language(tag))
    return None if language is None else frozenset(language.scripts)


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
    scores = _scores(text)
    wanted = sorted(set(languages))
    unknown = [code for code in wanted if code not in scores]
    if unknown or not wanted:
        raise InputError(
            f"languages to tell apart: {', '.join(unknown) or 'none'} given; should be some of {', '.join(sorted(scores))}"
        )
    return _probabilities({code: scores[code] for code in wanted}, text)[0]


class Ranking:
    """The languages that `text` may be in, among any: what takes long is looked at once."""

    def __init__(self, text: str) -> None:
        self._text = text

    def among(self, languages: Iterable[str]) -> list[tuple[str, float]]:
        """As `detect`."""
        given = list(dict.fromkeys(languages))
        if not given:
            raise InputError("there are no languages to tell apart; should be some")
        written = _written_in(given, self._text) or given
        if len(written) == 1:
            return [(written[0], 1.0)]
        known, least = self._scores
        bases = {tag: base_language(tag) for tag in written}
        evidence = _evidence(self._text, set(bases.values()))
        scores = {tag: known.get(base, least) + evidence[base] for tag, base in bases.items()}
        return _probabilities(scores, self._text)

    @cached_property
    def _scores(self) -> tuple[dict[str, float], float]:
        """Of all languages that `identify` knows, and the least of them."""
        scores = _scores(self._text)
        return scores, min(scores.values())


def detect(text: str, languages: Iterable[str]) -> list[tuple[str, float]]:
    """The languages that `text` may be in, the most probable first, each with its probability given that it is one of them.

    Scripts come first: where only some of the languages are written in that of most letters, only those are answered. Then
    the scores of `identify`, to which words and letters add that many texts of a few words have and which are known for
    German, English, French and Spanish. Tags may have regions; a language that `identify` does not know is answered where
    its script alone decides. Raises InputError where no language is given.
    """
    return Ranking(text).among(languages)


def foreign_language(text: str, *, source: str, target: str) -> str:
    """The language of a text that is surely not in `source`: `target`, or one with a script that `source` never has.

    Empty for every other text. A text of less than a sentence is taken for the target language only where its script says
    so. Of 300,000 German and English sentences of corpora, 3 were taken for the other language, and really were in it.
    """
    language = LANGUAGES.get(base_language(source))
    if language is not None and not ("LATIN" in language.scripts and _is_nearly_ascii(text)):
        scripts = [_script(character) for character in text if character.isalpha()]
        if scripts and sum(script in language.scripts for script in scripts) * _FOREIGN_SHARE < len(scripts):
            own = {code for code, one in LANGUAGES.items() if set(scripts) - {"LATIN"} <= one.scripts}
            return _named(text, own, target, letters=len(scripts))
    return target if _is_in(text, base_language(target), not_in=base_language(source)) else ""


def is_long_enough(text: str) -> bool:
    """Whether a text has as many words and letters as a sentence, which say by themselves what language it is in."""
    return _are_enough(_words(text))


def has_other_words(text: str, languages: Iterable[str]) -> bool:
    """Whether a text has two words or more, of which at most a third are among the most frequent of `languages`."""
    words = _words(text)
    frequent: Set[str] = frozenset().union(*(FUNCTION_WORDS.get(base_language(tag), ()) for tag in languages))
    return len(words) > 1 and sum(word in frequent for word in words) * _OTHER_SHARE <= len(words)


def _are_enough(words: Sequence[str]) -> bool:
    return len(words) >= _LEAST_WORDS and sum(map(len, words)) >= _LEAST_LETTERS


def _is_nearly_ascii(text: str) -> bool:
    return text.isascii() or 5 * (len(text.encode(errors="replace")) - len(text)) < len(text)


_FOREIGN_SHARE = 10  # times as many letters in all as in the script of the source
_EVIDENCE = 3.0  # of a word or a letter of a language, in natural logarithms
_LEAST_LETTERS = 20
_LEAST_WORDS = 4
_LEAST_FUNCTION_WORDS = 2
_OTHER_SHARE = 3  # words for each frequent one of languages that a text is not in
_TIMES_MORE = 10  # as many function words of the target as of the source
_SHORT = 200  # characters of a text that has no function word of the source at all
_SURE = 0.8
_MOST_SPOKEN = ("ru", "zh", "ar", "hi", "bn")
"""Of languages with one script: more probable for a few words than what the identifier makes of them."""
_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


def _named(text: str, codes: Set[str], target: str, *, letters: int) -> str:
    """The most probable of `codes` for `text`; the tag `target` where that is it; "und" where there is none."""
    base = base_language(target)
    if not codes:
        return "und"
    if base in codes:
        return target
    likely = [code for code in _MOST_SPOKEN if code in codes]
    return likely[0] if likely and letters < _LEAST_LETTERS else detect(text, sorted(codes))[0][0]


def _is_in(text: str, language: str, *, not_in: str) -> bool:
    """Whether a text of a sentence's length is surely in one language and not in the other."""
    if language == not_in or not {language, not_in} <= FUNCTION_WORDS.keys():
        return False
    theirs, ours = _only(language, not_in), _only(not_in, language)
    if len(text) <= _SHORT and not ours.isdisjoint(text.lower().split()):  # nearly all texts, in a few microseconds
        return False
    words = _words(text)
    if not _are_enough(words):
        return False
    for_it, against = sum(word in theirs for word in words), sum(word in ours for word in words)
    if for_it < max(_LEAST_FUNCTION_WORDS, _TIMES_MORE * against):
        return False
    best, probability = identify(text, identifiable_languages())
    return best == language and probability > _SURE


def _words(text: str) -> list[str]:
    return _TOKEN.findall(text.lower().replace("’", "'"))


def _evidence(text: str, languages: Set[str]) -> dict[str, float]:
    """What function words and letters say for each language; of those without lists, as much as for the best."""
    listed = [code for code in languages if code in FUNCTION_WORDS]
    found = dict.fromkeys(listed, 0.0)
    for word in _words(text):
        for code in listed:
            found[code] += _EVIDENCE * (word in FUNCTION_WORDS[code])
    for character in text.lower():
        for code in listed:
            found[code] += _EVIDENCE * (character in LETTERS[code])
    most = max(found.values(), default=0.0)
    return {code: found.get(code, most) for code in languages}


def _scores(text: str) -> dict[str, float]:
    """Of every language that the identifier knows; 0 where the text has nothing that it looks for."""
    return {code: score if score > _NOTHING else 0.0 for code, score in _identifier().rank(text)}


def _probabilities(scores: Mapping[str, float], text: str) -> list[tuple[str, float]]:
    temperature = math.sqrt(len(text.encode(errors="replace")) or 1)
    best = max(scores.values())
    weights = {code: math.exp((score - best) / temperature) for code, score in scores.items()}
    total = sum(weights.values())
    return sorted(((code, weight / total) for code, weight in weights.items()), key=lambda one: -one[1])


_NOTHING = -1e30


@cache
def _only(language: str, other: str) -> frozenset[str]:
    """Function words of one language that the other does not have."""
    return FUNCTION_WORDS[language] - FUNCTION_WORDS[other]


@cache
def identifiable_languages() -> frozenset[str]:
    """Codes that `identify` knows."""
    return frozenset(code for code, _ in _identifier().rank(""))


_LOADING = Lock()


def _identifier() -> Any:
    with _LOADING:  # a cache alone lets each of several threads load one of its own at first, of 75 MB
        return _loaded_identifier()


@cache
def _loaded_identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # reading it takes a while, and most runs need none

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=False)

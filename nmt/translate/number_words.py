"""Numbers in words, from thirteen to 999,999, between English and German: twenty-one is einundzwanzig.

Small models write another number for most of them, and a wrong number is worse than none. As a time of day
(nmt.translate.clock), a number is shown in digits, which a model copies, and stands in the translation in words again.
"""

from __future__ import annotations

import re

from nmt.text.spans import Shown, Span

_ENGLISH = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
_GERMAN = {
    "eins": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10,
    "elf": 11, "zwölf": 12, "dreizehn": 13, "vierzehn": 14, "fünfzehn": 15, "sechzehn": 16, "siebzehn": 17,
    "achtzehn": 18, "neunzehn": 19, "zwanzig": 20, "dreißig": 30, "vierzig": 40, "fünfzig": 50, "sechzig": 60,
    "siebzig": 70, "achtzig": 80, "neunzig": 90,
}  # fmt: skip
_LEAST = 13  # smaller ones models know

_Words = dict[str, int]


def _of(words: _Words, first: int, last: int) -> str:
    return "|".join(sorted((word for word, value in words.items() if first <= value <= last), key=len, reverse=True))


_UNIT, _TEEN, _TENS = _of(_ENGLISH, 1, 9), _of(_ENGLISH, 10, 19), _of(_ENGLISH, 20, 90)
_SMALL = rf"(?:(?:{_TENS})(?:[- ](?:{_UNIT})\b)?|{_TEEN}|{_UNIT})"
_GROUP = rf"(?:(?:a|{_TEEN}|{_UNIT}) hundred(?:(?: and)? {_SMALL})?|{_SMALL})"
_ENGLISH_NUMBER = re.compile(
    rf"(?<![\w'’-])(?:(?P<century>{_of(_ENGLISH, 11, 20)}) (?P<rest>(?:{_TENS})(?:[- ](?:{_UNIT})\b)?|{_TEEN})(?!-)"
    rf"|(?:(?P<thousands>a|{_GROUP}) thousand(?:(?: and)? (?P<after>{_GROUP}))?|(?P<group>{_GROUP})))(?![\w'’])",
    re.I,
)
_ENGLISH_HINT = re.compile(r"(?:teen|ty|hundred|thousand)\b", re.I)

_EINER = rf"(?:{_of(_GERMAN, 2, 9)}|ein)"
_KLEIN = rf"(?:{_EINER}und(?:{_of(_GERMAN, 20, 90)}|dreissig)|{_of(_GERMAN, 20, 90)}|dreissig|{_of(_GERMAN, 1, 19)})"
_DREI = rf"(?:(?:{_of(_GERMAN, 10, 19)}|{_EINER})?hundert(?:und)?{_KLEIN}?|{_KLEIN})"
_GERMAN_NUMBER = re.compile(
    rf"(?<![\w-])(?:(?P<thousands>{_DREI}|ein)?tausend(?:und)?(?P<after>{_DREI})?|(?P<group>{_DREI}))(?![\w-])", re.I
)
_GERMAN_HINT = re.compile("zehn|zig|ßig|ssig|hundert|tausend", re.I)
_SOME = re.compile(r"(?:mehrere|einige|paar|viele|wenige|jede|pro|ein) $", re.I)
_ORDINAL_AFTER = re.compile(r"-(?!year|month|week|day|hour|minute|second\b|page|metre|meter|mile|foot|point)")


def number_words(sentence: str, *, source: str, target: str) -> list[Span]:
    """The numbers in words in `sentence`, in order, each as the language `target` has it; English and German only."""
    if (source, target) == ("en", "de") and _ENGLISH_HINT.search(sentence):
        return [span for match in _ENGLISH_NUMBER.finditer(sentence) if (span := _of_english(match))]
    if (source, target) == ("de", "en") and _GERMAN_HINT.search(sentence):
        return [span for match in _GERMAN_NUMBER.finditer(sentence) if (span := _of_german(match))]
    return []


def in_english(number: int) -> str:
    """A number from 1 to 999,999 in words."""
    if number >= 1000:
        rest = number % 1000
        return f"{in_english(number // 1000)} thousand" + (f"{' and' * (rest < 100)} {in_english(rest)}" if rest else "")
    if number >= 100:
        return f"{in_english(number // 100)} hundred" + (f" and {in_english(number % 100)}" if number % 100 else "")
    names = {value: word for word, value in _ENGLISH.items()}
    return names.get(number) or f"{names[number - number % 10]}-{names[number % 10]}"


def in_german(number: int) -> str:
    """A number from 1 to 999,999 in words, those from 100 and 1,000 on without ein-."""
    if number >= 1000:
        thousands, rest = _prefix(number // 1000) if number >= 2000 else "", number % 1000
        return f"{thousands}tausend{'ein' * (rest // 100 == 1)}{in_german(rest) if rest else ''}"
    if number >= 100:
        return f"{_prefix(number // 100) if number >= 200 else ''}hundert{in_german(number % 100) if number % 100 else ''}"
    names = {value: word for word, value in _GERMAN.items()}
    return names.get(number) or f"{_prefix(number % 10)}und{names[number - number % 10]}"


def _prefix(number: int) -> str:
    """A number within a longer one: ein, not eins."""
    return in_german(number).removesuffix("s") if number % 100 == 1 else in_german(number)


def _of_english(match: re.Match[str]) -> Span | None:
    century, is_joined = match["century"], match.string.startswith("-", match.end())
    if century:
        hundreds, rest = _ENGLISH[century.lower()], _english_value(match["rest"])
    else:
        thousands = match["thousands"]
        value = 1000 * _english_value(thousands or "") + _english_value(match["after"] or match["group"] or "")
        hundreds, rest = divmod(value, 100)
    value = 100 * hundreds + rest
    if not _LEAST <= value < 1_000_000:
        return None
    if is_joined and _ORDINAL_AFTER.match(match.string, match.end()):
        return None
    if is_joined:  # twenty-five-year-old
        said = str(value)
    elif hundreds > 10 and hundreds % 10 and not match["thousands"]:  # nineteen eighty-nine, twelve hundred
        said = f"{in_german(hundreds)}hundert{in_german(rest) if rest else ''}"
    else:
        said = in_german(value)
    return _span(match, value, said)


def _of_german(match: re.Match[str]) -> Span | None:
    if match[0].lower() in ("hundert", "tausend") and (
        _SOME.search(match.string, 0, match.start()) or (match[0].istitle() and match.start() > 0)
    ):
        return None
    thousands = 0
    if not match["group"]:
        thousands = _german_value(match["thousands"]) if match["thousands"] else 1
    value = 1000 * thousands + _german_value(match["after"] or match["group"] or "")
    if not _LEAST <= value < 1_000_000:
        return None
    if thousands or value < 1000:
        return _span(match, value, in_english(value))
    hundreds, rest = (in_english(part) if part else "" for part in divmod(value, 100))
    between = " " if value % 100 >= 10 else " hundred and " if rest else " hundred"  # nineteen eighty-nine
    return _span(match, value, f"{hundreds}{between}{rest}")


def _span(match: re.Match[str], value: int, said: str) -> Span:
    forms = dict.fromkeys((str(value), *(f"{value:,}".replace(",", sign) for sign in (",", ".", " ", "\u00a0"))))
    pattern = rf"(?<![\w.,])(?:{'|'.join(map(re.escape, forms))})(?![\d]|[.,:/]\d)"
    return Span(match.start(), match.end(), translation=said, shown=Shown(str(value), pattern))


def _english_value(words: str) -> int:
    before, hundred, after = words.lower().rpartition("hundred")
    value = sum(1 if word == "a" else _ENGLISH.get(word, 0) for word in re.split("[- ]", after))
    return value + (100 * _english_value(before.strip()) if hundred else 0)


def _german_value(word: str) -> int:
    before, hundred, after = word.lower().replace("dreissig", "dreißig").rpartition("hundert")
    units, _, tens = (after.removeprefix("und") if hundred else after).rpartition("und")
    value = sum(1 if part == "ein" else _GERMAN.get(part, 0) for part in (units, tens))
    return value + (100 * (_german_value(before) if before else 1) if hundred else 0)

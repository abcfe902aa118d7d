"""Numbers in words, from thirteen to 999,999, between English and German: twenty-one is einundzwanzig.

Small models write another number for most of them, and a wrong number is worse than none. As a time of day
(nmt.translate.rules.clock), a number is shown in digits, which a model copies, and stands in the translation in words again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from nmt.text.spans import Shown, Span, said_otherwise

ENGLISH = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
GERMAN = {
    "eins": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10,
    "elf": 11, "zwölf": 12, "dreizehn": 13, "vierzehn": 14, "fünfzehn": 15, "sechzehn": 16, "siebzehn": 17,
    "achtzehn": 18, "neunzehn": 19, "zwanzig": 20, "dreißig": 30, "vierzig": 40, "fünfzig": 50, "sechzig": 60,
    "siebzig": 70, "achtzig": 80, "neunzig": 90,
}  # fmt: skip
_ENGLISH_NAMES = {value: word for word, value in ENGLISH.items()}
_GERMAN_NAMES = {value: word for word, value in GERMAN.items()}
_LEAST = 13  # smaller ones models know


def words_between(words: Mapping[str, int], first: int, last: int) -> str:
    """A pattern of the names of numbers from `first` to `last`."""
    return "|".join(sorted((word for word, value in words.items() if first <= value <= last), key=len, reverse=True))


_UNIT, _TEEN, _TENS = (words_between(ENGLISH, *ends) for ends in ((1, 9), (10, 19), (20, 90)))
_TWO_DIGITS = rf"(?:(?:{_TENS})(?:[- ](?:{_UNIT})\b)?|{_TEEN})"
_GROUP = rf"(?:(?:a|{_TEEN}|{_UNIT}) hundred(?:(?: and)? (?:{_TWO_DIGITS}|{_UNIT}))?|{_TWO_DIGITS}|{_UNIT})"
_ENGLISH_NUMBER = re.compile(
    rf"(?<![\w'’-])(?:(?P<century>{words_between(ENGLISH, 11, 20)}) (?P<rest>{_TWO_DIGITS})(?!-)"
    rf"|(?:(?P<thousands>a|{_GROUP}) thousand(?:(?: and)? (?P<after>{_GROUP}))?|(?P<group>{_GROUP})))(?![\w'’])",
    re.I,
)
_ENGLISH_HINT = re.compile(r"(?:teen|ty|hundred|thousand)\b", re.I)
_ORDINAL_AFTER = re.compile(r"-(?!year|month|week|day|hour|minute|second\b|page|metre|meter|mile|foot|point)")

_READ = GERMAN | {"ein": 1, "dreissig": 30}
_BELOW_TEN, _BELOW_TWENTY, _ZIG = (words_between(_READ, *ends) for ends in ((1, 9), (10, 19), (20, 90)))
_BELOW_HUNDRED = rf"(?:(?:{_BELOW_TEN})und(?:{_ZIG})|{_ZIG}|{_BELOW_TWENTY}|{_BELOW_TEN})"
_BELOW_THOUSAND = rf"(?:(?:{_BELOW_TWENTY}|{_BELOW_TEN})?hundert(?:und)?{_BELOW_HUNDRED}?|{_BELOW_HUNDRED})"
_GERMAN_NUMBER = re.compile(
    rf"(?<![\w-])(?:(?P<thousands>{_BELOW_THOUSAND})?tausend(?:und)?(?P<after>{_BELOW_THOUSAND})?"
    rf"|(?P<group>{_BELOW_THOUSAND}))(?![\w-])",
    re.I,
)
_GERMAN_HINT = re.compile("zehn|zig|ßig|ssig|hundert|tausend", re.I)
_SOME = re.compile(r"(?:mehrere|einige|paar|viele|wenige|jede|pro|ein) $", re.I)


_HALVES = {
    "en": re.compile(
        rf"(?<![\w-])(?:(?P<whole>{_UNIT})|an? (?P<unit>hour|day|week|month|year|minute|mile)) and a half(?![\w-])",
        re.I,
    ),
    "de": re.compile(rf"(?<![\w-])(?:anderthalb|(?P<whole>ein|{_BELOW_TEN})(?:und)?einhalb)(?![\w-])", re.I),
}
_HALF_A_MILLION = re.compile(r"(?<![\w-])(?:half a|a half) million(?![\w-])", re.I)


def number_words(sentence: str, *, source: str, target: str) -> Iterator[Span]:
    """The numbers in words in `sentence`, with halves, each as the language `target` has it; English and German only."""
    if {source, target} == {"en", "de"} and "hal" in sentence:
        yield from map(_with_half, _HALVES[source].finditer(sentence))
    if (source, target) == ("en", "de") and "million" in sentence:
        for match in _HALF_A_MILLION.finditer(sentence):
            yield _span(match, 500_000, "eine halbe Million")
    if (source, target) == ("en", "de") and _ENGLISH_HINT.search(sentence):
        yield from filter(None, map(_of_english, _ENGLISH_NUMBER.finditer(sentence)))
    if (source, target) == ("de", "en") and _GERMAN_HINT.search(sentence):
        yield from filter(None, map(_of_german, _GERMAN_NUMBER.finditer(sentence)))


def in_english(number: int) -> str:
    """A number from 1 to 999,999 in words."""
    if number >= 1000:
        rest = number % 1000
        return f"{in_english(number // 1000)} thousand" + (f"{' and' * (rest < 100)} {in_english(rest)}" if rest else "")
    if number >= 100:
        return f"{in_english(number // 100)} hundred" + (f" and {in_english(number % 100)}" if number % 100 else "")
    names = _ENGLISH_NAMES
    return names.get(number) or f"{names[number - number % 10]}-{names[number % 10]}"


def in_german(number: int) -> str:
    """A number from 1 to 999,999 in words, those from 100 and 1,000 on without ein-."""
    if number >= 1000:
        thousands, rest = _prefix(number // 1000) if number >= 2000 else "", number % 1000
        return f"{thousands}tausend{'ein' * (rest // 100 == 1)}{in_german(rest) if rest else ''}"
    if number >= 100:
        return f"{_prefix(number // 100) if number >= 200 else ''}hundert{in_german(number % 100) if number % 100 else ''}"
    return _GERMAN_NAMES.get(number) or f"{_prefix(number % 10)}und{_GERMAN_NAMES[number - number % 10]}"


def _prefix(number: int) -> str:
    """A number within a longer one: ein, not eins."""
    return in_german(number).removesuffix("s") if number % 100 == 1 else in_german(number)


def _of_english(match: re.Match[str]) -> Span | None:
    century, is_joined = match["century"], match.string.startswith("-", match.end())
    if century:
        hundreds, rest = ENGLISH[century.lower()], _english_value(match["rest"])
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
    # mehrere Hundert, das Tausend: these are no exact numbers.
    is_noun = match[0].istitle() and match.start() > 0
    if match[0].lower() in ("hundert", "tausend") and (is_noun or _SOME.search(match.string, 0, match.start())):
        return None
    thousands = 0 if match["group"] else _german_value(match["thousands"] or "ein")
    value = 1000 * thousands + _german_value(match["after"] or match["group"] or "")
    if not _LEAST <= value < 1_000_000:
        return None
    if thousands or value < 1000:
        return _span(match, value, in_english(value))
    hundreds, rest = divmod(value, 100)  # neunzehnhundertneunundachtzig is nineteen eighty-nine
    between = "" if rest >= 10 else " hundred and" if rest else " hundred"
    return _span(match, value, f"{in_english(hundreds)}{between}{' ' + in_english(rest) if rest else ''}")


def _with_half(match: re.Match[str]) -> Span:
    """One and a half, and anderthalb; a year and a half, of which the year is left to the model."""
    words = match.groupdict()
    is_english = "unit" in words
    whole = 1 if words["whole"] is None else (ENGLISH if is_english else _READ)[words["whole"].lower()]
    if is_english:
        said = "anderthalb" if whole == 1 else f"{in_german(whole)}einhalb"
        shown = f"{whole}.5 {words['unit']}s" if words["unit"] else f"{whole}.5"
    else:
        said, shown = f"{in_english(whole)} and a half", f"{whole},5"
    return said_otherwise(match, said, Shown(shown, rf"(?<![\w.,]){whole}[.,]5(?!\d|[.,:/]\d)"))


def _span(match: re.Match[str], value: int, said: str) -> Span:
    forms = dict.fromkeys((str(value), *(f"{value:,}".replace(",", sign) for sign in (",", ".", " ", "\u00a0"))))
    pattern = rf"(?<![\w.,])(?:{'|'.join(map(re.escape, forms))})(?![\d]|[.,:/]\d)"
    return said_otherwise(match, said, Shown(str(value), pattern))


def _english_value(words: str) -> int:
    before, hundred, after = words.lower().rpartition("hundred")
    value = sum(1 if word == "a" else ENGLISH.get(word, 0) for word in re.split("[- ]", after))
    return value + (100 * _english_value(before.strip()) if hundred else 0)


def _german_value(word: str) -> int:
    before, hundred, after = word.lower().rpartition("hundert")
    units, _, tens = (after.removeprefix("und") if hundred else after).rpartition("und")
    value = _READ.get(units, 0) + _READ.get(tens, 0)
    return value + (100 * _german_value(before or "ein") if hundred else 0)

"""Numbers in the form of another language: 1.234,56 in German is 1,234.56 in English.

Only where there is one way to read a number. 1.234 and 1,234 may have groups or decimals; 3.11 may be a version, a section
or a date, unless a unit follows; beside a unit, 1.234 in German and 1,234 in English have groups. Other such numbers stay
as they are, and so do those of languages whose form is not listed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from nmt.text.spans import Span
from nmt.translate.protect import with_pieces
from nmt.translate.result import Hypothesis, SentenceTranslation

_DECIMAL_COMMA = frozenset({"da", "de", "es", "id", "it", "nl", "pt", "tr"})
"""Languages with a comma before decimals and points between thousands."""
_DECIMAL_POINT = frozenset({"en", "he", "ja", "ko", "ms", "th", "zh"})
"""Languages with a point before decimals and commas between thousands."""

# A number with a separator. Groups that stand apart (1 234,5) are the form of yet other languages.
_NUMERAL = re.compile(
    r"(?<![\w.,:/’'])(?<!\d[ \u00a0\u202f])\d+(?:[.,]\d+)+(?![\w/:’']|[.,]\d)(?![ \u00a0\u202f]\d{3}(?!\d))"
)
_DECIMALS = r"0{0}\d+|[1-9]\d*{0}(?:\d{{1,2}}|\d{{4,}})|[1-9]\d{{3,}}{0}\d+"
_COMMA = re.compile(r"[1-9]\d{0,2}(?:(?:\.\d{3}){2,}|(?:\.\d{3})+,\d+)|" + _DECIMALS.format(","))
_POINT = re.compile(r"[1-9]\d{0,2}(?:(?:,\d{3}){2,}|(?:,\d{3})+\.\d+)")
_POINT_WITH_UNIT = re.compile(_DECIMALS.format(r"\."))
_GROUP_WITH_UNIT = {True: re.compile(r"[1-9]\d{0,2}\.\d{3}"), False: re.compile(r"[1-9]\d{0,2},\d{3}")}
"""By whether a comma comes before decimals."""
# A price of a litre has three decimals: 1,799 €/l.
_UNIT_AFTER = re.compile(
    r"[ \u00a0\u202f]?(?:[%‰€$£¥°](?!/(?:l|kWh)\b)|"
    r"(?:EUR|USD|GBP|CHF|Euro|Cent|Dollar|Pfund|Franken|Meter|Kilometer|Tonnen|Liter|Gramm|Kilo(?:gramm)?|Stunden|Minuten|"
    r"Sekunden|Tagen?|Wochen|Monaten?|Jahren?|Grad|Meilen|Punkten?|m[Aa]h|ccm|cc|hp|PS|k?m²|sq ft|rpm|"
    r"percent|per cent|dollars?|euros?|pounds?|cents?|thousand|million|billion|trillion|times|"
    r"[kmcµnd]?m|[kmµ]?g|[mc]?l|[kMG]?Hz|[kKMGT]i?B|k?W|kWh|m?V|m?A|hours?|minutes?|seconds?|years?|days?|weeks?|months?|"
    r"degrees|metres?|meters?|kilometres?|kilometers?|miles?|feet|inch(?:es)?|tons?|tonnes?|lit(?:re|er)s?|grams?|"
    r"kilograms?|kilos?|points?)(?![\w²-]|/(?:l|kWh)\b))"
)
_CURRENCY_BEFORE = re.compile(r"(?:[€$£¥]|(?<!\w)(?:EUR|USD|GBP|CHF))[ \u00a0\u202f]?$")
_SWAPPED = str.maketrans(".,", ",.")


def localised_numbers(sentence: str, protected: Sequence[Span] = (), *, source: str, target: str) -> dict[str, str]:
    """Numbers in `sentence` whose form in the language `target` is another than in `source`, each with that form.

    A number that is read in several ways, or that stands in one of the `protected` spans too, is none of them.
    """
    languages = {source, target}
    if not (languages & _DECIMAL_COMMA and languages & _DECIMAL_POINT):
        return {}
    readings: dict[str, set[bool]] = {}
    for match in _NUMERAL.finditer(sentence):
        is_free = not any(span.overlaps(*match.span()) for span in protected)
        readings.setdefault(match[0], set()).add(is_free and _is_sure(match, comma=source in _DECIMAL_COMMA))
    sure = {number: number.translate(_SWAPPED) for number, is_sure in readings.items() if is_sure == {True}}
    return {number: form for number, form in sure.items() if form not in readings}


def with_localised_numbers(found: SentenceTranslation, forms: Mapping[str, str]) -> SentenceTranslation:
    """`found` with the forms of numbers that `localised_numbers` gives, where its hypotheses have them as in the source."""
    return replace(found, hypotheses=tuple(_localised(one, forms) for one in found.hypotheses))


def _localised(hypothesis: Hypothesis, forms: Mapping[str, str]) -> Hypothesis:
    text = _NUMERAL.sub(lambda match: forms.get(match[0], match[0]), hypothesis.text)
    if text == hypothesis.text:
        return hypothesis
    numbers = [match[0] for match in _NUMERAL.finditer(hypothesis.text) if match[0] in forms]
    return with_pieces(replace(hypothesis, text=text), [(number, forms[number]) for number in numbers])


def _is_sure(match: re.Match[str], *, comma: bool) -> bool:
    """Whether a number can be read in one way in a language with a decimal comma, or with a decimal point."""
    if (_COMMA if comma else _POINT).fullmatch(match[0]):
        return True
    if not (_GROUP_WITH_UNIT[comma].fullmatch(match[0]) or (not comma and _POINT_WITH_UNIT.fullmatch(match[0]))):
        return False
    string, start, end = match.string, match.start(), match.end()
    return bool(_CURRENCY_BEFORE.search(string, max(0, start - 5), start) or _UNIT_AFTER.match(string, end))

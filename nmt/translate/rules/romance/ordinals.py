"""Ordinals between English and French or Spanish: the 2nd floor is le 2e étage and el 2.º piso, siglo XX is 20th century.

A model of everyday sentences loses the number, or takes it for that of years. It knows first, and is shown that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nmt.text.spans import Shown, Span
from nmt.translate.rules.english import ordinal
from nmt.translate.rules.roman import from_roman, to_roman
from nmt.translate.rules.romance.dates import MONTHS, SHORT_MONTHS
from nmt.translate.rules.romance.pairs import is_romance_pair, span_said

_NUMBER = r"(?<![\w.,:/$€£#-])(?P<number>\d{1,4})"
_PATTERNS = {
    "en": re.compile(rf"{_NUMBER}(?:st|nd|rd|th)(?P<century> century)?(?![\w-]| (?:Ave|St)\b| (?:Avenue|Street))"),
    "fr": re.compile(
        rf"(?:{_NUMBER}|(?<![\w.])(?P<roman>[IVX]+))(?P<ending>ers?|[èe]?res?|[ièe]?[èe]mes?|ndes?|nd|es|e)"
        r"(?P<century> siècle)?(?![\w-])"
    ),
    # Without its full stop it may be a temperature.
    "es": re.compile(
        rf"{_NUMBER}(?:\. ?|(?=[ºª] [a-zñ]{{3}}))(?P<ending>[ºª]|er[oa]?)(?![\w.])|\bsiglo (?P<roman>[IVX]+)(?![\w-])"
    ),
}
_HINTS = {
    "en": re.compile(r"\d(?:st|nd|rd|th)"),
    "fr": re.compile(r"\d[a-zè]|[IVX]e"),
    "es": re.compile(r"\d\.? ?[ºªe]|siglo"),
}
# What is shown for an ordinal, and what models make of it; the second for the second of a sentence.
_SHOWN = {
    "en": ("first", "second"),
    "fr": ("deuxième", "troisième"),
}
_SAID = {
    ("en", "fr"): (r"premi(?:er|ère)s?", r"(?:deuxième|seconde?)s?"),
    ("en", "es"): (r"primer(?:[oa]s?)?", r"segund[oa]s?"),
    ("fr", "en"): ("second", "third"),
    ("es", "en"): ("first", "second"),
}
_CENTURY = {"en": "century", "fr": "siècle", "es": "siglo"}
_FEMININE = re.compile(r"r[èe]?es?$|ª|era$")
_ANY_MONTH = {code: "|".join(months) for code, months in MONTHS.items()}
_ANY_MONTH["en"] += "|" + "|".join(SHORT_MONTHS)
_TO_ANOTHER = r"(?: ?(?:au|et|al?|y|to|and|[-–]) ?(?:the |le |el )?\d+\w*)?"
_MONTH_AFTER = {code: re.compile(rf"{_TO_ANOTHER} (?:of |de )?(?:{months})\b", re.I) for code, months in _ANY_MONTH.items()}
_MONTH_BEFORE = re.compile(rf"\b(?:{_ANY_MONTH['en']})\.? $")
_ON_A_DAY = re.compile(r"(?:\b[Oo]n the |\b[Oo]n )$")
_DAY_ENDS = re.compile(r"\W*$|[,.;!?]| (?:and|or|at|in|with|to|we|I|he|she|they|you|it)\b")
_ON = {"fr": "le", "es": "el"}
_NOUN_AFTER = re.compile(r" [^\W\d_]{3,}")
_WRITTEN = re.compile(r"(?:(?P<before>\w+) )?(?<![\w.,])(?P<number>\d+)\.º(?= (?P<noun>[^\W\d_]+))?")
_BEFORE_FEMININE = re.compile("(?:la|las|una)$", re.I)
_BEFORE_MASCULINE = re.compile("(?:el|del|al|un|su|mi|tu|este)$", re.I)
_FEMININE_NOUN = re.compile(r"(?!(?:día|mapa|problema|programa|sistema|tema|idioma|planeta)$)\w+(?:a|ción|sión|dad|tad)|vez")


def ordinals(sentence: str, *, source: str, target: str) -> Iterator[Span]:
    """The ordinals in digits in `sentence` but for the first, as `target` writes them, and centuries with theirs."""
    if not is_romance_pair(source, target) or _HINTS[source].search(sentence) is None:
        return
    used = 0
    for match in _PATTERNS[source].finditer(sentence):
        groups = match.groupdict()
        roman = groups.get("roman") or ""
        number = from_roman(roman) if roman else int(match["number"])
        if source == "en" and (before := _before_day(match, number)):
            said = f"{_ON[target]} {number}{'er' if number == 1 and target == 'fr' else ''}"
            yield span_said(sentence, before.start(), match.end(), said)
            continue
        has_century = bool(groups.get("century") or (source == "es" and roman))
        if number < 2 or (source == "fr" and roman and not has_century):
            continue
        shown = None
        if used < len(_SAID[source, target]):
            shown = _shown(match, source, target, used, has_century=has_century)
            used += 1
        yield Span(*match.span(), translation=_written(number, target, has_century=has_century), shown=shown)


def in_usual_form(sentence: str, *, source: str, target: str) -> Iterator[tuple[int, int, str]]:
    """Where `sentence` has 1st, and the word for it, which models know; and others in letters that vocabularies have."""
    if not is_romance_pair(source, target) or _HINTS[source].search(sentence) is None:
        return
    for match in _PATTERNS[source].finditer(sentence):
        number, ending = match["number"], match.groupdict().get("ending") or ""
        is_date = _MONTH_AFTER[source].match(sentence, match.end()) or _MONTH_BEFORE.search(sentence[: match.start()])
        if number == "1" and not is_date and not (source == "en" and _before_day(match, 1)):
            french = "première" if _FEMININE.search(ending) else "premier"
            word = {"en": "first", "fr": french}.get(source) or _spanish(match, 0)
            yield match.start(), match.end("ending") if ending else match.end(), word
        elif number == "1" and source == "es" and is_date:
            yield *match.span(), number
        elif number and source == "es" and ending in "ºª":
            word = "er" if _is_before_noun(match) else "ero"
            yield *match.span(), f"{number}.{'era' if ending == 'ª' else word}"


def with_gender(text: str) -> str:
    """A Spanish `text` whose ordinals go with their nouns: la 2.ª vez, el 3.er piso."""

    def written(match: re.Match[str]) -> str:
        before, noun, ending = match["before"] or "", match["noun"] or "", "º"
        if _FEMININE_NOUN.fullmatch(noun) or _BEFORE_FEMININE.match(before):
            ending = "ª"
        elif noun and int(match["number"]) % 10 in (1, 3) and _BEFORE_MASCULINE.match(before):
            ending = "er"
        return f"{before}{' ' if before else ''}{match['number']}.{ending}"

    return _WRITTEN.sub(written, text) if "º" in text else text


def _before_day(match: re.Match[str], number: int) -> re.Match[str] | None:
    """What stands before an English ordinal that is a day of a month, on the 15th; None where a noun follows."""
    is_free = number <= 31 and _DAY_ENDS.match(match.string, match.end()) is not None
    return _ON_A_DAY.search(match.string[: match.start()]) if is_free else None


def _shown(match: re.Match[str], source: str, target: str, place: int, *, has_century: bool) -> Shown | None:
    word = _spanish(match, place) if source == "es" else _SHOWN[source][place]
    said = _SAID[source, target][place]
    if match.string.lower().find(word) >= 0:
        return None
    if has_century:
        word = f"{word} {_CENTURY[source]}"
        said = f"(?:{said} {_CENTURY[target]}|{_CENTURY[target]} {said})"
    return Shown(word, rf"(?<!\w)(?:{said})(?!\w)")


def _spanish(match: re.Match[str], place: int) -> str:
    if _FEMININE.search(match["ending"] or ""):
        return ("primera", "segunda")[place]
    return ("primer" if _is_before_noun(match) else "primero", "segundo")[place]


def _is_before_noun(match: re.Match[str]) -> bool:
    ending = match["ending"]
    return not ending or ending == "er" or (ending == "º" and _NOUN_AFTER.match(match.string, match.end()) is not None)


def _written(number: int, target: str, *, has_century: bool) -> str:
    if target == "en":
        return ordinal(number) + (" century" if has_century else "")
    if has_century:
        return f"{to_roman(number)}e siècle" if target == "fr" else f"siglo {to_roman(number)}"
    return f"{number}e" if target == "fr" else f"{number}.º"

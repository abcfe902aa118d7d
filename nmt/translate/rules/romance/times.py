"""Times of day between English and French or Spanish, with the word before them: de 9 h à 18 h is from 9:00 to 18:00.

As of dates (nmt.translate.rules.romance.dates), models lose that word, and a time with it: of jusqu'à 18 h they make at 18,
of 9 de la noche 9 a.m. What takes a while, and is no time, is a measure (nmt.translate.rules.romance.measures).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from nmt.text.spans import Shown, Span
from nmt.translate.rules.romance.pairs import span_said


@dataclass(frozen=True, slots=True, kw_only=True)
class _Language:
    """How a language that is not English says times."""

    spoken: dict[str, str]
    """What stands before a time, with its article, each with the English word."""
    two: tuple[str, str, str, str]
    """From, to, between, and."""
    article: str
    """A pattern of what may stand before a time."""
    time: str
    """A pattern of a time."""
    part: str
    """A pattern of what tells in which half of a day it is."""
    day: str
    """A pattern of words after which a number of hours is a time: demain, 11 h."""


_HOUR = r"(?:2[0-4]|[01]?\d)"
_LANGUAGES = {
    "fr": _Language(
        spoken={
            "à": "at",
            "à partir de": "from",
            "après": "after",
            "avant": "before",
            "depuis": "since",
            "dès": "from",
            "il est": "it's",
            "jusqu'à": "until",
            "vers": "around",
        },
        two=("de", "à", "entre", "et"),
        article="",
        time=rf"{_HOUR} ?h(?:eures?)?(?: ?[0-5]\d)?|{_HOUR}:[0-5]\d(?: ?h)?",
        part=r"du matin|de l[’']après-midi|du soir",
        day="demain|aujourd[’']hui|soir|matin|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche",
    ),
    "es": _Language(
        spoken={
            "a las": "at",
            "a partir de las": "from",
            "antes de las": "before",
            "desde las": "from",
            "después de las": "after",
            "hacia las": "around",
            "hasta las": "until",
            "sobre las": "around",
            "son las": "it's",
        },
        two=("de", "a", "entre", "y"),
        article="(?:las? )?",
        time=rf"{_HOUR}(?:[:.][0-5]\d)? ?h(?:oras?)?\b|{_HOUR}[:.][0-5]\d",
        part="de la (?:mañana|madrugada|tarde|noche)|del mediodía",
        day="mañana|hoy|tarde|noche|lunes|martes|miércoles|jueves|viernes|sábado|domingo",
    ),
}
_IS_LATE = re.compile("après-midi|soir|tarde|noche|mediodía")
_TAKES = r"(?<!dure )(?<!durée )(?<!dura )(?<!prend )(?<!faut )(?<!pendant )(?<!en )(?<!durante )"
# What makes a while of a number of hours: à 2 h de Paris, entre 2 h et 3 h par jour.
_NO_WHILE = r"(?! (?:de|del|par|por|plus|más|après|después|avant|antes)\b)(?! d[’'])"
_END = rf"(?![\w’'])(?![.,:]\d){_NO_WHILE}"


_SPOKEN = {code: one.spoken for code, one in _LANGUAGES.items()}
_SPOKEN["es"] |= {word[:-1]: english for word, english in _SPOKEN["es"].items()} | {"es la": "it's"}


@cache  # they take long to compile, and most models are of other languages
def _patterns(code: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Two times of a language that belong together, and a time by itself."""
    one = _LANGUAGES[code]
    from_, to, between, and_ = one.two
    time, part, free = f"(?:{one.time})", rf"(?: (?P<part>{one.part})(?!\w))?", r"(?<![\w.,:/$€£#+-])"
    words = "|".join(sorted((word.replace("'", "[’']") for word in _SPOKEN[code]), key=len, reverse=True))
    two = (
        rf"{_TAKES}(?:(?P<before>{from_}|{between}) {one.article}(?P<first>{time}|{_HOUR}) (?:{to}|{and_}) {one.article}"
        rf"|(?P<open>{time}|{_HOUR})(?P<dash> ?[-–] ?))(?P<second>{time}|{_HOUR}){part}"
    )
    own = rf"(?P<time>{time}|{_HOUR}(?= (?:{one.part})(?!\w))){part}"
    alone = rf"(?:(?P<before>{words}) |(?P<day>(?:{one.day}),? )|{_TAKES}){own}"
    return re.compile(free + two + _END, re.I), re.compile(free + alone + _END, re.I)


_NUMBERS = re.compile(r"\d+")
_WITH_SIGN = re.compile(r"\d ?h|[:.]\d")
_EASY = re.compile(r"\d+:\d\d")
_ENDS = re.compile(r"[.,;!?]|$")
_DIGIT = re.compile(r"\d")
_NO_WHILE_FROM = 7
"""The first hour that is surely one of the day after the word after: après 20 h; après 2 h is a while."""
_ENGLISH_WORD = r"(?: ?[ap]\.m\.| ?[ap]m\b| o[’']clock\b)"


def times_in_english(sentence: str, source: str) -> Iterator[Span]:
    """The times in a French or Spanish `sentence` as English says them: jusqu'à 18 h is until 18:00."""
    if _DIGIT.search(sentence) is None:
        return
    two, alone = _patterns(source)
    end = 0
    for match in two.finditer(sentence):
        first, second, dash = match["first"] or match["open"], match["second"], match["dash"]
        if not _WITH_SIGN.search(f"{first} {second}") or (
            dash and _EASY.fullmatch(first) and _EASY.fullmatch(match[0][-5:])
        ):
            continue
        said = [
            _in_english(first, match["part"]).removesuffix(" a.m.").removesuffix(" p.m."),
            _in_english(second, match["part"]),
        ]
        if dash:
            words = dash.join(said)
        else:
            is_between = match["before"].lower().startswith("entre")
            words = f"between {said[0]} and {said[1]}" if is_between else f"from {said[0]} to {said[1]}"
        yield span_said(sentence, *match.span(), words)
        end = match.end()
    for match in alone.finditer(sentence, end):
        if not _is_time(match, source):
            continue
        said_alone = _in_english(match["time"], match["part"])
        if match["before"]:
            word = _SPOKEN[source][match["before"].lower().replace("’", "'")]
            span = span_said(sentence, *match.span(), f"{word} {said_alone}")
            # Of at models write the right word or another, and the rest of the sentence best where they see it.
            shown = Shown(f"{match['before']} {said_alone}", _said(said_alone, "(?:at|in|on|to) ")) if word == "at" else None
        else:
            span = Span(match.start("time"), match.end(), translation=said_alone)
            shown = Shown(said_alone, _said(said_alone))
        yield span if match["part"] else replace(span, shown=shown)


def _said(time: str, before: str = "") -> str:
    """A pattern of what models make of a time."""
    return rf"(?<![\w.,:]){before}{time}{_ENGLISH_WORD}?(?!:?\d)"


def _is_time(match: re.Match[str], source: str) -> bool:
    """Whether a number of hours is surely a time of day, and one that a model does not copy anyway."""
    time, before = match["time"], match["before"]
    hour, has_minutes = int(_NUMBERS.findall(time)[0]), len(_NUMBERS.findall(time)) > 1
    if match["part"]:
        return hour <= 12
    if before:
        is_while = not has_minutes and hour < _NO_WHILE_FROM and before.lower() in ("après", "depuis")
        return not is_while and not _EASY.fullmatch(time)
    if match["day"]:
        return _ENDS.match(match.string, match.end()) is not None and not _EASY.fullmatch(time)
    return source == "fr" and has_minutes and not _EASY.fullmatch(time)


def _in_english(time: str, part: str | None) -> str:
    """A time as English writes it: 18:00, and 9 p.m. where its half of the day is said."""
    hour, minutes = (*_NUMBERS.findall(time), "00")[:2]
    if not part:
        return f"{int(hour)}:{minutes}"
    is_night = "noche" in part.lower() and int(hour) in (12, 1, 2, 3, 4)
    is_late = (_IS_LATE.search(part.lower()) and not is_night) or (int(hour) == 12 and "mañana" in part.lower())
    return f"{int(hour)}{f':{minutes}' if minutes != '00' else ''} {'p' if is_late else 'a'}.m."


# Before other words, and into Spanish, models keep them.
_BEFORE = re.compile(r"(?<![\w’'-])(?P<before>about|around|between|from|it[’']s|it is) $", re.I)
_JOINT = re.compile(r" (?:(?P<to>to|until|till)|(?P<and>and)) | ?[-–] ?")
_JOINED = re.compile(" (?:à|et) ")


def times_in_french(sentence: str, times: Iterable[Span]) -> Iterator[Span]:
    """The `times` of an English `sentence`, two that belong together as one, with the words before: from 9 a.m. to 6 p.m."""
    times, place = sorted(times), 0
    while place < len(times):
        first, *more = times[place : place + 2]
        joint = _JOINT.fullmatch(sentence, first.end, more[0].start) if more else None
        if joint:
            said = (
                f"{first.translation}{' à ' if joint['to'] else ' et ' if joint['and'] else joint[0]}{more[0].translation}"
            )
            first = replace(first, end=more[0].end, translation=said)
        place += 2 if joint else 1
        yield _with_word_before(sentence, first)


def _with_word_before(sentence: str, time: Span) -> Span:
    before, said = _BEFORE.search(sentence[: time.start]), time.translation
    if before is None or said is None:
        return time
    word, parts = before["before"].lower(), _JOINED.split(said)
    if len(parts) == 2:
        words = {"from": "de {} à {}", "between": "entre {} et {}"}.get(word)
    else:
        words = {"about": "vers {}", "around": "vers {}", "between": None, "from": None}.get(word, "il est {}")
    return span_said(sentence, before.start(), time.end, words.format(*parts)) if words else time

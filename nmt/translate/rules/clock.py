"""Times of day as another language says them: 3:45 p.m. is 15:45 Uhr, and halb acht is half past seven.

English counts its hours twice a day and others once; what is half of an hour before in German is half of one after in
English. Models lose both, and a time that is twelve hours or one hour off is worse than none. So a model is shown a time in
digits, 15:45, which it copies, and what stands for it in the translation is the time as that language writes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nmt.text.spans import Shown, Span, said_otherwise
from nmt.translate.rules.number_words import ENGLISH, GERMAN, in_english, in_german, words_between
from nmt.translate.rules.romance.pairs import is_romance_pair
from nmt.translate.rules.romance.times import times_in_english, times_in_french

_MINUTES = {
    "five": 5,
    "ten": 10,
    "twenty": 20,
    "twenty-five": 25,
    "fünf": 5,
    "zehn": 10,
    "zwanzig": 20,
    "fünfundzwanzig": 25,
}
_HOURS = ENGLISH | GERMAN | {"zwo": 2} | {str(hour): hour for hour in range(1, 13)}


@dataclass(frozen=True, slots=True)
class _Time:
    hour: int
    minutes: str = ""
    """Two digits; none where none were written."""


@dataclass(frozen=True, slots=True)
class _Clock:
    """How a language that counts its hours once a day says times."""

    hours: str
    """What follows a time in digits."""
    whole: str
    """The form of a full hour of which no minutes were written."""
    with_minutes: str
    word: str
    """A pattern of what models write after a time in digits."""
    joins: tuple[str, str, str]
    """Of two times: to, and, or."""
    halves: tuple[str, str, str] | None = None
    """Half past an hour by the name of the next, a quarter to and past one by its own; None where digits say it."""

    def written(self, time: _Time) -> str:
        return (self.with_minutes if time.minutes else self.whole).format(time.hour, time.minutes)


_CLOCKS = {
    "de": _Clock(
        " Uhr", "{}", "{}:{}", r" ?Uhr\b", ("bis", "und", "oder"), ("halb {}", "Viertel vor {}", "Viertel nach {}")
    ),
    "es": _Clock("", "{}:00", "{}:{}", r" ?(?:horas?|h)\b", ("a", "y", "o")),
    "fr": _Clock("", "{} h", "{} h {}", r" ?(?:heures?|h)\b", ("à", "et", "ou")),
}
_ENGLISH_WORD = r"(?: ?[ap]\.m\.| ?[ap]m\b| o[’']clock\b)"

_FREE = r"(?<![\w.,:/$€£#+-])"
_DIGITS = r"(\d{1,2})(?:[:.]([0-5]\d))?"
_HALF = r" ?([ap])(?:\. ?m\.|\.m\b|m\b)(?![\w'’-])"
_OF_HALF = re.compile(
    rf"{_FREE}(?:{_DIGITS}(?:(?: ?([ap])\.? ?m\b\.?)?( ?[-–] ?)|( (?:to|until|till|and|or) )))?{_DIGITS}{_HALF}", re.I
)
_HOUR = r"(?:{}|1[0-2]|[1-9])(?![:.,-]?\w)"
_PAST = re.compile(
    rf"(?<!\w)(?:a )?(?:(half) past|quarter (past|after|to|till)) ({_HOUR.format(words_between(ENGLISH, 1, 12))})"
    rf"(?:{_HALF}|(?! (?:of|to|or|and)\b))",
    re.I,
)
# Ten past eight; ten to eight may also be eight to ten people, unless at or it is comes before it.
_MINUTES_TO = re.compile(
    rf"(?<!\w)(?:(?P<past>five|ten|twenty(?:[- ]five)?)(?: minutes)? (?:past|after)"
    rf"|(?:(?<=\bat )|(?<=\bit's )|(?<=\bit is )|(?<=\bit was )|(?<=\bby )|(?<=\buntil ))"
    rf"(?P<to>five|ten|twenty(?:[- ]five)?)(?: minutes)? (?:to|before|till)) "
    rf"(?P<hour>{_HOUR.format(words_between(ENGLISH, 1, 12))})(?:{_HALF}|(?! (?:to|or|o[’']clock)\b))",
    re.I,
)
_UHR = re.compile(
    rf"{_FREE}(?:{_DIGITS}( ?[-–] ?| (?:bis|und|oder) ))?{_DIGITS} ?Uhr(?: ([0-5]\d)(?![\w.,:]\d|\w))?(?![\w-])"
    r"(?: (morgens|früh|vormittags|mittags|nachmittags|abends|nachts)\b)?"
)
_HALB = re.compile(
    rf"(?<![\w-])(?:(halb|drei ?viertel)|(?:ein )?viertel (nach|vor)) "
    rf"({_HOUR.format(words_between(GERMAN | {'zwo': 2}, 1, 12))})(?: Uhr)?",
    re.I,
)
_MINUTES_VOR = re.compile(
    rf"(?<![\w-])(?P<minutes>fünf|zehn|zwanzig|fünfundzwanzig)(?: Minuten)? (?P<side>nach|vor) (?P<half>halb )?"
    rf"(?P<hour>{words_between(GERMAN | {'zwo': 2}, 1, 12)}|1[0-2]|[1-9])(?![\w:.,-]*\w)(?: Uhr\b)?(?! (?-i:[A-ZÄÖÜ]))",
    re.I,
)

# Most sentences have no times, and this is found out sooner.
_DIGIT = re.compile(r"\d")
_PAST_HINT = re.compile("half|quarter", re.I)
_MINUTES_HINT = re.compile("(?:five|ten|twenty) ", re.I)
_HALB_HINT = re.compile("halb|viertel", re.I)
_VOR_HINT = re.compile("(?:fünf|zehn|zwanzig) ", re.I)


def times_of_day(sentence: str, *, source: str, target: str) -> Iterator[Span]:
    """The times in `sentence` that the language `target` says in another way, each as it says it.

    They are those of English for a language that counts its hours once a day, and of such a language for English.
    """
    if source == "en" and target in _CLOCKS:
        times = _of_english(sentence, _CLOCKS[target])
        yield from times_in_french(sentence, times) if target == "fr" else times
    elif (source, target) == ("de", "en"):
        if "Uhr" in sentence:
            yield from _uhr(sentence)
        if _HALB_HINT.search(sentence):
            yield from _halb(sentence)
        if _VOR_HINT.search(sentence):
            yield from _minutes_vor(sentence)
    elif target == "en" and is_romance_pair(source, target):
        yield from times_in_english(sentence, source)


def _of_english(sentence: str, clock: _Clock) -> Iterator[Span]:
    if _DIGIT.search(sentence):
        yield from _halves_of_the_day(sentence, clock)
    if _PAST_HINT.search(sentence):
        yield from _past(sentence, clock)
    if _MINUTES_HINT.search(sentence):
        yield from _minutes_to(sentence, clock)


def _halves_of_the_day(sentence: str, clock: _Clock) -> Iterator[Span]:
    """English: 3:45 p.m., 9–11 am."""
    for match in _OF_HALF.finditer(sentence):
        first_hour, first_minutes, first_half, dash, word, hour, minutes, half = match.groups()
        if not all(1 <= int(one) <= 12 for one in (first_hour, hour) if one):
            continue
        first = last = _Time(_of_day(int(hour), half), minutes or "")
        said = clock.written(last)
        if dash or word:
            begins = _of_day(int(first_hour), first_half or half)
            if not first_half and begins >= last.hour:  # 10–2 p.m.
                begins = (begins + 12) % 24
            first = _Time(begins, first_minutes or "")
            said = f"{clock.written(first)}{_joined(dash or word, clock.joins)}{said}"
        yield said_otherwise(match, said + clock.hours, _shown(first, clock.word))


def _past(sentence: str, clock: _Clock) -> Iterator[Span]:
    """English: half past seven, a quarter to 8 p.m."""
    for match in _PAST.finditer(sentence):
        is_half, side, word, half = match[1], (match[2] or "").lower(), match[3].lower(), match[4]
        hour, is_before = _HOURS[word], side in ("to", "till")
        minutes = "30" if is_half else "45" if is_before else "15"
        if half:
            time = _Time((_of_day(hour, half) - is_before) % 24, minutes)
        else:
            time = _Time(_before(hour) if is_before else hour, minutes)
        if half or clock.halves is None:
            said = clock.written(time) + clock.hours
        else:
            form = clock.halves[0 if is_half else 1 if is_before else 2]
            said = form.format(_named(hour % 12 + 1 if is_half else hour, in_german, as_in=word))
        yield said_otherwise(match, said, _shown(time, clock.word))


def _minutes_to(sentence: str, clock: _Clock) -> Iterator[Span]:
    """English: ten past eight, twenty-five to nine."""
    for match in _MINUTES_TO.finditer(sentence):
        is_past, word, half = match["past"] is not None, match["hour"].lower(), match[4]
        minutes = _MINUTES[(match["past"] or match["to"]).lower().replace(" ", "-")]
        hour = _HOURS[word] if is_past else _before(_HOURS[word])
        time = _Time(hour, f"{minutes if is_past else 60 - minutes:02}")
        if half:
            time = _Time((_of_day(_HOURS[word], half) - (not is_past)) % 24, time.minutes)
        if half or clock.halves is None:
            said = clock.written(time) + clock.hours
        elif minutes == 25:  # fünf vor halb neun
            side, following = ("vor", _HOURS[word] % 12 + 1) if is_past else ("nach", _HOURS[word])
            said = f"fünf {side} halb {_named(following, in_german, as_in=word)}"
        else:
            said = f"{in_german(minutes)} {'nach' if is_past else 'vor'} {_named(_HOURS[word], in_german, as_in=word)}"
        yield said_otherwise(match, said, _shown(time, clock.word))


def _minutes_vor(sentence: str) -> Iterator[Span]:
    """German: zehn nach acht, fünf vor halb neun."""
    for match in _MINUTES_VOR.finditer(sentence):
        word = match["hour"].lower()
        minutes = _MINUTES[match["minutes"].lower()] * (1 if match["side"].lower() == "nach" else -1)
        minutes = 60 * (_HOURS[word] - (match["half"] is not None)) + 30 * (match["half"] is not None) + minutes
        hour, past = divmod(minutes, 60)
        hour = (hour - 1) % 12 + 1
        if past <= 30:
            said = f"{in_english(past)} past {_named(hour, in_english, as_in=word)}"
        else:
            said = f"{in_english(60 - past)} to {_named(hour % 12 + 1, in_english, as_in=word)}"
        yield said_otherwise(match, said, _shown(_Time(hour, f"{past:02}"), _ENGLISH_WORD))


def _uhr(sentence: str) -> Iterator[Span]:
    """German: 14:30 Uhr, 9–12 Uhr, 8 Uhr morgens."""
    for match in _UHR.finditer(sentence):
        first_hour, first_minutes, dash, hour, minutes, last_minutes, part = match.groups()
        hours = [int(one) for one in (first_hour, hour) if one]
        if max(hours) > 24 or (minutes and last_minutes):
            continue
        times = [_Time(hours[-1], minutes or last_minutes or "00")]
        if dash:
            times.insert(0, _Time(hours[0], first_minutes or "00"))
        said = _joined(dash or "", ("to", "and", "or")).join(f"{time.hour}:{time.minutes}" for time in times)
        if part and all(1 <= one <= 12 for one in hours):
            said = f"{said.replace(':00', '')} {_half_of(hours[-1], part)}.m."
        yield said_otherwise(match, said, _shown(times[0], _ENGLISH_WORD))


def _halb(sentence: str) -> Iterator[Span]:
    """German: halb acht, Viertel vor acht, drei viertel acht."""
    for match in _HALB.finditer(sentence):
        whole, side, word = ((group or "").lower() for group in match.groups())
        hour, before = _HOURS[word], _before(_HOURS[word])
        if whole == "halb":
            time, said = _Time(before, "30"), f"half past {_named(before, in_english, as_in=word)}"
        elif side == "nach":
            time, said = _Time(hour, "15"), f"quarter past {_named(hour, in_english, as_in=word)}"
        else:
            time, said = _Time(before, "45"), f"quarter to {_named(hour, in_english, as_in=word)}"
        yield said_otherwise(match, said, _shown(time, _ENGLISH_WORD))


def _shown(time: _Time, word: str) -> Shown:
    """A time in digits, and what a translation may make of it: 9:00 may become 9:00 Uhr, or 9 Uhr."""
    digits = f"{time.hour}:{time.minutes or '00'}"
    whole = rf"|{time.hour}{word}" if time.minutes in ("", "00") else ""
    return Shown(digits, rf"(?<![\w.,:])(?:{digits}(?:{word})?{whole})(?!:?\d)")


def _joined(separator: str, joins: tuple[str, str, str]) -> str:
    """What stands between two times in another language: a dash as it is, a word as one of `joins`."""
    word = separator.strip().lower()
    place = 1 if word in ("and", "und") else 2 if word in ("or", "oder") else 0
    return f" {joins[place]} " if word.isalpha() else separator


def _of_day(hour: int, half: str) -> int:
    """The hour of a day, from 0 to 23, that is this one of its half "a" or "p"."""
    return hour % 12 + (12 if half.lower() == "p" else 0)


def _half_of(hour: int, part: str) -> str:
    """The half of the day, "a" or "p", of an hour from 1 to 12 in this part of it: 11 Uhr mittags is before noon."""
    is_late = {"nachmittags": True, "abends": True, "mittags": hour not in (10, 11), "nachts": 7 <= hour < 12}
    return "p" if is_late.get(part) else "a"


def _before(hour: int) -> int:
    """The hour before, from 1 to 12."""
    return (hour - 2) % 12 + 1


def _named(hour: int, words: Callable[[int], str], *, as_in: str) -> str:
    """An hour from 1 to 12, in digits where the source has digits, or else as a word."""
    return str(hour) if as_in.isdigit() else words(hour)

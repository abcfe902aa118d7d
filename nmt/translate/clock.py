"""Times of day as another language says them: 3:45 p.m. is 15:45 Uhr, and halb acht is half past seven.

English counts its hours twice a day and others once; what is half of an hour before in German is half of one after in
English. Models lose both, and a time that is twelve hours or one hour off is worse than none. So a model is shown a time in
digits, 15:45, which it copies, and what stands for it in the translation is the time as that language writes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nmt.text.spans import Shown, Span

_GERMAN = ["eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"]
_ENGLISH = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_HOURS = {word: hour for words in (_GERMAN, _ENGLISH) for hour, word in enumerate(words, start=1)}
_HOURS |= {str(hour): hour for hour in range(1, 13)} | {"zwo": 2}


@dataclass(frozen=True, slots=True)
class _Time:
    hour: int
    minutes: str
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
    halves: tuple[str, str, str] | None = None
    """Half past an hour by the name of the next, a quarter to and past one by its own; None where digits say it."""

    def written(self, time: _Time) -> str:
        return (self.with_minutes if time.minutes else self.whole).format(time.hour, time.minutes)


_CLOCKS = {
    "de": _Clock(" Uhr", "{}", "{}:{}", r" ?Uhr\b", ("halb {}", "Viertel vor {}", "Viertel nach {}")),
    "es": _Clock("", "{}:00", "{}:{}", r" ?(?:horas?|h)\b"),
    "fr": _Clock("", "{} h", "{} h {}", r" ?(?:heures?|h)\b"),
}
_ENGLISH_WORD = r"(?: ?[ap]\.m\.| ?[ap]m\b| o[’']clock\b)"

_FREE = r"(?<![\w.,:/$€£#+-])"
_DIGITS = r"(\d{1,2})(?:[:.]([0-5]\d))?"
_HALF = r" ?([ap])(?:\. ?m\.|\.m\b|m\b)(?![\w'’-])"
_OF_HALF = re.compile(rf"{_FREE}(?:{_DIGITS}(?: ?([ap])\.? ?m\b\.?)?( ?[-–] ?))?{_DIGITS}{_HALF}", re.I)
_HOUR = r"(?:{}|1[0-2]|[1-9])(?![:.,-]?\w)"
_PAST = re.compile(
    rf"(?<!\w)(?:a )?(?:(half) past|quarter (past|after|to|till)) ({_HOUR.format('|'.join(_ENGLISH))})"
    rf"(?:{_HALF}|(?! (?:of|to|or|and)\b))",
    re.I,
)
_PARTS_OF_DAY = ("morgens", "früh", "vormittags", "mittags", "nachmittags", "abends", "nachts")
_UHR = re.compile(
    rf"{_FREE}(?:{_DIGITS}( ?[-–] ?))?{_DIGITS} ?Uhr(?: ([0-5]\d)(?![\w.,:]\d|\w))?(?![\w-])"
    rf"(?: ({'|'.join(_PARTS_OF_DAY)})\b)?"
)
_HALB = re.compile(
    rf"(?<![\w-])(?:(halb|drei ?viertel)|(?:ein )?viertel (nach|vor)) "
    rf"({_HOUR.format('|'.join((*_GERMAN, 'zwo')))})(?: Uhr)?",
    re.I,
)

# Most sentences have no times, and this is found out sooner.
_DIGIT = re.compile(r"\d")
_PAST_HINT = re.compile("half|quarter", re.I)
_HALB_HINT = re.compile("halb|viertel", re.I)


def times_of_day(sentence: str, *, source: str, target: str) -> list[Span]:
    """The times in `sentence` that the language `target` says in another way, in order and apart, each as it says it.

    They are those of English for a language that counts its hours once a day, and those of German for English.
    """
    if source == "en" and target in _CLOCKS:
        found = _of_english(sentence, _CLOCKS[target])
    elif (source, target) == ("de", "en"):
        found = _of_german(sentence)
    else:
        return []
    times: list[Span] = []
    for time in sorted(found, key=lambda time: (time.start, -time.end)):
        if not times or times[-1].end <= time.start:
            times.append(time)
    return times


def _of_english(sentence: str, clock: _Clock) -> Iterator[Span]:
    def span(match: re.Match[str], first: _Time, said: str) -> Span:
        # A full stop after p.m may end the sentence as well, and then it is not the time's.
        ends_sentence = match[0].endswith(".") and not any(map(str.isalnum, sentence[match.end() :]))
        shown = _shown(first, clock.word)
        return Span(match.start(), match.end() - ends_sentence, translation=said, shown=shown)

    for match in _OF_HALF.finditer(sentence) if _DIGIT.search(sentence) else ():
        hours, (first_minutes, first_half, dash, minutes, half) = match.group(1, 5), match.group(2, 3, 4, 6, 7)
        if not all(hour is None or 1 <= int(hour) <= 12 for hour in hours):
            continue
        first = last = _Time(_of_day(int(hours[1]), half), minutes or "")
        said = clock.written(last)
        if dash:
            begins = _of_day(int(hours[0]), first_half or half)
            if not first_half and begins >= last.hour:  # 10–2 p.m.
                begins = (begins + 12) % 24
            first = _Time(begins, first_minutes or "")
            said = f"{clock.written(first)}{dash}{said}"
        yield span(match, first, said + clock.hours)
    for match in _PAST.finditer(sentence) if _PAST_HINT.search(sentence) else ():
        is_half, side, word, half = match[1], (match[2] or "").lower(), match[3].lower(), match[4]
        hour, is_before = _HOURS[word], side in ("to", "till")
        time = _Time(_before(hour) if is_before else hour, "30" if is_half else "45" if is_before else "15")
        if half:
            time = _Time((_of_day(hour, half) - is_before) % 24, time.minutes)
            said = clock.written(time) + clock.hours
        elif clock.halves is None:
            said = clock.written(time) + clock.hours
        else:
            form = clock.halves[0 if is_half else 1 if is_before else 2]
            said = form.format(_named(hour % 12 + 1 if is_half else hour, word, _GERMAN))
        yield span(match, time, said)


def _of_german(sentence: str) -> Iterator[Span]:
    for match in _UHR.finditer(sentence) if "Uhr" in sentence else ():
        first_hour, first_minutes, dash, hour, minutes, last_minutes, part = match.groups()
        if max(int(hour), int(first_hour or 0)) > 24 or (minutes and last_minutes):
            continue
        first = last = _Time(int(hour), minutes or last_minutes or "00")
        said, end = f"{last.hour}:{last.minutes}", match.end()
        if dash:
            first = _Time(int(first_hour), first_minutes or "00")
            said = f"{first.hour}:{first.minutes}{dash}{said}"
            end = match.start(7) - 1 if part else end
        elif part and 1 <= last.hour <= 12:
            half = _half_of(last.hour, part)
            said = f"{hour if last.minutes == '00' else said} {half}.m."
        yield Span(match.start(), end, translation=said, shown=_shown(first, _ENGLISH_WORD))
    for match in _HALB.finditer(sentence) if _HALB_HINT.search(sentence) else ():
        whole, side, word = match.groups()
        hour = _HOURS[word.lower()]
        if whole and whole.lower() == "halb":
            time, said = _Time(_before(hour), "30"), f"half past {_named(_before(hour), word, _ENGLISH)}"
        elif side and side.lower() == "nach":
            time, said = _Time(hour, "15"), f"quarter past {_named(hour, word, _ENGLISH)}"
        else:
            time, said = _Time(_before(hour), "45"), f"quarter to {_named(hour, word, _ENGLISH)}"
        yield Span(match.start(), match.end(), translation=said, shown=_shown(time, _ENGLISH_WORD))


def _shown(time: _Time, word: str) -> Shown:
    """A time in digits, and what a translation may make of it: 9:00 may become 9:00 Uhr, or 9 Uhr."""
    digits = f"{time.hour}:{time.minutes or '00'}"
    whole = rf"|{time.hour}{word}" if time.minutes in ("", "00") else ""
    return Shown(digits, rf"(?<![\w.,:])(?:{digits}(?:{word})?{whole})(?!:?\d)")


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


def _named(hour: int, as_in: str, words: list[str]) -> str:
    """An hour from 1 to 12, in digits where the source has digits, or else as a word."""
    return str(hour) if as_in.isdigit() else words[hour - 1]

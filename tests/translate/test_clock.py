"""Times of day against Python's own clock, and in what the shipped models make of sentences with them."""

from __future__ import annotations

import re
from datetime import time

import pytest
from support.known import assert_said, said

from nmt.translate.rules.known import find_known

GERMAN = ["eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"]
ENGLISH = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
DAY = [time(hour, minute) for hour in range(24) for minute in (0, 1, 15, 30, 59)]


@pytest.mark.parametrize("form", ["{0:%I:%M} p.m.", "{0:%I:%M} pm", "{0:%I:%M}pm", "{0:%I:%M} P.M.", "{0:%I.%M} PM"])
def test_twelve_hours_and_their_half_are_an_hour_of_the_day(form: str) -> None:
    for one in DAY:
        half = one.strftime("%p")[0]
        written = re.sub("p(?=[.mM])|P(?=[.mM])", half if "P" in form else half.lower(), form.format(one)).lstrip("0")
        written = written or form.format(one)
        [(span, german)] = said(f"Come at {written} today.")
        assert span == written
        assert german == f"{one.hour}:{one:%M} Uhr"
        [(_, french)] = said(f"Come at {written} today.", target="fr")
        assert french == f"{one.hour} h {one:%M}"


@pytest.mark.parametrize("hour", range(1, 13))
def test_halves_and_quarters_count_from_the_right_hour(hour: int) -> None:
    after = hour % 12 + 1
    pairs = {
        f"half past {ENGLISH[hour - 1]}": f"halb {GERMAN[after - 1]}",
        f"quarter past {ENGLISH[hour - 1]}": f"Viertel nach {GERMAN[hour - 1]}",
        f"quarter to {ENGLISH[hour - 1]}": f"Viertel vor {GERMAN[hour - 1]}",
        f"half past {hour}": f"halb {after}",
    }
    for english, german in pairs.items():
        assert said(f"I got up at {english}.") == [(english, german)]
        assert said(f"Ich stand um {german} auf.", "de", "en") == [(german, english)]
    assert said(f"dreiviertel {GERMAN[hour - 1]}", "de", "en")[0][1] == f"quarter to {ENGLISH[hour - 1]}"
    # What a model is shown is the same time.
    for text, source, target in ((f"half past {hour}", "en", "de"), (f"halb {after}", "de", "en")):
        [one] = find_known(text, source=source, target=target)
        assert one.shown is not None
        assert one.shown.text == f"{hour}:30"


@pytest.mark.parametrize(
    ("source", "sentence", "times"),
    [
        ("en", "It starts at 3 p.m.", [("3 p.m", "15 Uhr")]),  # the full stop is the sentence's
        ("en", "At 12 a.m. and 12 p.m. it rings.", [("12 a.m.", "0 Uhr"), ("12 p.m.", "12 Uhr")]),
        ("en", "9 a.m. - 5:30 p.m.", [("9 a.m. - 5:30 p.m", "9 - 17:30 Uhr")]),
        ("en", "9–11 am or 10–2 pm", [("9–11 am", "9–11 Uhr"), ("10–2 pm", "10–14 Uhr")]),
        ("en", "at half past 9 p.m. sharp", [("half past 9 p.m.", "21:30 Uhr")]),
        ("en", "a quarter to 8 am", [("a quarter to 8 am", "7:45 Uhr")]),
        ("en", "quarter to 12 pm, quarter to 12 am", [("quarter to 12 pm", "11:45 Uhr"), ("quarter to 12 am", "23:45 Uhr")]),
        ("en", "It was quarter to one of them.", []),
        ("en", "From 2 to 4 p.m., at 2 or 4 pm", [("2 to 4 p.m.", "14 bis 16 Uhr"), ("2 or 4 pm", "14 oder 16 Uhr")]),
        (
            "en",
            "Between 10 and 2 p.m. and till 11 to 1 pm",
            [("10 and 2 p.m.", "10 und 14 Uhr"), ("11 to 1 pm", "11 bis 13 Uhr")],
        ),
        ("en", "It's ten past eight, not five to 9.", [("ten past eight", "zehn nach acht")]),
        ("en", "It's five to nine p.m. now", [("five to nine p.m.", "20:55 Uhr")]),
        ("en", "ten to twelve people, from ten to eight, ten to one odds", []),
        ("en", "Take 13 pm, 0 am, $5 pm and 3.5 pm.", []),
        ("en", "I am 9, am I? 3 PMs, 5 amps, 4pm's", []),
        ("en", "v1.10 am, a-2 pm", []),
        (
            "de",
            "um 9 Uhr, um 14.30 Uhr und um 14 Uhr 45",
            [("9 Uhr", "9:00"), ("14.30 Uhr", "14:30"), ("14 Uhr 45", "14:45")],
        ),
        (
            "de",
            "Mo–Fr 8:00–18:00 Uhr, Sa 9 - 12 Uhr",
            [("Mo–Fr", "Mon–Fri"), ("8:00–18:00 Uhr", "8:00–18:00"), ("9 - 12 Uhr", "9:00 - 12:00")],
        ),
        ("de", "8 Uhr morgens, 8 Uhr abends", [("8 Uhr morgens", "8 a.m."), ("8 Uhr abends", "8 p.m.")]),
        ("de", "2 Uhr nachts, 11 Uhr nachts", [("2 Uhr nachts", "2 a.m."), ("11 Uhr nachts", "11 p.m.")]),
        ("de", "11 Uhr mittags, 1 Uhr mittags", [("11 Uhr mittags", "11 a.m."), ("1 Uhr mittags", "1 p.m.")]),
        ("de", "12 Uhr nachts, 12 Uhr mittags", [("12 Uhr nachts", "12 a.m."), ("12 Uhr mittags", "12 p.m.")]),
        ("de", "2–5 Uhr nachmittags", [("2–5 Uhr nachmittags", "2–5 p.m.")]),
        ("de", "12 Uhr mittags, 20 Uhr abends", [("12 Uhr mittags", "12 p.m."), ("20 Uhr abends", "20:00")]),
        ("de", "Meine Uhr, zwei Uhren, der 9-Uhr-Zug, 2 Uhren, 30 Uhr", []),
        (
            "de",
            "von 14 bis 16 Uhr, um 8 oder 9:30 Uhr",
            [("14 bis 16 Uhr", "14:00 to 16:00"), ("8 oder 9:30 Uhr", "8:00 or 9:30")],
        ),
        (
            "de",
            "Um zehn nach 8, Punkt fünf vor zwölf Uhr",
            [("zehn nach 8", "ten past 8"), ("fünf vor zwölf Uhr", "five to twelve")],
        ),
        ("de", "Zehn vor acht Jahren gebaute Häuser, fünf nach Berlin, zehn vor 8,5", []),
        ("fr", "à 9h30, 14h et à 19 heures", [("à 9h30", "at 9:30"), ("à 19 heures", "at 19:00")]),
        ("fr", "Le film dure 2 h 30 en 2 heures, 30 h 10", [("2 h 30", "2 h 30 min")]),
        ("de", "halb achtlos, halb voll, ein Viertel Wein, halb 3,5", []),
    ],
)
def test_times_of_sentences(source: str, sentence: str, times: list[tuple[str, str]]) -> None:
    assert said(sentence, source, "de" if source == "en" else "en") == times


def test_minutes_before_and_after_all_hours_go_there_and_back() -> None:
    names = "one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905
    for hour in names:
        for minutes in ("five", "ten", "twenty", "twenty-five"):
            for side in ("past", "to"):
                english = f"{minutes} {side} {hour}"
                [(own, german)] = said(f"She came at {english} again.")
                assert (own, german is not None) == (english, True)
                assert said(f"Sie kam um {german} wieder.", "de", "en") == [(german, english)]


@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("fünf vor halb neun", "twenty-five past eight"),
        ("fünf nach halb eins", "twenty-five to one"),
        ("zehn vor halb zehn", "twenty past nine"),
        ("zwanzig vor eins", "twenty to one"),
        ("fünfundzwanzig nach zwölf", "twenty-five past twelve"),
    ],
)
def test_minutes_by_the_half_hour(german: str, english: str) -> None:
    assert said(f"Sie kam um {german}.", "de", "en") == [(german, english)]


@pytest.mark.parametrize("kind", ["", "-fast"])
def test_shipped_models_say_the_time_of_the_source(kind: str) -> None:
    frames = ["The meeting starts at {}.", "I'll call you at {}, OK?", "We met at {} yesterday.", "Please be here at {}!"]
    times = {"3:45 p.m.": "15:45 Uhr", "9 am": "9 Uhr", "half past seven": "halb acht", "12:10 AM": "0:10 Uhr"}
    assert_said(f"broad-en-de{kind}", frames, times.items())
    frames = ["Die Sitzung beginnt um {}.", "Ich rufe dich um {} an, ja?", "Ich bin ab {} zu Hause.", "Wir waren um {} da."]
    times = {"14:30 Uhr": "14:30", "20 Uhr": "20:00", "halb acht": "half past seven", "8 Uhr morgens": "8 a.m."}
    assert_said(f"broad-de-en{kind}", frames, times.items())

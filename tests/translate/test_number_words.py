"""Numbers in words against num2words, which has nothing of ours, and in what the shipped models make of sentences."""

from __future__ import annotations

import random

import pytest
from num2words import num2words
from support.known import assert_said, said

from nmt.translate.rules.known import find_known
from nmt.translate.rules.number_words import in_english, in_german

NUMBERS = [*range(13, 2200), *random.Random(1).sample(range(2200, 1_000_000), 2000)]


def english(number: int) -> str:
    return str(num2words(number, lang="en")).replace(",", "")


def german(number: int) -> str:
    """Without the ein- that nobody says at the beginning: hundert, tausend."""
    words = str(num2words(number, lang="de")).replace("hunderteinstausend", "hunderteintausend")
    return words.removeprefix("ein") if words.startswith(("einhundert", "eintausend")) else words


def test_words_are_those_of_num2words() -> None:
    for number in NUMBERS:
        assert in_english(number) == english(number)
        expected = german(number)
        assert in_german(number) == expected, number


@pytest.mark.slow
def test_words_are_read_and_said_in_the_other_language() -> None:
    for number in NUMBERS:
        for words, source, target, expected in (
            (english(number), "en", "de", in_german(number)),
            (str(num2words(number, lang="de")), "de", "en", in_english(number)),
        ):
            [one] = find_known(f"We have {words} of them.", source=source, target=target)
            assert (one.start, one.end) == (8, 8 + len(words)), words
            assert one.translation == expected
            assert one.shown is not None
            assert one.shown.text == str(number)


@pytest.mark.parametrize(
    ("source", "sentence", "found"),
    [
        ("en", "in nineteen eighty-nine", [("nineteen eighty-nine", "neunzehnhundertneunundachtzig")]),
        ("en", "nineteen eighty four", [("nineteen eighty four", "neunzehnhundertvierundachtzig")]),
        ("en", "in twenty twenty-four", [("twenty twenty-four", "zweitausendvierundzwanzig")]),
        ("en", "a hundred, a thousand", [("a hundred", "hundert"), ("a thousand", "tausend")]),
        (
            "en",
            "twelve hundred of a hundred and one",
            [("twelve hundred", "zwölfhundert"), ("a hundred and one", "hunderteins")],
        ),
        ("en", "two thousand and five", [("two thousand and five", "zweitausendfünf")]),
        ("en", "a twenty-five-year-old man, a fifty-minute walk", [("twenty-five", "25"), ("fifty", "50")]),
        (
            "en",
            "the twenty-fifth, hundreds, fifty-fifty, twelve, sixteen seventeen-year-olds",
            [("sixteen", "sechzehn"), ("seventeen", "17")],
        ),
        ("en", "plenty, thirteenth, eighty-ninth, a hundredth", []),
        ("en", "half a million or half a billion", [("half a million", "eine halbe Million")]),
        (
            "en",
            "two and a half, an hour and a half",
            [("two and a half", "zweieinhalb"), ("an hour and a half", "anderthalb")],
        ),
        ("en", "half a mile, and a half, one-and-a-half", []),
        ("de", "anderthalb oder viereinhalb", [("anderthalb", "one and a half"), ("viereinhalb", "four and a half")]),
        ("de", "halb, einhalb so groß, zweieinhalbfach", []),
        ("de", "neunzehnhundertneunundachtzig Leute", [("neunzehnhundertneunundachtzig", "nineteen eighty-nine")]),
        ("de", "neunzehnhundertfünf", [("neunzehnhundertfünf", "nineteen hundred and five")]),
        ("de", "hundert, zwölfhundert", [("hundert", "one hundred"), ("zwölfhundert", "twelve hundred")]),
        ("de", "tausendundeins, dreissig", [("tausendundeins", "one thousand and one"), ("dreissig", "thirty")]),
        ("de", "mehrere Hundert, ein paar tausend, das Tausend, Hunderte, einundzwanzigste, achtzigjährig, zwölf", []),
    ],
)
def test_numbers_of_sentences(source: str, sentence: str, found: list[tuple[str, str]]) -> None:
    assert said(sentence, source, "de" if source == "en" else "en") == found


@pytest.mark.parametrize("kind", ["", "-fast"])
def test_shipped_models_say_the_number_of_the_source(kind: str) -> None:
    numbers = [*range(21, 100, 4), 17, 80, 350, 512, 40_000]
    frames = ["She is {} years old.", "There were {} people in the room."]
    assert_said(f"broad-en-de{kind}", frames, [(english(number), german(number)) for number in numbers])
    frames = ["Sie ist {} Jahre alt.", "Es waren {} Leute im Zimmer."]
    assert_said(f"broad-de-en{kind}", frames, [(german(number), english(number)) for number in numbers])

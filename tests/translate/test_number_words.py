"""Numbers in words against num2words, which has nothing of ours, and in what the shipped models make of sentences."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from nmt import Translator
from nmt.translate.number_words import in_english, in_german, number_words

CHECKPOINTS = Path(__file__).parents[2] / "checkpoints"
NUMBERS = [*range(13, 2200), *random.Random(1).sample(range(2200, 1_000_000), 2000)]


def said(sentence: str, source: str = "en", target: str = "de") -> list[tuple[str, str | None]]:
    found = number_words(sentence, source=source, target=target)
    return [(sentence[one.start : one.end], one.translation) for one in found]


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


def test_words_are_read_and_said_in_the_other_language() -> None:
    for number in NUMBERS:
        for words, source, target, expected in (
            (english(number), "en", "de", in_german(number)),
            (str(num2words(number, lang="de")), "de", "en", in_english(number)),
        ):
            [one] = number_words(f"We have {words} of them.", source=source, target=target)
            assert (one.start, one.end) == (8, 8 + len(words)), words
            assert one.translation == expected
            assert one.shown is not None
            assert one.shown.text == str(number)


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("in nineteen eighty-nine", [("nineteen eighty-nine", "neunzehnhundertneunundachtzig")]),
        ("nineteen eighty four", [("nineteen eighty four", "neunzehnhundertvierundachtzig")]),
        ("in twenty twenty-four", [("twenty twenty-four", "zweitausendvierundzwanzig")]),
        ("a hundred, a thousand", [("a hundred", "hundert"), ("a thousand", "tausend")]),
        ("twelve hundred of a hundred and one", [("twelve hundred", "zwölfhundert"), ("a hundred and one", "hunderteins")]),
        ("two thousand and five", [("two thousand and five", "zweitausendfünf")]),
        ("a twenty-five-year-old man, a fifty-minute walk", [("twenty-five", "25"), ("fifty", "50")]),
        (
            "the twenty-fifth, hundreds, fifty-fifty, twelve, sixteen seventeen-year-olds",
            [("sixteen", "sechzehn"), ("seventeen", "17")],
        ),
        ("plenty, thirteenth, eighty-ninth, a hundredth", []),
    ],
)
def test_of_english(sentence: str, found: list[tuple[str, str]]) -> None:
    assert said(sentence) == found


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("neunzehnhundertneunundachtzig Leute", [("neunzehnhundertneunundachtzig", "nineteen eighty-nine")]),
        ("neunzehnhundertfünf", [("neunzehnhundertfünf", "nineteen hundred and five")]),
        ("hundert, zwölfhundert", [("hundert", "one hundred"), ("zwölfhundert", "twelve hundred")]),
        ("tausendundeins, dreissig", [("tausendundeins", "one thousand and one"), ("dreissig", "thirty")]),
        ("mehrere Hundert, ein paar tausend, das Tausend, Hunderte, einundzwanzigste, achtzigjährig, zwölf", []),
    ],
)
def test_of_german(sentence: str, found: list[tuple[str, str]]) -> None:
    assert said(sentence, "de", "en") == found


@given(
    st.lists(st.sampled_from(["twenty", "one", "a", "hundred", "thousand", "and", "nineteen", " ", "-"])).map("".join),
    st.lists(st.sampled_from(["zwanzig", "ein", "und", "hundert", "tausend", "drei", "eins", " ", "-"])).map("".join),
)
def test_numbers_are_in_order_and_apart(first: str, second: str) -> None:
    for sentence, source, target in ((first, "en", "de"), (second, "de", "en")):
        end = 0
        for one in number_words(sentence, source=source, target=target):
            assert end <= one.start < one.end <= len(sentence)
            assert one.translation
            end = one.end


@pytest.mark.parametrize("model", ["broad-en-de", "broad-en-de-fast", "broad-de-en", "broad-de-en-fast"])
def test_shipped_models_say_the_number_of_the_source(model: str) -> None:
    translator = Translator.load(CHECKPOINTS / model, device="cpu", threads=1)
    is_english = translator.source_language == "en"
    own, other = (english, german) if is_english else (german, english)
    frames = ["She is {} years old.", "There were {} people in the room."]
    if not is_english:
        frames = ["Sie ist {} Jahre alt.", "Es waren {} Leute im Zimmer."]
    numbers = [*range(21, 100, 4), 17, 80, 350, 512, 40_000]
    asked = [(frame.format(own(number)), other(number)) for frame in frames for number in numbers]
    for (sentence, expected), found in zip(asked, translator.translate([one for one, _ in asked]), strict=True):
        assert expected in found.text.lower(), (sentence, found.text)


def test_a_number_has_the_capitals_of_its_sentence() -> None:
    translator = Translator.load(CHECKPOINTS / "broad-en-de", device="cpu", threads=1)
    texts = ["Twenty-one people came.", "THE SHOP HAS TWENTY-ONE BOOKS."]
    first, second = (one.text for one in translator.translate(texts))
    assert first.startswith("Einundzwanzig ")
    assert "EINUNDZWANZIG" in second

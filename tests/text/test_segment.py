"""Sentence splitting: nothing is lost, and sentences are what a translator can take."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.config.sentences import Split
from nmt.errors import InputError
from nmt.text.segment import Segmentation, segment

SEAMS = st.sampled_from(
    [
        *("\n", "\r\n", "\r", "\n\n", "\n  ", "\t", "  ", "\u2028", "\x85", "\x00", "\u3000", "\ufeff"),
        *(". ", "! ", "。", "„", "“ ", "-", "- ", "3) ", "(", "2. ", "z. B. ", "etc. "),
        *("😀", "ß", "Das ist", "ein Satz", "句子"),
    ]
)
TEXTS = st.lists(st.one_of(SEAMS, st.text(max_size=30)), max_size=20).map("".join)
LANGUAGES = st.sampled_from(["de", "en", "fr", "es", "zh", "ar", "xx"])
SPLITS: st.SearchStrategy[Split] = st.sampled_from(["none", "sentences", "nonewlines"])


def rejoined(segmentation: Segmentation) -> str:
    return segmentation.join(segmentation.sentences)


@given(TEXTS, LANGUAGES, SPLITS, st.integers(1, 40))
def test_any_text_comes_back_exactly(text: str, language: str, split: Split, max_characters: int) -> None:
    result = segment(text, language=language, split=split, max_characters=max_characters)
    assert rejoined(result) == text
    assert len(result.separators) == len(result.sentences) + 1
    if split != "nonewlines":
        assert result.wraps == ()
    if not result.wraps:
        parts = [result.separators[0]]
        for sentence, separator in zip(result.sentences, result.separators[1:], strict=True):
            parts += (sentence, separator)
        assert "".join(parts) == text


@given(TEXTS, LANGUAGES, SPLITS, st.integers(1, 40))
def test_sentences_are_short_trimmed_and_on_one_line(text: str, language: str, split: Split, max_characters: int) -> None:
    for sentence in segment(text, language=language, split=split, max_characters=max_characters).sentences:
        assert 0 < len(sentence) <= max_characters
        assert sentence == sentence.strip()
        assert len(sentence.splitlines()) == 1
        assert any(character.isalnum() for character in sentence)


@given(TEXTS, LANGUAGES, SPLITS, st.integers(1, 40))
def test_no_letter_is_left_between_sentences(text: str, language: str, split: Split, max_characters: int) -> None:
    separators = segment(text, language=language, split=split, max_characters=max_characters).separators
    assert not any(character.isalnum() for character in "".join(separators))


@given(TEXTS, LANGUAGES, SPLITS, st.integers(1, 40), st.integers(4, 20))
def test_what_does_not_fit_is_split_until_it_does(
    text: str, language: str, split: Split, max_characters: int, max_bytes: int
) -> None:
    def fits(sentence: str) -> bool:
        return len(sentence.encode(errors="replace")) <= max_bytes

    whole = segment(text, language=language, split=split, max_characters=max_characters)
    result = segment(text, language=language, split=split, max_characters=max_characters, fits=fits)
    assert rejoined(result) == text
    assert all(map(fits, result.sentences))
    assert not any(character.isalnum() for character in "".join(result.separators))
    if all(map(fits, whole.sentences)):
        assert result == whole


@given(TEXTS, LANGUAGES)
def test_a_wrapped_text_has_the_characters_of_its_lines(text: str, language: str) -> None:
    def solid(characters: str) -> str:
        return "".join(character for character in characters if character.isalnum())

    assert solid("".join(segment(text, language=language, split="nonewlines").sentences)) == solid(text)


@given(TEXTS, LANGUAGES, st.lists(st.text("ab \u00e4.", max_size=12), min_size=60, max_size=60))
def test_line_ends_take_the_places_of_blanks_and_change_nothing_else(text: str, language: str, words: list[str]) -> None:
    def solid(characters: str) -> str:
        return "".join(characters.replace("\ufeff", " ").split())

    result = segment(text, language=language, split="nonewlines")
    translations = [words[index % len(words)] for index in range(len(result.sentences))]
    plain = Segmentation(result.sentences, result.separators)
    assert solid(result.join(translations)) == solid(plain.join(translations))


def test_sentences_paragraphs_and_indentation() -> None:
    text = "  Guten Morgen!  Wie geht es dir?\n\n\tDr. Müller kommt um 3.30 Uhr.\n"
    result = segment(text, language="de")
    assert result.sentences == ("Guten Morgen!", "Wie geht es dir?", "Dr. Müller kommt um 3.30 Uhr.")
    assert result.separators == ("  ", "  ", "\n\n\t", "\n")
    assert result.join(["A!", "B?", "C."]) == "  A!  B?\n\n\tC.\n"


@pytest.mark.parametrize("text", ["", "\n", " \t\r\n ", "\ufeff", "---\n***", "😀", "\x00"])
def test_a_text_with_nothing_to_translate_has_no_sentence(text: str) -> None:
    assert segment(text, language="de") == Segmentation((), (text,))


def test_a_long_sentence_is_split_after_a_clause() -> None:
    text = "Als ich gestern nach Hause kam, war niemand da und es war dunkel"
    assert segment(text, language="de", max_characters=40).sentences == (
        "Als ich gestern nach Hause kam,",
        "war niemand da und es war dunkel",
    )


def test_a_long_clause_is_split_at_a_space_and_a_long_word_anywhere() -> None:
    assert segment("eins zwei drei vier", language="de", max_characters=10).sentences == ("eins zwei", "drei vier")
    assert segment("a" * 25, language="de", max_characters=10).sentences == ("a" * 10, "a" * 10, "a" * 5)
    assert segment("1,234,567 Euro", language="en", max_characters=12).sentences == ("1,234,567", "Euro")


def test_a_sentence_of_just_the_limit_is_left_whole() -> None:
    assert segment("a" * 10, language="de", max_characters=10).sentences == ("a" * 10,)


def test_a_long_sentence_is_not_cut_between_a_number_and_its_noun() -> None:
    text = "das war lange vor dem 2. Weltkrieg und niemand wusste davon"
    assert segment(text, language="de", max_characters=26).sentences[0] == "das war lange vor dem"


def test_without_splitting_a_line_is_one_sentence() -> None:
    result = segment("Ja. Nein! Wer?\nEnde. Aus.", language="de", split="none")
    assert result.sentences == ("Ja. Nein! Wer?", "Ende. Aus.")
    assert segment("Ja. Nein! Wer?", language="de", split="none", max_characters=9).sentences == ("Ja. Nein!", "Wer?")


def test_columns_are_apart_and_blanks_within_a_sentence_are_not() -> None:
    text = "  Name:    Anna     Preis:   5 €\nEr sagte   nichts   Neues."
    result = segment(text, language="de")
    assert result.sentences == ("Name:", "Anna", "Preis:", "5 €", "Er sagte   nichts   Neues.")
    assert rejoined(result) == text
    assert segment(text, language="de", split="none").sentences == tuple(text.strip().split("\n"))


def test_wrapped_lines_are_read_as_one_and_paragraphs_are_not() -> None:
    text = (
        "Wenn eine Zeile kein Verb\nenthält, ist sie\r\nfalsch. Das ist am\n3. Mai so.\n\n"
        "Liste:\n- Milch und\n  Brot\n* Käse\n    Eingerückt\n    weiter\nEnde.\n1. Öffnen Sie\n   sie\n2. Klicken Sie\n"
    )
    result = segment(text, language="de", split="nonewlines")
    assert result.sentences == (
        "Wenn eine Zeile kein Verb enthält, ist sie falsch.",
        "Das ist am 3. Mai so.",
        "Liste:",
        "- Milch und Brot",
        "* Käse",
        "Eingerückt weiter",
        "Ende.",
        "1. Öffnen Sie sie",
        "2. Klicken Sie",
    )
    assert result.separators == ("", " ", "\n\n", "\n", "\n", "\n    ", "\n", "\n", "\n", "\n")
    assert rejoined(result) == text


def test_line_ends_come_back_at_the_same_share_of_the_translation() -> None:
    result = segment("> ein zwei drei\n  vier fünf sechs", language="de", split="nonewlines")
    assert result.sentences == ("> ein zwei drei vier fünf sechs",)
    assert result.join(["> one two three four five six"]) == "> one two three\n  four five six"
    assert result.join(["> one"]) == ">\n  one"
    assert result.join([">one"]) == ">one"
    two = segment("a b\nc d\ne f", language="de", split="nonewlines")
    assert two.join(["one two three four five six"]) == "one two\nthree four\nfive six"
    assert two.join(["one two"]) == "one\ntwo"
    assert two.join(["onetwothreefour five six"]) == "onetwothreefour\nfive\nsix"


def test_chinese_lines_are_joined_without_a_blank() -> None:
    result = segment("这是一个\n句子。", language="zh", split="nonewlines")
    assert result.sentences == ("这是一个句子。",)
    assert rejoined(result) == "这是一个\n句子。"


def test_an_unknown_way_to_split_is_refused() -> None:
    with pytest.raises(InputError, match="split 'lines' should be one of none, sentences, nonewlines"):
        segment("Ja.", language="de", split="lines")  # type: ignore[arg-type]


@pytest.mark.parametrize("split", ["none", "sentences", "nonewlines"])
@pytest.mark.parametrize(
    "unit",
    [
        "a",
        ", ",
        "Ein Wort ",
        "\n",
        " ",
        "Ja. ",
        "Dr. ",
        "2. ",
        "!",
        "! ",
        ". ",
        "...",
        "… ",
        '"',
        "(usw. Das ",
        "Ja.\n",
        "- a\n",
        "a)",
        "A   ",
        "A   a",
    ],
)
def test_time_grows_with_the_length_not_its_square(unit: str, split: Split) -> None:
    text = unit * (40_000 // len(unit)) + "x"  # a quadratic search takes seconds, not hours
    begin = time.process_time()
    assert rejoined(segment(text, language="de", split=split)) == text
    assert time.process_time() - begin < 2


def test_join_wants_one_translation_for_each_sentence() -> None:
    with pytest.raises(ValueError, match="2 translations for 1 sentences"):
        segment("Ja.", language="de").join(["a", "b"])


def test_max_characters_must_leave_room() -> None:
    with pytest.raises(ValueError, match="max_characters 0"):
        segment("Ja.", language="de", max_characters=0)

"""Sentence splitting: nothing is lost, and sentences are what a translator can take."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.text.segment import Segmentation, segment

SEAMS = st.sampled_from(
    ["\n", "\r\n", "\t", "  ", "\u2028", "\x85", "\x00", "\u3000", ". ", "! ", "。", "„", "“ ", "-", "😀", "\ufeff", "ß"]
)
TEXTS = st.lists(st.one_of(SEAMS, st.text(max_size=30)), max_size=20).map("".join)
LANGUAGES = st.sampled_from(["de", "en", "zh", "ar", "xx"])


def rejoined(segmentation: Segmentation) -> str:
    return segmentation.join(segmentation.sentences)


@given(TEXTS, LANGUAGES, st.integers(1, 40))
def test_any_text_comes_back_exactly(text: str, language: str, max_characters: int) -> None:
    result = segment(text, language=language, max_characters=max_characters)
    assert rejoined(result) == text
    assert len(result.separators) == len(result.sentences) + 1


@given(TEXTS, LANGUAGES, st.integers(1, 40))
def test_sentences_are_short_trimmed_and_on_one_line(text: str, language: str, max_characters: int) -> None:
    for sentence in segment(text, language=language, max_characters=max_characters).sentences:
        assert 0 < len(sentence) <= max_characters
        assert sentence == sentence.strip()
        assert len(sentence.splitlines()) == 1
        assert any(character.isalnum() for character in sentence)


@given(TEXTS, LANGUAGES, st.integers(1, 40))
def test_no_letter_is_left_between_sentences(text: str, language: str, max_characters: int) -> None:
    separators = segment(text, language=language, max_characters=max_characters).separators
    assert not any(character.isalnum() for character in "".join(separators))


@given(TEXTS, LANGUAGES, st.integers(1, 40), st.integers(4, 20))
def test_what_does_not_fit_is_split_until_it_does(text: str, language: str, max_characters: int, max_bytes: int) -> None:
    def fits(sentence: str) -> bool:
        return len(sentence.encode(errors="replace")) <= max_bytes

    whole = segment(text, language=language, max_characters=max_characters)
    result = segment(text, language=language, max_characters=max_characters, fits=fits)
    assert rejoined(result) == text
    assert all(map(fits, result.sentences))
    assert not any(character.isalnum() for character in "".join(result.separators))
    if all(map(fits, whole.sentences)):
        assert result == whole


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


def test_time_grows_with_the_length_not_its_square() -> None:
    begin = time.process_time()
    for text in ("a" * 300_000, ", " * 150_000, "Ein Wort " * 33_000, "\n" * 300_000, " " * 300_000, "Ja. " * 75_000):
        assert rejoined(segment(text, language="de")) == text
    assert time.process_time() - begin < 15


def test_join_wants_one_translation_for_each_sentence() -> None:
    with pytest.raises(ValueError, match="2 translations for 1 sentences"):
        segment("Ja.", language="de").join(["a", "b"])


def test_max_characters_must_leave_room() -> None:
    with pytest.raises(ValueError, match="max_characters 0"):
        segment("Ja.", language="de", max_characters=0)

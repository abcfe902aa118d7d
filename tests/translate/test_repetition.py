"""Loops that a source does not have are cut out; what a language doubles by itself stays."""

from __future__ import annotations

import pytest

from nmt.translate.repetition import repeats, said_once, without_loops
from nmt.translate.result import Hypothesis


def hypothesis(text: str) -> Hypothesis:
    tokens = tuple(f"\u2581{word}" for word in text.split())
    return Hypothesis(text=text, score=-1, log_probability=-1, tokens=tokens, attention=tuple((1.0,) for _ in tokens))


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Monday Monday", "Monday"),
        ("Speichern speichern", "Speichern"),
        ("Stuhlstuhl", "Stuhl"),
        ("However, however, it works.", "However, it works."),
        ("press Enter again, press Enter again.", "press Enter again."),
        ("by the best results of the best results.", "by the best results."),
        ("a b c a b c a b c d", "a b c d"),
        ("die Leute, die die Tür öffnen", "die Leute, die die Tür öffnen"),
        ("I know that that is right.", "I know that that is right."),
        ("5 5 5", "5 5 5"),
    ],
)
def test_a_loop_is_said_once(text: str, cut: str) -> None:
    found = without_loops(hypothesis(text), "Etwas ganz anderes.")
    assert found.text == cut
    assert len(found.attention) == len(found.tokens)
    if text != "Stuhlstuhl":
        assert len(found.tokens) == len(cut.split())


@pytest.mark.parametrize(
    ("text", "source", "cut"),
    [
        ("x = 1; -- -- -- -- --", "x = 1; --", "x = 1; --"),
        ("und/oder/oder", "and/or", "und/oder"),
        ("A/B und/oder//oder//oder//", "A/B, and/or", "A/B und/oder"),
        ("read/write/write", "lesen/schreiben/schreiben", "read/write/write"),
        ("/usr/usr", "/usr/usr", "/usr/usr"),
        ("yes yes yes yes yes yes", "ja ja ja", "yes yes yes"),
        ("Please, please, please, please.", "Bitte, bitte.", "Please, please."),
        ("* * *", "* * *", "* * *"),
        ("+, -, *, *, /, %", "+, -, *, /, %", "+, -, *, *, /, %"),
        ("5 5 5 5", "5 5", "5 5 5 5"),
        ("I know that that is right.", "Ich weiß das.", "I know that that is right."),
    ],
)
def test_a_run_is_no_longer_than_those_of_the_source(text: str, source: str, cut: str) -> None:
    found = without_loops(hypothesis(text), source)
    assert found.text == cut
    assert len(found.tokens) == len(found.attention) == len(cut.split())


@pytest.mark.parametrize(
    ("text", "source", "cut"),
    [
        ("date (MM.YYYYYYYYYYYY)", "Datum (MM.JJJJ)", "date (MM.YYYY)"),
        ("a[b]]]]]]]]]", "a[b]", "a[b]]]"),
        ("Nooooo!!!!!!", "Neeeeein!!!", "Nooooo!!!!!"),
        ("100000000 or 5", "Eins", "100000000 or 5"),
    ],
)
def test_a_run_of_one_character_is_no_longer_than_those_of_the_source(text: str, source: str, cut: str) -> None:
    assert without_loops(hypothesis(text), source).text == cut


def test_a_source_that_repeats_itself_may_be_repeated() -> None:
    assert without_loops(hypothesis("No, no, no!"), "Nein, nein, nein!").text == "No, no, no!"
    assert without_loops(hypothesis("again again"), "wieder wieder").text == "again again"


def test_a_word_said_several_times_is_said_no_more_often() -> None:
    assert without_loops(hypothesis("la L la L la L la L la L la L la"), "la la la la la la").text == "la la la la la la"
    assert without_loops(hypothesis("nein nein nein"), "no no no").text == "nein nein nein"


def test_forms_of_one_word_for_one_word_are_a_repetition() -> None:
    assert repeats("apple of an apple", "Apfel")
    assert not repeats("to run", "laufen")
    assert not repeats("apple of an apple", "Apfel vom Apfel")


def test_the_translation_of_a_single_word_ends_where_it_begins_again() -> None:
    for text, once in (("le lait lait du lait", "le lait"), ("car cars.", "car"), ("Le beurre.", "Le beurre."), ("", "")):
        assert said_once(hypothesis(text)).text == once

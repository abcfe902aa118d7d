"""Masks: what the model is shown in the place of spans, and how spans come back."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nmt.text.spans import Span, characters_of, find_spans
from nmt.translate.protect import FREE_NUMBERS, WORDS, Masked, mask, says_something
from nmt.translate.result import Hypothesis, SentenceTranslation
from nmt.translate.tidy import tidied

CHARACTERS = characters_of(["abcdefghijklmnopqrstuvwxyz", "ßäöü", "–„“"])
SPANS = [
    "{name}",
    "%s",
    "$t(key)",
    "user@example.org",
    "https://example.org/a?b=1",
    "`x = 1`",
    "5 €",
    "Łódź",
    "12.345.678",
    "7",
    "$63.13",
    "-8",
    "9 %",
]
WORD = st.sampled_from(["hund", "Haus", "läuft", "und", "über", "a"])


def pieces_of(text: str) -> tuple[str, ...]:
    """Two letters or one sign each, as a small vocabulary might have them."""
    return tuple(("\u2581" if match[1] else "") + match[2] for match in re.finditer(r"(^|\s)?(\w{1,2}|[^\w\s])", f" {text}"))


def by(text: str, source: tuple[str, ...] = ()) -> Hypothesis:
    tokens = pieces_of(text)
    rows = tuple(tuple(1 / len(source) for _ in source) for _ in tokens) if source else ()
    return Hypothesis(text=text, score=-1.0, log_probability=-1.0, tokens=tokens, attention=rows)


def masked(sentence: str, *, soft: bool = False, without: str = "", shows_markers: bool = True) -> Masked | None:
    tidy = tidied(sentence)
    spans = find_spans(tidy.text, CHARACTERS)
    return mask(tidy, tidy.text, spans, lambda word: word != without, soft=soft, shows_markers=shows_markers)


@st.composite
def sentences(draw: st.DrawFn) -> str:
    """Words and at most four spans, in brackets and with commas now and then."""
    parts = draw(st.lists(st.one_of(WORD, st.sampled_from(SPANS).map(lambda span: f"\0{span}")), min_size=1, max_size=9))
    assume(sum(part.startswith("\0") for part in parts) <= 4)
    written = [draw(st.sampled_from(["{}", "{}", "({})", "{},", "„{}“"])).replace("{}", part.strip("\0")) for part in parts]
    return f"Wort {' '.join(written)} Ende"


@given(sentences(), st.booleans())
def test_a_model_that_leaves_all_as_it_is_gives_the_sentence_back(sentence: str, soft: bool) -> None:
    shown = masked(sentence, soft=soft)
    assume(shown is not None)
    assert shown is not None
    restored = shown.restored(by(shown.text))
    assert restored is not None
    assert restored.text == sentence
    assert shown.keeps(shown.text)


@given(sentences(), st.booleans())
def test_whatever_the_order_each_span_comes_back_once(sentence: str, soft: bool) -> None:
    """The words of the translation are those of the masked text backwards, so that masks move."""
    shown = masked(sentence, soft=soft)
    assume(shown is not None)
    assert shown is not None
    restored = shown.restored(by(" ".join(reversed(re.findall(r"[\w.]+", shown.text))) + "!"))
    if restored is None:  # two numbers that now stand side by side are read as one
        assert any(one[0].isdigit() for one in shown.masks)
        return
    shown_as_masks = " ".join(sentence[span.start : span.end] for span in shown.spans)
    for own in SPANS[:8]:  # others are digits, which may stand in one another
        assert restored.text.count(own) >= shown_as_masks.count(own), restored.text
        assert restored.text.count(own) <= sentence.count(own), restored.text
    assert not any(re.search(rf"(?<!\w){word}(?!\w)", restored.text) for word in shown.masks if word in WORDS)


@given(sentences())
def test_a_mask_that_is_lost_or_doubled_is_told(sentence: str) -> None:
    shown = masked(sentence)
    assume(shown is not None and shown.masks)
    assert shown is not None
    first = shown.masks[0]
    assert shown.restored(by(re.sub(rf"(?<!\w){re.escape(first)}(?!\w)", "nichts", shown.text))) is None
    assert shown.restored(by(f"{shown.text} und {first}")) is None
    if first in WORDS:
        assert shown.restored(by(f"{shown.text} und {first.lower()}")) is None


@given(sentences(), st.booleans())
def test_no_mask_is_in_the_sentence_already(sentence: str, soft: bool) -> None:
    shown = masked(f"{sentence} XX ABC 12", soft=soft, without="XML")
    assume(shown is not None)
    assert shown is not None
    own = [one for one in shown.masks if one in (*WORDS, *FREE_NUMBERS)]
    assert not {"XX", "ABC", "XML"} & set(own)
    assert len(set(shown.masks)) == len(shown.masks)


@given(sentences())
def test_tokens_and_attention_fit_each_other(sentence: str) -> None:
    shown = masked(sentence, soft=True)
    assume(shown is not None)
    assert shown is not None
    source = pieces_of(shown.text)
    restored = shown.restored(by(f"{shown.text} so", source))
    assert restored is not None
    found = SentenceTranslation(source=shown.text, source_tokens=source, hypotheses=(restored,))
    whole = shown.restored_source(found, [restored])
    [hypothesis] = whole.hypotheses
    assert whole.source == sentence
    assert "".join(whole.source_tokens).replace("\u2581", "").replace(" ", "") == sentence.replace(" ", "")
    assert len(hypothesis.attention) == len(hypothesis.tokens)
    assert all(len(row) == len(whole.source_tokens) for row in hypothesis.attention)
    assert all(sum(row) == pytest.approx(1.0) for row in hypothesis.attention)


def test_more_spans_than_masks_cannot_be_masked() -> None:
    assert masked("Wort " + " und ".join(["{a}"] * len(WORDS))) is not None
    assert masked("Wort " + " und ".join(["{a}"] * (len(WORDS) + 1))) is None


def test_signs_at_an_end_are_not_shown_and_come_back_with_their_blanks() -> None:
    shown = masked("😀 Hallo {name} 🎉")
    assert shown is not None
    assert shown.text == "Hallo XX"
    found = SentenceTranslation(source=shown.text, source_tokens=("\u2581Hallo", "\u2581XX"), hypotheses=())
    restored = shown.restored(by("Hello XX"))
    assert restored is not None
    assert shown.restored_source(found, [restored]).hypotheses[0].text == "😀 Hello {name} 🎉"


def test_what_a_line_of_a_list_begins_with_is_shown_as_a_dash_unless_there_is_one() -> None:
    for marker in ("*", "+", "a)", "(b)", "2)", "- [x]", "> *", "##"):
        shown = masked(f"{marker} Milch")
        assert shown is not None
        assert shown.text == "- Milch"
        for own in ("- milk", "– milk"):
            restored = shown.restored(shown.as_shown(by(own)))
            assert restored is not None
            assert restored.text == f"{marker} milk"
        assert shown.restored(by("milk")) is None
    shown = masked("* Milch - Brot")
    assert shown is not None
    assert shown.text == "Milch - Brot"
    for marker in ("*", "a)", "- [x]"):
        shown = masked(f"{marker} Milch", shows_markers=False)
        assert shown is not None
        assert (shown.text, shown.ends) == ("Milch", (f"{marker} ", ""))
    for remark in ("*", "**"):
        shown = masked(f"{remark}Milch")
        assert shown is not None
        assert (shown.text, shown.ends) == ("Milch", (remark, ""))
    for line in ("*Milch*", "1. Milch", "a Milch", "A)Milch", "- Milch"):
        shown = masked(line)
        assert shown is not None
        assert shown.text == line


def test_a_name_with_digits_is_kept_by_itself_only() -> None:
    shown = masked("He lives at 221B Baker Street.")
    assert shown is not None
    assert shown.keeps("Er wohnt in 221B Baker Street.")
    assert not shown.keeps("Er wohnt in 221Baker Street.")


def test_a_soft_span_that_has_other_words_is_looked_for_in_these() -> None:
    tidy = tidied("Er ist aus Polen.")
    span = Span(11, 16, soft=True, translation="Poland", kept=r"(?<!the )\bPoland\b")
    one = mask(tidy, tidy.text, [span], lambda _: True, soft=False)
    assert one is not None
    assert one.keeps("He is from Poland.")
    assert not one.keeps("He is from Polen.")
    assert not one.keeps("He is from the Poland.")
    hidden = mask(tidy, tidy.text, [span], lambda _: True, soft=True)
    assert hidden is not None
    restored = hidden.restored(by(f"He is from {hidden.masks[0]}."))
    assert restored is not None
    assert restored.text == "He is from Poland."


def test_a_translation_of_a_span_stands_in_its_place() -> None:
    tidy = tidied("Wo ist der Bahnhof?")
    shown = mask(tidy, tidy.text, [Span(11, 18, translation="depot")], lambda _: True, soft=False)
    assert shown is not None
    restored = shown.restored(by("Where is the XX?"))
    assert restored is not None
    assert restored.text == "Where is the depot?"


@pytest.mark.parametrize(
    ("source", "translation", "kept"),
    [
        ("It costs $63.13.", "Es kostet 63,13.", False),
        ("It costs $63.13.", "Es kostet $63,13.", True),
        ("It costs $63.13.", "Es kostet 63,13 Dollar.", True),
        ("From US$ 5 to $ 9.", "Von 5 $ auf 9.", False),
        ("It is -5 degrees.", "Es sind 5 Grad.", False),
        ("It is -5 degrees.", "Es sind -5 Grad.", True),
        ("About 12 % agree.", "Etwa 12 stimmen zu.", False),
        ("About 12 % agree.", "Etwa 12 Prozent stimmen zu.", True),
        ("See #5 for 7+ reasons.", "Siehe #5 für 7 Gründe.", False),
        ("See #5 for 7+ reasons.", "Siehe #5 für 7+ Gründe.", True),
        ("It costs 12,- euros", "Es kostet 12, Euro", False),
        ("It costs 12,- euros", "Es kostet 12,- Euro", True),
        ("2 + 2 = 4", "2 2 4", False),
        ("Smith & Sons", "Smith Söhne", False),
        ("Smith & Sons", "Smith und Söhne", True),
        ("Pages 5-7 of COVID-19", "Seiten 5-7 von COVID-19", True),
        ("Pages 5-7 of COVID-19", "Seiten 5-7 von COVID", False),
        ("The first chapter ..... 5", "Das erste Kapitel ....... 5", False),
        ("The first chapter ..... 5", "Das erste Kapitel ..... 5", True),
        ("The temperature rose between 1850 and 2020.", "1850 und 2020.", False),  # too little is said
        ("The temperature rose between 1850 and 2020.", "Von 1850 bis 2020 stieg sie.", True),
    ],
)
def test_a_sign_beside_a_number_is_kept_or_said_in_words(source: str, translation: str, kept: bool) -> None:
    shown = masked(source)
    assert shown is not None
    assert shown.keeps(translation) is kept


@pytest.mark.parametrize(
    ("source", "translation", "corrected"),
    [
        ("Es waren 250 Leute.", "There were 205 people.", "There were 250 people."),
        ("Um 15:00 ist Schluss.", "It ends at 3:00 p.m. today.", "It ends at 15:00 today."),
        ("Von 10 bis 20 Leute.", "From 11 to 21 people.", "From 10 to 20 people."),
        ("Er lief 10 km in 48 Minuten.", "He ran 48 km in 48 minutes.", "He ran 10 km in 48 minutes."),
        ("Er lief 10 km in 48 Minuten.", "He ran 10 km in 10 minutes.", "He ran 10 km in 48 minutes."),
        ("Von 3 bis 15 und 20.", "From 20 to 15 and 20.", "From 3 to 15 and 20."),
        ("Es waren 1.250 Leute.", "There were 1,250 people.", "There were 1,250 people."),
        ("Von 10 bis 20 Leute.", "From 11 people.", "From 11 people."),  # not one for each
    ],
)
def test_a_number_that_came_out_as_another_is_put_right(source: str, translation: str, corrected: str) -> None:
    shown = masked(source)
    assert shown is not None
    assert shown.corrected(by(translation)).text == corrected
    assert shown.keeps(corrected) is (corrected != translation or "1,250" in translation)


@pytest.mark.parametrize(
    ("source", "translation", "restored"),
    [
        ("Es sind ({n}) neue.", "There are ( XX ) new ones.", "There are ({n}) new ones."),
        ("Siehe „{name}“ an.", "See „ XX “ here.", "See „{name}“ here."),
        ("Siehe „{name}“ an.", "See “ XX ” here.", "See “{name}” here."),
        ("Der {name}-Dienst.", "The XX -service.", "The {name}-service."),
        ("Es sind {n} neue.", "There are XX new ones.", "There are {n} new ones."),
    ],
)
def test_a_span_touches_what_it_touched(source: str, translation: str, restored: str) -> None:
    shown = masked(source)
    assert shown is not None
    found = shown.restored(by(translation))
    assert found is not None
    assert found.text == restored


def test_a_short_form_at_the_end_of_a_sentence_has_one_full_stop() -> None:
    sentence = "Bei Sons, Inc. kauft er."
    shown = mask(tidied(sentence), sentence, [Span(4, 14, soft=True)], lambda _: True, soft=True)
    assert shown is not None
    restored = shown.restored(by(f"He buys at {shown.masks[0]}."))
    assert restored is not None
    assert restored.text == "He buys at Sons, Inc."


def test_masks_alone_say_nothing() -> None:
    shown = masked("Hallo {name}!")
    assert shown is not None
    assert not says_something(shown, "XX!")
    assert says_something(shown, "Hello XX!")
    line = masked("2. Tee hineingeben")
    assert line is not None
    assert not says_something(line, "2.")
    assert says_something(line, "2. Tea")
    price = masked("2. 100 %")
    assert price is not None
    assert says_something(price, "2.")

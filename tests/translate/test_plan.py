"""A plan is driven by hand here: what it asks for, and what it makes of the answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.config.search import SearchOptions
from nmt.config.sentences import Split
from nmt.errors import InputError
from nmt.text.spans import characters_of
from nmt.translate.ask import Ask, Sentence
from nmt.translate.glossary import Entry, Glossary
from nmt.translate.markup.options import FORMATS, Format, Markup
from nmt.translate.plan import Plan, advance, plan
from nmt.translate.result import Hypothesis, SentenceTranslation, Translation
from nmt.translate.shown import Abilities

TEXTS = ["Der Hund schläft. Wo steht mein Fahrrad?\n\tIch weiß es nicht.", "", "Am Morgen regnet es.\r\n", "– – –"]
SENTENCES = ["Der Hund schläft.", "Wo steht mein Fahrrad?", "Ich weiß es nicht.", "Am Morgen regnet es."]


ABILITIES = Abilities(
    source_language="de",
    target_language="en",
    encode=lambda text: [0] * len(text),
    fits=lambda _: True,
    characters=characters_of(["abc", "ßäöü", "–„“"]),
    can_write=lambda _: True,
)


def planned(texts: Sequence[str], options: SearchOptions | None = None, prefixes: Sequence[str] = (), **ways: Any) -> Plan:
    return plan(texts, options or SearchOptions(), abilities=ABILITIES, attention=True, prefixes=prefixes, **ways)


def identity(steps: Plan) -> list[str]:
    """The texts of a plan whose sentences all come back as they were asked."""
    step = advance(steps)
    while isinstance(step, Ask):
        step = advance(steps, [answer(sentence, sentence.text) for sentence in step.sentences])
    return [translation.text for translation in step]


def answer(sentence: Sentence, *texts: str, log_probability: float = -1.0) -> SentenceTranslation:
    hypotheses = tuple(
        Hypothesis(text=text, score=-1.0, log_probability=log_probability, tokens=(), attention=()) for text in texts
    )
    return SentenceTranslation(source=sentence.text, source_tokens=("▁x",), hypotheses=hypotheses)


def asked(step: Ask | list[Translation]) -> Ask:
    assert isinstance(step, Ask)
    return step


def finished(step: Ask | list[Translation]) -> list[Translation]:
    assert isinstance(step, list)
    return step


def test_it_asks_once_for_the_sentences_of_all_texts_and_puts_them_back() -> None:
    steps = planned(TEXTS)
    ask = asked(advance(steps))
    assert [sentence.text for sentence in ask.sentences] == SENTENCES
    assert ask.attention
    translations = finished(advance(steps, [answer(sentence, f"<{sentence.text}>") for sentence in ask.sentences]))
    assert [translation.text for translation in translations] == [
        "<Der Hund schläft.> <Wo steht mein Fahrrad?>\n\t<Ich weiß es nicht.>",
        "",
        "<Am Morgen regnet es.>\r\n",
        "– – –",
    ]
    assert [translation.source for translation in translations] == TEXTS


# Without vowels: Hypothesis draws words of the tables of the program, too, such as numbers, which are not left to the model.
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="AEIOUaeiou"), max_size=60), max_size=4))
def test_a_text_whose_sentences_come_back_comes_back_itself(texts: list[str]) -> None:
    assert identity(planned(texts)) == texts


def test_a_sentence_with_fewer_hypotheses_lends_its_last_to_the_rest() -> None:
    steps = planned(["Der Hund schläft. Es regnet."], SearchOptions(n_best=3))
    first, second = asked(advance(steps)).sentences
    (translation,) = finished(advance(steps, [answer(first, "A", "B", "C"), answer(second, "X", "Y")]))
    assert translation.texts == ("A X", "B Y", "C Y")


def test_a_prefix_is_for_the_first_sentence_of_its_text() -> None:
    steps = planned(TEXTS, prefixes=["The", "lost", "In", "lost"])
    assert [sentence.prefix for sentence in asked(advance(steps)).sentences] == ["The", "", "", "In"]
    with pytest.raises(InputError, match="one for each of the 4 texts"):
        advance(planned(TEXTS, prefixes=["The"]))


def test_a_phrase_goes_to_the_sentence_that_loses_least_by_it() -> None:
    options = SearchOptions(required=("dog", "bicycle"), n_best=2)
    steps = planned(TEXTS, options)
    trials = asked(advance(steps))
    assert not trials.attention
    assert trials.options == SearchOptions(n_best=1)
    wishes = [(sentence.text, sentence.required) for sentence in trials.sentences]
    assert wishes == [(text, required) for required in ((), ("dog",), ("bicycle",)) for text in SENTENCES]
    free = [-1.0, -2.0, -3.0, -4.0]
    losses = {"dog": [-0.5, -0.75, -9.0, -9.0], "bicycle": [-7.0, -6.0, -5.0, -8.0]}
    log_probabilities = [*free, *(own + loss for phrase in losses for own, loss in zip(free, losses[phrase], strict=True))]
    answers = [
        answer(sentence, "x", log_probability=value)
        for sentence, value in zip(trials.sentences, log_probabilities, strict=True)
    ]
    ask = asked(advance(steps, answers))
    assert [sentence.required for sentence in ask.sentences] == [("dog",), (), ("bicycle",), ("dog", "bicycle")]
    assert ask.options == SearchOptions(n_best=2)


def test_a_phrase_goes_to_no_sentence_that_cannot_have_it() -> None:
    steps = planned(["Der Hund schläft. Es regnet."], SearchOptions(required=("dog",)))
    trials = asked(advance(steps)).sentences
    values = [-1.0, -1.0, -math.inf, -50.0]
    answers = [answer(one, "x", log_probability=value) for one, value in zip(trials, values, strict=True)]
    assert [sentence.required for sentence in asked(advance(steps, answers)).sentences] == [(), ("dog",)]


def test_texts_of_one_sentence_need_no_trial() -> None:
    steps = planned(["Der Hund schläft.", "Es regnet."], SearchOptions(required=("dog",)))
    assert [sentence.required for sentence in asked(advance(steps)).sentences] == [("dog",), ("dog",)]


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(InputError, match="a text should be a string, not int"):
        advance(planned([3]))  # type: ignore[list-item]


WRAPPED = "Der Hund\nschläft. Es regnet\noft.\n\nWo steht\r\nmein Fahrrad?"


@pytest.mark.parametrize(
    ("split", "sentences"),
    [
        ("none", ["Der Hund", "schläft. Es regnet", "oft.", "Wo steht", "mein Fahrrad?"]),
        ("sentences", ["Der Hund", "schläft.", "Es regnet", "oft.", "Wo steht", "mein Fahrrad?"]),
        ("nonewlines", ["Der Hund schläft.", "Es regnet oft.", "Wo steht mein Fahrrad?"]),
    ],
)
def test_sentences_end_where_a_user_says(split: Split, sentences: list[str]) -> None:
    asked_for = asked(advance(planned([WRAPPED], split_sentences=split))).sentences
    assert [sentence.text for sentence in asked_for] == sentences
    assert identity(planned([WRAPPED], split_sentences=split)) == [WRAPPED]


def test_line_ends_within_a_sentence_stay_in_a_translation() -> None:
    steps = planned([WRAPPED], split_sentences="nonewlines")
    ask = asked(advance(steps))
    texts = ["The dog sleeps.", "It rains often.", "Where is my bicycle?"]
    [found] = finished(advance(steps, [answer(*pair) for pair in zip(ask.sentences, texts, strict=True)]))
    assert found.text == "The dog\nsleeps. It rains\noften.\n\nWhere is\r\nmy bicycle?"


@pytest.mark.parametrize("split", ["none", "sentences", "nonewlines"])
@given(texts=st.lists(st.text("ab. \n\r\t-*1<>&/p\u2028", max_size=60), max_size=3), form=st.sampled_from(FORMATS))
def test_whatever_the_sentences_a_text_comes_back_itself(split: Split, texts: list[str], form: Format) -> None:
    assert identity(planned(texts, split_sentences=split, markup=Markup(format=form))) == texts


@pytest.mark.parametrize("form", ["html", "xml"])
def test_lines_of_a_document_go_on_where_a_user_says(form: Format) -> None:
    text = "<p>Der <b>Hund\nschläft</b>. Es\n  regnet.</p>"
    steps = planned([text], split_sentences="nonewlines", markup=Markup(format=form))
    assert [sentence.text for sentence in asked(advance(steps)).sentences] == ["Der Hund schläft.", "Es regnet."]
    assert identity(planned([text], split_sentences="nonewlines", markup=Markup(format=form))) == [text]


def test_an_unknown_way_to_split_is_refused() -> None:
    with pytest.raises(InputError, match="should be one of none, sentences, nonewlines"):
        advance(planned(["Ein Satz."], split_sentences="words"))


def test_a_plain_plan_refuses_what_it_would_ignore() -> None:
    plain = replace(ABILITIES, is_plain=True)
    for ways in ({"glossary": Glossary((Entry("Hund", "hound"),))}, {"localise_numbers": True}):
        with pytest.raises(InputError, match="not for a plain translator"):
            advance(plan(["Ein Hund."], SearchOptions(), abilities=plain, attention=False, **ways))

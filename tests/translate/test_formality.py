"""Formality: what a plan asks for, driven by hand, and what the shipped models make of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import pytest

from nmt import Translator
from nmt.check.formality import address_sentences, has_register
from nmt.config.formality import Formality, has_formality
from nmt.config.search import SearchOptions
from nmt.errors import InputError
from nmt.text.spans import characters_of
from nmt.translate.ask import Ask, Sentence
from nmt.translate.formality import register_of
from nmt.translate.glossary import Entry, Glossary
from nmt.translate.markup.options import Markup
from nmt.translate.plan import advance, plan
from nmt.translate.result import Hypothesis, SentenceTranslation
from nmt.translate.rules.address import Register
from nmt.translate.shown import Abilities

CHECKPOINTS = Path(__file__).parents[2] / "checkpoints"
ABILITIES = Abilities(
    source_language="en",
    target_language="de",
    encode=lambda text: [0] * len(text),
    fits=lambda _: True,
    characters=characters_of(["abcdefghijklmnopqrstuvwxyz", "ßäöü", ".,?!"]),
    can_write=lambda _: True,
)
# None of them says you or tells somebody to do something.
NOBODY = [
    "The dog sleeps in the garden.",
    "They are waiting for her in the hall.",
    "She lost her keys, and they found them.",
    "I think that we should go home.",
    "It was raining when he arrived.",
    "Work is hard, and life is short.",
    "Their house is bigger than ours.",
    "Let's go to the cinema tonight.",
]

Model = Callable[[Sentence], Sequence[tuple[str, float]]]


@pytest.fixture(scope="module", params=["broad-en-de", "broad-en-de-fast"])
def translator(request: pytest.FixtureRequest) -> Translator:
    return Translator.load(CHECKPOINTS / request.param, device="cpu", threads=1)


def drive(texts: Sequence[str], model: Model, formality: Formality, **options: int) -> tuple[list[str], list[Ask]]:
    """The best translation of each text by a plan whose sentences `model` translates, and what it asked for."""
    asks: list[Ask] = []
    steps = plan(texts, SearchOptions(**options), abilities=ABILITIES, attention=False, formality=formality)
    step = advance(steps)
    while isinstance(step, Ask):
        asks.append(step)
        step = advance(steps, [_answer(sentence, model(sentence)) for sentence in step.sentences])
    return [translation.text for translation in step], asks


def _answer(sentence: Sentence, found: Sequence[tuple[str, float]]) -> SentenceTranslation:
    hypotheses = tuple(
        Hypothesis(text=text, score=score, log_probability=score, tokens=("x",), attention=()) for text, score in found
    )
    return SentenceTranslation(source=sentence.text, source_tokens=("x",), hypotheses=hypotheses)


def test_the_register_is_of_the_target_language() -> None:
    assert register_of("more", "de") is register_of("prefer_more", "de-AT") is Register.formal
    assert register_of("less", "de") is register_of("prefer_less", "de") is Register.informal
    assert register_of("default", "de") is register_of("prefer_more", "en") is register_of("prefer_less", "en") is None
    assert (has_formality("de-CH"), has_formality("en")) == (True, False)
    with pytest.raises(InputError, match="'more' is for translations into de, not into en; 'prefer_more' has it"):
        register_of("more", "en")
    with pytest.raises(InputError, match="'less' is for translations into de, not into en-GB; 'prefer_less' has it"):
        register_of("less", "en-GB")
    with pytest.raises(InputError, match="formality 'formal' should be one of default, more"):
        register_of("formal", "de")  # type: ignore[arg-type]


def test_a_sentence_that_has_the_register_or_addresses_nobody_is_asked_for_once() -> None:
    german = {"You are late.": "Sie sind zu spät.", "They are late.": "Sie sind zu spät.", "He is late.": "Er ist zu spät."}
    found, asks = drive([*german], lambda sentence: [(german[sentence.text], -1.0)], "more")
    assert found == [*german.values()]
    assert [sentence.avoided for ask in asks for sentence in ask.sentences] == [()] * 3


def test_only_what_is_in_the_other_register_is_asked_for_without_its_words() -> None:
    def model(sentence: Sentence) -> Sequence[tuple[str, float]]:
        if "du" in sentence.avoided:
            return [("Sie bist zu spät.", -0.9), ("Sie sind zu spät.", -1.2), ("Es ist zu spät.", -0.8)]
        return [("Du bist zu spät." if "You" in sentence.text else "Er ist zu spät.", -1.0)]

    found, (first, second) = drive(["You are late. He is late."], model, "more")
    assert found == ["Sie sind zu spät. Er ist zu spät."]
    assert (len(first.sentences), len(second.sentences)) == (2, 1)
    assert second.sentences[0].text == "You are late."
    assert first.options.n_best == 1 < second.options.n_best


def test_what_is_much_less_probable_is_tried_from_the_first_form_of_address_on() -> None:
    def model(sentence: Sentence) -> Sequence[tuple[str, float]]:
        if sentence.prefix:
            return [("Wenn du klickst, siehst du es.", -2.0)]
        return [("Beim Klicken siehst du es.", -5.0) if sentence.avoided else ("Wenn Sie klicken, sehen Sie es.", -1.0)]

    (found,), asks = drive(["If you click, you see it."], model, "less")
    assert found == "Wenn du klickst, siehst du es."
    assert [sentence.prefix for ask in asks for sentence in ask.sentences] == ["", "", "Wenn du"]


def test_where_nothing_has_the_register_the_first_translation_stays() -> None:
    (found,), asks = drive(["I see you."], lambda _: [("Ich sehe dich.", -1.0)], "more")
    assert found == "Ich sehe dich."
    assert {sentence.carried for sentence in asks[-1].sentences} == {("Sie",)}


def test_a_translation_that_lost_a_number_is_not_taken() -> None:
    def model(sentence: Sentence) -> Sequence[tuple[str, float]]:
        if sentence.avoided:
            return [("Sie haben 3 Hunde.", -0.1), ("Sie haben 30 Hunde.", -0.5)]
        return [("Du hast 30 Hunde.", -1.0)]

    assert drive(["You have 30 dogs."], model, "more")[0] == ["Sie haben 30 Hunde."]


def test_the_n_best_are_those_of_the_register_first() -> None:
    def model(sentence: Sentence) -> Sequence[tuple[str, float]]:
        if sentence.avoided:
            return [("Ihr seid da.", -0.1), ("Sie sind da.", -0.2), ("Sie sind hier.", -0.3)]
        return [("Du bist da.", -0.1), ("Du bist hier.", -0.2)]

    steps = plan(["You are there."], SearchOptions(n_best=2), abilities=ABILITIES, attention=False, formality="more")
    step = advance(steps)
    while isinstance(step, Ask):
        step = advance(steps, [_answer(sentence, model(sentence)) for sentence in step.sentences])
    assert step[0].texts == ("Sie sind da.", "Sie sind hier.")


def test_sampling_has_no_register() -> None:
    with pytest.raises(InputError, match="formality is for beam search; leave out sampling"):
        drive(["You are late."], lambda _: [], "more", sampling=True)


@pytest.mark.slow
@pytest.mark.parametrize("formality", ["more", "less"])
def test_three_hundred_sentences_have_the_register(translator: Translator, formality: Literal["more", "less"]) -> None:
    sentences = address_sentences()
    assert len({sentence.text for sentence in sentences}) == 300
    texts = [sentence.text for sentence in sentences]
    found = translator.translate(texts, attention=False, formality=formality)
    wrong = [
        one.text for sentence, one in zip(sentences, found, strict=True) if not has_register(sentence, one.text, formality)
    ]
    assert 100 * (1 - len(wrong) / len(sentences)) >= 95, wrong


def test_without_formality_and_without_anybody_addressed_translations_stay_to_the_byte(translator: Translator) -> None:
    texts = [*NOBODY, *(sentence.text for sentence in address_sentences()[::10])]
    plain = translator.translate(texts)
    assert translator.translate(texts, formality="default") == plain
    for formality in ("more", "less"):
        assert translator.translate(NOBODY, formality=formality) == plain[: len(NOBODY)]  # type: ignore[arg-type]


@pytest.mark.parametrize(("formality", "pronoun"), [("more", "Sie"), ("less", "du")])
def test_spans_tags_and_terms_stay_as_they_are(
    translator: Translator, formality: Literal["more", "less"], pronoun: str
) -> None:
    (found,) = translator.translate(["Hello {name}, you have {count} new messages. 🎉"], formality=formality)
    assert all(found.text.count(span) == 1 for span in ("{name}", "{count}", "🎉"))
    assert re.search(rf"\b{pronoun}\b", found.text, re.IGNORECASE)
    html = '<p class="x">Do you <b>know</b> the answer?</p>'
    (found,) = translator.translate([html], markup=Markup(format="html"), formality=formality)
    assert all(found.text.count(tag) == 1 for tag in ('<p class="x">', "<b>", "</b>", "</p>"))
    assert re.search(rf"\b{pronoun}\b", found.text, re.IGNORECASE)
    glossary = Glossary((Entry("umbrella", "Regenschutz"),))
    (found,) = translator.translate(["You have forgotten your umbrella."], glossary=glossary, formality=formality)
    assert "Regenschutz" in found.text
    assert re.search(rf"\b{pronoun}\b", found.text, re.IGNORECASE)


def test_what_a_user_asks_for_comes_before_formality(translator: Translator) -> None:
    (found,) = translator.translate(["You are late."], prefixes=["Du bist"], formality="more")
    assert found.text.startswith("Du bist")
    (found,) = translator.translate(["You are late."], SearchOptions(required=("du",)), formality="more")
    assert re.search(r"\bdu\b", found.text)
    (found,) = translator.translate(["How old are you?"], SearchOptions(forbidden=("alt",)), formality="more")
    assert not re.search(r"\balt", found.text)


def test_avoided_words_are_no_part_of_a_translation_and_longer_words_are(translator: Translator) -> None:
    text = "You go through the garden."
    plain, free = translator.answer(
        Ask((Sentence(text), Sentence(text, avoided=("du", "Du"))), SearchOptions(), attention=False)
    )
    assert "Du" in plain.text
    assert not re.search(r"\bdu\b", free.text, re.IGNORECASE)
    assert "durch" in free.text

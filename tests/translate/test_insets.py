"""Brackets and quotations between English and French or Spanish: they are translated apart, and come back."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.word_for_word import ABILITIES, answer, translated

from nmt.text.spans import characters_of
from nmt.translate.ask import Sentence
from nmt.translate.insets import taken_apart
from nmt.translate.markup.options import PLAIN
from nmt.translate.result import Translation

CHARACTERS = characters_of(["abc", "éèêàâçîôûùñáíóú", "«»", "¡¿"])


def between(source: str, target: str, text: str, words: dict[str, str] | None = None) -> Translation:
    """Word for word, with another of `words` for each that is there."""

    def change(part: str) -> str:
        return re.sub(r"\w+", lambda match: (words or {}).get(match[0], match[0]), part)

    abilities = replace(ABILITIES, source_language=source, target_language=target, characters=CHARACTERS)
    return translated(text, PLAIN, change, abilities=abilities)


@pytest.mark.parametrize(
    ("source", "target", "text", "whole"),
    [
        ("en", "fr", '"Maybe," he said.', '"Maybe", he said.'),
        ("en", "fr", "“Wait!” he said.", "«\u00a0Wait!\u00a0» he said."),
        ("en", "es", 'She asked, "Where is it?"', 'She asked: "Where is it?"'),
        ("en", "es", '"Good," said Tom, "and you?"', '"Good", Tom said: "and you?"'),
        ("es", "en", "«Estoy aquí», dijo él.", '"Estoy aquí," él dijo.'),
        ("es", "en", "Dijo: «Estoy aquí».", 'Dijo, "Estoy aquí."'),
        ("fr", "en", "« Alors », ai-je demandé.", '"Alors," j\'ai demandé.'),
        ("fr", "en", "« Alors », dit Marie.", '"Alors," Marie a dit.'),
        ("en", "fr", 'He shouted "Stop!" and ran.', 'He shouted "Stop!" and ran.'),
        ("en", "fr", 'They call him "the king".', 'They call him "the king".'),
        ("en", "fr", '"Very good."', '"Very good."'),
        ("en", "fr", '"Very good.', '"Very good.'),
        ("en", "fr", "The (white) dog is here.", "The (white) dog is here."),
        ("en", "fr", "I'm tired (very tired).", "I'm tired (very tired)."),
        ("en", "fr", "(It is late.)", "(It is late.)"),
        ("en", "fr", "I have a dog, a cat, etc.", "I have a dog, a cat, etc."),
        ("en", "fr", "Are there dogs, etc.?", "Are there dogs, etc.\u00a0?"),
        ("en", "es", "Note: it is late.", "Nota: it is late."),
        ("en", "fr", "Weather: rain", "Weather\u00a0: rain"),
        ("en", "fr", "The three of them:", "The three of them\u00a0:"),
        ("en", "es", "Hello Tom, are you here?", "Hola Tom, are you here?"),
        ("es", "en", "—Tengo sueño —dijo el niño—.", '"Tengo sueño," el niño dijo.'),
        ("es", "en", "—gritó Ana.", "Ana gritó."),
        ("es", "en", "—No lo sé.", '"No lo sé."'),
        ("en", "es", "—No, he said.", "—No, he said."),
        ("en", "fr", 'I am "here" (now), and (very) tired.', 'I am "here" (now), and (very) tired.'),
    ],
)
def test_marks_come_back(source: str, target: str, text: str, whole: str) -> None:
    assert between(source, target, text).text == whole


def test_a_label_that_is_a_term_is_said_by_no_list() -> None:
    abilities = replace(ABILITIES, source_language="en", target_language="fr", characters=CHARACTERS)
    for text in ("Name: Anna", "Name: 5"):
        assert taken_apart(text, abilities) is None
        apart = taken_apart(text, abilities, is_term=lambda word: word == "Name")
        assert apart is not None
        assert apart.texts[0] == "Name"


@pytest.mark.parametrize(
    "text",
    [
        "Elle est marié(e).",
        "There are dog(s) here.",
        "Call (555) 123.",
        "The f(x) function.",
        "(a) It is late.",
        'A 19" screen',
        "See {n, plural, one {# item (new)}} here.",
        "Don't say 'no' to it.",
    ],
)
def test_what_is_no_inset_is_left_to_the_model(text: str) -> None:
    assert taken_apart(text, replace(ABILITIES, source_language="en", target_language="fr", characters=CHARACTERS)) is None


def test_between_german_and_english_sentences_stay_whole() -> None:
    assert taken_apart('"Ja," sagte er (leise).', ABILITIES) is None


def test_words_of_a_bracket_that_are_lost_are_put_at_the_end() -> None:
    lost = {"white": ""}
    assert between("en", "fr", "The (white) dog is here.", lost).text.startswith("The dog is here (")


@pytest.mark.parametrize("text", ['"Yes, he is here," he said.', 'He wrote "I am here!" again.', "I'm tired (very tired)."])
def test_attention_is_that_of_the_words(text: str) -> None:
    apart = taken_apart(text, replace(ABILITIES, source_language="en", target_language="fr", characters=CHARACTERS))
    assert apart is not None
    found = apart.joined([answer(Sentence(part), str) for part in apart.texts])
    best = found.hypotheses[0]
    assert [len(row) for row in best.attention] == [len(found.source_tokens)] * len(best.tokens)
    looked_at = [found.source_tokens[max(range(len(row)), key=row.__getitem__)] for row in best.attention]
    assert looked_at == list(best.tokens)


@given(st.lists(st.sampled_from(["the", "dog", "Tom", "said", "(", ")", " ", '"', "“", "”", ",", ".", "!", ":", "5"])))
def test_no_word_is_lost_and_none_is_made(parts: list[str]) -> None:
    text = "".join(parts)
    found = between("en", "fr", text)
    assert Counter(re.findall(r"[a-z\d]", found.text.lower())) == Counter(re.findall(r"[a-z\d]", text.lower()))

"""Markup through the models that come with the project: every tag is there, and on the right word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import html5lib
import pyromark
import pytest
from lxml import etree

from nmt import Translator
from nmt.check.documents import document
from nmt.check.judge import judged
from nmt.check.kinds import KINDS
from nmt.translate.markup.events import html_events
from nmt.translate.markup.options import Markup

ROOT = Path(__file__).parents[2]
DIRECTIONS = ["de-en", "en-de"]


@cache
def model(name: str) -> Translator:
    return Translator.load(ROOT / "checkpoints" / f"broad-{name}", device="cpu")


def html_elements(text: str) -> Counter[str]:
    tree = html5lib.parse(text, namespaceHTMLElements=False)
    return Counter(f"{one.tag} {sorted(one.attrib.items())}" for one in tree.iter())


def xml_elements(text: str) -> Counter[str]:
    tree = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False))
    return Counter(f"{one.tag} {sorted(one.attrib.items())}" for one in tree.iter() if isinstance(one.tag, str))


def markdown_elements(text: str) -> Counter[str]:
    options = pyromark.Options.ENABLE_GFM | pyromark.Options.ENABLE_YAML_STYLE_METADATA_BLOCKS
    return html_tags(pyromark.html(text, options=options))


def html_tags(text: str) -> Counter[str]:
    return Counter(event.raw for event in html_events(text) if event.kind in ("start", "end", "empty"))


@pytest.mark.slow
@pytest.mark.parametrize("form", ["html", "xml", "markdown"])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_every_element_of_100_documents_is_in_their_translations_once(direction: str, form: Any) -> None:
    documents = [document(number, direction[:2]) for number in range(100)]
    texts = [one.text for one in documents if one.format == form]
    markup = Markup(format=form, translate_attributes=False)
    translations = [one.text for one in model(f"{direction}-fast").translate(texts, markup=markup)]
    for text, translation in zip(texts, translations, strict=True):
        assert translation != text
        if form == "html":
            assert html_tags(translation) == html_tags(text)
            if "<p><b>" not in text and is_well_formed(text):
                assert html_elements(translation) == html_elements(text)
        else:
            elements = xml_elements if form == "xml" else markdown_elements
            assert elements(translation) == elements(text)


def is_well_formed(text: str) -> bool:
    """Whether a browser has nothing to mend but what may be left out."""
    counts = html_tags(text)
    names = ("b", "i", "em", "span", "a")
    return all(
        sum(counts[tag] for tag in counts if re.match(rf"<{name}[\s>]", tag)) == counts[f"</{name}>"] for name in names
    )


@pytest.mark.parametrize("kind", ["", "-fast"])
def test_tags_are_on_the_right_words_of_hand_made_sentences(kind: str) -> None:
    [of_tags] = [one for one in KINDS if one.name == "tag on its words"]
    told: list[int] = []
    wrong: list[str] = []
    for direction in DIRECTIONS:
        translator = model(direction + kind)

        def translate(texts: Sequence[str], form: Any, translator: Translator = translator) -> list[str]:
            return [one.text for one in translator.translate(texts, markup=Markup(format=form))]

        [result] = judged(direction[:2], translate, kinds=[of_tags])
        told.append(result.told)
        wrong += [f"{failure.case.text} -> {failure.translation}" for failure in result.failures]
    assert sum(told) >= (190 if not kind else 180)
    assert len(wrong) <= 0.05 * sum(told), "\n".join(wrong)


def test_alternatives_have_their_tags_as_well() -> None:
    from nmt import SearchOptions

    text = "<p>Ich habe das <b>rote</b> Haus <i>gesehen</i>.</p>"
    [found] = model("de-en-fast").translate([text], SearchOptions(n_best=4), markup=Markup(format="html"))
    assert 4 >= len(found.texts) == len(set(found.texts)) > 1
    for alternative in found.texts:
        assert html_tags(alternative) == html_tags(text)
        assert "<b>red</b>" in alternative

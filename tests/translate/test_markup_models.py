"""Markup through the models that come with the project: every tag is there, and on the right word."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import html5lib
import pyromark
import pytest
from lxml import etree
from support.documents import document

from nmt import Translator
from nmt.translate.markup.events import html_events
from nmt.translate.markup.options import Markup

ROOT = Path(__file__).parents[2]
CASES = Path(__file__).parents[1] / "data"
DIRECTIONS = ["de-en", "en-de"]
WORD = re.compile(r"\w+(?:['’]\w+)*")


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
def test_every_element_of_250_documents_is_in_their_translations_once(direction: str, form: Any) -> None:
    documents = [document(number, direction[:2]) for number in range(250)]
    texts = [text for own, text in documents if own == form]
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


def words(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(re.sub("<[^>]*>", " ", text))]


def judged(translation: str, expected: str) -> bool | None:
    """Whether each tag is around its words and no others; None where the translation has no such words."""
    verdict = True
    for wish in expected.split(";"):
        tag, _, wanted = wish.strip().partition(":")
        must = [word.split("|") for word in wanted.split() if not word.endswith("?")]
        may = {word for words in wanted.split() for word in words.rstrip("?").split("|")}
        if not all(any(word in words(translation) for word in some) for some in must):
            return None
        if tag in ("img", "sup"):  # stands behind its word
            before = re.search(rf"(\w+)\W*<{tag}", translation)
            inside = [before[1].lower()] if before else []
        else:
            inside = words(" ".join(re.findall(rf"<{tag}(?: [^>]*)?>(.*?)</{tag}>", translation)))
        verdict &= all(any(word in inside for word in some) for some in must) and may.issuperset(inside)
    return verdict


def cases(direction: str) -> list[tuple[str, str, str]]:
    lines = (CASES / f"tags.{direction}.tsv").read_text(encoding="utf-8").splitlines()
    return [(kind, source, expected) for kind, source, expected in (line.split("\t") for line in lines)]


@pytest.mark.parametrize("kind", ["", "-fast"])
def test_tags_are_on_the_right_words_of_hand_made_sentences(kind: str) -> None:
    verdicts: list[bool] = []
    wrong: list[str] = []
    for direction in DIRECTIONS:
        own = cases(direction)
        assert len(own) == 100
        translations = model(direction + kind).translate([source for _, source, _ in own], markup=Markup(format="html"))
        for (_, source, expected), translation in zip(own, translations, strict=True):
            verdict = judged(translation.text, expected)
            if verdict is not None:
                verdicts.append(verdict)
                wrong += [] if verdict else [f"{source} -> {translation.text}"]
    assert len(verdicts) >= (190 if not kind else 180)
    assert sum(verdicts) >= 0.95 * len(verdicts), "\n".join(wrong)


def test_alternatives_have_their_tags_as_well() -> None:
    from nmt import SearchOptions

    text = "<p>Ich habe das <b>rote</b> Haus <i>gesehen</i>.</p>"
    [found] = model("de-en-fast").translate([text], SearchOptions(n_best=4), markup=Markup(format="html"))
    assert len(found.texts) == 4
    assert len(set(found.texts)) > 1
    for alternative in found.texts:
        assert html_tags(alternative) == html_tags(text)
        assert "<b>red</b>" in alternative

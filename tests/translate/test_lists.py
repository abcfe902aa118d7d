"""Lists of words: what is one, and that shipped models lose none of its items."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.known import CHECKPOINTS

from nmt import Translator
from nmt.text.spans import between
from nmt.translate.lists import loses_items, separators


def items(text: str) -> list[str]:
    return [part for part, is_span in between(text, separators(text, source="en", target="de")) if not is_span]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Zutaten: Mehl, Zucker und Eier", ["Zutaten", "Mehl", "Zucker", "Eier"]),
        ("Apples, pears, and plums.", ["Apples", "pears", "plums."]),
        ("Last name | First name | City", ["Last name", "First name", "City"]),
        ("- Home > Very old pots and pans > Accessories", ["- Home", "Very old pots and pans", "Accessories"]),
        ("Sizes: S, M, L or custom", ["Sizes", "custom"]),
        ("Who, how, why?", ["Who", "how", "why?"]),
    ],
)
def test_a_list_and_its_items(text: str, found: list[str]) -> None:
    assert items(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Yes, please",
        "He came, saw, conquered all.",
        "Wir verkaufen Tische, Stühle und Betten.",
        "In Berlin, where I live, it rains",
        "The red car, the old house, the big green garden",
        "Note: he came, saw the very old town, left",
        "a / b | c",
        "He said a / b. Then c / d",
        "3 > 2",
        "Ja/Nein/Vielleicht",
        "1,2,3",
    ],
)
def test_a_sentence_is_none(text: str) -> None:
    assert separators(text, source="en", target="de") == []


@pytest.mark.parametrize(
    ("source", "target", "text", "said"),
    [
        ("en", "de", "Bread, butter, and milk", "|, | und |"),
        ("de", "en", "Farben: Rot, Grün oder Blau", "|: |, | or |"),
        ("en", "fr", "Sizes: S, M or L and custom", "|: S, M ou L et |"),
        ("en", "es", "cats, dogs as well as birds", "|, | así como |"),
        ("fr", "en", "chats, chiens, oiseaux", "|, |, |"),
    ],
)
def test_and_is_said_in_the_other_language(source: str, target: str, text: str, said: str) -> None:
    spans = {span.start: span for span in separators(text, source=source, target=target)}
    pieces, start = [], 0
    for part, is_span in between(text, list(spans.values())):
        pieces.append((spans[start].translation or part) if is_span else "|")
        start += len(part)
    assert "".join(pieces) == said


def test_items_are_counted_however_they_are_joined() -> None:
    assert not loses_items("Apples, pears, and plums", "Äpfel, Birnen und Pflaumen")
    assert not loses_items("apples, pears, plums, etc.", "Äpfel, Birnen, Pflaumen usw.")
    assert loses_items("Apples and plums", "Äpfel, Birnen und Pflaumen")
    assert not loses_items("Rot/grün / blau", "red / green / blue")
    assert loses_items("Menu · Order ·", "Menü · Bestellen · Anfahrt")
    assert loses_items("red / green / blue / ", "rot / grün / blau / gelb")


@given(
    st.lists(st.sampled_from(["Mehl", "old cheese", "XL", "and", " / ", ", ", ": ", " | ", ".", "I", " und "])).map("".join)
)
def test_nothing_is_lost_between_items(text: str) -> None:
    spans = separators(text, source="en", target="de")
    assert "".join(part for part, _ in between(text, spans)) == text
    assert all(one.end < other.start for one, other in pairwise(spans))


@pytest.mark.parametrize(
    ("model", "text", "count"),
    [
        ("broad-de-en", "Zutaten: Mehl, Zucker, Butter, Eier, Milch, Salz", 6),
        ("broad-en-de", "Marital status: single / married / divorced / widowed", 4),
        ("broad-en-de-fast", "Monday / Wednesday / Friday", 3),
    ],
)
def test_shipped_models_have_every_item(model: str, text: str, count: int) -> None:
    translator = Translator.load(CHECKPOINTS / model, device="cpu", threads=1)
    found = translator.translate(text, attention=True)
    separator = " / " if " / " in text else ", "
    assert len(found.text.split(separator)) == count, found.text
    assert all(part.strip() for part in found.text.split(separator))
    [alone] = found.sentences
    assert "".join(alone.hypotheses[0].tokens).replace("\u2581", " ").split()[-1] == found.text.split()[-1]

"""Texts that translation systems are known to harm. They are the same each time."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import cycle, islice
from typing import Any

import yaml

from nmt.check.documents import document
from nmt.check.formality import address_sentences
from nmt.translate.rules.number_words import in_english, in_german

SPANS = 1000  # cases of each direction
NUMBERS = 200
SIGNS = 300
DOCUMENTS = 500
_SLOT = re.compile(r"\{(\w+)\}")
_SOFT_HYPHEN = "\u00ad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One text to translate."""

    text: str
    format: str = "text"
    """Its markup: text, html, xml or markdown; of plain text also the formality that is asked for: more or less."""
    keeps: tuple[str, ...] = ()
    """Spans that the translation has exactly as often as the text."""
    plain: str = ""
    """The usual form of the text; its translation is the standard for that of the text."""
    reference: str = ""
    """A right translation, where there is one."""
    says: str = ""
    """A pattern of what a right translation has."""
    tags: str = ""
    """Tags and the words of the translation that each is around: see `nmt.check.tags.is_around_its_words`."""
    address: str = ""
    """How it addresses somebody: see `nmt.check.formality.Address`."""


def spans(source: str) -> Iterator[Case]:
    """Sentences with one to four spans that are no language. `source` is "de" or "en", here and below."""
    draw = random.Random(7)
    kinds = table("spans.yaml")
    for template in islice(cycle(_lines(f"templates.{source}.txt")), SPANS):
        yield spans_in(template, kinds, draw)


def spans_in(template: str, kinds: Mapping[str, Sequence[str]], draw: random.Random) -> Case:
    """A sentence with a span of its kind drawn for each slot of a template."""
    chosen: list[str] = []
    for slot in _SLOT.findall(template):
        # No span is a part of another: each is counted.
        free = [span for span in kinds[slot] if not any(span in other or other in span for other in chosen)]
        chosen.append(draw.choice(free))
    between = _SLOT.sub("\0", template).split("\0")
    text = "".join(part for pair in zip(between, [*chosen, ""], strict=True) for part in pair)
    return Case(text=text, keeps=tuple(chosen))


def addressed(source: str, *, formality: str) -> Iterator[Case]:
    """English sentences that address somebody."""
    if source == "en":
        for sentence in address_sentences():
            yield Case(text=sentence.text, format=formality, address=sentence.kind)


def numbers(source: str) -> Iterator[Case]:
    draw = random.Random(8)
    for template in islice(cycle(table("numbers.yaml")[source]), NUMBERS):
        sizes = [draw.choice((2, 4, 6, 8, 12)) for _ in range(3)]
        yield Case(text=template.format(*(draw.randrange(10 ** (size - 1), 10**size) for size in sizes)))


def times(source: str) -> Iterator[Case]:
    """Sentences with times of day and dates, each in a form that the other language has not."""
    for group in table("figures.yaml")["times"][source]:
        for frame in group["frames"]:
            for form, says in group["says"].items():
                yield Case(text=frame.format(form), says=says)


def number_words(source: str) -> Iterator[Case]:
    """Sentences with the numbers in words that are made of two: twenty-one, einundzwanzig."""
    own, other = {"de": (in_german, in_english), "en": (in_english, in_german)}[source]
    for frame in table("figures.yaml")["numbers"][source]:
        for number in (number for number in range(21, 100) if number % 10):
            yield Case(text=frame.format(own(number)), says=rf"\b({number}|{other(number)})\b")


def names(source: str) -> Iterator[Case]:
    """Sentences with names of people, after a title and without one."""
    for own in table("forms.yaml")["names"][source]:
        for frame in own["frames"]:
            yield from (Case(text=frame.format(name), keeps=(name,)) for name in own["names"])


def quotes(source: str) -> Iterator[Case]:
    """Sentences with marks of quotation in all forms of their language, and in some of others."""
    own = table("forms.yaml")["quotes"][source]
    for frame in own["frames"]:
        for opening, closing in own["pairs"]:
            yield Case(text=frame.replace("{", opening).replace("}", closing))


def lists(source: str) -> Iterator[Case]:
    """Lines of lists, quotations and headings."""
    own = table("forms.yaml")["lists"]
    for line in own[source]:
        for mark in own["marks"]:
            yield Case(text=mark + line, says=rf"^{re.escape(mark)}[^\W\d_]")


def sentences(source: str) -> Iterator[Case]:
    """Ordinary sentences: of every day, of business, of programs and machines."""
    target = {"de": "en", "en": "de"}[source]
    for text, reference in zip(_lines(f"sentences.{source}.txt"), _lines(f"sentences.{target}.txt"), strict=True):
        yield Case(text=text, reference=reference)


def capitals(source: str) -> Iterator[Case]:
    return (Case(text=text.upper(), plain=text) for text in _lines(f"sentences.{source}.txt"))


def without_end(source: str) -> Iterator[Case]:
    """Sentences in lower case and without their last sign."""
    return (Case(text=text.lower().rstrip(".?!"), plain=text) for text in _lines(f"sentences.{source}.txt"))


def invisible(source: str) -> Iterator[Case]:
    """Sentences with a soft hyphen in the longest word and no-break spaces for blanks."""
    for text in _lines(f"sentences.{source}.txt"):
        longest = max(text.split(), key=len)
        middle = len(longest) // 2
        hyphened = longest[:middle] + _SOFT_HYPHEN + longest[middle:]
        yield Case(text=text.replace(longest, hyphened, 1).replace(" ", "\u00a0"), plain=text)


def signs(source: str) -> Iterator[Case]:
    """Sentences with an emoji or a symbol before, after or within them."""
    own = _lines(f"sentences.{source}.txt")
    kinds = table("signs.yaml")["signs"]
    for number in range(SIGNS):
        text, sign = own[number], kinds[number % len(kinds)]
        first, _, rest = text.partition(" ")
        variants = (f"{text} {sign}", f"{sign} {text}", f"{first} {sign} {rest}")
        yield Case(text=variants[number % 3], keeps=(sign,), plain=text)


def unchanged(_: str) -> Iterator[Case]:
    """Texts without anything that could be translated."""
    return (Case(text=text) for text in table("odd.yaml")["unchanged"])


def odd(_: str) -> Iterator[Case]:
    """Texts with characters and contents that do harm in programs."""
    return (Case(text=text) for text in table("odd.yaml")["words"])


def repetitive(source: str) -> Iterator[Case]:
    """Ordinary sentences, and texts that make models repeat themselves: single words, headings, lists."""
    yield from sentences(source)
    yield from (Case(text=text) for text in table("loops.yaml")[source])


def documents(source: str, form: str) -> Iterator[Case]:
    own = (document(number, source) for number in range(DOCUMENTS))
    return (Case(text=one.text, format=form) for one in own if one.format == form)


def tagged(source: str) -> Iterator[Case]:
    """Sentences with a tag around a word or a few."""
    for line in _lines(f"tags.{source}.tsv"):
        _, text, tags = line.split("\t")
        yield Case(text=text, format="html", tags=tags)


def frames(source: str) -> list[str]:
    """Sentences with {} where any name may stand."""
    return _lines(f"frames.{source}.txt")


@cache
def _lines(name: str) -> list[str]:
    return _read(name).splitlines()


@cache
def table(name: str) -> dict[str, Any]:
    """A table of the package's data."""
    found: dict[str, Any] = yaml.safe_load(_read(name))
    return found


def _read(name: str) -> str:
    return (files("nmt.check") / "data" / name).read_text(encoding="utf-8")

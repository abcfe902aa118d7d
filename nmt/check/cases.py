"""Texts that translation systems are known to harm, and what each promises. They are the same each time."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

import yaml

SPANS = 700  # cases of each direction
NUMBERS = 100
_SLOT = re.compile(r"\{(\w+)\}")
_SOFT_HYPHEN = "\u00ad"


@dataclass(frozen=True, slots=True)
class Case:
    """One text to translate."""

    kind: str
    text: str
    keeps: tuple[str, ...] = ()
    """What the translation has exactly as often as the text."""
    plain: str = ""
    """The usual form of the text, where the translation is compared with that of this one."""


def cases(source: str) -> list[Case]:
    """Those for the source language "de" or "en"."""
    sentences = _lines(f"sentences.{source}.txt")
    odd = yaml.safe_load(_read("odd.yaml"))
    return [
        *_spans(source),
        *_numbers(source),
        *(Case("ALL CAPS", sentence.upper(), plain=sentence) for sentence in sentences),
        *(Case("lower case, no end", sentence.lower().rstrip(".?!"), plain=sentence) for sentence in sentences),
        *(Case("NBSP, soft hyphens", _with_invisible(sentence), plain=sentence) for sentence in sentences),
        *(Case("nothing to translate", text) for text in odd["unchanged"]),
        *(Case("odd characters", text) for text in odd["words"]),
    ]


def _spans(source: str) -> Iterator[Case]:
    draw = random.Random(7)
    templates, kinds = _lines(f"templates.{source}.txt"), yaml.safe_load(_read("spans.yaml"))
    for number in range(SPANS):
        template = templates[number % len(templates)]
        slots = _SLOT.findall(template)
        chosen: list[str] = []
        for slot in slots:
            # None may be a part of another: each is counted.
            free = [span for span in kinds[slot] if not any(span in other or other in span for other in chosen)]
            chosen.append(draw.choice(free))
        between = _SLOT.sub("\0", template).split("\0")
        text = "".join(part for pair in zip(between, [*chosen, ""], strict=True) for part in pair)
        yield Case("protected spans", text, keeps=tuple(chosen))


def _numbers(source: str) -> Iterator[Case]:
    draw = random.Random(8)
    texts = {
        "de": ("Rechnungsnummer {}", "Der Preis beträgt {} Euro.", "Von {} bis {} waren es {}.", "{}", "Am {} um {} Uhr."),
        "en": ("Invoice number {}", "The price is {} euros.", "From {} to {} there were {}.", "{}", "On {} at {} o'clock."),
    }[source]
    for number in range(NUMBERS):
        text = texts[number % len(texts)]
        digits = [str(draw.randrange(10 ** (size - 1), 10**size)) for size in (draw.choice((2, 4, 6, 8, 12)) for _ in "abc")]
        yield Case("numbers", text.format(*digits))


def _with_invisible(sentence: str) -> str:
    """`sentence` with a soft hyphen in its longest word and no-break spaces for blanks."""
    longest = max(sentence.split(), key=len)
    middle = len(longest) // 2
    return sentence.replace(longest, longest[:middle] + _SOFT_HYPHEN + longest[middle:], 1).replace(" ", "\u00a0")


def _lines(name: str) -> list[str]:
    return _read(name).splitlines()


def _read(name: str) -> str:
    return (files("nmt.check") / "data" / name).read_text(encoding="utf-8")

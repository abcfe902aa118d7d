"""Sentences that address somebody, and whether their German translations do so in the register that was asked for.

The verdict knows a list of words and their places in a sentence, and nothing of how translations are made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

_INFORMAL = re.compile(
    r"\b(?:du|dich|dir|dein|deine|deinem|deinen|deiner|deines|deins|euch|euer|eure|eurem|euren|eurer|eures)\b", re.IGNORECASE
)
_FORMAL = re.compile(r"\b(?:Sie|Ihnen|Ihr|Ihre|Ihrem|Ihren|Ihrer|Ihres)\b")
_SMALL = re.compile(r"\bihr(?:e[mnrs]?)?\b")
_NO_VERBS = r"(?!(?:mit|nicht|seit|jetzt|selbst|erst|fast|dort|gut|ist|hat)\b)"
_VERB = rf"(?:seid|Seid|{_NO_VERBS}\w+t)"
_PLURAL = re.compile(rf"\b[Ii]hr (?:(?:alle|beide|beiden|zwei) )?(?![A-Z]){_VERB}\b|\b{_VERB} ihr\b")
"""The pronoun ihr beside a verb."""
_OPENS = '.:!?„“"»'


@dataclass(frozen=True, slots=True)
class Address:
    """An English sentence that addresses somebody."""

    text: str
    kind: Literal["", "free", "imperative", "third", "third first"] = ""
    """Where its translation may address nobody; is an imperative, which may be without du; where it has she or they, besides
    you; and where that comes first, so that the translation may begin with a sie that addresses nobody."""


def address_sentences() -> list[Address]:
    """Three hundred of them."""
    text = (files("nmt.check") / "data" / "formality.en.tsv").read_text(encoding="utf-8")
    return parsed(text)


def parsed(text: str) -> list[Address]:
    """Lines of a sentence and, after a tab, its kind."""
    rows = (line.split("\t") for line in text.splitlines())
    return [Address(*row) for row in rows]  # type: ignore[arg-type]


def has_register(sentence: Address, translation: str, formality: Literal["more", "less"]) -> bool:
    """Whether `translation` has a form of address of the register, and none of the other."""
    has_third = sentence.kind.startswith("third")
    is_informal = _INFORMAL.search(translation) is not None
    is_formal = False
    for word in _FORMAL.finditer(translation):
        before = translation[: word.start()].rstrip()
        is_initial = not re.search(r"\w", before) or before[-1] in _OPENS
        if word[0] == "Ihr" and is_initial and _PLURAL.match(translation, word.start()):
            is_informal = True
        elif not (is_initial and sentence.kind == "third first"):
            is_formal = True
    for word in _SMALL.finditer(translation):
        is_plural = any(match.start() <= word.start() < match.end() for match in _PLURAL.finditer(translation))
        if is_plural:
            is_informal = True
        elif not has_third:
            return False  # your without its capital
    if not is_informal and not is_formal:
        return sentence.kind == "free" or (sentence.kind == "imperative" and formality == "less")
    return is_formal and not is_informal if formality == "more" else is_informal and not is_formal

"""Short forms that each language has its own of: Mo–Fr is Mon–Fri, No. 5 is Nr. 5, and Ludwig XIV. is Louis XIV.

A model takes them for other words: So for so, no. for a refusal, and a full stop for the end of a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from nmt.text.spans import Shown, Span, said_otherwise
from nmt.translate.rules.abbreviations import DAYS, JOIN_OF_DAYS

_WEEK = {language: list(dict.fromkeys(days.values())) for language, days in DAYS.items()}
# Monday to Sunday, each with the first of its short forms.
_SHORT = {
    language: [next(short for short, day in days.items() if day == full) for full in _WEEK[language]]
    for language, days in DAYS.items()
}
_JOINS = {"to": "bis", "through": "bis", "and": "und", "bis": "to", "und": "and", "u": "and"}
_DAY = {language: f"(?:{'|'.join(sorted(days, key=len, reverse=True))})" for language, days in DAYS.items()}
# Alone they may be other words, and before a time or a date they are written out (nmt.translate.rules.abbreviations).
_RUN = {language: re.compile(rf"(?<![\w.-]){day}\.?(?:{JOIN_OF_DAYS}{day}\.?)+(?![\w-])") for language, day in _DAY.items()}
# in is a preposition otherwise.
_INCH = r"(?:inch(?:es)?\b|in\.(?= [a-z]|$)|in(?= (?:deep|long|tall|wide|high|thick|away|above|below|apart)\b))"
_PIECE = re.compile(r"[A-Za-z]+\.?")


class _Form(NamedTuple):
    pattern: re.Pattern[str]
    other: str
    """What it is in the other language."""
    shown: Shown | None
    """What a model is shown in its place."""
    hints: tuple[str, ...] = ()
    """Texts one of which is in each match, as it is in few sentences."""


_WORDS = {
    "en": (
        _Form(re.compile(r"(?<![\w.])i\.e\.,?(?!\w)"), "d. h.", Shown("d.h.", r"\bd\. ?h\."), ("i.e",)),
        _Form(re.compile(r"(?<![\w/])and/or(?![\w/])"), "und/oder", Shown("and/or", r"\bund/oder(?:/oder)*\b"), ("and/or",)),
        _Form(re.compile(r"\bVAT (?:[Nn]o\.|[Nn]umber)(?!\w)"), "USt-IdNr.", None, ("VAT",)),
        _Form(re.compile(r"(?<!\w)p\.a\.(?!\w)"), "p. a.", None, ("p.a.",)),
        _Form(re.compile(r"\bVAT\b"), "MwSt.", Shown("MwSt", r"\bMwSt\b\.?"), ("VAT",)),
        _Form(
            re.compile(r"\bincl\.(?= \w)"), "inkl.", Shown("inkl.", r"\binkl\.|\b(?:inklusive|einschließlich)\b"), ("incl.",)
        ),
        _Form(re.compile(r"\bexcl\.(?= \w)"), "zzgl.", Shown("zzgl.", r"\bzzgl\."), ("excl.",)),
        _Form(re.compile(r"\bAttn\b[.:]*"), "z. Hd.", None, ("Attn",)),
        _Form(re.compile(r"\bQty\b\.?"), "Menge", Shown("Menge", r"\bMenge\b"), ("Qty",)),
        _Form(re.compile(r"\b[Ee]st\.(?= (?:1\d|20)\d\d\b)"), "gegründet", None, ("st.",)),
        _Form(re.compile(r"\b[Vv]ol\.(?= \d)"), "Band", None, ("ol.",)),
        _Form(re.compile(r"(?<=\w )vs\.?(?= )"), "gegen", None, ("vs",)),
    ),
    "de": (
        _Form(re.compile(r"(?<![\w/])und/oder(?![\w/])"), "and/or", Shown("und/oder", r"\band/or(?:/or)*\b"), ("und/oder",)),
        _Form(re.compile(r"\bUSt-?Id-?Nr\b\.?"), "VAT no.", None, ("USt",)),
        _Form(
            re.compile(r"\b(?:MwSt|USt)\b(?!-)\.?|\b(?:Mehrwert|Umsatz)steuer\b"),
            "VAT",
            Shown("VAT", r"\bVAT\b"),
            ("St", "steuer"),
        ),
        _Form(re.compile(r"(?<!\w)e\. ?V\.(?!\w)"), "e. V.", None, ("V.",)),
    ),
}
_AFTER_A_NUMBER = {
    "en": (
        _Form(re.compile(r"(?<=[\d½¼¾] )sq(?:uare|\.)? (?:feet|foot|ft)\b"), "Quadratfuß", Shown("m²", r"\bm²")),
        _Form(re.compile(rf"(?<=[\d½¼¾] ){_INCH}"), "Zoll", Shown("cm", r"\bcm\b")),
        _Form(re.compile(r"(?<=(?<![\d.,])1 )(?:ounce|oz)\b\.?(?: of\b)?"), "Unze", Shown("g", r"\bg\b")),
        _Form(
            re.compile(r"(?<=[\d½¼¾] )(?<!(?<![\d.,])1 )(?:ounces|ounce|oz)\b\.?(?: of\b)?"), "Unzen", Shown("g", r"\bg\b")
        ),
        _Form(re.compile(r"(?<=[\d½¼¾] )(?:teaspoons?|tsps?)\b\.?"), "Teelöffel", Shown("TL", r"\bTL\b")),
        _Form(re.compile(r"(?<=[\d½¼¾] )(?:tablespoons?|tbsps?)\b\.?"), "Esslöffel", Shown("EL", r"\bEL\b")),
    ),
    "de": (
        _Form(re.compile(r"(?<=\d )qm\b"), "m²", Shown("m", r"\bm\b")),
        _Form(re.compile(r"(?<=[\d½¼¾] )TL\b"), "tsp", Shown("kg", r"\bkg\b")),
        _Form(re.compile(r"(?<=[\d½¼¾] )EL\b"), "tbsp", Shown("g", r"\bg\b")),
    ),
}
_NUMBER = re.compile(r"[\d½¼¾] [A-Za-z]")
# The answer is no. 5 people came.
_REFUSES = r"(?<!\bis )(?<!\bwas )(?<!said )(?<!says )(?<!\bsay )(?<!\bbe )"
_NUMBER_SIGN = re.compile(rf"(?<![\w.])(?:No|{_REFUSES}no|no(?=\. ?\d+(?! [a-z])(?!\w)))\. ?(?P<number>\d[\w./-]*\w|\d)")
_COORDINATE = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)?°(?: ?\d+(?:[.,]\d+)? ?[′'’″\"”]+)* ?(?P<towards>[NSWEO])(?!\w)")
_TOWARDS = {"de": ("O", "E"), "en": ("E", "O")}
_SEXES = re.compile(r"(?<=\()(?:[mfwdx]/){1,2}[mfwdx](?=\))")
_RULERS = re.compile(r" [IVX]+\.")
_RULER = re.compile(r"(?<![\w-])[A-ZÄÖÜ][a-zäöüß]+ (?P<roman>[IVX]+)\.(?= [a-zäöüß])")


def short_forms(sentence: str, *, source: str, target: str) -> Iterator[Span]:
    """The short forms in `sentence` that the language `target` has others for; English and German only."""
    if {source, target} != {"en", "de"}:
        return
    for match in _RUN[source].finditer(sentence) if any(day in sentence for day in _SHORT[source]) else ():
        days = _PIECE.sub(lambda piece: _said(piece[0], source, target), match[0])
        yield said_otherwise(match, days)
    forms = [form for form in _WORDS[source] if any(hint in sentence for hint in form.hints)]
    for form in (*forms, *(_AFTER_A_NUMBER[source] if _NUMBER.search(sentence) else ())):
        yield from (said_otherwise(match, form.other, form.shown) for match in form.pattern.finditer(sentence))
    if "°" in sentence:
        for match in _COORDINATE.finditer(sentence):
            yield Span(*match.span(), translation=match[0][:-1] + match["towards"].replace(*_TOWARDS[source]))
    if "/m" in sentence or "m/" in sentence:
        for match in _SEXES.finditer(sentence):
            said = match[0].replace(*(("w", "f") if source == "de" else ("f", "w")))
            yield Span(*match.span(), soft=True, translation=said, kept=said)
    if source == "en" and "o." in sentence:
        for match in _NUMBER_SIGN.finditer(sentence):
            yield Span(match.start(), match.end(), translation=f"Nr. {match['number']}")
    if source == "de" and _RULERS.search(sentence):
        for match in _RULER.finditer(sentence):
            yield Span(match.start("roman"), match.end("roman") + 1, translation=match["roman"])


def _said(piece: str, source: str, target: str) -> str:
    name = piece.removesuffix(".")
    return _JOINS.get(name) or _SHORT[target][_WEEK[source].index(DAYS[source][name])]

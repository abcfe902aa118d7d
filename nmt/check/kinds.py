"""The kinds of harm that are looked for. A new kind is a row of `KINDS`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from nmt.check import cases, verdicts
from nmt.check.cases import Case

Verdict = Callable[[Case, str, str], bool | None]


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    asked: float
    """Per cent: of the cases that a verdict can be told of; or BLEU, where there is a `form`."""
    cases: Callable[[str], Iterable[Case]]
    """For a source language."""
    is_right: Verdict
    form: Callable[[str], str] | None = None
    """The form in which a translation is compared with that of the usual text, by BLEU."""


KINDS = (
    Kind("protected spans", 100, cases.spans, verdicts.keeps_spans),
    Kind("numbers", 100, cases.numbers, verdicts.keeps_numbers),
    Kind("times and dates", 100, cases.times, verdicts.says),
    Kind("numbers in words", 100, cases.number_words, verdicts.says),
    Kind("names of people", 100, cases.names, verdicts.keeps_spans),
    Kind("quotation marks", 95, cases.quotes, verdicts.keeps_quotes),
    Kind("marks of lists", 100, cases.lists, verdicts.says),
    Kind("ALL CAPS", 95, cases.capitals, verdicts.is_same_in_capitals, verdicts.in_capitals),
    Kind("lower case, no end", 85, cases.without_end, verdicts.is_same_in_lower_case, verdicts.in_lower_case),
    Kind("NBSP, soft hyphens", 100, cases.invisible, verdicts.is_same),
    Kind("emoji and symbols", 100, cases.signs, verdicts.keeps_sign),
    Kind("nothing to translate", 100, cases.unchanged, verdicts.is_unchanged),
    Kind("odd texts", 100, cases.odd, verdicts.is_sober),
    Kind("ordinary sentences", 99, cases.sentences, verdicts.is_translated),
    Kind("repetition", 99, cases.repetitive, verdicts.repeats_nothing),
    Kind("HTML documents", 100, partial(cases.documents, form="html"), verdicts.keeps_tags),
    Kind("XML documents", 100, partial(cases.documents, form="xml"), verdicts.keeps_tags),
    Kind("Markdown documents", 100, partial(cases.documents, form="markdown"), verdicts.keeps_tags),
    Kind("formality: more", 95, partial(cases.addressed, formality="more"), verdicts.has_formality),
    Kind("formality: less", 95, partial(cases.addressed, formality="less"), verdicts.has_formality),
    Kind("tag on its words", 95, cases.tagged, verdicts.tags_are_right),
)

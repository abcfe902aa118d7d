"""Verdicts on the translations of cases."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sacrebleu

from nmt.check.cases import Case
from nmt.errors import InputError

Translate = Callable[[Sequence[str]], Sequence[str]]

PROMISED = {
    "protected spans": 100.0,
    "numbers": 100.0,
    "ALL CAPS": 95.0,
    "lower case, no end": 85.0,
    "NBSP, soft hyphens": 100.0,
    "nothing to translate": 100.0,
    "odd characters": 100.0,
}
"""Per cent that each kind should have: of cases, or BLEU against the translation of the usual form."""
_AGAINST_USUAL = ("ALL CAPS", "lower case, no end")
_NUMBER = re.compile(r"[\d.,]+")
_RATIO = 4  # characters of a translation for each of a text, from which on they must be invented


@dataclass(frozen=True, slots=True)
class Failure:
    case: Case
    translation: str


@dataclass(frozen=True, slots=True)
class Result:
    """Of all cases of one kind."""

    kind: str
    count: int
    value: float
    """Per cent."""
    failures: tuple[Failure, ...]

    @property
    def is_kept(self) -> bool:
        return self.value >= PROMISED[self.kind]


def judged(cases: Sequence[Case], translate: Translate) -> list[Result]:
    """The result of each kind, in the order in which they come. Raises InputError where translations are missing."""
    texts = [case.text for case in cases]
    usual = [case.plain for case in cases if case.plain]
    answers = translate([*texts, *usual])
    if len(answers) != len(texts) + len(usual):
        raise InputError(f"{len(answers)} translations of {len(texts) + len(usual)} texts; should be one for each")
    translations = answers[: len(texts)]
    plain = dict(zip(usual, answers[len(texts) :], strict=True))
    results = []
    for kind in dict.fromkeys(case.kind for case in cases):
        own = [(case, text) for case, text in zip(cases, translations, strict=True) if case.kind == kind]
        failures = tuple(Failure(case, text) for case, text in own if not _is_right(case, text, plain.get(case.plain, "")))
        value = 100.0 * (len(own) - len(failures)) / len(own)
        if kind in _AGAINST_USUAL:
            expected = [_as_case(kind, plain[case.plain]) for case, _ in own]
            value = sacrebleu.corpus_bleu([_as_case(kind, text) for _, text in own], [expected]).score
        results.append(Result(kind, len(own), value, failures))
    return results


def _is_right(case: Case, text: str, plain: str) -> bool:
    if case.kind == "protected spans":
        # A number may have another separator in another language.
        return all(
            re.sub("[.,]", "", span) in re.sub("[.,]", "", text)
            if _NUMBER.fullmatch(span)
            else text.count(span) == case.text.count(span)
            for span in case.keeps
        )
    if case.kind == "numbers":
        return sorted(_digits(text)) == sorted(_digits(case.text))
    if case.kind == "nothing to translate":
        return text == case.text
    if case.kind == "odd characters":
        return (
            bool(text.strip()) and len(text) <= _RATIO * len(case.text) + 20 and ("<pad>" in text) <= ("<pad>" in case.text)
        )
    return _as_case(case.kind, text) == _as_case(case.kind, plain)


def _digits(text: str) -> list[str]:
    return re.findall(r"\d+", text)


def _as_case(kind: str, text: str) -> str:
    """A translation in the form in which it is compared with another."""
    if kind == "ALL CAPS":
        return text.upper()
    return text.lower().rstrip(".?!") if kind == "lower case, no end" else text

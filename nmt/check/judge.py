"""The whole way: the cases of each kind are translated at once, and each kind gets its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

import sacrebleu

from nmt.check.cases import Case
from nmt.check.kinds import KINDS, Kind
from nmt.errors import InputError

_LEAST_TOLD = 0.75  # of the cases of a kind that there must be verdicts on


class Translate(Protocol):
    def __call__(self, texts: Sequence[str], form: str) -> Sequence[str] | None:
        """The translation of each text in this form (see `Case.format`); None where the translator knows no such form."""


@dataclass(frozen=True, slots=True)
class Failure:
    case: Case
    translation: str


@dataclass(frozen=True, slots=True)
class Result:
    """Of all cases of one kind."""

    kind: Kind
    count: int
    """Cases."""
    told: int
    """Cases that there is a verdict on."""
    value: float | None
    """Per cent; None where the translator does not know the form of the cases."""
    failures: tuple[Failure, ...]

    @property
    def is_kept(self) -> bool:
        return self.value is None or (self.value >= self.kind.asked and self.told >= _LEAST_TOLD * self.count)


def judged(source: str, translate: Translate, *, every: int = 1, kinds: Sequence[Kind] = KINDS) -> list[Result]:
    """The result of each kind with every so many-th of its cases, from a `source` that the kinds have cases in.

    A kind without cases in this language is left out. Raises InputError where translations are missing.
    """
    cases = {kind.name: own for kind in kinds if (own := list(kind.cases(source))[::every])}
    answers: dict[str, dict[str, str] | None] = {}
    for form in dict.fromkeys(case.format for case in chain.from_iterable(cases.values())):
        own = [case for case in chain.from_iterable(cases.values()) if case.format == form]
        texts = list(dict.fromkeys(text for case in own for text in (case.text, case.plain) if text))
        answers[form] = _answers(texts, translate(texts, form))
    return [_result(kind, cases[kind.name], answers[cases[kind.name][0].format]) for kind in kinds if kind.name in cases]


def _answers(texts: Sequence[str], translations: Sequence[str] | None) -> dict[str, str] | None:
    if translations is None:
        return None
    if len(translations) != len(texts):
        raise InputError(f"{len(translations)} translations of {len(texts)} texts; should be one for each")
    return dict(zip(texts, translations, strict=True))


def _result(kind: Kind, cases: Sequence[Case], answers: dict[str, str] | None) -> Result:
    if answers is None:
        return Result(kind, len(cases), 0, None, ())
    verdicts = [(case, kind.is_right(case, answers[case.text], answers.get(case.plain, ""))) for case in cases]
    failures = tuple(Failure(case, answers[case.text]) for case, is_right in verdicts if is_right is False)
    told = sum(is_right is not None for _, is_right in verdicts)
    if kind.form is None:
        value = 100.0 * (told - len(failures)) / told if told else 0.0
    else:
        found, usual = ([kind.form(answers[text]) for text in texts] for texts in _paired(cases))
        value = sacrebleu.corpus_bleu(found, [usual]).score
    return Result(kind, len(cases), told, value, failures)


def _paired(cases: Sequence[Case]) -> tuple[list[str], list[str]]:
    return [case.text for case in cases], [case.plain for case in cases]

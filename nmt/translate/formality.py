"""Formality: the register in which a translation addresses people, where its language has two.

A sentence that addresses nobody, or already has the register, is translated as without. Each other is translated once more
without the words of the other register, and where that did not do, with a pronoun of its own as a constraint.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from nmt.config.language import base_language
from nmt.config.search import SearchOptions
from nmt.errors import InputError
from nmt.text.spans import numbers_of
from nmt.translate.address import Register, Source, Verdict, addresses, beginning, forms, pronouns, verdict, words_of_other
from nmt.translate.ask import Ask, Sentence
from nmt.translate.result import Hypothesis, SentenceTranslation

Formality = Literal["default", "more", "less", "prefer_more", "prefer_less"]

_REGISTERS: dict[str, Register] = {"more": Register.formal, "less": Register.informal}
_LANGUAGES = frozenset({"de"})
_BEAM_SIZE = 8  # at least, of a second search
_MUCH_WORSE = 1.0  # by score: natural logarithms over the length penalty
_COSTS = {Verdict.right: 0.0, Verdict.broken: 1.0, Verdict.none: 1.5, Verdict.other: math.inf}
"""What a translation that is not right must be better by, by score."""

Asking = Generator[Ask, Sequence[SentenceTranslation], list[SentenceTranslation]]
Translating = Callable[[Sequence[Sentence], SearchOptions], Asking]
"""Translates sentences by these options, as a part of a plan."""


def has_formality(language: str) -> bool:
    """Whether translations into `language` may be asked for in a register."""
    return base_language(language) in _LANGUAGES


def register_of(formality: Formality, language: str) -> Register | None:
    """The register of translations into `language`; None where it is left to the model.

    Raises InputError where the language has none and `formality` insists on one.
    """
    wanted = _REGISTERS.get(formality.removeprefix("prefer_"))
    if wanted is None or has_formality(language):
        return wanted
    if formality.startswith("prefer_"):
        return None
    raise InputError(
        f"formality {formality!r} is for translations into {', '.join(sorted(_LANGUAGES))}, not into {language}; "
        f"'prefer_{formality}' has it where there is one"
    )


def in_register(
    sentences: Sequence[Sentence],
    options: SearchOptions,
    register: Register | None,
    *,
    language: str,
    translate: Translating,
) -> Asking:
    """Translate each sentence, which is in `language`, so that it addresses people in `register`, where there is one."""
    if register is None:
        return (yield from translate(sentences, options))
    if options.sampling:
        raise InputError("formality is for beam search; leave out sampling")
    found = yield from translate(sentences, options)
    sources = {number: Source.read(sentence.text, language=language) for number, sentence in enumerate(sentences)}
    wrong = [
        number
        for number, source in sources.items()
        if found[number].source_tokens
        and addresses(found[number].text, source)
        and verdict(found[number].text, register, source) is Verdict.other
    ]
    if not wrong:
        return found

    choices = {number: _Choice(register, sources[number], found[number]) for number in wrong}
    thorough = options.model_copy(update=dict.fromkeys(("beam_size", "n_best"), max(options.beam_size, _BEAM_SIZE)))
    without = {number: choice.without(sentences[number]) for number, choice in choices.items()}
    answers = yield from translate(list(without.values()), thorough)
    for number, answer in zip(wrong, answers, strict=True):
        choices[number].add(answer)

    trials = [(number, trial) for number, choice in choices.items() for trial in choice.trials(without[number])]
    if trials:
        plain = thorough.model_copy(update={"diversity_groups": 1})
        answers = yield from translate([trial for _, trial in trials], plain)
        for (number, _), answer in zip(trials, answers, strict=True):
            choices[number].add(answer)
    return [choices[number].best(options.n_best) if number in choices else first for number, first in enumerate(found)]


class _Choice:
    """The translations of one sentence that were found for a register, after a first one in the other."""

    def __init__(self, register: Register, source: Source, first: SentenceTranslation) -> None:
        self._register, self._source, self._first = register, source, first
        self._forms = forms(first.text, source)
        self._found: list[tuple[Verdict, SentenceTranslation, Hypothesis]] = []

    def without(self, sentence: Sentence) -> Sentence:
        """`sentence`, to be translated without the words of the other register."""
        words = (*words_of_other(self._register, self._source), *self._forms.informal_verbs)
        return replace(sentence, avoided=words)

    def add(self, translation: SentenceTranslation) -> None:
        """Add the hypotheses of `translation`, which has none of its own where the search failed."""
        if not translation.source_tokens:
            return
        numbers = numbers_of(self._first.text)
        self._found += [
            (verdict(one.text, self._register, self._source, self._forms.cases), translation, one)
            for one in translation.hypotheses
            if numbers_of(one.text) == numbers
        ]
        self._found.sort(key=lambda found: _COSTS[found[0]] - found[2].score)

    def trials(self, sentence: Sentence) -> Iterator[Sentence]:
        """What is to be tried if the translations so far are not good enough."""
        if self._found:
            best, _, hypothesis = self._found[0]
            if best is Verdict.right and hypothesis.score > self._first.hypotheses[0].score - _MUCH_WORSE:
                return
        if not sentence.prefix and (prefix := beginning(self._first.text, self._register, self._source)):
            yield replace(sentence, prefix=prefix)
            return
        for pronoun in pronouns(self._register, self._source, self._forms.cases):
            yield replace(sentence, carried=(pronoun,))

    def best(self, count: int) -> SentenceTranslation:
        """The `count` best of them; the first one where none has the register."""
        if not self._found or self._found[0][0] is Verdict.other:
            return self._first
        translation = self._found[0][1]
        own = [one for _, other, one in self._found if other is translation]
        return replace(translation, hypotheses=tuple(own[:count]))

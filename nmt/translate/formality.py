"""Formality: the register in which a translation addresses people, where its language has two.

A sentence is translated as without it. Where that addresses somebody in the other register, it is translated again without
the words of that register. If this is much less probable, or has lost a pronoun, it is tried once more from the place on
where the first translation addresses somebody.

    Wie alt bist du? ──avoid du, bist──> Wie alt sind Sie?
    Wenn Sie klicken, ... ──avoid Sie──> Beim Klicken ... ──begin with "Wenn du"──> Wenn du klickst, ...
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from typing import get_args

from nmt.config.formality import FORMALITY_LANGUAGES, Formality, has_formality
from nmt.config.search import SearchOptions
from nmt.errors import InputError
from nmt.text.spans import find_spans, numbers_of
from nmt.translate.ask import Ask, Sentence
from nmt.translate.glossary import Glossary, lacks
from nmt.translate.result import Hypothesis, SentenceTranslation
from nmt.translate.rules.address import (
    Register,
    SourceAddress,
    Verdict,
    addresses,
    beginning,
    forms_in,
    pronouns,
    verdict,
    words_of_other,
)
from nmt.translate.shown import Abilities

_BEAM_SIZE = 8  # at least, of a second search
_MUCH_LESS = 1.0  # by score: natural logarithms over the length penalty
_COSTS = {Verdict.right: 0.0, Verdict.broken: 1.0, Verdict.none: 1.5, Verdict.other: math.inf}
"""How much higher the score of a translation must be to come before one that is right."""

Asking = Generator[Ask, Sequence[SentenceTranslation], list[SentenceTranslation]]
Translating = Callable[[Sequence[Sentence], SearchOptions], Asking]
"""The part of a plan that translates sentences by these options."""


def register_of(formality: Formality, language: str) -> Register | None:
    """The register of translations into `language`; None where it is left to the model.

    Raises InputError where the language has none and `formality` insists on one.
    """
    if formality not in get_args(Formality):
        raise InputError(f"formality {formality!r} should be one of {', '.join(get_args(Formality))}")
    if formality == "default":
        return None
    if has_formality(language):
        return Register.formal if formality.endswith("more") else Register.informal
    if formality.startswith("prefer_"):
        return None
    raise InputError(
        f"formality {formality!r} is for translations into {', '.join(FORMALITY_LANGUAGES)}, not into {language}; "
        f"'prefer_{formality}' has it where there is one"
    )


def in_register(
    sentences: Sequence[Sentence],
    options: SearchOptions,
    register: Register | None,
    *,
    abilities: Abilities,
    glossary: Glossary | None,
    translate: Translating,
) -> Asking:
    """Translate each sentence so that it addresses people in `register`, where there is one. Raises InputError."""
    if register is not None and options.sampling:
        raise InputError("formality is for beam search; leave out sampling")
    found = yield from translate(sentences, options)
    if register is None:
        return found
    choices = {
        number: choice
        for number, (sentence, first) in enumerate(zip(sentences, found, strict=True))
        if (choice := _Choice(sentence, first, register, abilities, glossary)).is_needed
    }
    size = max(options.beam_size, _BEAM_SIZE)
    thorough = options.model_copy(update={"beam_size": size, "n_best": size})
    yield from _ask(choices, {number: [choice.without_other] for number, choice in choices.items()}, thorough, translate)
    plain = thorough.model_copy(update={"diversity_groups": 1})
    yield from _ask(choices, {number: list(choice.trials()) for number, choice in choices.items()}, plain, translate)
    return [choices[number].best(options.n_best) if number in choices else first for number, first in enumerate(found)]


class _Choice:
    """The translations of one sentence that were found for a register, after a first one."""

    def __init__(
        self,
        sentence: Sentence,
        first: SentenceTranslation,
        register: Register,
        abilities: Abilities,
        glossary: Glossary | None,
    ) -> None:
        self._sentence, self._first, self._register, self._abilities = sentence, first, register, abilities
        self._source = SourceAddress.read(sentence.text, language=abilities.source_language)
        self._forms = forms_in(first.text, self._source)
        terms = [] if glossary is None else glossary.terms(sentence.text, language=abilities.source_language)
        self._targets = [term.target for term in terms if not lacks(first.text, [term.target])]
        self._found: list[tuple[Verdict, SentenceTranslation, Hypothesis]] = []

    @property
    def is_needed(self) -> bool:
        """Whether the first translation addresses somebody in the other register."""
        text = self._first.text
        is_translated = bool(self._first.source_tokens)
        return is_translated and addresses(text, self._source) and self._verdict(text) is Verdict.other

    @property
    def without_other(self) -> Sentence:
        """The sentence, to be translated without the words of the other register."""
        words = (*words_of_other(self._register, self._source), *self._forms.informal_verbs)
        return replace(self._sentence, avoided=words)

    def add(self, translation: SentenceTranslation) -> None:
        """Add the hypotheses of `translation` that keep numbers and terms. A failed search has no source tokens."""
        if not translation.source_tokens:
            return
        numbers = numbers_of(self._first.text)
        self._found += [
            (self._verdict(one.text), translation, one)
            for one in translation.hypotheses
            if numbers_of(one.text) == numbers and not lacks(one.text, self._targets)
        ]
        self._found.sort(key=lambda found: _COSTS[found[0]] - found[2].score)

    def trials(self) -> Iterator[Sentence]:
        """What to try where the translations so far are not good enough."""
        if self._found:
            best, _, hypothesis = self._found[0]
            if best is Verdict.right and hypothesis.score > self._first.hypotheses[0].score - _MUCH_LESS:
                return
        prefix = beginning(self._first.text, self._register, self._source)
        can_begin = not (self._sentence.prefix or self._sentence.required or find_spans(prefix, self._abilities.characters))
        if prefix and can_begin and self._abilities.can_write(prefix):
            yield replace(self.without_other, prefix=prefix)
            return
        for pronoun in pronouns(self._register, self._source, self._forms.cases):
            if self._abilities.can_write(pronoun):
                yield replace(self.without_other, carried=(pronoun,))

    def best(self, count: int) -> SentenceTranslation:
        """The `count` best translations; the first one where none has the register."""
        if not self._found or self._found[0][0] is Verdict.other:
            return self._first
        translation = self._found[0][1]
        own = [one for _, other, one in self._found if other is translation]
        return replace(translation, hypotheses=tuple(own[:count]))

    def _verdict(self, text: str) -> Verdict:
        return verdict(text, self._register, self._source, cases=self._forms.cases)


def _ask(
    choices: dict[int, _Choice], trials: dict[int, list[Sentence]], options: SearchOptions, translate: Translating
) -> Generator[Ask, Sequence[SentenceTranslation], None]:
    """Have the trials of each choice translated, and add what is found."""
    asked = [(number, trial) for number, own in trials.items() for trial in own]
    if not asked:
        return
    answers = yield from translate([trial for _, trial in asked], options)
    for (number, _), answer in zip(asked, answers, strict=True):
        choices[number].add(answer)

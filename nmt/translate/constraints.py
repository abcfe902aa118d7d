"""What a user asks of single translations, from text to tokens: how they begin, what they have and what they never have."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from nmt.config.vocabulary import UNKNOWN_ID
from nmt.errors import InputError
from nmt.search import Constraints
from nmt.search.constraints import contains
from nmt.text.tokenizer import Tokenizer
from nmt.translate.ask import Sentence
from nmt.translate.phrases import Forbidden, Required, phrase_tokens
from nmt.translate.result import SentenceTranslation

SPELLINGS = 20  # ways to write a forbidden phrase that a sentence may try before it is given up

Tokens = tuple[int, ...]


class Demands:
    """Of several sentences. `constraints` are those of the next search for each, and grow with what searches found.

    A sentence fails alone where the vocabulary cannot write a text, or where one thing contradicts another.
    """

    def __init__(self, tokenizer: Tokenizer, sentences: Sequence[Sentence], *, forbidden: Sequence[str]) -> None:
        """Raises InputError for a forbidden phrase that the vocabulary cannot write."""
        self._tokenizer = tokenizer
        self._forbidden = Forbidden(tokenizer, forbidden)
        self._phrases = tuple(forbidden)
        self._sentences = sentences
        self._tries = [0] * len(sentences)
        self._required: list[Required] = []
        self.constraints: list[Constraints] = []
        self.failures: dict[int, InputError] = {}
        """Numbers of the sentences whose demands cannot be met, each with the reason."""
        for number, sentence in enumerate(sentences):
            required, constraints = Required(tokenizer, ()), Constraints()
            try:
                required = Required(tokenizer, sentence.required)
                constraints = self._first(sentence, required)
            except InputError as error:
                self.failures[number] = error
            self._required.append(required)
            self.constraints.append(constraints)

    def _first(self, sentence: Sentence, required: Required) -> Constraints:
        carried = tuple(phrase_tokens(self._tokenizer, word, what="mask") for word in sentence.carried)
        prefix = sentence.prefix
        # Without most words, a model may come to write a character that stands for spans.
        symbols = (symbol for symbol in self._tokenizer.symbols if self._phrases and symbol not in sentence.text)
        avoided = (*sentence.avoided, *symbols)
        if not prefix and not required.phrases:
            return self._avoiding(avoided, _consistent((), self._forbidden.tokens, carried))
        tokens = phrase_tokens(self._tokenizer, prefix, what="prefix")
        for what, text in (("prefix", prefix), *(("required phrase", phrase) for phrase in required.phrases)):
            if phrase := self._forbidden.find(self._tokenizer.decode(self._tokenizer.encode(text))):
                raise InputError(f"{what} {text!r} has the forbidden phrase {phrase!r}")
        asked = _consistent(tokens, self._forbidden.tokens, (*required.tokens, *carried))
        return self._avoiding(avoided, asked)

    def _avoiding(self, words: Sequence[str], asked: Constraints) -> Constraints:
        """`asked` without `words`, as far as the vocabulary can write them and nothing asked for has them."""
        spelled = [tuple(self._tokenizer.encode(word)) for word in words]
        avoided = [
            tokens
            for tokens in spelled
            if UNKNOWN_ID not in tokens and not any(contains(phrase, tokens) for phrase in (asked.prefix, *asked.required))
        ]
        return replace(asked, forbidden=(*asked.forbidden, *avoided))

    def check(self, number: int, found: SentenceTranslation) -> None:
        """Raises InputError where translations of sentence `number` are not there, or do not have what they should."""
        required = self._required[number]
        if not found.hypotheses and self._sentences[number].carried:
            return
        if found.hypotheses and not math.isfinite(found.hypotheses[0].score):
            raise InputError(f"a translation of {found.source!r} has no probability; ask for less, or for another model")
        if self._phrases and found.source_tokens and found.hypotheses and not found.hypotheses[0].tokens:
            raise InputError(f"a translation of {found.source!r} without {self._phrases} is an empty one; forbid less")
        if not found.hypotheses or not all(required.are_in(hypothesis.text) for hypothesis in found.hypotheses):
            raise InputError(f"a translation of {found.source!r} cannot have {required.phrases}")

    def tighten(self, number: int, candidates: Sequence[Sequence[int]]) -> bool:
        """Whether one of `candidates` for sentence `number` spells a forbidden phrase in another way.

        That way is forbidden from now on, and the sentence is to be searched again. Raises InputError where there are
        too many ways.
        """
        if not self._phrases:
            return False
        spellings = {self._forbidden.spelling(tokens) for tokens in candidates} - {()}
        if not spellings:
            return False
        self._tries[number] += 1
        if self._tries[number] == SPELLINGS:
            source = self._sentences[number].text
            raise InputError(f"the translation of {source!r} cannot be kept free of {self._phrases}")
        before = self.constraints[number]
        self.constraints[number] = _consistent(before.prefix, (*before.forbidden, *sorted(spellings)), before.required)
        return True


def _consistent(prefix: Tokens, forbidden: tuple[Tokens, ...], required: tuple[Tokens, ...]) -> Constraints:
    try:
        return Constraints(prefix, forbidden, required)
    except ValueError as error:
        raise InputError(f"prefix, required and forbidden phrases cannot all be met: {error}") from error

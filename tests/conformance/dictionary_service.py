"""The service with dictionaries in the place of models, for test suites that ask for languages and words of their own.

    DICTIONARY=FILE [MODEL=DIR] [MOCK_HEADERS=1] python tests/conformance/dictionary_service.py

FILE is JSON: {"en": "proton beam", "de": "Protonenstrahl", "en-US": ...}. Each text is the translation of all others; any
other text is its own translation, or has that of the model in DIR where this is for its languages. A tag with a region is a
target only, also of its own language. Everything but the search is the service's and the library's own. With MOCK_HEADERS
it does what test suites ask for in headers (mock_headers.py).
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import nmt.translate.plan
import service.models
import service.translating
from nmt.config.search import BATCH_TOKENS, ModelSearch, SearchOptions
from nmt.errors import InputError
from nmt.text.language import foreign_language
from nmt.text.spans import characters_of
from nmt.translate.ask import Ask
from nmt.translate.cost import SearchSize, search_sizes
from nmt.translate.result import Hypothesis, SentenceTranslation
from nmt.translate.shown import Abilities
from nmt.translate.source import Origin, origin_of
from nmt.translate.translator import Translator
from service.settings import Settings, read_settings

VOCABULARY = 1000
"""Size that the cost of sampling goes by."""

Dictionary = dict[str, str]
"""Texts by the tag of their language."""


class DictionaryTranslator(Translator):
    """A translator whose search is a look into a dictionary."""

    runtime = "dictionary"
    slow_because = None

    def __init__(self, dictionary: Dictionary, source: str, target: str, model: Translator | None) -> None:
        self.name = f"{source}-{target}"
        self.source_language, self.target_language = source, target
        self.search = ModelSearch() if model is None else model.search
        self._dictionary = dictionary
        self._model = model

    @property
    def _abilities(self) -> Abilities:
        if self._model is not None:
            return self._model._abilities
        return Abilities(
            source_language=self.source_language,
            target_language=self.target_language,
            encode=_letters,
            fits=self._fits,
            can_write=lambda _word: True,
            characters=characters_of(sorted(set("".join(self._dictionary.values())))),
        )

    def _fits(self, sentence: str) -> bool:  # noqa: ARG002
        return True

    def batches_at_once(self, threads: int) -> int:
        return threads

    def answer(self, ask: Ask, *, batch_tokens: int = BATCH_TOKENS) -> list[SentenceTranslation]:  # noqa: ARG002
        own = self._dictionary[self.source_language]
        if self._model is not None and not any(sentence.text == own for sentence in ask.sentences):
            return self._model.answer(ask)
        return [self._look_up(sentence.text, ask.options) for sentence in ask.sentences]

    def attempt(self, ask: Ask, **named: Any) -> list[SentenceTranslation | InputError]:  # noqa: ARG002
        return list(self.answer(ask))

    def sizes(self, ask: Ask) -> list[SearchSize]:
        return search_sizes(ask, _letters, vocabulary_size=VOCABULARY)

    def _look_up(self, text: str, options: SearchOptions) -> SentenceTranslation:
        found = self._dictionary[self.target_language] if text == self._dictionary[self.source_language] else text
        words, source_words = tuple(found.split()), tuple(text.split())
        attention = tuple(tuple(float(row == column) for column in range(len(source_words))) for row in range(len(words)))
        hypothesis = Hypothesis(found, 0.0, 0.0, words, attention)
        return SentenceTranslation(text, source_words, (hypothesis,) * options.n_best)


def _letters(text: str) -> list[int]:
    return [ord(character) for character in text]


class DictionaryModels(service.models.Models):
    """A translator for each pair of the dictionary."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        dictionary: Dictionary = json.loads(Path(os.environ["DICTIONARY"]).read_text(encoding="utf-8"))
        pairs = [(source, target) for source, target in permutations(dictionary, 2) if "-" not in source]
        real = [Translator.load(os.environ["MODEL"], device="cpu", threads=1)] if "MODEL" in os.environ else []
        models = {(one.source_language, one.target_language): one for one in real}
        every = [DictionaryTranslator(dictionary, *pair, models.get(pair)) for pair in pairs]
        self._translators = {translator.name: translator for translator in every}
        self._pairs = super().pairs()

    def load(self) -> None:
        self.ready = True

    def pairs(self) -> dict[tuple[str, str], list[Translator]]:
        return self._pairs


def known_or_detected(text: str, translators: Sequence[Any], *others: Any) -> Origin:
    """The origin by the translator whose dictionary has the text; two words are too few to detect one of 33 languages by."""
    known = [one for one in translators if one._dictionary[one.source_language] == text]
    return Origin(known[0], "", 1.0) if known else origin_of(text, translators, *others)


def known_or_foreign(text: str, *, source: str, target: str) -> str:
    """The target language where its dictionary has the text; else what the text says of itself."""
    dictionary: Dictionary = json.loads(Path(os.environ["DICTIONARY"]).read_text(encoding="utf-8"))
    return target if dictionary.get(target) == text.strip() else foreign_language(text, source=source, target=target)


def use_dictionaries() -> None:
    service.models._model_directories = lambda _path: []
    service.app.Models = DictionaryModels
    service.translating.origin_of = known_or_detected
    nmt.translate.plan.foreign_language = known_or_foreign


def main() -> None:
    import service.app

    use_dictionaries()
    if os.environ.get("MOCK_HEADERS"):
        from mock_headers import MockHeaders, delay_documents, limit_accounts

        delay_documents()
        limit_accounts()
        assemble = service.app._assemble

        def assembled(*arguments: Any, **options: Any) -> Any:
            app = assemble(*arguments, **options)
            app.add_middleware(MockHeaders)
            return app

        service.app._assemble = assembled
    service.app.serve(read_settings({}))


if __name__ == "__main__":
    main()

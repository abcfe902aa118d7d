"""The core that every wire format calls: from texts to translations."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from nmt.config.formality import Formality, has_formality
from nmt.config.language import fallbacks
from nmt.config.search import SearchOptions
from nmt.config.sentences import Split
from nmt.errors import InputError
from nmt.translate.ask import Ask
from nmt.translate.glossary import Glossary
from nmt.translate.markup.options import PLAIN, Markup
from nmt.translate.plan import Plan, advance
from nmt.translate.result import Translation
from nmt.translate.source import AUTO, Detection, detected, translator_of
from nmt.translate.translator import PairScore, Translator
from service.access import metered
from service.errors import BadText, NoFormality, TooLate
from service.models import Models
from service.scheduler import Scheduler

SCORED_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Translated:
    """The translation of each text of a request, in order, and the translator that made it."""

    translators: list[Translator]
    translations: list[Translation]
    certainties: list[float]
    """The probability that each text is in the language from which it was translated, where that was found out."""

    @property
    def translator(self) -> Translator:
        """The translator of the first text."""
        return self.translators[0]

    def detections(self) -> list[Detection]:
        """The language of each text, by its standard tag. It is certain of a text that came back as it is."""
        return [
            Detection(
                fallbacks(translation.language or translator.source_language)[0],
                1.0 if translation.language else certainty,
            )
            for translator, translation, certainty in zip(self.translators, self.translations, self.certainties, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages of a service, by their standard tags, in alphabetical order."""

    names: dict[str, str]
    """In English, of all of them."""
    targets: dict[str, list[str]]
    """The languages to which each is translated."""


class Translating:
    """Finds the model for a request and drives the plan of its texts with the scheduler, for at most `seconds`."""

    def __init__(self, models: Models, scheduler: Scheduler, *, seconds: float) -> None:
        self._models, self._scheduler, self._seconds = models, scheduler, seconds

    def pairs(self) -> dict[tuple[str, str], list[Translator]]:
        """Translators by (source, target) language; the first of each pair is its default. Raises NotReady."""
        self._models.require_ready()
        return self._models.pairs()

    def languages(self) -> Languages:
        """The languages of all models. Raises NotReady."""
        names: dict[str, str] = {}
        targets: dict[str, list[str]] = {}
        for (source, target), translators in self.pairs().items():
            names[fallbacks(source)[0]] = translators[0].source_language_name
            names[fallbacks(target)[0]] = translators[0].target_language_name
            targets.setdefault(fallbacks(source)[0], []).append(fallbacks(target)[0])
        return Languages(dict(sorted(names.items())), {tag: sorted(targets.get(tag, ())) for tag in sorted(names)})

    async def detect(self, texts: Sequence[str]) -> list[list[Detection]]:
        """The languages that each text may be in, the most probable first. Raises NotReady."""
        known = list(self.languages().names)
        return await asyncio.to_thread(lambda: [detected(text, known) for text in texts])

    @metered
    async def translate(
        self,
        texts: Sequence[str],
        options: SearchOptions,
        *,
        source: str,
        target: str,
        model: str | None = None,
        attention: bool = False,
        markup: Markup = PLAIN,
        glossary: Glossary | None = None,
        formality: Formality = "default",
        split_sentences: Split = "sentences",
        localise_numbers: bool = False,
    ) -> Translated:
        """Translate `texts` from one language to another, by the model called `model` or the default of the pair.

        With `source` "auto" each text is in the language that it most probably is in, among those from which there is a
        model to `target`. The other arguments are as in `Translator.translate`. A caller that is cancelled frees its place
        in the queue.
        Raises NotReady, UnknownPair, UnknownModel, NoFormality, BadText, RequestTooLarge, Overloaded, TooLate.
        """
        if source == AUTO:
            possible = self._models.translating_to(target, model)
            choices = await asyncio.to_thread(lambda: [translator_of(text, possible, markup) for text in texts])
        else:
            choices = [(self._models.find(source, target, model), 1.0)] * len(texts)
        translators = [translator for translator, _ in choices]
        _require_formality(formality, translators[0], target)
        translations: dict[int, Translation] = {}
        try:
            async with asyncio.timeout(self._seconds):
                for translator in dict.fromkeys(translators):
                    members = [number for number, own in enumerate(translators) if own is translator]
                    own_texts = [texts[number] for number in members]
                    plan = translator.plan(
                        own_texts,
                        options,
                        attention=attention,
                        markup=markup,
                        glossary=glossary,
                        split_sentences=split_sentences,
                        localise_numbers=localise_numbers,
                        formality=formality,
                    )
                    translations |= zip(members, await self._drive(translator, plan), strict=True)
                return Translated(
                    translators,
                    [translations[number] for number in range(len(texts))],
                    [certainty for _, certainty in choices],
                )
        except TimeoutError as error:
            raise TooLate(self._seconds) from error
        except InputError as error:
            raise BadText(str(error)) from error

    def find(self, source: str, target: str) -> Translator:
        """The default translator of a pair. Raises NotReady, UnknownPair."""
        return self._models.find(source, target, None)

    def require_pair(self, source: str, target: str, *, formality: Formality, model: str | None = None) -> None:
        """Raises NotReady, UnknownPair, UnknownModel, NoFormality as `translate` does; `source` may be "auto"."""
        models = self._models
        found = models.translating_to(target, model)[0] if source == AUTO else models.find(source, target, model)
        _require_formality(formality, found, target)

    async def score(self, pairs: Sequence[tuple[str, str]], *, source: str, target: str) -> list[PairScore]:
        """The score of the target of each pair, given its source. Raises NotReady, UnknownPair."""
        translator = self.find(source, target)
        found: list[PairScore] = []
        for start in range(0, len(pairs), SCORED_AT_ONCE):
            # A few at a time, so that translations come between.
            some = pairs[start : start + SCORED_AT_ONCE]
            found += await self._scheduler.run(partial(translator.score_pairs, some))
        return found

    async def _drive(self, translator: Translator, plan: Plan) -> list[Translation]:
        # To take texts apart and to join them takes long, and nobody else is served by the event loop meanwhile.
        step = await asyncio.to_thread(advance, plan)
        if isinstance(step, Ask):
            self._scheduler.admit(translator, step)  # once: what the plan asks for later belongs to work that was accepted
        while isinstance(step, Ask):
            step = await asyncio.to_thread(advance, plan, await self._scheduler.answer(translator, step))
        return step


def _require_formality(formality: Formality, translator: Translator, target: str) -> None:
    """Raises NoFormality where a register is asked for in a language that has only one."""
    if formality in ("more", "less") and not has_formality(translator.target_language):
        raise NoFormality(formality, target)
